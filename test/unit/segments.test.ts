/** Where the journal is cut into segments for D1. */
import { describe, expect, test } from "vitest";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { toSegmentEntry } from "../../shared/queues.ts";
import { cutSegments } from "../../workers/account/segments.ts";

/** What a queue takes per message. */
const MESSAGE_BYTES_MAX = 128_000;

/** As products send them: with user, workflow and the time at which it occurred. */
function entry(seq: number, more: Partial<UsageEntry> = {}): UsageEntry {
  return {
    seq,
    id: `0f1c2d3e-4b5a-6978-8a9b-${String(seq).padStart(12, "0")}`,
    period: "2026-11-14",
    mode: "record",
    atMs: 1_795_290_583_033 + seq,
    day: "2026-11-21",
    feature: "customer_agent",
    items: [["conversation_handled", 1_000_000, 10_000_000]],
    creditsMicros: 10_000_000,
    rateVersion: 12,
    user: "u_1234",
    workflow: "ticket-triage",
    occurredAtMs: 1_795_290_500_000 + seq,
    ...more,
  };
}

function entries(count: number, more: Partial<UsageEntry> = {}): readonly UsageEntry[] {
  return Array.from({ length: count }, (_, index) => entry(index + 1, more));
}

const small = { id: "e", mode: undefined, user: undefined, workflow: undefined, occurredAtMs: undefined };

describe("a segment", () => {
  test("of usual entries spreads its 41 D1 rows of 40 roll-up groups over enough events: 0.1 each at most", () => {
    const [first] = cutSegments(entries(2_000), false);
    expect(first?.firstSeq).toBe(1);
    expect(first?.lastSeq).toBeGreaterThanOrEqual(410);
  });

  test("fits a queue message, also where characters take several bytes", () => {
    const wide = entries(2_000, { subject: "票".repeat(200) });
    for (const { firstSeq, lastSeq } of cutSegments(wide, true)) {
      const sent = wide.slice(firstSeq - 1, lastSeq).map(toSegmentEntry);
      expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThan(MESSAGE_BYTES_MAX - 1_000);
    }
  });

  test("has at most 500 entries", () => {
    expect(cutSegments(entries(1_200, small), false)).toEqual([
      { firstSeq: 1, lastSeq: 500 },
      { firstSeq: 501, lastSeq: 1000 },
    ]);
  });

  test("that can still grow is cut only when all are asked for", () => {
    expect(cutSegments(entries(3), false)).toEqual([]);
    expect(cutSegments(entries(3), true)).toEqual([{ firstSeq: 1, lastSeq: 3 }]);
    expect(cutSegments([], true)).toEqual([]);
  });

  test("never spans two periods", () => {
    const run = [entry(1), entry(2), entry(3, { period: "2026-12-14" })];
    expect(cutSegments(run, false)).toEqual([{ firstSeq: 1, lastSeq: 2 }]);
  });
});
