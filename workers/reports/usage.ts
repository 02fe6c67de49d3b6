/** Where credits went (rules, 10.2), over HTTP: as JSON, CSV or NDJSON. */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { usageQuerySchema, usageReportSchema } from "../../shared/api/usage-report.ts";
import {
  type ReportContext,
  type UsageRow,
  usageAnswer,
  usageColumns,
  usageRowAnswer,
  usageRows,
} from "../../shared/api/usage-report-answer.ts";
import { rateSheetAt } from "../../shared/credits/rates.ts";
import { possibleInstants } from "../../shared/reports/days.ts";
import { type Grouping, groupingOf } from "../../shared/reports/grouping.ts";
import type { AskedRange } from "../../shared/reports/range.ts";
import { topOf } from "../../shared/reports/top.ts";
import { reportUsage } from "../../shared/reports/usage.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountStub,
  createRouter,
  found,
  invalidField,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { loadOffer } from "../offer.ts";
import { callerMay } from "../people/permissions.ts";
import { closedPeriodsFor } from "./closed-periods.ts";
import { type ExportShape, exportContent, exportOf, formatOf } from "./export.ts";
import { REPORT_ROWS_MAX } from "./usage-data.ts";
import { readSource } from "./usage-source.ts";

const usageRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/usage",
  operationId: "getUsage",
  tags: ["Reports"],
  summary: "Sum up usage by feature, category, action, user, team, workflow, outcome or day",
  description:
    "By local day of occurrence, or with period exactly what counts in that period. Complete up to the last acknowledged request, and compared with the span before. An export has a row per group.",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: usageQuerySchema },
  responses: {
    200: exportContent(usageReportSchema, "the report"),
    ...problemResponses(401, 403, 404, 406, 422),
  },
});

export const usageReportRoutes = createRouter().openapi(usageRoute, async (context) => {
  const { account } = context.req.valid("param");
  const { from, to, period, groupBy, top, ...filter } = context.req.valid("query");
  const format = formatOf(context);
  const grouping = groupingOf(groupBy, filter);
  if (grouping.kind === "refused") throw invalidField(grouping.field, grouping.message);
  const asked: AskedRange =
    from === undefined ? (period ?? { kind: "preset", preset: "current" }) : { kind: "days", from, to };
  const view = async () =>
    found(await accountStub(context, account).report(context.var.callContext), account);
  const key = accountKey(context, account);
  const first = await view();
  const closed = await closedPeriodsFor(context.env, key, first, sinceMs(asked), context.var.callContext);
  const [source, categories] = await Promise.all([
    readSource(context.env.DB, first, { accountKey: key, asked, grouping, view, closed }),
    categoriesAt(context.env.DB, grouping, first.nowMs),
  ]);
  if (source === null) throw unknownPeriod();
  if (source.tooLarge) throw tooLarge();
  // What credits cost is for those who see money (9).
  const spendByPeriod = callerMay(context, "see_money") ? source.spendByPeriod : new Map();
  const report = topOf(reportUsage({ ...source, spendByPeriod, grouping, categories }), top);
  const { currency } = source.view.balance;
  const about = { account, ranges: source.ranges, grouping, currency };
  if (format === "json") return context.json(usageAnswer(about, report, source.denials), 200);
  const parts = (async function* () {
    yield usageRows(report);
  })();
  return exportOf(context, format, fileName(about), usageExport(about), parts) as never;
});

/** Closed periods that ended before this have nothing to do with the range; undefined: the newest few will do. */
function sinceMs(asked: AskedRange): number | undefined {
  switch (asked.kind) {
    case "days":
      return possibleInstants({ from: asked.from, to: asked.from }).fromMs;
    case "period":
      // The end of the period before it.
      return possibleInstants({ from: asked.name, to: asked.name }).fromMs;
    case "preset":
      return undefined;
  }
}

/** Category by feature, on the rate sheet in force. */
async function categoriesAt(
  database: D1Database,
  { groupBy }: Grouping,
  nowMs: number,
): Promise<ReadonlyMap<string, string>> {
  if (!groupBy.includes("category")) return new Map();
  const { rateSheets } = await loadOffer(database, nowMs);
  const features = rateSheetAt(rateSheets, nowMs)?.features ?? [];
  return new Map(features.map(({ feature, category }) => [feature, category]));
}

function usageExport({ grouping, currency }: ReportContext): ExportShape<UsageRow> {
  return {
    lines: (row) => [row],
    columns: usageColumns(grouping, currency),
    answer: (row) => usageRowAnswer(row, currency),
  };
}

function fileName({ account, ranges }: ReportContext): string {
  const { from, to } = ranges.current.days;
  return `${account}-usage-${from}-${to}`;
}

function unknownPeriod(): ProblemError {
  return invalidField(
    "period",
    "no period of that name; GET /v1/accounts/{account}/periods lists them",
    "unknown_period",
  );
}

function tooLarge(): ProblemError {
  return new ProblemError(
    422,
    "report_too_large",
    `the report would have more than ${REPORT_ROWS_MAX} rows; ask for fewer days or another grouping`,
  );
}
