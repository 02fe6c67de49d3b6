/**
 * Messages that say "look at this delivery now". D1 knows what is still to be made and when, so a wake-up may come twice,
 * early or never.
 */
import type { Env } from "../env.ts";

const QUEUE_BATCH_MAX = 100;

/** Throws where the queue refuses; the sweep finds what was not sent. */
export async function wakeUp(env: Env, deliveryIds: readonly string[], delaySeconds = 0): Promise<void> {
  for (let start = 0; start < deliveryIds.length; start += QUEUE_BATCH_MAX) {
    const batch = deliveryIds.slice(start, start + QUEUE_BATCH_MAX);
    await env.NOTIFICATIONS_QUEUE.sendBatch(
      batch.map((deliveryId) => ({ body: { type: "delivery" as const, deliveryId }, delaySeconds })),
    );
  }
}
