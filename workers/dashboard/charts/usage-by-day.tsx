/** Use by day, stacked by feature, with the period before to compare (rules, 10.2). */
import { type Bar, type Bars, barsOf, type DrawnSeries, sum } from "./buckets.ts";
import { ChartFigure, type ChartTable, EmptyChart, Legend, type LegendItem } from "./figure.tsx";
import { axisLabels, Frame, percent, round, type VerticalScale, verticalScale } from "./frame.tsx";
import { barPlace, HitArea, PreviousMarks } from "./marks.tsx";
import type { UsageByDayChartProps } from "./props.ts";

/** Some use is never drawn as none: pixels. */
const BAR_HEIGHT_MIN = 1.5;

/** Stacked bars, a legend with each feature's total, and the figures as a table. */
export function UsageByDayChart(props: UsageByDayChartProps) {
  const { title, format, days, previousLabel = "Previous period" } = props;
  const bars = barsOf(props);
  const top = Math.max(0, ...bars.bars.flatMap(({ total, previous }) => [total, previous ?? 0]));
  if (top === 0) return <EmptyChart title={title} text="No credits were used in this time." />;
  const scale = verticalScale(top);
  return (
    <ChartFigure title={title} table={tableOf(bars, props)}>
      <Frame
        title={title}
        description={descriptionOf(bars, props)}
        scale={scale}
        labels={axisLabels(bars.bars.map(({ from }) => format.monthDay(from)))}
        format={format}
      >
        {bars.bars.map((bar, index) => (
          <StackedBar bar={bar} index={index} bars={bars} scale={scale} props={props} />
        ))}
        <PreviousMarks values={bars.bars.map(({ previous }) => previous)} scale={scale} />
      </Frame>
      <Legend items={legendOf(bars, props, previousLabel, days.length)} />
    </ChartFigure>
  );
}

interface StackedBarProps {
  readonly bar: Bar;
  readonly index: number;
  readonly bars: Bars;
  readonly scale: VerticalScale;
  readonly props: UsageByDayChartProps;
}

function StackedBar({ bar, index, bars, scale, props }: StackedBarProps) {
  const { x, width, place } = barPlace(index, bars.bars.length);
  const { format, previousLabel = "Previous period" } = props;
  const days = daysText(bar, props);
  const before =
    bar.previous === null ? "" : `, ${previousLabel.toLowerCase()} ${format.credits(bar.previous)}`;
  return (
    <g class="chart-bar">
      <HitArea
        {...place}
        title={bar.values === null ? days : `${days}: ${format.credits(bar.total)} credits${before}`}
      />
      {segmentsOf(bar, bars.series, scale).map(({ series, value, y, height }) => (
        <rect class={`segment ${series.mark}`} x={percent(x)} width={percent(width)} y={y} height={height}>
          <title>{`${days}\n${series.name}\n${format.credits(value)} credits`}</title>
        </rect>
      ))}
    </g>
  );
}

/** The pieces of a bar from the base up: pixels. */
function segmentsOf({ values, total }: Bar, series: readonly DrawnSeries[], { y, base }: VerticalScale) {
  const height = base - y(total);
  const stretch = height > 0 ? Math.max(1, BAR_HEIGHT_MIN / height) : 1;
  let below = 0;
  return series.flatMap((one, index) => {
    // A correction may leave a day below 0; there is nothing to draw then.
    const value = Math.max(0, values?.[index] ?? 0);
    if (value === 0) return [];
    const bottom = (base - y(below)) * stretch;
    below += value;
    const upper = (base - y(below)) * stretch;
    return [{ series: one, value, y: round(base - upper), height: round(upper - bottom) }];
  });
}

function daysText({ from, to }: Bar, { format }: UsageByDayChartProps): string {
  return from === to ? format.day(from) : format.dateRange(from, to);
}

function descriptionOf({ bars, series }: Bars, props: UsageByDayChartProps): string {
  const { format } = props;
  const [first] = bars;
  const last = bars.at(-1);
  const highest = bars.toSorted((a, b) => b.total - a.total)[0];
  if (first === undefined || last === undefined || highest === undefined) return "";
  const span = format.dateRange(first.from, last.to);
  const total = format.credits(sum(bars.map((bar) => bar.total)));
  const most =
    series[0] === undefined ? "" : ` Most by ${series[0].name}: ${format.credits(series[0].total)}.`;
  const peak = ` Highest: ${daysText(highest, props)} with ${format.credits(highest.total)}.`;
  return `${span}: ${total} credits in total.${most}${peak}`;
}

function legendOf(
  { series, bars }: Bars,
  { format }: UsageByDayChartProps,
  previousLabel: string,
  days: number,
): readonly LegendItem[] {
  const features = series.map(({ mark, name, href, total }) => ({
    mark,
    kind: "area" as const,
    name,
    href,
    text: format.credits(total),
  }));
  const previous = bars.flatMap((bar) => (bar.previous === null ? [] : [bar.previous]));
  if (previous.length === 0) return features;
  const name = days === previous.length ? previousLabel : `${previousLabel}, same days`;
  return [...features, { mark: "previous", kind: "line", name, text: format.credits(sum(previous)) }];
}

function tableOf({ bars, series, weekly }: Bars, props: UsageByDayChartProps): ChartTable {
  const { format, previousLabel = "Previous period" } = props;
  const compared = bars.some(({ previous }) => previous !== null);
  const cell = (credits: number | null) => (credits === null ? "–" : format.credits(credits));
  return {
    columns: [
      weekly ? "Week" : "Day",
      "Total",
      ...(compared ? [previousLabel] : []),
      ...series.map(({ name }) => name),
    ],
    rows: bars.map((bar) => ({
      header: daysText(bar, props),
      cells: [
        cell(bar.values === null ? null : bar.total),
        ...(compared ? [cell(bar.previous)] : []),
        ...series.map((_, index) => cell(bar.values?.[index] ?? null)),
      ],
    })),
  };
}
