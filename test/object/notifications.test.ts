import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import { notificationIdOf, publicNotificationId } from "../../shared/notification-id.ts";
import type {
  DeliveryMessage,
  InvoiceIssued,
  NoticeMessage,
  NotificationMessage,
} from "../../shared/queues.ts";
import { webhookSecret } from "../../shared/webhook-secret.ts";
import type { Env } from "../../workers/env.ts";
import { consumeNotifications } from "../../workers/notifications/consumer.ts";
import { RETRIES_MAX } from "../../workers/notifications/retry.ts";
import { answers, CONTEXT, CREDIT, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";

const QUEUE = "drawdown-notifications";
const AT_MS = Date.parse("2026-11-21T10:00:00Z");

beforeAll(async () => {
  await publishOffer();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.prepare("DELETE FROM webhook_endpoints").run();
});

function threshold(number: number): Notice {
  return {
    kind: "usage_threshold",
    subject: "limit",
    percent: 75,
    usedMicros: 380.5 * CREDIT,
    ofMicros: 500 * CREDIT,
    setting: "pause",
    number,
    atMs: AT_MS,
    period: "2026-11-14",
    resetAtMs: Date.parse("2026-12-14T00:00:00Z"),
  };
}

function noticeMessage(account: TestAccount, notice: Notice = threshold(1)): NoticeMessage {
  const notificationId = notificationIdOf(account.key, notice.number);
  return { type: "notice", accountKey: account.key, notificationId, notice };
}

async function addUser(
  account: TestAccount,
  userId: string,
  role: string,
  email: string | null,
): Promise<void> {
  await env.DB.prepare("INSERT INTO users (account_key, user_id, name, email, roles) VALUES (?, ?, ?, ?, ?)")
    .bind(account.key, userId, userId, email, JSON.stringify(["feature_owner", role]))
    .run();
}

let endpoints = 0;

async function addEndpoint(mode: "live" | "test" = "test"): Promise<{ id: string; url: string }> {
  endpoints += 1;
  const endpoint = { id: `we_${endpoints}`, url: `https://receiver-${endpoints}.example/hook?token=hush` };
  await env.DB.prepare(
    "INSERT INTO webhook_endpoints (endpoint_id, mode, url, created_at_ms) VALUES (?, ?, ?, 0)",
  )
    .bind(endpoint.id, mode, endpoint.url)
    .run();
  return endpoint;
}

interface Received {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly redirect: string | undefined;
}

/** Stands for all receivers of webhooks; each answers with a status or fails. */
function receivers(answer: (url: string) => number | Error): readonly Received[] {
  const received: Received[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = String(input);
    const headers = Object.fromEntries(new Headers(init?.headers));
    received.push({ url, headers, body: String(init?.body), redirect: init?.redirect });
    const answered = answer(url);
    if (answered instanceof Error) throw answered;
    return new Response(null, { status: answered });
  });
  return received;
}

interface SentEmail {
  readonly to: string;
  readonly subject: string;
  readonly headers: Record<string, string>;
}

/** The Worker's bindings with a queue and a mailbox that only keep what is sent. */
function recordingEnv(refuse: (to: string) => Error | null = () => null) {
  const queued: NotificationMessage[] = [];
  const emails: SentEmail[] = [];
  const recording = {
    ACCOUNT: env.ACCOUNT,
    DB: env.DB,
    USAGE_QUEUE: env.USAGE_QUEUE,
    BILLING_QUEUE: env.BILLING_QUEUE,
    EMAIL_FROM: env.EMAIL_FROM,
    KEY_SIGNING_SECRET: env.KEY_SIGNING_SECRET,
    NOTIFICATIONS_QUEUE: {
      sendBatch: async (messages: Iterable<{ readonly body: NotificationMessage }>) => {
        for (const { body } of messages) queued.push(body);
      },
    },
    EMAIL: {
      send: async (email: SentEmail) => {
        const refused = refuse(email.to);
        if (refused !== null) throw refused;
        emails.push(email);
      },
    },
  };
  return { queued, emails, env: recording as unknown as Env };
}

