/** Invoices, closed periods and their proof over HTTP (rules, sections 7.3 and 7.4). */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { accountParamsSchema, referenceSchema } from "../../shared/api/common.ts";
import {
  invoiceAnswer,
  invoicePageSchema,
  invoiceSchema,
  newestFirstQuerySchema,
  payInvoiceSchema,
} from "../../shared/api/invoices.ts";
import { closedPeriodAnswer, closedPeriodPageSchema } from "../../shared/api/periods.ts";
import { reconciliationAnswer, reconciliationSchema } from "../../shared/api/reconciliation.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  accountKey,
  accountNotFound,
  createRouter,
  found,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { invoicePage } from "./invoice-page.tsx";
import { reconcileAccount } from "./reconciliation.ts";
import {
  type BillingClock,
  type FoundInvoice,
  markPaid,
  readBillingClock,
  readInvoice,
  readInvoices,
  readPeriods,
} from "./records.ts";
import { settleAccount } from "./settle.ts";

const tags = ["Invoices"];
const invoiceParams = z.object({ invoice: referenceSchema });

const listInvoices = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/invoices",
  operationId: "listInvoices",
  tags,
  summary: "List an account's invoices, newest first",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: newestFirstQuerySchema },
  responses: {
    200: jsonContent(invoicePageSchema, "a page of invoices"),
    ...problemResponses(401, 403, 404, 422),
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
    200: jsonContent(closedPeriodPageSchema, "a page of closed periods with their figures"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const getInvoice = createRoute({
  method: "get",
  path: "/v1/invoices/{invoice}",
  operationId: "getInvoice",
  tags,
  summary: "Read an invoice",
  description: "As JSON, or as a page to print where text/html is asked for.",
  middleware: [requireScope("read")] as const,
  request: { params: invoiceParams },
  responses: {
    200: {
      description: "the invoice",
      content: { "application/json": { schema: invoiceSchema }, "text/html": { schema: z.string() } },
    },
    ...problemResponses(401, 403, 404, 422),
  },
});

const payInvoice = createRoute({
  method: "post",
  path: "/v1/invoices/{invoice}/paid",
  operationId: "markInvoicePaid",
  tags,
  summary: "Mark an invoice as paid",
  description: "Sent again with the same reference it answers the same; the document never changes.",
  middleware: [requireScope("admin")] as const,
  request: { params: invoiceParams, body: jsonBody(payInvoiceSchema) },
  responses: {
    200: jsonContent(invoiceSchema, "the paid invoice"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const reconcileRoute = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/reconciliation",
  operationId: "reconcileAccount",
  tags: ["Accounts"],
  summary: "Prove that log, roll-ups, balance and invoices agree",
  description:
    "Compares, to the micro-credit, what the account says with every entry in D1, period by period.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(reconciliationSchema, "what was compared, and each difference"),
    ...problemResponses(401, 403, 404, 422),
  },
});

/** Whoever reads after the end of a period sees it closed and invoiced (rules, section 2.4). */
async function settledClock(context: Context<AppEnv>, accountId: string): Promise<BillingClock> {
  const key = accountKey(context, accountId);
  const clock = await readBillingClock(context.env.DB, key, Date.now());
  if (clock === null) throw accountNotFound(accountId);
  if (clock.periodEndsAtMs <= clock.nowMs) await settleAccount(context.env, key, context.var.callContext);
  return clock;
}

async function foundInvoice(context: Context<AppEnv>, invoiceId: string): Promise<FoundInvoice> {
  const invoice = await readInvoice(context.env.DB, context.var.caller.mode, invoiceId, Date.now());
  if (invoice === null) {
    throw new ProblemError(404, "invoice_not_found", `no invoice "${invoiceId}" in this mode`);
  }
  return invoice;
}

function notPayable({ record }: FoundInvoice): ProblemError {
  return record.status === "paid"
    ? new ProblemError(409, "already_paid", `paid with the reference "${record.paymentReference}"`)
    : new ProblemError(409, "not_payable", `the invoice is ${record.status}`);
}

export const billingRoutes = createRouter()
  .openapi(listInvoices, async (context) => {
    const { account } = context.req.valid("param");
    const { limit, cursor } = context.req.valid("query");
    const { nowMs } = await settledClock(context, account);
    const page = { after: cursor, rows: rowsFor(limit) };
    const records = await readInvoices(context.env.DB, accountKey(context, account), page);
    const answer = pageOf(
      records,
      limit,
      (record) => String(record.number),
      (record) => invoiceAnswer(record, nowMs),
    );
    return context.json(answer, 200);
  })
  .openapi(listPeriods, async (context) => {
    const { account } = context.req.valid("param");
    const { limit, cursor } = context.req.valid("query");
    await settledClock(context, account);
    const page = { after: cursor, rows: rowsFor(limit) };
    const records = await readPeriods(context.env.DB, accountKey(context, account), page);
    const answer = pageOf(
      records,
      limit,
      (record) => String(record.figures.startMs),
      (record) => closedPeriodAnswer(record.figures, record.invoiceId),
    );
    return context.json(answer, 200);
  })
  .openapi(getInvoice, async (context) => {
    const { record, nowMs } = await foundInvoice(context, context.req.valid("param").invoice);
    const invoice = invoiceAnswer(record, nowMs);
    context.header("vary", "accept");
    const type = accepts(context, {
      header: "Accept",
      supports: ["application/json", "text/html"],
      default: "application/json",
    });
    return type === "text/html" ? invoicePage(context, invoice) : context.json(invoice, 200);
  })
  .openapi(payInvoice, async (context) => {
    const { invoice: invoiceId } = context.req.valid("param");
    const { reference } = context.req.valid("json");
    await foundInvoice(context, invoiceId);
    await markPaid(context.env.DB, invoiceId, reference);
    const paid = await foundInvoice(context, invoiceId);
    const { status, paymentReference } = paid.record;
    if (status !== "paid" || paymentReference !== reference) throw notPayable(paid);
    return context.json(invoiceAnswer(paid.record, paid.nowMs), 200);
  })
  .openapi(reconcileRoute, async (context) => {
    const { account } = context.req.valid("param");
    const key = accountKey(context, account);
    const answer = found(await reconcileAccount(context.env, key, context.var.callContext), account);
    return context.json(reconciliationAnswer(answer), 200);
  });
