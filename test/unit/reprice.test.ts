/** Usage that was booked, priced again under another version (rules, 8.5). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccountRates } from "../../shared/credits/account-rates.ts";
import type { EntryItem, UsageEntry } from "../../shared/credits/entries.ts";
import { type Feature, quote, type Rate } from "../../shared/credits/rates.ts";
import { addUp, repricing } from "../../shared/reports/reprice.ts";
import { credits } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

function rate(action: string, amount: number, per = 1, blocks = false): Rate {
  return { action, name: action, creditsMicros: credits(amount), perMicros: credits(per), blocks };
}

function feature(name: string, actions: readonly Rate[], beta = false): Feature {
  return { feature: name, name, category: "other", description: "", beta, actions };
}

function entry(seq: number, items: readonly EntryItem[], more: Partial<UsageEntry> = {}): UsageEntry {
  return {
    seq,
    id: `e${seq}`,
    period: "2026-11-14",
    atMs: seq,
    day: "2026-11-20",
    feature: "assistant",
    items,
    creditsMicros: items.reduce((sum, [, , micros]) => sum + micros, 0),
    rateVersion: 1,
    ...more,
  };
}

function used(action: string, quantity: number, amount: number): EntryItem {
  return [action, credits(quantity), credits(amount)];
}

/** As the account books it: what is reversed is named, and counts negative where the period is open. */
function correctionOf(
  seq: number,
  original: UsageEntry,
  amount: number,
  items: readonly EntryItem[],
): UsageEntry {
  const { id: eventId, period } = original;
  const reversed = { creditsMicros: credits(amount), overdraftMicros: 0, reason: "wrong" };
  return entry(seq, items, {
    correction: { eventId, seq: original.seq, period, periodStartMs: 0, ...reversed },
  });
}

function reprice(
  features: readonly Feature[],
  entries: readonly UsageEntry[],
  ownRates: readonly AccountRates[] = [],
) {
  const prices = repricing(features, ownRates);
  // Newest first, a few at a time, as they are read.
  const newestFirst = entries.toSorted((a, b) => b.seq - a.seq);
  for (const one of newestFirst) prices.add([one]);
  return prices.result();
}

describe("usage under another version", () => {
  const draft = [
    feature("assistant", [rate("answer", 2), rate("tokens", 20, 10_000, true), rate("words", 1, 3)]),
    feature("preview", [rate("try", 9)], true),
  ];

  test("is priced entry by entry: each item is rounded by itself, blocks never join", () => {
    const entries = [
      entry(1, [used("answer", 3, 3), used("tokens", 6_000, 0.6)]),
      entry(2, [used("tokens", 6_000, 0.6), used("words", 1, 0.1)]),
      entry(3, [used("words", 1, 0.1)]),
      entry(4, [used("try", 5, 5)], { feature: "preview" }),
    ];
    expect(reprice(draft, entries)).toEqual({
      actions: [
        {
          feature: "assistant",
          action: "answer",
          uses: 1,
          quantityMicros: 3_000_000n,
          bookedMicros: 3_000_000n,
          draftMicros: 6_000_000n,
        },
        {
          feature: "assistant",
          action: "tokens",
          uses: 2,
          quantityMicros: 12_000_000_000n,
          bookedMicros: 1_200_000n,
          draftMicros: 40_000_000n,
        },
        {
          feature: "assistant",
          action: "words",
          uses: 2,
          quantityMicros: 2_000_000n,
          bookedMicros: 200_000n,
          draftMicros: 666_668n,
        },
        {
          feature: "preview",
          action: "try",
          uses: 1,
          quantityMicros: 5_000_000n,
          bookedMicros: 5_000_000n,
          draftMicros: 0n,
        },
      ],
      unpriced: [],
    });
  });

  test("what the version does not know is counted by name, apart", () => {
    const entries = [
      entry(1, [used("answer", 1, 1), used("old", 2, 8)]),
      entry(2, [used("run", 1, 4)], { feature: "gone" }),
      entry(3, [used("run", 2, 8)], { feature: "gone" }),
    ];
    const { actions, unpriced } = reprice(draft, entries);
    expect(actions).toMatchObject([{ action: "answer", bookedMicros: 1_000_000n, draftMicros: 2_000_000n }]);
    expect(unpriced).toEqual([
      { feature: "assistant", action: "old", uses: 1, quantityMicros: 2_000_000n, bookedMicros: 8_000_000n },
      { feature: "gone", action: "run", uses: 2, quantityMicros: 3_000_000n, bookedMicros: 12_000_000n },
    ]);
  });

  test("the account's own rates price what they priced then, where the version knows the action", () => {
    const own = (version: number, amount: number): AccountRates => ({
      version,
      effectiveAtMs: 0,
      publishedAtMs: 0,
      shortNotice: false,
      rates: [
        {
          feature: "assistant",
          action: "answer",
          creditsMicros: credits(amount),
          perMicros: credits(1),
          blocks: false,
        },
        {
          feature: "preview",
          action: "try",
          creditsMicros: credits(amount),
          perMicros: credits(1),
          blocks: false,
        },
      ],
    });
    const entries = [
      entry(1, [used("answer", 1, 1)]),
      entry(2, [used("answer", 1, 0.5)], { accountRatesVersion: 1 }),
      entry(3, [used("answer", 1, 0.7), used("words", 3, 0.3)], { accountRatesVersion: 2 }),
      entry(4, [used("try", 1, 0)], { feature: "preview", accountRatesVersion: 2 }),
    ];
    expect(reprice(draft, entries, [own(1, 0.5), own(2, 0.7)]).actions).toMatchObject([
      { action: "answer", bookedMicros: 2_200_000n, draftMicros: 3_200_000n },
      { action: "words", draftMicros: 1_000_000n },
      { action: "try", draftMicros: 0n },
    ]);
  });

  const anyRate = fc.record({
    creditsMicros: fc.nat({ max: credits(100) }),
    perMicros: fc.integer({ min: 1000, max: credits(100) }),
    blocks: fc.boolean(),
  });

  test("under the version that booked it, it costs what was booked", PATIENT, () => {
    fc.assert(
      fc.property(
        anyRate,
        anyRate,
        fc.array(fc.tuple(fc.nat({ max: credits(1000) }), fc.nat({ max: credits(1000) })), { maxLength: 20 }),
        (first, second, events) => {
          const rates = [
            { ...rate("a", 0), ...first },
            { ...rate("b", 0), ...second },
          ];
          const sheet = { version: 1, effectiveAtMs: 0, features: [feature("assistant", rates)] };
          const entries = events.map(([a, b], index) => {
            const items = [
              { action: "a", quantityMicros: a },
              { action: "b", quantityMicros: b },
            ];
            const priced = quote(sheet, "assistant", items);
            if ("kind" in priced) throw new Error(priced.kind);
            return entry(
              index + 1,
              priced.items.map((item): EntryItem => [item.action, item.quantityMicros, item.creditsMicros]),
            );
          });
          const booked = entries.reduce((sum, { creditsMicros }) => sum + BigInt(creditsMicros), 0n);
          const { actions, unpriced } = reprice(sheet.features, entries);
          expect(unpriced).toEqual([]);
          expect(actions.reduce((sum, { draftMicros }) => sum + draftMicros, 0n)).toBe(booked);
          for (const { draftMicros, bookedMicros } of actions) expect(draftMicros).toBe(bookedMicros);
        },
      ),
      runs(300),
    );
  });
});

