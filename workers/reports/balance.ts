/** What an account has left, and what it costs (rules, 10.1 and 7.5). */
import { createRoute } from "@hono/zod-openapi";
import { balanceAnswer, balanceSchema } from "../../shared/api/balance.ts";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { type InvoiceRecord, invoiceAnswer } from "../../shared/api/invoices.ts";
import { rateLimitHeaders, rateLimitHeadersSchema } from "../../shared/api/rate-limit.ts";
import type { AccountView, CallContext } from "../../shared/protocol.ts";
import { readBillingClock, readInvoices } from "../billing/records.ts";
import { settleAccount } from "../billing/settle.ts";
import type { Env } from "../env.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountStub,
  createRouter,
  found,
  jsonContent,
  problemResponses,
} from "../ingest/http.ts";
import { stateReason } from "./state-reason.ts";

/** An account gets a few invoices per period. */
const INVOICES_SHOWN_MAX = 100;

const balanceRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/balance",
  operationId: "getBalance",
  tags: ["Reports"],
  summary: "Read what an account has left, and why",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: { ...jsonContent(balanceSchema, "the balance"), headers: rateLimitHeadersSchema },
    ...problemResponses(401, 403, 404, 422),
  },
});

export const balanceRoutes = createRouter().openapi(balanceRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { callContext } = context.var;
  const view = found(await accountStub(context, account).view(callContext), account);
  const invoices = await invoicesOfPeriod(context.env, accountKey(context, account), view, callContext);
  for (const [name, value] of rateLimitHeaders(view.balance, view.nowMs)) context.header(name, value);
  const shown = invoices.map((invoice) => invoiceAnswer(invoice, view.nowMs));
  return context.json(
    balanceAnswer(account, view.balance, stateReason(view.balance, view.terms.timeZone), shown),
    200,
  );
});

/** Whoever reads first after the end of a period sees its invoice (2.4). */
async function invoicesOfPeriod(
  env: Env,
  key: string,
  view: AccountView,
  callContext: CallContext,
): Promise<readonly InvoiceRecord[]> {
  const newest = () => readInvoices(env.DB, key, { after: undefined, rows: INVOICES_SHOWN_MAX });
  const [clock, invoices] = await Promise.all([readBillingClock(env.DB, key, view.nowMs), newest()]);
  const behind = clock !== null && clock.periodEndsAtMs <= view.balance.periodStartMs;
  if (behind) await settleAccount(env, key, callContext);
  return (behind ? await newest() : invoices).filter(
    ({ issuedAtMs }) => issuedAtMs >= view.balance.periodStartMs,
  );
}
