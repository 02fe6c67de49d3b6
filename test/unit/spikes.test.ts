/** Spikes (rules, 6.4 and 10.7): by example, and against the rule in fractions. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CREDITS_MICROS_MAX } from "../../shared/credits/amounts.ts";
import { addDays } from "../../shared/reports/days.ts";
import { type FeatureDay, type SpikeSearch, spikes } from "../../shared/reports/spikes.ts";
import { credits } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

const DAY = "2026-11-20";

function used(ago: number, amount: number, feature = "assistant"): FeatureDay {
  return { feature, day: addDays(DAY, -ago), creditsMicros: credits(amount) };
}

/** 14 days of 10 credits before DAY. */
const BEFORE = Array.from({ length: 14 }, (_, index) => used(index + 1, 10));

function found(days: readonly FeatureDay[], more: Partial<SpikeSearch> = {}) {
  return spikes({
    days,
    judged: { from: DAY, to: DAY },
    knownFrom: addDays(DAY, -90),
    limitMicros: credits(500),
    ...more,
  });
}

describe("a spike", () => {
  test("is a day above 3 times the mean of the 14 days before", () => {
    expect(found([...BEFORE, used(0, 30)])).toEqual([]);
    expect(found([...BEFORE, used(0, 30.000001)])).toEqual([
      {
        feature: "assistant",
        day: DAY,
        creditsMicros: credits(30.000001),
        meanMicros: credits(10),
        aboveMeanMicros: credits(20.000001),
      },
    ]);
  });

  test("is above 5 % of the limit", () => {
    const days = [...BEFORE, used(0, 40)];
    expect(found(days, { limitMicros: credits(800) })).toEqual([]);
    expect(found(days, { limitMicros: credits(799.99) })).toHaveLength(1);
  });

  test("is measured against the feature's own days, those without use included", () => {
    const days = [used(3, 70), used(2, 5000, "other"), used(0, 26)];
    expect(found(days)).toMatchObject([{ feature: "assistant", meanMicros: credits(5) }]);
  });

  test("the day itself and what is older than 14 days are not in its mean", () => {
    expect(found([used(15, 9000), ...BEFORE, used(0, 31)])).toHaveLength(1);
  });

  test("of a young account is measured against the days that it has", () => {
    const days = [used(2, 10), used(1, 10), used(0, 29)];
    expect(found(days, { knownFrom: addDays(DAY, -2) })).toEqual([]);
    expect(found(days, { knownFrom: addDays(DAY, -14) })).toHaveLength(1);
    expect(found([used(0, 400)], { knownFrom: DAY })).toEqual([]);
  });

  test("is judged on the days asked for, in their order", () => {
    const days = [used(5, 60), used(1, 300), used(0, 2000), used(1, 400, "other")];
    const judged = { from: addDays(DAY, -2), to: DAY };
    expect(found(days, { judged }).map(({ feature, day }) => [day, feature])).toEqual([
      [addDays(DAY, -1), "other"],
      [addDays(DAY, -1), "assistant"],
      [DAY, "assistant"],
    ]);
  });

  test("any day is one exactly where the rule says so", PATIENT, () => {
    const amount = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: CREDITS_MICROS_MAX }));
    const days = fc.array(fc.tuple(fc.nat({ max: 20 }), fc.constantFrom("a", "b"), amount), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(days, fc.nat({ max: 25 }), amount, (list, knownDays, limitMicros) => {
        const totals = list.map(([ago, feature, creditsMicros]) => ({
          ...used(ago, 0, feature),
          creditsMicros,
        }));
        const sum = (feature: string, from: number, to: number) =>
          list
            .filter(([ago, of]) => of === feature && from <= ago && ago <= to)
            .reduce((total, [, , micros]) => total + BigInt(micros), 0n);
        const expected = ["a", "b"].filter((feature) => {
          const [known, today] = [Math.min(14, knownDays), sum(feature, 0, 0)];
          const above = today * BigInt(known) > 3n * sum(feature, 1, known);
          return known > 0 && above && 20n * today > BigInt(limitMicros);
        });
        const knownFrom = addDays(DAY, -knownDays);
        const names = found(totals, { knownFrom, limitMicros }).map(({ feature }) => feature);
        expect([...names].sort()).toEqual(expected);
      }),
      runs(1500),
    );
  });
});
