/**
 * The frame of a chart: an SVG without a viewBox. What is across is in percent, what is up and text is in pixels,
 * so it fills any width and its labels keep their size on a phone. The room for the labels of the y axis is the
 * SVG's padding, by class (charts.css).
 */
import { scaleLinear } from "d3-scale";
import type { Child } from "hono/jsx";
import type { Format } from "../format.ts";

export const CHART_HEIGHT = 260;
const TOP = 12;
const BASE = CHART_HEIGHT - 26;
const LABEL_Y = CHART_HEIGHT - 6;
const TICKS_Y = 4;
/** Labels of the x axis; every second one is left out in a narrow box. */
const TICKS_X = 8;
/** Beyond this percentage a centred label would be cut off. */
const LABEL_END = 93;

/** Where an amount is drawn: pixels from the top. */
export interface VerticalScale {
  readonly y: (credits: number) => number;
  readonly ticks: readonly number[];
  readonly base: number;
}

/** A scale from 0 to a round number at or above `top`. */
export function verticalScale(top: number): VerticalScale {
  const scale = scaleLinear()
    .domain([0, top > 0 ? top : 1])
    .range([BASE, TOP])
    .nice(TICKS_Y);
  return { y: (credits) => round(scale(credits)), ticks: scale.ticks(TICKS_Y), base: BASE };
}

/** A label of the x axis under the middle of its place, in percent. */
export interface AxisLabel {
  readonly x: number;
  readonly text: string;
  /** Left out in a narrow box. */
  readonly minor: boolean;
}

/** At most 8 labels, evenly apart, for places that share the width evenly. */
export function axisLabels(texts: readonly string[]): readonly AxisLabel[] {
  const step = Math.ceil(texts.length / TICKS_X);
  const crowded = texts.length > TICKS_X / 2;
  return texts.flatMap((text, index) => {
    if (index % step !== 0) return [];
    return [{ x: ((index + 0.5) / texts.length) * 100, text, minor: crowded && (index / step) % 2 === 1 }];
  });
}

export interface FrameProps {
  /** The SVG's name and description for those who do not see it. */
  readonly title: string;
  readonly description: string;
  readonly scale: VerticalScale;
  readonly labels: readonly AxisLabel[];
  readonly format: Format;
  readonly children?: Child;
}

/** Grid, axes and their labels around what is drawn. */
export function Frame({ title, description, scale, labels, format, children }: FrameProps) {
  const amounts = scale.ticks.map((tick) => ({ y: scale.y(tick), text: format.compact(tick) }));
  return (
    <svg role="img" class={`chart-svg ${axisRoom(amounts)}`} width="100%" height={CHART_HEIGHT}>
      <title>{title}</title>
      <desc>{description}</desc>
      {amounts.map(({ y, text }) => (
        <>
          <line class={y === scale.base ? "axis-line" : "grid"} x1="0" x2="100%" y1={y} y2={y} />
          <text class="axis" x="-8" y={y} dy="0.32em" text-anchor="end">
            {text}
          </text>
        </>
      ))}
      {labels.map(({ x, text, minor }) => (
        <text
          class={minor ? "axis axis-minor" : "axis"}
          x={x > LABEL_END ? "100%" : percent(x)}
          y={LABEL_Y}
          text-anchor={x > LABEL_END ? "end" : "middle"}
        >
          {text}
        </text>
      ))}
      {children}
    </svg>
  );
}

/** How much room the labels of the y axis need, in the steps that charts.css knows. */
function axisRoom(labels: readonly { readonly text: string }[]): string {
  const longest = Math.max(...labels.map(({ text }) => text.length));
  if (longest <= 4) return "axis-room-s";
  return longest <= 7 ? "axis-room-m" : "axis-room-l";
}

/** What is drawn by paths, which know no percent: 100 units across, stretched to the width; y in pixels. */
export function Stretched({ children }: { readonly children?: Child }) {
  return (
    <svg
      width="100%"
      height={CHART_HEIGHT}
      viewBox={`0 0 100 ${CHART_HEIGHT}`}
      preserveAspectRatio="none"
      overflow="visible"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** A place or a width across, as the attribute's text. */
export function percent(value: number): string {
  return `${round(value)}%`;
}

/** To hundredths: more digits only make the page longer. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
