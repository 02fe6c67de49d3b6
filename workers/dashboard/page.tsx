/**
 * What a page is: it reads with the API's own client as whoever is signed in, shows what it read, and has forms, each of
 * which makes one change through the same client. What the API refuses is shown beside the field that caused it.
 */

import type { Context } from "hono";
import type { HtmlEscapedString } from "hono/utils/html";
import { accountKeyOf } from "../../shared/account-key.ts";
import type { Mode } from "../../shared/api/common.ts";
import { Drawdown, DrawdownError } from "../../shared/client/client.ts";
import type { Banner } from "../../shared/client/types.ts";
import {
  type ActingUser,
  type Asked,
  type Capability,
  mayDo,
  reachesOf,
} from "../../shared/credits/permissions.ts";
import type { AccountView } from "../../shared/protocol.ts";
import type { Session } from "../../shared/session-token.ts";
import { accountOf } from "../account/stub.ts";
import { readAccountName } from "../accounts/rows.ts";
import { currentGate } from "../ingest/auth.ts";
import type { AppEnv } from "../ingest/http.ts";
import { readUser } from "../people/known-user.ts";
import { ownedBy } from "../people/permissions.ts";
import { isSessionOpen } from "../sessions/store.ts";
import { type Format, formatFor, localeOf } from "./format.ts";
import { accountPath } from "./parts/paths.ts";
import { type PageCosts, pageEnv } from "./reads/page-env.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Who looks at a page: a user of the account, or the operator, who may see and change everything. */
export type Viewer =
  | ({ readonly kind: "user"; readonly name: string } & ActingUser)
  | { readonly kind: "operator"; readonly mayChange: boolean };

/** Whether the viewer has this capability in any reach: of everything, of their own features, of their own use. */
export function reaches(viewer: Viewer, capability: Capability): boolean {
  if (viewer.kind === "operator") return true;
  const reach = reachesOf(viewer.roles, capability);
  return reach.has("all") || reach.has("own") || reach.has("own_features");
}

export interface Page {
  readonly context: Context<DashboardEnv>;
  readonly session: Session;
  readonly mode: Mode;
  readonly viewer: Viewer;
  /** Calls the API as whoever is signed in; the reads of one page share what they find. */
  readonly client: Drawdown;
  /** In the viewer's locale, and in the account's time zone. */
  readonly format: Format;
  /** The query's fields; the last one where a name comes twice. */
  readonly query: Readonly<Record<string, string>>;
  readonly url: URL;
  /** What the form before said when it had done its work. */
  readonly flash: string | null;
  readonly costs: () => PageCosts;
}

/** A page of one account. */
export interface AccountPage extends Page {
  readonly account: string;
  readonly accountName: string;
  /** Path of the account's pages. */
  readonly root: string;
  readonly view: AccountView;
  /**
   * Those that are true now and that the viewer has not dismissed, gravest first. Promised, so that their reads
   * travel with the page's own.
   */
  readonly banners: Promise<readonly Banner[]>;
  /** Whether the viewer may do this (rules, 9). The API decides again; pages only leave out what would be refused. */
  may(capability: Capability, asked?: Asked): boolean;
}

export interface DashboardEnv {
  Bindings: AppEnv["Bindings"];
  Variables: AppEnv["Variables"] & { session: Session; sessionToken: string };
}

/** Whoever asks was signed in and is not any more. */
export class SessionEnded extends Error {}

/** Nothing is there for this viewer; a page of its own says so with 404. */
export class PageNotFound extends Error {}

/** The Hono app, as far as pages need it to call the API. */
export interface Api {
  fetch(request: Request, env: AppEnv["Bindings"], execution: ExecutionContext): Response | Promise<Response>;
}

/** Everything that pages of the operator share. */
export async function openPage(
  api: Api,
  context: Context<DashboardEnv>,
  flash: string | null,
): Promise<Page> {
  const { page, env } = open(api, context, flash);
  await refuseEnded(context, env);
  return page;
}

/** Some pages ask the API nothing; the API asks the same of D1, which is answered once. */
async function refuseEnded(context: Context<DashboardEnv>, env: AppEnv["Bindings"]): Promise<void> {
  const { sessionId, keyId } = context.var.session;
  const { revokedKeyIds } = await currentGate(context.env.DB, context.executionCtx);
  if (revokedKeyIds.has(keyId) || !(await isSessionOpen(env.DB, sessionId))) throw new SessionEnded();
}

function open(api: Api, context: Context<DashboardEnv>, flash: string | null, timeZone = "UTC") {
  const { session, sessionToken } = context.var;
  const shared = pageEnv(context.env, { eventId: context.req.param("event") });
  const url = new URL(context.req.url);
  const client = new Drawdown({
    baseUrl: url.origin,
    apiKey: sessionToken,
    retryForMs: 0,
    fetch: async (input, init) =>
      api.fetch(new Request(input, init), shared.env, context.executionCtx as ExecutionContext),
  });
  const page: Page = {
    context,
    session,
    mode: session.mode,
    viewer: { kind: "operator", mayChange: session.scopes.includes("admin") },
    client,
    format: formatFor(localeOf(context.req.header("accept-language")), timeZone),
    query: context.req.query(),
    url,
    flash,
    costs: shared.costs,
  };
  return { page, env: shared.env };
}

/** The same, with the account and who looks at it. A user's own account only: any other is not found. */
export async function openAccountPage(
  api: Api,
  context: Context<DashboardEnv>,
  account: string,
  flash: string | null,
): Promise<AccountPage> {
  const { session } = context.var;
  const { user } = session;
  if (user !== null && user.account !== account) throw new PageNotFound();
  const { page, env } = open(api, context, flash);
  const key = accountKeyOf(session.mode, account);
  const actor = user === null ? `key:${session.keyId}` : `user:${user.user}`;
  const { revision: offerRevision } = await currentGate(context.env.DB, context.executionCtx);
  const banners = readBanners(page.client, account, user?.user);
  // Whoever shows them learns of a failure; a form that redirects shows none.
  banners.catch(() => undefined);
  const [view, known, name] = await Promise.all([
    accountOf(env, key).view({ offerRevision, actor }),
    user === null ? null : readUser(env.DB, key, user.user),
    readAccountName(env.DB, key),
    refuseEnded(context, env),
  ]);
  if (view.kind === "account_not_found") throw new PageNotFound();
  if (user !== null && (known === null || known.erased)) throw new PageNotFound();
  const viewer: Viewer =
    user === null || known === null
      ? page.viewer
      : {
          kind: "user",
          user: user.user,
          name: known.name,
          roles: known.roles,
          ownFeatures: known.roles.includes("feature_owner") ? ownedBy(view.directory, user.user) : [],
        };
  return {
    ...page,
    viewer,
    format: formatFor(localeOf(context.req.header("accept-language")), view.terms.timeZone),
    account,
    accountName: name ?? account,
    root: accountPath(account),
    view,
    banners,
    may: (capability, asked = {}) =>
      viewer.kind === "user" ? mayDo(viewer, capability, asked) : viewer.mayChange || READING.has(capability),
  };
}

/** What an operator key without the scope admin lets its bearer do. */
const READING: ReadonlySet<Capability> = new Set(["see_price_list", "see_usage", "see_money"]);

/** A user who has no pages of their own, such as a billing contact, sees none. */
async function readBanners(client: Drawdown, account: string, user: string | undefined) {
  try {
    return await client.banners(account, user === undefined ? {} : { user });
  } catch (error) {
    if (error instanceof DrawdownError && error.problem.status < 500) return [];
    throw error;
  }
}
