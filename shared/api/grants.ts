/** One-off grants on the wire (rules, section 2.5). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Grant } from "../credits/state.ts";
import {
  creditsOutSchema,
  creditsSchema,
  dateSchema,
  formatInstant,
  instantOutSchema,
  labelSchema,
} from "./common.ts";
import { balanceSummarySchema } from "./decisions.ts";

export const addGrantSchema = z
  .strictObject({
    credits: creditsSchema.refine((micros) => micros > 0, "must be above 0"),
    period: dateSchema
      .optional()
      .openapi({ description: "name of the usage period: its first local day; default: the running one" }),
    reason: labelSchema.openapi({ description: "why, for the account's people and the audit log" }),
  })
  .openapi("AddGrant", { example: { credits: 250, reason: "outage of 12 November" } });

export const grantSchema = z
  .object({
    id: z.string(),
    credits: creditsOutSchema,
    period: z.string().openapi({ description: "the usage period whose limit it raises" }),
    reason: z.string(),
    grantedAt: instantOutSchema,
  })
  .openapi("Grant");

export const grantsSchema = z.object({ data: z.array(grantSchema), nextCursor: z.null() }).openapi("Grants");

export const grantedSchema = z
  .object({
    replayed: z.boolean().openapi({ description: "granted by an earlier call with this Idempotency-Key" }),
    grant: grantSchema,
    balance: balanceSummarySchema,
  })
  .openapi("Granted");

export function grantAnswer({ id, creditsMicros, date, reason, atMs }: Grant): z.infer<typeof grantSchema> {
  return { id, credits: formatMicros(creditsMicros), period: date, reason, grantedAt: formatInstant(atMs) };
}
