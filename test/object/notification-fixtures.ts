/** Users, endpoints, receivers and a recording environment for the tests of notifications. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { NotifyPreferences } from "../../shared/api/accounts.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import { notificationIdOf } from "../../shared/notification-id.ts";
import type {
  DeliveryMessage,
  NoticeMessage,
  NotificationContent,
  NotificationMessage,
} from "../../shared/queues.ts";
import type { Env } from "../../workers/env.ts";
import { consumeNotifications } from "../../workers/notifications/consumer.ts";
import { CREDIT, type TestAccount } from "./fixtures.ts";

export const AT_MS = Date.parse("2026-11-21T10:00:00Z");
export const ENVELOPE = { atMs: AT_MS, period: "2026-11-14", resetAtMs: Date.parse("2026-12-14T00:00:00Z") };

export function threshold(number: number): Notice {
  return {
    ...ENVELOPE,
    kind: "usage_threshold",
    subject: "limit",
    percent: 75,
    usedMicros: 380.5 * CREDIT,
    ofMicros: 500 * CREDIT,
    setting: "pause",
    number,
  };
}

export function noticeMessage(account: TestAccount, notice: Notice = threshold(1)): NoticeMessage {
  const notificationId = notificationIdOf(account.key, notice.number);
  return { type: "notice", accountKey: account.key, notificationId, notice };
}

/** Of a notice that the account did not decide itself. */
export function namedMessage(account: TestAccount, name: string, notice: NotificationContent): NoticeMessage {
  return { type: "notice", accountKey: account.key, notificationId: `${account.key}/${name}`, notice };
}

export async function addUser(
  account: TestAccount,
  userId: string,
  role: string,
  email: string | null = `${userId}@acme.example`,
  notify: NotifyPreferences = { optIn: [], email: true },
): Promise<void> {
  await env.DB.prepare(
    "INSERT INTO users (account_key, user_id, name, email, roles, notify) VALUES (?, ?, ?, ?, ?, ?)",
  )
    .bind(account.key, userId, userId, email, JSON.stringify(["member", role]), JSON.stringify(notify))
    .run();
}

let endpoints = 0;

export interface TestEndpoint {
  readonly id: string;
  readonly url: string;
}

export async function addEndpoint(mode: "live" | "test" = "test"): Promise<TestEndpoint> {
  endpoints += 1;
  const endpoint = { id: `we_${endpoints}`, url: `https://receiver-${endpoints}.example/hook?token=hush` };
  await env.DB.prepare(
    "INSERT INTO webhook_endpoints (endpoint_id, mode, url, created_at_ms) VALUES (?, ?, ?, 0)",
  )
    .bind(endpoint.id, mode, endpoint.url)
    .run();
  return endpoint;
}

export interface Received {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly redirect: string | undefined;
}

/** Stands for all receivers of webhooks; each answers with a status or fails, perhaps after some time. */
export function receivers(
  answer: (url: string) => number | Error | Promise<number | Error>,
): readonly Received[] {
  const received: Received[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = String(input);
    const headers = Object.fromEntries(new Headers(init?.headers));
    received.push({ url, headers, body: String(init?.body), redirect: init?.redirect });
    const answered = await answer(url);
    if (answered instanceof Error) throw answered;
    return new Response(null, { status: answered });
  });
  return received;
}

export const TIMEOUT = new DOMException("aborted", "TimeoutError");

export interface SentEmail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly headers: Record<string, string>;
}

export interface Queued {
  readonly body: NotificationMessage;
  readonly delaySeconds?: number;
}

/** The Worker's bindings with a queue and a mailbox that only keep what is sent. */
export function recordingEnv(refuse: (to: string) => Error | null = () => null) {
  const sent: Queued[] = [];
  const emails: SentEmail[] = [];
  const recording = {
    ACCOUNT: env.ACCOUNT,
    DB: env.DB,
    USAGE_QUEUE: env.USAGE_QUEUE,
    BILLING_QUEUE: env.BILLING_QUEUE,
    EMAIL_FROM: env.EMAIL_FROM,
    KEY_SIGNING_SECRET: env.KEY_SIGNING_SECRET,
    NOTIFICATIONS_QUEUE: {
      sendBatch: async (messages: Iterable<Queued>) => {
        sent.push(...messages);
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
  return {
    sent,
    emails,
    /** Takes what was sent to the queue since the last time. */
    taken: () => sent.splice(0).map(({ body }) => body),
    env: recording as unknown as Env,
  };
}

/** Runs the consumer; answers which messages it acknowledged and how long each other one has to wait. */
export async function consume(bodies: readonly NotificationMessage[], bindings: Env, attempts = 1) {
  const batch = createMessageBatch(
    "drawdown-notifications",
    bodies.map((body, index) => ({ id: String(index), timestamp: AT_MS, attempts, body })),
  );
  const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
  await consumeNotifications(batch, bindings);
  const result = await getQueueResult(batch, createExecutionContext());
  const delays = retries.flatMap(({ mock }) => mock.calls.map(([options]) => options?.delaySeconds ?? 0));
  expect(result.retryMessages).toHaveLength(delays.length);
  expect(result.explicitAcks.length + delays.length).toBe(bodies.length);
  return { acknowledged: result.explicitAcks, delays };
}

export interface DeliveryRow {
  readonly delivery_id: string;
  readonly channel: string;
  readonly target: string;
  readonly status: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly next_attempt_ms: number | null;
  readonly attempt_log: string;
}

export async function deliveryLog(account: TestAccount): Promise<readonly DeliveryRow[]> {
  const { results } = await env.DB.prepare(
    "SELECT * FROM deliveries WHERE account_key = ? ORDER BY delivery_id",
  )
    .bind(account.key)
    .all<DeliveryRow>();
  return results;
}

/** Target and status of each delivery, by target. */
export async function statuses(account: TestAccount): Promise<Record<string, string>> {
  return Object.fromEntries((await deliveryLog(account)).map(({ target, status }) => [target, status]));
}

export function deliveryIds(queued: readonly NotificationMessage[]): readonly string[] {
  return queued.map((message) => (message.type === "delivery" ? message.deliveryId : message.type)).sort();
}

/** The message of the delivery to that target. */
export function only(queued: readonly NotificationMessage[], target: string): DeliveryMessage {
  const found = queued.find(
    (message) => message.type === "delivery" && message.deliveryId.endsWith(`/${target}`),
  );
  if (found?.type !== "delivery") throw new Error(`no delivery to ${target}`);
  return found;
}
