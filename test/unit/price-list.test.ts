/** The price list of an account: what is in force and what changes (rules, 8.1, 8.6). */
import { describe, expect, test } from "vitest";
import type { AccountRates } from "../../shared/credits/account-rates.ts";
import type { Price } from "../../shared/credits/rate-changes.ts";
import type { Feature, Rate, RateSheet } from "../../shared/credits/rates.ts";
import { type PriceChange, priceListAt } from "../../shared/reports/price-list.ts";

const CREDIT = 1_000_000;

function rate(action: string, credits: number, more: Partial<Rate> = {}): Rate {
  return {
    action,
    name: action,
    creditsMicros: credits * CREDIT,
    perMicros: CREDIT,
    blocks: false,
    ...more,
  };
}

function feature(name: string, actions: readonly Rate[], more: Partial<Feature> = {}): Feature {
  return { feature: name, name, category: "other", description: "", beta: false, actions, ...more };
}

function sheet(version: number, effectiveAtMs: number, features: readonly Feature[]): RateSheet {
  return { version, effectiveAtMs, features };
}

function price(credits: number, per = 1, blocks = false): Price {
  return { creditsMicros: credits * CREDIT, perMicros: per * CREDIT, blocks };
}

function changed(name: string, action: string, from: Price, to: Price, raised: boolean): PriceChange {
  return { kind: "price_changed", feature: name, action, from, to, raised };
}

describe("a price list", () => {
  test("is empty before the first version takes effect, which is then ahead with its prices", () => {
    const first = sheet(1, 100, [feature("assistant", [rate("answer", 1)])]);
    expect(priceListAt([first], 99)).toEqual({
      inForce: null,
      ahead: [
        {
          version: 1,
          effectiveAtMs: 100,
          changes: [
            { kind: "feature_added", feature: "assistant" },
            { kind: "action_added", feature: "assistant", action: "answer", to: price(1) },
          ],
        },
      ],
    });
    expect(priceListAt([first], 100)).toEqual({ inForce: first, ahead: [] });
  });

  test("names each price, action and feature that a version ahead changes, against the one that it replaces", () => {
    const now = sheet(1, 0, [
      feature("assistant", [rate("answer", 1), rate("tokens", 1, { perMicros: 1000 * CREDIT })]),
      feature("research", [rate("report", 5)], { beta: true }),
      feature("old", [rate("run", 1)]),
    ]);
    const next = sheet(2, 200, [
      feature("assistant", [rate("answer", 2), rate("summary", 3)]),
      feature("research", [rate("report", 5)]),
      feature("fresh", [rate("go", 1)]),
    ]);
    const afterwards = sheet(3, 300, [
      feature("assistant", [rate("answer", 1), rate("summary", 3, { blocks: true })]),
      feature("research", [rate("report", 5)], { beta: true }),
      feature("fresh", [rate("go", 1)]),
    ]);
    const { inForce, ahead } = priceListAt([afterwards, now, next], 150);
    expect(inForce?.version).toBe(1);
    expect(inForce?.features.map(({ beta }) => beta)).toEqual([false, true, false]);
    expect(ahead).toEqual([
      {
        version: 2,
        effectiveAtMs: 200,
        changes: [
          changed("assistant", "answer", price(1), price(2), true),
          { kind: "action_added", feature: "assistant", action: "summary", to: price(3) },
          { kind: "action_removed", feature: "assistant", action: "tokens", from: price(1, 1000) },
          { kind: "beta_ended", feature: "research" },
          changed("research", "report", price(0), price(5), true),
          { kind: "feature_added", feature: "fresh" },
          { kind: "action_added", feature: "fresh", action: "go", to: price(1) },
          { kind: "feature_removed", feature: "old" },
        ],
      },
      {
        version: 3,
        effectiveAtMs: 300,
        changes: [
          changed("assistant", "answer", price(2), price(1), false),
          changed("assistant", "summary", price(3), price(3, 1, true), true),
          { kind: "beta_began", feature: "research" },
          changed("research", "report", price(5), price(0), false),
        ],
      },
    ]);
  });

  test("a beta feature that only changes what it will cost changes nothing yet", () => {
    const sheets = [
      sheet(1, 0, [feature("research", [rate("report", 5)], { beta: true })]),
      sheet(2, 200, [feature("research", [rate("report", 50)], { beta: true })]),
    ];
    expect(priceListAt(sheets, 100).ahead).toEqual([{ version: 2, effectiveAtMs: 200, changes: [] }]);
  });

  test("knows one version per moment: the later of two that take effect together", () => {
    const sheets = [
      sheet(1, 0, [feature("assistant", [rate("answer", 1)])]),
      sheet(2, 200, [feature("assistant", [rate("answer", 2)])]),
      sheet(3, 200, [feature("assistant", [rate("answer", 1)])]),
    ];
    expect(priceListAt(sheets, 0).ahead).toEqual([{ version: 3, effectiveAtMs: 200, changes: [] }]);
  });
});

describe("the account's own rates", () => {
  const sheets = [
    sheet(1, 0, [feature("assistant", [rate("answer", 10), rate("summary", 4)])]),
    sheet(2, 400, [feature("assistant", [rate("answer", 20), rate("summary", 5)])]),
  ];
  const own = (version: number, effectiveAtMs: number, credits: number): AccountRates => ({
    version,
    effectiveAtMs,
    publishedAtMs: 0,
    shortNotice: false,
    rates: [{ feature: "assistant", action: "answer", ...price(credits) }],
  });

  test("stand in place of the sheet's and are marked", () => {
    const { inForce } = priceListAt(sheets, 150, [own(1, 100, 7)]);
    expect(inForce?.features[0]?.actions).toEqual([{ ...rate("answer", 7), own: true }, rate("summary", 4)]);
    expect(priceListAt(sheets, 99, [own(1, 100, 7)]).inForce).toEqual(sheets[0]);
  });

  test("change the list at their own times, and a new sheet does not change what they fix", () => {
    const { ahead } = priceListAt(sheets, 50, [own(1, 100, 7), own(2, 300, 8)]);
    expect(ahead).toEqual([
      {
        version: 1,
        effectiveAtMs: 100,
        changes: [changed("assistant", "answer", price(10), price(7), false)],
      },
      { version: 1, effectiveAtMs: 300, changes: [changed("assistant", "answer", price(7), price(8), true)] },
      {
        version: 2,
        effectiveAtMs: 400,
        changes: [changed("assistant", "summary", price(4), price(5), true)],
      },
    ]);
  });

  test("do not price what is beta", () => {
    const beta = [sheet(1, 0, [feature("assistant", [rate("answer", 10)], { beta: true })])];
    expect(priceListAt(beta, 50, [own(1, 100, 7)]).ahead).toEqual([
      { version: 1, effectiveAtMs: 100, changes: [] },
    ]);
  });
});
