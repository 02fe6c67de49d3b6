/** Corrections and outcomes attached later, on the wire (rules, sections 3.8 and 10.5). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Outcome } from "../credits/entries.ts";
import type { Corrected, OutcomeAttached } from "../protocol.ts";
import { balanceSummaryAnswer } from "./answers.ts";
import { creditsOutSchema, creditsSchema, dateSchema, moneyOutSchema, referenceSchema } from "./common.ts";
import { balanceSummarySchema, entryReferenceSchema } from "./decisions.ts";
import { outcomeAnswer, outcomeOutSchema, outcomeSchema } from "./event-parts.ts";

const REASON_LENGTH_MAX = 500;

/** Which event, and where to look for an old one. */
const eventReference = {
  event: referenceSchema.openapi({ description: "id of the event" }),
  occurredOn: dateSchema.optional().openapi({
    description:
      "local day on which it occurred: finds an event at once that is older than the account remembers",
  }),
};

export const correctEventSchema = z
  .strictObject({
    ...eventReference,
    credits: creditsSchema
      .refine((creditsMicros) => creditsMicros > 0, "must be above 0")
      .optional()
      .openapi({ description: "to reverse; default: all that is left of the event" }),
    reason: z
      .string()
      .trim()
      .min(1, "must not be empty")
      .max(REASON_LENGTH_MAX, `at most ${REASON_LENGTH_MAX} characters`),
  })
  .openapi("CorrectEvent", { example: { event: "req_7f3", credits: 0.25, reason: "answered twice" } });

export const correctedEventSchema = z
  .object({
    replayed: z.boolean().openapi({ description: "made by an earlier call with this Idempotency-Key" }),
    id: z.string().openapi({ description: "of the correction" }),
    event: z.string(),
    credits: creditsOutSchema.openapi({ description: "reversed by this correction" }),
    overdraft: creditsOutSchema.openapi({ description: "part of them; it comes back first" }),
    period: z
      .object({
        name: z.string(),
        open: z.boolean().openapi({ description: "true: the credits came back to it" }),
      })
      .openapi({ description: "in which the event counts" }),
    moneyCredit: moneyOutSchema.nullable().openapi({
      description:
        "what was billed too much for the closed period, before tax: a negative line on the next invoice; null: the period is open",
    }),
    entry: entryReferenceSchema,
    balance: balanceSummarySchema,
  })
  .openapi("CorrectedEvent");

export const attachOutcomeSchema = z
  .strictObject({ ...eventReference, outcome: outcomeSchema })
  .openapi("AttachOutcome", {
    example: {
      event: "req_7f3",
      outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } },
    },
  });

export const attachedOutcomeSchema = z
  .object({
    replayed: z.boolean().openapi({ description: "the event had this outcome already" }),
    event: z.string(),
    outcome: outcomeOutSchema,
    entry: entryReferenceSchema.openapi({ description: "the entry that says so" }),
    balance: balanceSummarySchema,
  })
  .openapi("AttachedOutcome");

export function correctedAnswer({
  replayed,
  entry,
  owed,
  balance,
}: Corrected): z.infer<typeof correctedEventSchema> {
  const { correction, seq, period } = entry;
  return {
    replayed,
    id: entry.id,
    event: correction.eventId,
    credits: formatMicros(correction.creditsMicros),
    overdraft: formatMicros(correction.overdraftMicros),
    period: { name: correction.period, open: owed === null },
    moneyCredit: owed === null ? null : { ...owed },
    entry: { seq, period },
    balance: balanceSummaryAnswer(balance),
  };
}

export function attachedAnswer(
  event: string,
  outcome: Outcome,
  { replayed, entry, balance }: OutcomeAttached,
): z.infer<typeof attachedOutcomeSchema> {
  return {
    replayed,
    event,
    outcome: outcomeAnswer(outcome),
    entry: { ...entry },
    balance: balanceSummaryAnswer(balance),
  };
}
