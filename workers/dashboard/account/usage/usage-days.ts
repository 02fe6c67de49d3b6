/** Usage reports as charts want them: by day, with the period before beside it (rules, 10.2). Pure. */
import type { UsageReport } from "../../../../shared/client/types.ts";
import { addDays, dayCount, latestDay } from "../../../../shared/reports/days.ts";
import type { ChartDay, ChartSeries } from "../../charts/props.ts";

type Group = UsageReport["groups"][number];

/** Which series a group of the report belongs to. */
export interface SeriesOf {
  readonly key: (group: Group) => string;
  readonly name: (group: Group) => string;
  readonly href?: (group: Group) => string | undefined;
}

export interface StackedDays {
  readonly days: readonly ChartDay[];
  readonly series: readonly ChartSeries[];
  /** Credits that count in the period for days before it: they came late. */
  readonly lateCredits: number;
}

/** A report by day and one more group; days after `today` are still to come. */
export function stackedDays(report: UsageReport, today: string, of: SeriesOf): StackedDays {
  const first = new Map<string, Group>();
  const byDay = new Map<string, Map<string, number>>();
  for (const group of report.groups) {
    const key = of.key(group);
    if (!first.has(key)) first.set(key, group);
    add(byDay, group.day, key, group.credits);
  }
  // A name that no group has.
  const restKey = "\u0000rest";
  for (const { day, credits } of report.rest) add(byDay, day, restKey, credits);
  const restOf = Math.max(0, ...report.rest.map(({ groups }) => groups));
  const keys = [...first.keys(), ...(restOf > 0 ? [restKey] : [])];
  const days = daysOf(report).map((day) => ({
    day,
    values: day > today ? [] : keys.map((key) => byDay.get(day)?.get(key) ?? 0),
  }));
  const series = [...first.values()].map((group): ChartSeries => {
    const href = of.href?.(group);
    return { name: of.name(group), ...(href === undefined ? {} : { href }) };
  });
  const late = [...byDay]
    .filter(([day]) => day < report.from)
    .flatMap(([, credits]) => [...credits.values()]);
  return {
    days,
    series: restOf > 0 ? [...series, { name: "Other", restOf }] : series,
    lateCredits: sumOf(late),
  };
}

function add(
  byDay: Map<string, Map<string, number>>,
  day: string | undefined,
  key: string,
  credits: number,
): void {
  if (day === undefined) return;
  const ofDay = byDay.get(day) ?? new Map<string, number>();
  byDay.set(day, ofDay.set(key, (ofDay.get(key) ?? 0) + credits));
}

/** Every day of a report. */
export function daysOf({ from, to }: UsageReport): readonly string[] {
  return Array.from({ length: dayCount({ from, to }) }, (_, index) => addDays(from, index));
}

/** The whole use of each day of a report by day, in order; nothing where nothing was used at all. */
export function totalsByDay(report: UsageReport): readonly number[] {
  if (report.groups.every(({ credits }) => credits === 0)) return [];
  const byDay = new Map<string, number>();
  for (const { day = "", credits } of report.groups) byDay.set(day, (byDay.get(day) ?? 0) + credits);
  return daysOf(report).map((day) => byDay.get(day) ?? 0);
}

/** Use of each day that has any; what came late counts from the period's first day on. */
export function dailyUse(report: UsageReport): readonly { readonly day: string; readonly credits: number }[] {
  const byDay = new Map<string, number>();
  for (const { day, credits } of [...report.groups, ...report.rest]) {
    if (day === undefined) continue;
    const counted = latestDay(day, report.from);
    byDay.set(counted, (byDay.get(counted) ?? 0) + credits);
  }
  return [...byDay].map(([day, credits]) => ({ day, credits }));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
