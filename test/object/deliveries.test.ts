/** Deliveries: attempts, back-off, giving up, rest, sweep; what comes twice is made once. */
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test, vi } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import { notificationIdOf, publicNotificationId } from "../../shared/notification-id.ts";
import { webhookSecret } from "../../shared/webhook-secret.ts";
import { RETRIES_MAX } from "../../workers/notifications/retry.ts";
import { OVERDUE_MS, sweepDeliveries } from "../../workers/notifications/sweep.ts";
import { openTestAccount, type TestAccount } from "./fixtures.ts";
import {
  addEndpoint,
  addUser,
  consume,
  type DeliveryRow,
  deliveryIds,
  deliveryLog,
  noticeMessage,
  only,
  receivers,
  recordingEnv,
  statuses,
  TIMEOUT,
  threshold,
} from "./notification-fixtures.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 60 * 60 * SECOND_MS;

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await env.DB.batch([
    env.DB.prepare("DELETE FROM webhook_endpoints"),
    env.DB.prepare("DELETE FROM deliveries"),
  ]);
});

/** An account with two admins and an endpoint, whose first notice waits to be delivered. */
async function fannedOut(refuse?: (to: string) => Error | null) {
  const account = await openTestAccount();
  await addUser(account, "root", "super_admin");
  await addUser(account, "money", "billing_admin");
  const endpoint = await addEndpoint();
  const recorded = recordingEnv(refuse);
  await consume([noticeMessage(account)], recorded.env);
  return { account, endpoint, queued: recorded.taken(), ...recorded };
}

async function rowTo(account: TestAccount, target: string): Promise<DeliveryRow> {
  const row = (await deliveryLog(account)).find((delivery) => delivery.target === target);
  if (row === undefined) throw new Error(`no delivery to ${target}`);
  return row;
}

/** Moves the clock to the next attempt of a delivery. */
async function awaitAttempt(account: TestAccount, target: string): Promise<void> {
  const { next_attempt_ms } = await rowTo(account, target);
  if (next_attempt_ms === null) throw new Error(`nothing is planned for ${target}`);
  vi.setSystemTime(next_attempt_ms);
}

