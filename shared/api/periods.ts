/** The figures of closed periods on the wire (rules, sections 2.3 and 7.1). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import { overageAmountMinor } from "../credits/invoice.ts";
import type { ClosedPeriod } from "../credits/reset.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import { creditsOutSchema, formatInstant, instantOutSchema, moneyOutSchema, pageSchema } from "./common.ts";

export const closedPeriodSchema = z
  .object({
    period: z.string().openapi({ example: "2026-11-14" }),
    start: instantOutSchema,
    end: instantOutSchema,
    overageSetting: z.enum(OVERAGE_SETTINGS),
    limit: creditsOutSchema,
    used: creditsOutSchema,
    held: creditsOutSchema,
    overdraft: creditsOutSchema.openapi({ description: "part of used that is never invoiced" }),
    overage: creditsOutSchema,
    billable: creditsOutSchema.openapi({ description: "overage without overdraft" }),
    billed: creditsOutSchema.openapi({ description: "billable in whole increments of 10" }),
    expired: creditsOutSchema.openapi({ description: "credits that were not used" }),
    overagePrice: z.string().nullable(),
    overageAmount: moneyOutSchema.openapi({ description: "before tax" }),
    invoice: z
      .string()
      .nullable()
      .openapi({ description: "the overage invoice; null where nothing was billed" }),
  })
  .openapi("ClosedPeriod");

export const closedPeriodPageSchema = pageSchema(closedPeriodSchema, "ClosedPeriods");

export function closedPeriodAnswer(
  closed: ClosedPeriod,
  invoiceId: string | null,
): z.infer<typeof closedPeriodSchema> {
  return {
    period: closed.period,
    start: formatInstant(closed.startMs),
    end: formatInstant(closed.endMs),
    overageSetting: closed.setting,
    limit: formatMicros(closed.limitMicros),
    used: formatMicros(closed.usedMicros),
    held: formatMicros(closed.heldMicros),
    overdraft: formatMicros(closed.overdraftMicros),
    overage: formatMicros(closed.overageMicros),
    billable: formatMicros(closed.billableMicros),
    billed: formatMicros(closed.billedMicros),
    expired: formatMicros(closed.expiredMicros),
    overagePrice: closed.overagePrice,
    overageAmount: { amountMinor: overageAmountMinor(closed), currency: closed.currency },
    invoice: invoiceId,
  };
}
