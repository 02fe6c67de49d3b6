/** What the tail adds to a report is what D1's trigger would have added (rules, 10.2). */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { EntryItem, UsageEntry } from "../../shared/credits/entries.ts";
import { foldEntries, type Rollup } from "../../shared/reports/fold.ts";
import { segmentsOf, storeOnly } from "./report-fixtures.ts";

const CREDITS_MICROS_MAX = 8_000_000_000_000_000;

const item = fc.tuple(
  fc.constantFrom("answer", "tokens", "ünï'\"\\code"),
  fc.oneof(fc.integer({ min: 0, max: 5_000_000 }), fc.integer({ min: 0, max: CREDITS_MICROS_MAX })),
  fc.integer({ min: 0, max: 1_000_000_000 }),
);

const name = (...names: string[]) => fc.option(fc.constantFrom(...names), { nil: undefined });

const draft = fc.record({
  items: fc.array(item, { minLength: 1, maxLength: 4 }),
  day: fc.constantFrom("2026-11-19", "2026-11-20", "2026-11-21"),
  feature: fc.constantFrom("assistant", "research"),
  user: name("u1", "u2", "O'Brien \\ 😀"),
  workflow: name("triage", "null"),
  teams: fc.option(fc.uniqueArray(fc.constantFrom("sales", "b 'x'"), { minLength: 1 }), { nil: undefined }),
  outcome: fc.option(
    fc.record(
      {
        type: fc.constantFrom("resolved", "time_saved"),
        value: fc.record({ amountMinor: fc.nat(10_000), currency: fc.constant("USD") }),
        quantityMicros: fc.nat(5_000_000),
        unit: fc.constantFrom("hours", "rows"),
      },
      { requiredKeys: ["type"] },
    ),
    { nil: undefined },
  ),
  about: fc.constantFrom("use", "use", "use", "correction", "closed", "attached"),
});

const drafts = fc.array(draft, { minLength: 1, maxLength: 40 });

type Draft = typeof draft extends fc.Arbitrary<infer Value> ? Value : never;

/** Uses, corrections of the open and of a closed period, and outcomes that came later. */
function toEntries(all: readonly Draft[]) {
  return all.map(({ about, items, outcome, ...fields }, index): UsageEntry => {
    const seq = index + 1;
    const period = index < all.length / 3 ? "2026-10-14" : "2026-11-14";
    const of = { eventId: `e${seq}`, seq, creditsMicros: 1 + index };
    const reverses = { ...of, period, periodStartMs: 0, overdraftMicros: 0, reason: "" };
    const reversed = items.map(([action, quantity, credits]): EntryItem => [action, -quantity, -credits]);
    const counted = { use: items, correction: reversed, closed: [], attached: [] }[about];
    const entry = {
      seq,
      id: `e${seq}`,
      period,
      atMs: 1_000 + index,
      rateVersion: 1,
      items: counted,
      creditsMicros: counted.reduce((sum, [, , creditsMicros]) => sum + creditsMicros, 0),
      ...fields,
      outcome: about === "attached" ? (outcome ?? { type: "resolved" }) : outcome,
      ...(about === "correction" || about === "closed" ? { correction: reverses, outcome: undefined } : {}),
      ...(about === "attached" ? { attached: of } : {}),
    };
    return JSON.parse(JSON.stringify(entry));
  });
}

/** D1's rows, read exactly. */
async function rollupsOf(accountKey: string): Promise<readonly Rollup[]> {
  const { results } = await env.DB.prepare(
    `SELECT dimension, day, feature, key, period, events, uses,
            CAST(quantity_micros AS TEXT) AS quantity, CAST(credits_micros AS TEXT) AS credits,
            CAST(value_minor AS TEXT) AS value
       FROM rollups WHERE account_key = ?`,
  )
    .bind(accountKey)
    .all<
      Omit<Rollup, "quantityMicros" | "creditsMicros" | "valueMinor"> &
        Record<"quantity" | "credits" | "value", string>
    >();
  return results.map(({ quantity, credits, value, ...row }) => ({
    ...row,
    quantityMicros: BigInt(quantity),
    creditsMicros: BigInt(credits),
    valueMinor: BigInt(value),
  }));
}

function sorted(rollups: readonly Rollup[]): readonly Rollup[] {
  const nameOf = ({ dimension, day, feature, key, period }: Rollup) =>
    JSON.stringify([dimension, day, feature, key, period]);
  return [...rollups].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

test("the same entries give the same groups, through D1's trigger and through the fold", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(drafts, fc.integer({ min: 1, max: 15 }), async (all, size) => {
      run += 1;
      const accountKey = `test:fold-${run}`;
      const entries = toEntries(all);
      await storeOnly(segmentsOf(accountKey, entries, size));
      expect(sorted(await rollupsOf(accountKey))).toEqual(sorted(foldEntries(entries)));
    }),
    { numRuns: 60, seed: 20261114 },
  );
}, 30_000);
