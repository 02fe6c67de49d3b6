/** One POST to a webhook endpoint, signed as Standard Webhooks have it (rules, 6.3). */
import { Webhook } from "standardwebhooks";
import { accountIdOf, modeOf } from "../../shared/account-key.ts";
import { formatInstant, type Mode } from "../../shared/api/common.ts";
import { notificationData } from "../../shared/api/notification-data.ts";
import type { PingPayload, WebhookPayload } from "../../shared/api/notifications.ts";
import { publicNotificationId } from "../../shared/notification-id.ts";
import type { NotificationContent } from "../../shared/queues.ts";
import type { Outcome } from "./delivery-log.ts";

const TIMEOUT_MS = 10_000;

export function webhookPayload(
  accountKey: string,
  notificationId: string,
  content: NotificationContent,
): WebhookPayload {
  const { period } = content;
  return {
    type: `drawdown.${content.kind}`,
    id: publicNotificationId(notificationId),
    timestamp: formatInstant(content.atMs),
    data: {
      account: accountIdOf(accountKey),
      mode: modeOf(accountKey),
      period,
      ...notificationData(content),
    },
  };
}

/** Of a test ping, which tells of no account. */
export function pingPayload(
  id: string,
  { endpointId, mode }: { readonly endpointId: string; readonly mode: Mode },
  atMs: number,
): PingPayload {
  return { type: "drawdown.ping", id, timestamp: formatInstant(atMs), data: { endpoint: endpointId, mode } };
}

/**
 * Sends it once, signed with each secret. What went wrong is told without the URL, which may hold a secret. A redirect
 * is not followed: the signature is for this endpoint alone.
 */
export async function postWebhook(
  url: string,
  secrets: readonly string[],
  payload: WebhookPayload | PingPayload,
  nowMs: number,
): Promise<Outcome> {
  const body = JSON.stringify(payload);
  const sign = (secret: string) => new Webhook(secret).sign(payload.id, new Date(nowMs), body);
  const headers = {
    "content-type": "application/json",
    "user-agent": "Drawdown",
    "webhook-id": payload.id,
    "webhook-timestamp": String(Math.floor(nowMs / 1000)),
    "webhook-signature": secrets.map(sign).join(" "),
  };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    await response.body?.cancel();
    return response.ok
      ? { kind: "delivered" }
      : { kind: "refused", error: `the endpoint answered ${response.status}` };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    return {
      kind: "unanswered",
      error: timedOut
        ? `the endpoint did not answer within ${TIMEOUT_MS / 1000} s`
        : "the endpoint was not reached",
    };
  }
}
