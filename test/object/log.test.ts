/** The consumer of the usage queue: entries and denials reach D1 once, whatever the queue does. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { Acknowledgement } from "../../shared/protocol.ts";
import type { DenialsMessage, SegmentMessage, UsageMessage } from "../../shared/queues.ts";
import { toSegmentEntry } from "../../shared/queues.ts";
import type { Env } from "../../workers/env.ts";
import { consumeUsage } from "../../workers/log/consumer.ts";
import { insertSegments, segmentRow } from "../../workers/log/statements.ts";

const CREDIT = 1_000_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const AT_MS = Date.parse("2026-11-20T10:00:00Z");

beforeAll(() => {
  // The failures are the point; their warnings are not.
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

let accounts = 0;

function newAccountKey(): string {
  accounts += 1;
  return `test:log-${accounts}`;
}

function entry(seq: number, more: Partial<UsageEntry> = {}): UsageEntry {
  return {
    seq,
    id: `e${seq}`,
    period: "2026-11-14",
    atMs: AT_MS + seq,
    day: "2026-11-20",
    feature: "assistant",
    items: [["answer", CREDIT, CREDIT]],
    creditsMicros: CREDIT,
    rateVersion: 1,
    ...more,
  };
}

function segment(accountKey: string, entries: readonly UsageEntry[]): SegmentMessage {
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) throw new Error("a segment has entries");
  return {
    type: "segment",
    accountKey,
    period: first.period,
    firstSeq: first.seq,
    lastSeq: last.seq,
    entries: entries.map(toSegmentEntry),
  };
}

function run(accountKey: string, firstSeq: number, lastSeq: number): SegmentMessage {
  const seqs = Array.from({ length: lastSeq - firstSeq + 1 }, (_, index) => firstSeq + index);
  return segment(
    accountKey,
    seqs.map((seq) => entry(seq)),
  );
}

function denials(accountKey: string, batch: string, count: number): DenialsMessage {
  const denied = { day: "2026-11-20", feature: "assistant", action: "answer", reason: "credits_exhausted" };
  return { type: "denials", accountKey, batch, counts: [{ ...denied, denials: count }] };
}

interface Delivered {
  /** Positions of the messages that were acknowledged to the queue. */
  readonly acked: readonly number[];
  /** Positions and delays of those to be delivered again. */
  readonly retried: readonly (readonly [position: number, delaySeconds: number | undefined])[];
  /** What the accounts were told. */
  readonly told: readonly (readonly [accountKey: string, firstSeqs: readonly number[]])[];
}

/** Delivers messages in one batch to accounts that only listen; `deaf` ones cannot be reached. */
async function deliver(
  messages: readonly unknown[],
  options: { readonly attempts?: number; readonly deaf?: string; readonly database?: D1Database } = {},
): Promise<Delivered> {
  const told: [string, readonly number[]][] = [];
  const getByName = (accountKey: string) => ({
    acknowledge: async ({ segments = [] }: Acknowledgement) => {
      if (accountKey === options.deaf) throw new Error("the account does not answer");
      told.push([accountKey, segments]);
    },
  });
  const listening = { DB: options.database ?? env.DB, ACCOUNT: { getByName } as unknown as Env["ACCOUNT"] };
  const batch = createMessageBatch<UsageMessage>(
    "drawdown-usage",
    messages.map((body, index) => ({
      id: String(index),
      timestamp: AT_MS,
      attempts: options.attempts ?? 1,
      body: body as UsageMessage,
    })),
  );
  // The result below leaves out the delays.
  const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
  const context = createExecutionContext();
  await consumeUsage(batch, listening);
  const result = await getQueueResult(batch, context);
  expect(result.ackAll).toBe(false);
  return {
    acked: result.explicitAcks.map(Number).sort((a, b) => a - b),
    retried: result.retryMessages
      .map(({ msgId }) => Number(msgId))
      .map((position) => [position, retries[position]?.mock.calls[0]?.[0]?.delaySeconds] as const),
    told,
  };
}

async function rows(sql: string, accountKey: string): Promise<readonly Record<string, unknown>[]> {
  return (await env.DB.prepare(sql).bind(accountKey).all()).results;
}

const segmentsOf = (accountKey: string) =>
  rows(
    `SELECT first_seq, last_seq, period, from_ms - ${AT_MS} AS from_ms, to_ms - ${AT_MS} AS to_ms, credits_micros
       FROM segments WHERE account_key = ? ORDER BY first_seq`,
    accountKey,
  );

const rollupsOf = (accountKey: string) =>
  rows(
    `SELECT dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros
       FROM rollups WHERE account_key = ? ORDER BY dimension, day, feature, key, period`,
    accountKey,
  );

