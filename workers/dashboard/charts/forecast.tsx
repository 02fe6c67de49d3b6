/** The running period: use until now and where it will probably go until the reset (rules, 10.6). */
import { area, line } from "d3-shape";
import { addDays, dayCount } from "../../../shared/reports/days.ts";
import { ChartFigure, type ChartTable, EmptyChart, Legend, type LegendItem } from "./figure.tsx";
import { axisLabels, Frame, percent, Stretched, type VerticalScale, verticalScale } from "./frame.tsx";
import { HitArea } from "./marks.tsx";
import type { ForecastChartProps } from "./props.ts";

/** A maximum further away than this many times of everything else is told, not drawn. */
const MAXIMUM_FACTOR = 2;
/** Labels closer than this stand on both sides of their lines: pixels. */
const LABEL_GAP = 18;

/** Where the chart's places are: each day takes the same width; a day's use stands at its end. */
interface Plot {
  readonly days: readonly string[];
  readonly scale: VerticalScale;
  /** Percent. */
  readonly endOf: (day: string) => number;
  readonly nowX: number;
  readonly used: number;
  /** Null where it is not drawn. */
  readonly maximum: number | null;
}

/** Lines of use and forecast, the forecast's range, limit and maximum, and the days as a table. */
export function ForecastChart(props: ForecastChartProps) {
  const { title, format, projected } = props;
  const plot = plotOf(props);
  if (plot === null) return <EmptyChart title={title} text="The period has just begun." />;
  return (
    <ChartFigure title={title} table={tableOf(props, plot)}>
      <Frame
        title={title}
        description={descriptionOf(props, plot)}
        scale={plot.scale}
        labels={axisLabels(plot.days.map(format.monthDay))}
        format={format}
      >
        <Course props={props} plot={plot} />
        <Bounds props={props} plot={plot} />
        <circle class="now" cx={percent(plot.nowX)} cy={plot.scale.y(plot.used)} r="4" />
        <Exhaustion props={props} plot={plot} />
        <Pointers props={props} plot={plot} />
      </Frame>
      <Legend items={legendOf(props, plot, projected.at(-1)?.expected)} />
    </ChartFigure>
  );
}

interface LayerProps {
  readonly props: ForecastChartProps;
  readonly plot: Plot;
}

function plotOf({ actual, projected, limit, maximum, todayShare = 0.5 }: ForecastChartProps): Plot | null {
  const [first] = actual;
  const today = actual.at(-1);
  if (first === undefined || today === undefined) return null;
  const last = projected.at(-1)?.day ?? today.day;
  const daysTo = (day: string) => dayCount({ from: first.day, to: day });
  const count = Math.max(daysTo(last), daysTo(today.day));
  const width = 100 / count;
  const highest = Math.max(limit, ...actual.map(({ used }) => used), ...projected.map(({ high }) => high));
  const drawn = maximum !== null && maximum <= MAXIMUM_FACTOR * highest ? maximum : null;
  return {
    days: Array.from({ length: count }, (_, index) => addDays(first.day, index)),
    scale: verticalScale(Math.max(highest, drawn ?? 0)),
    endOf: (day) => daysTo(day) * width,
    nowX: (daysTo(today.day) - 1 + todayShare) * width,
    used: today.used,
    maximum: drawn,
  };
}

function Course({ props: { actual, projected }, plot: { scale, endOf, nowX, used } }: LayerProps) {
  const known = actual.map(({ day, used: credits }, index): [number, number] => [
    index === actual.length - 1 ? nowX : endOf(day),
    scale.y(credits),
  ]);
  const past = line().digits(2)([[0, scale.base], ...known]);
  const now = { x: nowX, low: used, expected: used, high: used };
  const ahead = [now, ...projected.map(({ day, ...range }) => ({ x: endOf(day), ...range }))];
  const range = area<(typeof ahead)[number]>()
    .x(({ x }) => x)
    .y0(({ low }) => scale.y(low))
    .y1(({ high }) => scale.y(high))
    .digits(2)(ahead);
  const expected = line<(typeof ahead)[number]>()
    .x(({ x }) => x)
    .y((point) => scale.y(point.expected))
    .digits(2)(ahead);
  return (
    <Stretched>
      {projected.length === 0 ? null : (
        <>
          <path class="forecast-range" d={range ?? ""} />
          <path class="forecast" d={expected ?? ""} fill="none" vector-effect="non-scaling-stroke" />
        </>
      )}
      <path class="actual-area" d={area().y0(scale.base).digits(2)([[0, scale.base], ...known]) ?? ""} />
      <path class="actual" d={past ?? ""} fill="none" vector-effect="non-scaling-stroke" />
    </Stretched>
  );
}

