/** Decisions on the wire: allowed or denied, with the balance as it is then (rules, sections 3.1-3.6). */
import { z } from "@hono/zod-openapi";
import { STATES } from "../credits/state.ts";
import { DENIAL_REASONS, RESOLUTIONS } from "../credits/usage.ts";
import { creditsOutSchema, instantOutSchema, moneyOutSchema, problemSchema } from "./common.ts";

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
    budget: z.string().optional().openapi({ description: "of budget_exhausted: the budget with least left" }),
    credits: creditsOutSchema,
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
