/**
 * Where credits went (rules, 10.2): roll-ups of D1 and the tail of the account, so the report is complete up to the
 * last acknowledged request.
 */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { usageAnswer } from "../../shared/api/report-answers.ts";
import { usageQuerySchema, usageReportSchema } from "../../shared/api/reports.ts";
import type { AccountReport } from "../../shared/protocol.ts";
import { foldEntries, type Rollup, type RollupDimension, withoutHeld } from "../../shared/reports/fold.ts";
import {
  type AccountNow,
  daysRange,
  inRange,
  presetRange,
  previousPeriod,
  type UsageRange,
} from "../../shared/reports/range.ts";
import { type SpendByPeriod, spendOf, spendOfClosed } from "../../shared/reports/spend.ts";
import { type Grouping, groupingOf, reportUsage } from "../../shared/reports/usage.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountStub,
  createRouter,
  found,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { REPORT_ROWS_MAX, readUsage, type UsageData } from "./usage-data.ts";

const usageRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/usage",
  operationId: "getUsage",
  tags: ["Reports"],
  summary: "Sum up usage by feature, category, action, user, workflow or day",
  description:
    "By local day of occurrence, or with period=current or previous exactly what counts in that period. Complete up to the last acknowledged request.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: usageQuerySchema },
  responses: {
    200: jsonContent(usageReportSchema, "the report"),
    ...problemResponses(401, 403, 404, 422),
  },
});

export const usageReportRoutes = createRouter().openapi(usageRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { from, to, period, groupBy } = context.req.valid("query");
  const grouping = groupingOf(groupBy);
  if (grouping === null) throw new Error("the schema lets pass only what roll-ups hold");
  const view = found(await accountStub(context, account).report(context.var.callContext), account);
  const now = accountNow(view);
  const asked = from === undefined ? presetRange(period ?? "current", now) : daysRange(from, to, now);
  const data = await readUsage(context.env.DB, {
    accountKey: accountKey(context, account),
    range: asked,
    grouping,
    acknowledgedSeq: view.acknowledgedSeq,
    nowMs: view.nowMs,
  });
  if (data.tooLarge) throw tooLarge();
  const range = withStoredName(asked, data, now);
  const tail = foldEntries(withoutHeld(view.tail, data.held)).filter((rollup) => inRange(rollup, range));
  const report = reportUsage({
    grouping,
    actions: [...data.actions, ...ofTail(tail, "action", grouping)],
    consumers:
      grouping.dimension === "action"
        ? []
        : [...data.consumers, ...ofTail(tail, grouping.dimension, grouping)],
    categories: data.categories,
    spendByPeriod: spendByPeriod(view, data),
  });
  return context.json(
    usageAnswer(account, range, grouping, report, data.denials, view.balance.currency),
    200,
  );
});

function accountNow({ nowMs, terms, balance }: AccountReport): AccountNow {
  const { period, periodStartMs, resetAtMs } = balance;
  return { nowMs, terms, period, periodStartMs, resetAtMs };
}

/** Once billing has stored the closed period, its own name counts (see `previousPeriod`). */
function withStoredName(range: UsageRange, { closed }: UsageData, now: AccountNow): UsageRange {
  const stored = closed.find(({ endMs }) => endMs === range.endedAtMs);
  return stored === undefined ? range : previousPeriod(stored.period, now);
}

/** As D1 answers: without days where the report shows none. */
function ofTail(tail: readonly Rollup[], dimension: RollupDimension, { byDay }: Grouping): readonly Rollup[] {
  return tail
    .filter((rollup) => rollup.dimension === dimension)
    .map((rollup) => (byDay ? rollup : { ...rollup, day: "" }));
}

function spendByPeriod(view: AccountReport, { closed }: UsageData): SpendByPeriod {
  const spend = new Map(closed.map((period) => [period.period, spendOfClosed(period)]));
  return spend.set(view.balance.period, spendOf(view.balance));
}

function tooLarge(): ProblemError {
  return new ProblemError(
    422,
    "report_too_large",
    `the report would have more than ${REPORT_ROWS_MAX} rows; ask for fewer days or another grouping`,
  );
}
