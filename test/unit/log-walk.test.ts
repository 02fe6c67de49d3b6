/** The walk through the usage log: newest first, complete, in bounded steps (rules, 10.3). */
import { describe, expect, test } from "vitest";
import { logQuerySchema } from "../../shared/api/usage-log.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { mergeSpans } from "../../shared/reports/days.ts";
import { type LogFilter, matchesLog, spanOfLog } from "../../shared/reports/log-filter.ts";
import { type LogSource, type SegmentHead, walkLog } from "../../workers/reports/log-walk.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const START_MS = Date.parse("2026-01-01T00:00:00Z");
/** So many entries occur on each day. */
const PER_DAY = 100;

function entry(seq: number): UsageEntry {
  const atMs = START_MS + Math.floor(((seq - 1) * DAY_MS) / PER_DAY);
  return {
    seq,
    id: `e${seq}`,
    period: "2026-01-01",
    atMs,
    day: new Date(atMs).toISOString().slice(0, 10),
    feature: seq % 7 === 0 ? "research" : "assistant",
    items: [["answer", 1_000_000, 1_000_000]],
    creditsMicros: 1_000_000,
    rateVersion: 1,
    user: seq % 5 === 0 ? "u5" : "u1",
  };
}

function entries(fromSeq: number, toSeq: number): UsageEntry[] {
  return Array.from({ length: toSeq - fromSeq + 1 }, (_, index) => entry(fromSeq + index));
}

/** D1 in memory: entries 1 to `lastSeq` in segments of `size`, with a count of what was read. */
function sourceOf(lastSeq: number, size: number): LogSource & { readonly read: number[] } {
  const segments: (SegmentHead & { readonly held: readonly UsageEntry[] })[] = [];
  for (let firstSeq = 1; firstSeq <= lastSeq; firstSeq += size) {
    const held = entries(firstSeq, Math.min(lastSeq, firstSeq + size - 1));
    const times = held.map(({ atMs }) => atMs);
    segments.unshift({ firstSeq, fromMs: Math.min(...times), toMs: Math.max(...times), held });
  }
  const read: number[] = [];
  return {
    read,
    spans: async (filter) => [spanOfLog(filter)],
    heads: async (beforeSeq, limit) =>
      segments.filter(({ firstSeq }) => firstSeq < beforeSeq).slice(0, limit),
    entries: async (heads) => {
      const wanted = heads.map(({ firstSeq }) => firstSeq);
      read.push(...wanted);
      return segments
        .filter(({ firstSeq }) => wanted.includes(firstSeq))
        .flatMap(({ held }) => held.toReversed());
    },
  };
}

interface Shape {
  readonly acknowledgedSeq: number;
  readonly lastSeq: number;
  readonly filter?: LogFilter;
}

function walk({ acknowledgedSeq, lastSeq, filter = {} }: Shape, source: LogSource, beforeSeq?: number) {
  return walkLog(source, {
    tail: entries(acknowledgedSeq + 1, lastSeq),
    acknowledgedSeq,
    filter,
    beforeSeq: beforeSeq ?? Number.MAX_SAFE_INTEGER,
  });
}

/** The whole walk, as sequence numbers; or the first steps of it, until they hold so many. */
async function walked(
  steps: AsyncIterable<readonly UsageEntry[]>,
  wanted = Number.POSITIVE_INFINITY,
): Promise<readonly number[]> {
  const seqs: number[] = [];
  for await (const step of steps) {
    seqs.push(...step.map(({ seq }) => seq));
    if (seqs.length >= wanted) break;
  }
  return seqs;
}

function downFrom(seq: number): readonly number[] {
  return Array.from({ length: seq }, (_, index) => seq - index);
}

describe("the log", () => {
  test.each([
    { acknowledgedSeq: 0, lastSeq: 30 },
    { acknowledgedSeq: 30, lastSeq: 30 },
    { acknowledgedSeq: 1_234, lastSeq: 1_300 },
  ])("gives every entry once, newest first ($acknowledgedSeq of $lastSeq in D1)", async (shape) => {
    for (const size of [1, 7, 50, 500]) {
      const source = sourceOf(shape.acknowledgedSeq, size);
      expect(await walked(walk(shape, source))).toEqual(downFrom(shape.lastSeq));
    }
  });

  test("goes on from any entry", async () => {
    const shape = { acknowledgedSeq: 1_234, lastSeq: 1_300 };
    for (const beforeSeq of [1_280, 1_235, 1_234, 51, 1]) {
      const source = sourceOf(shape.acknowledgedSeq, 50);
      expect(await walked(walk(shape, source, beforeSeq))).toEqual(downFrom(beforeSeq - 1));
    }
  });

  test("is empty for an account without entries", async () => {
    const shape = { acknowledgedSeq: 0, lastSeq: 0 };
    expect(await walked(walk(shape, sourceOf(0, 50)))).toEqual([]);
  });

  test("reads one segment for its newest entries", async () => {
    const source = sourceOf(5_000, 50);
    await walked(walk({ acknowledgedSeq: 5_000, lastSeq: 5_000 }, source), 50);
    expect(source.read).toEqual([4_951]);
  });

  test("reads only the segments of the days asked for", async () => {
    const source = sourceOf(5_000, 50);
    const filter = {
      from: { kind: "day", day: "2026-01-10" },
      to: { kind: "day", day: "2026-01-11" },
    } as const;
    const found = await walked(walk({ acknowledgedSeq: 5_000, lastSeq: 5_000, filter }, source));
    expect(found).toHaveLength(2 * PER_DAY);
    expect(new Set(found.map((seq) => entry(seq).day))).toEqual(new Set(["2026-01-10", "2026-01-11"]));
    expect(source.read.length).toBeLessThanOrEqual(8);
  });

  test("filters by feature and user, in the tail and in D1", async () => {
    const shape = { acknowledgedSeq: 900, lastSeq: 1_000, filter: { feature: "research", user: "u5" } };
    const found = await walked(walk(shape, sourceOf(900, 50)));
    expect(found).toEqual(downFrom(1_000).filter((seq) => seq % 35 === 0));
  });
});

