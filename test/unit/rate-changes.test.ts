/** What a version changes and which changes need notice (rules, 8.1-8.4). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isShortNotice,
  newRises,
  type Price,
  raisesRate,
  rateChanges,
  risesAhead,
} from "../../shared/credits/rate-changes.ts";
import { type Feature, itemCreditsMicros, type Rate, type RateSheet } from "../../shared/credits/rates.ts";
import { credits } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

function rate(action: string, amount: number, per = 1, blocks = false): Rate {
  return { action, name: action, creditsMicros: credits(amount), perMicros: credits(per), blocks };
}

function feature(name: string, actions: readonly Rate[], beta = false): Feature {
  return { feature: name, name: name.toUpperCase(), category: "other", description: "", beta, actions };
}

function sheet(version: number, effectiveAtMs: number, features: readonly Feature[]): RateSheet {
  return { version, effectiveAtMs, features };
}

function price(creditsMicros: number, perMicros: number, blocks = false): Price {
  return { creditsMicros, perMicros, blocks };
}

/** Changes in short: kind, feature and action. */
function named(changes: readonly { kind: string; feature: string; action: string }[]): readonly string[] {
  return changes.map(({ kind, feature: of, action }) => `${kind} ${of}/${action}`);
}

describe("a rate is raised where some quantity costs more", () => {
  const anyPrice = fc.record({
    creditsMicros: fc.nat({ max: 40 }),
    perMicros: fc.integer({ min: 1, max: 40 }),
    blocks: fc.boolean(),
  });

  test("as trying every quantity finds", PATIENT, () => {
    // 40 × 39: the steps of any two of these rates come in every order before that.
    const quantities = Array.from({ length: 1600 }, (_, quantityMicros) => quantityMicros);
    fc.assert(
      fc.property(anyPrice, anyPrice, (from, to) => {
        const dearer = quantities.some(
          (quantity) => itemCreditsMicros(to, quantity) > itemCreditsMicros(from, quantity),
        );
        expect(raisesRate(from, to)).toBe(dearer);
      }),
      runs(4000),
    );
  });

  const anyReal = fc.record({
    creditsMicros: fc.nat({ max: credits(1000) }),
    perMicros: fc.integer({ min: 1, max: credits(1_000_000) }),
    blocks: fc.boolean(),
  });

  test("what is no raise costs no more at any quantity, however large the numbers", PATIENT, () => {
    fc.assert(
      fc.property(anyReal, anyReal, fc.nat({ max: 8e15 }), (from, to, quantity) => {
        if (!raisesRate(from, to)) {
          expect(itemCreditsMicros(to, quantity)).toBeLessThanOrEqual(itemCreditsMicros(from, quantity));
        }
      }),
      runs(4000),
    );
  });

  test.each<[string, Price, Price, boolean]>([
    ["the same price in other words", price(13, 100), price(26, 200), false],
    ["a ratio that rises by the least there is", price(8e15 - 1, 8e15), price(1, 1), true],
    ["a ratio that falls by the least there is", price(1, 1), price(8e15 - 1, 8e15), false],
    ["from nothing to something", price(0, 1), price(1, 8e15), true],
    ["in blocks, what was linear", price(20, 10_000), price(20, 10_000, true), true],
    ["linear, what was in blocks", price(20, 10_000, true), price(20, 10_000), false],
    ["linear at a higher ratio, what was in blocks", price(20, 10_000, true), price(21, 10_000), true],
    ["larger blocks at the same credits", price(20, 10_000, true), price(20, 20_000, true), false],
    ["smaller blocks at the same credits", price(20, 10_000, true), price(20, 5_000, true), true],
    ["half the block for half the credits", price(20, 10_000, true), price(10, 5_000, true), false],
    ["a third more than half the block for half", price(20, 10_000, true), price(10, 6_667, true), false],
    [
      "three fifths of the block, of which two are needed",
      price(20, 10_000, true),
      price(11, 6_000, true),
      true,
    ],
    ["free blocks", price(1, 10), price(0, 1, true), false],
  ])("%s", (_, from, to, raised) => {
    expect(raisesRate(from, to)).toBe(raised);
  });
});

