/** The usage log over HTTP: complete at once, paged, filtered, streamed (rules, 10.3). */
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { LogEntry } from "../../shared/api/log-entries.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { readLogPage } from "../../workers/reports/log-page.ts";
import { d1LogSource } from "../../workers/reports/log-source.ts";
import { walkLog } from "../../workers/reports/log-walk.ts";
import { badFields, keyWith } from "./api.ts";
import { advance, openBilledAccount, START_MS } from "./billing-fixtures.ts";
import { answers, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";
import { ask, book, segmentsOf, ship, storeOnly, viewOf } from "./report-fixtures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

interface Page {
  readonly data: readonly LogEntry[];
  readonly nextCursor: string | null;
}

let key: string;

beforeAll(async () => {
  await publishOffer();
  key = await keyWith("test", ["read"]);
});

async function page(account: TestAccount, query: string): Promise<Page> {
  const { status, body } = await ask<Page>(key, account, `log?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

async function allPages(
  account: TestAccount,
  query: string,
  from: string | null = null,
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  let cursor = from;
  do {
    const { data, nextCursor } = await page(account, cursor === null ? query : `${query}&cursor=${cursor}`);
    entries.push(...data);
    cursor = nextCursor;
  } while (cursor !== null);
  return entries;
}

async function lines(account: TestAccount, query: string): Promise<readonly LogEntry[]> {
  const url = `https://drawdown.example/v1/accounts/${accountIdOf(account.key)}/log?${query}`;
  const headers = { authorization: `Bearer ${key}`, accept: "application/x-ndjson" };
  const response = await exports.default.fetch(new Request(url, { headers }));
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
  const text = new TextDecoder().decode(await response.arrayBuffer());
  return text === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
}

const idsOf = (entries: readonly LogEntry[]) => entries.map(({ id }) => id);

/** 30 entries on three days: 12 in D1 and known to be there, 8 in D1 too, the rest in the account only. */
async function openLoggedAccount(inD1Only = true): Promise<TestAccount> {
  const account = await openBilledAccount();
  const some = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index).map((number) =>
      answers(`e${number}`, 0.5, { user: number % 3 === 0 ? "u3" : "u1" }),
    );
  await book(account, some(1, 12));
  await ship(account);
  await advance(account, START_MS + DAY_MS);
  await book(account, some(13, 20));
  if (inD1Only) await storeOnly(segmentsOf(account.key, (await viewOf(account)).tail, 3));
  await advance(account, START_MS + 2 * DAY_MS);
  await book(account, some(21, 30));
  return account;
}

const NEWEST_FIRST = Array.from({ length: 30 }, (_, index) => `e${30 - index}`);

describe("the log", () => {
  test("shows an event right after it was booked, with everything about it", async () => {
    const account = await openTestAccount({ timeZone: "Europe/Berlin" }, START_MS);
    const occurredAtMs = START_MS - 40 * 60 * 1000;
    await book(account, [
      {
        id: "req_7f3",
        feature: "assistant",
        items: [
          { action: "tokens", quantityMicros: 374_000_000 },
          { action: "answer", quantityMicros: 1_000_000 },
        ],
        user: "u_12",
        workflow: "ticket-triage",
        subject: "ticket/4711",
        occurredAtMs,
        outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } },
        properties: { model: "large" },
      },
    ]);
    const shown = {
      seq: 1,
      kind: "use",
      id: "req_7f3",
      period: "2026-11-14",
      mode: "consume",
      occurredAt: "2026-11-13T23:20:00Z",
      bookedAt: "2026-11-14T00:00:00Z",
      day: "2026-11-14",
      feature: "assistant",
      items: [
        { action: "tokens", quantity: 374, creditsEach: 0.001, credits: 0.374 },
        { action: "answer", quantity: 1, creditsEach: 1, credits: 1 },
      ],
      credits: 1.374,
      rateVersion: 1,
      late: false,
      user: "u_12",
      workflow: "ticket-triage",
      subject: "ticket/4711",
      outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } },
      properties: { model: "large" },
    };
    expect(await page(account, "")).toEqual({ data: [shown], nextCursor: null });
    await ship(account);
    expect(await page(account, "")).toEqual({ data: [shown], nextCursor: null });
  });

  test("gives every entry once, newest first, wherever it is on its way to D1", async () => {
    const account = await openLoggedAccount();
    for (const limit of [1, 4, 30, 500]) {
      expect(idsOf(await allPages(account, `limit=${limit}`)), `pages of ${limit}`).toEqual(NEWEST_FIRST);
    }
  });

  test("goes on where a page ended, whatever is booked or shipped in between", async () => {
    const account = await openLoggedAccount(false);
    const first = await page(account, "limit=7");
    await book(account, [answers("later", 1)]);
    await ship(account);
    const rest = await allPages(account, "limit=9", first.nextCursor);
    expect([...idsOf(first.data), ...idsOf(rest)]).toEqual(NEWEST_FIRST);
  });

  test("filters by days, instants, feature and user", async () => {
    const account = await openLoggedAccount();
    const second = NEWEST_FIRST.slice(10, 18);
    expect(idsOf(await allPages(account, "limit=3&from=2026-11-15&to=2026-11-15"))).toEqual(second);
    expect(
      idsOf(await allPages(account, "from=2026-11-15T00:00:00Z&to=2026-11-16T00:00:00Z&limit=3")),
    ).toEqual(second);
    expect(idsOf(await allPages(account, "user=u3&limit=2"))).toEqual(
      NEWEST_FIRST.filter((_, index) => index % 3 === 0),
    );
    expect(idsOf(await allPages(account, "user=u3&to=2026-11-14&feature=assistant"))).toEqual([
      "e12",
      "e9",
      "e6",
      "e3",
    ]);
    expect(await page(account, "user=nobody")).toEqual({ data: [], nextCursor: null });
    expect(await page(account, "feature=research")).toEqual({ data: [], nextCursor: null });
  });

  test("filters by action, team, workflow, subject and outcome, in the tail as in D1", async () => {
    const account = await openBilledAccount();
    const tokens = [{ action: "tokens", quantityMicros: 1_000_000 }];
    const resolved = { type: "ticket_resolved" };
    await book(account, [
      answers("e1"),
      answers("e2", 1, { items: [...tokens, { action: "answer", quantityMicros: 1_000_000 }] }),
      answers("e3", 1, { workflow: "triage", subject: "ticket/1" }),
      answers("e4", 1, { workflow: "triage", subject: "ticket/2", outcome: resolved }),
      answers("e5", 1, { outcome: { type: "meeting_booked" } }),
    ]);
    const found = async () => [
      idsOf(await allPages(account, "action=tokens")),
      idsOf(await allPages(account, "feature=assistant&action=answer")),
      idsOf(await allPages(account, "workflow=triage")),
      idsOf(await allPages(account, "subject=ticket/1")),
      idsOf(await allPages(account, "outcome=with")),
      idsOf(await allPages(account, "outcome=without&workflow=triage")),
      idsOf(await allPages(account, "outcomeType=ticket_resolved")),
      idsOf(await allPages(account, "action=research")),
    ];
    const expected = [
      ["e2"],
      ["e5", "e4", "e3", "e2", "e1"],
      ["e4", "e3"],
      ["e3"],
      ["e5", "e4"],
      ["e3"],
      ["e4"],
      [],
    ];
    expect(await found()).toEqual(expected);
    await ship(account);
    expect(await found()).toEqual(expected);
  });

  test("finds a team's entries, and reads no segment of days without any", async () => {
    const account = await openLoggedAccount(false);
    await ship(account);
    await advance(account, START_MS + 20 * DAY_MS);
    await book(account, [answers("e31", 1, { user: "u3" })]);
    await ship(account);
    await env.DB.batch([
      env.DB.prepare(
        `UPDATE segments SET entries = replace(entries, '"user":"u3"', '"user":"u3","teams":["sales"]')
          WHERE account_key = ?`,
      ).bind(account.key),
      // Only on the first day, as far as the roll-ups know.
      env.DB.prepare(
        `INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
         VALUES (?, 'team', '2026-11-14', '', 'sales', '2026-11-14', 4, 4, 0, 2000000)`,
      ).bind(account.key),
    ]);
    expect(idsOf(await allPages(account, "team=sales"))).toEqual(
      NEWEST_FIRST.filter((_, index) => index % 3 === 0),
    );
    expect(await page(account, "team=nobody")).toEqual({ data: [], nextCursor: null });
  });

  test("finds entries that no action knows of, such as an outcome that came later", async () => {
    const accountKey = "test:later-outcome";
    const entry = (seq: number, more: Partial<UsageEntry>): UsageEntry => ({
      seq,
      id: `e${seq}`,
      period: "2026-11-14",
      atMs: START_MS + seq * DAY_MS,
      day: `2026-11-${14 + seq}`,
      feature: "assistant",
      items: [],
      creditsMicros: 0,
      rateVersion: 1,
      user: "u1",
      ...more,
    });
    const entries = [
      entry(1, { items: [["answer", 1_000_000, 1_000_000]], creditsMicros: 1_000_000 }),
      entry(5, {
        seq: 2,
        outcome: { type: "ticket_resolved" },
        attached: { eventId: "e1", seq: 1, creditsMicros: 1_000_000 },
      }),
    ];
    await storeOnly(segmentsOf(accountKey, entries, 1));
    for (const filter of [{ feature: "assistant" }, { user: "u1" }, { outcomeType: "ticket_resolved" }]) {
      const walk = { tail: [], acknowledgedSeq: 2, filter, beforeSeq: Number.MAX_SAFE_INTEGER };
      const { entries: paged } = await readLogPage(env.DB, accountKey, walk, 10);
      const walked: UsageEntry[] = [];
      for await (const step of walkLog(d1LogSource(env.DB, accountKey), walk)) walked.push(...step);
      for (const found of [paged, walked]) {
        expect(
          found.map(({ id }) => id),
          JSON.stringify(filter),
        ).toContain("e5");
      }
    }
  });

  test("streams all matching entries as NDJSON, from a cursor on and up to a limit where asked", async () => {
    const account = await openLoggedAccount();
    expect(idsOf(await lines(account, ""))).toEqual(NEWEST_FIRST);
    expect(await lines(account, "user=u3")).toEqual(await allPages(account, "user=u3"));
    const { nextCursor } = await page(account, "limit=25");
    expect(idsOf(await lines(account, `cursor=${nextCursor}`))).toEqual(NEWEST_FIRST.slice(25));
    expect(idsOf(await lines(account, "limit=13"))).toEqual(NEWEST_FIRST.slice(0, 13));
    expect(await lines(account, "user=nobody")).toEqual([]);
  });

  test("reads no segment of days on which the roll-ups say that the user did nothing", async () => {
    const account = await openLoggedAccount(false);
    await ship(account);
    await advance(account, START_MS + 20 * DAY_MS);
    await book(account, [answers("e31", 1, { user: "rare" })]);
    await ship(account);
    // Only a segment that is read can show this.
    await env.DB.prepare(
      "UPDATE segments SET entries = replace(entries, '\"u1\"', '\"rare\"') WHERE account_key = ?",
    )
      .bind(account.key)
      .run();
    expect(idsOf(await allPages(account, "user=rare"))).toEqual(["e31"]);
    expect(idsOf(await allPages(account, "to=2026-11-14")).length).toBe(12);
  });

  test("says which field of the question is wrong", async () => {
    const account = await openTestAccount();
    for (const [query, field] of [
      ["from=yesterday", "from"],
      ["to=2026-11-31", "to"],
      ["limit=0", "limit"],
      ["limit=501", "limit"],
      ["cursor=next", "cursor"],
      ["feature=a%20b", "feature"],
      ["action=a%20b", "action"],
      ["outcome=any", "outcome"],
      ["outcomeType=", "outcomeType"],
    ] as const) {
      const answer = await ask(key, account, `log?${query}`);
      expect([answer.status, badFields(answer)], query).toEqual([422, [field]]);
    }
  });
});