describe("an attempt", () => {
  test("sends each e-mail and a webhook that verifies with Standard Webhooks", async () => {
    const { account, endpoint, queued, emails, env: bindings } = await fannedOut();
    const received = receivers(() => 204);

    const result = await consume(queued, bindings);

    expect(result.acknowledged).toHaveLength(3);
    const publicId = publicNotificationId(notificationIdOf(account.key, 1));
    expect(emails.map((email) => email.to).sort()).toEqual(["money@acme.example", "root@acme.example"]);
    for (const email of emails) {
      expect(email.headers).toEqual({ "X-Drawdown-Notification": publicId });
      expect(email.text).toContain("because you are a super admin, billing admin or billing contact of");
    }
    expect(received).toMatchObject([{ url: endpoint.url, redirect: "manual" }]);
    const [webhook] = received;
    if (webhook === undefined) throw new Error("no webhook was sent");
    expect(webhook.headers).toMatchObject({ "content-type": "application/json", "webhook-id": publicId });
    const secret = await webhookSecret(endpoint.id, env.KEY_SIGNING_SECRET);
    expect(new Webhook(secret).verify(webhook.body, webhook.headers)).toEqual({
      type: "drawdown.usage_threshold",
      id: publicId,
      timestamp: "2026-11-21T10:00:00Z",
      data: {
        account: accountIdOf(account.key),
        mode: "test",
        period: "2026-11-14",
        kind: "usage_threshold",
        subject: "limit",
        percent: 75,
        used: 380.5,
        of: 500,
        overageSetting: "pause",
        resetAt: "2026-12-14T00:00:00Z",
      },
    });
    const tampered = webhook.body.replace("380.5", "3.5");
    expect(() => new Webhook(secret).verify(tampered, webhook.headers)).toThrow("No matching signature");
    for (const row of await deliveryLog(account)) {
      expect(row).toMatchObject({
        status: "delivered",
        attempts: 1,
        last_error: null,
        next_attempt_ms: null,
      });
    }
  });

  test.each([
    ["a redirect", 302, "the endpoint answered 302"],
    ["a lost connection", new TypeError("no route to receiver"), "the endpoint was not reached"],
    ["silence", TIMEOUT, "the endpoint did not answer within 10 s"],
  ])("%s is a failure, told without the URL", async (_name, answer, error) => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    receivers(() => answer);
    const result = await consume([only(queued, endpoint.id)], bindings);
    expect(result.delays).toHaveLength(1);
    expect(await rowTo(account, endpoint.id)).toMatchObject({ status: "pending", last_error: error });
  });

  test("an e-mail that is refused is tried again by itself, and the log does not keep the address", async () => {
    const refuse = (to: string) => (to.startsWith("root@") ? new Error(`cannot send to ${to}`) : null);
    const { account, queued, emails, env: bindings } = await fannedOut(refuse);
    receivers(() => 200);
    const result = await consume(queued, bindings);
    expect(result.acknowledged).toHaveLength(2);
    expect(result.delays).toHaveLength(1);
    expect(emails.map((email) => email.to)).toEqual(["money@acme.example"]);
    expect(await rowTo(account, "root")).toMatchObject({
      status: "pending",
      attempts: 1,
      last_error: "the e-mail was not accepted: cannot send to (address)",
    });
  });

  test("a receiver that is gone, erased or disabled fails for good and is not asked again", async () => {
    const { account, endpoint, queued, emails, env: bindings } = await fannedOut();
    const disabled = await addEndpoint();
    await consume([noticeMessage(account, threshold(2))], bindings);
    await env.DB.batch([
      env.DB.prepare("DELETE FROM webhook_endpoints WHERE endpoint_id = ?").bind(endpoint.id),
      env.DB.prepare("UPDATE webhook_endpoints SET disabled_at_ms = 1 WHERE endpoint_id = ?").bind(
        disabled.id,
      ),
      env.DB.prepare("DELETE FROM users WHERE account_key = ? AND user_id = 'root'").bind(account.key),
      env.DB.prepare("UPDATE users SET email = NULL WHERE account_key = ? AND user_id = 'money'").bind(
        account.key,
      ),
    ]);
    const received = receivers(() => 200);
    const all = [
      ...queued,
      { type: "delivery", deliveryId: `${account.key}/notice/2/webhook/${disabled.id}` } as const,
    ];
    const result = await consume(all, bindings);
    expect(result.acknowledged).toHaveLength(4);
    expect(received).toEqual([]);
    expect(emails).toEqual([]);
    expect(await rowTo(account, disabled.id)).toMatchObject({
      status: "failed",
      last_error: "the endpoint is disabled",
    });
    for (const target of ["root", "money"]) {
      expect((await rowTo(account, target)).last_error).toContain("no e-mail address");
    }
  });

  test("a message of a delivery that D1 does not know comes again, so that it ends where an operator sees it", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    const message = { type: "delivery", deliveryId: "test:nobody/notice/1/email/u" } as const;
    expect((await consume([message], recordingEnv().env)).delays).toHaveLength(1);
  });
});