describe("segments", () => {
  test("are stored with the span of their occurrence, rolled up, and told to their account", async () => {
    const key = newAccountKey();
    const message = segment(key, [
      entry(1, { user: "u1", workflow: "triage", occurredAtMs: AT_MS - 500 }),
      entry(2, { user: "u1", day: "2026-11-21" }),
      entry(3, {
        items: [
          ["answer", CREDIT, CREDIT],
          ["tokens", 1_500 * CREDIT, 1_500_000],
        ],
        creditsMicros: 2_500_000,
      }),
    ]);
    expect(await deliver([message])).toEqual({ acked: [0], retried: [], told: [[key, [1]]] });
    expect(await segmentsOf(key)).toEqual([
      { first_seq: 1, last_seq: 3, period: "2026-11-14", from_ms: -500, to_ms: 3, credits_micros: 4_500_000 },
    ]);
    const common = { period: "2026-11-14" };
    expect(await rollupsOf(key)).toEqual([
      {
        ...common,
        dimension: "action",
        day: "2026-11-20",
        feature: "assistant",
        key: "answer",
        events: 2,
        uses: 2,
        quantity_micros: 2 * CREDIT,
        credits_micros: 2 * CREDIT,
      },
      {
        ...common,
        dimension: "action",
        day: "2026-11-20",
        feature: "assistant",
        key: "tokens",
        events: 0,
        uses: 1,
        quantity_micros: 1_500 * CREDIT,
        credits_micros: 1_500_000,
      },
      {
        ...common,
        dimension: "action",
        day: "2026-11-21",
        feature: "assistant",
        key: "answer",
        events: 1,
        uses: 1,
        quantity_micros: CREDIT,
        credits_micros: CREDIT,
      },
      ...["2026-11-20", "2026-11-21"].map((day) => ({
        ...common,
        dimension: "user",
        day,
        feature: "",
        key: "u1",
        events: 1,
        uses: 1,
        quantity_micros: 0,
        credits_micros: CREDIT,
      })),
      {
        ...common,
        dimension: "workflow",
        day: "2026-11-20",
        feature: "",
        key: "triage",
        events: 1,
        uses: 1,
        quantity_micros: 0,
        credits_micros: CREDIT,
      },
    ]);
  });

  test("change nothing when they come again, in another batch or twice in one, and are acknowledged each time", async () => {
    const key = newAccountKey();
    const message = run(key, 1, 20);
    await deliver([message]);
    const [segments, rollups] = [await segmentsOf(key), await rollupsOf(key)];
    const again = await deliver([message, run(key, 21, 30), message]);
    expect(again).toEqual({ acked: [0, 1, 2], retried: [], told: [[key, [1, 21, 1]]] });
    expect((await segmentsOf(key)).slice(0, 1)).toEqual(segments);
    const [before, after] = [rollups[0], (await rollupsOf(key))[0]];
    expect([before?.events, after?.events]).toEqual([20, 30]);
    await deliver([message, run(key, 21, 30), message]);
    expect((await rollupsOf(key))[0]).toEqual(after);
  });

  test("come in any order and of several accounts in one batch", async () => {
    const [a, b] = [newAccountKey(), newAccountKey()];
    const { acked, told } = await deliver([run(a, 11, 20), run(b, 1, 5), run(a, 1, 10)]);
    expect(acked).toEqual([0, 1, 2]);
    expect(told).toEqual([
      [a, [11, 1]],
      [b, [1]],
    ]);
    expect((await segmentsOf(a)).map(({ first_seq }) => first_seq)).toEqual([1, 11]);
  });

  test("of more bytes than one statement takes are stored all the same", async () => {
    const key = newAccountKey();
    const messages = Array.from({ length: 20 }, (_, index) =>
      segment(
        key,
        Array.from({ length: 100 }, (_, offset) =>
          entry(index * 100 + offset + 1, {
            subject: "Ü".repeat(400),
            properties: { note: "x".repeat(100) },
          }),
        ),
      ),
    );
    expect(JSON.stringify(messages).length).toBeGreaterThan(1_300_000);
    const { acked } = await deliver(messages);
    expect(acked).toHaveLength(20);
    expect(await segmentsOf(key)).toHaveLength(20);
    expect(await rollupsOf(key)).toMatchObject([{ events: 2_000 }]);
  });

  test("cost at most 0.1 rows written per event for a full segment of 40 roll-up groups", async () => {
    const entries = Array.from({ length: 500 }, (_, index) =>
      entry(index + 1, {
        items: [[`action-${index % 20}`, CREDIT, CREDIT]],
        user: `u${index % 15}`,
        workflow: `w${index % 5}`,
      }),
    );
    const key = newAccountKey();
    const first = await insertSegments(env.DB, `[${segmentRow(segment(key, entries))}]`).run();
    expect(await rollupsOf(key)).toHaveLength(40);
    expect(first.meta.rows_written / 500).toBeLessThanOrEqual(0.1);
    const later = entries.map((known) => ({ ...known, seq: known.seq + 500 }));
    const update = await insertSegments(env.DB, `[${segmentRow(segment(key, later))}]`).run();
    expect(update.meta.rows_written / 500).toBeLessThanOrEqual(0.1);
    const again = await insertSegments(env.DB, `[${segmentRow(segment(key, later))}]`).run();
    expect(again.meta.rows_written).toBe(0);
  });

  test("keep a quantity total inside the database's integers instead of failing", async () => {
    const key = newAccountKey();
    const huge = 8_000_000_000 * CREDIT;
    const full = (firstSeq: number) =>
      segment(
        key,
        Array.from({ length: 500 }, (_, index) => entry(firstSeq + index, { items: [["answer", huge, 1]] })),
      );
    for (const firstSeq of [1, 501, 1_001]) {
      expect((await deliver([full(firstSeq)])).acked).toEqual([0]);
    }
    const [total] = await rows(
      "SELECT CAST(quantity_micros AS TEXT) AS quantity, events FROM rollups WHERE account_key = ?",
      key,
    );
    expect(total).toEqual({ quantity: String(2n ** 63n - 1n), events: 1_500 });
  });
});

