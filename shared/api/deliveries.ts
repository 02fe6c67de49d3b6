/** The delivery log on the wire (rules, section 6.5). */
import { z } from "@hono/zod-openapi";
import {
  CURSOR_TEXT,
  identifierSchema,
  instantOutSchema,
  instantSchema,
  pageQuerySchema,
  referenceSchema,
} from "./common.ts";

export const DELIVERY_CHANNELS = ["email", "webhook"] as const;
export type DeliveryChannel = (typeof DELIVERY_CHANNELS)[number];

export const DELIVERY_STATUSES = ["pending", "delivered", "failed"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** What is kept of each attempt, and of how many. */
export interface LoggedAttempt {
  readonly atMs: number;
  /** null: the receiver took it. */
  readonly error: string | null;
}
export const ATTEMPTS_LOGGED_MAX = 20;

/** Of one call; the rest is resent by calling again. */
const RESENT_MAX = 500;
const RESENT_DEFAULT = 100;

const deliveryFields = {
  id: z.string().openapi({ example: "dlv_bGl2ZTphY21lL25vdGljZS8xMi9lbWFpbC91XzE" }),
  channel: z.enum(DELIVERY_CHANNELS),
  target: z.string().openapi({ description: "the user of an e-mail, the endpoint of a webhook" }),
  status: z.enum(DELIVERY_STATUSES).openapi({
    description: "failed: given up after about a day, or the receiver is gone; it can be resent",
  }),
  attempts: z.number(),
  lastError: z.string().nullable(),
  nextAttemptAt: instantOutSchema.nullable().openapi({ description: "null: nothing is planned" }),
  createdAt: instantOutSchema,
  updatedAt: instantOutSchema,
  log: z.array(z.object({ at: instantOutSchema, error: z.string().nullable() })).openapi({
    description: `the last ${ATTEMPTS_LOGGED_MAX} attempts, oldest first; error null: it was taken`,
  }),
};

export const deliverySchema = z.object(deliveryFields).openapi("Delivery");
export type Delivery = z.infer<typeof deliverySchema>;

/** As the operator's list shows it, beside those of other accounts. */
export const loggedDeliverySchema = deliverySchema
  .extend({
    account: z.string().nullable().openapi({ description: "null: a test ping" }),
    notification: z.string().nullable().openapi({ description: "id of the notification; null: a test ping" }),
    kind: z.string().openapi({ description: "of the notification, or ping", example: "usage_threshold" }),
  })
  .openapi("LoggedDelivery");

export type LoggedDelivery = z.infer<typeof loggedDeliverySchema>;

/** Where a page of deliveries ends: newest first, so the next one is older. */
export interface DeliveryCursor {
  readonly createdAtMs: number;
  readonly deliveryId: string;
}

const CURSOR_PATTERN = /^(\d{1,15})\/(.{1,500})$/;

export function formatDeliveryCursor(cursor: DeliveryCursor): string {
  return `${cursor.createdAtMs}/${cursor.deliveryId}`;
}

const cursorSchema = z
  .string()
  .transform((text, context): DeliveryCursor => {
    const [, createdAtMs, deliveryId] = CURSOR_PATTERN.exec(text) ?? [];
    if (createdAtMs !== undefined && deliveryId !== undefined) {
      return { createdAtMs: Number(createdAtMs), deliveryId };
    }
    context.addIssue({ code: "custom", message: "take it unchanged from nextCursor" });
    return z.NEVER;
  })
  .openapi({ type: "string", description: CURSOR_TEXT });

const filterFields = {
  channel: z.enum(DELIVERY_CHANNELS).optional().openapi({ description: "only this channel" }),
  account: identifierSchema.optional().openapi({ description: "only those of this account" }),
  target: referenceSchema.optional().openapi({ description: "a user or a webhook endpoint" }),
};

export const deliveriesQuerySchema = pageQuerySchema.extend({
  ...filterFields,
  status: z.enum(DELIVERY_STATUSES).optional().openapi({ description: "only those that are so" }),
  cursor: cursorSchema.optional(),
});

/** Which deliveries are resent: those that failed, of the filter; pending ones are asked for by name. */
export const resendDeliveriesSchema = z
  .strictObject({
    ...filterFields,
    status: z.enum(["failed", "pending"]).default("failed"),
    from: instantSchema.optional().openapi({ description: "created then or later" }),
    to: instantSchema.optional().openapi({ description: "created before" }),
    limit: z.int().min(1).max(RESENT_MAX).default(RESENT_DEFAULT),
  })
  .openapi("ResendDeliveries");

export type ResendFilter = z.infer<typeof resendDeliveriesSchema>;

export const resentDeliveriesSchema = z
  .object({
    resent: z.number(),
    more: z.boolean().openapi({ description: "the filter matches more: call again" }),
  })
  .openapi("ResentDeliveries");

export const deliveryParamsSchema = z.object({
  id: z.string().regex(/^dlv_[\w-]{1,1400}$/, "the id of a delivery, such as dlv_bGl2ZTph…"),
});
