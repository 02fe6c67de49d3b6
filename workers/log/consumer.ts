/**
 * Consumer of the usage queue: entries, denials and audit records go to D1, then the accounts learn what is there.
 * Messages come at least once and in any order; a second delivery changes nothing. A message that fails is
 * retried by itself.
 */
import type { AuditMessage, DenialsMessage, SegmentMessage, UsageMessage } from "../../shared/queues.ts";
import { accountOf } from "../account/stub.ts";
import { QUEUE_BACK_OFF_SECONDS, waitAfter } from "../back-off.ts";
import type { Env } from "../env.ts";
import { storeAudit, storeDenials, storeSegments } from "./store.ts";

type SegmentDelivery = Message<UsageMessage> & { readonly body: SegmentMessage };
type DenialsDelivery = Message<UsageMessage> & { readonly body: DenialsMessage };
type AuditDelivery = Message<UsageMessage> & { readonly body: AuditMessage };

export async function consumeUsage(
  batch: MessageBatch<UsageMessage>,
  env: Pick<Env, "ACCOUNT" | "DB">,
): Promise<void> {
  const segments: SegmentDelivery[] = [];
  const denials: DenialsDelivery[] = [];
  const audits: AuditDelivery[] = [];
  for (const message of batch.messages) {
    if (isSegment(message)) segments.push(message);
    else if (isDenials(message)) denials.push(message);
    else if (isAudit(message)) audits.push(message);
    else retry(message, new Error("a message of no known type"));
  }
  await consumeSegments(segments, env);
  await consumeDenials(denials, env);
  await consumeAudit(audits, env);
}

function isSegment(message: Message<UsageMessage>): message is SegmentDelivery {
  return message.body?.type === "segment";
}

function isDenials(message: Message<UsageMessage>): message is DenialsDelivery {
  return message.body?.type === "denials";
}

function isAudit(message: Message<UsageMessage>): message is AuditDelivery {
  return message.body?.type === "audit";
}

async function consumeSegments(
  messages: readonly SegmentDelivery[],
  env: Pick<Env, "ACCOUNT" | "DB">,
): Promise<void> {
  const { stored, failed } = await storeSegments(env.DB, messages);
  for (const { item, error } of failed) retry(item, error);
  const byAccount = Map.groupBy(stored, ({ body }) => body.accountKey);
  await Promise.all(
    [...byAccount].map(async ([accountKey, deliveries]) => {
      try {
        const firstSeqs = deliveries.map(({ body }) => body.firstSeq);
        await accountOf(env, accountKey).acknowledge({ segments: firstSeqs });
        for (const message of deliveries) message.ack();
      } catch (error) {
        for (const message of deliveries) retry(message, error);
      }
    }),
  );
}

async function consumeDenials(messages: readonly DenialsDelivery[], env: Pick<Env, "DB">): Promise<void> {
  const { stored, failed } = await storeDenials(env.DB, messages);
  for (const { item, error } of failed) retry(item, error);
  for (const message of stored) message.ack();
}

async function consumeAudit(
  messages: readonly AuditDelivery[],
  env: Pick<Env, "ACCOUNT" | "DB">,
): Promise<void> {
  const { stored, failed } = await storeAudit(env.DB, messages);
  for (const { item, error } of failed) retry(item, error);
  for (const message of stored) {
    const { accountKey, records } = message.body;
    try {
      await accountOf(env, accountKey).acknowledge({ audit: records.map((record) => record.number) });
      message.ack();
    } catch (error) {
      retry(message, error);
    }
  }
}

function retry(message: Message<UsageMessage>, error: unknown): void {
  console.warn(`usage message ${message.id} failed at attempt ${message.attempts}`, error);
  message.retry({ delaySeconds: waitAfter(message.attempts, QUEUE_BACK_OFF_SECONDS) });
}