describe("what comes twice", () => {
  test("a delivery that was made is not made again", async () => {
    const { account, queued, emails, env: bindings } = await fannedOut();
    const received = receivers(() => 200);
    await consume(queued, bindings);
    const again = await consume(queued, bindings);
    expect(again.acknowledged).toHaveLength(3);
    expect(emails).toHaveLength(2);
    expect(received).toHaveLength(1);
    expect((await deliveryLog(account)).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  test("two messages of one delivery, in one batch or at the same time, are one attempt", async () => {
    const { queued, emails, env: bindings } = await fannedOut();
    const received = receivers(() => 200);
    const results = await Promise.all([
      consume([...queued, ...queued], bindings),
      consume(queued, bindings),
      consume(queued, bindings),
    ]);
    expect(results.map(({ acknowledged }) => acknowledged.length)).toEqual([6, 3, 3]);
    expect(emails).toHaveLength(2);
    expect(received).toHaveLength(1);
  });

  test("a message that comes before its time changes nothing", async () => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    const received = receivers(() => 500);
    const message = only(queued, endpoint.id);
    await consume([message], bindings);
    const result = await consume([message], bindings, 2);
    expect(result.acknowledged).toHaveLength(1);
    expect(received).toHaveLength(1);
    expect(await rowTo(account, endpoint.id)).toMatchObject({ status: "pending", attempts: 1 });
  });

  test("an attempt that ends after another one was taken by the receiver does not undo it", async () => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    const message = only(queued, endpoint.id);
    let first = true;
    receivers(async () => {
      if (!first) return 200;
      first = false;
      // The attempt takes so long that it is taken for lost, and another one is made.
      await awaitAttempt(account, endpoint.id);
      await consume([message], bindings);
      return 500;
    });
    await consume([message], bindings);
    expect(await rowTo(account, endpoint.id)).toMatchObject({ status: "delivered", attempts: 1 });
  });
});

describe("a receiver that keeps failing", () => {
  test("is asked less and less often, then given up; every attempt is in the log", async () => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    const message = only(queued, endpoint.id);
    const received = receivers(() => 503);
    const delays: number[] = [];
    for (let attempt = 1; attempt <= RETRIES_MAX; attempt += 1) {
      delays.push(...(await consume([message], bindings, attempt)).delays);
      expect(await rowTo(account, endpoint.id)).toMatchObject({ status: "pending", attempts: attempt });
      await awaitAttempt(account, endpoint.id);
    }
    expect(delays).toHaveLength(RETRIES_MAX);
    expect(delays[0]).toBeGreaterThanOrEqual(15);
    // The longest is capped, so that jitter may put it before the last but one.
    const growing = delays.slice(0, -1);
    expect(growing).toEqual([...new Set(growing)].sort((a, b) => a - b));

    const last = await consume([message], bindings, RETRIES_MAX + 1);
    expect(last.acknowledged).toHaveLength(1);
    expect(received).toHaveLength(RETRIES_MAX + 1);
    const row = await rowTo(account, endpoint.id);
    expect(row).toMatchObject({
      status: "failed",
      last_error: "the endpoint answered 503",
      next_attempt_ms: null,
    });
    const log: readonly { readonly atMs: number; readonly error: string }[] = JSON.parse(row.attempt_log);
    expect(log).toHaveLength(RETRIES_MAX + 1);
    expect(log.map(({ error }) => error)).toEqual(Array(RETRIES_MAX + 1).fill("the endpoint answered 503"));
    expect(log.map(({ atMs }) => atMs)).toEqual(log.map(({ atMs }) => atMs).sort((a, b) => a - b));
    expect(await statuses(account)).toMatchObject({ root: "pending", money: "pending" });

    await consume([message], bindings);
    expect(received).toHaveLength(RETRIES_MAX + 1);
  });

  test("is given up after a day even where most of its time was lost", async () => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    receivers(() => 503);
    vi.setSystemTime(Date.now() + 24 * HOUR_MS);
    expect((await consume([only(queued, endpoint.id)], bindings)).acknowledged).toHaveLength(1);
    expect(await rowTo(account, endpoint.id)).toMatchObject({ status: "failed", attempts: 1 });
  });

  test("has its last twenty attempts in the log", async () => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    const { delivery_id } = await rowTo(account, endpoint.id);
    const old = Array.from({ length: 20 }, (_, index) => ({ atMs: index, error: `error ${index}` }));
    await env.DB.prepare("UPDATE deliveries SET attempt_log = ?, attempts = 20 WHERE delivery_id = ?")
      .bind(JSON.stringify(old), delivery_id)
      .run();
    receivers(() => 200);
    await consume([only(queued, endpoint.id)], bindings);
    const row = await rowTo(account, endpoint.id);
    expect(row.attempts).toBe(21);
    expect(JSON.parse(row.attempt_log)).toEqual([...old.slice(1), { atMs: expect.any(Number), error: null }]);
  });
});

