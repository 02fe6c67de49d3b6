/** Used of limit as a bar: used, overage and held, with marks for limit, maximum and thresholds (rules, 10.1). */
import { Legend, type LegendItem } from "./figure.tsx";
import { percent } from "./frame.tsx";
import type { UsageBarProps } from "./props.ts";

const BAR_Y = 22;
const BAR_HEIGHT = 18;
const BASE = BAR_Y + BAR_HEIGHT;
const LIMIT_LABEL_Y = 13;
const MAXIMUM_LABEL_Y = BASE + 20;
const HEIGHT = BASE + 4;
const HEIGHT_WITH_MAXIMUM = MAXIMUM_LABEL_Y + 4;
/** A maximum further away than this many limits would press everything else to the left edge. */
const MAXIMUM_FACTOR = 2;
/** From here on a label stands left of its mark: percent. */
const LABEL_TURNS = 50;

/** Where things stand on the bar. */
interface BarScale {
  /** Percent of the width. */
  readonly at: (credits: number) => number;
  /** Null where it is too far away to be drawn, or there is none. */
  readonly maximum: number | null;
}

/** The bar reaches to the largest of limit, a maximum of up to twice the limit, and used plus held. */
function barScale({ used, held = 0, limit, maximum }: UsageBarProps): BarScale {
  const near = maximum !== null && maximum <= MAXIMUM_FACTOR * limit ? maximum : 0;
  const end = Math.max(limit, near, used + held) || 1;
  return {
    at: (credits) => (Math.max(0, credits) / end) * 100,
    maximum: maximum !== null && maximum <= end ? maximum : null,
  };
}

/** The bar with labels at its marks, and the figures as text below. */
export function UsageBar(props: UsageBarProps) {
  const { label = "Credits used", used, held = 0, limit, thresholdPercents = [], format } = props;
  const { at, maximum } = barScale(props);
  const within = Math.min(used, limit);
  const figures = figuresOf(props, maximum !== null);
  const same = maximum === limit;
  const lower = maximum !== null && !same;
  return (
    <div class="usage-bar">
      <svg role="img" class="usage-bar-svg" width="100%" height={lower ? HEIGHT_WITH_MAXIMUM : HEIGHT}>
        <title>{`${label}: ${format.credits(used)} of ${format.credits(limit)}`}</title>
        <desc>{figures.map(({ name, text }) => `${name}: ${text}`).join("; ")}</desc>
        <rect class="usage-track" y={BAR_Y} width="100%" height={BAR_HEIGHT} rx="4" />
        <Part mark="used" from={0} to={at(within)} />
        <Part mark="overage" from={at(within)} to={at(used)} />
        <Part mark="held" from={at(used)} to={at(used + held)} />
        {thresholdPercents.map((threshold) => (
          <Line mark="threshold" x={at((limit * threshold) / 100)} from={BASE - 5} to={BASE} />
        ))}
        <Line mark="limit" x={at(limit)} from={BAR_Y - 5} to={BASE} />
        <Label
          x={at(limit)}
          y={LIMIT_LABEL_Y}
          text={`${same ? "Limit and maximum" : "Limit"} ${format.credits(limit)}`}
        />
        {lower ? (
          <>
            <Line mark="maximum" x={at(maximum)} from={BAR_Y} to={BASE + 5} />
            <Label x={at(maximum)} y={MAXIMUM_LABEL_Y} text={`Maximum ${format.credits(maximum)}`} />
          </>
        ) : null}
      </svg>
      <Legend items={figures} />
    </div>
  );
}

function figuresOf(props: UsageBarProps, drawsMaximum: boolean): readonly LegendItem[] {
  const { used, held = 0, limit, maximum, format } = props;
  const figure = (mark: string, name: string, credits: number): LegendItem => ({
    mark,
    kind: mark === "maximum" ? "line" : "area",
    name,
    text: format.credits(credits),
  });
  return [
    figure("used", "Used", used),
    ...(used > limit ? [figure("overage", "Of it above the limit", used - limit)] : []),
    ...(held > 0 ? [figure("held", "Held", held)] : []),
    figure("usage-track", "Remaining", Math.max(0, limit - used - held)),
    ...(maximum === null || drawsMaximum ? [] : [figure("maximum", "Maximum", maximum)]),
  ];
}

interface PartProps {
  readonly mark: string;
  readonly from: number;
  readonly to: number;
}

function Part({ mark, from, to }: PartProps) {
  if (to <= from) return null;
  return (
    <rect class={mark} x={percent(from)} width={percent(to - from)} y={BAR_Y} height={BAR_HEIGHT} rx="4" />
  );
}

interface LineProps {
  readonly mark: string;
  readonly x: number;
  /** Pixels from the top. */
  readonly from: number;
  readonly to: number;
}

function Line({ mark, x, from, to }: LineProps) {
  return <line class={mark} x1={percent(x)} x2={percent(x)} y1={from} y2={to} />;
}

function Label({ x, y, text }: { readonly x: number; readonly y: number; readonly text: string }) {
  return (
    <text class="axis" x={percent(x)} y={y} text-anchor={x > LABEL_TURNS ? "end" : "start"}>
      {text}
    </text>
  );
}
