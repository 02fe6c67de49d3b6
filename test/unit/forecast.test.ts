/** The forecast of a period and when it is told (rules, 6.4 and 10.6). */
import { describe, expect, test } from "vitest";
import { addDays } from "../../shared/reports/days.ts";
import type { DayTotal } from "../../shared/reports/demand-days.ts";
import { type ForecastInput, forecast, projectedToRunOut } from "../../shared/reports/forecast.ts";
import { credits } from "./fixtures.ts";

/** A Sunday. The period has 30 days. */
const START = "2026-11-01";
const RESET_DAY = "2026-12-01";

/** Credits of day after day from `first` on. */
function daily(first: string, amounts: readonly number[]): DayTotal[] {
  return amounts.map((amount, index) => ({ day: addDays(first, index), creditsMicros: credits(amount) }));
}

function repeated(count: number, amount: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => amount(index));
}

/** So many credits each day, known since 60 days before the period, at the end of the period's tenth day. */
function afterTenDays(amount: (daysBeforeReset: number) => number, more: Partial<ForecastInput> = {}) {
  const days = daily(
    addDays(START, -60),
    repeated(70, (index) => amount(90 - index)),
  );
  return forecast({
    periodStart: START,
    resetDay: RESET_DAY,
    now: { day: addDays(START, 10), passed: 0 },
    knownSince: { day: addDays(START, -60), passed: 0 },
    days,
    usedMicros: days.slice(60).reduce((sum, { creditsMicros }) => sum + creditsMicros, 0),
    limitMicros: credits(5000),
    ...more,
  });
}

/** On Sundays and Saturdays nothing, else 100. START is a Sunday and 30 days before the reset. */
function workingWeek(daysBeforeReset: number): number {
  const weekday = (30 - daysBeforeReset + 7 * 20) % 7;
  return weekday === 0 || weekday === 6 ? 0 : 100;
}

function inCredits({ lowMicros, expectedMicros, highMicros }: ReturnType<typeof forecast>["projected"]) {
  return [lowMicros, expectedMicros, highMicros].map((micros) => Math.round(micros / credits(1)));
}

function kinds(forecasted: ReturnType<typeof forecast>): readonly string[] {
  return forecasted.assumes.map(({ kind }) => kind);
}

describe("the projected use at the reset", () => {
  test("of an even use goes on as it was", () => {
    const { projected, unused, basis } = afterTenDays(() => 100);
    const [low = 0, expected, high = 0] = inCredits(projected);
    expect(expected).toBe(3000);
    expect(low).toBeGreaterThan(2500);
    expect(high).toBeLessThan(3500);
    expect(unused).toEqual({
      lowMicros: credits(5000) - projected.highMicros,
      expectedMicros: credits(2000),
      highMicros: credits(5000) - projected.lowMicros,
    });
    expect(basis).toEqual({ wholeDays: 70, confidence: "high" });
  });

  test("knows the working week", () => {
    const forecasted = afterTenDays(workingWeek);
    // 7 working days in the first ten, 14 in the twenty that are left.
    expect(inCredits(forecasted.projected)[1]).toBe(2100);
    expect(kinds(forecasted)).toContain("weekday_rhythm");
    const saturday = forecasted.path.find(({ day }) => day === "2026-11-14");
    const friday = forecasted.path.find(({ day }) => day === "2026-11-13");
    expect(saturday?.expectedMicros).toBe(friday?.expectedMicros);
  });

  test("does not take chance for a rhythm", () => {
    const noise = repeated(7, (index) => 100 + ((index * 37) % 23));
    const forecasted = afterTenDays((before) => noise[(before * 5 + Math.floor(before / 7)) % 7] ?? 0);
    expect(kinds(forecasted)).toContain("every_day_alike");
  });

  test("goes on growing for a while", () => {
    const grown = (before: number) => 100 * 2 ** ((30 - before) / 30);
    const forecasted = afterTenDays(grown);
    const pace = repeated(10, (index) => grown(30 - index)).reduce((sum, amount) => sum + amount, 0) * 3;
    const truth = repeated(30, (index) => grown(30 - index)).reduce((sum, amount) => sum + amount, 0);
    const [, expected = 0] = inCredits(forecasted.projected);
    expect(expected).toBeGreaterThan((pace + truth) / 2);
    expect(expected).toBeLessThan(truth * 1.1);
    expect(forecasted.assumes.find(({ kind }) => kind === "growth_fades")).toBeDefined();
  });

  test("is on the level since the last clear change, whatever was before", () => {
    const forecasted = afterTenDays((before) => (before > 36 ? 500 : 100));
    const [, expected = 0] = inCredits(forecasted.projected);
    expect(expected).toBeGreaterThan(2500);
    expect(expected).toBeLessThan(3300);
    expect(forecasted.assumes).toContainEqual({ kind: "level_since", day: addDays(START, -6) });
  });

  test("adds to what is used, late events included", () => {
    const sum = afterTenDays(() => 100);
    const more = afterTenDays(() => 100, { usedMicros: credits(1400) });
    expect(more.projected.expectedMicros - sum.projected.expectedMicros).toBe(credits(400));
  });

  test("leaves out days on which use was denied", () => {
    const whole = afterTenDays(() => 100);
    const days = daily(
      addDays(START, -60),
      repeated(70, (index) => (index < 50 || index > 55 ? 100 : 3)),
    );
    const cut = days.map((total, index) => ({ ...total, cutShort: index >= 50 && index <= 55 }));
    const forecasted = afterTenDays(() => 100, { days: cut });
    expect(inCredits(forecasted.projected)[1]).toBe(inCredits(whole.projected)[1]);
    expect(forecasted.assumes).toContainEqual({ kind: "days_left_out", days: 6 });
    expect(forecasted.basis.wholeDays).toBe(64);
  });

  test("rests on the days before where use was denied on all days of the period", () => {
    const days = daily(
      addDays(START, -60),
      repeated(70, (index) => (index < 60 ? 100 : 1)),
    );
    const cut = days.map((total, index) => ({ ...total, cutShort: index >= 60 }));
    const { projected } = afterTenDays(() => 100, { days: cut, usedMicros: credits(10) });
    expect(inCredits(projected)[1]).toBe(10 + 20 * 100);
  });

  test("of an account a quarter of a day old is a wide guess that says so", () => {
    const forecasted = forecast({
      periodStart: START,
      resetDay: RESET_DAY,
      now: { day: START, passed: 0.5 },
      knownSince: { day: START, passed: 0.25 },
      days: daily(START, [10]),
      usedMicros: credits(10),
      limitMicros: credits(5000),
    });
    const [low = 0, expected, high = 0] = inCredits(forecasted.projected);
    // 10 in a quarter of a day: 20 for the rest of today, 40 on each of 29 days.
    expect(expected).toBe(10 + 20 + 29 * 40);
    expect(low).toBeLessThan(1190 / 2);
    expect(high).toBeGreaterThan(1190 * 2);
    expect(forecasted.basis.confidence).toBe("low");
    expect(kinds(forecasted)).toEqual([
      "limit_stops_nothing",
      "day_is_even",
      "every_day_alike",
      "few_days_known",
    ]);
  });

  test("of nothing is nothing, and everything expires", () => {
    for (const knownSince of [START, addDays(START, -60)]) {
      const { projected, unused, exhaustedOn, basis } = afterTenDays(() => 0, {
        knownSince: { day: knownSince, passed: 0 },
        days: [],
      });
      expect(inCredits(projected)).toEqual([0, 0, 0]);
      expect(unused.lowMicros).toBe(credits(5000));
      expect(exhaustedOn).toEqual({ earliest: null, expected: null, latest: null });
      expect(basis.confidence).toBe("none");
    }
  });

  test("allows that use which stopped may resume", () => {
    const { projected } = afterTenDays((before) => (before > 33 ? 100 : 0));
    expect(inCredits(projected)[1]).toBeLessThan(300);
    expect(projected.highMicros).toBeGreaterThan(projected.expectedMicros * 1.2);
  });

  test("narrows as the period passes", () => {
    const noisy = (before: number) => 100 + 40 * Math.sin(before * 2.4);
    const widths = [2, 10, 20, 29].map((passedDays) => {
      const { lowMicros, highMicros } = afterTenDays(noisy, {
        now: { day: addDays(START, passedDays), passed: 0 },
        days: daily(
          addDays(START, -60),
          repeated(60 + passedDays, (index) => noisy(90 - index)),
        ),
      }).projected;
      return highMicros - lowMicros;
    });
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });
});

