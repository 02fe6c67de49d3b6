/**
 * Wakes deliveries whose time has passed without a wake-up: a local queue loses its messages with the process, a Worker
 * may end in the middle of an attempt. Run by cron (rules, 6.5).
 */
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { deliveries } from "../../shared/db/schema.ts";
import type { Env } from "../env.ts";
import { wakeUp } from "./wake-up.ts";

/** A wake-up that is this late is taken for lost. */
export const OVERDUE_MS = 10 * 60_000;
const DELIVERIES_PER_PAGE = 100;
/** The next run goes on. */
const PAGES_PER_RUN_MAX = 20;

/** Returns how many it woke; each again at the earliest when it is overdue anew. */
export async function sweepDeliveries(env: Env, nowMs: number): Promise<number> {
  let woken = 0;
  for (let page = 0; page < PAGES_PER_RUN_MAX; page += 1) {
    const overdue = await takeOverdue(env.DB, nowMs);
    await wakeUp(env, overdue);
    woken += overdue.length;
    if (overdue.length < DELIVERIES_PER_PAGE) break;
  }
  return woken;
}

/** By the index deliveries_due. Marked before they are sent: a page that the queue refuses is overdue again later. */
async function takeOverdue(database: D1Database, nowMs: number): Promise<readonly string[]> {
  const rows = await drizzle(database)
    .update(deliveries)
    .set({ nextAttemptMs: nowMs })
    .where(
      sql`${deliveries.deliveryId} IN (
        SELECT delivery_id FROM deliveries WHERE status = 'pending' AND next_attempt_ms <= ${nowMs - OVERDUE_MS}
         ORDER BY next_attempt_ms LIMIT ${DELIVERIES_PER_PAGE})`,
    )
    .returning({ deliveryId: deliveries.deliveryId });
  return rows.map(({ deliveryId }) => deliveryId);
}
