/**
 * Names of deliveries: the notification's id, the channel and the target, "live:acme/notice/12/email/u_1", so that a
 * second fan-out makes no second delivery. Outside it is the same in base64url, which fits into a path.
 */
import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";
import type { Mode } from "./api/common.ts";
import type { DeliveryChannel } from "./api/deliveries.ts";

const PUBLIC_PREFIX = "dlv_";

/** What the ids of a notification's deliveries over a channel begin with; the target follows. */
export function deliveryIdPrefix(notificationId: string, channel: DeliveryChannel): string {
  return `${notificationId}/${channel}/`;
}

/** Of a test ping, which has no notification. */
export function pingDeliveryId(mode: Mode, endpointId: string, uuid: string): string {
  return `${mode}:/ping/${endpointId}/${uuid}`;
}

export function publicDeliveryId(deliveryId: string): string {
  const base64Url = encodeBase64Url(new TextEncoder().encode(deliveryId).buffer);
  return `${PUBLIC_PREFIX}${base64Url.replaceAll("=", "")}`;
}

/** The id inside, or null where the text is none. */
export function readPublicDeliveryId(text: string): string | null {
  if (!text.startsWith(PUBLIC_PREFIX)) return null;
  try {
    const bytes = decodeBase64Url(text.slice(PUBLIC_PREFIX.length));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
