/** What one batch of the notifications queue has to do, in parts that run beside each other. */
import type { NotificationMessage } from "../../shared/queues.ts";
import { retryDelaySeconds } from "./retry.ts";

/** A job settles its messages itself and never throws. */
export type Job = () => Promise<void>;

/** The message comes again; after the last time the queue parks it with the dead letters instead. */
export function failed(message: Message<NotificationMessage>, error: unknown, leastSeconds = 0): void {
  console.warn(`notification message ${message.id} failed at attempt ${message.attempts}`, error);
  const delaySeconds = Math.max(leastSeconds, retryDelaySeconds(message.attempts, Math.random()));
  message.retry({ delaySeconds });
}