describe("a message that fails", () => {
  test("holds up no other and is tried again later and later", async () => {
    const key = newAccountKey();
    const { entries: _, ...withoutEntries } = run(key, 11, 20);
    const bad = [
      { ...run(key, 1, 10), lastSeq: 99 },
      withoutEntries,
      segment(key, [entry(31, { items: [["answer", Number.NaN, 1]] })]),
    ];
    const good = [run(key, 41, 50), run(newAccountKey(), 1, 3)];
    const [first, ...others] = bad;
    const messages = [first, good[0], ...others, good[1]];
    const { acked, retried } = await deliver(messages);
    expect(acked).toEqual([1, 4]);
    expect(retried.map(([position]) => position).sort()).toEqual([0, 2, 3]);
    expect((await segmentsOf(key)).map(({ first_seq }) => first_seq)).toEqual([41]);
    const delays = [];
    for (const attempts of [1, 2, 3, 10]) {
      const again = await deliver([bad[0]], { attempts });
      delays.push(again.retried[0]?.[1]);
    }
    expect(delays).toEqual([5, 10, 20, 900]);
  });

  test("of no known type is never taken for done", async () => {
    expect((await deliver([{ type: "other" }, null, run(newAccountKey(), 1, 2)])).acked).toEqual([2]);
  });

  test("is one whose number D1 holds cut differently: to acknowledge it would lose its rest", async () => {
    const key = newAccountKey();
    await deliver([run(key, 1, 10)]);
    const { acked, retried, told } = await deliver([run(key, 1, 12), run(key, 13, 15)]);
    expect([acked, retried.length, told]).toEqual([[1], 1, [[key, [13]]]]);
  });

  test("is one whose account did not hear of it", async () => {
    const [deaf, other] = [newAccountKey(), newAccountKey()];
    const messages = [run(deaf, 1, 10), run(other, 1, 10)];
    const { acked, retried } = await deliver(messages, { deaf });
    expect([acked, retried.map(([position]) => position)]).toEqual([[1], [0]]);
    expect((await deliver(messages)).acked).toEqual([0, 1]);
    expect(await rollupsOf(deaf)).toMatchObject([{ events: 10 }]);
  });

  test("is every one while D1 is away, and nobody is told that it is there", async () => {
    const away = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: () => Promise.reject(new Error("D1 is away")),
    } as unknown as D1Database;
    const key = newAccountKey();
    const { acked, retried, told } = await deliver([run(key, 1, 10), run(key, 11, 20)], { database: away });
    expect([acked, retried.length, told]).toEqual([[], 2, []]);
  });
});

describe("denials", () => {
  test("are counted once per batch and added up over batches", async () => {
    const key = newAccountKey();
    const first = denials(key, "batch-1", 3);
    expect((await deliver([first, denials(key, "batch-2", 4), first])).acked).toEqual([0, 1, 2]);
    await deliver([first]);
    expect(await rows("SELECT denials, reason, day FROM denials WHERE account_key = ?", key)).toEqual([
      { denials: 7, reason: "credits_exhausted", day: "2026-11-20" },
    ]);
  });

  test("that D1 cannot take hold up nothing", async () => {
    const key = newAccountKey();
    const bad = { ...denials(key, "batch-1", 1), counts: [{ day: null }] };
    const { acked, retried } = await deliver([bad, denials(key, "batch-2", 2), run(key, 1, 2)]);
    expect([acked, retried.map(([position]) => position)]).toEqual([[1, 2], [0]]);
  });

  test("are forgotten as batches when no queue can deliver them again; their totals stay", async () => {
    const key = newAccountKey();
    await deliver([denials(key, "batch-1", 3)]);
    await env.DB.prepare("UPDATE denial_batches SET received_at_ms = ? WHERE account_key = ?")
      .bind(Date.now() - 15 * DAY_MS, key)
      .run();
    await deliver([denials(key, "batch-2", 4)]);
    expect(await rows("SELECT batch FROM denial_batches WHERE account_key = ?", key)).toEqual([
      { batch: "batch-2" },
    ]);
    expect(await rows("SELECT denials FROM denials WHERE account_key = ?", key)).toEqual([{ denials: 7 }]);
  });
});

test("days of a segment may lie far apart", async () => {
  const key = newAccountKey();
  await deliver([segment(key, [entry(1, { occurredAtMs: AT_MS - 35 * DAY_MS }), entry(2)])]);
  expect(await segmentsOf(key)).toMatchObject([{ from_ms: -35 * DAY_MS, to_ms: 2 }]);
});
