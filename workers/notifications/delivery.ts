/** One attempt to hand one notification, or a test ping, to one receiver (rules, 6.5). */
import { publicDeliveryId } from "../../shared/delivery-id.ts";
import { publicNotificationId } from "../../shared/notification-id.ts";
import { webhookSecret } from "../../shared/webhook-secret.ts";
import type { Env } from "../env.ts";
import type { LoadedDelivery, Outcome } from "./delivery-log.ts";
import { emailOf } from "./email.ts";
import { messageOf, readerOf } from "./messages.ts";
import { whyTold } from "./receivers.ts";
import { pingPayload, postWebhook, webhookPayload } from "./webhook.ts";

/** Names the notification to whoever gets an e-mail twice; the platform sets Message-ID itself. */
const NOTIFICATION_HEADER = "X-Drawdown-Notification";
const ERROR_LENGTH_MAX = 200;

export async function attempt(loaded: LoadedDelivery, env: Env, nowMs: number): Promise<Outcome> {
  switch (loaded.delivery.channel) {
    case "email":
      return sendEmail(loaded, env);
    case "webhook":
      return sendWebhook(loaded, env, nowMs);
  }
}

async function sendEmail({ notification, account, user }: LoadedDelivery, env: Env): Promise<Outcome> {
  if (notification === null || user === null || user.email === null) {
    return { kind: "no_receiver", error: "the user has no e-mail address any more" };
  }
  const { accountKey, notificationId, content } = notification;
  const reader = readerOf(accountKey, account);
  const why = whyTold(content, user, reader.accountName);
  const email = await emailOf(messageOf(content, reader), reader, why);
  const headers = { [NOTIFICATION_HEADER]: publicNotificationId(notificationId) };
  try {
    await env.EMAIL.send({ from: env.EMAIL_FROM, to: user.email, headers, ...email });
    return { kind: "delivered" };
  } catch (error) {
    return { kind: "refused", error: emailError(error, user.email) };
  }
}

/** What the platform said, without the address: a user who is erased must not live on in the log. */
function emailError(error: unknown, to: string): string {
  const said = error instanceof Error ? error.message : String(error);
  return `the e-mail was not accepted: ${said.replaceAll(to, "(address)")}`.slice(0, ERROR_LENGTH_MAX);
}

async function sendWebhook(
  { delivery, notification, endpoint }: LoadedDelivery,
  env: Env,
  nowMs: number,
): Promise<Outcome> {
  if (endpoint === null) return { kind: "no_receiver", error: "the endpoint was removed" };
  // A ping may ask whether an endpoint can be enabled again.
  if (notification !== null && endpoint.disabledAtMs !== null) {
    return { kind: "no_receiver", error: "the endpoint is disabled" };
  }
  const payload =
    notification === null
      ? pingPayload(publicDeliveryId(delivery.deliveryId), endpoint, delivery.createdAtMs)
      : webhookPayload(notification.accountKey, notification.notificationId, notification.content);
  return postWebhook(endpoint.url, await secretsOf(endpoint, env, nowMs), payload, nowMs);
}

/** The endpoint's secret, and the one before it as long as that is good. */
async function secretsOf(
  endpoint: NonNullable<LoadedDelivery["endpoint"]>,
  env: Env,
  nowMs: number,
): Promise<readonly string[]> {
  const { endpointId, secretVersion, previousSecretUntilMs } = endpoint;
  const versions =
    previousSecretUntilMs !== null && nowMs < previousSecretUntilMs
      ? [secretVersion, secretVersion - 1]
      : [secretVersion];
  return Promise.all(versions.map((version) => webhookSecret(endpointId, env.KEY_SIGNING_SECRET, version)));
}
