/**
 * From one notice to its receivers (rules, 6.3): the row that keeps it, a delivery per receiver, and a message per
 * delivery. Every row has a stable key, so that running it again creates nothing and goes on where it stopped.
 */
import { and, eq, lte, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { modeOf } from "../../shared/account-key.ts";
import type { DeliveryChannel } from "../../shared/api/deliveries.ts";
import { controlOf } from "../../shared/credits/directory.ts";
import { deliveries, notifications, users, webhookEndpoints } from "../../shared/db/schema.ts";
import { deliveryIdPrefix } from "../../shared/delivery-id.ts";
import type { CallContext } from "../../shared/protocol.ts";
import { isAccountNotice, type NoticeMessage } from "../../shared/queues.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import { reportInsights } from "../insights/report.ts";
import { type Audience, audienceOf, isEmailReceiver, isWebhookReceiver } from "./receivers.ts";
import { wakeUp } from "./wake-up.ts";

/** What is asked of an account here needs no newer offer than it knows. */
const NO_OFFER: CallContext = { offerRevision: 0 };

/** Throws where D1, the queue or the account fails; nothing is lost, the message comes again. */
export async function fanOut(message: NoticeMessage, env: Env, nowMs: number): Promise<void> {
  const audience = await withOwners(audienceOf(message.notice), message.accountKey, env);
  const due = await storeDeliveries(drizzle(env.DB), await withInsights(message, env), audience, nowMs);
  await wakeUp(
    env,
    due.map(({ deliveryId }) => deliveryId),
  );
  const { accountKey, notice } = message;
  // Others do not wait for those that they made.
  if (isAccountNotice(notice)) await accountOf(env, accountKey).acknowledge({ notices: [notice.number] });
}

/** A usage report with what the analysis adds; without it where that fails, because its figures are what counts. */
async function withInsights(message: NoticeMessage, env: Env): Promise<NoticeMessage> {
  const { accountKey, notice } = message;
  if (notice.kind !== "usage_report") return message;
  try {
    const insights = await reportInsights(env, accountKey, notice);
    return insights === null ? message : { ...message, notice: { ...notice, insights } };
  } catch (error) {
    console.warn(`the usage report of ${accountKey} goes out without insights`, error);
    return message;
  }
}

/** The audience with the owners of the features that it names. */
async function withOwners(audience: Audience, accountKey: string, env: Env): Promise<Audience> {
  if (audience.features.length === 0) return audience;
  const view = await accountOf(env, accountKey).view(NO_OFFER);
  if (view.kind !== "view") return audience;
  const owners = audience.features.map((feature) => controlOf(view.directory, feature).owner);
  return { ...audience, featureOwners: owners.filter((owner) => owner !== null) };
}

/**
 * One transaction: a notification never lacks a receiver, and a second fan-out adds none that came later. Returns the
 * deliveries to be made now.
 */
async function storeDeliveries(
  db: DrizzleD1Database,
  message: NoticeMessage,
  audience: Audience,
  nowMs: number,
): Promise<readonly { readonly deliveryId: string }[]> {
  const { accountKey, notificationId, notice } = message;
  const isNew = sql`NOT EXISTS (SELECT 1 FROM ${notifications} WHERE notification_id = ${notificationId})`;
  const [, , , due] = await db.batch([
    db
      .insert(deliveries)
      .select(
        db
          .select(newDelivery(message, "email", users.userId, nowMs))
          .from(users)
          .where(and(isNew, isEmailReceiver(accountKey, audience))),
      )
      .onConflictDoNothing(),
    db
      .insert(deliveries)
      .select(
        db
          .select(newDelivery(message, "webhook", webhookEndpoints.endpointId, nowMs))
          .from(webhookEndpoints)
          .where(and(isNew, isWebhookReceiver(accountKey))),
      )
      .onConflictDoNothing(),
    db
      .insert(notifications)
      .values({ notificationId, accountKey, kind: notice.kind, atMs: notice.atMs, content: notice })
      .onConflictDoNothing(),
    db
      .select({ deliveryId: deliveries.deliveryId })
      .from(deliveries)
      .where(
        and(
          eq(deliveries.notificationId, notificationId),
          eq(deliveries.status, "pending"),
          lte(deliveries.nextAttemptMs, nowMs),
        ),
      ),
  ]);
  return due;
}

/** A row of `deliveries` for each receiver, in the order of its columns. */
function newDelivery(
  { accountKey, notificationId }: NoticeMessage,
  channel: DeliveryChannel,
  target: typeof users.userId | typeof webhookEndpoints.endpointId,
  nowMs: number,
) {
  const prefix = deliveryIdPrefix(notificationId, channel);
  return {
    deliveryId: sql<string>`${prefix} || ${target}`.as("delivery_id"),
    mode: sql<"live" | "test">`${modeOf(accountKey)}`.as("mode"),
    accountKey: sql<string>`${accountKey}`.as("account_key"),
    notificationId: sql<string>`${notificationId}`.as("notification_id"),
    channel: sql<typeof channel>`${channel}`.as("channel"),
    target: sql<string>`${target}`.as("target"),
    status: sql<"pending">`'pending'`.as("status"),
    attempts: sql<number>`0`.as("attempts"),
    lastError: sql<string | null>`NULL`.as("last_error"),
    attemptLog: sql<readonly []>`'[]'`.as("attempt_log"),
    roundAttempts: sql<number>`0`.as("round_attempts"),
    roundStartedMs: sql<number>`${nowMs}`.as("round_started_ms"),
    nextAttemptMs: sql<number>`${nowMs}`.as("next_attempt_ms"),
    createdAtMs: sql<number>`${nowMs}`.as("created_at_ms"),
    updatedAtMs: sql<number>`${nowMs}`.as("updated_at_ms"),
  };
}
