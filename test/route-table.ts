/**
 * What tests know of every route besides its description: who may call it, and a request that is right in form. A route
 * that is missing here fails them.
 */
import type { Scope } from "../shared/api-keys.ts";

export interface RouteFacts {
  readonly scope: Scope;
  /** A body that fits; absent: the route takes none. */
  readonly body?: unknown;
  /** What its path lacks without. */
  readonly query?: string;
  /** A super admin of the account may do it too: it is no business of the operator's alone. */
  readonly users?: true;
}

const read: RouteFacts = { scope: "read" };
const admin: RouteFacts = { scope: "admin" };
const usersRead: RouteFacts = { scope: "read", users: true };
const usersAdmin: RouteFacts = { scope: "admin", users: true };

const EVENT = { account: "acme", id: "req_1", feature: "assistant", action: "answer", quantity: 1 };
const FEATURES = [{ feature: "assistant", actions: [{ action: "answer", credits: 1 }] }];

/** By method and path as the description writes them. */
export const ROUTES: Readonly<Record<string, RouteFacts>> = {
  "POST /v1/check": { scope: "consume", body: EVENT },
  "POST /v1/consume": { scope: "consume", body: EVENT },
  "POST /v1/events": { scope: "consume", body: { events: [EVENT] } },
  "POST /v1/holds": { scope: "consume", body: EVENT },
  "POST /v1/holds/{id}/capture": {
    scope: "consume",
    body: { account: "acme", action: "answer", quantity: 1 },
  },
  "POST /v1/holds/{id}/release": { scope: "consume", body: { account: "acme" } },
  "GET /v1/holds/{id}": { ...read, query: "account=acme" },
  "GET /v1/accounts/{account}/events/{id}": usersRead,
  "POST /v1/accounts/{account}/corrections": { ...admin, body: { event: "req_1", reason: "wrong" } },
  "POST /v1/accounts/{account}/outcomes": {
    scope: "consume",
    body: { event: "req_1", outcome: { type: "ticket_resolved" } },
  },

  "POST /v1/accounts": { ...admin, body: { account: "acme" } },
  "GET /v1/accounts": read,
  "GET /v1/accounts/{account}": read,
  "PATCH /v1/accounts/{account}": { ...admin, body: { name: "Acme" } },
  "POST /v1/accounts/{account}/suspend": { ...admin, body: { reason: "unpaid" } },
  "POST /v1/accounts/{account}/resume": admin,
  "POST /v1/accounts/{account}/close": { ...admin, body: { reason: "left" } },

  "GET /v1/accounts/{account}/users": usersRead,
  "GET /v1/accounts/{account}/users/{user}": usersRead,
  "PUT /v1/accounts/{account}/users/{user}": { ...usersAdmin, body: { name: "Ada", roles: ["member"] } },
  "DELETE /v1/accounts/{account}/users/{user}": usersAdmin,
  "POST /v1/accounts/{account}/users/{user}/erase": usersAdmin,
  "POST /v1/accounts/{account}/portal-sessions": { ...admin, body: { user: "u_12" } },
  "GET /v1/accounts/{account}/features": usersRead,
  "GET /v1/accounts/{account}/features/{feature}": usersRead,
  "PUT /v1/accounts/{account}/features/{feature}": { ...usersAdmin, body: { paused: true } },
  "GET /v1/accounts/{account}/budgets": usersRead,
  "GET /v1/accounts/{account}/budgets/{budget}": usersRead,
  "PUT /v1/accounts/{account}/budgets/{budget}": {
    ...usersAdmin,
    body: { subject: "user", key: "u_12", credits: 100 },
  },
  "DELETE /v1/accounts/{account}/budgets/{budget}": usersAdmin,
  "GET /v1/accounts/{account}/audit": usersRead,

  "GET /v1/accounts/{account}/packs": usersRead,
  "GET /v1/accounts/{account}/packs/quote": { ...usersRead, query: "pack=pack-1000" },
  "POST /v1/accounts/{account}/packs": { ...usersAdmin, body: { pack: "pack-1000" } },
  "PATCH /v1/accounts/{account}/packs/{pack}": { ...usersAdmin, body: { renewal: { quantity: 0 } } },
  "DELETE /v1/accounts/{account}/packs/{pack}": usersAdmin,
  "POST /v1/accounts/{account}/packs/{pack}/cancel": { ...admin, body: { reason: "by mistake" } },
  "GET /v1/accounts/{account}/settings": usersRead,
  "GET /v1/accounts/{account}/settings/quote": usersRead,
  "PUT /v1/accounts/{account}/settings": { ...usersAdmin, body: { overageSetting: "pause" } },
  "DELETE /v1/accounts/{account}/settings/pending": usersAdmin,
  "GET /v1/accounts/{account}/grants": usersRead,
  "POST /v1/accounts/{account}/grants": { ...admin, body: { credits: 1, reason: "sorry" } },
  "GET /v1/accounts/{account}/conversions": usersRead,
  "POST /v1/accounts/{account}/conversions": { ...admin, body: { size: 100, quantity: 1 } },
  // Takes a CSV file.
  "POST /v1/conversions/import": admin,
  "GET /v1/accounts/{account}/rates": usersRead,
  "PUT /v1/accounts/{account}/rates": { ...admin, body: { rates: [] } },
  "GET /v1/accounts/{account}/rates/versions": usersRead,
  "DELETE /v1/accounts/{account}/rates/versions/{version}": admin,

  "GET /v1/accounts/{account}/balance": usersRead,
  "GET /v1/accounts/{account}/usage": usersRead,
  "GET /v1/accounts/{account}/log": usersRead,
  "GET /v1/accounts/{account}/periods": usersRead,
  "GET /v1/accounts/{account}/forecast": usersRead,
  "GET /v1/accounts/{account}/insights": usersRead,
  "GET /v1/accounts/{account}/notifications": usersRead,
  "GET /v1/accounts/{account}/banners": usersRead,
  "POST /v1/accounts/{account}/banners/dismiss": { ...usersAdmin, body: { user: "u_12", banner: "x" } },

  "GET /v1/accounts/{account}/billing": usersRead,
  "GET /v1/accounts/{account}/invoices": usersRead,
  "GET /v1/accounts/{account}/invoices/{invoice}": usersRead,
  "GET /v1/invoices/{invoice}": read,
  "POST /v1/invoices/{invoice}/paid": { ...admin, body: { reference: "transfer 7" } },
  "POST /v1/invoices/{invoice}/uncollectible": admin,
  "POST /v1/invoices/{invoice}/void": { ...admin, body: { reason: "wrong" } },
  "POST /v1/accounts/{account}/periods/{period}/reinvoice": admin,
  "POST /v1/accounts/{account}/reconciliation": read,

  "GET /v1/catalog": read,
  "PUT /v1/catalog": { ...admin, body: { plans: [], packs: [], overageRates: [] } },
  "GET /v1/rate-sheets": read,
  "POST /v1/rate-sheets": { ...admin, body: { features: FEATURES } },
  "GET /v1/rate-sheets/current": read,
  "GET /v1/rate-sheets/{version}": read,
  "DELETE /v1/rate-sheets/{version}": admin,
  "POST /v1/rate-sheets/quote": { ...read, body: { accounts: ["acme"], version: 1 } },

  "GET /v1/api-keys": read,
  "POST /v1/api-keys": { ...admin, body: { name: "product", scopes: ["consume"] } },
  "DELETE /v1/api-keys/{id}": admin,
  "GET /v1/webhook-endpoints": read,
  "POST /v1/webhook-endpoints": { ...admin, body: { url: "https://example.com/hook" } },
  "GET /v1/webhook-endpoints/{id}": read,
  "DELETE /v1/webhook-endpoints/{id}": admin,
  "POST /v1/webhook-endpoints/{id}/rotate-secret": { ...admin, body: {} },
  "POST /v1/webhook-endpoints/{id}/disable": admin,
  "POST /v1/webhook-endpoints/{id}/enable": admin,
  "POST /v1/webhook-endpoints/{id}/ping": admin,
  "GET /v1/deliveries": read,
  "GET /v1/deliveries/{id}": read,
  "POST /v1/deliveries/resend": { ...admin, body: {} },
  "POST /v1/deliveries/{id}/resend": admin,
  // A message holds what its account did: no reading matter for everybody who reads.
  "GET /v1/dead-letters": admin,
  "GET /v1/dead-letters/{id}": admin,
  "DELETE /v1/dead-letters/{id}": admin,
  "POST /v1/dead-letters/{id}/resend": admin,

  "POST /v1/test-clocks": { ...admin, body: { testClock: "spring", now: "2026-03-01T00:00:00Z" } },
  "GET /v1/test-clocks": read,
  "GET /v1/test-clocks/{testClock}": read,
  "POST /v1/test-clocks/{testClock}/advance": { ...admin, body: { to: "2026-04-01T00:00:00Z" } },
  "GET /v1/audit": admin,
  "GET /v1/status": read,
  "GET /v1/billing-runs": read,
};

const SAMPLE_OF: Readonly<Record<string, string>> = {
  account: "acme",
  version: "1",
  period: "2026-11-14",
  feature: "assistant",
  id: "key_1",
};

/** The path with its parameters filled in; those of `names` as they say, others so that they are right in form. */
export function samplePath(path: string, names: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(names[name] ?? SAMPLE_OF[name] ?? "sample_1"),
  );
}
