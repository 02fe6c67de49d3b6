/** One attempt to deliver one notification to one receiver, and its line in the delivery log (rules, 6.5). */
import { and, eq, ne, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { accounts, deliveries, notifications, users, webhookEndpoints } from "../../shared/db/schema.ts";
import { publicNotificationId } from "../../shared/notification-id.ts";
import { webhookSecret } from "../../shared/webhook-secret.ts";
import type { Env } from "../env.ts";
import { emailOf } from "./email.ts";
import { messageOf, readerOf } from "./messages.ts";
import { postWebhook, webhookPayload } from "./webhook.ts";

/** Names the notification to whoever gets an e-mail twice; the platform sets Message-ID itself. */
const NOTIFICATION_HEADER = "X-Drawdown-Notification";
const ERROR_LENGTH_MAX = 200;

export type Outcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "failed"; readonly error: string }
  /** The user or the endpoint is gone: no attempt can succeed. */
  | { readonly kind: "no_receiver"; readonly error: string };

type Loaded = NonNullable<Awaited<ReturnType<typeof load>>>;

/**
 * Attempts a delivery unless it was made already and logs how it went; a failure of the last attempt is final. Returns
 * whether it is settled: false asks for another attempt. Throws where D1 fails.
 */
export async function deliver(deliveryId: string, env: Env, isLast: boolean): Promise<boolean> {
  const db = drizzle(env.DB);
  const loaded = await load(db, deliveryId);
  if (loaded === undefined) throw new Error(`D1 has no delivery ${deliveryId}`);
  if (loaded.delivery.status === "delivered") return true;
  const outcome = await send(loaded, env, Date.now());
  await log(db, deliveryId, outcome, isLast, Date.now());
  return outcome.kind !== "failed";
}

async function load(db: DrizzleD1Database, deliveryId: string) {
  const [row] = await db
    .select({
      delivery: deliveries,
      notification: notifications,
      account: { profile: accounts.profile, terms: accounts.terms },
      email: users.email,
      url: webhookEndpoints.url,
    })
    .from(deliveries)
    .innerJoin(notifications, eq(notifications.notificationId, deliveries.notificationId))
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
    .where(eq(deliveries.deliveryId, deliveryId));
  return row;
}

async function send(loaded: Loaded, env: Env, nowMs: number): Promise<Outcome> {
  switch (loaded.delivery.channel) {
    case "email":
      return loaded.email === null
        ? { kind: "no_receiver", error: "the user has no e-mail address any more" }
        : sendEmail(loaded, loaded.email, env);
    case "webhook":
      return loaded.url === null
        ? { kind: "no_receiver", error: "the endpoint was removed" }
        : sendWebhook(loaded, loaded.url, env, nowMs);
  }
}

async function sendEmail({ notification, account }: Loaded, to: string, env: Env): Promise<Outcome> {
  const reader = readerOf(notification.accountKey, account);
  const email = await emailOf(messageOf(notification.content, reader), reader);
  const headers = { [NOTIFICATION_HEADER]: publicNotificationId(notification.notificationId) };
  try {
    await env.EMAIL.send({ from: env.EMAIL_FROM, to, headers, ...email });
    return { kind: "delivered" };
  } catch (error) {
    return { kind: "failed", error: emailError(error, to) };
  }
}

/** What the platform said, without the address: a user who is erased must not live on in the log. */
function emailError(error: unknown, to: string): string {
  const said = error instanceof Error ? error.message : String(error);
  return `the e-mail was not accepted: ${said.replaceAll(to, "(address)")}`.slice(0, ERROR_LENGTH_MAX);
}

async function sendWebhook(
  { delivery, notification }: Loaded,
  url: string,
  env: Env,
  nowMs: number,
): Promise<Outcome> {
  const { accountKey, notificationId, content } = notification;
  const secret = await webhookSecret(delivery.target, env.KEY_SIGNING_SECRET);
  const error = await postWebhook(url, secret, webhookPayload(accountKey, notificationId, content), nowMs);
  return error === null ? { kind: "delivered" } : { kind: "failed", error };
}

/** A delivery that was made stays so: a message that came twice may fail the second time. */
async function log(
  db: DrizzleD1Database,
  deliveryId: string,
  outcome: Outcome,
  isLast: boolean,
  nowMs: number,
): Promise<void> {
  const givenUp = outcome.kind === "no_receiver" || (outcome.kind === "failed" && isLast);
  const delivered = outcome.kind === "delivered";
  await db
    .update(deliveries)
    .set({
      // Left out, it stays: one that was given up and is sent again by hand must not look pending.
      ...(delivered ? { status: "delivered" as const } : givenUp ? { status: "failed" as const } : {}),
      attempts: sql`${deliveries.attempts} + 1`,
      lastError: delivered ? null : outcome.error,
      updatedAtMs: nowMs,
    })
    .where(and(eq(deliveries.deliveryId, deliveryId), ne(deliveries.status, "delivered")));
}
