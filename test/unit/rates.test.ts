/** Prices of events (rules, sections 3.5, 3.7 and 8.1-8.3). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CREDITS_MICROS_MAX } from "../../shared/credits/amounts.ts";
import { pricedAtMs } from "../../shared/credits/entries.ts";
import { type Feature, quote, type Rate, type RateSheet, rateSheetAt } from "../../shared/credits/rates.ts";
import { credits } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

function rate(action: string, amount: number, per = 1, blocks = false): Rate {
  return { action, name: action, creditsMicros: credits(amount), perMicros: credits(per), blocks };
}

function feature(actions: readonly Rate[], more: Partial<Feature> = {}): Feature {
  return {
    feature: "assistant",
    name: "Assistant",
    category: "support",
    description: "",
    beta: false,
    actions,
    ...more,
  };
}

function sheet(features: readonly Feature[], version = 1, effectiveAtMs = 0): RateSheet {
  return { version, effectiveAtMs, features };
}

/** Credits of one event with these quantities at these rates, in order. */
function costOf(rates: readonly Rate[], quantitiesMicros: readonly number[]): number | string {
  const actions = rates.map((known, index) => ({ ...known, action: `a${index}` }));
  const items = quantitiesMicros.map((quantityMicros, index) => ({ action: `a${index}`, quantityMicros }));
  const priced = quote(sheet([feature(actions)]), "assistant", items);
  return "kind" in priced ? priced.kind : priced.creditsMicros;
}

describe("the cost of an event", () => {
  const anyRate = fc.record({
    creditsMicros: fc.nat({ max: credits(1000) }),
    perMicros: fc.oneof(
      fc.constantFrom(...[1, 10, 100, 1000, 10_000].map(credits)),
      fc.integer({ min: 1, max: 1e10 }),
    ),
    blocks: fc.boolean(),
  });
  const anyQuantity = fc.oneof(fc.nat({ max: credits(100_000) }), fc.integer({ min: 0, max: 8e15 }));
  const anyItem = fc.tuple(anyRate, anyQuantity);

  /** The rule as fractions: the smallest number of micro-credits, or of started blocks, that is enough. */
  function isCost(
    costMicros: bigint,
    known: Pick<Rate, "creditsMicros" | "perMicros" | "blocks">,
    quantity: number,
  ) {
    const [per, price] = [BigInt(known.perMicros), BigInt(known.creditsMicros)];
    if (!known.blocks) {
      const exact = BigInt(quantity) * price;
      return costMicros * per >= exact && (costMicros - 1n) * per < exact;
    }
    if (price === 0n) return costMicros === 0n;
    const blocks = costMicros / price;
    return (
      costMicros % price === 0n && blocks * per >= BigInt(quantity) && (blocks - 1n) * per < BigInt(quantity)
    );
  }

  test("is quantity × credits ÷ per, exact, each item rounded up by itself", PATIENT, () => {
    fc.assert(
      fc.property(anyItem, ([known, quantity]) => {
        const cost = costOf([{ ...rate("a", 1), ...known }], [quantity]);
        if (typeof cost === "string") {
          const exact = (BigInt(quantity) * BigInt(known.creditsMicros)) / BigInt(known.perMicros);
          const most = known.blocks ? exact + BigInt(known.creditsMicros) : exact + 1n;
          expect([cost, most > BigInt(CREDITS_MICROS_MAX)]).toEqual(["credits_too_large", true]);
        } else {
          expect(cost <= CREDITS_MICROS_MAX).toBe(true);
          expect(isCost(BigInt(cost), known, quantity)).toBe(true);
        }
      }),
      runs(4000),
    );
  });

  test("of several items is their sum", PATIENT, () => {
    const small = fc.tuple(anyRate, fc.nat({ max: credits(1000) }));
    fc.assert(
      fc.property(fc.array(small, { minLength: 1, maxLength: 8 }), (items) => {
        const rates = items.map(([known]) => ({ ...rate("a", 1), ...known }));
        const quantities = items.map(([, quantity]) => quantity);
        const alone = items.map(([known, quantity]) => costOf([{ ...rate("a", 1), ...known }], [quantity]));
        if (alone.some((cost) => typeof cost === "string")) return;
        const sum = alone.reduce<bigint>((total, cost) => total + BigInt(cost), 0n);
        const expected = sum > BigInt(CREDITS_MICROS_MAX) ? "credits_too_large" : Number(sum);
        expect(costOf(rates, quantities)).toBe(expected);
      }),
      runs(1000),
    );
  });

  test("10,001 tokens at 20 credits per started 10,000 cost 40 credits", () => {
    const voice = [rate("standard", 20, 10_000, true)];
    expect(costOf(voice, [credits(10_001)])).toBe(credits(40));
    expect(costOf(voice, [credits(10_000)])).toBe(credits(20));
    expect(costOf(voice, [credits(0.000001)])).toBe(credits(20));
    expect(costOf(voice, [0])).toBe(0);
  });

  test.each([
    ["HubSpot: a conversation handled", 100, 1, 1, 100],
    ["HubSpot: three records enriched", 10, 1, 3, 30],
    ["Copilot: 7 agent flow actions", 13, 100, 7, 0.91],
    ["Copilot: one response of a basic tool", 1, 10, 1, 0.1],
    ["Copilot: 3 responses of a premium tool", 100, 10, 3, 30],
    ["374 tokens at 1 credit per 1,000", 1, 1000, 374, 0.374],
    ["one token at 1 credit per 3,000,000, rounded up", 1, 3_000_000, 1, 0.000001],
  ])("%s", (_, amount, per, quantity, cost) => {
    expect(costOf([rate("a", amount, per)], [credits(quantity)])).toBe(credits(cost));
  });

  test("of input and output tokens of one call is one sum with its parts", () => {
    const tokens = feature([rate("input_tokens", 1, 1000), rate("output_tokens", 4, 1000)]);
    const items = [
      { action: "input_tokens", quantityMicros: credits(374) },
      { action: "output_tokens", quantityMicros: credits(44) },
    ];
    expect(quote(sheet([tokens], 3), "assistant", items)).toEqual({
      rateVersion: 3,
      creditsMicros: credits(0.55),
      items: [
        { ...items[0], creditsMicros: credits(0.374) },
        { ...items[1], creditsMicros: credits(0.176) },
      ],
    });
  });

  test("of a beta feature is nothing, and its actions are known all the same", () => {
    const beta = sheet([feature([rate("answer", 100)], { beta: true })]);
    const item = { action: "answer", quantityMicros: credits(5) };
    expect(quote(beta, "assistant", [item])).toMatchObject({ creditsMicros: 0 });
    expect(quote(beta, "assistant", [{ ...item, action: "other" }])).toMatchObject({
      kind: "unknown_action",
    });
  });

  test("is refused for a feature or an action that the version does not have, by name", () => {
    const known = sheet([feature([rate("answer", 1)])], 7);
    const answer = { action: "answer", quantityMicros: credits(1) };
    expect(quote(known, "writer", [answer])).toEqual({
      kind: "unknown_feature",
      feature: "writer",
      rateVersion: 7,
    });
    expect(quote(known, "assistant", [answer, { ...answer, action: "summary" }])).toEqual({
      kind: "unknown_action",
      action: "summary",
      itemIndex: 1,
      actions: ["answer"],
    });
  });

  test("is refused above 8,000,000,000 credits, one by one or in total", () => {
    const dear = rate("a", 8_000_000_000);
    expect(costOf([dear], [credits(1)])).toBe(CREDITS_MICROS_MAX);
    expect(costOf([dear], [credits(1.000001)])).toBe("credits_too_large");
    expect(costOf([dear, rate("a", 1)], [credits(1), 1])).toBe("credits_too_large");
  });
});

