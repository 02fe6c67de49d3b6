/** An invoice and the proof of an account's figures over HTTP (rules, sections 7.3 and 7.4). */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { accountParamsSchema, referenceSchema } from "../../shared/api/common.ts";
import { invoiceWithCreditNotesAnswer, invoiceWithCreditNotesSchema } from "../../shared/api/invoices.ts";
import {
  reconciliationAnswer,
  reconciliationQuerySchema,
  reconciliationSchema,
} from "../../shared/api/reconciliation.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  accountKey,
  createRouter,
  found,
  jsonContent,
  problemResponses,
} from "../ingest/http.ts";
import { billingViewRoutes } from "./billing-view.ts";
import { foundInvoice, foundInvoiceOf } from "./found-invoice.ts";
import { invoicePage } from "./invoice-page.tsx";
import { billingListRoutes } from "./lists.ts";
import { reconcileAccount } from "./reconciliation.ts";
import type { FoundInvoice } from "./records.ts";
import { billingRunRoutes } from "./runs.ts";
import { statusRoutes } from "./status-routes.ts";

const tags = ["Invoices"];
const invoiceParams = z.object({ invoice: referenceSchema });

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
      content: {
        "application/json": { schema: invoiceWithCreditNotesSchema },
        "text/html": { schema: z.string() },
      },
    },
    ...problemResponses(401, 403, 404, 422),
  },
});

const getAccountInvoice = createRoute({
  ...getInvoice,
  path: "/v1/accounts/{account}/invoices/{invoice}",
  operationId: "getAccountInvoice",
  summary: "Read an invoice of an account",
  description:
    "As GET /v1/invoices/{invoice}; another account's is not found. Users who see money may read it.",
  request: { params: accountParamsSchema.extend({ invoice: referenceSchema }) },
});

const reconcileRoute = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/reconciliation",
  operationId: "reconcileAccount",
  tags: ["Accounts"],
  summary: "Prove that log, roll-ups, balance and invoices agree",
  description:
    "Compares, to the micro-credit, what the account says with every entry in D1, period by period, and what was invoiced with both.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: reconciliationQuerySchema },
  responses: {
    200: jsonContent(reconciliationSchema, "what was compared, and each difference"),
    ...problemResponses(401, 403, 404, 422),
  },
});

/** The invoice as its reader asks for it. */
function answered(context: Context<AppEnv>, { record, creditNotes, nowMs }: FoundInvoice) {
  const invoice = invoiceWithCreditNotesAnswer(record, creditNotes, nowMs);
  context.header("vary", "accept");
  const type = accepts(context, {
    header: "Accept",
    supports: ["application/json", "text/html"],
    default: "application/json",
  });
  return type === "text/html" ? invoicePage(context, invoice) : context.json(invoice, 200);
}

export const billingRoutes = createRouter()
  .route("/", billingListRoutes)
  .route("/", statusRoutes)
  .route("/", billingViewRoutes)
  .route("/", billingRunRoutes)
  .openapi(getInvoice, async (context) => {
    return answered(context, await foundInvoice(context, context.req.valid("param").invoice));
  })
  .openapi(getAccountInvoice, async (context) => {
    const { account, invoice } = context.req.valid("param");
    return answered(context, await foundInvoiceOf(context, account, invoice));
  })
  .openapi(reconcileRoute, async (context) => {
    const { account } = context.req.valid("param");
    const { from = null, period = null } = context.req.valid("query");
    const key = accountKey(context, account);
    const range = { from, only: period };
    const answer = found(await reconcileAccount(context.env, key, context.var.callContext, range), account);
    return context.json(reconciliationAnswer(answer), 200);
  });
