/** Events, decisions and entries on the wire (rules, sections 3 and 4). */
import { z } from "@hono/zod-openapi";
import { QUANTITY_MAX, QUANTITY_MICROS_MAX } from "../credits/amounts.ts";
import type { UsageEvent } from "../credits/entries.ts";
import { STATES } from "../credits/state.ts";
import { DENIAL_REASONS, RESOLUTIONS, USAGE_MODES } from "../credits/usage.ts";
import {
  creditsOutSchema,
  identifierSchema,
  instantOutSchema,
  instantSchema,
  moneyOutSchema,
  moneySchema,
  problemSchema,
  quantitySchema,
  referenceSchema,
} from "./common.ts";

export const EVENTS_PER_REQUEST_MAX = 1000;
export const ITEMS_PER_EVENT_MAX = 50;
export const PROPERTIES_MAX = 20;
const PROPERTY_LENGTH_MAX = 200;

export const outcomeSchema = z
  .strictObject({
    type: identifierSchema,
    value: moneySchema.optional(),
    quantity: quantitySchema.optional(),
    unit: identifierSchema.optional(),
  })
  .refine((outcome) => (outcome.quantity === undefined) === (outcome.unit === undefined), {
    path: ["unit"],
    message: "quantity and unit go together",
  })
  .openapi("Outcome");

const propertiesSchema = z
  .record(
    referenceSchema.max(64, "at most 64 characters"),
    z.union([z.string().max(PROPERTY_LENGTH_MAX), z.number(), z.boolean()], {
      error: `must be a text of at most ${PROPERTY_LENGTH_MAX} characters, a number or a boolean`,
    }),
  )
  .refine(
    (properties) => Object.keys(properties).length <= PROPERTIES_MAX,
    `at most ${PROPERTIES_MAX} properties`,
  );

const itemSchema = z.strictObject({ action: identifierSchema, quantity: quantitySchema });

