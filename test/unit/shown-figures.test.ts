/** Figures that pages show and nothing is booked by: budgets, denials, blocks, sums of packs. */
import { expect, test } from "vitest";
import { parseMicros } from "../../shared/credits/amounts.ts";
import { multiplyMoney } from "../../shared/credits/money.ts";
import { isRoundedUp, itemCreditsMicros, startedBlocks } from "../../shared/credits/rates.ts";
import { budgetTakenPercent, nearlyUsedBudgets } from "../../shared/reports/budget-use.ts";
import { sumDenials } from "../../shared/reports/denial-sums.ts";
import { creditsPerOutcome } from "../../shared/reports/value.ts";

const budget = (name: string, used: number, held = 0, credits = 100) => ({ name, used, held, credits });

test("a budget is taken by what is used and held; one of 0 is used up", () => {
  expect(budgetTakenPercent(budget("half", 30, 20))).toBe(50);
  expect(budgetTakenPercent(budget("above", 130))).toBe(130);
  expect(budgetTakenPercent(budget("nothing", 0, 0, 0))).toBe(100);
});

test("budgets are nearly used from the first notice on, the fullest first", () => {
  const budgets = [budget("roomy", 74.9), budget("told", 60, 15), budget("over", 101)];
  expect(nearlyUsedBudgets(budgets).map(({ name }) => name)).toEqual(["over", "told"]);
});

test("denials are added up over days, by feature, action and reason, most first", () => {
  const denied = (feature: string, reason: string, denials: number) => ({
    feature,
    action: "answer",
    reason,
    denials,
  });
  const days = [
    denied("assistant", "credits_exhausted", 2),
    denied("search", "feature_paused", 4),
    denied("assistant", "credits_exhausted", 3),
    denied("assistant", "feature_paused", 1),
  ];
  expect(sumDenials(days)).toEqual([
    denied("assistant", "credits_exhausted", 5),
    denied("search", "feature_paused", 4),
    denied("assistant", "feature_paused", 1),
  ]);
});

test("the arithmetic of an entry says what was booked: blocks started, and whether it was rounded", () => {
  const micros = (amount: number) => parseMicros(amount) ?? Number.NaN;
  const rate = (credits: number, per: number, blocks = false) => ({
    creditsMicros: micros(credits),
    perMicros: micros(per),
    blocks,
  });
  // Example 24 of the rules.
  expect(startedBlocks(rate(20, 10_000, true), micros(10_001))).toBe(2n);
  expect(itemCreditsMicros(rate(20, 10_000, true), micros(10_001))).toBe(40_000_000n);
  expect(isRoundedUp(rate(20, 10_000, true), micros(10_001))).toBe(false);
  expect(isRoundedUp(rate(1, 1000), micros(374))).toBe(false);
  expect(isRoundedUp(rate(1, 3), micros(1))).toBe(true);
  expect(itemCreditsMicros(rate(1, 3), micros(1))).toBe(333_334n);
});

test("packs of one price come to a multiple, as long as it is exact", () => {
  expect(multiplyMoney({ amountMinor: 1250, currency: "EUR" }, 3)).toEqual({
    amountMinor: 3750,
    currency: "EUR",
  });
  expect(() => multiplyMoney({ amountMinor: Number.MAX_SAFE_INTEGER, currency: "EUR" }, 2)).toThrow(
    RangeError,
  );
});

test("nothing has credits per outcome without an outcome", () => {
  expect(creditsPerOutcome(30, 2)).toBe(15);
  expect(creditsPerOutcome(30, 0)).toBe(null);
});
