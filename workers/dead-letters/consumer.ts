/** Keeps messages that failed every retry in D1, where an operator sees them (rules, section 6.5). */
import { drizzle } from "drizzle-orm/d1";
import { modeOf } from "../../shared/account-key.ts";
import { deadLetters } from "../../shared/db/schema.ts";
import type { Env } from "../env.ts";

/** What names the dead-letter queue of a queue in wrangler.toml. */
export const DEAD_SUFFIX = "-dead";

/** With the retries of wrangler.toml this outlasts two hours without D1; after the last one a letter is gone. */
const RETRY_SECONDS = 15 * 60;

/** Keyed by message id: a message that comes twice is kept once. */
export async function keepDeadLetters(batch: MessageBatch, env: Env): Promise<void> {
  const queue = batch.queue.slice(0, -DEAD_SUFFIX.length);
  const diedAtMs = Date.now();
  const db = drizzle(env.DB);
  const [first, ...rest] = batch.messages.map(({ id, body }) => {
    const accountKey = accountKeyIn(body);
    // What names no account is for those who run the deployment: its live keys.
    const mode = accountKey === null ? "live" : modeOf(accountKey);
    return db
      .insert(deadLetters)
      .values({ messageId: id, queue, body, diedAtMs, mode, accountKey })
      .onConflictDoNothing();
  });
  if (first === undefined) return;
  try {
    await db.batch([first, ...rest]);
    batch.ackAll();
  } catch (error) {
    console.error(`dead letters of ${queue} were not kept`, error);
    batch.retryAll({ delaySeconds: RETRY_SECONDS });
  }
}

/** Every message names its account, or a delivery, whose id begins with it. */
function accountKeyIn(body: unknown): string | null {
  if (typeof body !== "object" || body === null) return null;
  if ("accountKey" in body && typeof body.accountKey === "string") return body.accountKey;
  if ("deliveryId" in body && typeof body.deliveryId === "string") {
    return body.deliveryId.slice(0, body.deliveryId.indexOf("/"));
  }
  return null;
}
