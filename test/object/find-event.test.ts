/** Events that an account has forgotten, looked up in D1 by their id. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { toSegmentEntry } from "../../shared/queues.ts";
import { findLoggedEvent } from "../../workers/reports/find-event.ts";
import { storeOnly } from "./report-fixtures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_DAY_MS = Date.parse("2026-01-01T12:00:00Z");

/** An entry a day. */
function entry(seq: number, id: string, more: Partial<UsageEntry> = {}): UsageEntry {
  return {
    seq,
    id,
    period: "2026-01-01",
    atMs: FIRST_DAY_MS + seq * DAY_MS,
    day: new Date(FIRST_DAY_MS + seq * DAY_MS).toISOString().slice(0, 10),
    feature: "assistant",
    items: [],
    creditsMicros: 0,
    rateVersion: 1,
    ...more,
  };
}

/** Each entry is a segment of its own. */
async function store(accountKey: string, entries: readonly UsageEntry[]): Promise<void> {
  await storeOnly(
    entries.map((stored) => ({
      type: "segment",
      accountKey,
      period: stored.period,
      firstSeq: stored.seq,
      lastSeq: stored.seq,
      entries: [toSegmentEntry(stored)],
    })),
  );
}

function find(accountKey: string, eventId: string, more: { beforeSeq?: number; occurredOn?: string } = {}) {
  return findLoggedEvent(env.DB, accountKey, { eventId, beforeSeq: 1_000_000, ...more });
}

describe("a forgotten event", () => {
  test("is found behind many segments, in the account's own only", async () => {
    const others = Array.from({ length: 1100 }, (_, index) => entry(index + 2, `e${index}`));
    const sought = entry(1, "sought", { user: "ann" });
    await store("test:many", [sought, ...others]);
    expect(await find("test:many", "sought")).toEqual(sought);
    expect(await find("test:many", "e1099")).toMatchObject({ seq: 1101 });
    expect(await find("test:many", "absent")).toBeNull();
    expect(await find("test:nobody", "sought")).toBeNull();
  });

  test("is the newest use with the id, before what the account itself knows", async () => {
    await store("test:twice", [entry(1, "a"), entry(2, "a"), entry(3, "a")]);
    expect(await find("test:twice", "a")).toMatchObject({ seq: 3 });
    expect(await find("test:twice", "a", { beforeSeq: 3 })).toMatchObject({ seq: 2 });
    expect(await find("test:twice", "a", { beforeSeq: 1 })).toBeNull();
  });

  test("is searched on its day, whatever the time zone", async () => {
    await store("test:days", [entry(1, "a"), entry(20, "a")]);
    expect(await find("test:days", "a", { occurredOn: "2026-01-02" })).toMatchObject({ seq: 1 });
    expect(await find("test:days", "a", { occurredOn: "2026-01-21" })).toMatchObject({ seq: 20 });
    expect(await find("test:days", "a", { occurredOn: "2026-01-10" })).toBeNull();
  });

  test("is no property that looks alike, and no entry of Drawdown's own", async () => {
    const correction = {
      eventId: "a",
      seq: 1,
      period: "2026-01-01",
      periodStartMs: 0,
      creditsMicros: 1,
      overdraftMicros: 0,
      reason: "twice",
    };
    await store("test:alike", [
      entry(1, "cor_2"),
      entry(2, "cor_2", { correction }),
      entry(3, "other", { properties: { id: "cor_2" } }),
    ]);
    expect(await find("test:alike", "cor_2")).toMatchObject({ seq: 1 });
  });

  test.each(['"', "\\", 'a\\"b', "ünï", "😀", "%_*"])("may be named %j", async (id) => {
    const accountKey = `test:named ${id}`;
    await store(accountKey, [entry(1, id)]);
    expect(await find(accountKey, id)).toMatchObject({ seq: 1, id });
  });
});