describe("corrected usage", () => {
  const draft = [feature("assistant", [rate("answer", 3), rate("words", 1, 3)])];

  test("an event that was reversed as a whole costs nothing in any version", () => {
    const original = entry(1, [used("answer", 2, 2), used("old", 1, 1)]);
    const correction = correctionOf(2, original, 3, [
      ["answer", credits(-2), credits(-2)],
      ["old", credits(-1), credits(-1)],
    ]);
    const { actions, unpriced } = reprice(draft, [original, correction]);
    expect(actions).toMatchObject([{ uses: 1, quantityMicros: 0n, bookedMicros: 0n, draftMicros: 0n }]);
    expect(unpriced).toMatchObject([{ action: "old", quantityMicros: 0n, bookedMicros: 0n }]);
  });

  test("of one reversed in part the share that is left counts, rounded up", () => {
    const original = entry(1, [used("answer", 4, 4), used("words", 1, 4)]);
    const first = correctionOf(2, original, 2, [
      ["answer", 0, credits(-1)],
      ["words", 0, credits(-1)],
    ]);
    const second = correctionOf(3, original, 4, [
      ["answer", 0, credits(-2)],
      ["words", 0, credits(-2)],
    ]);
    // 8 booked, 6 reversed: a quarter of 12 and of 0.333334.
    expect(reprice(draft, [original, first, second]).actions).toMatchObject([
      { action: "answer", bookedMicros: 1_000_000n, draftMicros: 3_000_000n },
      { action: "words", bookedMicros: 1_000_000n, draftMicros: 83_334n },
    ]);
  });

  test("a correction of a closed period counts nothing here", () => {
    const original = entry(1, [used("answer", 4, 4)], { period: "2026-10-14" });
    expect(
      reprice(draft, [entry(5, [used("answer", 1, 1)]), correctionOf(6, original, 4, [])]),
    ).toMatchObject({
      actions: [{ bookedMicros: 1_000_000n, draftMicros: 3_000_000n }],
      unpriced: [],
    });
  });

  test("a correction whose event lies before the range is counted by name, apart", () => {
    const outside = entry(1, [used("answer", 4, 4)]);
    const entries = [
      entry(5, [used("answer", 1, 1)]),
      correctionOf(6, outside, 4, [["answer", credits(-4), credits(-4)]]),
    ];
    expect(reprice(draft, entries)).toMatchObject({
      actions: [{ action: "answer", bookedMicros: 1_000_000n, draftMicros: 3_000_000n }],
      unpriced: [{ action: "answer", uses: 0, bookedMicros: -4_000_000n }],
    });
  });
});

test("accounts add up by feature and action", () => {
  const draft = [feature("assistant", [rate("answer", 2), rate("words", 1)])];
  const one = reprice(draft, [entry(1, [used("answer", 1, 1), used("old", 1, 1)])]);
  const other = reprice(draft, [entry(1, [used("words", 1, 1), used("answer", 2, 2)])]);
  expect(addUp([one, other])).toEqual({
    actions: [
      {
        feature: "assistant",
        action: "answer",
        uses: 2,
        quantityMicros: 3_000_000n,
        bookedMicros: 3_000_000n,
        draftMicros: 6_000_000n,
      },
      {
        feature: "assistant",
        action: "words",
        uses: 1,
        quantityMicros: 1_000_000n,
        bookedMicros: 1_000_000n,
        draftMicros: 1_000_000n,
      },
    ],
    unpriced: [
      { feature: "assistant", action: "old", uses: 1, quantityMicros: 1_000_000n, bookedMicros: 1_000_000n },
    ],
  });
});
