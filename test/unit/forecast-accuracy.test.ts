/** The forecast against "the same pace as so far", on usage of several shapes and on a real trace (rules, 10.6). */
import { describe, expect, test } from "vitest";
import { addDays } from "../../shared/reports/days.ts";
import { forecast } from "../../shared/reports/forecast.ts";
import { LLM_TRACE_SHARES } from "./llm-trace.ts";
import { type Shape, usageOf } from "./usage-shapes.ts";

const CREDIT = 1_000_000;
const SUNDAY = "2026-02-01";
/** Parts of the period that have passed when the forecast is made. */
const MOMENTS = [0.1, 0.25, 0.5, 0.75];
/** Days that are known before the period. */
const HISTORIES = [0, 14, 30, 60, 90];
const SEEDS = 24;

/** Credits per day from the first that is known; the period begins `history` days in and lasts to the end. */
interface Series {
  readonly credits: readonly number[];
  readonly history: number;
  readonly weekday: number;
}

/** Errors and width as parts of what was used in the end. */
interface Attempt {
  readonly error: number;
  readonly naiveError: number;
  readonly width: number;
  readonly isWithin: boolean;
}

function attempt({ credits, history, weekday }: Series, passed: number): Attempt {
  const length = credits.length - history;
  const whole = Math.floor(length * passed);
  const partOfToday = length * passed - whole;
  const first = addDays(SUNDAY, weekday);
  const days = credits.slice(0, history + whole + 1).map((amount, index) => ({
    day: addDays(first, index),
    creditsMicros: Math.round(amount * CREDIT * (index === history + whole ? partOfToday : 1)),
  }));
  const usedMicros = days.slice(history).reduce((sum, { creditsMicros }) => sum + creditsMicros, 0);
  const truth = credits.slice(history).reduce((sum, amount) => sum + Math.round(amount * CREDIT), 0);
  const { projected } = forecast({
    periodStart: addDays(first, history),
    resetDay: addDays(first, credits.length),
    now: { day: addDays(first, history + whole), passed: partOfToday },
    knownSince: { day: first, passed: 0 },
    days,
    usedMicros,
    limitMicros: truth,
  });
  return {
    error: Math.abs(projected.expectedMicros - truth) / truth,
    naiveError: Math.abs(usedMicros / passed - truth) / truth,
    width: (projected.highMicros - projected.lowMicros) / truth,
    isWithin: projected.lowMicros <= truth && truth <= projected.highMicros,
  };
}

function seriesOf(shape: Shape): readonly Series[] {
  return HISTORIES.flatMap((history) =>
    Array.from({ length: SEEDS }, (_, index) => {
      const seed = 1000 * history + index + 1;
      const [weekday, length] = [seed % 7, 28 + (index % 4)];
      return { credits: usageOf(shape, seed, history + length, weekday), history, weekday };
    }),
  );
}

/** The trace as 90 days: periods of 30 days from each possible day on, with what was before as history. */
const traceSeries: readonly Series[] = Array.from({ length: LLM_TRACE_SHARES.length - 29 }, (_, history) => ({
  credits: LLM_TRACE_SHARES.slice(0, history + 30),
  history,
  weekday: 0,
}));

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function score(series: readonly Series[]) {
  const attempts = series.flatMap((one) => MOMENTS.map((passed) => attempt(one, passed)));
  return {
    error: meanOf(attempts.map(({ error }) => error)),
    naiveError: meanOf(attempts.map(({ naiveError }) => naiveError)),
    width: meanOf(attempts.map(({ width }) => width)),
    within: meanOf(attempts.map(({ isWithin }) => (isWithin ? 1 : 0))),
  };
}

/**
 * The mean error is at most this part of the naive one; the range, which is to hold 80 % of what happens, holds at least
 * this part, and is on average no wider than so much of the use.
 */
const EXPECTED: Readonly<Record<Shape | "trace", { ratio: number; within: number; width: number }>> = {
  steady: { ratio: 0.9, within: 0.8, width: 0.5 },
  weekly: { ratio: 0.7, within: 0.8, width: 0.5 },
  growth: { ratio: 0.9, within: 0.7, width: 0.5 },
  bursts: { ratio: 1, within: 0.7, width: 2.5 },
  step: { ratio: 1, within: 0.65, width: 0.8 },
  trace: { ratio: 1, within: 0.55, width: 0.6 },
};

describe("a forecast is better than the same pace as so far", () => {
  test.each(Object.entries(EXPECTED))(
    "for %s usage",
    { timeout: 60_000 },
    (name, { ratio, within, width }) => {
      const scored = score(name === "trace" ? traceSeries : seriesOf(name as Shape));
      expect(scored.naiveError).toBeGreaterThan(0);
      expect(scored.error / scored.naiveError).toBeLessThanOrEqual(ratio);
      expect(scored.within).toBeGreaterThanOrEqual(within);
      expect(scored.width).toBeLessThanOrEqual(width);
    },
  );

  test("and hardly worse for an account without history, of any shape", { timeout: 60_000 }, () => {
    for (const shape of ["steady", "weekly", "growth", "bursts", "step"] as const) {
      const { error, naiveError } = score(seriesOf(shape).filter(({ history }) => history === 0));
      expect(error / naiveError).toBeLessThan(1.05);
    }
  });
});
