/** Notifications, their deliveries and webhook payloads on the wire (rules, section 6). */
import { z } from "@hono/zod-openapi";
import { instantOutSchema, MODES, pageQuerySchema } from "./common.ts";
import { deliverySchema } from "./deliveries.ts";
import { notificationDataSchema } from "./notification-data.ts";

const notificationIdSchema = z.string().openapi({
  description: "the same in the API, in a webhook's webhook-id and in an e-mail's X-Drawdown-Notification",
  example: "ntf_bGl2ZTphY21lL25vdGljZS8xMg",
});

export const notificationSchema = z
  .object({
    id: notificationIdSchema,
    at: instantOutSchema,
    period: z.string().openapi({ example: "2026-11-14" }),
    title: z.string(),
    text: z.string(),
    data: notificationDataSchema,
    deliveries: z.array(deliverySchema).openapi({
      description: "empty until it was handed to its receivers, some seconds after it was decided",
    }),
  })
  .openapi("Notification");

export type Notification = z.infer<typeof notificationSchema>;

/** Body of the POST to a webhook endpoint, signed as Standard Webhooks have it. */
export const webhookPayloadSchema = z
  .object({
    type: z.string().openapi({ description: "drawdown. and the kind", example: "drawdown.usage_threshold" }),
    id: notificationIdSchema,
    timestamp: instantOutSchema.openapi({ description: "when it was decided" }),
    data: z.intersection(
      z.object({ account: z.string(), mode: z.enum(MODES), period: z.string() }),
      notificationDataSchema,
    ),
  })
  .openapi("WebhookPayload");

export type WebhookPayload = z.infer<typeof webhookPayloadSchema>;

/** Body of a test ping, signed in the same way. */
export const pingPayloadSchema = z
  .object({
    type: z.literal("drawdown.ping"),
    id: z.string(),
    timestamp: instantOutSchema,
    data: z.object({ endpoint: z.string(), mode: z.enum(MODES) }),
  })
  .openapi("PingPayload");

export type PingPayload = z.infer<typeof pingPayloadSchema>;

/** Where a page of notifications ends: newest first, so the next one is older. */
export interface NotificationCursor {
  readonly atMs: number;
  /** The id without its account. */
  readonly name: string;
}

const CURSOR_PATTERN = /^(\d{1,15})\/(.{1,180})$/;

export function formatCursor(cursor: NotificationCursor): string {
  return `${cursor.atMs}/${cursor.name}`;
}

const cursorSchema = z
  .string()
  .transform((text, context): NotificationCursor => {
    const [, atMs, name] = CURSOR_PATTERN.exec(text) ?? [];
    if (atMs !== undefined && name !== undefined) return { atMs: Number(atMs), name };
    context.addIssue({ code: "custom", message: "take it unchanged from nextCursor" });
    return z.NEVER;
  })
  .openapi({ type: "string", description: "nextCursor of the page before" });

export const notificationsQuerySchema = pageQuerySchema.extend({ cursor: cursorSchema.optional() });
