/** Amounts are exact: what a caller writes in JSON is what is counted, to the micro-credit (rules, section 1). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CREDITS_MICROS_MAX,
  formatMicros,
  MICROS_PER_UNIT,
  multiplyDivideUp,
  parseMicros,
  percentOfUp,
} from "../../shared/credits/amounts.ts";
import { PATIENT, runs } from "./property.ts";

const micros = fc.oneof(
  fc.integer({ min: 0, max: CREDITS_MICROS_MAX }),
  fc.integer({ min: 0, max: 1000 * MICROS_PER_UNIT }),
  fc.integer({ min: CREDITS_MICROS_MAX - 1000 * MICROS_PER_UNIT, max: CREDITS_MICROS_MAX }),
);

/** Micros as somebody would write them by hand: always six decimals. */
function handwritten(amount: number): string {
  const digits = BigInt(amount).toString().padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

describe("an amount on the wire", () => {
  test(
    "is read back as the same micros after a way through JSON, up to 8,000,000,000 credits",
    PATIENT,
    () => {
      fc.assert(
        fc.property(micros, (amount) => {
          const text = JSON.stringify(formatMicros(amount));
          expect(text).toMatch(/^\d+(\.\d{1,6})?$/);
          expect(parseMicros(JSON.parse(text))).toBe(amount);
          expect(parseMicros(JSON.parse(handwritten(amount)))).toBe(amount);
        }),
        runs(5000),
      );
    },
  );

  test("is refused with a seventh decimal, whatever it is", PATIENT, () => {
    const seventh = fc.tuple(
      fc.nat({ max: 1_000_000 }),
      fc.nat({ max: 999_999 }),
      fc.integer({ min: 1, max: 9 }),
    );
    fc.assert(
      fc.property(seventh, ([whole, six, last]) => {
        const text = `${whole}.${String(six).padStart(6, "0")}${last}`;
        expect(parseMicros(JSON.parse(text))).toBeNull();
      }),
      runs(2000),
    );
  });

  test.each([
    [0.1, 100_000],
    [0.000001, 1],
    [1e-6, 1],
    [1e3, 1_000_000_000],
    [-0.5, -500_000],
    [8_000_000_000, CREDITS_MICROS_MAX],
    [7_999_999_999.999999, CREDITS_MICROS_MAX - 1],
  ])("%d is read as %d micros", (value, expected) => {
    expect(parseMicros(value)).toBe(expected);
  });

  test.each([
    1e-7,
    1.5e-7,
    0.1 + 0.2,
    9_007_199_255,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ])("%d does not fit", (value) => {
    expect(parseMicros(value)).toBeNull();
  });

  test("minus zero is zero", () => {
    expect(Object.is(parseMicros(-0), 0)).toBe(true);
    expect(Object.is(parseMicros(JSON.parse("-0.0")), 0)).toBe(true);
  });
});

describe("exact arithmetic", () => {
  test("multiplies and divides to the smallest whole number that is enough", PATIENT, () => {
    const factor = fc.integer({ min: 0, max: CREDITS_MICROS_MAX });
    const divisor = fc.integer({ min: 1, max: CREDITS_MICROS_MAX });
    fc.assert(
      fc.property(factor, factor, divisor, (a, b, by) => {
        const result = multiplyDivideUp(a, b, by);
        expect(result * BigInt(by) >= BigInt(a) * BigInt(b)).toBe(true);
        expect((result - 1n) * BigInt(by) < BigInt(a) * BigInt(b)).toBe(true);
      }),
      runs(2000),
    );
  });

  test("used reaches p % of a limit exactly where 100 × used ≥ p × limit", PATIENT, () => {
    fc.assert(
      fc.property(micros, fc.integer({ min: 1, max: 100 }), (limit, percent) => {
        const threshold = percentOfUp(limit, percent);
        expect(100n * BigInt(threshold) >= BigInt(percent) * BigInt(limit)).toBe(true);
        expect(100n * BigInt(threshold - 1) < BigInt(percent) * BigInt(limit)).toBe(true);
      }),
      runs(5000),
    );
  });
});
