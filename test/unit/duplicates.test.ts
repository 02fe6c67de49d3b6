/** Duplicates (rules, 10.7): by example, and against comparing every entry with every other. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DUPLICATE_GROUPS_MAX,
  DUPLICATE_WINDOW_MS,
  type DuplicateEntry,
  duplicateFinder,
  findDuplicates,
} from "../../shared/reports/duplicates.ts";
import { PATIENT, runs } from "./property.ts";

const HOUR_MS = 60 * 60 * 1000;
const NOON_MS = Date.parse("2026-11-20T12:00:00Z");

let made = 0;

function entry(hours: number, more: Partial<DuplicateEntry> = {}): DuplicateEntry {
  made += 1;
  return {
    id: `e${String(made).padStart(6, "0")}`,
    feature: "customer_agent",
    actions: ["conversation_handled"],
    subject: "ticket/1",
    occurredAtMs: NOON_MS + hours * HOUR_MS,
    creditsMicros: 100,
    ...more,
  };
}

/** The rule as it stands: of each entry, whether another one of the same thing came before it within 24 hours. */
function quadratic(entries: readonly DuplicateEntry[]): readonly DuplicateEntry[] {
  const thing = ({ feature, actions, subject }: DuplicateEntry) =>
    [feature, subject, ...[...new Set(actions)].sort()].join("|");
  const isBefore = (a: DuplicateEntry, b: DuplicateEntry) =>
    a.occurredAtMs < b.occurredAtMs || (a.occurredAtMs === b.occurredAtMs && a.id < b.id);
  return entries.filter((one) =>
    entries.some(
      (other) =>
        one.subject !== undefined &&
        other.id !== one.id &&
        thing(other) === thing(one) &&
        isBefore(other, one) &&
        one.occurredAtMs - other.occurredAtMs <= DUPLICATE_WINDOW_MS,
    ),
  );
}

function creditsOf(entries: readonly DuplicateEntry[]): bigint {
  return entries.reduce((sum, { creditsMicros }) => sum + BigInt(creditsMicros), 0n);
}

describe("duplicates", () => {
  test("are the second and further uses of one subject within 24 hours", () => {
    const [first, second, third] = [
      entry(0),
      entry(3, { creditsMicros: 30 }),
      entry(26, { creditsMicros: 7 }),
    ];
    const { groups, ...totals } = findDuplicates([first, second, third], "oldest_first");
    expect(totals).toEqual({
      duplicates: 2,
      creditsMicros: 37n,
      features: [{ feature: "customer_agent", duplicates: 2, creditsMicros: 37n }],
    });
    expect(groups).toEqual([
      {
        feature: "customer_agent",
        actions: ["conversation_handled"],
        subject: "ticket/1",
        firstId: first.id,
        firstAtMs: first.occurredAtMs,
        lastAtMs: third.occurredAtMs,
        duplicates: 2,
        creditsMicros: 37n,
      },
    ]);
  });

  test.each([
    ["after more than 24 hours", entry(24 + 1 / HOUR_MS)],
    ["of another subject", entry(1, { subject: "ticket/2" })],
    ["without a subject", entry(1, { subject: undefined })],
    ["of another feature", entry(1, { feature: "prospecting_agent" })],
    ["of more actions", entry(1, { actions: ["conversation_handled", "page_read"] })],
  ])("are not uses %s", (_, other) => {
    expect(findDuplicates([entry(0), other], "any").duplicates).toBe(0);
  });

  test("are uses after exactly 24 hours, and of the same actions in another order", () => {
    const pair = [entry(0, { actions: ["a", "b"] }), entry(24, { actions: ["b", "a", "b"] })];
    expect(findDuplicates(pair, "oldest_first").duplicates).toBe(1);
  });

  test("uses without a subject are never compared with each other", () => {
    const none = [entry(0, { subject: undefined }), entry(1, { subject: undefined })];
    expect(findDuplicates(none, "any").duplicates).toBe(0);
  });

  test("a use between two others makes one run of them", () => {
    const [first, last, between] = [entry(0), entry(40), entry(20)];
    const { groups } = findDuplicates([first, last, between], "any");
    expect(groups).toMatchObject([{ firstId: first.id, lastAtMs: last.occurredAtMs, duplicates: 2 }]);
  });

  test("the groups with the most credits are listed, and all are counted", () => {
    const pairs = Array.from({ length: 3 * DUPLICATE_GROUPS_MAX }, (_, index) => {
      const subject = `ticket/${index}`;
      return [entry(0, { subject }), entry(1, { subject, creditsMicros: (index * 7919) % 1000 })];
    }).flat();
    const report = findDuplicates(pairs, "any");
    const credits = pairs.filter((_, index) => index % 2 === 1).map(({ creditsMicros }) => creditsMicros);
    expect(report.duplicates).toBe(3 * DUPLICATE_GROUPS_MAX);
    expect(report.groups.map(({ creditsMicros }) => Number(creditsMicros))).toEqual(
      credits.sort((a, b) => b - a).slice(0, DUPLICATE_GROUPS_MAX),
    );
  });

  test("of a year are found with what lies within about a day", () => {
    for (const order of ["oldest_first", "newest_first"] as const) {
      const finder = duplicateFinder(order);
      let most = 0;
      for (let hour = 0; hour < 365 * 24; hour += 1) {
        const at = order === "oldest_first" ? hour : -hour;
        finder.add(entry(at, { subject: `ticket/${hour}` }));
        if (hour % 10 === 0) finder.add(entry(at, { subject: `ticket/${hour}` }));
        most = Math.max(most, finder.openRuns());
      }
      expect(most).toBeGreaterThanOrEqual(24);
      expect(most).toBeLessThanOrEqual(32);
      expect(finder.report().duplicates).toBe(876);
    }
  });
});

