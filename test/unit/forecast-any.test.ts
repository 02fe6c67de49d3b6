/** What holds for the forecast of any usage (rules, 10.6). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CREDITS_MICROS_MAX } from "../../shared/credits/amounts.ts";
import { addDays } from "../../shared/reports/days.ts";
import { type ForecastInput, forecast } from "../../shared/reports/forecast.ts";
import { credits } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

const START = "2026-11-01";

describe("any forecast", () => {
  const anyInput = fc
    .record({
      history: fc.nat({ max: 95 }),
      length: fc.integer({ min: 1, max: 31 }),
      todayAt: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      passed: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      openedAt: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      amounts: fc.array(
        fc.oneof(fc.constant(0), fc.nat({ max: credits(5000) }), fc.nat({ max: CREDITS_MICROS_MAX / 40 })),
        { maxLength: 127 },
      ),
      cut: fc.array(fc.nat({ max: 127 }), { maxLength: 5 }),
      limitMicros: fc.oneof(fc.constant(0), fc.nat({ max: credits(100_000) })),
    })
    .map(({ history, length, todayAt, passed, openedAt, amounts, cut, limitMicros }): ForecastInput => {
      const first = addDays(START, -history);
      const whole = Math.floor(todayAt * length);
      const known = amounts.slice(0, history + whole + 1);
      const days = known.map((creditsMicros, index) => ({
        day: addDays(first, index),
        creditsMicros,
        cutShort: cut.includes(index),
      }));
      return {
        periodStart: START,
        resetDay: addDays(START, length),
        now: { day: addDays(START, whole), passed },
        knownSince: { day: first, passed: Math.min(openedAt, history + whole === 0 ? passed : 1) },
        days,
        usedMicros: known.slice(history).reduce((sum, amount) => sum + amount, 0),
        limitMicros,
      };
    });

  test("is whole micros in order, never below what is used, and never falls", PATIENT, () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { projected, path, unused } = forecast(input);
        let before = {
          lowMicros: input.usedMicros,
          expectedMicros: input.usedMicros,
          highMicros: input.usedMicros,
        };
        for (const range of path) {
          const figures = [range.lowMicros, range.expectedMicros, range.highMicros];
          expect(figures.every(Number.isSafeInteger)).toBe(true);
          expect(figures).toEqual([...figures].sort((a, b) => a - b));
          expect(range.lowMicros >= before.lowMicros).toBe(true);
          expect(range.expectedMicros >= before.expectedMicros).toBe(true);
          expect(range.highMicros >= before.highMicros).toBe(true);
          before = range;
        }
        expect(path.map(({ day }) => day)).toEqual(path.map((_, index) => addDays(input.now.day, index)));
        expect(addDays(path.at(-1)?.day ?? "", 1)).toBe(input.resetDay);
        expect(before).toMatchObject(projected);
        expect(unused.lowMicros <= unused.expectedMicros && unused.expectedMicros <= unused.highMicros).toBe(
          true,
        );
        expect(unused.lowMicros).toBe(Math.max(0, input.limitMicros - projected.highMicros));
      }),
      runs(400),
    );
  });

  test("runs out when its path does, the earliest first", PATIENT, () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { projected, exhaustedOn } = forecast(input);
        const { earliest, expected, latest } = exhaustedOn;
        const reaches = (micros: number) => micros > 0 && micros >= input.limitMicros;
        expect(earliest !== null).toBe(reaches(projected.highMicros));
        expect(expected !== null).toBe(reaches(projected.expectedMicros));
        expect(latest !== null).toBe(reaches(projected.lowMicros));
        const days = [earliest, expected, latest].filter((day) => day !== null);
        expect(days).toEqual([...days].sort());
      }),
      runs(300),
    );
  });

  test("hangs neither on the order of the totals nor on how a day is split", PATIENT, () => {
    fc.assert(
      fc.property(anyInput, fc.nat(), (input, seed) => {
        const split = input.days.flatMap((total, index) => {
          const part = Math.floor(total.creditsMicros / (2 + ((seed + index) % 3)));
          return [
            { ...total, creditsMicros: total.creditsMicros - part },
            { ...total, creditsMicros: part },
          ];
        });
        expect(forecast({ ...input, days: split.reverse() })).toEqual(forecast(input));
      }),
      runs(200),
    );
  });
});
