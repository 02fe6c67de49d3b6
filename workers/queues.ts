/** Which consumer takes which queue; the names are those of wrangler.toml. */
import type { BillingQueueMessage, NotificationMessage, UsageMessage } from "../shared/queues.ts";
import { consumeBilling } from "./billing/consumer.ts";
import { DEAD_SUFFIX, keepDeadLetters } from "./dead-letters/consumer.ts";
import type { Env } from "./env.ts";
import { consumeUsage } from "./log/consumer.ts";
import { consumeNotifications } from "./notifications/consumer.ts";

export async function consume(batch: MessageBatch, env: Env): Promise<void> {
  if (batch.queue.endsWith(DEAD_SUFFIX)) return keepDeadLetters(batch, env);
  switch (batch.queue) {
    case "drawdown-usage":
      return consumeUsage(batch as MessageBatch<UsageMessage>, env);
    case "drawdown-notifications":
      return consumeNotifications(batch as MessageBatch<NotificationMessage>, env);
    case "drawdown-billing":
      return consumeBilling(batch as MessageBatch<BillingQueueMessage>, env);
    default:
      throw new Error(`no consumer for the queue ${batch.queue}`);
  }
}