describe("one bad endpoint", () => {
  /** Notices of the same endpoint, which does not answer until `answersAgain`. */
  async function silentEndpoint(notices: number) {
    const { account, endpoint, queued, taken, sent, emails, env: bindings } = await fannedOut();
    for (let number = 2; number <= notices; number += 1) {
      await consume([noticeMessage(account, threshold(number))], bindings);
    }
    const messages = [...queued, ...taken()];
    const hooks = messages.filter((message) => deliveryIds([message])[0]?.includes("/webhook/"));
    return { account, endpoint, messages, hooks, sent, emails, bindings };
  }

  test("holds up no other receiver of the batch: it has one lane, and asks it no more than once", async () => {
    const { account, endpoint, messages, hooks, sent, emails, bindings } = await silentEndpoint(8);
    const good = await addEndpoint();
    await consume([noticeMessage(account, threshold(9))], bindings);
    let release = (_: Error) => {};
    const silence = new Promise<Error>((resolve) => {
      release = resolve;
    });
    const received = receivers((url) => (url === endpoint.url ? silence : 200));
    const last = sent.splice(0).map(({ body }) => body);

    const consuming = consume([...messages, ...last], bindings);
    await vi.waitFor(async () => {
      expect(emails).toHaveLength(18);
      expect(received.filter(({ url }) => url === good.url)).toHaveLength(1);
    });
    expect(received.filter(({ url }) => url === endpoint.url)).toHaveLength(1);
    release(TIMEOUT);
    const result = await consuming;

    expect(received.filter(({ url }) => url === endpoint.url)).toHaveLength(1);
    // One was tried and comes again; the others were put off, each with a message of its own.
    expect(result.delays).toHaveLength(1);
    expect(deliveryIds(sent.map(({ body }) => body))).toHaveLength(hooks.length);
    for (const { delaySeconds } of sent) {
      expect(delaySeconds).toBeGreaterThanOrEqual(29);
      expect(delaySeconds).toBeLessThanOrEqual(41);
    }
  });

  test("is left alone by later batches until its rest is over, then longer", async () => {
    const { endpoint, hooks, sent, bindings } = await silentEndpoint(4);
    const received = receivers(() => TIMEOUT);
    const [first, second, third] = hooks;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("too few notices");
    await consume([first], bindings);
    await consume([second], bindings);
    expect(received).toHaveLength(1);
    expect(sent).toHaveLength(1);

    vi.setSystemTime(Date.now() + 41 * SECOND_MS);
    await consume([second], bindings);
    expect(received).toHaveLength(2);
    const rested = await env.DB.prepare(
      "SELECT unanswered, rests_until_ms FROM webhook_endpoints WHERE endpoint_id = ?",
    )
      .bind(endpoint.id)
      .first();
    expect(rested).toEqual({ unanswered: 2, rests_until_ms: Date.now() + 60 * SECOND_MS });

    vi.restoreAllMocks();
    const answered = receivers(() => 200);
    vi.setSystemTime(Date.now() + 61 * SECOND_MS);
    await consume(hooks, bindings);
    expect(answered.length).toBeGreaterThan(1);
    expect(
      await env.DB.prepare("SELECT unanswered, rests_until_ms FROM webhook_endpoints WHERE endpoint_id = ?")
        .bind(endpoint.id)
        .first(),
    ).toEqual({ unanswered: 0, rests_until_ms: null });
  });

  test("one that answers with errors is not left alone: it holds up nobody", async () => {
    const { hooks, bindings } = await silentEndpoint(3);
    const received = receivers(() => 500);
    expect((await consume(hooks, bindings)).delays).toHaveLength(3);
    expect(received).toHaveLength(3);
  });

  test("what waits for it is given up after a day, without an attempt", async () => {
    const { account, hooks, sent, bindings } = await silentEndpoint(2);
    const [first, second] = hooks;
    if (first === undefined || second === undefined) throw new Error("too few notices");
    receivers(() => TIMEOUT);
    vi.setSystemTime(Date.now() + 24 * HOUR_MS - SECOND_MS);
    await consume([first], bindings);
    vi.setSystemTime(Date.now() + 2 * SECOND_MS);
    expect((await consume([second], bindings)).acknowledged).toHaveLength(1);
    expect(sent).toEqual([]);
    const row = (await deliveryLog(account)).find(
      ({ delivery_id }) => deliveryIds([second])[0] === delivery_id,
    );
    expect(row).toMatchObject({
      status: "failed",
      attempts: 0,
      last_error: "not attempted: the endpoint keeps others waiting",
    });
  });

  test("a slow one has some seconds of a batch, no more", async () => {
    const { hooks, sent, bindings } = await silentEndpoint(5);
    const received = receivers(() => {
      vi.setSystemTime(Date.now() + 6 * SECOND_MS);
      return 200;
    });
    expect((await consume(hooks, bindings)).acknowledged).toHaveLength(5);
    expect(received).toHaveLength(2);
    expect(sent).toHaveLength(3);
  });
});