describe("the day on which credits run out", () => {
  test("is the one on which the path reaches the limit", () => {
    const { exhaustedOn } = afterTenDays(() => 100, { limitMicros: credits(2000) });
    // 1,000 are used before the 11th; of ten more days the last is the 20th.
    expect(exhaustedOn.expected).toBe("2026-11-20");
  });

  test("is a range of days where days differ, open where it may be enough", () => {
    const noisy = (before: number) => 100 + 90 * Math.sin(before * 2.4);
    const { earliest, expected, latest } = afterTenDays(noisy, { limitMicros: credits(2000) }).exhaustedOn;
    if (earliest === null || expected === null || latest === null) throw new Error("a day is missing");
    expect(earliest < expected && expected < latest).toBe(true);
    const enough = afterTenDays(noisy, { limitMicros: credits(2900) }).exhaustedOn;
    expect(enough.earliest).not.toBeNull();
    expect(enough.latest).toBeNull();
  });

  test("is today where the limit is reached, and none where it is far away", () => {
    const today = addDays(START, 10);
    const reached = afterTenDays(() => 100, { limitMicros: credits(1000) });
    expect(reached.exhaustedOn).toEqual({ earliest: today, expected: today, latest: today });
    const far = afterTenDays(() => 100, { limitMicros: credits(9000) });
    expect(far.exhaustedOn).toEqual({ earliest: null, expected: null, latest: null });
  });
});

describe("that credits are projected to run out", () => {
  const periodStartMs = Date.parse(`${START}T00:00:00Z`);
  const resetAtMs = Date.parse(`${RESET_DAY}T00:00:00Z`);
  const afterPercent = (percent: number) => periodStartMs + ((resetAtMs - periodStartMs) * percent) / 100;

  function told(more: Partial<Parameters<typeof projectedToRunOut>[0]> = {}) {
    const limitMicros = more.limitMicros ?? credits(2000);
    return projectedToRunOut({
      forecast: afterTenDays(() => 100, { limitMicros }),
      usedMicros: credits(1000),
      limitMicros,
      periodStartMs,
      resetAtMs,
      nowMs: afterPercent(34),
      told: false,
      ...more,
    });
  }

  test("is told with the day", () => {
    expect(told()).toEqual({
      projectedMicros: credits(3000),
      limitMicros: credits(2000),
      exhaustedOn: "2026-11-20",
    });
  });

  test("is told once per period, and only after 20 % of it", () => {
    expect(told({ told: true })).toBeNull();
    expect(told({ nowMs: afterPercent(20) })).toBeNull();
    expect(told({ nowMs: afterPercent(20) + 1 })).not.toBeNull();
    expect(told({ nowMs: resetAtMs })).toBeNull();
  });

  test("is not told where the limit is enough, or reached already", () => {
    expect(told({ limitMicros: credits(3500) })).toBeNull();
    expect(told({ usedMicros: credits(2000) })).toBeNull();
  });
});
