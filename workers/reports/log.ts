/**
 * The usage log (rules, 10.3): every entry, newest first, complete up to the last acknowledged request. As pages, or
 * as an export in one stream of any length: what was booked when it began, each entry once.
 */
import { createRoute } from "@hono/zod-openapi";
import { entryAnswer } from "../../shared/api/answers.ts";
import { accountParamsSchema, PAGE_SIZE_DEFAULT } from "../../shared/api/common.ts";
import { LOG_EXPORT } from "../../shared/api/log-export.ts";
import { logPageSchema, logQuerySchema } from "../../shared/api/usage-log.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { localDay } from "../../shared/credits/period.ts";
import { requireScope } from "../ingest/auth.ts";
import { accountKey, accountStub, createRouter, found, problemResponses } from "../ingest/http.ts";
import { exportContent, exportOf, formatOf } from "./export.ts";
import { readLogPage } from "./log-page.ts";
import { d1LogSource } from "./log-source.ts";
import { walkLog } from "./log-walk.ts";

const logRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/log",
  operationId: "listLog",
  tags: ["Reports"],
  summary: "List an account's entries, newest first",
  description:
    "A page may hold fewer entries than asked for, even none, and still name a nextCursor: go on until it is null. As CSV each item is a line; amounts of the whole entry are on its first.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: logQuerySchema },
  responses: {
    200: exportContent(logPageSchema, "a page of entries"),
    ...problemResponses(401, 403, 404, 406, 422),
  },
});

export const logRoutes = createRouter().openapi(logRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { limit, cursor, ...filter } = context.req.valid("query");
  const format = formatOf(context);
  const view = found(await accountStub(context, account).report(context.var.callContext), account);
  const { tail, acknowledgedSeq } = view;
  const walk = { tail, acknowledgedSeq, filter, beforeSeq: cursor ?? Number.MAX_SAFE_INTEGER };
  const key = accountKey(context, account);
  if (format !== "json") {
    const name = `${account}-log-${localDay(view.nowMs, view.terms.timeZone)}`;
    const steps = walkLog(d1LogSource(context.env.DB, key), walk);
    // The route's types take every media type with "json" in it for one JSON value.
    return exportOf(context, format, name, LOG_EXPORT, upTo(limit, steps)) as never;
  }
  const page = await readLogPage(context.env.DB, key, walk, limit ?? PAGE_SIZE_DEFAULT);
  return context.json({ data: page.entries.map(entryAnswer), nextCursor: page.nextCursor }, 200);
});

/** The entries of the steps; no step is taken for more than the limit. */
async function* upTo(
  limit: number = Number.POSITIVE_INFINITY,
  steps: AsyncIterable<readonly UsageEntry[]>,
): AsyncGenerator<readonly UsageEntry[]> {
  let left = limit;
  for await (const step of steps) {
    const entries = step.slice(0, left);
    left -= entries.length;
    yield entries;
    if (left === 0) return;
  }
}
