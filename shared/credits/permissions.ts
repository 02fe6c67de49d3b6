/** Who may do what (rules, section 9): the table, and nothing else decides on roles. */

export const ROLES = ["super_admin", "billing_admin", "billing_contact", "feature_owner", "member"] as const;
export type Role = (typeof ROLES)[number];

export const CAPABILITIES = [
  "see_price_list",
  "see_usage",
  "see_money",
  "change_settings",
  "pause_features",
  "manage_users",
  "use_own_pages",
  "operate",
] as const;
/**
 * What a route lets its caller do. `change_settings` is buying packs, settings, maximum and budgets; `use_own_pages`
 * is banners and notifications; `operate` is what only the operator does: consuming, grants, suspending, rates.
 */
export type Capability = (typeof CAPABILITIES)[number];

/** How far a capability goes: everything of the account, the user's own features, the user's own usage, nothing. */
export type Reach = "all" | "own_features" | "own" | "none";

const NOTHING: Readonly<Record<Capability, Reach>> = {
  see_price_list: "none",
  see_usage: "none",
  see_money: "none",
  change_settings: "none",
  pause_features: "none",
  manage_users: "none",
  use_own_pages: "none",
  operate: "none",
};

const REACH: Readonly<Record<Role, Readonly<Record<Capability, Reach>>>> = {
  super_admin: {
    see_price_list: "all",
    see_usage: "all",
    see_money: "all",
    change_settings: "all",
    pause_features: "all",
    manage_users: "all",
    use_own_pages: "all",
    operate: "none",
  },
  billing_admin: {
    see_price_list: "all",
    see_usage: "all",
    see_money: "all",
    change_settings: "all",
    pause_features: "all",
    manage_users: "none",
    use_own_pages: "all",
    operate: "none",
  },
  feature_owner: {
    ...NOTHING,
    see_price_list: "all",
    see_usage: "own_features",
    pause_features: "own_features",
    use_own_pages: "own",
  },
  member: { ...NOTHING, see_price_list: "all", see_usage: "own", use_own_pages: "own" },
  // Receives, decides nothing.
  billing_contact: NOTHING,
};

/** How far each of a user's roles reaches. */
export function reachesOf(roles: readonly string[], capability: Capability): ReadonlySet<Reach> {
  return new Set(ROLES.filter((role) => roles.includes(role)).map((role) => REACH[role][capability]));
}

/** True where one of the roles reaches anything of it. */
export function reachesAny(roles: readonly string[], capability: Capability): boolean {
  return [...reachesOf(roles, capability)].some((reach) => reach !== "none");
}

/** What a user asks to see or change, besides what the route says. */
export interface Asked {
  /** Only this user's usage. */
  readonly user?: string | undefined;
  /** Only this feature. */
  readonly feature?: string | undefined;
}

/** A user of the account for whom a caller acts. */
export interface ActingUser {
  readonly user: string;
  readonly roles: readonly string[];
  /** Features that name this user as their owner. */
  readonly ownFeatures: readonly string[];
}

/** True where a user's roles reach as far as what is asked for. */
export function mayDo(user: ActingUser, capability: Capability, asked: Asked): boolean {
  const reaches = reachesOf(user.roles, capability);
  if (reaches.has("all")) return true;
  if (reaches.has("own") && asked.user === user.user) return true;
  return (
    reaches.has("own_features") && asked.feature !== undefined && user.ownFeatures.includes(asked.feature)
  );
}
