/** An account's invoices and closed periods, newest first (rules, 7.3 and 10.2): as pages, or all of them as an export. */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accountParamsSchema, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from "../../shared/api/common.ts";
import { invoiceExport } from "../../shared/api/invoice-export.ts";
import { invoiceAnswer, invoicePageSchema, newestFirstQuerySchema } from "../../shared/api/invoices.ts";
import {
  closedPeriodAnswer,
  closedPeriodPageSchema,
  PERIOD_EXPORT,
  type PeriodInHistory,
} from "../../shared/api/periods.ts";
import { requireScope } from "../ingest/auth.ts";
import { type AppEnv, accountKey, accountNotFound, createRouter, problemResponses } from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { exportContent, exportOf, formatOf } from "../reports/export.ts";
import { type Page, readBillingClock, readInvoices, readPeriods } from "./records.ts";
import { settleAccount } from "./settle.ts";

const listInvoices = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/invoices",
  operationId: "listInvoices",
  tags: ["Invoices"],
  summary: "List an account's invoices, newest first",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: newestFirstQuerySchema },
  responses: {
    200: exportContent(invoicePageSchema, "a page of invoices"),
    ...problemResponses(401, 403, 404, 406, 422),
  },
});

const listPeriods = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/periods",
  operationId: "listPeriods",
  tags: ["Accounts"],
  summary: "List an account's closed periods, newest first",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: newestFirstQuerySchema },
  responses: {
    200: exportContent(closedPeriodPageSchema, "a page of closed periods with their figures"),
    ...problemResponses(401, 403, 404, 406, 422),
  },
});

/** Whoever reads after the end of a period sees it closed and invoiced (rules, section 2.4). */
async function readSettled<Rows>(
  context: Context<AppEnv>,
  accountId: string,
  read: () => Promise<Rows>,
): Promise<{ readonly nowMs: number; readonly rows: Rows }> {
  const key = accountKey(context, accountId);
  const [clock, rows] = await Promise.all([readBillingClock(context.env.DB, key, Date.now()), read()]);
  if (clock === null) throw accountNotFound(accountId);
  const { nowMs, periodEndsAtMs } = clock;
  if (periodEndsAtMs > nowMs) return { nowMs, rows };
  await settleAccount(context.env, key, context.var.callContext);
  return { nowMs, rows: await read() };
}

/** What an export reads as it is sent. */
async function nothing(): Promise<readonly never[]> {
  return [];
}

/** All rows of a list, or the first so many, a page at a time. */
async function* allRows<Row>(
  read: (page: Page) => Promise<readonly Row[]>,
  positionOf: (row: Row) => number,
  { limit = Number.POSITIVE_INFINITY, cursor }: { readonly limit?: number; readonly cursor?: number },
): AsyncGenerator<readonly Row[]> {
  let left = limit;
  let after = cursor;
  for (;;) {
    const rows = await read({ after, rows: Math.min(PAGE_SIZE_MAX, left) });
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = positionOf(last);
    left -= rows.length;
  }
}

export const billingListRoutes = createRouter()
  .openapi(listInvoices, async (context) => {
    const { account } = context.req.valid("param");
    const { limit = PAGE_SIZE_DEFAULT, cursor } = context.req.valid("query");
    const format = formatOf(context);
    const read = (page: Page) => readInvoices(context.env.DB, accountKey(context, account), page);
    const shown = () => read({ after: cursor, rows: rowsFor(limit) });
    const settled = await readSettled(context, account, format === "json" ? shown : nothing);
    const { nowMs } = settled;
    if (format !== "json") {
      const rows = allRows(read, ({ ordinal }) => ordinal, context.req.valid("query"));
      return exportOf(context, format, `${account}-invoices`, invoiceExport(nowMs), rows) as never;
    }
    const answer = pageOf(
      settled.rows,
      limit,
      (record) => String(record.ordinal),
      (record) => invoiceAnswer(record, nowMs),
    );
    return context.json(answer, 200);
  })
  .openapi(listPeriods, async (context) => {
    const { account } = context.req.valid("param");
    const { limit = PAGE_SIZE_DEFAULT, cursor } = context.req.valid("query");
    const format = formatOf(context);
    const read = async (page: Page): Promise<readonly PeriodInHistory[]> => {
      // One more: each is compared with the one before it.
      const rows = { ...page, rows: page.rows + 1 };
      const records = await readPeriods(context.env.DB, accountKey(context, account), rows);
      return records
        .map((record, index) => ({ ...record, before: records[index + 1]?.figures ?? null }))
        .slice(0, page.rows);
    };
    const shown = () => read({ after: cursor, rows: rowsFor(limit) });
    const settled = await readSettled(context, account, format === "json" ? shown : nothing);
    if (format !== "json") {
      const rows = allRows(read, ({ figures }) => figures.startMs, context.req.valid("query"));
      return exportOf(context, format, `${account}-periods`, PERIOD_EXPORT, rows) as never;
    }
    const answer = pageOf(settled.rows, limit, ({ figures }) => String(figures.startMs), closedPeriodAnswer);
    return context.json(answer, 200);
  });
