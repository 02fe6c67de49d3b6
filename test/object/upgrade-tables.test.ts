/** An account that version 0.1 opened goes on: its balance, its packs, and what nobody had confirmed. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { startAccount } from "./account-process.ts";
import { answers, CONTEXT, CREDIT, publishOffer } from "./fixtures.ts";

beforeAll(async () => {
  await publishOffer();
});

const PERIOD = {
  name: "2026-02-14",
  startMs: Date.parse("2026-02-14T00:00:00Z"),
  endMs: Date.parse("2026-03-14T00:00:00Z"),
};
const NOW = Date.parse("2026-02-20T00:00:00Z");

const CLOSED = {
  period: "2026-01-14",
  startMs: Date.parse("2026-01-14T00:00:00Z"),
  endMs: PERIOD.startMs,
  seqBefore: 0,
  seqLast: 1,
  usedMicros: 7 * CREDIT,
  currency: "USD",
  timeZone: "UTC",
};

/** Tables and rows as version 0.1 wrote them. */
function writeOldAccount(sql: SqlStorage, accountKey: string): void {
  sql.exec(`
    CREATE TABLE checkpoint (singleton INTEGER PRIMARY KEY CHECK (singleton = 1), body TEXT NOT NULL) STRICT;
    CREATE TABLE offer (singleton INTEGER PRIMARY KEY CHECK (singleton = 1), body TEXT NOT NULL) STRICT;
    CREATE TABLE rate_sheets (version INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
    CREATE TABLE commands (idempotency_key TEXT PRIMARY KEY, content TEXT NOT NULL, answer TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE outbox (topic TEXT NOT NULL CHECK (topic IN ('notice', 'closed_period')), number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (topic, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE entries_1 (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, entry TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `);
  const pack = {
    id: "pack_1",
    pack: "p1000",
    name: "1,000 credits",
    creditsMicros: 1000 * CREDIT,
    quantity: 1,
    source: "purchase",
    price: { amountMinor: 1000, currency: "USD" },
    addedAtMs: CLOSED.startMs,
    period: CLOSED.period,
  };
  const state = {
    terms: {
      anchorDate: "2026-01-14",
      timeZone: "UTC",
      currency: "USD",
      plans: [{ plan: "starter", includedCreditsMicros: 500 * CREDIT }],
      overagePrice: null,
      automaticPacksMax: null,
    },
    pendingTerms: null,
    period: {
      ...PERIOD,
      seqBefore: 1,
      limitAtStartMicros: 1500 * CREDIT,
      overagePrice: "0.010",
      automaticPacks: 0,
    },
    usage: { seq: 1, usedMicros: 0, heldMicros: 0, overdraftMicros: 0, booked: false },
    packs: [pack],
    setting: "auto_upgrade",
    pendingSetting: null,
    maximumMicros: null,
    told: { limit: [75], maximum: [], upgradeUnavailable: false },
    issued: { packs: 1, notices: 3 },
  };
  const partition = {
    number: 1,
    seqBefore: 1,
    periodStartMs: PERIOD.startMs,
    periodEndMs: PERIOD.endMs,
  };
  const shipped = { partitions: [partition], acknowledgedSeq: 1, cuts: [] };
  const checkpoint = { accountKey, state, testClockNowMs: NOW, ...shipped };
  const entry = {
    seq: 2,
    id: "old",
    period: PERIOD.name,
    atMs: NOW,
    day: "2026-02-20",
    feature: "assistant",
    items: [["answer", 5 * CREDIT, 5 * CREDIT]],
    creditsMicros: 5 * CREDIT,
    rateVersion: 1,
  };
  const notice = { kind: "upgrade_unavailable", currency: "USD", number: 3, atMs: NOW, period: PERIOD.name };
  sql.exec("INSERT INTO checkpoint VALUES (1, ?)", JSON.stringify(checkpoint));
  sql.exec("INSERT INTO offer VALUES (1, ?)", JSON.stringify({ revision: 0, catalog: {} }));
  sql.exec("INSERT INTO entries_1 VALUES ('old', 2, ?)", JSON.stringify(entry));
  sql.exec("INSERT INTO outbox VALUES ('notice', 3, ?)", JSON.stringify(notice));
  sql.exec("INSERT INTO outbox VALUES ('closed_period', ?, ?)", CLOSED.startMs, JSON.stringify(CLOSED));
}

test("an account of version 0.1 goes on with its balance, its packs and its outbox", async () => {
  const accountKey = "test:opened-by-0-1";
  await runInDurableObject(env.ACCOUNT.getByName(accountKey), async (_instance, state) => {
    writeOldAccount(state.storage.sql, accountKey);
    const { account } = await startAccount(state, env);
    expect(await account.view(CONTEXT)).toMatchObject({
      balance: { usedMicros: 5 * CREDIT, limitMicros: 1500 * CREDIT, term: { period: 1, periods: 12 } },
      notices: [{ number: 3 }],
    });
    expect(await account.due(CONTEXT)).toMatchObject({
      facts: [{ number: 1, kind: "period_closed", closed: CLOSED }],
    });
    expect(await account.use([{ mode: "consume", event: answers("new") }], CONTEXT)).toMatchObject([
      { kind: "allowed", entry: { seq: 3 }, balance: { usedMicros: 6 * CREDIT } },
    ]);
    const again = await startAccount(state, env);
    expect(await again.account.view(CONTEXT)).toMatchObject({ lastSeq: 3 });
  });
});
