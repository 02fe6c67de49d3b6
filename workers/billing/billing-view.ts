/** What an account costs so far, was billed and is to expect (rules, section 7.5). */
import { createRoute } from "@hono/zod-openapi";
import { billingAnswer, billingSchema } from "../../shared/api/billing.ts";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { type Invoice, invoiceAnswer } from "../../shared/api/invoices.ts";
import { expectedInvoices } from "../../shared/credits/expected-invoices.ts";
import { finaliseByClock } from "../../shared/credits/settle-facts.ts";
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
import {
  INVOICE_COLUMNS,
  type InvoiceRow,
  type LoadedBooks,
  OPEN_ONLY,
  readBooks,
  toInvoice,
} from "./books.ts";
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

/** Whether a document that grew has ended with its day. */
function isFinalByNow({ books, context }: LoadedBooks): boolean {
  return finaliseByClock(books, context.nowMs) !== books;
}

export const billingViewRoutes = createRouter().openapi(billingRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { env, var: variables } = context;
  const key = accountKey(context, account);
  const read = async () => {
    const view = found(await accountStub(context, account).view(variables.callContext), account);
    const [loaded, invoices] = await Promise.all([
      readBooks(env.DB, key, OPEN_ONLY, view.nowMs),
      invoicesSince(env.DB, key, view.balance.periodStartMs, view.nowMs),
    ]);
    if (loaded === null) throw accountNotFound(account);
    return { view, loaded, invoices };
  };
  const first = await read();
  // What the account has decided is billed before it is shown.
  const behind = first.view.factsWaiting > 0 || isFinalByNow(first.loaded);
  if (behind) await settleAccount(env, key, variables.callContext);
  const { view, loaded, invoices } = behind ? await read() : first;
  const { balance, terms } = view;
  const open = loaded.books.adjustments.filter(({ openMinor }) => openMinor !== 0);
  const expected = expectedInvoices(loaded.books, balance, terms.timeZone, loaded.context);
  return context.json(billingAnswer(account, balance, invoices, open, expected), 200);
});
