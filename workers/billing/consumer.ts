/** The billing queue: each message settles one account, and answers for itself alone. */
import type { BillingMessage } from "../../shared/queues.ts";
import { forEachAtOnce } from "../concurrency.ts";
import type { Env } from "../env.ts";
import { loadGate } from "../offer.ts";
import { settleAccount } from "./settle.ts";

/** Connections that a Worker may hold open at once. */
const ACCOUNTS_AT_ONCE = 6;
const RETRY_FIRST_SECONDS = 5;
const RETRY_MAX_SECONDS = 15 * 60;

/** 5 s, 10 s, 20 s … up to 15 minutes. */
export function retryDelaySeconds(attempts: number): number {
  return Math.min(RETRY_MAX_SECONDS, RETRY_FIRST_SECONDS * 2 ** (attempts - 1));
}

export async function consumeBilling(batch: MessageBatch<BillingMessage>, env: Env): Promise<void> {
  const { revision } = await loadGate(env.DB);
  await forEachAtOnce(batch.messages, ACCOUNTS_AT_ONCE, async (message) => {
    const { accountKey } = message.body;
    try {
      await settleAccount(env, accountKey, { offerRevision: revision });
      message.ack();
    } catch (error) {
      console.warn(`${accountKey} was not settled; attempt ${message.attempts}`, error);
      message.retry({ delaySeconds: retryDelaySeconds(message.attempts) });
    }
  });
}
