/** What a stacked chart draws: the largest series and the rest, by day or by week. Pure. */
import type { ChartDay, ChartSeries, UsageByDayChartProps } from "./props.ts";

/** As many as there are colours that are told apart. */
const SERIES_MAX = 8;
/** A quarter's days; more bars than that cannot be told apart on a phone. */
export const DAYS_MAX = 92;
const DAYS_OF_WEEK = 7;

/** A series as it is drawn: with its colour's class and its total. */
export interface DrawnSeries extends Pick<ChartSeries, "name" | "href"> {
  readonly mark: string;
  readonly total: number;
}

/** A bar: a day, or a run of up to 7 days. */
export interface Bar {
  readonly from: string;
  readonly to: string;
  /** One value per drawn series; null while the bar's first day is still to come. */
  readonly values: readonly number[] | null;
  readonly total: number;
  readonly previous: number | null;
}

export interface Bars {
  readonly series: readonly DrawnSeries[];
  readonly bars: readonly Bar[];
  readonly weekly: boolean;
}

/** Largest series first, then "Other", without those of no use; by day up to 92 days, else by week from the first day on. */
export function barsOf({
  days,
  series,
  previous,
}: Pick<UsageByDayChartProps, "days" | "series" | "previous">): Bars {
  const groups = seriesGroups(days, series);
  const dayBars = days.map(({ day, values }, index): Bar => {
    const drawn =
      values.length === 0 ? null : groups.map(({ indexes }) => sum(indexes.map((i) => values[i] ?? 0)));
    return { from: day, to: day, values: drawn, total: sum(drawn ?? []), previous: previous[index] ?? null };
  });
  const weekly = days.length > DAYS_MAX;
  const drawnSeries = groups.map(({ indexes: _, ...drawn }) => drawn);
  return { series: drawnSeries, bars: weekly ? byWeek(dayBars) : dayBars, weekly };
}

function seriesGroups(days: readonly ChartDay[], series: readonly ChartSeries[]) {
  const all = series.map((one, index) => ({
    ...one,
    index,
    total: sum(days.map(({ values }) => values[index] ?? 0)),
  }));
  const used = all.filter(({ total }) => total !== 0);
  const named = used.filter(({ restOf }) => restOf === undefined).toSorted((a, b) => b.total - a.total);
  const left = used.filter(({ restOf }) => restOf !== undefined);
  const shown = left.length === 0 && named.length <= SERIES_MAX ? named : named.slice(0, SERIES_MAX - 1);
  const others = [...named.slice(shown.length), ...left];
  const groups = shown.map(({ name, href, total, index }, rank) => ({
    name,
    ...(href === undefined ? {} : { href }),
    mark: `series-${rank + 1}`,
    total,
    indexes: [index],
  }));
  if (others.length === 0) return groups;
  const rest = {
    name: `Other (${sum(others.map(({ restOf }) => restOf ?? 1))})`,
    mark: "series-rest",
    total: sum(others.map(({ total }) => total)),
    indexes: others.map(({ index }) => index),
  };
  return [...groups, rest];
}

function byWeek(bars: readonly Bar[]): readonly Bar[] {
  const starts = bars.flatMap((_, index) => (index % DAYS_OF_WEEK === 0 ? [index] : []));
  return starts.flatMap((start) => {
    const week = bars.slice(start, start + DAYS_OF_WEEK);
    const [first] = week;
    const last = week.at(-1);
    return first === undefined || last === undefined ? [] : [joined(week, first, last)];
  });
}

function joined(week: readonly Bar[], first: Bar, last: Bar): Bar {
  const past = week.flatMap(({ values }) => (values === null ? [] : [values]));
  const known = week.flatMap(({ previous }) => (previous === null ? [] : [previous]));
  return {
    from: first.from,
    to: last.to,
    values:
      first.values === null
        ? null
        : first.values.map((_, index) => sum(past.map((values) => values[index] ?? 0))),
    total: sum(week.map(({ total }) => total)),
    // A sum of some of its days would pass for the week's.
    previous: known.length === week.length ? sum(known) : null,
  };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
