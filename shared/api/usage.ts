/** Events as callers send them, one by one or many at once (rules, sections 3 and 4). */
import { z } from "@hono/zod-openapi";
import type { UsageEvent } from "../credits/entries.ts";
import { USAGE_MODES } from "../credits/usage.ts";
import { identifierSchema, instantSchema, referenceSchema } from "./common.ts";
import { itemFields, itemsRule, outcomeSchema, propertiesSchema, toItems, toOutcome } from "./event-parts.ts";

export const EVENTS_PER_REQUEST_MAX = 1000;

/** The fields of an event; `itemsRule` belongs to them. */
export const eventFields = {
  account: identifierSchema.openapi({ description: "whose credits are used" }),
  id: referenceSchema.openapi({ description: "the caller's own id; the same id is never booked twice" }),
  feature: identifierSchema.openapi({ description: "on the rate sheet, as its actions are" }),
  ...itemFields,
  user: referenceSchema
    .optional()
    .openapi({ description: "who used it: for access, budgets and reports; need not be known" }),
  workflow: referenceSchema.optional().openapi({ description: "for budgets and reports" }),
  subject: referenceSchema
    .optional()
    .openapi({ description: "what it was used on, such as ticket/4711: by it duplicates are found" }),
  occurredAt: instantSchema.optional().openapi({
    description: "default: now. At most 35 days ago and 5 minutes ahead; a record is priced by its time",
  }),
  outcome: outcomeSchema.optional().openapi({ description: "what came of it, if it is known by now" }),
  properties: propertiesSchema
    .optional()
    .openapi({ description: "of your own, kept in the log: texts, numbers, booleans" }),
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
