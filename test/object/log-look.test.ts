/** One look at the log in D1 finds what the walk through it finds, whatever is asked for and however it is cut. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { type LogFilter, matchesLog } from "../../shared/reports/log-filter.ts";
import { lookAtLog } from "../../workers/reports/log-look.ts";
import { readLogPage } from "../../workers/reports/log-page.ts";
import { segmentsOf, storeOnly } from "./report-fixtures.ts";

const ACCOUNT = "test:looked-at";
const START_MS = Date.parse("2026-11-01T00:00:00Z");
const HOUR_MS = 3_600_000;
const USERS = ["u1", "u2", 'quoted "ü"', "1"];

function entry(seq: number): UsageEntry {
  const atMs = START_MS + seq * 6 * HOUR_MS;
  return {
    seq,
    id: `e${seq}`,
    period: seq < 40 ? "2026-11-01" : "2026-12-01",
    atMs,
    day: new Date(atMs).toISOString().slice(0, 10),
    feature: seq % 7 === 0 ? "search" : "assistant",
    items:
      seq % 3 === 0
        ? [
            ["input", 1_000_000, 1],
            ["output", 1_000_000, 1],
          ]
        : [["answer", 1_000_000, 1]],
    creditsMicros: 1_000_000,
    rateVersion: 1,
    ...(seq % 5 === 0 ? {} : { user: USERS[seq % USERS.length] ?? "" }),
    ...(seq % 4 === 0 ? { teams: ["sales", "u1"], workflow: "triage" } : {}),
    ...(seq % 9 === 0 ? { subject: "ticket/1", outcome: { type: "ticket_resolved" } } : {}),
    ...(seq % 11 === 0 ? { occurredAtMs: atMs - HOUR_MS } : {}),
  };
}

const ENTRIES = Array.from({ length: 80 }, (_, index) => entry(index + 1));
const NEWEST_FIRST = ENTRIES.toReversed();

beforeAll(async () => {
  await storeOnly(segmentsOf(ACCOUNT, ENTRIES, 6));
  await storeOnly(segmentsOf("test:another", ENTRIES, 6));
});

const day = (text: string) => ({ kind: "day", day: text }) as const;
const instant = (seq: number) => ({ kind: "instant", atMs: START_MS + seq * 6 * HOUR_MS }) as const;

const FILTERS: readonly LogFilter[] = [
  {},
  { feature: "search" },
  { feature: "nothing" },
  { action: "output" },
  { action: "answer", feature: "search" },
  { user: "u1" },
  { user: 'quoted "ü"' },
  { user: "1" },
  { team: "sales" },
  { team: "u1", user: "u2" },
  { workflow: "triage" },
  { subject: "ticket/1" },
  { outcome: "with" },
  { outcome: "without", user: "u2" },
  { outcomeType: "ticket_resolved" },
  { from: day("2026-11-10") },
  { to: day("2026-11-10") },
  { from: day("2026-11-05"), to: day("2026-11-09"), feature: "assistant" },
  { from: instant(11), to: instant(44) },
];

describe.each(FILTERS.map((filter) => ({ name: JSON.stringify(filter), filter })))("$name", ({ filter }) => {
  const matching = NEWEST_FIRST.filter((candidate) => matchesLog(candidate, filter));
  const seqs = (entries: readonly UsageEntry[]) => entries.map(({ seq }) => seq);

  test("is found whole, newest first", async () => {
    const look = await lookAtLog(env.DB, ACCOUNT, { filter, beforeSeq: Number.MAX_SAFE_INTEGER, rows: 100 });
    expect(look).toEqual({ entries: matching, seenFromSeq: null });
  });

  test.each([
    { rows: 3, searched: 200 },
    { rows: 100, searched: 10 },
    { rows: 2, searched: 1 },
  ])("is found look by look, by $rows in $searched entries searched", async ({ rows, searched }) => {
    const found: number[] = [];
    let beforeSeq: number | null = 60;
    while (beforeSeq !== null) {
      const look = await lookAtLog(env.DB, ACCOUNT, { filter, beforeSeq, rows }, searched);
      expect(look.entries.length).toBeLessThanOrEqual(rows);
      found.push(...seqs(look.entries));
      expect(look.seenFromSeq ?? 0).toBeLessThan(beforeSeq);
      beforeSeq = look.seenFromSeq;
    }
    expect(found).toEqual(seqs(matching.filter(({ seq }) => seq < 60)));
  });

  test("is paged with what the account holds", async () => {
    const tail = ENTRIES.slice(70);
    const found: number[] = [];
    let beforeSeq = Number.MAX_SAFE_INTEGER;
    for (let isLast = false; !isLast; ) {
      const walk = { tail, acknowledgedSeq: 70, filter, beforeSeq };
      const { entries, nextCursor } = await readLogPage(env.DB, ACCOUNT, walk, 7);
      expect(entries.length).toBeLessThanOrEqual(7);
      found.push(...seqs(entries));
      isLast = nextCursor === null;
      beforeSeq = Number(nextCursor?.slice(1));
    }
    expect(found).toEqual(seqs(matching));
  });
});

test("an account without entries has none", async () => {
  const question = { filter: {}, beforeSeq: Number.MAX_SAFE_INTEGER, rows: 10 };
  expect(await lookAtLog(env.DB, "test:nobody", question)).toEqual({ entries: [], seenFromSeq: null });
});
