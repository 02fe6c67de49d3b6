/** Money is exact and rounded once, half away from zero (rules, sections 1, 7.1 and 7.3). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CREDITS_MICROS_MAX } from "../../shared/credits/amounts.ts";
import {
  amountMinor,
  currencyDecimals,
  majorUnits,
  percentOfMinor,
  pricePerCredit,
  shareMinor,
} from "../../shared/credits/money.ts";
import { moneyText } from "../../shared/text.ts";
import { PATIENT, runs } from "./property.ts";

const CREDIT = 1_000_000;
const PRICE_SCALE = 10n ** 12n;

interface Rational {
  readonly over: bigint;
  readonly under: bigint;
}

/** True where `result` is the whole number next to the fraction, the one further from zero in the middle. */
function isHalfUp(result: number, { over, under }: Rational): boolean {
  const [magnitude, value] = over < 0n ? [-over, -BigInt(result)] : [over, BigInt(result)];
  return (
    value >= 0n && (2n * value - 1n) * under <= 2n * magnitude && 2n * magnitude < (2n * value + 1n) * under
  );
}

/** A unit price as text, and what it is worth. */
const unitPrice = fc
  .tuple(fc.nat({ max: 1_000 }), fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 12 }))
  .map(([whole, decimals]) => ({
    text: decimals === "" ? `${whole}` : `${whole}.${decimals}`,
    value: { over: BigInt(`${whole}${decimals}`), under: 10n ** BigInt(decimals.length) },
  }));

const MINOR_PER_MAJOR = { USD: 100n, JPY: 1n, KWD: 1000n, CLF: 10_000n, HUF: 100n } as const;
const currency = fc.constantFrom(...(Object.keys(MINOR_PER_MAJOR) as (keyof typeof MINOR_PER_MAJOR)[]));

describe("what credits cost", () => {
  test("is quantity × price in minor units, half up", PATIENT, () => {
    const quantity = fc.integer({ min: -CREDITS_MICROS_MAX / 1000, max: CREDITS_MICROS_MAX / 1000 });
    fc.assert(
      fc.property(quantity, unitPrice, currency, (micros, price, code) => {
        const exact = {
          over: BigInt(micros) * price.value.over * MINOR_PER_MAJOR[code],
          under: BigInt(CREDIT) * price.value.under,
        };
        expect(isHalfUp(amountMinor(micros, price.text, code), exact)).toBe(true);
      }),
      runs(3000),
    );
  });

  test("230 credits at 0.010 USD are 2.30 USD", () => {
    expect(amountMinor(230 * CREDIT, "0.010", "USD")).toBe(230);
  });

  test.each([
    [50, "0.01", 1],
    [49, "0.01", 0],
    [-50, "0.01", -1],
    [-49, "0.01", 0],
    [150, "0.01", 2],
  ])("%d hundredths of a credit at %s USD are %d cents", (hundredths, price, cents) => {
    expect(amountMinor((hundredths * CREDIT) / 100, price, "USD")).toBe(cents);
  });

  test("an amount beyond the safe integers is an error, not a rounded number", () => {
    expect(() => amountMinor(CREDITS_MICROS_MAX, "999999999999", "USD")).toThrow(RangeError);
  });
});

describe("shares", () => {
  test("a tax is percent of the amount, half up, for credit notes too", PATIENT, () => {
    const amount = fc.integer({ min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(amount, unitPrice, (minor, percent) => {
        const exact = { over: BigInt(minor) * percent.value.over, under: 100n * percent.value.under };
        expect(isHalfUp(percentOfMinor(minor, percent.text), exact)).toBe(true);
      }),
      runs(2000),
    );
    expect(percentOfMinor(1000, "8.875")).toBe(89);
    expect(percentOfMinor(-1000, "8.85")).toBe(-89);
  });

  test("a part of an amount is proportional, half up", PATIENT, () => {
    const size = fc.bigInt({ min: 1n, max: 10n ** 20n });
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), size, size, (minor, one, other) => {
        const [part, whole] = one < other ? [one, other] : [other, one];
        expect(isHalfUp(shareMinor(minor, part, whole), { over: BigInt(minor) * part, under: whole })).toBe(
          true,
        );
      }),
      runs(1000),
    );
  });

  test("the price of a credit is money ÷ credits to 12 decimals, half up", PATIENT, () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1_000_000_000 }),
        fc.integer({ min: 1, max: CREDITS_MICROS_MAX }),
        currency,
        (minor, micros, code) => {
          const text = pricePerCredit({ amountMinor: minor, currency: code }, micros) ?? "";
          expect(text).toMatch(/^\d+(\.\d{0,11}[1-9])?$/);
          const [whole = "", decimals = ""] = text.split(".");
          const exact = {
            over: BigInt(minor) * BigInt(CREDIT) * PRICE_SCALE,
            under: MINOR_PER_MAJOR[code] * BigInt(micros),
          };
          const scaled = BigInt(whole + decimals.padEnd(12, "0"));
          expect((2n * scaled - 1n) * exact.under <= 2n * exact.over).toBe(true);
          expect(2n * exact.over < (2n * scaled + 1n) * exact.under).toBe(true);
        },
      ),
      runs(1000),
    );
  });

  test("there is no price of a credit where nothing was used", () => {
    expect(pricePerCredit({ amountMinor: 1000, currency: "USD" }, 0)).toBeNull();
    expect(pricePerCredit({ amountMinor: 1000, currency: "USD" }, 3000 * CREDIT)).toBe("0.003333333333");
  });
});

describe("a currency", () => {
  test.each([
    ["USD", 2],
    ["JPY", 0],
    ["KWD", 3],
    ["CLF", 4],
    ["ISK", 0],
    ["HUF", 2],
    ["IDR", 2],
    ["COP", 2],
    ["IQD", 3],
  ])("%s has the %d decimals of ISO 4217, whatever the runtime's custom is", (code, decimals) => {
    expect(currencyDecimals(code)).toBe(decimals);
  });

  test.each([
    [{ amountMinor: 230, currency: "USD" }, "2.30"],
    [{ amountMinor: 5, currency: "USD" }, "0.05"],
    [{ amountMinor: -5, currency: "USD" }, "-0.05"],
    [{ amountMinor: 0, currency: "USD" }, "0.00"],
    [{ amountMinor: 1234, currency: "JPY" }, "1234"],
    [{ amountMinor: -1, currency: "KWD" }, "-0.001"],
    [{ amountMinor: Number.MAX_SAFE_INTEGER, currency: "USD" }, "90071992547409.91"],
  ])("%o is %s in major units", (money, text) => {
    expect(majorUnits(money)).toBe(text);
  });

  test("is shown with all of its decimals", () => {
    expect(moneyText({ amountMinor: 123_456, currency: "HUF" })).toContain("1,234.56");
    expect(moneyText({ amountMinor: 123_456, currency: "JPY" })).toBe("¥123,456");
    expect(moneyText({ amountMinor: 230, currency: "USD" })).toBe("$2.30");
  });
});
