/** The delivery log across accounts, and sending again what an operator asks for (rules, 6.5). */
import { and, asc, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { accountKeyOf } from "../../shared/account-key.ts";
import type { Mode } from "../../shared/api/common.ts";
import type { DeliveryCursor, DeliveryStatus, ResendFilter } from "../../shared/api/deliveries.ts";
import { deliveries, notifications } from "../../shared/db/schema.ts";
import type { Env } from "../env.ts";
import type { DeliveryRow } from "./answers.ts";
import { wakeUp } from "./wake-up.ts";

export interface FoundDelivery {
  readonly delivery: DeliveryRow;
  /** null: a test ping. */
  readonly kind: string | null;
}

type Filter = Pick<ResendFilter, "channel" | "account" | "target"> & {
  readonly status?: DeliveryStatus | undefined;
};

/** At most `rows`, newest first. */
export async function listDeliveries(
  database: D1Database,
  mode: Mode,
  filter: Filter,
  page: { readonly rows: number; readonly cursor: DeliveryCursor | undefined },
): Promise<readonly FoundDelivery[]> {
  const { cursor } = page;
  const isOlder =
    cursor &&
    sql`(${deliveries.createdAtMs}, ${deliveries.deliveryId}) < (${cursor.createdAtMs}, ${cursor.deliveryId})`;
  return select(drizzle(database))
    .where(and(matches(mode, filter), isOlder))
    .orderBy(desc(deliveries.createdAtMs), desc(deliveries.deliveryId))
    .limit(page.rows);
}

export async function findDelivery(
  database: D1Database,
  mode: Mode,
  deliveryId: string,
): Promise<FoundDelivery | null> {
  const [found] = await select(drizzle(database)).where(
    and(eq(deliveries.deliveryId, deliveryId), eq(deliveries.mode, mode)),
  );
  return found ?? null;
}

function select(db: DrizzleD1Database) {
  return db
    .select({ delivery: deliveries, kind: notifications.kind })
    .from(deliveries)
    .leftJoin(notifications, eq(notifications.notificationId, deliveries.notificationId));
}

function matches(mode: Mode, { channel, account, target, status }: Filter): SQL | undefined {
  return and(
    eq(deliveries.mode, mode),
    status && eq(deliveries.status, status),
    channel && eq(deliveries.channel, channel),
    account === undefined ? undefined : eq(deliveries.accountKey, accountKeyOf(mode, account)),
    target === undefined ? undefined : eq(deliveries.target, target),
  );
}

/** Makes it due now, whatever became of it, under the same id. Throws where the queue refuses; the sweep goes on. */
export async function resendDelivery(env: Env, deliveryId: string, nowMs: number): Promise<void> {
  await beginRound(drizzle(env.DB), eq(deliveries.deliveryId, deliveryId), nowMs);
  await wakeUp(env, [deliveryId]);
}

/** Resends those that match, oldest first and at most `filter.limit`. */
export async function resendDeliveries(
  env: Env,
  mode: Mode,
  filter: ResendFilter,
  nowMs: number,
): Promise<{ readonly resent: number; readonly more: boolean }> {
  const db = drizzle(env.DB);
  const { from, to, limit } = filter;
  const found = await db
    .select({ deliveryId: deliveries.deliveryId })
    .from(deliveries)
    .where(
      and(
        matches(mode, filter),
        from === undefined ? undefined : gte(deliveries.createdAtMs, from),
        to === undefined ? undefined : lt(deliveries.createdAtMs, to),
      ),
    )
    .orderBy(asc(deliveries.createdAtMs), asc(deliveries.deliveryId))
    .limit(limit + 1);
  const ids = JSON.stringify(found.slice(0, limit).map(({ deliveryId }) => deliveryId));
  const isFound = sql`${deliveries.deliveryId} IN (SELECT value FROM json_each(${ids}))`;
  // What was delivered in between stays so.
  const begun = await beginRound(db, and(isFound, eq(deliveries.status, filter.status)), nowMs);
  await wakeUp(env, begun);
  return { resent: begun.length, more: found.length > limit };
}

/** Back-off and giving up count anew; what was attempted so far stays in the log. */
async function beginRound(
  db: DrizzleD1Database,
  which: SQL | undefined,
  nowMs: number,
): Promise<readonly string[]> {
  const begun = await db
    .update(deliveries)
    .set({
      status: "pending",
      roundAttempts: 0,
      roundStartedMs: nowMs,
      nextAttemptMs: nowMs,
      updatedAtMs: nowMs,
    })
    .where(which)
    .returning({ deliveryId: deliveries.deliveryId });
  return begun.map(({ deliveryId }) => deliveryId);
}
