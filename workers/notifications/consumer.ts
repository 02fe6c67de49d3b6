/**
 * The notifications queue: notices are fanned out to their receivers, and each delivery is attempted by itself. Every
 * message answers for itself alone, so that one bad receiver holds up nobody (rules, 6.5).
 */
import type { NotificationMessage } from "../../shared/queues.ts";
import { forEachAtOnce } from "../concurrency.ts";
import type { Env } from "../env.ts";
import { deliver } from "./delivery.ts";
import { fanOut } from "./fan-out.ts";
import { isLastAttempt, retryDelaySeconds } from "./retry.ts";

/** Connections that a Worker may hold open at once. */
const MESSAGES_AT_ONCE = 6;

export async function consumeNotifications(
  batch: MessageBatch<NotificationMessage>,
  env: Env,
): Promise<void> {
  await forEachAtOnce(batch.messages, MESSAGES_AT_ONCE, async (message) => {
    try {
      if (await settle(message, env)) message.ack();
      else retry(message);
    } catch (error) {
      console.warn(`notification message ${message.id} failed at attempt ${message.attempts}`, error);
      retry(message);
    }
  });
}

/** False: a receiver did not take it; that is in the delivery log. */
async function settle({ body, attempts }: Message<NotificationMessage>, env: Env): Promise<boolean> {
  switch (body.type) {
    case "notice":
      await fanOut(body, env, Date.now());
      return true;
    case "delivery":
      return deliver(body.deliveryId, env, isLastAttempt(attempts));
    default:
      throw new Error(`no such message: ${JSON.stringify(body satisfies never)}`);
  }
}

/** After the last attempt the queue parks the message with the dead letters instead. */
function retry(message: Message<NotificationMessage>): void {
  message.retry({ delaySeconds: retryDelaySeconds(message.attempts, Math.random()) });
}