describe("the version in force", () => {
  test("is the last one effective at or before the instant, the newer of two at once", PATIENT, () => {
    const versions = fc.uniqueArray(
      fc.record({ version: fc.integer({ min: 1, max: 50 }), effectiveAtMs: fc.integer({ min: 0, max: 20 }) }),
      { selector: ({ version }) => version, maxLength: 10 },
    );
    fc.assert(
      fc.property(versions, fc.integer({ min: 0, max: 21 }), (published, atMs) => {
        const sheets = published.map(({ version, effectiveAtMs }) => sheet([], version, effectiveAtMs));
        const inForce = sheets
          .filter((candidate) => candidate.effectiveAtMs <= atMs)
          .sort((a, b) => b.effectiveAtMs - a.effectiveAtMs || b.version - a.version)
          .at(0);
        expect(rateSheetAt(sheets, atMs)).toBe(inForce ?? null);
      }),
      runs(1000),
    );
  });

  test("for a record of 30 November that arrives on 2 December is November's, for a consume December's", () => {
    const sheets = [
      sheet([feature([rate("tokens", 1, 1000)])], 1),
      sheet([feature([rate("tokens", 2, 1000)])], 2, Date.parse("2026-12-01T00:00:00Z")),
    ];
    const event = {
      id: "late",
      feature: "assistant",
      items: [{ action: "tokens", quantityMicros: credits(5000) }],
      occurredAtMs: Date.parse("2026-11-30T23:00:00Z"),
    };
    const nowMs = Date.parse("2026-12-02T09:00:00Z");
    const price = (mode: "consume" | "record") => {
      const inForce = rateSheetAt(sheets, pricedAtMs(event, mode, nowMs));
      return inForce === null ? null : quote(inForce, event.feature, event.items);
    };
    expect(price("record")).toMatchObject({ creditsMicros: credits(5), rateVersion: 1 });
    expect(price("consume")).toMatchObject({ creditsMicros: credits(10), rateVersion: 2 });
  });

  test("for a record from minutes ahead is today's", () => {
    const event = { id: "a", feature: "f", items: [], occurredAtMs: 2000 };
    expect(pricedAtMs(event, "record", 1000)).toBe(1000);
  });
});
