/** The billing queue: each message settles one account, and answers for itself alone. */
import type { BillingMessage } from "../../shared/queues.ts";
import { QUEUE_BACK_OFF_SECONDS, waitAfter } from "../back-off.ts";
import { forEachAtOnce } from "../concurrency.ts";
import type { Env } from "../env.ts";
import { loadGate } from "../offer.ts";
import { settleAccount } from "./settle.ts";

/** Connections that a Worker may hold open at once. */
const ACCOUNTS_AT_ONCE = 6;

export async function consumeBilling(batch: MessageBatch<BillingMessage>, env: Env): Promise<void> {
  // Awaited where each message answers for itself: without D1 all of them wait, instead of dying within seconds.
  const context = loadGate(env.DB).then(({ revision }) => ({ offerRevision: revision }));
  await forEachAtOnce(batch.messages, ACCOUNTS_AT_ONCE, async (message) => {
    const { accountKey } = message.body;
    try {
      await settleAccount(env, accountKey, await context);
      message.ack();
    } catch (error) {
      console.warn(`${accountKey} was not settled; attempt ${message.attempts}`, error);
      message.retry({ delaySeconds: waitAfter(message.attempts, QUEUE_BACK_OFF_SECONDS) });
    }
  });
}
