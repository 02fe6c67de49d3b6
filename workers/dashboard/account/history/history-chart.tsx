/** A usage report by day: stacked by what it is grouped by, with the span before to compare. */

import { localDay } from "../../../../shared/credits/period.ts";
import { TrendChart } from "../../charts/trend.tsx";
import { UsageByDayChart } from "../../charts/usage-by-day.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Empty } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import type { Names } from "../log/log-names.ts";
import { LateCredits } from "../usage/late-credits.tsx";
import { daysOf, stackedDays, totalsByDay } from "../usage/usage-days.ts";
import type { Group } from "./history-range.ts";
import { isStacked, type Reports } from "./history-reports.ts";
import { groupText, type ReportRow } from "./history-table.tsx";

interface ChartProps {
  readonly reports: Reports;
  readonly group: Group;
  readonly names: Names;
  readonly page: AccountPage;
}

export function UsageChart({ reports, group, names, page }: ChartProps): Html {
  const { days: report, daysBefore } = reports;
  if (report === null) return <Empty text="A chart by day shows a year at most; the table has all of it." />;
  const { format, view, root } = page;
  const today = localDay(view.nowMs, view.terms.timeZone);
  const previous = daysBefore === null ? [] : totalsByDay(daysBefore);
  const common = {
    title: "Credits by day",
    format,
    previousLabel: report.before.period === null ? "Days before" : "Period before",
  };
  const stacked = stackedDays(report, today, {
    key: (row) => keyOf(row),
    name: (row) => (isStacked(group) ? groupText(row, group, names) : "Credits"),
    href: ({ feature }) =>
      group === "feature" && feature !== undefined ? featurePath(root, feature) : undefined,
  });
  if (isStacked(group)) {
    const { days, series } = stacked;
    const before = days.map((_, index) => previous[index] ?? null);
    return (
      <>
        <UsageByDayChart
          {...common}
          days={days}
          series={series}
          previous={previous.length === 0 ? [] : before}
        />
        <LateCredits credits={stacked.lateCredits} page={page} />
      </>
    );
  }
  const byDay = totalsByDay(report);
  const points = daysOf(report).map((day, index) => ({
    label: format.monthDay(day),
    title: format.day(day),
    value: day > today ? null : (byDay[index] ?? 0),
    previous: previous[index] ?? null,
  }));
  return (
    <>
      <TrendChart {...common} points={points} />
      <LateCredits credits={stacked.lateCredits} page={page} />
    </>
  );
}

/** What the group is, whatever its day. */
function keyOf({ feature, action, user, category, workflow, outcome, unit }: ReportRow): string {
  return JSON.stringify([feature, action, user, category, workflow, outcome, unit]);
}
