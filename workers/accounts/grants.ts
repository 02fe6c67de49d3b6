/** One-off grants over HTTP (rules, section 2.5). */
import { createRoute } from "@hono/zod-openapi";
import { balanceSummaryAnswer } from "../../shared/api/answers.ts";
import { accountParamsSchema, replayedHeadersSchema } from "../../shared/api/common.ts";
import { addGrantSchema, grantAnswer, grantedSchema, grantsSchema } from "../../shared/api/grants.ts";
import { requireScope } from "../ingest/auth.ts";
import { accountStub, createRouter, found, jsonBody, jsonContent, problemResponses } from "../ingest/http.ts";
import { follow } from "./commands.ts";
import { idempotencyHeaders, idempotencyKeyOf } from "./idempotency.ts";

const tags = ["Packs and settings"];

const add = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/grants",
  operationId: "grantCredits",
  tags,
  summary: "Grant one-off credits",
  description:
    "They raise the limit of the running or a named period, once. They cost nothing, never renew and leave setting and maximum alone.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema, headers: idempotencyHeaders, body: jsonBody(addGrantSchema) },
  responses: {
    201: { ...jsonContent(grantedSchema, "the grant, and the balance now"), headers: replayedHeadersSchema },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/grants",
  operationId: "listGrants",
  tags,
  summary: "List the grants of the running period and those to come",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(grantsSchema, "the grants, oldest first; earlier ones are in the audit log"),
    ...problemResponses(401, 403, 404, 422),
  },
});

export const grantRoutes = createRouter()
  .openapi(add, async (context) => {
    const { account } = context.req.valid("param");
    const { credits: creditsMicros, period = null, reason } = context.req.valid("json");
    const key = idempotencyKeyOf(context.req.valid("header"));
    const command = { kind: "add_grant", creditsMicros, period, reason } as const;
    const { value, balance, replayed } = await follow(context, account, command, key);
    return context.json({ replayed, grant: grantAnswer(value), balance: balanceSummaryAnswer(balance) }, 201);
  })
  .openapi(list, async (context) => {
    const { account } = context.req.valid("param");
    const { balance } = found(await accountStub(context, account).view(context.var.callContext), account);
    return context.json({ data: balance.grants.map(grantAnswer), nextCursor: null }, 200);
  });
