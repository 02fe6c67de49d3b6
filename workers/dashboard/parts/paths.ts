/** Addresses of pages. Ids are their callers' own: they may hold any character. */

/** Root of an account's pages, which the others of an account begin with. */
export function accountPath(account: string): string {
  return `/accounts/${encodeURIComponent(account)}`;
}

/** Where the operator manages an account. */
export function manageAccountPath(account: string): string {
  return `/operator/accounts/${encodeURIComponent(account)}`;
}

export function featurePath(root: string, feature: string): string {
  return `${root}/features/${encodeURIComponent(feature)}`;
}

export function personPath(root: string, user: string): string {
  return `${root}/people/${encodeURIComponent(user)}`;
}

export function budgetPath(root: string, budget: string): string {
  return `${root}/budgets/${encodeURIComponent(budget)}`;
}

export function invoicePath(root: string, invoice: string): string {
  return `${root}/invoices/${encodeURIComponent(invoice)}`;
}

/** Of a holding of packs. */
export function packPath(root: string, id: string): string {
  return `${root}/packs/${encodeURIComponent(id)}`;
}

/** Buying packs, with what was chosen so far. */
export function buyPath(root: string, choices: Readonly<Record<string, string>>): string {
  return `${root}/packs/buy?${new URLSearchParams(choices)}`;
}

/** The usage log, narrowed. */
export function logPath(root: string, filter: Readonly<Record<string, string>>): string {
  return `${root}/log?${new URLSearchParams(filter)}`;
}

/** One entry of the log; null for the two ids that no path can carry: they mean a place in it. */
export function entryPath(root: string, id: string): string | null {
  return id === "." || id === ".." ? null : `${root}/log/${encodeURIComponent(id)}`;
}

/** The history of one period, by its name. */
export function periodPath(root: string, period: string): string {
  return `${root}/history?${new URLSearchParams({ period })}`;
}
