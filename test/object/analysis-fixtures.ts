/** What the tests of the daily analysis share: queues that keep what is sent, and what D1 keeps of an account's analysis. */
import { env } from "cloudflare:workers";
import type { BillingQueueMessage, NoticeMessage } from "../../shared/queues.ts";
import type { Env } from "../../workers/env.ts";

export const DAY_MS = 86_400_000;

/** Bindings whose queues keep what is sent: notices, and messages of the billing queue. */
export function recordingEnv() {
  const sent: NoticeMessage[] = [];
  const jobs: BillingQueueMessage[] = [];
  const sendBatch = async (messages: Iterable<{ body: NoticeMessage }>) => {
    for (const { body } of messages) sent.push(body);
  };
  const billing = {
    send: async (body: BillingQueueMessage) => {
      jobs.push(body);
    },
    sendBatch: async (messages: Iterable<{ body: BillingQueueMessage }>) => {
      for (const { body } of messages) jobs.push(body);
    },
  };
  const bindings = { ...env, NOTIFICATIONS_QUEUE: { sendBatch }, BILLING_QUEUE: billing };
  return { sent, jobs, env: bindings as unknown as Env };
}

interface Row {
  readonly due_at_ms: number | null;
  readonly analysed_day: string | null;
  readonly told_period: string | null;
}

export function rowOf(accountKey: string): Promise<Row | null> {
  return env.DB.prepare("SELECT due_at_ms, analysed_day, told_period FROM analyses WHERE account_key = ?")
    .bind(accountKey)
    .first<Row>();
}

export const idsOf = (messages: readonly NoticeMessage[]) =>
  messages.map(({ notificationId }) => notificationId);
