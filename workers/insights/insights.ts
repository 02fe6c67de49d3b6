/** What use says about money, value and waste (rules, 10.5 to 10.7), over HTTP. */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { insightsQuerySchema, insightsSchema } from "../../shared/api/insights.ts";
import { insightsAnswer } from "../../shared/api/insights-answer.ts";
import type { Catalog } from "../../shared/credits/catalog.ts";
import { localDay } from "../../shared/credits/period.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import { choicesOfClosed, runningTerms } from "../../shared/reports/account-choices.ts";
import { projectedChoices } from "../../shared/reports/choices.ts";
import { foundSpikes } from "../../shared/reports/daily-analysis.ts";
import { addDays, earliestDay } from "../../shared/reports/days.ts";
import { insightsOf, TOP_CONSUMERS } from "../../shared/reports/insights.ts";
import { HISTORY_DAYS } from "../../shared/reports/known-use.ts";
import { type PeriodPreset, rangesOf, type UsageRange } from "../../shared/reports/range.ts";
import { spendOf, spendOfClosed } from "../../shared/reports/spend.ts";
import { SPIKE_MEAN_DAYS } from "../../shared/reports/spikes.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountStub,
  createRouter,
  found,
  jsonContent,
  problemResponses,
} from "../ingest/http.ts";
import { accountNow } from "../reports/usage-source.ts";
import {
  type AccountUse,
  earlierPeriods,
  ownedFeatures,
  readUseAfter,
  runningForecast,
} from "./account-use.ts";
import { ENTRIES_SEARCHED_MAX, searchDuplicates } from "./duplicates.ts";

/** Closed periods whose choices are shown. */
const PAST_PERIODS = 3;

const insightsRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/insights",
  operationId: "getInsights",
  tags: ["Reports"],
  summary: "Say which choice is cheapest, what came of the credits, and what was probably wasted",
  description: `The arithmetic is shown line by line. Duplicates are looked for in the newest ${ENTRIES_SEARCHED_MAX} entries; truncated says where there are more.`,
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: insightsQuerySchema },
  responses: {
    200: jsonContent(insightsSchema, "the insights"),
    ...problemResponses(401, 403, 404, 422),
  },
});

export const insightsRoutes = createRouter().openapi(insightsRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { period: preset } = context.req.valid("query");
  const { env, var: variables } = context;
  const key = accountKey(context, account);
  const view = found(await accountStub(context, account).report(variables.callContext), account);
  const today = localDay(view.nowMs, view.terms.timeZone);
  const closed = await earlierPeriods(env, key, view, variables.callContext);
  const range = rangeOf(preset, view, closed);
  const shown = closed.slice(0, PAST_PERIODS).map(({ period }) => period);
  const from = earliestDay(addDays(today, -HISTORY_DAYS), ...shown);
  const [use, search] = await Promise.all([
    readUseAfter(env, key, view, closed, {
      history: { from, to: today },
      featureDays: { from: addDays(range.days.from, -SPIKE_MEAN_DAYS), to: today },
      range,
      consumers: TOP_CONSUMERS,
    }),
    searchDuplicates(env.DB, key, view, range),
  ]);
  const { balance, nowMs } = view;
  const { data } = use;
  const spendByPeriod = new Map(closed.map((period) => [period.period, spendOfClosed(period)]));
  const insights = insightsOf({
    ...data,
    duplicates: search.report,
    spikes: foundSpikes({ ...use, ...data }, range.days),
    owned: ownedFeatures(view),
    spendByPeriod: spendByPeriod.set(balance.period, spendOf(balance)),
    currency: balance.currency,
  });
  const catalog = foundCatalog(data.catalog, key);
  const forecast = balance.closedAtMs === null ? runningForecast(use) : null;
  const answer = insightsAnswer(insights, {
    account,
    nowMs,
    balance,
    range,
    forecast,
    running:
      forecast === null
        ? null
        : projectedChoices(runningTerms(balance, catalog), forecast.projected, balance.overdraftMicros),
    past: closed.slice(0, PAST_PERIODS).map((period) => ({
      period: period.period,
      usedMicros: period.usedMicros,
      choices: choicesOfClosed(period, balance.packs, catalog, denialsIn(period, use)),
    })),
    search,
  });
  return context.json(answer, 200);
});

function rangeOf(
  preset: PeriodPreset,
  view: AccountUse["view"],
  closed: readonly ClosedPeriod[],
): UsageRange {
  const ranges = rangesOf({ kind: "preset", preset }, accountNow(view), closed);
  if (ranges === null) throw new Error(`there is no range for "${preset}"`);
  return ranges.current;
}

/** Denials for want of credits on the days of the period. */
function denialsIn({ period, endMs, timeZone }: ClosedPeriod, { data }: AccountUse): number {
  const last = localDay(endMs - 1, timeZone);
  let denials = 0;
  for (const [day, count] of data.shortages) if (period <= day && day <= last) denials += count;
  return denials;
}

function foundCatalog(catalog: Catalog | null, accountKey: string): Catalog {
  if (catalog === null) throw new Error(`D1 holds no row of ${accountKey}`);
  return catalog;
}
