/** Rows of portal links and sessions: written when one is made, opened and ended, read with every call of a page. */
import { and, eq, gt, isNull, lt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { sessions } from "../../shared/db/schema.ts";
import type { Env } from "../env.ts";

type SessionRow = typeof sessions.$inferInsert;

/** The statement that stores a link or an operator's session. */
export function insertSession(database: D1Database, row: SessionRow) {
  return drizzle(database).insert(sessions).values(row);
}

/** True for the first who opens the link, while it is valid. */
export async function openLink(database: D1Database, sessionId: string, nowMs: number): Promise<boolean> {
  const opened = await drizzle(database)
    .update(sessions)
    .set({ openedAtMs: nowMs })
    .where(
      and(
        eq(sessions.sessionId, sessionId),
        isNull(sessions.openedAtMs),
        gt(sessions.linkExpiresAtMs, nowMs),
      ),
    )
    .returning({ sessionId: sessions.sessionId });
  return opened.length === 1;
}

/** Opened, and nobody has signed out; its token says how long it may last. */
export async function isSessionOpen(database: D1Database, sessionId: string): Promise<boolean> {
  const [row] = await drizzle(database)
    .select({ openedAtMs: sessions.openedAtMs, endedAtMs: sessions.endedAtMs })
    .from(sessions)
    .where(eq(sessions.sessionId, sessionId));
  return row !== undefined && row.openedAtMs !== null && row.endedAtMs === null;
}

export async function endSession(database: D1Database, sessionId: string, nowMs: number): Promise<void> {
  await drizzle(database).update(sessions).set({ endedAtMs: nowMs }).where(eq(sessions.sessionId, sessionId));
}

/** The statement that ends all sessions and links of a user, for good: one who is added again signs in again. */
export function endSessionsOf(database: D1Database, accountKey: string, userId: string) {
  const theirs = and(eq(sessions.accountKey, accountKey), eq(sessions.userId, userId));
  return drizzle(database).delete(sessions).where(theirs);
}

/** Forgets what is over; run by cron. */
export async function sweepSessions(env: Env, nowMs: number): Promise<void> {
  await drizzle(env.DB).delete(sessions).where(lt(sessions.expiresAtMs, nowMs));
}
