/** What a purchase would come to, over HTTP, before anything is bought (rules, sections 5.2, 5.9 and 7.2). */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { packQuoteAnswer, packQuoteQuerySchema, packQuoteSchema } from "../../shared/api/pack-quotes.ts";
import { purchaseInvoice } from "../../shared/credits/expected-invoices.ts";
import { decidePurchase } from "../../shared/credits/purchase.ts";
import { agreedOveragePrice } from "../../shared/credits/settings.ts";
import { startTerm } from "../../shared/credits/term.ts";
import type { AccountView } from "../../shared/protocol.ts";
import { OPEN_ONLY, readBooks } from "../billing/books.ts";
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
import { loadCatalog } from "../operator/catalog.ts";
import { accountClosed, commandProblem } from "./refusals.ts";

const quote = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/packs/quote",
  operationId: "quotePack",
  tags: ["Packs and settings"],
  summary: "Say what a purchase would come to",
  description:
    "Limit, maximum, setting and monthly price before and after, the term, and the invoice as it would be made now. It is refused as the purchase would be.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: packQuoteQuerySchema },
  responses: {
    200: jsonContent(packQuoteSchema, "what the account would have; nothing was bought"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

export const packQuoteRoutes = createRouter().openapi(quote, async (context) => {
  const { account } = context.req.valid("param");
  const { pack, quantity, overageSetting: setting, maximum: maximumMicros } = context.req.valid("query");
  const { DB } = context.env;
  const seen = found(await accountStub(context, account).view(context.var.callContext), account);
  const { balance, terms } = seen;
  const [catalog, loaded] = await Promise.all([
    loadCatalog(DB),
    readBooks(DB, accountKey(context, account), OPEN_ONLY, seen.nowMs),
  ]);
  if (loaded === null) throw accountNotFound(account);
  if (balance.closedAtMs !== null) throw accountClosed(account);
  const purchaser = {
    currency: balance.currency,
    limitMicros: balance.limitMicros,
    maximumMicros: balance.maximumMicros,
    holdings: balance.packs.length,
    setting: balance.setting,
    overagePrice: balance.overagePrice ?? agreedOveragePrice({ terms }, catalog),
  };
  const purchase = decidePurchase(purchaser, { pack, quantity, setting, maximumMicros }, catalog);
  if (purchase.kind !== "purchase") throw commandProblem(purchase, account, "buy_pack");
  const charge = { ...purchase.terms, quantity };
  const invoice = purchaseInvoice(loaded.books, balance, [charge], terms.timeZone, loaded.context);
  const term = balance.term ?? firstTerm(seen);
  return context.json(packQuoteAnswer({ balance, purchase, quantity, term, invoice }), 200);
});

/** The term that a first pack would begin. */
function firstTerm({ balance, terms, pendingTerms }: AccountView) {
  const span = { name: balance.period, startMs: balance.periodStartMs, endMs: balance.resetAtMs };
  return startTerm({ period: span, terms, pendingTerms }, terms.termPeriods);
}
