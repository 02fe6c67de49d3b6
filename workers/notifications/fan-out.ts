/**
 * From one notice to its receivers (rules, 6.3): the row that keeps it, a delivery per receiver, and a message per
 * delivery. Every row has a stable key, so that running it again creates nothing and goes on where it stopped.
 */
import { and, eq, isNotNull, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { modeOf } from "../../shared/account-key.ts";
import type { ROLES } from "../../shared/api/accounts.ts";
import { deliveries, notifications, users, webhookEndpoints } from "../../shared/db/schema.ts";
import type { NoticeMessage } from "../../shared/queues.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";

/** Roles that are told by e-mail. */
const TOLD_ROLES: readonly (typeof ROLES)[number][] = ["super_admin", "billing_admin", "billing_contact"];
const QUEUE_BATCH_MAX = 100;

/** Throws where D1, the queue or the account fails; nothing is lost, the message comes again. */
export async function fanOut(message: NoticeMessage, env: Env, nowMs: number): Promise<void> {
  const pending = await storeDeliveries(drizzle(env.DB), message, nowMs);
  for (let start = 0; start < pending.length; start += QUEUE_BATCH_MAX) {
    const batch = pending.slice(start, start + QUEUE_BATCH_MAX);
    await env.NOTIFICATIONS_QUEUE.sendBatch(
      batch.map(({ deliveryId }) => ({ body: { type: "delivery" as const, deliveryId } })),
    );
  }
  const { notice } = message;
  // Billing made the others and does not wait for them.
  if (notice.kind === "invoice_issued") return;
  await accountOf(env, message.accountKey).acknowledge({ notices: [notice.number] });
}

/** One transaction: a notification never lacks a receiver. Returns the deliveries that are still to be made. */
async function storeDeliveries(
  db: DrizzleD1Database,
  { accountKey, notificationId, notice }: NoticeMessage,
  nowMs: number,
): Promise<readonly { readonly deliveryId: string }[]> {
  const [, , , pending] = await db.batch([
    db
      .insert(notifications)
      .values({ notificationId, accountKey, kind: notice.kind, atMs: notice.atMs, content: notice })
      .onConflictDoNothing(),
    db
      .insert(deliveries)
      .select(
        db
          .select(newDelivery(notificationId, "email", users.userId, nowMs))
          .from(users)
          .where(and(eq(users.accountKey, accountKey), isNotNull(users.email), hasToldRole())),
      )
      .onConflictDoNothing(),
    db
      .insert(deliveries)
      .select(
        db
          .select(newDelivery(notificationId, "webhook", webhookEndpoints.endpointId, nowMs))
          .from(webhookEndpoints)
          .where(eq(webhookEndpoints.mode, modeOf(accountKey))),
      )
      .onConflictDoNothing(),
    db
      .select({ deliveryId: deliveries.deliveryId })
      .from(deliveries)
      .where(and(eq(deliveries.notificationId, notificationId), eq(deliveries.status, "pending"))),
  ]);
  return pending;
}

/** A row of `deliveries` for each receiver, in the order of its columns. */
function newDelivery(
  notificationId: string,
  channel: "email" | "webhook",
  target: typeof users.userId | typeof webhookEndpoints.endpointId,
  nowMs: number,
) {
  return {
    deliveryId: sql<string>`${`${notificationId}/${channel}/`} || ${target}`.as("delivery_id"),
    notificationId: sql<string>`${notificationId}`.as("notification_id"),
    channel: sql<typeof channel>`${channel}`.as("channel"),
    target: sql<string>`${target}`.as("target"),
    status: sql<"pending">`'pending'`.as("status"),
    attempts: sql<number>`0`.as("attempts"),
    lastError: sql<string | null>`NULL`.as("last_error"),
    updatedAtMs: sql<number>`${nowMs}`.as("updated_at_ms"),
  };
}

function hasToldRole() {
  const roles = JSON.stringify(TOLD_ROLES);
  return sql`EXISTS (SELECT 1 FROM json_each(${users.roles}) WHERE value IN (SELECT value FROM json_each(${roles})))`;
}
