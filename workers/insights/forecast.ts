/** What the running period will probably come to (rules, 10.6), over HTTP. */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { forecastAnswer, forecastSchema } from "../../shared/api/forecast.ts";
import { localDay } from "../../shared/credits/period.ts";
import { addDays } from "../../shared/reports/days.ts";
import { HISTORY_DAYS } from "../../shared/reports/known-use.ts";
import { overageOutlook } from "../../shared/reports/overage-outlook.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountStub,
  createRouter,
  found,
  jsonContent,
  problemResponses,
} from "../ingest/http.ts";
import { readAccountUse, runningForecast } from "./account-use.ts";

const forecastRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/forecast",
  operationId: "getForecast",
  tags: ["Reports"],
  summary: "Project use at the reset, the day on which credits run out, and what will expire",
  description: `From the running period and those before, of the last ${HISTORY_DAYS} days at most, each figure with a range. It says what it takes for granted.`,
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(forecastSchema, "the forecast"),
    ...problemResponses(401, 403, 404, 422),
  },
});

export const forecastRoutes = createRouter().openapi(forecastRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { env, var: variables } = context;
  const view = found(await accountStub(context, account).report(variables.callContext), account);
  const today = localDay(view.nowMs, view.terms.timeZone);
  const use = await readAccountUse(env, accountKey(context, account), view, variables.callContext, () => ({
    history: { from: addDays(today, -HISTORY_DAYS), to: today },
    featureDays: null,
    range: null,
    consumers: 0,
  }));
  const { balance, nowMs } = view;
  const forecast = runningForecast(use);
  const answer = forecastAnswer(forecast, {
    account,
    nowMs,
    balance,
    knownSince: use.known.knownSince.day,
    ofMaximum: balance.maximumMicros === null ? null : runningForecast(use, balance.maximumMicros),
    overage: overageOutlook(balance, forecast.projected),
  });
  return context.json(answer, 200);
});