describe("changes between two versions", () => {
  test("are told by kind, with both prices and the names for people", () => {
    const from = [
      feature("assistant", [
        rate("answer", 2),
        rate("tokens", 1, 1000),
        rate("same", 13, 100),
        rate("old", 1),
      ]),
      feature("gone", [rate("run", 1)]),
    ];
    const to = [
      feature("assistant", [rate("answer", 1), rate("tokens", 2, 1000), rate("same", 0.13), rate("new", 1)]),
      feature("fresh", [rate("go", 5)]),
    ];
    const changes = rateChanges(from, to);
    expect(named(changes)).toEqual([
      "lowered assistant/answer",
      "raised assistant/tokens",
      "added assistant/new",
      "removed assistant/old",
      "added fresh/go",
      "removed gone/run",
    ]);
    expect(changes[1]).toEqual({
      kind: "raised",
      feature: "assistant",
      featureName: "ASSISTANT",
      action: "tokens",
      actionName: "tokens",
      from: price(credits(1), credits(1000)),
      to: price(credits(2), credits(1000)),
    });
  });

  test("a price that rises for some quantities and falls for others is raised", () => {
    const from = [feature("a", [rate("tokens", 20, 10_000)])];
    const to = [feature("a", [rate("tokens", 10, 10_000, true)])];
    expect(named(rateChanges(from, to))).toEqual(["raised a/tokens"]);
    expect(named(rateChanges(to, from))).toEqual(["raised a/tokens"]);
  });

  test("a beta feature counts as 0 credits until it is priced", () => {
    const beta = [feature("research", [rate("report", 5), rate("free", 0)], true)];
    const dearerBeta = [feature("research", [rate("report", 50)], true)];
    const priced = [
      feature("research", [rate("report", 3), rate("free", 0), rate("deep", 9), rate("gift", 0)]),
    ];
    expect(rateChanges(beta, beta)).toEqual([]);
    expect(named(rateChanges(beta, dearerBeta))).toEqual(["removed research/free"]);
    const changes = rateChanges(beta, priced);
    // A new action of a feature that was free is a price, too; one that costs nothing is only new.
    expect(named(changes)).toEqual(["priced research/report", "priced research/deep", "added research/gift"]);
    expect(changes.slice(0, 2)).toMatchObject([
      { from: price(0, credits(1)), to: price(credits(3), credits(1)) },
      { from: price(0, credits(1)), to: price(credits(9), credits(1)) },
    ]);
    expect(named(rateChanges(priced, [feature("research", priced[0]?.actions ?? [], true)]))).toEqual([
      "lowered research/report",
      "lowered research/deep",
    ]);
    expect(named(rateChanges([], dearerBeta))).toEqual(["added research/report"]);
  });
});

describe("rises ahead", () => {
  const at = (answer: number) => [feature("assistant", [rate("answer", answer)])];
  const told = (list: ReturnType<typeof risesAhead>) =>
    list.map(({ version, rises }) => [version, ...named(rises)]);

  test("compare each version with the one it replaces, in the order of effective times", () => {
    const sheets = [sheet(1, 0, at(1)), sheet(2, 300, at(3)), sheet(3, 200, at(2)), sheet(4, 400, at(1))];
    expect(told(risesAhead(sheets, 100))).toEqual([
      [3, "raised assistant/answer"],
      [2, "raised assistant/answer"],
    ]);
    expect(told(risesAhead(sheets, 201))).toEqual([[2, "raised assistant/answer"]]);
    expect(risesAhead([sheet(1, 500, at(9))], 100)).toEqual([]);
  });

  test("of two versions of one moment only the later is ever in force", () => {
    const sheets = [sheet(1, 0, at(1)), sheet(2, 300, at(9)), sheet(3, 300, at(1))];
    expect(risesAhead(sheets, 100)).toEqual([]);
  });

  test("a version that takes effect this very moment is compared, too", () => {
    expect(told(risesAhead([sheet(1, 0, at(1)), sheet(2, 100, at(2))], 100))).toHaveLength(1);
  });

  test("a lower price put before a version makes that one a rise; what was told is not told again", () => {
    const before = [sheet(1, 0, at(2)), sheet(2, 300, at(2)), sheet(3, 400, at(5))];
    const after = [...before, sheet(4, 200, at(1))];
    expect(told(newRises(before, after, 100))).toEqual([[2, "raised assistant/answer"]]);
  });

  test("a withdrawal can make the version after it a rise", () => {
    const before = [sheet(1, 0, at(1)), sheet(2, 300, at(2)), sheet(3, 400, at(2))];
    const after = before.filter(({ version }) => version !== 2);
    expect(told(newRises(before, after, 100))).toEqual([[3, "raised assistant/answer"]]);
    expect(newRises(after, before, 100)).toMatchObject([{ version: 2 }]);
  });

  test("thirty days are enough, a millisecond less is short notice", () => {
    const published = Date.parse("2026-11-21T10:00:00Z");
    expect(isShortNotice(Date.parse("2026-12-21T10:00:00Z"), published)).toBe(false);
    expect(isShortNotice(Date.parse("2026-12-21T09:59:59.999Z"), published)).toBe(true);
  });
});
