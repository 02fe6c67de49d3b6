/**
 * Names of notifications (rules, 6.5): made from what they tell of, so that every redelivery and resend carries the
 * same one. Inside, an id begins with its account's key: "live:acme/notice/12". Outside, in the API, in the webhook's
 * `webhook-id` and in the e-mail's header, it is the same id in base64url, because it then fits into a path and has no
 * full stop, which delimits what a webhook signs: "ntf_bGl2ZTphY21lL25vdGljZS8xMg".
 */
import { encodeBase64Url } from "hono/utils/encode";

const PUBLIC_PREFIX = "ntf_";

/** Of a notice that the account itself decided; `number` counts within the account. */
export function notificationIdOf(accountKey: string, number: number): string {
  return `${accountKey}/notice/${number}`;
}

/** Of an invoice that billing issued; `number` counts within the account. */
export function invoiceNotificationIdOf(accountKey: string, number: number): string {
  return `${accountKey}/invoice/${number}`;
}

/** Of a projection of the analysis: once per period (rules, 6.4). */
export function projectionNotificationIdOf(accountKey: string, period: string): string {
  return `${accountKey}/projected_exhaustion/${period}`;
}

/** Of a spike: once per feature and local day. */
export function spikeNotificationIdOf(accountKey: string, feature: string, day: string): string {
  return `${accountKey}/spike/${day}/${feature}`;
}

/** Of a period's waste. */
export function wasteNotificationIdOf(accountKey: string, period: string): string {
  return `${accountKey}/waste/${period}`;
}

/** Of a change of the rate sheet, which is the same for all accounts; `notice` names it: "rate_change/7" (rules, 8.4). */
export function rateNotificationIdOf(accountKey: string, notice: string): string {
  return `${accountKey}/${notice}`;
}

/** The id as callers, receivers and readers see it. */
export function publicNotificationId(notificationId: string): string {
  const base64Url = encodeBase64Url(new TextEncoder().encode(notificationId).buffer);
  return `${PUBLIC_PREFIX}${base64Url.replaceAll("=", "")}`;
}
