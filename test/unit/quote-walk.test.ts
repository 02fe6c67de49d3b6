/** A quote reads each entry of its range once, whatever the segments are like. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { inRange, type UsageRange } from "../../shared/reports/range.ts";
import { walkRange } from "../../workers/operator/quote-walk.ts";
import type { LogSource, SegmentHead } from "../../workers/reports/log-walk.ts";
import { PATIENT, runs } from "./property.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_DAY_MS = Date.parse("2026-11-01T00:00:00Z");

function dayOf(index: number): string {
  return new Date(FIRST_DAY_MS + index * DAY_MS).toISOString().slice(0, 10);
}

function entryOf(seq: number, day: number, period: string): UsageEntry {
  const atMs = FIRST_DAY_MS + day * DAY_MS;
  return {
    seq,
    id: `e${seq}`,
    period,
    atMs,
    day: dayOf(day),
    feature: "f",
    items: [],
    creditsMicros: 0,
    rateVersion: 1,
  };
}

/** D1 with these entries in segments of the given sizes; counts its queries and the most that one of them read. */
function sourceOf(entries: readonly UsageEntry[], sizes: readonly number[]) {
  const segments: { readonly head: SegmentHead; readonly entries: readonly UsageEntry[] }[] = [];
  let start = 0;
  for (let index = 0; start < entries.length; index += 1) {
    const run = entries.slice(start, start + (sizes[index % sizes.length] ?? 1));
    const times = run.map(({ atMs }) => atMs);
    const head = { firstSeq: run[0]?.seq ?? 0, fromMs: Math.min(...times), toMs: Math.max(...times) };
    segments.push({ head, entries: run });
    start += run.length;
  }
  const counted = { queries: 0, mostEntries: 0 };
  const source: LogSource = {
    spans: () => Promise.reject(new Error("a quote knows its span")),
    async heads(beforeSeq, limit) {
      counted.queries += 1;
      return segments
        .map(({ head }) => head)
        .filter(({ firstSeq }) => firstSeq < beforeSeq)
        .toReversed()
        .slice(0, limit);
    },
    async entries(heads) {
      counted.queries += 1;
      const asked = new Set(heads.map(({ firstSeq }) => firstSeq));
      const read = segments
        .filter(({ head }) => asked.has(head.firstSeq))
        .flatMap((segment) => segment.entries);
      counted.mostEntries = Math.max(counted.mostEntries, read.length);
      return read.toReversed();
    },
  };
  return { source, counted };
}

async function walk(
  source: LogSource,
  tail: readonly UsageEntry[],
  acknowledgedSeq: number,
  range: UsageRange,
) {
  const seqs: number[] = [];
  let queries = 0;
  for await (const step of walkRange(source, { tail, acknowledgedSeq }, range)) {
    seqs.push(...step.entries.map(({ seq }) => seq));
    queries += step.queries;
  }
  return { seqs, queries };
}

const days = (from: number, to: number): UsageRange => {
  const span = { from: dayOf(from), to: dayOf(to) };
  return { days: span, period: null, search: span };
};

test(
  "each entry of the range once, newest first, of tail and D1, whatever D1 holds beyond",
  PATIENT,
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 20 }), fc.constantFrom("p1", "p2")), { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        fc.nat({ max: 60 }),
        fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 20 }), fc.option(fc.constantFrom("p1", "p2"))),
        async (booked, sizes, shipped, [a, b, period]) => {
          const entries = booked.map(([day, name], index) => entryOf(index + 1, day, name));
          const acknowledgedSeq = Math.min(shipped, entries.length);
          const { source, counted } = sourceOf(entries, sizes);
          const span = { from: dayOf(Math.min(a, b)), to: dayOf(Math.max(a, b)) };
          const search = { from: dayOf(0), to: dayOf(21) };
          const range =
            period === null ? days(Math.min(a, b), Math.max(a, b)) : { days: span, period, search };
          const { seqs, queries } = await walk(
            source,
            entries.slice(acknowledgedSeq),
            acknowledgedSeq,
            range,
          );
          const expected = entries.filter((entry) => inRange(entry, range)).map(({ seq }) => seq);
          expect(seqs).toEqual(expected.toReversed());
          expect(queries).toBe(counted.queries);
        },
      ),
      runs(300),
    );
  },
);

test("an account that books one entry a minute takes few queries for a month", async () => {
  const entries = Array.from({ length: 43_200 }, (_, index) =>
    entryOf(index + 1, Math.floor(index / 1440), "p1"),
  );
  const { source, counted } = sourceOf(entries, [1]);
  const { seqs } = await walk(source, [], entries.length, days(0, 30));
  expect(seqs).toHaveLength(43_200);
  expect(counted.queries).toBeLessThan(300);
});

test("full segments are read a few at a time", async () => {
  const entries = Array.from({ length: 50_000 }, (_, index) => entryOf(index + 1, 3, "p1"));
  const { source, counted } = sourceOf(entries, [500]);
  await walk(source, [], entries.length, days(0, 30));
  expect(counted.mostEntries).toBe(4_000);
});

test("segments of other days are not read", async () => {
  const entries = Array.from({ length: 5_000 }, (_, index) =>
    entryOf(index + 1, Math.floor(index / 500), "p1"),
  );
  const { source, counted } = sourceOf(entries, [500]);
  const { seqs } = await walk(source, [], entries.length, days(4, 4));
  expect(seqs).toHaveLength(500);
  // The day itself, and those that another time zone could call by its name.
  expect(counted.mostEntries).toBeLessThanOrEqual(1_500);
});