/** Limit and maximum from edge to edge, named at the left, where use is still low. */
function Bounds({ props: { limit, format }, plot: { scale, maximum } }: LayerProps) {
  const limitY = scale.y(limit);
  const maximumY = maximum === null ? null : scale.y(maximum);
  const crowded = maximumY !== null && Math.abs(maximumY - limitY) < LABEL_GAP;
  const same = maximum === limit;
  // The upper of the two is named above its line, the lower one below it when they are close.
  const limitBelow = crowded && !same && maximum !== null && maximum > limit;
  const maximumBelow = crowded && maximum !== null && maximum < limit;
  return (
    <>
      <Bound
        mark="limit"
        y={limitY}
        below={limitBelow}
        text={`${same ? "Limit and maximum" : "Limit"} ${format.credits(limit)}`}
      />
      {maximum === null || maximumY === null || same ? null : (
        <Bound mark="maximum" y={maximumY} below={maximumBelow} text={`Maximum ${format.credits(maximum)}`} />
      )}
    </>
  );
}

interface BoundProps {
  readonly mark: "limit" | "maximum";
  readonly y: number;
  readonly below: boolean;
  readonly text: string;
}

function Bound({ mark, y, below, text }: BoundProps) {
  return (
    <>
      <line class={mark} x1="0" x2="100%" y1={y} y2={y} />
      <text class="axis bound-label" x="4" y={below ? y + 14 : y - 5}>
        {text}
      </text>
    </>
  );
}

function Exhaustion({ props: { exhaustedOn, limit, format }, plot: { scale, endOf } }: LayerProps) {
  if (exhaustedOn === undefined || exhaustedOn === null) return null;
  return (
    <circle class="exhaustion" cx={percent(endOf(exhaustedOn))} cy={scale.y(limit)} r="4.5">
      <title>{`Limit probably reached on ${format.day(exhaustedOn)}`}</title>
    </circle>
  );
}

/** A place per day to point at, with its figures. */
function Pointers({ props, plot }: LayerProps) {
  const width = 100 / plot.days.length;
  return (
    <g>
      {rowsOf(props, plot).map(({ day, text }, index) => (
        <g class="chart-bar">
          <HitArea x={index * width} width={width} title={`${props.format.day(day)}\n${text}`} />
        </g>
      ))}
    </g>
  );
}

function rowsOf({ actual, projected, format }: ForecastChartProps, { days }: Plot) {
  const usedBy = new Map(actual.map(({ day, used }) => [day, used]));
  const projectedBy = new Map(projected.map((one) => [one.day, one]));
  const credits = (value: number | undefined) => (value === undefined ? "–" : format.credits(value));
  return days.map((day) => {
    const ahead = projectedBy.get(day);
    const used = credits(usedBy.get(day));
    const expected = credits(ahead?.expected);
    const range = ahead === undefined ? "–" : `${credits(ahead.low)} to ${credits(ahead.high)}`;
    const text = [
      ...(usedBy.has(day) ? [`Used: ${used}`] : []),
      ...(ahead === undefined ? [] : [`Expected at the end of the day: ${expected} (${range})`]),
    ].join("\n");
    return { day, text, cells: [used, expected, range] };
  });
}

function tableOf(props: ForecastChartProps, plot: Plot): ChartTable {
  return {
    columns: ["Day", "Used so far", "Expected", "Likely range"],
    rows: rowsOf(props, plot).map(({ day, cells }) => ({ header: props.format.day(day), cells })),
  };
}

function descriptionOf({ projected, limit, maximum, exhaustedOn, format }: ForecastChartProps, plot: Plot) {
  const last = projected.at(-1);
  const ahead =
    last === undefined
      ? ""
      : ` Expected at the reset: ${format.credits(last.expected)}, ` +
        `probably between ${format.credits(last.low)} and ${format.credits(last.high)}.`;
  const reached = exhaustedOn ? ` The limit is probably reached on ${format.day(exhaustedOn)}.` : "";
  const highest = maximum === null ? "" : ` Maximum: ${format.credits(maximum)}.`;
  return `Used so far: ${format.credits(plot.used)}. Limit: ${format.credits(limit)}.${highest}${ahead}${reached}`;
}

function legendOf(
  { maximum, exhaustedOn, format }: ForecastChartProps,
  plot: Plot,
  expected: number | undefined,
): readonly LegendItem[] {
  return [
    { mark: "actual", kind: "line", name: "Used so far", text: format.credits(plot.used) },
    ...(expected === undefined
      ? []
      : ([
          { mark: "forecast", kind: "dashed", name: "Expected at the reset", text: format.credits(expected) },
          { mark: "forecast-range", kind: "area", name: "Likely range" },
        ] as const)),
    ...(exhaustedOn
      ? ([
          { mark: "limit", kind: "line", name: "Limit reached", text: format.monthDay(exhaustedOn) },
        ] as const)
      : []),
    ...(maximum === null || plot.maximum !== null
      ? []
      : ([{ mark: "maximum", kind: "line", name: "Maximum", text: format.credits(maximum) }] as const)),
  ];
}
