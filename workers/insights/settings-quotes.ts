/** What a change of setting and maximum would come to, over HTTP, before it is made (rules, 5.7, 5.8 and 10.6). */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema } from "../../shared/api/common.ts";
import {
  settingsQuoteAnswer,
  settingsQuoteQuerySchema,
  settingsQuoteSchema,
} from "../../shared/api/settings-quotes.ts";
import { localDay } from "../../shared/credits/period.ts";
import { addDays } from "../../shared/reports/days.ts";
import { HISTORY_DAYS } from "../../shared/reports/known-use.ts";
import { type ExampleUse, quoteSettings } from "../../shared/reports/settings-quote.ts";
import { accountClosed, commandProblem } from "../accounts/refusals.ts";
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
import { type AccountUse, readAccountUse, runningForecast } from "./account-use.ts";

const quoteRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/settings/quote",
  operationId: "quoteSettings",
  tags: ["Packs and settings"],
  summary: "Say what a change of overage setting and maximum would come to",
  description:
    "When it would take effect, and what the account's own use would cost under it: that of the last period, and of the running one as it is projected. It is refused as the change would be.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: settingsQuoteQuerySchema },
  responses: {
    200: jsonContent(settingsQuoteSchema, "what would be; nothing was changed"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

export const settingsQuoteRoutes = createRouter().openapi(quoteRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { overageSetting, maximum } = context.req.valid("query");
  const { env, var: variables } = context;
  const key = accountKey(context, account);
  const view = found(await accountStub(context, account).report(variables.callContext), account);
  const { balance, terms } = view;
  const today = localDay(view.nowMs, terms.timeZone);
  const use = await readAccountUse(env, key, view, variables.callContext, () => ({
    history: { from: addDays(today, -HISTORY_DAYS), to: today },
    featureDays: null,
    range: null,
    consumers: 0,
  }));
  if (balance.closedAtMs !== null) throw accountClosed(account);
  const { catalog } = use.data;
  if (catalog === null) throw accountNotFound(account);
  const change = {
    setting: overageSetting ?? balance.setting,
    maximumMicros: maximum === undefined ? balance.maximumMicros : maximum,
  };
  const quote = quoteSettings({ balance, terms, catalog }, change, usesOf(use));
  if (quote.kind !== "quote") throw commandProblem(quote, account, "change_settings");
  return context.json(settingsQuoteAnswer(quote), 200);
});

function usesOf(use: AccountUse): readonly ExampleUse[] {
  const [last] = use.closed;
  const { period } = use.view.balance;
  const past: readonly ExampleUse[] =
    last === undefined ? [] : [{ basis: "last_period", period: last.period, usedMicros: last.usedMicros }];
  return [...past, { basis: "forecast", period, usedMicros: runningForecast(use).projected.expectedMicros }];
}
