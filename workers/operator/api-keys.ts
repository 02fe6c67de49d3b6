/**
 * API keys. A live key with the scope admin manages keys of both modes, since it runs the deployment; a test key
 * manages test keys only, so that whoever is given one for trying things out can never reach what is live.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, eq, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { formatInstant, type Mode, pageQuerySchema, pageSchema } from "../../shared/api/common.ts";
import { apiKeySchema, createApiKeySchema, createdApiKeySchema } from "../../shared/api/operator.ts";
import { type Caller, mintKey, SCOPES } from "../../shared/api-keys.ts";
import { apiKeys } from "../../shared/db/schema.ts";
import { OPERATOR_LOG, recordChange } from "../audit/record.ts";
import { forgetGate, requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  createRouter,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";

/** Shown for a key that scripts/key.ts minted: D1 learns of it only when it is revoked. */
const SCRIPT_KEY_NAME = "minted by script";

const tags = ["API keys"];
const keyParams = z.object({ id: z.string().regex(/^key_\w{1,64}$/, "the id of a key, such as key_3f2a") });

const create = createRoute({
  method: "post",
  path: "/v1/api-keys",
  operationId: "createApiKey",
  tags,
  summary: "Mint a key",
  description: "The answer shows the key once. Live keys mint keys of both modes, test keys only test keys.",
  middleware: [requireScope("admin")] as const,
  request: { body: jsonBody(createApiKeySchema) },
  responses: {
    201: jsonContent(createdApiKeySchema, "the key, shown this once"),
    ...problemResponses(400, 401, 403, 413, 415, 422),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/api-keys",
  operationId: "listApiKeys",
  tags,
  summary: "List the keys, also revoked ones",
  middleware: [requireScope("read")] as const,
  request: { query: pageQuerySchema },
  responses: {
    200: jsonContent(pageSchema(apiKeySchema, "ApiKeys"), "a page of keys"),
    ...problemResponses(401, 403, 422),
  },
});

const revoke = createRoute({
  method: "delete",
  path: "/v1/api-keys/{id}",
  operationId: "revokeApiKey",
  tags,
  summary: "Revoke a key",
  description: "The key is refused everywhere within a minute. Revoking again changes nothing.",
  middleware: [requireScope("admin")] as const,
  request: { params: keyParams },
  responses: { 204: { description: "revoked" }, ...problemResponses(401, 403, 404, 422) },
});

function mayManage(caller: Caller, mode: Mode): boolean {
  return caller.mode === "live" || mode === "test";
}

function keyAnswer(row: typeof apiKeys.$inferSelect): z.infer<typeof apiKeySchema> {
  return {
    id: row.keyId,
    name: row.name,
    mode: row.mode,
    scopes: SCOPES.filter((scope) => row.scopes.includes(scope)),
    createdAt: formatInstant(row.createdAtMs),
    revokedAt: row.revokedAtMs === null ? null : formatInstant(row.revokedAtMs),
  };
}

/** Revokes a key at most once; a live caller also one that D1 has never seen, whose mode and scopes stay unknown. */
async function revokeKey(context: Context<AppEnv>, keyId: string, nowMs: number): Promise<void> {
  const { caller } = context.var;
  const db = drizzle(context.env.DB);
  const changed = { action: "api_key_revoked", target: keyId, before: null, after: { revokedAtMs: nowMs } };
  const record = recordChange(
    db,
    context,
    OPERATOR_LOG,
    changed,
    sql`EXISTS (SELECT 1 FROM api_keys WHERE key_id = ${keyId} AND revoked_at_ms = ${nowMs})`,
  );
  const revokedAtMs = sql`coalesce(${apiKeys.revokedAtMs}, ${nowMs})`;
  if (caller.mode === "live") {
    const unseen = { keyId, name: SCRIPT_KEY_NAME, mode: caller.mode, scopes: [], createdAtMs: nowMs };
    await db.batch([
      db
        .insert(apiKeys)
        .values({ ...unseen, revokedAtMs: nowMs })
        .onConflictDoUpdate({ target: apiKeys.keyId, set: { revokedAtMs } }),
      record,
    ]);
    return;
  }
  const [revoked] = await db.batch([
    db
      .update(apiKeys)
      .set({ revokedAtMs })
      .where(and(eq(apiKeys.keyId, keyId), eq(apiKeys.mode, caller.mode)))
      .returning({ keyId: apiKeys.keyId }),
    record,
  ]);
  if (revoked.length === 0) throw new ProblemError(404, "api_key_not_found", `no test key "${keyId}"`);
}

export const apiKeyRoutes = createRouter()
  .openapi(create, async (context) => {
    const { name, scopes, mode = context.var.caller.mode } = context.req.valid("json");
    if (!mayManage(context.var.caller, mode)) {
      throw new ProblemError(403, "live_key_required", "a test key mints test keys only; use a live key");
    }
    const keyId = `key_${crypto.randomUUID().replaceAll("-", "")}`;
    const row = { keyId, name, mode, scopes, createdAtMs: Date.now(), revokedAtMs: null };
    const db = drizzle(context.env.DB);
    const changed = { action: "api_key_created", target: keyId, before: null, after: { name, mode, scopes } };
    await db.batch([db.insert(apiKeys).values(row), recordChange(db, context, OPERATOR_LOG, changed)]);
    const key = await mintKey({ keyId, mode, scopes }, context.env.KEY_SIGNING_SECRET);
    return context.json({ ...keyAnswer(row), key }, 201, { "cache-control": "no-store" });
  })
  .openapi(list, async (context) => {
    const { limit, cursor } = context.req.valid("query");
    const rows = await drizzle(context.env.DB)
      .select()
      .from(apiKeys)
      .where(
        and(
          context.var.caller.mode === "live" ? undefined : eq(apiKeys.mode, "test"),
          cursor === undefined ? undefined : gt(apiKeys.keyId, cursor),
        ),
      )
      .orderBy(asc(apiKeys.keyId))
      .limit(rowsFor(limit));
    return context.json(
      pageOf(rows, limit, (row) => row.keyId, keyAnswer),
      200,
    );
  })
  .openapi(revoke, async (context) => {
    const { id } = context.req.valid("param");
    await revokeKey(context, id, Date.now());
    forgetGate();
    return context.body(null, 204);
  });
