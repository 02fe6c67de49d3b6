/**
 * Callers that act for a user of an account (Drawdown-Actor: user:<id>) may do what the user's roles allow, no more
 * (rules, section 9). One table says which capability each route of an account needs; a route that it does not name
 * is the operator's own.
 */
import type { Context } from "hono";
import { accountKeyOf } from "../../shared/account-key.ts";
import type { Caller } from "../../shared/api-keys.ts";
import type { Directory } from "../../shared/credits/directory.ts";
import {
  type ActingUser,
  type Asked,
  type Capability,
  mayDo,
  reachesAny,
} from "../../shared/credits/permissions.ts";
import type { CallContext } from "../../shared/protocol.ts";
import { accountOf } from "../account/stub.ts";
import { type AppEnv, ProblemError } from "../ingest/http.ts";
import { readUser } from "./known-user.ts";

/** By method and path below /v1/accounts/:account. */
export const CAPABILITY_OF: Readonly<Record<string, Capability>> = {
  "GET /rates": "see_price_list",
  "GET /rates/versions": "see_price_list",
  "GET /usage": "see_usage",
  "GET /log": "see_usage",
  "GET /events/:id": "see_usage",
  "GET /features": "see_price_list",
  "GET /features/:feature": "see_price_list",
  "PUT /features/:feature": "pause_features",
  "GET /balance": "see_money",
  "GET /billing": "see_money",
  "GET /packs": "see_money",
  "GET /packs/quote": "see_money",
  "GET /grants": "see_money",
  "GET /conversions": "see_money",
  "GET /settings": "see_money",
  "GET /settings/quote": "see_money",
  "GET /periods": "see_money",
  "GET /invoices": "see_money",
  "GET /invoices/:invoice": "see_money",
  "GET /forecast": "see_money",
  "GET /insights": "see_money",
  "GET /audit": "see_money",
  "GET /budgets": "see_money",
  "GET /budgets/:budget": "see_money",
  "POST /packs": "change_settings",
  "PATCH /packs/:pack": "change_settings",
  "DELETE /packs/:pack": "change_settings",
  "PUT /settings": "change_settings",
  "DELETE /settings/pending": "change_settings",
  "PUT /budgets/:budget": "change_settings",
  "DELETE /budgets/:budget": "change_settings",
  "GET /users": "manage_users",
  "GET /users/:user": "manage_users",
  "PUT /users/:user": "manage_users",
  "DELETE /users/:user": "manage_users",
  "POST /users/:user/erase": "manage_users",
  "GET /banners": "use_own_pages",
  "POST /banners/dismiss": "use_own_pages",
  "GET /notifications": "see_money",
};

/** Whose it is shows only when it is found: these look themselves, and say 404 where a user's roles do not reach so far. */
const LOOKING_THEMSELVES: ReadonlySet<string> = new Set(["GET /events/:id"]);

const ACCOUNT_ROUTES = "/v1/accounts/:account";
const USER_ACTOR = /^user:(.+)$/s;

/** Refuses where the caller acts for a user whose roles do not reach so far; anybody else passes. Sets `actingUser`. */
export async function refuseUser(
  context: Context<AppEnv>,
  caller: Caller,
  callContext: CallContext,
): Promise<void> {
  const [, userId] = USER_ACTOR.exec(callContext.actor ?? "") ?? [];
  if (userId === undefined) return;
  const path = context.req.routePath;
  const account = context.req.param("account");
  if (account === undefined || !path.startsWith(ACCOUNT_ROUTES)) throw missingRole(userId, "operate");
  const route = `${context.req.method} ${path.slice(ACCOUNT_ROUTES.length)}`;
  const capability = CAPABILITY_OF[route] ?? "operate";
  const accountKey = accountKeyOf(caller.mode, account);
  const known = await readUser(context.env.DB, accountKey, userId);
  if (known === null || known.erased) {
    throw new ProblemError(403, "actor_unknown", `no user "${userId}" in this account; PUT …/users first`);
  }
  const ownFeatures = known.roles.includes("feature_owner")
    ? await featuresOwnedBy(context, accountKey, userId, callContext)
    : [];
  const asked = {
    user: await namedUser(context),
    feature: context.req.param("feature") ?? context.req.query("feature"),
  };
  const actingUser: ActingUser = { user: userId, roles: known.roles, ownFeatures };
  const may = LOOKING_THEMSELVES.has(route)
    ? reachesAny(known.roles, capability)
    : mayDo(actingUser, capability, asked);
  if (!may) throw missingRole(userId, capability);
  context.set("actingUser", actingUser);
}

/** Whose pages are asked for: a body says it where there is one. */
async function namedUser({ req }: Context<AppEnv>): Promise<string | undefined> {
  if (req.method === "GET") return req.query("user");
  const body: unknown = await req.json().catch(() => null);
  const isNamed = typeof body === "object" && body !== null && "user" in body;
  return isNamed && typeof body.user === "string" ? body.user : undefined;
}

/** Whether the caller may do this besides what the route is for: whoever acts for no user may. */
export function callerMay(
  { var: { actingUser } }: Context<AppEnv>,
  capability: Capability,
  asked: Asked = {},
) {
  return actingUser === undefined || mayDo(actingUser, capability, asked);
}

/** Refuses what a body asks for besides what its route is for. */
export function refuseWithout(context: Context<AppEnv>, capability: Capability): void {
  const { actingUser } = context.var;
  if (actingUser !== undefined && !callerMay(context, capability))
    throw missingRole(actingUser.user, capability);
}

async function featuresOwnedBy(
  { env }: Context<AppEnv>,
  accountKey: string,
  userId: string,
  callContext: CallContext,
): Promise<readonly string[]> {
  const view = await accountOf(env, accountKey).view(callContext);
  return view.kind === "account_not_found" ? [] : ownedBy(view.directory, userId);
}

/** Features that name this user as their owner (9.1). */
export function ownedBy({ features }: Directory, userId: string): readonly string[] {
  return Object.entries(features).flatMap(([feature, { owner }]) => (owner === userId ? [feature] : []));
}

function missingRole(userId: string, capability: Capability): ProblemError {
  const narrower = capability === "see_usage" ? `; name user=${userId}, or a feature that the user owns` : "";
  const detail = `user "${userId}" has no role for this (${capability})${narrower}`;
  return new ProblemError(403, "role_missing", detail);
}
