/** Who is told of prices that rise, over the queue, however often its messages come (rules, 6.5, 8.1 and 8.4). */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { RateRise } from "../../shared/credits/rate-changes.ts";
import { type RateNotice, riseNotices } from "../../shared/credits/rate-notices.ts";
import type { NoticeMessage, NotificationMessage, RateNoticesMessage } from "../../shared/queues.ts";
import { accountOf } from "../../workers/account/stub.ts";
import type { Env } from "../../workers/env.ts";
import { consumeNotifications } from "../../workers/notifications/consumer.ts";
import { beginTelling, resumeTelling } from "../../workers/operator/rate-notices.ts";
import { call, keyWith } from "./api.ts";
import {
  DAY_MS,
  everybodyIsTold,
  inDays,
  openAccount,
  PUBLIC_FEATURES,
  publish,
  resetRateSheets,
} from "./rate-fixtures.ts";

const NOW = Date.now();
const PAGE = 100;

let live = "";
let key = "";

beforeAll(async () => {
  [live, key] = await Promise.all([keyWith("live"), keyWith("test")]);
});

beforeEach(async () => {
  await resetRateSheets(live);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await everybodyIsTold();
  await env.DB.batch([env.DB.prepare("DELETE FROM rollups"), env.DB.prepare("DELETE FROM accounts")]);
});

