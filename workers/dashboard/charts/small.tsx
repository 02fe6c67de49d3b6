/** Drawings beside a figure or in a row of a table; they say nothing that the text beside them does not. */
import { area, line } from "d3-shape";
import { percent, round } from "./frame.tsx";
import type { ShareBarProps, SparklineProps } from "./props.ts";

const WIDTH = 96;
const HEIGHT = 28;
/** Room for the line's width and the dot at its end. */
const EDGE = 3;

/** The course of a few values as a line, ending in a dot; from 0, so that small changes look small. */
export function Sparkline({ values }: SparklineProps) {
  const top = Math.max(...values, 0);
  const base = HEIGHT - EDGE;
  const step = (WIDTH - 2 * EDGE) / Math.max(1, values.length - 1);
  const points = values.map((value, index): [number, number] => {
    const height = top === 0 ? 0 : (Math.max(0, value) / top) * (HEIGHT - 2 * EDGE);
    return [EDGE + index * step, base - height];
  });
  const last = points.at(-1);
  if (last === undefined) return <svg class="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true" />;
  return (
    <svg
      class="sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
    >
      <path class="sparkline-area" d={area().y0(base).digits(1)(points) ?? ""} />
      <path class="sparkline-line" d={line().digits(1)(points) ?? ""} fill="none" />
      <circle class="sparkline-end" cx={round(last[0])} cy={round(last[1])} r="2.5" />
    </svg>
  );
}

/** A share of the whole as a thin bar that fills its cell. */
export function ShareBar({ percent: share }: ShareBarProps) {
  const filled = Math.min(100, Math.max(0, Number(share ?? 0)));
  return (
    <svg class="share-bar" width="100%" height="6" aria-hidden="true">
      <rect class="share-track" width="100%" height="6" rx="3" />
      {filled > 0 ? <rect class="share-fill" width={percent(filled)} height="6" rx="3" /> : null}
    </svg>
  );
}
