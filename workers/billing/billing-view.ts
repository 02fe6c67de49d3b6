/** What an account costs so far, was billed and is to expect (rules, section 7.5). */
import { createRoute } from "@hono/zod-openapi";
import { billingAnswer, billingSchema } from "../../shared/api/billing.ts";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { type Invoice, invoiceAnswer } from "../../shared/api/invoices.ts";
import { expectedInvoices } from "../../shared/credits/expected-invoices.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountNotFound,
  accountStub,
  createRouter,
  found,
  jsonContent,
  problemResponses,
} from "../ingest/http.ts";
import { INVOICE_COLUMNS, type InvoiceRow, OPEN_ONLY, readBooks, toInvoice } from "./books.ts";
import { settleAccount } from "./settle.ts";

const billingRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/billing",
  operationId: "getBilling",
  tags: ["Invoices"],
  summary: "Read what an account costs: so far, as billed, and as expected next",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(billingSchema, "the account's money"),
    ...problemResponses(401, 403, 404, 422),
  },
});

/** Those of a period: for it, or issued in it. */
const INVOICES_OF_PERIOD = `
  SELECT ${INVOICE_COLUMNS} FROM invoices
   WHERE account_key = ?1 AND (issued_at_ms >= ?2 OR document ->> '$.period.startMs' >= ?2)
   ORDER BY ordinal DESC`;

async function invoicesSince(
  database: D1Database,
  accountKey: string,
  sinceMs: number,
  nowMs: number,
): Promise<readonly Invoice[]> {
  const { results } = await database.prepare(INVOICES_OF_PERIOD).bind(accountKey, sinceMs).all<InvoiceRow>();
  return results.map((row) => invoiceAnswer(toInvoice(row), nowMs));
}

export const billingViewRoutes = createRouter().openapi(billingRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { env, var: variables } = context;
  const key = accountKey(context, account);
  found(await accountStub(context, account).terms(variables.callContext), account);
  // What the account has decided is billed before it is shown.
  await settleAccount(env, key, variables.callContext);
  const view = found(await accountStub(context, account).view(variables.callContext), account);
  const { balance, nowMs, terms } = view;
  const [loaded, invoices] = await Promise.all([
    readBooks(env.DB, key, OPEN_ONLY, nowMs),
    invoicesSince(env.DB, key, balance.periodStartMs, nowMs),
  ]);
  if (loaded === null) throw accountNotFound(account);
  const open = loaded.books.adjustments.filter(({ openMinor }) => openMinor !== 0);
  const expected = expectedInvoices(loaded.books, balance, terms.timeZone, loaded.context);
  return context.json(billingAnswer(account, balance, invoices, open, expected), 200);
});
