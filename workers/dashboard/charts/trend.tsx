/** One series by day or by period, as bars, with the period before to compare. */
import { ChartFigure, EmptyChart, Legend } from "./figure.tsx";
import { axisLabels, Frame, percent, round, verticalScale } from "./frame.tsx";
import { barPlace, HitArea, PreviousMarks } from "./marks.tsx";
import type { TrendChartProps, TrendPoint } from "./props.ts";

const BAR_HEIGHT_MIN = 1.5;

/** Bars of one series and the figures as a table. */
export function TrendChart(props: TrendChartProps) {
  const { title, points, format, name = "Credits", previousLabel = "Previous period" } = props;
  const top = Math.max(0, ...points.flatMap(({ value, previous }) => [value ?? 0, previous ?? 0]));
  if (top === 0) return <EmptyChart title={title} text="No credits were used in this time." />;
  const scale = verticalScale(top);
  const compared = points.some(({ previous }) => isKnown(previous));
  return (
    <ChartFigure title={title} table={tableOf(props, compared)}>
      <Frame
        title={title}
        description={descriptionOf(props)}
        scale={scale}
        labels={axisLabels(points.map(({ label }) => label))}
        format={format}
      >
        {points.map((point, index) => {
          const text = pointText(point, props);
          const { x, width, place } = barPlace(index, points.length);
          const height = Math.max(scale.base - scale.y(point.value ?? 0), BAR_HEIGHT_MIN);
          return (
            <g class="chart-bar">
              <HitArea {...place} title={text} />
              {(point.value ?? 0) > 0 ? (
                <rect
                  class="segment series-1"
                  x={percent(x)}
                  width={percent(width)}
                  y={round(scale.base - height)}
                  height={round(height)}
                >
                  <title>{text}</title>
                </rect>
              ) : null}
            </g>
          );
        })}
        <PreviousMarks values={points.map(({ previous }) => previous ?? null)} scale={scale} />
      </Frame>
      {compared ? (
        <Legend
          items={[
            { mark: "series-1", kind: "area", name },
            { mark: "previous", kind: "line", name: previousLabel },
          ]}
        />
      ) : null}
    </ChartFigure>
  );
}

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

function pointText(point: TrendPoint, props: TrendChartProps): string {
  const { format, name = "Credits", previousLabel = "Previous period" } = props;
  const { label, title = label, value, previous } = point;
  const now = value === null ? "" : `\n${name}: ${format.credits(value)}`;
  const before = isKnown(previous) ? `\n${previousLabel}: ${format.credits(previous)}` : "";
  return `${title}${now}${before}`;
}

function descriptionOf({ points, format }: TrendChartProps): string {
  const known = points.flatMap(({ label, title = label, value }) =>
    value === null ? [] : [{ title, value }],
  );
  const highest = known.toSorted((a, b) => b.value - a.value)[0];
  const last = known.at(-1);
  if (highest === undefined || last === undefined) return "";
  return (
    `Latest: ${last.title} with ${format.credits(last.value)}. ` +
    `Highest: ${highest.title} with ${format.credits(highest.value)}.`
  );
}

function tableOf(props: TrendChartProps, compared: boolean) {
  const { points, format, name = "Credits", previousLabel = "Previous period", pointLabel = "Day" } = props;
  const cell = (value: number | null | undefined) => (isKnown(value) ? format.credits(value) : "–");
  return {
    columns: [pointLabel, name, ...(compared ? [previousLabel] : [])],
    rows: points.map(({ label, title = label, value, previous }) => ({
      header: title,
      cells: [cell(value), ...(compared ? [cell(previous)] : [])],
    })),
  };
}
