/** Messages that failed every retry, on the wire (rules, section 6.5). */
import { z } from "@hono/zod-openapi";
import { CURSOR_TEXT, instantOutSchema, pageQuerySchema } from "./common.ts";

export const QUEUES = ["drawdown-usage", "drawdown-notifications", "drawdown-billing"] as const;
export type QueueName = (typeof QUEUES)[number];

export const deadLetterSummarySchema = z
  .object({
    id: z.string(),
    queue: z.string().openapi({ example: "drawdown-usage" }),
    type: z.string().nullable().openapi({ description: "what the message is about", example: "segment" }),
    account: z.string().nullable(),
    diedAt: instantOutSchema,
    resentAt: instantOutSchema
      .nullable()
      .openapi({ description: "when it was last resent; one that dies again is another dead letter" }),
  })
  .openapi("DeadLetterSummary");

export type DeadLetterSummary = z.infer<typeof deadLetterSummarySchema>;

export const deadLetterSchema = deadLetterSummarySchema
  .extend({ message: z.unknown().openapi({ description: "as it was in the queue" }) })
  .openapi("DeadLetter");

export const deadLettersQuerySchema = pageQuerySchema.extend({
  queue: z.enum(QUEUES).optional().openapi({ description: "only those of this queue" }),
  resent: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional()
    .openapi({ type: "boolean", description: "only those that were resent, or only those that wait" }),
  cursor: z
    .string()
    .regex(/^\d{1,15}\/.{1,180}$/, "take it unchanged from nextCursor")
    .optional()
    .openapi({ description: CURSOR_TEXT }),
});

export const deadLetterParamsSchema = z.object({ id: z.string().min(1).max(200) });
