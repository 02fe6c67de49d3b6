/** The proof that log, roll-ups, balance and invoices agree, on the wire (rules, section 7.4). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Reconciliation } from "../credits/reconciliation.ts";
import { creditsOutSchema, dateSchema } from "./common.ts";

const reconciledPeriodSchema = z
  .object({
    period: z.string().openapi({ example: "2026-11-14" }),
    used: creditsOutSchema.openapi({ description: "as the account says" }),
    tail: creditsOutSchema.openapi({ description: "entries that are not in D1 yet" }),
    segments: creditsOutSchema.openapi({ description: "entries in D1" }),
    rollups: creditsOutSchema.openapi({ description: "D1's sums by day, feature and action" }),
    later: creditsOutSchema.openapi({
      description: "booked after the account was asked: used + later = tail + segments",
    }),
    closedUsed: creditsOutSchema
      .nullable()
      .openapi({ description: "what its overage was computed from; null until that is stored" }),
    correctedUsed: creditsOutSchema
      .nullable()
      .openapi({ description: "after corrections of the closed period; null where there are none" }),
    ok: z.boolean(),
  })
  .openapi("ReconciledPeriod");

export const reconciliationSchema = z
  .object({
    ok: z.boolean(),
    unshipped: z.number().openapi({ description: "entries on their way to D1; no mismatch" }),
    periods: z.array(reconciledPeriodSchema).openapi({ description: "newest first" }),
    adjustments: z
      .object({ granted: z.number(), applied: z.number(), open: z.number(), dropped: z.number() })
      .openapi({
        description: "credits for corrections in these periods, in minor units; granted = the others",
      }),
    mismatches: z.array(z.string()).openapi({ description: "each difference, named" }),
  })
  .openapi("Reconciliation");

/** Entries of other periods are not read. */
export const reconciliationQuerySchema = z.strictObject({
  from: dateSchema.optional().openapi({ description: "periods that begin on this local day or later" }),
  period: dateSchema.optional().openapi({
    description: "only the period of that name; corrections that were booked later are not read",
  }),
});

export function reconciliationAnswer(reconciliation: Reconciliation): z.infer<typeof reconciliationSchema> {
  const { grantedMinor, appliedMinor, openMinor, droppedMinor } = reconciliation.adjustments;
  return {
    ok: reconciliation.ok,
    unshipped: reconciliation.unshipped,
    periods: reconciliation.periods.map((period) => ({
      period: period.period,
      used: formatMicros(period.usedMicros),
      tail: formatMicros(period.tailMicros),
      segments: formatMicros(period.segmentsMicros),
      rollups: formatMicros(period.rollupsMicros),
      later: formatMicros(period.laterMicros),
      closedUsed: period.closedUsedMicros === null ? null : formatMicros(period.closedUsedMicros),
      correctedUsed: period.correctedUsedMicros === null ? null : formatMicros(period.correctedUsedMicros),
      ok: period.ok,
    })),
    adjustments: { granted: grantedMinor, applied: appliedMinor, open: openMinor, dropped: droppedMinor },
    mismatches: [...reconciliation.mismatches],
  };
}
