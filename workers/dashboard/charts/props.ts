/**
 * What the charts are given: plain data, made from the API's answers. Credits are numbers of credits as the API
 * answers them, only for drawing; days are local days such as "2026-11-07".
 */
import type { Format } from "../format.ts";

/** What is common to charts that are figures of their own: a heading above, a table of the same figures below. */
interface FigureProps {
  /** The figure's caption, such as "Credits by day". */
  readonly title: string;
  readonly format: Format;
}

/** A feature in a stacked chart. */
export interface ChartSeries {
  readonly name: string;
  /** The feature's page. */
  readonly href?: string;
  /** Set where this series is what a report's `top` left out: how many features it stands for. */
  readonly restOf?: number;
}

export interface ChartDay {
  readonly day: string;
  /** Credits of each series, in the order of the series; empty for a day that is still to come. */
  readonly values: readonly number[];
}

/** Use by day, stacked by feature: at most 8 colours; from 9 series on the top 7 and "Other". */
export interface UsageByDayChartProps extends FigureProps {
  /** 1 to 366 days without gaps; above 92 they are drawn and listed by week. */
  readonly days: readonly ChartDay[];
  readonly series: readonly ChartSeries[];
  /** The whole use of the same day of the period before; null where there is none. May be empty. */
  readonly previous: readonly (number | null)[];
  /** What `previous` is; "Previous period" when left out. */
  readonly previousLabel?: string;
}

/** A day of a forecast: use since the period's start as of the end of the day (the API's `days`). */
export interface ProjectedDay {
  readonly day: string;
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** Use since the period's start as of the end of a day; of today's day: until now. */
export interface CumulativeDay {
  readonly day: string;
  readonly used: number;
}

export interface ForecastChartProps extends FigureProps {
  /** From the period's first day to today, see `cumulativeUse`. The last one is today. */
  readonly actual: readonly CumulativeDay[];
  /** From today to the period's last day, as the API's forecast answers them; may be empty. */
  readonly projected: readonly ProjectedDay[];
  readonly limit: number;
  readonly maximum: number | null;
  /** The local day on which expected use reaches the limit; null or left out: not before the reset. */
  readonly exhaustedOn?: string | null;
  /** How much of today has passed, 0 to 1; 0.5 when left out. */
  readonly todayShare?: number;
}

/** The used-of-limit bar, with its figures as text below. */
export interface UsageBarProps {
  /** What the bar is of, for those who do not see it; "Credits used" when left out. */
  readonly label?: string;
  readonly used: number;
  /** Reserved by open holds; 0 when left out. */
  readonly held?: number;
  readonly limit: number;
  /** The account's maximum; null where it has none. */
  readonly maximum: number | null;
  /** Percentages of the limit at which notices are sent, drawn as small ticks, such as [75, 85, 90]. */
  readonly thresholdPercents?: readonly number[];
  readonly format: Format;
}

/** A share in a table's row; hidden from assistive technology, the caller gives the percentage as text. */
export interface ShareBarProps {
  /** Percent, 0 to 100, as the API's `sharePercent`; null draws an empty bar. */
  readonly percent: number | string | null;
}

export interface TrendPoint {
  /** Short, for the axis: "Nov 7", "Nov 2026". */
  readonly label: string;
  /** In full, for the tooltip and the table; the label when left out. */
  readonly title?: string;
  /** Null: still to come, or unknown. */
  readonly value: number | null;
  /** The same day or period before; left out or null: there is none. */
  readonly previous?: number | null;
}

/** One series by day or by period, as bars. */
export interface TrendChartProps extends FigureProps {
  readonly points: readonly TrendPoint[];
  /** What the bars are; "Credits" when left out. */
  readonly name?: string;
  readonly previousLabel?: string;
  /** What the first column of the table holds; "Day" when left out. */
  readonly pointLabel?: string;
}