describe("the filter of the log", () => {
  const full: UsageEntry = {
    ...entry(7),
    items: [
      ["input", 374_000_000, 374_000],
      ["output", 44_000_000, 44_000],
    ],
    user: "u1",
    teams: ["sales", "berlin"],
    workflow: "triage",
    subject: "ticket/4711",
    outcome: { type: "ticket_resolved" },
  };

  test.each<[LogFilter, LogFilter]>([
    [{ feature: "research" }, { feature: "assistant" }],
    [{ action: "output" }, { action: "answer" }],
    [{ user: "u1" }, { user: "u" }],
    [{ team: "berlin" }, { team: "sales,berlin" }],
    [{ workflow: "triage" }, { workflow: "triag" }],
    [{ subject: "ticket/4711" }, { subject: "ticket/4712" }],
    [{ outcome: "with" }, { outcome: "without" }],
    [{ outcomeType: "ticket_resolved" }, { outcomeType: "meeting_booked" }],
    [
      { team: "sales", action: "input" },
      { team: "sales", action: "answer" },
    ],
  ])("lets an entry pass that is as %o says, not one that is as %o says", (such, other) => {
    expect([matchesLog(full, such), matchesLog(full, other)]).toEqual([true, false]);
  });

  test("takes an entry that says nothing for one without", () => {
    const bare = entry(1);
    expect(matchesLog(bare, { outcome: "without" })).toBe(true);
    for (const filter of [
      { team: "sales" },
      { workflow: "triage" },
      { subject: "s" },
      { outcomeType: "t" },
    ]) {
      expect(matchesLog(bare, filter), JSON.stringify(filter)).toBe(false);
    }
  });

  const late = { ...entry(1), day: "2026-01-02", atMs: 5_000, occurredAtMs: 1_000 };

  test("takes a day as whole and an instant as half-open", () => {
    const matches = (filter: LogFilter) => matchesLog(late, filter);
    expect(
      matches({ from: { kind: "day", day: "2026-01-02" }, to: { kind: "day", day: "2026-01-02" } }),
    ).toBe(true);
    expect(matches({ from: { kind: "day", day: "2026-01-03" } })).toBe(false);
    expect(matches({ to: { kind: "day", day: "2026-01-01" } })).toBe(false);
    expect(matches({ from: { kind: "instant", atMs: 1_000 } })).toBe(true);
    expect(matches({ from: { kind: "instant", atMs: 1_001 } })).toBe(false);
    expect(matches({ to: { kind: "instant", atMs: 1_000 } })).toBe(false);
    expect(matches({ to: { kind: "instant", atMs: 1_001 } })).toBe(true);
  });

  test("looks for a day wherever on earth it may be that day", () => {
    const { fromMs, toMs } = spanOfLog({
      from: { kind: "day", day: "2026-01-02" },
      to: { kind: "day", day: "2026-01-02" },
    });
    expect(fromMs).toBe(Date.parse("2026-01-02T00:00:00+14:00"));
    expect(toMs).toBe(Date.parse("2026-01-03T00:00:00-12:00"));
  });

  test("refuses bounds, cursors and parameters that are none", () => {
    const badFields = (query: Record<string, string>) =>
      logQuerySchema.safeParse(query).error?.issues.map((issue) => issue.path.join(".") || issue.code);
    expect(badFields({ from: "yesterday" })).toEqual(["from"]);
    expect(badFields({ from: "2026-01-01", to: "2026-01-01T00:00:00Z" })).toBe(undefined);
    expect(badFields({ cursor: "12" })).toEqual(["cursor"]);
    expect(badFields({ limit: "501" })).toEqual(["limit"]);
    expect(badFields({ outcome: "any" })).toEqual(["outcome"]);
    expect(badFields({ colour: "red" })).toEqual(["unrecognized_keys"]);
  });
});

test("spans that touch become one", () => {
  const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });
  expect(mergeSpans([span(5, 8), span(0, 2), span(2, 3), span(6, 7)])).toEqual([span(0, 3), span(5, 8)]);
});
