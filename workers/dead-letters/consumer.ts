/** Keeps messages that failed every retry in D1, where an operator sees them (rules, section 6.5). */
import { drizzle } from "drizzle-orm/d1";
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
  const [first, ...rest] = batch.messages.map((message) =>
    db
      .insert(deadLetters)
      .values({ messageId: message.id, queue, body: message.body, diedAtMs })
      .onConflictDoNothing(),
  );
  if (first === undefined) return;
  try {
    await db.batch([first, ...rest]);
    batch.ackAll();
  } catch (error) {
    console.error(`dead letters of ${queue} were not kept`, error);
    batch.retryAll({ delaySeconds: RETRY_SECONDS });
  }
}
