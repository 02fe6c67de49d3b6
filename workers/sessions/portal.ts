/** Links that sign one user of one account in to its pages. */
import { createRoute } from "@hono/zod-openapi";
import { drizzle } from "drizzle-orm/d1";
import { accountParamsSchema, formatInstant } from "../../shared/api/common.ts";
import { createPortalSessionSchema, portalSessionSchema } from "../../shared/api/portal-sessions.ts";
import { mintLink } from "../../shared/session-token.ts";
import { recordChange } from "../audit/record.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountStub,
  createRouter,
  found,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { readUser } from "../people/known-user.ts";
import { insertSession } from "./store.ts";

/** Long enough for a redirect on a slow line, too short to be found later. */
export const LINK_LASTS_MS = 5 * 60_000;
/** A working day. */
export const SESSION_LASTS_MS = 8 * 60 * 60_000;

const createLinkRoute = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/portal-sessions",
  operationId: "createPortalSession",
  tags: ["Pages"],
  summary: "Mint a link that signs a user in to the account's pages",
  description: `It opens once, within ${LINK_LASTS_MS / 60_000} minutes; the session then lasts ${SESSION_LASTS_MS / 3_600_000} hours and may do what the user's roles allow. It ends at once where the user is removed or erased, and within a minute where the key is revoked.`,
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, body: jsonBody(createPortalSessionSchema) },
  responses: {
    201: jsonContent(portalSessionSchema, "the link"),
    ...problemResponses(400, 401, 403, 404, 413, 415, 422),
  },
});

export const portalRoutes = createRouter().openapi(createLinkRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { user } = context.req.valid("json");
  const { caller, callContext } = context.var;
  const key = accountKey(context, account);
  found(await accountStub(context, account).terms(callContext), account);
  const known = await readUser(context.env.DB, key, user);
  if (known === null || known.erased) {
    throw new ProblemError(404, "user_not_found", `no user "${user}" in this account; PUT …/users first`);
  }
  const nowMs = Date.now();
  const linkExpiresAtMs = nowMs + LINK_LASTS_MS;
  const sessionId = crypto.randomUUID();
  const db = drizzle(context.env.DB);
  await db.batch([
    insertSession(context.env.DB, {
      sessionId,
      accountKey: key,
      userId: user,
      createdAtMs: nowMs,
      linkExpiresAtMs,
      expiresAtMs: linkExpiresAtMs + SESSION_LASTS_MS,
    }),
    recordChange(db, context, key, {
      action: "portal_link_created",
      target: user,
      before: null,
      after: { expiresAt: formatInstant(linkExpiresAtMs) },
    }),
  ]);
  const link = {
    sessionId,
    mode: caller.mode,
    scopes: ["read", "admin"] as const,
    keyId: caller.keyId,
    user: { account, user },
    exp: Math.ceil(linkExpiresAtMs / 1000),
  };
  const token = await mintLink({ ...link, scopes: [...link.scopes] }, context.env.KEY_SIGNING_SECRET);
  const url = new URL(`/portal/${token}`, context.req.url).href;
  return context.json({ url, expiresAt: formatInstant(linkExpiresAtMs) }, 201);
});
