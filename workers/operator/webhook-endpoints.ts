/** Where the operator's webhooks go (rules, section 6.3); each mode has its own endpoints. */
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, eq, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { formatInstant, type Mode, pageQuerySchema, pageSchema } from "../../shared/api/common.ts";
import { createWebhookEndpointSchema, webhookEndpointSchema } from "../../shared/api/operator.ts";
import { webhookEndpoints } from "../../shared/db/schema.ts";
import { webhookSecret } from "../../shared/webhook-secret.ts";
import { OPERATOR_LOG, recordChange } from "../audit/record.ts";
import type { Env } from "../env.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  createRouter,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";

/** Every notice goes to every endpoint of its mode. */
const ENDPOINTS_PER_MODE_MAX = 20;
const ENDPOINT_ID_LENGTH_MAX = 100;

const tags = ["Webhook endpoints"];
export const endpointParams = z.object({ id: z.string().min(1).max(ENDPOINT_ID_LENGTH_MAX) });

const create = createRoute({
  method: "post",
  path: "/v1/webhook-endpoints",
  operationId: "createWebhookEndpoint",
  tags,
  summary: "Add an endpoint",
  description:
    "Notices of the calling key's mode are sent there from now on, signed as Standard Webhooks says.",
  middleware: [requireScope("admin")] as const,
  request: { body: jsonBody(createWebhookEndpointSchema) },
  responses: {
    201: jsonContent(webhookEndpointSchema, "the endpoint with its secret"),
    ...problemResponses(400, 401, 403, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/webhook-endpoints",
  operationId: "listWebhookEndpoints",
  tags,
  summary: "List the endpoints",
  middleware: [requireScope("read")] as const,
  request: { query: pageQuerySchema },
  responses: {
    200: jsonContent(pageSchema(webhookEndpointSchema, "WebhookEndpoints"), "a page of endpoints"),
    ...problemResponses(401, 403, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/webhook-endpoints/{id}",
  operationId: "getWebhookEndpoint",
  tags,
  summary: "Read an endpoint",
  description: "Keys with the scope admin see the secret too.",
  middleware: [requireScope("read")] as const,
  request: { params: endpointParams },
  responses: {
    200: jsonContent(webhookEndpointSchema, "the endpoint"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/webhook-endpoints/{id}",
  operationId: "removeWebhookEndpoint",
  tags,
  summary: "Remove an endpoint",
  middleware: [requireScope("admin")] as const,
  request: { params: endpointParams },
  responses: { 204: { description: "removed" }, ...problemResponses(401, 403, 404, 422) },
});

export type EndpointRow = typeof webhookEndpoints.$inferSelect;

export function endpointAnswer(row: EndpointRow, nowMs: number): z.infer<typeof webhookEndpointSchema> {
  const ahead = (atMs: number | null) => (atMs === null || atMs <= nowMs ? null : formatInstant(atMs));
  return {
    id: row.endpointId,
    mode: row.mode,
    url: row.url,
    createdAt: formatInstant(row.createdAtMs),
    disabledAt: row.disabledAtMs === null ? null : formatInstant(row.disabledAtMs),
    restsUntil: ahead(row.restsUntilMs),
    previousSecretUntil: ahead(row.previousSecretUntilMs),
  };
}

/** Adds the endpoint unless the mode has all that it may have; one statement, so that two callers cannot pass it. */
async function insertWithinLimit(
  context: Context<AppEnv>,
  { endpointId, mode, url, createdAtMs }: Pick<EndpointRow, "endpointId" | "mode" | "url" | "createdAtMs">,
): Promise<EndpointRow | null> {
  const db = drizzle(context.env.DB);
  await db.run(sql`
    INSERT INTO webhook_endpoints (endpoint_id, mode, url, created_at_ms)
    SELECT ${endpointId}, ${mode}, ${url}, ${createdAtMs}
     WHERE (SELECT count(*) FROM webhook_endpoints WHERE mode = ${mode}) < ${ENDPOINTS_PER_MODE_MAX}`);
  const changed = {
    action: "webhook_endpoint_created",
    target: endpointId,
    before: null,
    after: { mode, url },
  };
  const isThere = sql`EXISTS (SELECT 1 FROM webhook_endpoints WHERE endpoint_id = ${endpointId})`;
  await recordChange(db, context, OPERATOR_LOG, changed, isThere);
  return findEndpoint(context.env.DB, mode, endpointId);
}

export async function findEndpoint(
  database: D1Database,
  mode: Mode,
  endpointId: string,
): Promise<EndpointRow | null> {
  const [row] = await drizzle(database)
    .select()
    .from(webhookEndpoints)
    .where(and(eq(webhookEndpoints.endpointId, endpointId), eq(webhookEndpoints.mode, mode)));
  return row ?? null;
}

/** The secret that signs now; derived, so that it can be shown again. */
export function currentSecret({ endpointId, secretVersion }: EndpointRow, env: Env): Promise<string> {
  return webhookSecret(endpointId, env.KEY_SIGNING_SECRET, secretVersion);
}

export function endpointNotFound(id: string): ProblemError {
  return new ProblemError(404, "webhook_endpoint_not_found", `no webhook endpoint "${id}" in this mode`);
}

export const webhookEndpointRoutes = createRouter()
  .openapi(create, async (context) => {
    const { url } = context.req.valid("json");
    const endpointId = `we_${crypto.randomUUID().replaceAll("-", "")}`;
    const nowMs = Date.now();
    const { mode } = context.var.caller;
    const row = await insertWithinLimit(context, { endpointId, mode, url, createdAtMs: nowMs });
    if (row === null) {
      throw new ProblemError(
        409,
        "too_many_webhook_endpoints",
        `there are ${ENDPOINTS_PER_MODE_MAX} in this mode; remove one first`,
      );
    }
    const secret = await currentSecret(row, context.env);
    return context.json({ ...endpointAnswer(row, nowMs), secret }, 201, { "cache-control": "no-store" });
  })
  .openapi(list, async (context) => {
    const { limit, cursor } = context.req.valid("query");
    const rows = await drizzle(context.env.DB)
      .select()
      .from(webhookEndpoints)
      .where(
        and(
          eq(webhookEndpoints.mode, context.var.caller.mode),
          cursor === undefined ? undefined : gt(webhookEndpoints.endpointId, cursor),
        ),
      )
      .orderBy(asc(webhookEndpoints.endpointId))
      .limit(rowsFor(limit));
    const nowMs = Date.now();
    const answer = pageOf(
      rows,
      limit,
      (row) => row.endpointId,
      (row) => endpointAnswer(row, nowMs),
    );
    return context.json(answer, 200);
  })
  .openapi(read, async (context) => {
    const { id } = context.req.valid("param");
    const { mode, scopes } = context.var.caller;
    const row = await findEndpoint(context.env.DB, mode, id);
    if (row === null) throw endpointNotFound(id);
    const answer = endpointAnswer(row, Date.now());
    if (!scopes.includes("admin")) return context.json(answer, 200);
    const secret = await currentSecret(row, context.env);
    return context.json({ ...answer, secret }, 200, { "cache-control": "no-store" });
  })
  .openapi(remove, async (context) => {
    const { id } = context.req.valid("param");
    const { mode } = context.var.caller;
    const db = drizzle(context.env.DB);
    const changed = { action: "webhook_endpoint_removed", target: id, before: { mode }, after: null };
    const isThere = sql`EXISTS (SELECT 1 FROM webhook_endpoints WHERE endpoint_id = ${id} AND mode = ${mode})`;
    const [, removed] = await db.batch([
      recordChange(db, context, OPERATOR_LOG, changed, isThere),
      db
        .delete(webhookEndpoints)
        .where(and(eq(webhookEndpoints.endpointId, id), eq(webhookEndpoints.mode, mode)))
        .returning({ endpointId: webhookEndpoints.endpointId }),
    ]);
    if (removed.length === 0) throw endpointNotFound(id);
    return context.body(null, 204);
  });