/** Runs the consumer; answers which messages it acknowledged and how long each other one has to wait. */
async function consume(bodies: readonly NotificationMessage[], bindings: Env, attempts = 1) {
  const batch = createMessageBatch(
    QUEUE,
    bodies.map((body, index) => ({ id: String(index), timestamp: AT_MS, attempts, body })),
  );
  const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
  await consumeNotifications(batch, bindings);
  const result = await getQueueResult(batch, createExecutionContext());
  const delays = retries.flatMap(({ mock }) => mock.calls.map(([options]) => options?.delaySeconds ?? 0));
  expect(result.retryMessages).toHaveLength(delays.length);
  return { acknowledged: result.explicitAcks, delays };
}

interface DeliveryRow {
  readonly channel: string;
  readonly target: string;
  readonly status: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

async function deliveryLog(account: TestAccount): Promise<readonly DeliveryRow[]> {
  const { results } = await env.DB.prepare(
    `SELECT channel, target, status, attempts, last_error FROM deliveries JOIN notifications USING (notification_id)
      WHERE account_key = ? ORDER BY delivery_id`,
  )
    .bind(account.key)
    .all<DeliveryRow>();
  return results;
}

function deliveryIds(queued: readonly NotificationMessage[]): readonly string[] {
  return queued.map((message) => (message.type === "delivery" ? message.deliveryId : message.type)).sort();
}

describe("fan-out", () => {
  test("tells super admins, billing admins and billing contacts with an address, and the mode's endpoints", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin", "root@acme.example");
    await addUser(account, "money", "billing_admin", "money@acme.example");
    await addUser(account, "books", "billing_contact", "books@acme.example");
    await addUser(account, "mute", "super_admin", null);
    await addUser(account, "member", "member", "member@acme.example");
    const other = await openTestAccount();
    await addUser(other, "stranger", "super_admin", "stranger@other.example");
    const endpoint = await addEndpoint();
    await addEndpoint("live");

    const { queued, env: bindings } = recordingEnv();
    const result = await consume([noticeMessage(account)], bindings);

    const id = notificationIdOf(account.key, 1);
    expect(result.acknowledged).toEqual(["0"]);
    expect(deliveryIds(queued)).toEqual([
      `${id}/email/books`,
      `${id}/email/money`,
      `${id}/email/root`,
      `${id}/webhook/${endpoint.id}`,
    ]);
    expect(await deliveryLog(account)).toHaveLength(4);
  });

  test("a second delivery of the notice creates nothing and asks only for what is still to be sent", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin", "root@acme.example");
    await addUser(account, "money", "billing_admin", "money@acme.example");
    const { queued, emails, env: bindings } = recordingEnv();
    await consume([noticeMessage(account), noticeMessage(account)], bindings);
    const [delivery] = queued;
    if (delivery === undefined) throw new Error("nothing was queued");
    await consume([delivery], bindings);
    queued.length = 0;

    const result = await consume([noticeMessage(account)], bindings);

    expect(result.acknowledged).toEqual(["0"]);
    expect(queued).toHaveLength(1);
    expect(queued).not.toContainEqual(delivery);
    expect(await deliveryLog(account)).toHaveLength(2);
    const rows = await env.DB.prepare("SELECT count(*) AS rows FROM notifications WHERE account_key = ?")
      .bind(account.key)
      .first("rows");
    expect(rows).toBe(1);
    expect(emails).toHaveLength(1);
  });

  test("confirms the account's notice only after its messages are queued", async () => {
    const account = await openTestAccount();
    await account.api.use([{ mode: "consume", event: answers("e1", 380) }], CONTEXT);
    const view = await account.api.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    const [notice] = view.notices;
    if (notice === undefined) throw new Error("the account decided no notice");
    await addUser(account, "root", "super_admin", "root@acme.example");

    const { env: bindings } = recordingEnv();
    const broken = {
      ...bindings,
      NOTIFICATIONS_QUEUE: { sendBatch: () => Promise.reject(new Error("the queue is away")) },
    } as unknown as Env;
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const failed = await consume([noticeMessage(account, notice)], broken);
    expect(warned).toHaveBeenCalledOnce();
    expect(failed.acknowledged).toEqual([]);
    expect(failed.delays).toHaveLength(1);
    expect(await account.api.view(CONTEXT)).toMatchObject({ notices: [{ number: notice.number }] });

    await consume([noticeMessage(account, notice)], bindings);
    expect(await account.api.view(CONTEXT)).toMatchObject({ notices: [] });
  });

