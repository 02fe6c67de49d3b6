/** The delivery log in D1, which is also the schedule of what is still to be made (rules, 6.5). */
import { and, eq, ne, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { ATTEMPTS_LOGGED_MAX } from "../../shared/api/deliveries.ts";
import { accounts, deliveries, notifications, users, webhookEndpoints } from "../../shared/db/schema.ts";
import { isGivenUp, isLastAttempt, retryDelaySeconds } from "./retry.ts";

/** An attempt that takes longer than this is taken for lost; longer than any timeout on the way. */
export const LEASE_SECONDS = 60;
/** Clocks of two machines may differ by this much. */
const EARLY_MS = 1_000;

export type Outcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "refused"; readonly error: string }
  /** Nobody answered: asking at once for another account would be as vain. */
  | { readonly kind: "unanswered"; readonly error: string }
  /** The user or the endpoint is gone: no attempt can succeed. */
  | { readonly kind: "no_receiver"; readonly error: string };

/** A delivery with all that an attempt needs; what does not belong to its channel, or is gone, is null. */
export type LoadedDelivery = Awaited<ReturnType<typeof loadDeliveries>>[number];

/**
 * Takes those of the deliveries that are due, so that nobody else attempts them before `LEASE_SECONDS` have passed.
 * `known` are all that D1 has; what is known and not taken was made, given up, or has its time ahead.
 */
export async function takeDeliveries(db: DrizzleD1Database, deliveryIds: readonly string[], nowMs: number) {
  const ids = JSON.stringify(deliveryIds);
  const taken = await db
    .update(deliveries)
    .set({ nextAttemptMs: nowMs + LEASE_SECONDS * 1000 })
    .where(
      and(
        sql`${deliveries.deliveryId} IN (SELECT value FROM json_each(${ids}))`,
        eq(deliveries.status, "pending"),
        sql`${deliveries.nextAttemptMs} <= ${nowMs + EARLY_MS}`,
      ),
    )
    .returning({ deliveryId: deliveries.deliveryId });
  // Not one batch: there, columns of the same name in joined tables are mixed up.
  const known = await loadDeliveries(db, ids);
  const takenIds = new Set(taken.map(({ deliveryId }) => deliveryId));
  return {
    known: new Set(known.map(({ delivery }) => delivery.deliveryId)),
    taken: known.filter(({ delivery }) => takenIds.has(delivery.deliveryId)),
  };
}

function loadDeliveries(db: DrizzleD1Database, ids: string) {
  return db
    .select({
      delivery: deliveries,
      notification: notifications,
      account: { profile: accounts.profile, terms: accounts.terms },
      user: users,
      endpoint: webhookEndpoints,
    })
    .from(deliveries)
    .leftJoin(notifications, eq(notifications.notificationId, deliveries.notificationId))
    .leftJoin(accounts, eq(accounts.accountKey, notifications.accountKey))
    .leftJoin(
      users,
      and(
        eq(deliveries.channel, "email"),
        eq(users.accountKey, notifications.accountKey),
        eq(users.userId, deliveries.target),
      ),
    )
    .leftJoin(
      webhookEndpoints,
      and(eq(deliveries.channel, "webhook"), eq(webhookEndpoints.endpointId, deliveries.target)),
    )
    .where(sql`${deliveries.deliveryId} IN (SELECT value FROM json_each(${ids}))`);
}

/** Logs an attempt. Returns the seconds until the next one, or null where none follows. */
export async function logAttempt(
  db: DrizzleD1Database,
  { deliveryId, roundAttempts, roundStartedMs }: typeof deliveries.$inferSelect,
  outcome: Outcome,
  nowMs: number,
): Promise<number | null> {
  const attempt = roundAttempts + 1;
  const error = outcome.kind === "delivered" ? null : outcome.error;
  const isOver =
    error === null ||
    outcome.kind === "no_receiver" ||
    isLastAttempt(attempt) ||
    isGivenUp(roundStartedMs, nowMs);
  const delaySeconds = isOver ? null : retryDelaySeconds(attempt, Math.random());
  await db
    .update(deliveries)
    .set({
      status: error === null ? "delivered" : isOver ? "failed" : "pending",
      attempts: sql`${deliveries.attempts} + 1`,
      roundAttempts: attempt,
      lastError: error,
      attemptLog: withAttempt(nowMs, error),
      nextAttemptMs: delaySeconds === null ? null : nowMs + delaySeconds * 1000,
      updatedAtMs: nowMs,
    })
    // A delivery that was made stays so: an attempt that was taken for lost may end later.
    .where(and(eq(deliveries.deliveryId, deliveryId), ne(deliveries.status, "delivered")));
  return delaySeconds;
}

/** The oldest makes room. */
function withAttempt(atMs: number, error: string | null) {
  const log = deliveries.attemptLog;
  return sql`json_insert(
    CASE WHEN json_array_length(${log}) >= ${ATTEMPTS_LOGGED_MAX} THEN json_remove(${log}, '$[0]') ELSE ${log} END,
    '$[#]', json(${JSON.stringify({ atMs, error })}))`;
}

/** Puts a delivery off without an attempt, or gives it up with its round. Returns whether it is still to be made. */
export async function putOff(
  db: DrizzleD1Database,
  { deliveryId, roundStartedMs }: typeof deliveries.$inferSelect,
  untilMs: number,
  nowMs: number,
): Promise<boolean> {
  const isOver = isGivenUp(roundStartedMs, nowMs);
  await db
    .update(deliveries)
    .set({
      status: isOver ? "failed" : "pending",
      lastError: sql`coalesce(${deliveries.lastError}, 'not attempted: the endpoint keeps others waiting')`,
      nextAttemptMs: isOver ? null : untilMs,
      updatedAtMs: nowMs,
    })
    .where(and(eq(deliveries.deliveryId, deliveryId), eq(deliveries.status, "pending")));
  return !isOver;
}