/** One event; `action` and `quantity` stand for a single item. */
export const eventSchema = z
  .strictObject({
    account: identifierSchema,
    id: referenceSchema.openapi({ description: "the caller's own id; the same id is never booked twice" }),
    feature: identifierSchema,
    action: identifierSchema.optional(),
    quantity: quantitySchema.optional(),
    items: z.array(itemSchema).min(1).max(ITEMS_PER_EVENT_MAX).optional(),
    user: referenceSchema.optional(),
    workflow: referenceSchema.optional(),
    subject: referenceSchema.optional(),
    occurredAt: instantSchema.optional(),
    outcome: outcomeSchema.optional(),
    properties: propertiesSchema.optional(),
  })
  .superRefine((event, context) => {
    const single = event.action !== undefined || event.quantity !== undefined;
    if (single && event.items !== undefined) {
      context.addIssue({
        code: "custom",
        path: ["items"],
        message: "give either items or action and quantity",
      });
    } else if (!single && event.items === undefined) {
      context.addIssue({
        code: "custom",
        path: ["items"],
        message: "required, or action and quantity for one item",
      });
    } else if (single && event.action === undefined) {
      context.addIssue({ code: "custom", path: ["action"], message: "required beside quantity" });
    } else if (single && event.quantity === undefined) {
      context.addIssue({ code: "custom", path: ["quantity"], message: "required beside action" });
    }
    const total = event.items?.reduce((sum, item) => sum + item.quantity, 0) ?? 0;
    if (total > QUANTITY_MICROS_MAX) {
      context.addIssue({
        code: "custom",
        path: ["items"],
        message: `quantities add up to more than ${QUANTITY_MAX}`,
      });
    }
  })
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
  const listed = items ?? (action === undefined || quantity === undefined ? [] : [{ action, quantity }]);
  return {
    ...rest,
    items: listed.map((item) => ({ action: item.action, quantityMicros: item.quantity })),
    ...(occurredAt === undefined ? {} : { occurredAtMs: occurredAt }),
    ...(outcome === undefined
      ? {}
      : {
          outcome: {
            type: outcome.type,
            ...(outcome.value === undefined ? {} : { value: outcome.value }),
            ...(outcome.quantity === undefined
              ? {}
              : { quantityMicros: outcome.quantity, unit: outcome.unit }),
          },
        }),
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

export const balanceSummarySchema = z
  .object({
    limit: creditsOutSchema,
    used: creditsOutSchema,
    held: creditsOutSchema,
    remaining: creditsOutSchema,
    available: creditsOutSchema.nullable().openapi({ description: "null where there is no ceiling" }),
    overage: creditsOutSchema,
    resetAt: instantOutSchema,
    state: z.enum(STATES),
  })
  .openapi("BalanceSummary");

export const upgradeSchema = z
  .object({ pack: z.string(), packs: z.number(), price: moneyOutSchema })
  .openapi("Upgrade", { description: "packs that the use adds in auto_upgrade" });

export const entryReferenceSchema = z.object({ seq: z.number(), period: z.string() });

export const allowedSchema = z
  .object({
    allowed: z.literal(true),
    replayed: z.boolean(),
    id: z.string(),
    credits: creditsOutSchema,
    wouldDeny: z.enum(DENIAL_REASONS).optional(),
    overdraft: creditsOutSchema.optional(),
    upgrade: upgradeSchema.optional(),
    balance: balanceSummarySchema,
    entry: entryReferenceSchema.optional().openapi({ description: "absent in a check: it books nothing" }),
  })
  .openapi("Allowed");

export const deniedSchema = z
  .object({
    allowed: z.literal(false),
    id: z.string(),
    reason: z.enum(DENIAL_REASONS),
    credits: creditsOutSchema,
    balance: balanceSummarySchema,
    resolve: z.array(z.enum(RESOLUTIONS)),
  })
  .openapi("Denied");

export const decisionSchema = z.union([allowedSchema, deniedSchema]).openapi("Decision");
export type Decision = z.infer<typeof decisionSchema>;

/** One result per event, in the order sent: a decision, or the problem with that event. */
export const eventResultSchema = z
  .union([allowedSchema, deniedSchema, z.object({ id: z.string().nullable(), problem: problemSchema })])
  .openapi("EventResult");
export type EventResult = z.infer<typeof eventResultSchema>;

export const eventsAnswerSchema = z.object({ results: z.array(eventResultSchema) }).openapi("EventsAnswer");

export const logItemSchema = z.object({
  action: z.string(),
  quantity: z.number(),
  creditsEach: creditsOutSchema
    .nullable()
    .openapi({ description: "null where the credits are not a multiple" }),
  credits: creditsOutSchema,
});

/** An entry as the log shows it (rules, 10.3). */
export const logEntrySchema = z
  .object({
    seq: z.number(),
    id: z.string(),
    period: z.string(),
    mode: z.enum(USAGE_MODES),
    occurredAt: instantOutSchema,
    bookedAt: instantOutSchema,
    day: z.string(),
    feature: z.string(),
    items: z.array(logItemSchema),
    credits: creditsOutSchema,
    rateVersion: z.number(),
    overdraft: creditsOutSchema.optional(),
    wouldDeny: z.enum(DENIAL_REASONS).optional(),
    upgrade: upgradeSchema.optional(),
    late: z.boolean(),
    user: z.string().optional(),
    workflow: z.string().optional(),
    subject: z.string().optional(),
    outcome: z
      .object({
        type: z.string(),
        value: moneyOutSchema.optional(),
        quantity: z.number().optional(),
        unit: z.string().optional(),
      })
      .optional(),
    properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  })
  .openapi("LogEntry");
export type LogEntry = z.infer<typeof logEntrySchema>;

/** What became of an id (rules, section 4). */
export const eventFateSchema = z
  .object({
    id: z.string(),
    status: z.enum(["booked", "unknown"]),
    entry: logEntrySchema.optional(),
  })
  .openapi("EventFate");