/** Accounts in D1, and the days before now on which each used an answer. */
async function accountsThatUsed(daysAgo: Readonly<Record<string, number | null>>, feature = "assistant") {
  const terms = JSON.stringify({ anchorDate: "2026-01-14", timeZone: "UTC" });
  const rows = JSON.stringify(Object.keys(daysAgo));
  const usage = Object.entries(daysAgo).flatMap(([account, days]) =>
    days === null ? [] : [[account, new Date(NOW - days * DAY_MS).toISOString().slice(0, 10)]],
  );
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO accounts (account_key, mode, account_id, terms, profile, created_at_ms, period_ends_at_ms)
       SELECT value, substr(value, 1, 4), substr(value, 6), ?2, '{"name":"Acme"}', 0, 1e13 FROM json_each(?1)`,
    ).bind(rows, terms),
    env.DB.prepare(
      `INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
       SELECT value ->> '$[0]', 'action', value ->> '$[1]', ?2, 'answer', '2026-01-14', 1, 1, 1000000, 1000000
         FROM json_each(?1)`,
    ).bind(JSON.stringify(usage), feature),
  ]);
}

const RISE: RateRise = {
  kind: "raised",
  feature: "assistant",
  featureName: "Assistant",
  action: "answer",
  actionName: "Answer",
  from: { creditsMicros: 1_000_000, perMicros: 1_000_000, blocks: false },
  to: { creditsMicros: 2_000_000, perMicros: 1_000_000, blocks: false },
};

/** Version 2 with its notice as publishing would leave them, before the first message is handled. */
async function storedNotice(): Promise<RateNotice> {
  const effectiveAtMs = NOW + 31 * DAY_MS;
  const [notice] = riseNotices(
    [{ version: 2, effectiveAtMs, rises: [RISE] }],
    { kind: "published", version: 2 },
    NOW,
  );
  if (notice === undefined) throw new Error("a rise makes a notice");
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO rate_sheets (version, effective_at_ms, published_at_ms, features) VALUES (2, ?, ?, '[]')",
    ).bind(effectiveAtMs, NOW),
    env.DB.prepare(
      `INSERT INTO rate_notices (notice, kind, version, at_ms, effective_at_ms, short_notice, changes, revokes, told_up_to, progressed_at_ms, done)
       VALUES (?, 'rate_change', 2, ?, ?, 0, ?, '[]', '', ?, 0)`,
    ).bind(notice.notice, NOW, effectiveAtMs, JSON.stringify(notice.changes), NOW),
  ]);
  return notice;
}

/** Bindings whose queue keeps what is sent; `refuse` makes a send fail. */
function recordingEnv(refuse: (body: NotificationMessage) => boolean = () => false) {
  const sent: NotificationMessage[] = [];
  const send = async (body: NotificationMessage) => {
    if (refuse(body)) throw new Error("the queue is away");
    sent.push(body);
  };
  return { sent, env: { ...env, NOTIFICATIONS_QUEUE: { send } } as unknown as Env };
}

/** Delivers one message; true where it was acknowledged, else it comes again. */
async function deliver(body: NotificationMessage, bindings: Env): Promise<boolean> {
  const message = { id: "m", timestamp: new Date(NOW), attempts: 1, body };
  const batch = createMessageBatch<NotificationMessage>("drawdown-notifications", [message]);
  await consumeNotifications(batch, bindings);
  return (await getQueueResult(batch, createExecutionContext())).explicitAcks.length === 1;
}

function pagesOf(sent: readonly NotificationMessage[]): readonly RateNoticesMessage[] {
  return sent.filter((body) => body.type === "rate_notices");
}

function noticesOf(sent: readonly NotificationMessage[]): readonly NoticeMessage[] {
  return sent.filter((body) => body.type === "notice");
}

async function isDone(notice: RateNotice): Promise<boolean> {
  const row = await env.DB.prepare("SELECT done FROM rate_notices WHERE notice = ?")
    .bind(notice.notice)
    .first("done");
  return row === 1;
}

describe("the fan-out", () => {
  test("tells who used a feature that rises within 90 days, in both modes, and nobody else", async () => {
    await accountsThatUsed({
      "live:daily": 0,
      "live:lately": 89,
      "live:long-ago": 92,
      "live:never": null,
      "test:trial": 3,
    });
    await accountsThatUsed({ "live:other": 1 }, "research");
    const notice = await storedNotice();
    const { sent, env: bindings } = recordingEnv();
    await beginTelling(bindings, [notice]);
    const [first] = pagesOf(sent);
    if (first === undefined) throw new Error("nothing was sent");
    expect(await deliver(first, bindings)).toBe(true);
    expect(noticesOf(sent)).toHaveLength(3);
    expect(
      noticesOf(sent)
        .map(({ accountKey }) => accountKey)
        .sort(),
    ).toEqual(["live:daily", "live:lately", "test:trial"]);
    expect(noticesOf(sent)).toContainEqual({
      type: "notice",
      accountKey: "live:daily",
      notificationId: "live:daily/rate_change/2",
      notice: {
        kind: "rate_change",
        version: 2,
        atMs: NOW,
        period: expect.stringMatching(/-14$/),
        effectiveAtMs: notice.effectiveAtMs,
        shortNotice: false,
        changes: [RISE],
        changesOmitted: 0,
      },
    });
    expect(await isDone(notice)).toBe(true);
  });

  test("an account on a test clock is told by its own time", async () => {
    const ahead = NOW + 400 * DAY_MS;
    await accountsThatUsed({ "test:stale": 0, "test:clocked": -395 });
    await env.DB.batch([
      env.DB.prepare("INSERT INTO test_clocks (clock_id, now_ms) VALUES ('far', ?)").bind(ahead),
      env.DB.prepare("UPDATE accounts SET test_clock_id = 'far'"),
    ]);
    await storedNotice();
    const { sent, env: bindings } = recordingEnv();
    await deliver({ type: "rate_notices", notice: "rate_change/2", after: "" }, bindings);
    expect(noticesOf(sent)).toMatchObject([{ accountKey: "test:clocked", notice: { atMs: ahead } }]);
  });

  test("goes page by page; messages that come twice and pages that fail tell nobody twice and leave out nobody", async () => {
    const names = Array.from(
      { length: 2 * PAGE + 30 },
      (_, index) => `live:a${String(index).padStart(3, "0")}`,
    );
    await accountsThatUsed(Object.fromEntries(names.map((name) => [name, 1])));
    const notice = await storedNotice();
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    let fails = 0;
    // The first try of each kind of message fails in the middle of its page.
    const failing = new Set(["live:a050", "after live:a099", "live:a150"]);
    const { sent, env: bindings } = recordingEnv((body) => {
      const what =
        body.type === "notice" ? body.accountKey : body.type === "rate_notices" ? `after ${body.after}` : "";
      if (!failing.delete(what)) return false;
      fails += 1;
      return true;
    });
    let waiting: readonly RateNoticesMessage[] = [{ type: "rate_notices", notice: notice.notice, after: "" }];
    for (let round = 0; waiting.length > 0 && round < 50; round += 1) {
      const before = sent.length;
      const again: RateNoticesMessage[] = [];
      for (const page of waiting) {
        if (!(await deliver(page, bindings))) again.push(page);
        // And once more, although it was acknowledged.
        else await deliver(page, bindings);
      }
      waiting = [...again, ...pagesOf(sent.slice(before))];
    }
    expect(waiting).toEqual([]);
    expect(fails).toBe(3);
    expect(warned).toHaveBeenCalledTimes(3);
    const ids = new Set(noticesOf(sent).map(({ notificationId }) => notificationId));
    expect([...ids].sort()).toEqual(names.map((name) => `${name}/rate_change/2`));
    expect(await isDone(notice)).toBe(true);

    const told = sent.length;
    await deliver({ type: "rate_notices", notice: notice.notice, after: "live:a099" }, bindings);
    expect(sent).toHaveLength(told);
  });

  test("is taken up by cron where a message was lost, from the page that is missing", async () => {
    const names = Array.from({ length: PAGE + 5 }, (_, index) => `live:b${String(index).padStart(3, "0")}`);
    await accountsThatUsed(Object.fromEntries(names.map((name) => [name, 1])));
    const notice = await storedNotice();
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    await beginTelling(recordingEnv(() => true).env, [notice]);
    expect(warned).toHaveBeenCalledOnce();

    const { sent, env: bindings } = recordingEnv();
    await resumeTelling(bindings, NOW + 60_000);
    expect(sent).toEqual([]);
    await resumeTelling(bindings, NOW + 700_000);
    expect(sent).toEqual([{ type: "rate_notices", notice: notice.notice, after: "" }]);
    await resumeTelling(bindings, NOW + 760_000);
    expect(sent).toHaveLength(1);

    // The first page is told, the message for the second one is lost.
    await deliver({ type: "rate_notices", notice: notice.notice, after: "" }, bindings);
    sent.length = 0;
    await resumeTelling(bindings, NOW + 1_500_000);
    expect(sent).toEqual([{ type: "rate_notices", notice: notice.notice, after: names[PAGE - 1] }]);
    const [second] = pagesOf(sent);
    if (second !== undefined) await deliver(second, bindings);
    expect(noticesOf(sent)).toHaveLength(5);
    await resumeTelling(bindings, NOW + 3_000_000);
    expect(pagesOf(sent)).toHaveLength(1);
  });

  test("stops where the version is withdrawn meanwhile", async () => {
    await accountsThatUsed({ "live:daily": 0 });
    const notice = await storedNotice();
    expect(await call(live, "DELETE", "/v1/rate-sheets/2")).toMatchObject({ status: 200 });
    const { sent, env: bindings } = recordingEnv();
    await deliver({ type: "rate_notices", notice: notice.notice, after: "" }, bindings);
    expect(sent).toEqual([]);
    expect(await isDone(notice)).toBe(true);
  });
});

interface Told {
  readonly title: string;
  readonly data: { readonly kind: string; readonly version?: number; readonly shortNotice?: boolean };
}

async function toldOf(account: string): Promise<readonly Told[]> {
  const { body } = await call<{ data: readonly Told[] }>(key, "GET", `/v1/accounts/${account}/notifications`);
  return body.data.filter(({ data }) => data.kind.startsWith("rate_"));
}

describe("the whole way", () => {
  test("from a publication at short notice to the account's notifications, and to its withdrawal", async () => {
    const [user, other] = [await openAccount(key), await openAccount(key)];
    await call(key, "PUT", `/v1/accounts/${user.id}/users/root`, {
      name: "Root",
      email: "root@acme.example",
      roles: ["super_admin"],
    });
    for (const [account, feature, action] of [
      [user.id, "assistant", "answer"],
      [other.id, "research", "report"],
    ]) {
      await call(key, "POST", "/v1/consume", { account, id: "e1", feature, action, quantity: 1 });
      await accountOf(env, `test:${account}`).flush();
    }
    await vi.waitFor(
      async () => {
        const rows = await env.DB.prepare(
          "SELECT count(*) AS n FROM rollups WHERE dimension = 'action'",
        ).first("n");
        expect(rows).toBe(2);
      },
      { timeout: 15_000, interval: 100 },
    );
    const [assistant, research] = PUBLIC_FEATURES;
    const features = [{ ...assistant, actions: [{ action: "answer", credits: 2 }] }, research];
    await publish(live, { features, effectiveAt: inDays(3), shortNotice: true });
    await vi.waitFor(async () => expect(await toldOf(user.id)).toHaveLength(1), {
      timeout: 15_000,
      interval: 100,
    });
    expect(await toldOf(user.id)).toMatchObject([
      {
        title: expect.stringMatching(/^Prices change on /),
        text: expect.stringContaining("shorter notice"),
        data: {
          kind: "rate_change",
          version: 2,
          shortNotice: true,
          changes: [{ kind: "raised", feature: "assistant", from: { credits: 1 }, to: { credits: 2 } }],
        },
        deliveries: expect.arrayContaining([expect.objectContaining({ channel: "email", target: "root" })]),
      },
    ]);

    await call(live, "DELETE", "/v1/rate-sheets/2");
    await vi.waitFor(async () => expect(await toldOf(user.id)).toHaveLength(2), {
      timeout: 15_000,
      interval: 100,
    });
    expect(await toldOf(user.id)).toMatchObject([{ data: { kind: "rate_withdrawn", version: 2 } }, {}]);
    await everybodyIsTold();
    expect(await toldOf(other.id)).toEqual([]);
  }, 40_000);

  test("a withdrawal is told to who was told, although nothing was used since", async () => {
    const account = await openAccount(key);
    await accountsThatUsed({});
    await env.DB.prepare(
      `INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
       VALUES (?, 'action', ?, 'assistant', 'answer', '2026-01-14', 1, 1, 1000000, 1000000)`,
    )
      .bind(`test:${account.id}`, new Date(NOW).toISOString().slice(0, 10))
      .run();
    const [assistant] = PUBLIC_FEATURES;
    await publish(live, {
      features: [{ ...assistant, actions: [{ action: "answer", credits: 2 }] }],
      effectiveAt: inDays(31),
    });
    await vi.waitFor(async () => expect(await toldOf(account.id)).toHaveLength(1), {
      timeout: 15_000,
      interval: 100,
    });
    await env.DB.prepare("DELETE FROM rollups").run();
    await call(live, "DELETE", "/v1/rate-sheets/2");
    await vi.waitFor(async () => expect(await toldOf(account.id)).toHaveLength(2), {
      timeout: 15_000,
      interval: 100,
    });
  }, 40_000);
});
