/** What an operator does with a webhook endpoint: rotate its secret, disable and enable it, ping it (rules, 6.3, 6.5). */
import { createRoute } from "@hono/zod-openapi";
import { and, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { loggedDeliverySchema } from "../../shared/api/deliveries.ts";
import { rotateWebhookSecretSchema, webhookEndpointSchema } from "../../shared/api/operator.ts";
import { webhookEndpoints } from "../../shared/db/schema.ts";
import { OPERATOR_LOG, recordChange } from "../audit/record.ts";
import { requireScope } from "../ingest/auth.ts";
import { type AppEnv, createRouter, jsonBody, jsonContent, problemResponses } from "../ingest/http.ts";
import { loggedDeliveryAnswer } from "../notifications/answers.ts";
import { pingEndpoint } from "../notifications/ping.ts";
import {
  currentSecret,
  type EndpointRow,
  endpointAnswer,
  endpointNotFound,
  endpointParams,
  findEndpoint,
} from "./webhook-endpoints.ts";

const HOUR_MS = 60 * 60 * 1000;

const tags = ["Webhook endpoints"];

const rotate = createRoute({
  method: "post",
  path: "/v1/webhook-endpoints/{id}/rotate-secret",
  operationId: "rotateWebhookSecret",
  tags,
  summary: "Give an endpoint a new secret",
  description:
    "During the grace time every webhook carries the signatures of both secrets, so that the receiver can change over. Rotating again within it ends the secret before the last at once.",
  middleware: [requireScope("admin")] as const,
  request: { params: endpointParams, body: jsonBody(rotateWebhookSecretSchema) },
  responses: {
    200: jsonContent(webhookEndpointSchema, "the endpoint with its new secret"),
    ...problemResponses(400, 401, 403, 404, 413, 415, 422),
  },
});

const disable = createRoute({
  method: "post",
  path: "/v1/webhook-endpoints/{id}/disable",
  operationId: "disableWebhookEndpoint",
  tags,
  summary: "Send an endpoint nothing",
  description:
    "Deliveries under way fail; later notices leave it out. What failed can be resent once it is enabled.",
  middleware: [requireScope("admin")] as const,
  request: { params: endpointParams },
  responses: {
    200: jsonContent(webhookEndpointSchema, "the disabled endpoint"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const enable = createRoute({
  method: "post",
  path: "/v1/webhook-endpoints/{id}/enable",
  operationId: "enableWebhookEndpoint",
  tags,
  summary: "Send an endpoint notices again",
  description: "Those that come from now on, and at once if it was left alone for not answering.",
  middleware: [requireScope("admin")] as const,
  request: { params: endpointParams },
  responses: {
    200: jsonContent(webhookEndpointSchema, "the enabled endpoint"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const ping = createRoute({
  method: "post",
  path: "/v1/webhook-endpoints/{id}/ping",
  operationId: "pingWebhookEndpoint",
  tags,
  summary: "Send an endpoint a test ping",
  description: "Once, now, also to a disabled endpoint; answers how it went. It is in the delivery log.",
  middleware: [requireScope("admin")] as const,
  request: { params: endpointParams },
  responses: {
    200: jsonContent(loggedDeliverySchema, "the delivery, made or failed"),
    ...problemResponses(401, 403, 404, 422),
  },
});

type Change = Parameters<ReturnType<ReturnType<typeof drizzle>["update"]>["set"]>[0];

async function change(
  context: Context<AppEnv>,
  action: string,
  id: string,
  set: Change,
): Promise<EndpointRow> {
  const { mode } = context.var.caller;
  const db = drizzle(context.env.DB);
  const changed = { action, target: id, before: null, after: { mode } };
  const isThere = sql`EXISTS (SELECT 1 FROM webhook_endpoints WHERE endpoint_id = ${id} AND mode = ${mode})`;
  const [[row]] = await db.batch([
    db
      .update(webhookEndpoints)
      .set(set)
      .where(and(eq(webhookEndpoints.endpointId, id), eq(webhookEndpoints.mode, mode)))
      .returning(),
    recordChange(db, context, OPERATOR_LOG, changed, isThere),
  ]);
  if (row === undefined) throw endpointNotFound(id);
  return row;
}

export const webhookEndpointActionRoutes = createRouter()
  .openapi(rotate, async (context) => {
    const nowMs = Date.now();
    const { graceHours } = context.req.valid("json");
    const row = await change(context, "webhook_secret_rotated", context.req.valid("param").id, {
      secretVersion: sql`${webhookEndpoints.secretVersion} + 1`,
      previousSecretUntilMs: graceHours === 0 ? null : nowMs + graceHours * HOUR_MS,
    });
    const secret = await currentSecret(row, context.env);
    return context.json({ ...endpointAnswer(row, nowMs), secret }, 200, { "cache-control": "no-store" });
  })
  .openapi(disable, async (context) => {
    const nowMs = Date.now();
    const disabledAtMs = sql`coalesce(${webhookEndpoints.disabledAtMs}, ${nowMs})`;
    const row = await change(context, "webhook_endpoint_disabled", context.req.valid("param").id, {
      disabledAtMs,
    });
    return context.json(endpointAnswer(row, nowMs), 200);
  })
  .openapi(enable, async (context) => {
    const enabled = { disabledAtMs: null, unanswered: 0, restsUntilMs: null };
    const row = await change(context, "webhook_endpoint_enabled", context.req.valid("param").id, enabled);
    return context.json(endpointAnswer(row, Date.now()), 200);
  })
  .openapi(ping, async (context) => {
    const { id } = context.req.valid("param");
    const { mode } = context.var.caller;
    if ((await findEndpoint(context.env.DB, mode, id)) === null) throw endpointNotFound(id);
    const delivery = await pingEndpoint(context.env, mode, id, Date.now());
    return context.json(loggedDeliveryAnswer(delivery, null), 200);
  });