describe("the sweep", () => {
  test("wakes what lost its message, once, and nothing that has its time ahead", async () => {
    const { account, endpoint, taken, env: bindings } = await fannedOut();
    const received = receivers(() => 200);
    const nowMs = Date.now();
    expect(await sweepDeliveries(bindings, nowMs)).toBe(0);
    expect(await sweepDeliveries(bindings, nowMs + OVERDUE_MS)).toBe(3);
    expect(await sweepDeliveries(bindings, nowMs + OVERDUE_MS)).toBe(0);
    const woken = taken();
    expect(woken).toHaveLength(3);
    vi.setSystemTime(nowMs + OVERDUE_MS);
    await consume(woken, bindings);
    expect(received).toHaveLength(1);
    expect(await statuses(account)).toEqual({
      root: "delivered",
      money: "delivered",
      [endpoint.id]: "delivered",
    });
    expect(await sweepDeliveries(bindings, nowMs + 100 * OVERDUE_MS)).toBe(0);
  });

  test("wakes an attempt that ended with its Worker", async () => {
    const { account, endpoint, queued, taken, env: bindings } = await fannedOut();
    receivers(() => 200);
    const message = only(queued, endpoint.id);
    const crashing = { ...bindings, KEY_SIGNING_SECRET: undefined } as unknown as typeof bindings;
    vi.spyOn(console, "warn").mockReturnValue();
    const [delay = 0] = (await consume([message], crashing)).delays;
    // Whoever comes before the attempt is taken for lost must not make another one.
    expect(delay).toBeGreaterThan(60);
    const { next_attempt_ms } = await rowTo(account, endpoint.id);
    const lostMs = (next_attempt_ms ?? 0) + OVERDUE_MS;
    expect(await sweepDeliveries(bindings, lostMs)).toBe(3);
    vi.setSystemTime(lostMs);
    await consume(taken(), bindings);
    expect(await statuses(account)).toMatchObject({ [endpoint.id]: "delivered" });
  });

  test("finds what is overdue by the index, a page at a time", async () => {
    const { account, taken, env: bindings } = await fannedOut();
    await env.DB.prepare(
      `WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 250)
       INSERT INTO deliveries
       SELECT ?1 || '/x/' || n, 'test', ?1, NULL, 'webhook', 'we_x', 'pending', 0, NULL, '[]', 0, 0, n, n, n FROM numbers`,
    )
      .bind(account.key)
      .run();
    expect(await sweepDeliveries(bindings, Date.now())).toBe(250);
    expect(new Set(deliveryIds(taken())).size).toBe(250);
    const { results } = await env.DB.prepare(
      "EXPLAIN QUERY PLAN SELECT delivery_id FROM deliveries WHERE status = 'pending' AND next_attempt_ms <= ? ORDER BY next_attempt_ms LIMIT 100",
    )
      .bind(1)
      .all<{ detail: string }>();
    expect(results.map(({ detail }) => detail)).toEqual([expect.stringContaining("deliveries_due")]);
  });
});
