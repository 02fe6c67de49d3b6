/** Notifications, deliveries and banners as the wire has them. */
import type { z } from "@hono/zod-openapi";
import { accountIdOf } from "../../shared/account-key.ts";
import { bannerData, type bannerSchema } from "../../shared/api/banners.ts";
import { formatInstant } from "../../shared/api/common.ts";
import type { Delivery, LoggedDelivery } from "../../shared/api/deliveries.ts";
import { notificationData } from "../../shared/api/notification-data.ts";
import type { Notification } from "../../shared/api/notifications.ts";
import type { Banner } from "../../shared/credits/banners.ts";
import type { deliveries } from "../../shared/db/schema.ts";
import { publicDeliveryId } from "../../shared/delivery-id.ts";
import { publicNotificationId } from "../../shared/notification-id.ts";
import { bannerMessageOf } from "./banner-messages.ts";
import type { Listed } from "./list.ts";
import { messageOf } from "./messages.ts";
import type { Reader } from "./words/message.ts";

export type DeliveryRow = typeof deliveries.$inferSelect;

const PING = "ping";

export function deliveryAnswer(row: DeliveryRow): Delivery {
  const { channel, target, status, attempts, lastError, nextAttemptMs } = row;
  return {
    id: publicDeliveryId(row.deliveryId),
    channel,
    target,
    status,
    attempts,
    lastError,
    nextAttemptAt: nextAttemptMs === null ? null : formatInstant(nextAttemptMs),
    createdAt: formatInstant(row.createdAtMs),
    updatedAt: formatInstant(row.updatedAtMs),
    log: row.attemptLog.map(({ atMs, error }) => ({ at: formatInstant(atMs), error })),
  };
}

/** `kind` is null where there is no notification: a test ping. */
export function loggedDeliveryAnswer(row: DeliveryRow, kind: string | null): LoggedDelivery {
  return {
    ...deliveryAnswer(row),
    account: row.accountKey === null ? null : accountIdOf(row.accountKey),
    notification: row.notificationId === null ? null : publicNotificationId(row.notificationId),
    kind: kind ?? PING,
  };
}

export function notificationAnswer(
  { notificationId, content }: Listed,
  deliveries: readonly DeliveryRow[],
  reader: Reader,
): Notification {
  const { title, paragraphs } = messageOf(content, reader);
  return {
    id: publicNotificationId(notificationId),
    at: formatInstant(content.atMs),
    period: content.period,
    title,
    text: paragraphs.join("\n\n"),
    data: notificationData(content),
    deliveries: deliveries.map(deliveryAnswer),
  };
}

export function bannerAnswer(
  banner: Banner,
  timeZone: string,
  nameOf: (feature: string) => string,
): z.infer<typeof bannerSchema> {
  return {
    id: banner.id,
    severity: banner.severity,
    ...bannerMessageOf(banner, timeZone, nameOf),
    until: banner.untilMs === null ? null : formatInstant(banner.untilMs),
    data: bannerData(banner),
  };
}
