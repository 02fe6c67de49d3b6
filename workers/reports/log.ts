/**
 * The usage log (rules, 10.3): every entry, newest first, complete up to the last acknowledged request. As pages, or
 * as NDJSON in one stream of any length.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { entryAnswer } from "../../shared/api/answers.ts";
import { accountParamsSchema, PAGE_SIZE_DEFAULT } from "../../shared/api/common.ts";
import { logPageSchema, logQuerySchema } from "../../shared/api/reports.ts";
import { requireScope } from "../ingest/auth.ts";
import { accountKey, accountStub, createRouter, found, problemResponses } from "../ingest/http.ts";
import { d1LogSource } from "./log-source.ts";
import { firstPage, type LogStep, walkLog } from "./log-walk.ts";

const NDJSON = "application/x-ndjson";
const logRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/log",
  operationId: "listLog",
  tags: ["Reports"],
  summary: "List an account's entries, newest first",
  description:
    "A page may hold fewer entries than asked for, even none, and still name a nextCursor: go on until it is null. With Accept: application/x-ndjson all matching entries come in one stream, one per line.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: logQuerySchema },
  responses: {
    200: {
      description: "entries",
      content: { "application/json": { schema: logPageSchema }, [NDJSON]: { schema: z.string() } },
    },
    ...problemResponses(401, 403, 404, 422),
  },
});

export const logRoutes = createRouter().openapi(logRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { limit, cursor, ...filter } = context.req.valid("query");
  const view = found(await accountStub(context, account).report(context.var.callContext), account);
  const steps = walkLog(d1LogSource(context.env.DB, accountKey(context, account)), {
    tail: view.tail,
    acknowledgedSeq: view.acknowledgedSeq,
    filter,
    beforeSeq: cursor ?? Number.MAX_SAFE_INTEGER,
  });
  const type = accepts(context, {
    header: "Accept",
    supports: ["application/json", NDJSON],
    default: "application/json",
  });
  if (type === NDJSON) {
    const lines = ndjson(steps, limit ?? Number.POSITIVE_INFINITY);
    // The route's types take every media type with "json" in it for one JSON value.
    return context.body(lines, 200, { "content-type": NDJSON }) as never;
  }
  const page = await firstPage(steps, limit ?? PAGE_SIZE_DEFAULT);
  return context.json({ data: page.entries.map(entryAnswer), nextCursor: page.nextCursor }, 200);
});

/** A step is read when the caller has taken the one before; a failure ends the stream as broken, never as complete. */
function ndjson(steps: AsyncGenerator<LogStep>, limit: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let left = limit;
  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        const step = left > 0 ? await steps.next() : ({ done: true } as const);
        if (step.done) return controller.close();
        const entries = step.value.entries.slice(0, left);
        left -= entries.length;
        if (entries.length === 0) continue;
        const lines = entries.map((entry) => `${JSON.stringify(entryAnswer(entry))}\n`);
        return controller.enqueue(encoder.encode(lines.join("")));
      }
    },
    async cancel() {
      await steps.return(undefined);
    },
  });
}
