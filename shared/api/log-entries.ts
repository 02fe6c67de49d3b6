/** Entries on the wire, as the log shows them (rules, 10.3): uses, corrections, and outcomes attached later. */
import { z } from "@hono/zod-openapi";
import { DENIAL_REASONS, USAGE_MODES } from "../credits/usage.ts";
import { creditsOutSchema, instantOutSchema } from "./common.ts";
import { upgradeSchema } from "./decisions.ts";
import { outcomeOutSchema } from "./event-parts.ts";

export const ENTRY_KINDS = ["use", "correction", "outcome"] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export const logItemSchema = z.object({
  action: z.string(),
  quantity: z.number(),
  creditsEach: creditsOutSchema
    .nullable()
    .openapi({ description: "null where the credits are not a multiple" }),
  credits: creditsOutSchema,
});

const correctionSchema = z
  .object({
    event: z.string().openapi({ description: "id of the event that it reverses" }),
    seq: z.number().openapi({ description: "of that event" }),
    period: z.string().openapi({ description: "in which that event counts" }),
    credits: creditsOutSchema.openapi({ description: "reversed, above 0" }),
    overdraft: creditsOutSchema.openapi({ description: "part of them; it comes back first" }),
    reason: z.string(),
  })
  .openapi("Correction");

export const logEntrySchema = z
  .object({
    seq: z.number(),
    kind: z.enum(ENTRY_KINDS).openapi({
      description: "correction: it reverses an event; outcome: it attaches one to an event",
    }),
    id: z.string().openapi({ description: "of a use: the caller's; else made by Drawdown" }),
    period: z.string().openapi({ description: "in which it counts" }),
    mode: z.enum(USAGE_MODES).optional().openapi({ description: "of a use" }),
    occurredAt: instantOutSchema,
    bookedAt: instantOutSchema,
    day: z.string(),
    feature: z.string(),
    items: z.array(logItemSchema),
    credits: creditsOutSchema.openapi({
      description:
        "what it counts in its period: of a correction negative, or 0 where its event is of a closed period",
    }),
    rateVersion: z.number(),
    accountRatesVersion: z
      .number()
      .optional()
      .openapi({ description: "of the account's own rates in force, where it had any" }),
    overdraft: creditsOutSchema.optional(),
    wouldDeny: z.enum(DENIAL_REASONS).optional(),
    upgrade: upgradeSchema.optional(),
    late: z.boolean().openapi({ description: "it occurred in a period that was closed already" }),
    user: z.string().optional(),
    teams: z
      .array(z.string())
      .optional()
      .openapi({ description: "of its user when it was booked; of a captured hold: when it was opened" }),
    workflow: z.string().optional(),
    subject: z.string().optional(),
    hold: z
      .object({ credits: creditsOutSchema, openedAt: instantOutSchema })
      .optional()
      .openapi({ description: "it was captured: what was held, since when" }),
    correction: correctionSchema.optional(),
    attached: z
      .object({ event: z.string(), seq: z.number(), credits: creditsOutSchema })
      .optional()
      .openapi({ description: "the event that the outcome belongs to, and what it cost" }),
    outcome: outcomeOutSchema.optional(),
    properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .openapi("LogEntry");
export type LogEntry = z.infer<typeof logEntrySchema>;
