/** Dead letters in D1, and the way back onto their queue. */
import { and, desc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Mode } from "../../shared/api/common.ts";
import type { QueueName } from "../../shared/api/dead-letters.ts";
import { deadLetters } from "../../shared/db/schema.ts";
import type { BillingMessage, NotificationMessage, UsageMessage } from "../../shared/queues.ts";
import type { Env } from "../env.ts";

export type DeadLetterRow = typeof deadLetters.$inferSelect;

/** At most `rows`, newest first. */
export async function listDeadLetters(
  database: D1Database,
  mode: Mode,
  filter: { readonly queue?: QueueName | undefined; readonly resent?: boolean | undefined },
  page: { readonly rows: number; readonly cursor: string | undefined },
): Promise<readonly DeadLetterRow[]> {
  const { queue, resent } = filter;
  return drizzle(database)
    .select()
    .from(deadLetters)
    .where(
      and(
        eq(deadLetters.mode, mode),
        queue && eq(deadLetters.queue, queue),
        resent === undefined
          ? undefined
          : resent
            ? isNotNull(deadLetters.resentAtMs)
            : isNull(deadLetters.resentAtMs),
        page.cursor === undefined ? undefined : isOlder(page.cursor),
      ),
    )
    .orderBy(desc(deadLetters.diedAtMs), desc(deadLetters.messageId))
    .limit(page.rows);
}

export function cursorOf({ diedAtMs, messageId }: DeadLetterRow): string {
  return `${diedAtMs}/${messageId}`;
}

function isOlder(cursor: string) {
  const slash = cursor.indexOf("/");
  const diedAtMs = Number(cursor.slice(0, slash));
  return sql`(${deadLetters.diedAtMs}, ${deadLetters.messageId}) < (${diedAtMs}, ${cursor.slice(slash + 1)})`;
}

export async function findDeadLetter(
  database: D1Database,
  mode: Mode,
  messageId: string,
): Promise<DeadLetterRow | null> {
  const [row] = await drizzle(database).select().from(deadLetters).where(isLetter(mode, messageId));
  return row ?? null;
}

function isLetter(mode: Mode, messageId: string) {
  return and(eq(deadLetters.messageId, messageId), eq(deadLetters.mode, mode));
}

/**
 * Sends it first and notes it then: what is noted was sent. Sent twice it does no harm, since every message's effect is
 * keyed. False: it came from a queue that this deployment does not have.
 */
export async function resendDeadLetter(env: Env, letter: DeadLetterRow, nowMs: number): Promise<boolean> {
  if (!(await sendBack(env, letter))) return false;
  await drizzle(env.DB)
    .update(deadLetters)
    .set({ resentAtMs: nowMs })
    .where(eq(deadLetters.messageId, letter.messageId));
  return true;
}

/** The names are those of wrangler.toml; a body is what the same queue once took. */
async function sendBack(env: Env, { queue, body }: DeadLetterRow): Promise<boolean> {
  switch (queue) {
    case "drawdown-usage":
      await env.USAGE_QUEUE.send(body as UsageMessage);
      return true;
    case "drawdown-notifications":
      await env.NOTIFICATIONS_QUEUE.send(body as NotificationMessage);
      return true;
    case "drawdown-billing":
      await env.BILLING_QUEUE.send(body as BillingMessage);
      return true;
    default:
      return false;
  }
}

export async function removeDeadLetter(
  database: D1Database,
  mode: Mode,
  messageId: string,
): Promise<boolean> {
  const removed = await drizzle(database)
    .delete(deadLetters)
    .where(isLetter(mode, messageId))
    .returning({ messageId: deadLetters.messageId });
  return removed.length > 0;
}
