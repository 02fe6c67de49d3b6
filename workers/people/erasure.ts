/** Erasing a user (rules, section 9.5): name and address go everywhere, the id remains. */
import { and, eq, inArray, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { deliveries, users } from "../../shared/db/schema.ts";
import { recordChange } from "../audit/record.ts";
import type { AppEnv } from "../ingest/http.ts";
import { endSessionsOf } from "../sessions/store.ts";

type UserRow = typeof users.$inferSelect;

/** What receivers answered may repeat the address: times stay, words go. */
const WITHOUT_WORDS = sql`(
  SELECT json_group_array(json_set(value, '$.error', iif(value ->> '$.error' IS NULL, NULL, 'erased')))
    FROM json_each(${deliveries.attemptLog}))`;

/** In one batch; a user who is erased already stays so. Returns the row as it is then. */
export async function eraseUser(context: Context<AppEnv>, row: UserRow): Promise<UserRow> {
  const db = drizzle(context.env.DB);
  const { accountKey, userId, email } = row;
  const erased = { name: "", email: null, erased: true, notify: { optIn: [], email: false } };
  const mine = and(eq(users.accountKey, accountKey), eq(users.userId, userId));
  // By id; an early version wrote the address.
  const targets = email === null ? [userId] : [userId, email];
  const toThem = and(
    eq(deliveries.accountKey, accountKey),
    eq(deliveries.channel, "email"),
    inArray(deliveries.target, targets),
  );
  await db.batch([
    db.update(users).set(erased).where(mine),
    endSessionsOf(context.env.DB, accountKey, userId),
    db
      .update(deliveries)
      .set({
        target: `erased:${userId}`,
        lastError: sql`iif(${deliveries.lastError} IS NULL, NULL, 'erased')`,
        attemptLog: WITHOUT_WORDS,
        status: sql`iif(${deliveries.status} = 'pending', 'failed', ${deliveries.status})`,
        nextAttemptMs: null,
      })
      .where(toThem),
    recordChange(db, context, accountKey, {
      action: "user_erased",
      target: userId,
      before: { erased: row.erased },
      after: { erased: true },
    }),
  ]);
  return { ...row, ...erased };
}
