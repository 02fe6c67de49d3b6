/** The billing queue: each message settles or analyses one account, and answers for itself alone. */
import type { CallContext } from "../../shared/protocol.ts";
import type { BillingQueueMessage } from "../../shared/queues.ts";
import { QUEUE_BACK_OFF_SECONDS, waitAfter } from "../back-off.ts";
import { forEachAtOnce } from "../concurrency.ts";
import type { Env } from "../env.ts";
import { analyseAccount } from "../insights/analyse.ts";
import { handOverAnalyses } from "../insights/schedule.ts";
import { loadGate } from "../offer.ts";
import { settleAccount } from "./settle.ts";

/** Connections that a Worker may hold open at once. */
const ACCOUNTS_AT_ONCE = 6;

export async function consumeBilling(batch: MessageBatch<BillingQueueMessage>, env: Env): Promise<void> {
  // Awaited where each message answers for itself: without D1 all of them wait, instead of dying within seconds.
  const context = loadGate(env.DB).then(({ revision }) => ({ offerRevision: revision }));
  await forEachAtOnce(batch.messages, ACCOUNTS_AT_ONCE, async (message) => {
    try {
      await handle(message.body, env, await context);
      message.ack();
    } catch (error) {
      console.warn(`${nameOf(message.body)} failed; attempt ${message.attempts}`, error);
      message.retry({ delaySeconds: waitAfter(message.attempts, QUEUE_BACK_OFF_SECONDS) });
    }
  });
}

async function handle(message: BillingQueueMessage, env: Env, context: CallContext): Promise<void> {
  switch (message.type) {
    case "account_due":
      return settleAccount(env, message.accountKey, context);
    case "analysis_due":
      return analyseAccount(env, message.accountKey, context);
    case "analyses_due":
      return handOverAnalyses(env, Date.now());
  }
}

function nameOf(message: BillingQueueMessage): string {
  return message.type === "analyses_due" ? message.type : `${message.type} of ${message.accountKey}`;
}