describe("any entries", () => {
  const anyEntries = fc
    .array(
      fc.record({
        feature: fc.constantFrom("a", "b"),
        actions: fc.subarray(["x", "y"], { minLength: 1 }),
        subject: fc.constantFrom("s1", "s2", "s3", undefined),
        occurredAtMs: fc.oneof(
          fc.integer({ min: 0, max: 200 }).map((hours) => NOON_MS + hours * HOUR_MS),
          fc.integer({ min: 0, max: 8 * DUPLICATE_WINDOW_MS }).map((ms) => NOON_MS + ms),
        ),
        creditsMicros: fc.nat({ max: 1_000_000_000 }),
      }),
      { maxLength: 60 },
    )
    .map((list) => list.map((one, index): DuplicateEntry => ({ ...one, id: `id${index}` })));

  test("have the duplicates that comparing all of them finds, in whatever order they come", PATIENT, () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const expected = quadratic(entries);
        const report = findDuplicates(entries, "any");
        expect(report.duplicates).toBe(expected.length);
        expect(report.creditsMicros).toBe(creditsOf(expected));
        for (const { feature, duplicates, creditsMicros } of report.features) {
          const ofFeature = expected.filter((one) => one.feature === feature);
          expect([duplicates, creditsMicros]).toEqual([ofFeature.length, creditsOf(ofFeature)]);
        }
        expect(report.groups.reduce((sum, { creditsMicros }) => sum + creditsMicros, 0n)).toBe(
          creditsOf(expected),
        );
        expect(report.groups.every(({ firstId }) => expected.every(({ id }) => id !== firstId))).toBe(true);
      }),
      runs(600),
    );
  });

  test("in the order of time, or nearly, give the same report while runs are let go", PATIENT, () => {
    const anyDelay = fc.constantFrom(0, HOUR_MS, 3 * DUPLICATE_WINDOW_MS);
    fc.assert(
      fc.property(
        anyEntries,
        anyDelay,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (entries, delayMsMax, delays) => {
          const delayed = entries.map((one) => {
            const delay = Number(delays.next().value) * delayMsMax;
            return { one, forwards: one.occurredAtMs + delay, backwards: one.occurredAtMs - delay };
          });
          const expected = findDuplicates(entries, "any");
          const oldestFirst = delayed.toSorted((a, b) => a.forwards - b.forwards).map(({ one }) => one);
          const newestFirst = delayed.toSorted((a, b) => b.backwards - a.backwards).map(({ one }) => one);
          expect(findDuplicates(oldestFirst, "oldest_first", delayMsMax)).toEqual(expected);
          expect(findDuplicates(newestFirst, "newest_first", delayMsMax)).toEqual(expected);
        },
      ),
      runs(600),
    );
  });
});
