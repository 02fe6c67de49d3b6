/** What came of the credits: outcomes and their value (rules, 10.5). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type OutcomeTotal, valueReport } from "../../shared/reports/value.ts";
import { credits } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

function outcome(type: string, more: Partial<OutcomeTotal> = {}): OutcomeTotal {
  return {
    feature: "agent",
    type,
    count: 1,
    creditsMicros: BigInt(credits(100)),
    valueMinor: 0n,
    quantityMicros: 0n,
    unit: null,
    ...more,
  };
}

function spend(feature: string, amount: number) {
  return { feature, creditsMicros: BigInt(credits(amount)) };
}

function report(
  outcomes: readonly OutcomeTotal[],
  spent = [spend("agent", 500)],
  hourlyValueMinor: number | null = null,
) {
  return valueReport({ outcomes, spent, hourlyValueMinor, currency: "USD" });
}

describe("the value of credits", () => {
  test("by type is of the events with the outcome, by feature of all that the feature spent", () => {
    const solved = outcome("ticket_resolved", { valueMinor: 450n });
    const { types, features, total } = report([solved, solved, outcome("escalated")]);
    expect(types).toMatchObject([
      {
        type: "ticket_resolved",
        outcomes: 2,
        creditsMicros: BigInt(credits(200)),
        creditsPerOutcomeMicros: BigInt(credits(100)),
        value: { amountMinor: 900, currency: "USD" },
        valuePerCredit: "0.045",
      },
      { type: "escalated", outcomes: 1, value: null, valuePerCredit: null },
    ]);
    expect(features).toMatchObject([
      {
        feature: "agent",
        outcomes: 3,
        creditsMicros: BigInt(credits(500)),
        creditsPerOutcomeMicros: 166_666_667n,
      },
    ]);
    expect(total).toMatchObject({ outcomes: 3, valuePerCredit: "0.018" });
  });

  test("shows features that spend without outcomes, and outcomes that cost nothing", () => {
    const { features } = report([
      outcome("meeting_booked", { feature: "free", valueMinor: 1n, creditsMicros: 0n }),
    ]);
    expect(features).toMatchObject([
      { feature: "agent", outcomes: 0, creditsPerOutcomeMicros: null, value: null },
      { feature: "free", outcomes: 1, creditsPerOutcomeMicros: 0n, valuePerCredit: null },
    ]);
  });

  test("hours are worth the account's hourly value, unless the outcome names a value", () => {
    const saved = outcome("hours_saved", { quantityMicros: BigInt(credits(1.5)), unit: "hours" });
    expect(report([saved], undefined, 4000).total.value?.amountMinor).toBe(6000);
    expect(report([{ ...saved, valueMinor: 10n }], undefined, 4000).total.value?.amountMinor).toBe(10);
    expect(report([saved], undefined, null).total.value).toBeNull();
    expect(report([{ ...saved, unit: "records" }], undefined, 4000).total.value).toBeNull();
  });

  test("quantities are added up by unit", () => {
    const quantity = (unit: string, amount: number) =>
      outcome("enriched", { unit, quantityMicros: BigInt(credits(amount)) });
    expect(
      report([quantity("records", 2), quantity("hours", 1), quantity("records", 3)]).total.quantities,
    ).toEqual([
      { unit: "hours", quantityMicros: BigInt(credits(1)) },
      { unit: "records", quantityMicros: BigInt(credits(5)) },
    ]);
  });

  test("is rounded once: hours of many outcomes are added up before they are valued", () => {
    const minute = outcome("hours_saved", { quantityMicros: 16_667n, unit: "hours" });
    // 30 × 0.016667 hours at 0.99 USD are 0.4950099 USD; each by itself would be 0.02, 0.60 in all.
    expect(
      report(
        Array.from({ length: 30 }, () => minute),
        undefined,
        99,
      ).total.value?.amountMinor,
    ).toBe(50);
  });

  test("that leaves the safe integers is an error, not a rounded number", () => {
    const huge = outcome("sold", { valueMinor: BigInt(Number.MAX_SAFE_INTEGER) });
    expect(report([huge]).total.value?.amountMinor).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => report([huge, huge])).toThrow(RangeError);
  });

  test("of any outcomes adds up, however they are grouped before", PATIENT, () => {
    const anyOutcome = fc.record({
      feature: fc.constantFrom("a", "b"),
      type: fc.constantFrom("t", "u"),
      count: fc.constant(1),
      creditsMicros: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      valueMinor: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 10n ** 9n })),
      quantityMicros: fc.bigInt({ min: 0n, max: 10n ** 10n }),
      unit: fc.constantFrom(null, "hours", "records"),
    });
    fc.assert(
      fc.property(fc.array(anyOutcome, { maxLength: 20 }), fc.nat({ max: 100_000 }), (outcomes, hourly) => {
        const spent = [spend("a", 1000), spend("c", 10)];
        const { types, features, total } = report(outcomes, spent, hourly);
        const exact = outcomes.reduce((sum, { valueMinor, quantityMicros, unit }) => {
          const hours = valueMinor === 0n && unit === "hours" ? quantityMicros * BigInt(hourly) : 0n;
          return sum + valueMinor * 1_000_000n + hours;
        }, 0n);
        const shown = BigInt(total.value?.amountMinor ?? 0) * 1_000_000n;
        expect(shown - 500_000n <= exact && exact < shown + 500_000n).toBe(true);
        for (const groups of [types, features]) {
          expect(groups.reduce((sum, group) => sum + group.outcomes, 0)).toBe(outcomes.length);
          const parts = groups.reduce((sum, { value }) => sum + (value?.amountMinor ?? 0), 0);
          expect(Math.abs(parts - (total.value?.amountMinor ?? 0))).toBeLessThanOrEqual(groups.length);
        }
        const merged = new Map<string, OutcomeTotal>();
        for (const one of outcomes) {
          const key = JSON.stringify([one.feature, one.type, one.unit, one.valueMinor === 0n]);
          const before = merged.get(key);
          merged.set(key, before === undefined ? one : added(before, one));
        }
        expect(report([...merged.values()], spent, hourly)).toEqual({ types, features, total });
      }),
      runs(300),
    );
  });
});

function added(a: OutcomeTotal, b: OutcomeTotal): OutcomeTotal {
  return {
    ...a,
    count: a.count + b.count,
    creditsMicros: a.creditsMicros + b.creditsMicros,
    valueMinor: a.valueMinor + b.valueMinor,
    quantityMicros: a.quantityMicros + b.quantityMicros,
  };
}
