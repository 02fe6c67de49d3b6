/** The price list of an account: what is in force and what changes (rules, 8.1, 8.6). */
import { describe, expect, test } from "vitest";
import type { Feature, Rate, RateSheet } from "../../shared/credits/rates.ts";
import { priceListAt } from "../../shared/reports/price-list.ts";

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

describe("a price list", () => {
  test("is empty before the first version takes effect, which is then ahead", () => {
    const first = sheet(1, 100, [feature("assistant", [rate("answer", 1)])]);
    expect(priceListAt([first], 99)).toEqual({
      inForce: null,
      ahead: [{ version: 1, effectiveAtMs: 100, changes: [{ kind: "feature_added", feature: "assistant" }] }],
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
      feature("assistant", [rate("answer", 2), rate("summary", 3, { blocks: true })]),
      feature("research", [rate("report", 5)], { beta: true }),
      feature("fresh", [rate("go", 1)]),
    ]);
    const { inForce, ahead } = priceListAt([afterwards, now, next], 150);
    expect(inForce?.version).toBe(1);
    expect(ahead).toEqual([
      {
        version: 2,
        effectiveAtMs: 200,
        changes: [
          { kind: "price_changed", feature: "assistant", from: rate("answer", 1), to: rate("answer", 2) },
          { kind: "action_added", feature: "assistant", to: rate("summary", 3) },
          {
            kind: "action_removed",
            feature: "assistant",
            from: rate("tokens", 1, { perMicros: 1000 * CREDIT }),
          },
          { kind: "beta_ended", feature: "research" },
          { kind: "feature_added", feature: "fresh" },
          { kind: "feature_removed", feature: "old" },
        ],
      },
      {
        version: 3,
        effectiveAtMs: 300,
        changes: [
          {
            kind: "price_changed",
            feature: "assistant",
            from: rate("summary", 3),
            to: rate("summary", 3, { blocks: true }),
          },
          { kind: "beta_began", feature: "research" },
        ],
      },
    ]);
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
