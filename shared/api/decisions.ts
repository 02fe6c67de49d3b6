/** Decisions on the wire: allowed or denied, with the balance as it is then (rules, sections 3.1-3.6). */
import { z } from "@hono/zod-openapi";
import { STATES } from "../credits/state.ts";
import { DENIAL_REASONS, RESOLUTIONS } from "../credits/usage.ts";
import { creditsOutSchema, instantOutSchema, moneyOutSchema, problemSchema } from "./common.ts";

export const balanceSummarySchema = z
  .object({
    limit: creditsOutSchema.openapi({ description: "included credits + packs + grants of the period" }),
    used: creditsOutSchema.openapi({ description: "booked in this period" }),
    held: creditsOutSchema.openapi({ description: "reserved by open holds" }),
    remaining: creditsOutSchema.openapi({ description: "left of the limit" }),
    available: creditsOutSchema
      .nullable()
      .openapi({ description: "what the next consume may take; null where there is no ceiling" }),
    overage: creditsOutSchema.openapi({ description: "used above the limit" }),
    resetAt: instantOutSchema,
    state: z.enum(STATES),
  })
  .openapi("BalanceSummary");

export const upgradeSchema = z
  .object({ pack: z.string(), packs: z.number(), price: moneyOutSchema })
  .openapi("Upgrade", { description: "packs that the use adds in auto_upgrade" });

export const entryReferenceSchema = z.object({
  seq: z.number().openapi({ description: "place in the account's log" }),
  period: z.string().openapi({ description: "in which it counts, named by its first local day" }),
});

export const allowedSchema = z
  .object({
    allowed: z.literal(true),
    replayed: z.boolean().openapi({ description: "booked by an earlier call with this id; nothing was now" }),
    id: z.string(),
    credits: creditsOutSchema.openapi({ description: "what it costs" }),
    wouldDeny: z
      .enum(DENIAL_REASONS)
      .optional()
      .openapi({ description: "of a record: why a consume would have been denied" }),
    overdraft: creditsOutSchema
      .optional()
      .openapi({ description: "of a record: the part above the ceiling, which is never invoiced" }),
    upgrade: upgradeSchema.optional(),
    balance: balanceSummarySchema,
    entry: entryReferenceSchema.optional().openapi({ description: "absent in a check: it books nothing" }),
  })
  .openapi("Allowed");

export const deniedSchema = z
  .object({
    allowed: z.literal(false),
    id: z.string(),
    reason: z.enum(DENIAL_REASONS).openapi({ description: "the most specific one" }),
    budget: z.string().optional().openapi({ description: "of budget_exhausted: the budget with least left" }),
    credits: creditsOutSchema.openapi({ description: "what it would have cost; nothing was booked" }),
    balance: balanceSummarySchema,
    resolve: z.array(z.enum(RESOLUTIONS)).openapi({ description: "what can be done about it" }),
  })
  .openapi("Denied");

export const decisionSchema = z.union([allowedSchema, deniedSchema]).openapi("Decision");
export type Decision = z.infer<typeof decisionSchema>;

/** What is wrong with one event of a batch, or with a call over RPC. */
export const eventProblemSchema = z.object({ id: z.string().nullable(), problem: problemSchema });
export type EventProblem = z.infer<typeof eventProblemSchema>;

/** One result per event, in the order sent: a decision, or the problem with that event. */
export const eventResultSchema = z
  .union([allowedSchema, deniedSchema, eventProblemSchema])
  .openapi("EventResult");
export type EventResult = z.infer<typeof eventResultSchema>;

export const eventsAnswerSchema = z.object({ results: z.array(eventResultSchema) }).openapi("EventsAnswer");
