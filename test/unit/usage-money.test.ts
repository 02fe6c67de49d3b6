/** Money and percentages of reports: they add up to the minor unit (rules, 7.5 and 10.2). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shareMinor } from "../../shared/credits/money.ts";
import { percentText } from "../../shared/reports/percent.ts";
import { allotMinor, allotMoney, moneyMinorOf } from "../../shared/reports/spend.ts";

const CREDIT = 1_000_000n;

const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0);

describe("money of groups", () => {
  test("adds up to what the period cost where the groups are all of it", () => {
    expect(allotMinor(100, [CREDIT, CREDIT, CREDIT], 3n * CREDIT)).toEqual([34, 33, 33]);
    expect(allotMinor(1, [CREDIT, 2n * CREDIT, 3n * CREDIT], 6n * CREDIT)).toEqual([0, 0, 1]);
    expect(allotMinor(1_230, [237_500_000n, 6_000n * CREDIT], 6_237_500_000n)).toEqual([47, 1_183]);
  });

  test("adds up to the share of what is shown where that is a part, corrections of earlier days included", () => {
    expect(allotMinor(100, [CREDIT, CREDIT], 3n * CREDIT)).toEqual([34, 33]);
    expect(allotMinor(100, [5n * CREDIT, -2n * CREDIT, -3n * CREDIT], 7n * CREDIT)).toEqual([72, -29, -43]);
  });

  test("of any size is each group's exact part, rounded up or down, and their exact sum, rounded once", () => {
    const credits = fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 16n }), { maxLength: 12 });
    const amounts = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const used = fc.bigInt({ min: 10n ** 15n, max: 8n * 10n ** 15n });
    fc.assert(
      fc.property(amounts, credits, used, (spentMinor, creditsMicros, ofMicros) => {
        const spent = Math.min(spentMinor, 10 ** 12);
        const shares = allotMinor(spent, creditsMicros, ofMicros);
        const all = creditsMicros.reduce((sum, micros) => sum + micros, 0n);
        expect(sumOf(shares)).toBe(shareMinor(spent, all, ofMicros));
        for (const [index, micros] of creditsMicros.entries()) {
          const rest = BigInt(shares[index] ?? 0) * ofMicros - BigInt(spent) * micros;
          expect(rest > -ofMicros && rest < ofMicros).toBe(true);
          if (micros === 0n) expect(shares[index]).toBe(0);
        }
      }),
      { seed: 20261114 },
    );
  });

  test("is taken at the price of each period, and is unknown where one has none", () => {
    const groups = [
      new Map([["november", 30n * CREDIT]]),
      new Map([
        ["november", 10n * CREDIT],
        ["october", 5n * CREDIT],
      ]),
    ];
    const november = { spentMinor: 1_000, usedMicros: 40_000_000 };
    const october = { spentMinor: 30, usedMicros: 5_000_000 };
    const known = new Map([
      ["november", november],
      ["october", october],
    ]);
    expect(allotMoney(groups, known)).toEqual([750, 280]);
    expect(allotMoney(groups, new Map([["november", november]]))).toEqual([750, null]);
    const unused = new Map([...known, ["october", { spentMinor: 30, usedMicros: 0 }] as const]);
    expect(allotMoney(groups, unused)).toEqual([750, null]);
    const all = new Map([
      ["november", 40n * CREDIT],
      ["october", 5n * CREDIT],
    ]);
    expect(moneyMinorOf(all, known)).toBe(1_030);
    expect(moneyMinorOf(all, unused)).toBe(null);
  });

  test("of nothing is nothing, whether a price is known or not", () => {
    expect(allotMoney([new Map([["november", 0n]]), new Map()], new Map())).toEqual([0, 0]);
  });
});

describe("a percentage", () => {
  test("has one decimal, half away from zero, at any size", () => {
    expect(percentText(1n, 3n)).toBe("33.3");
    expect(percentText(1n, 16n)).toBe("6.3");
    expect(percentText(-1n, 16n)).toBe("-6.3");
    expect(percentText(-1n, 10_000n)).toBe("0.0");
    expect(percentText(10n ** 24n, 10n ** 20n)).toBe("1000000.0");
  });

  test("of nothing is none", () => {
    expect(percentText(5n, 0n)).toBe(null);
    expect(percentText(5n, -1n)).toBe(null);
  });
});
