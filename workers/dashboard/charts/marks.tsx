/** What bars have in common: where they are pointed at, and the period before. */
import { line } from "d3-shape";
import { percent, Stretched, type VerticalScale } from "./frame.tsx";

/** Up to a month each bar has a tick of its own, beyond that the ticks would run together: a line. */
const TICKS_MAX = 31;

/** The share of its place that a bar takes; few bars would be as wide as doors, so at most this of the whole. */
const BAR_SHARE = 0.72;
const BAR_WIDTH_MAX = 8;

/** Where the bar of a place is drawn, in percent, when `count` places share the width. */
export function barPlace(index: number, count: number) {
  const place = 100 / count;
  const width = Math.min(place * BAR_SHARE, BAR_WIDTH_MAX);
  return { x: index * place + (place - width) / 2, width, place: { x: index * place, width: place } };
}

interface HitAreaProps {
  readonly x: number;
  readonly width: number;
  readonly title: string;
}

/** The whole height above a place, so that a small bar can be pointed at too. */
export function HitArea({ x, width, title }: HitAreaProps) {
  return (
    <rect class="hit" x={percent(x)} width={percent(width)} y="0" height="100%">
      <title>{title}</title>
    </rect>
  );
}

interface PreviousMarksProps {
  /** One per place, evenly apart; null where there is none. */
  readonly values: readonly (number | null)[];
  readonly scale: VerticalScale;
}

/** The period before: a tick across each bar, or a line over many. */
export function PreviousMarks({ values, scale }: PreviousMarksProps) {
  const width = 100 / values.length;
  const tick = Math.min(width * 0.88, BAR_WIDTH_MAX * 1.2);
  if (values.length > TICKS_MAX) {
    const path = line<number | null>()
      .defined((value) => value !== null)
      .x((_, index) => (index + 0.5) * width)
      .y((value) => scale.y(value ?? 0))
      .digits(2)(values);
    return (
      <Stretched>
        <path class="previous" d={path ?? ""} fill="none" vector-effect="non-scaling-stroke" />
      </Stretched>
    );
  }
  return (
    <g>
      {values.map((value, index) =>
        value === null ? null : (
          <line
            class="previous"
            x1={percent((index + 0.5) * width - tick / 2)}
            x2={percent((index + 0.5) * width + tick / 2)}
            y1={scale.y(value)}
            y2={scale.y(value)}
          />
        ),
      )}
    </g>
  );
}
