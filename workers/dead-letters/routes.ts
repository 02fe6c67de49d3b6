/** Dead letters for the operator: seen, sent back onto their queue, removed (rules, section 6.5). */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accountIdOf } from "../../shared/account-key.ts";
import { formatInstant, pageSchema } from "../../shared/api/common.ts";
import {
  type DeadLetterSummary,
  deadLetterParamsSchema,
  deadLetterSchema,
  deadLetterSummarySchema,
  deadLettersQuerySchema,
} from "../../shared/api/dead-letters.ts";
import { requireScope } from "../ingest/auth.ts";
import { type AppEnv, createRouter, jsonContent, ProblemError, problemResponses } from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import {
  cursorOf,
  type DeadLetterRow,
  findDeadLetter,
  listDeadLetters,
  removeDeadLetter,
  resendDeadLetter,
} from "./store.ts";

const tags = ["Dead letters"];

const list = createRoute({
  method: "get",
  path: "/v1/dead-letters",
  operationId: "listDeadLetters",
  tags,
  summary: "List messages that failed every retry, newest first",
  description: "A delivery that its receiver never took is not among them: see GET /v1/deliveries.",
  middleware: [requireScope("admin")] as const,
  request: { query: deadLettersQuerySchema },
  responses: {
    200: jsonContent(pageSchema(deadLetterSummarySchema, "DeadLetters"), "a page of dead letters"),
    ...problemResponses(401, 403, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/dead-letters/{id}",
  operationId: "getDeadLetter",
  tags,
  summary: "Read a dead letter with its message",
  middleware: [requireScope("admin")] as const,
  request: { params: deadLetterParamsSchema },
  responses: {
    200: jsonContent(deadLetterSchema, "the dead letter"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const resend = createRoute({
  method: "post",
  path: "/v1/dead-letters/{id}/resend",
  operationId: "resendDeadLetter",
  tags,
  summary: "Send a message back onto its queue",
  description: "The effect of every message is keyed: sent twice it happens once.",
  middleware: [requireScope("admin")] as const,
  request: { params: deadLetterParamsSchema },
  responses: {
    200: jsonContent(deadLetterSchema, "the dead letter, with the time at which it was resent"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/v1/dead-letters/{id}",
  operationId: "removeDeadLetter",
  tags,
  summary: "Remove a dead letter",
  middleware: [requireScope("admin")] as const,
  request: { params: deadLetterParamsSchema },
  responses: { 204: { description: "removed" }, ...problemResponses(401, 403, 404, 422) },
});

function summaryAnswer(row: DeadLetterRow): DeadLetterSummary {
  return {
    id: row.messageId,
    queue: row.queue,
    type: typeOf(row.body),
    account: row.accountKey === null ? null : accountIdOf(row.accountKey) || null,
    diedAt: formatInstant(row.diedAtMs),
    resentAt: row.resentAtMs === null ? null : formatInstant(row.resentAtMs),
  };
}

function letterAnswer(row: DeadLetterRow) {
  return { ...summaryAnswer(row), message: row.body };
}

function typeOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("type" in body)) return null;
  return typeof body.type === "string" ? body.type : null;
}

function notFound(id: string): ProblemError {
  return new ProblemError(404, "dead_letter_not_found", `no dead letter "${id}" in this mode`);
}

async function found(context: Context<AppEnv>, id: string): Promise<DeadLetterRow> {
  const letter = await findDeadLetter(context.env.DB, context.var.caller.mode, id);
  if (letter === null) throw notFound(id);
  return letter;
}

export const deadLetterRoutes = createRouter()
  .openapi(list, async (context) => {
    const { limit, cursor, ...filter } = context.req.valid("query");
    const page = { rows: rowsFor(limit), cursor };
    const rows = await listDeadLetters(context.env.DB, context.var.caller.mode, filter, page);
    return context.json(pageOf(rows, limit, cursorOf, summaryAnswer), 200);
  })
  .openapi(read, async (context) =>
    context.json(letterAnswer(await found(context, context.req.valid("param").id)), 200),
  )
  .openapi(resend, async (context) => {
    const { id } = context.req.valid("param");
    const letter = await found(context, id);
    if (!(await resendDeadLetter(context.env, letter, Date.now()))) {
      throw new ProblemError(409, "queue_unknown", `this deployment has no queue "${letter.queue}"`);
    }
    return context.json(letterAnswer(await found(context, id)), 200);
  })
  .openapi(remove, async (context) => {
    const { id } = context.req.valid("param");
    if (!(await removeDeadLetter(context.env.DB, context.var.caller.mode, id))) throw notFound(id);
    return context.body(null, 204);
  });