  test("an issued invoice has no notice in the account to confirm", async () => {
    const account = await openTestAccount();
    await addUser(account, "books", "billing_contact", "books@acme.example");
    const notice: InvoiceIssued = {
      kind: "invoice_issued",
      atMs: AT_MS,
      period: "2026-10-14",
      invoiceId: "inv_1",
      number: "ACME-0001",
      totalMinor: 230,
      currency: "USD",
      dueAtMs: AT_MS,
    };
    const { queued, emails, env: bindings } = recordingEnv();
    const notificationId = `${account.key}/invoice/1`;
    await consume([{ type: "notice", accountKey: account.key, notificationId, notice }], bindings);
    await consume(queued, bindings);
    expect(emails).toMatchObject([
      { to: "books@acme.example", subject: expect.stringContaining("ACME-0001") },
    ]);
  });
});

describe("delivery", () => {
  async function fannedOut(refuse?: (to: string) => Error | null) {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin", "root@acme.example");
    await addUser(account, "money", "billing_admin", "money@acme.example");
    const endpoint = await addEndpoint();
    const recorded = recordingEnv(refuse);
    await consume([noticeMessage(account)], recorded.env);
    return { account, endpoint, ...recorded };
  }

  function only(queued: readonly NotificationMessage[], ending: string): DeliveryMessage {
    const found = queued.find(
      (message) => message.type === "delivery" && message.deliveryId.endsWith(ending),
    );
    if (found?.type !== "delivery") throw new Error(`no delivery ${ending}`);
    return found;
  }

  test("sends each e-mail and a webhook that verifies with Standard Webhooks", async () => {
    const { account, endpoint, queued, emails, env: bindings } = await fannedOut();
    const received = receivers(() => 204);

    const result = await consume(queued, bindings);

    expect(result.acknowledged).toHaveLength(3);
    const publicId = publicNotificationId(notificationIdOf(account.key, 1));
    expect(emails.map((email) => email.to).sort()).toEqual(["money@acme.example", "root@acme.example"]);
    expect(emails).toMatchObject([
      { headers: { "X-Drawdown-Notification": publicId } },
      { headers: { "X-Drawdown-Notification": publicId } },
    ]);
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
    const logged = await deliveryLog(account);
    expect(logged.map(({ status, attempts, last_error }) => [status, attempts, last_error])).toEqual([
      ["delivered", 1, null],
      ["delivered", 1, null],
      ["delivered", 1, null],
    ]);
  });

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

  test("a receiver that keeps failing is asked less and less often and given up, and holds up nobody", async () => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    const bad = only(queued, endpoint.id);
    const received = receivers(() => 503);

    const first = await consume(queued, bindings);
    expect(first.acknowledged).toHaveLength(2);
    const delays = [...first.delays];
    for (let attempt = 2; attempt <= RETRIES_MAX; attempt += 1) {
      delays.push(...(await consume([bad], bindings, attempt)).delays);
    }
    expect(delays).toHaveLength(RETRIES_MAX);
    expect(delays[0]).toBeGreaterThanOrEqual(15);
    // The longest is capped, so that jitter may put it before the last but one.
    const growing = delays.slice(0, -1);
    expect(growing).toEqual([...new Set(growing)].sort((a, b) => a - b));
    expect(await deliveryLog(account)).toContainEqual({
      channel: "webhook",
      target: endpoint.id,
      status: "pending",
      attempts: RETRIES_MAX,
      last_error: "the endpoint answered 503",
    });

    const last = await consume([bad], bindings, RETRIES_MAX + 1);
    expect(last.acknowledged).toEqual([]);
    expect(last.delays).toHaveLength(1);
    expect(received).toHaveLength(RETRIES_MAX + 1);
    const logged = await deliveryLog(account);
    expect(logged.map(({ target, status }) => [target, status])).toEqual([
      ["money", "delivered"],
      ["root", "delivered"],
      [endpoint.id, "failed"],
    ]);
  });

  test("a delivery that was given up is made when it is sent again", async () => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    const bad = only(queued, endpoint.id);
    receivers(() => 500);
    await consume([bad], bindings, RETRIES_MAX + 1);
    vi.restoreAllMocks();
    receivers(() => 200);
    await consume([bad], bindings);
    expect(await deliveryLog(account)).toContainEqual({
      channel: "webhook",
      target: endpoint.id,
      status: "delivered",
      attempts: 2,
      last_error: null,
    });
  });

  test.each([
    ["a redirect", 302, "the endpoint answered 302"],
    ["a lost connection", new TypeError("no route to receiver"), "the endpoint was not reached"],
    ["silence", new DOMException("aborted", "TimeoutError"), "the endpoint did not answer within 10 s"],
  ])("%s is a failure, told without the URL", async (_name, answer, error) => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    receivers(() => answer);
    const result = await consume([only(queued, endpoint.id)], bindings);
    expect(result.delays).toHaveLength(1);
    const logged = (await deliveryLog(account)).find(({ channel }) => channel === "webhook");
    expect(logged).toMatchObject({ status: "pending", last_error: error });
  });

  test("an e-mail that is refused is tried again by itself, and the log does not keep the address", async () => {
    const refuse = (to: string) => (to.startsWith("root@") ? new Error(`cannot send to ${to}`) : null);
    const { account, queued, emails, env: bindings } = await fannedOut(refuse);
    receivers(() => 200);
    const result = await consume(queued, bindings);
    expect(result.acknowledged).toHaveLength(2);
    expect(result.delays).toHaveLength(1);
    expect(emails.map((email) => email.to)).toEqual(["money@acme.example"]);
    const logged = (await deliveryLog(account)).find(({ target }) => target === "root");
    expect(logged).toMatchObject({
      status: "pending",
      attempts: 1,
      last_error: "the e-mail was not accepted: cannot send to (address)",
    });
  });

  test("a receiver that is gone fails for good and is not asked again", async () => {
    const { account, endpoint, queued, env: bindings } = await fannedOut();
    await env.DB.batch([
      env.DB.prepare("DELETE FROM webhook_endpoints WHERE endpoint_id = ?").bind(endpoint.id),
      env.DB.prepare("DELETE FROM users WHERE account_key = ? AND user_id = 'root'").bind(account.key),
    ]);
    const received = receivers(() => 200);
    const result = await consume(queued, bindings);
    expect(result.acknowledged).toHaveLength(3);
    expect(received).toEqual([]);
    expect((await deliveryLog(account)).map(({ target, status }) => [target, status])).toEqual([
      ["money", "delivered"],
      ["root", "failed"],
      [endpoint.id, "failed"],
    ]);
  });
});

describe("the whole way", () => {
  test("a use that crosses a threshold reaches its receivers by itself, once", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin", "root@acme.example");
    const endpoint = await addEndpoint();
    const received = receivers(() => 200);

    await account.api.use([{ mode: "consume", event: answers("e1", 455) }], CONTEXT);

    await vi.waitFor(
      async () => {
        const logged = await deliveryLog(account);
        expect(logged.map(({ target, status }) => [target, status])).toEqual([
          ["root", "delivered"],
          [endpoint.id, "delivered"],
        ]);
      },
      { timeout: 15_000, interval: 200 },
    );
    const told = received.map(({ body }) => JSON.parse(body).data);
    expect(told.filter((data) => data.account === accountIdOf(account.key))).toMatchObject([
      { percent: 90, used: 455 },
    ]);
    expect(await account.api.view(CONTEXT)).toMatchObject({ notices: [] });
  }, 20_000);
});
