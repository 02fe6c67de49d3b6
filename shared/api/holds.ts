/** Holds on the wire: reserve now, book the real cost later (rules, 3.4). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { UsageEntry } from "../credits/entries.ts";
import { HOLD_MS_DEFAULT, HOLD_MS_MAX, type Hold } from "../credits/hold.ts";
import { OVERFLOWS } from "../credits/holds.ts";
import type { Captured, Held, HoldCall, Capture as HoldCapture } from "../protocol.ts";
import { allowedAnswer, balanceSummaryAnswer, itemAnswer } from "./answers.ts";
import {
  creditsOutSchema,
  formatInstant,
  identifierSchema,
  instantOutSchema,
  referenceSchema,
} from "./common.ts";
import { allowedSchema, deniedSchema, entryReferenceSchema } from "./decisions.ts";
import { itemFields, itemsRule, outcomeSchema, propertiesSchema, toItems, toOutcome } from "./event-parts.ts";
import { logItemSchema } from "./log-entries.ts";
import { eventFields, toUsageEvent } from "./usage.ts";

export const HOLD_STATUSES = ["open", "captured", "released", "expired"] as const;
export type HoldStatus = (typeof HOLD_STATUSES)[number];

/** A path cannot carry these two: they mean a place in it. */
const holdIdSchema = referenceSchema.refine((id) => id !== "." && id !== "..", "must not be a dot segment");

/** An event as consume takes it, with how long its credits are reserved. */
export const holdBodySchema = z
  .strictObject({
    ...eventFields,
    id: holdIdSchema.openapi({ description: "the caller's own id; the hold and its entry have it" }),
    expiresInSeconds: z
      .int()
      .min(1)
      .max(HOLD_MS_MAX / 1000)
      .default(HOLD_MS_DEFAULT / 1000)
      .openapi({ description: "after that it is given back by itself" }),
  })
  .superRefine(itemsRule(true))
  .openapi("OpenHold", {
    example: {
      account: "acme",
      id: "job_81",
      feature: "assistant",
      action: "output_tokens",
      quantity: 4000,
      expiresInSeconds: 300,
    },
  });

export const holdParamsSchema = z.object({ id: referenceSchema });
export const holdQuerySchema = z.strictObject({
  account: identifierSchema.openapi({ description: "whose hold it is" }),
});

/** What was really used, in either form; neither: as held. */
export const captureSchema = z
  .strictObject({
    account: identifierSchema,
    ...itemFields,
    overflow: z.enum(OVERFLOWS).default("consume").openapi({
      description: "what is above the hold is decided like a consume, or booked like a record",
    }),
    outcome: outcomeSchema.optional(),
    properties: propertiesSchema.optional(),
  })
  .superRefine(itemsRule(false))
  .openapi("CaptureHold", {
    example: { account: "acme", action: "output_tokens", quantity: 3120, overflow: "record" },
  });

export const releaseSchema = z.strictObject({ account: identifierSchema }).openapi("ReleaseHold");

export const holdSchema = z
  .object({
    status: z.enum(HOLD_STATUSES),
    credits: creditsOutSchema.openapi({ description: "what it reserves, or reserved" }),
    openedAt: instantOutSchema,
    expiresAt: instantOutSchema,
    settledAt: instantOutSchema
      .nullable()
      .openapi({ description: "when it was captured, released or expired; null while it is open" }),
    feature: z.string(),
    items: z.array(logItemSchema),
    rateVersion: z
      .number()
      .openapi({ description: "in force when it was opened; captures are priced by it" }),
    entry: entryReferenceSchema
      .extend({ credits: creditsOutSchema })
      .optional()
      .openapi({ description: "what was booked for it" }),
  })
  .openapi("Hold");

export const openedHoldSchema = allowedSchema
  .extend({
    hold: holdSchema
      .optional()
      .openapi({ description: "absent where the id was booked with this content, without a hold" }),
  })
  .openapi("OpenedHold");

export const holdDecisionSchema = z.union([openedHoldSchema, deniedSchema]).openapi("HoldDecision");
export type HoldDecision = z.infer<typeof holdDecisionSchema>;

export const heldSchema = allowedSchema.extend({ hold: holdSchema }).openapi("Held");

export const captureDecisionSchema = z.union([heldSchema, deniedSchema]).openapi("CaptureDecision");
export type CaptureDecision = z.infer<typeof captureDecisionSchema>;

/** The validated bodies as the account takes them. */
export function toHoldCall({ expiresInSeconds, ...event }: z.infer<typeof holdBodySchema>): HoldCall {
  return { event: toUsageEvent(event), holdMs: expiresInSeconds * 1000 };
}

export function toCapture(body: z.infer<typeof captureSchema>): HoldCapture {
  const { overflow, outcome, properties } = body;
  return {
    items: toItems(body),
    overflow,
    ...(outcome === undefined ? {} : { outcome: toOutcome(outcome) }),
    ...(properties === undefined ? {} : { properties }),
  };
}

/** The hold itself, with what was booked for it. */
export function holdAnswer(hold: Hold, entry: UsageEntry | null): z.infer<typeof holdSchema> {
  const { settlement } = hold;
  return {
    status: settlement?.kind ?? "open",
    credits: formatMicros(hold.heldMicros),
    openedAt: formatInstant(hold.atMs),
    expiresAt: formatInstant(hold.expiresAtMs),
    settledAt: settlement === null ? null : formatInstant(settlement.atMs),
    feature: hold.event.feature,
    items: hold.items.map(({ action, quantityMicros, creditsMicros }) =>
      itemAnswer([action, quantityMicros, creditsMicros]),
    ),
    rateVersion: hold.rateVersion,
    ...(entry === null
      ? {}
      : { entry: { seq: entry.seq, period: entry.period, credits: formatMicros(entry.creditsMicros) } }),
  };
}

/** A hold that was opened, released or looked at; its credits are those that it reserves or reserved. */
export function heldAnswer({ hold, entry, replayed, balance }: Held): z.infer<typeof heldSchema> {
  return {
    allowed: true,
    replayed,
    id: hold.event.id,
    credits: formatMicros(hold.heldMicros),
    balance: balanceSummaryAnswer(balance),
    hold: holdAnswer(hold, entry),
  };
}

/** A captured hold; its credits are those that were booked. */
export function capturedAnswer(captured: Captured): z.infer<typeof heldSchema> {
  const { hold, entry } = captured;
  return { ...allowedAnswer(entry.id, captured), hold: holdAnswer(hold, entry) };
}
