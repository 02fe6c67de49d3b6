/** Events as callers send them, one by one or many at once (rules, sections 3 and 4). */
import { z } from "@hono/zod-openapi";
import type { UsageEvent } from "../credits/entries.ts";
import { USAGE_MODES } from "../credits/usage.ts";
import { identifierSchema, instantSchema, referenceSchema } from "./common.ts";
import { itemFields, itemsRule, outcomeSchema, propertiesSchema, toItems, toOutcome } from "./event-parts.ts";

export const EVENTS_PER_REQUEST_MAX = 1000;

/** The fields of an event; `itemsRule` belongs to them. */
export const eventFields = {
  account: identifierSchema,
  id: referenceSchema.openapi({ description: "the caller's own id; the same id is never booked twice" }),
  feature: identifierSchema,
  ...itemFields,
  user: referenceSchema.optional(),
  workflow: referenceSchema.optional(),
  subject: referenceSchema.optional(),
  occurredAt: instantSchema.optional(),
  outcome: outcomeSchema.optional(),
  properties: propertiesSchema.optional(),
};

/** One event; `action` and `quantity` stand for a single item. */
export const eventSchema = z
  .strictObject(eventFields)
  .superRefine(itemsRule(true))
  .openapi("Event", {
    example: {
      account: "acme",
      id: "req_7f3",
      feature: "assistant",
      items: [
        { action: "input_tokens", quantity: 374 },
        { action: "output_tokens", quantity: 44 },
      ],
      user: "u_12",
      workflow: "ticket-triage",
    },
  });

export type EventBody = z.infer<typeof eventSchema>;

/** The validated body as the rules know it. */
export function toUsageEvent(body: EventBody): UsageEvent {
  const { account: _account, action, quantity, items, occurredAt, outcome, ...rest } = body;
  return {
    ...rest,
    items: toItems({ action, quantity, items }) ?? [],
    ...(occurredAt === undefined ? {} : { occurredAtMs: occurredAt }),
    ...(outcome === undefined ? {} : { outcome: toOutcome(outcome) }),
  };
}

const usageModeSchema = z
  .enum(USAGE_MODES)
  .openapi({ description: "record books what happened; consume asks whether each is allowed" });

/** Each event is validated by itself, so that one bad event never costs the others. */
export const eventsBodySchema = z
  .strictObject({
    mode: usageModeSchema.default("record"),
    events: z
      .array(z.unknown())
      .min(1)
      .openapi({ items: { $ref: "#/components/schemas/Event" }, maxItems: EVENTS_PER_REQUEST_MAX }),
  })
  .openapi("Events");

export const eventsQuerySchema = z.strictObject({
  mode: usageModeSchema.optional().openapi({ description: "for CloudEvents, which have no place for it" }),
});
