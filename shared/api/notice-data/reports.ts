/** Data of reports, of what their analysis found, and of invoices (rules, sections 6.4, 7.3, 10.6 and 10.7). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../../credits/amounts.ts";
import { INVOICE_KINDS } from "../../credits/invoice.ts";
import type { ReportInsights, Spike, Waste } from "../../reports/insight-notices.ts";
import { creditsOutSchema, dateSchema, formatInstant, instantOutSchema, moneyOutSchema } from "../common.ts";
import { type Content, resetAtSchema, resetOf } from "./common.ts";

const spikeFields = {
  feature: z.string(),
  day: dateSchema,
  credits: creditsOutSchema,
  mean: creditsOutSchema.openapi({ description: "of the 14 days before" }),
};

const wasteFields = {
  duplicates: creditsOutSchema,
  withoutOutcome: creditsOutSchema,
  unownedFeatures: z.array(z.string()),
};

const insightsSchema = z.object({
  topFeatures: z.array(z.object({ feature: z.string(), credits: creditsOutSchema })),
  projection: z
    .object({
      projected: creditsOutSchema,
      limit: creditsOutSchema,
      exhaustedOn: dateSchema.nullable(),
    })
    .nullable()
    .openapi({ description: "of the new period" }),
  spikes: z.array(z.object(spikeFields)),
  waste: z.object(wasteFields).nullable(),
});

export const reportNoticeSchemas = [
  z.object({
    kind: z.literal("usage_report"),
    periods: z.array(
      z.object({
        period: z.string(),
        used: creditsOutSchema,
        limit: creditsOutSchema,
        expired: creditsOutSchema,
        overage: creditsOutSchema,
      }),
    ),
    insights: insightsSchema.optional(),
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("projected_exhaustion"),
    projected: creditsOutSchema,
    limit: creditsOutSchema,
    exhaustedOn: dateSchema,
    resetAt: resetAtSchema,
  }),
  z.object({ kind: z.literal("spike"), ...spikeFields, resetAt: resetAtSchema }),
  z.object({ kind: z.literal("waste"), ...wasteFields, resetAt: resetAtSchema }),
  z.object({
    kind: z.literal("invoice_issued"),
    document: z.enum(INVOICE_KINDS),
    invoice: z.string(),
    number: z.string(),
    total: moneyOutSchema,
    dueAt: instantOutSchema,
  }),
] as const;

function spikeData({ feature, day, creditsMicros, meanMicros }: Spike) {
  return { feature, day, credits: formatMicros(creditsMicros), mean: formatMicros(meanMicros) };
}

function wasteData({ duplicatesMicros, withoutOutcomeMicros, unownedFeatures }: Waste) {
  const amounts = {
    duplicates: formatMicros(duplicatesMicros),
    withoutOutcome: formatMicros(withoutOutcomeMicros),
  };
  return { ...amounts, unownedFeatures: [...unownedFeatures] };
}

function insightsData({ topFeatures, projection, spikes, waste }: ReportInsights) {
  return {
    topFeatures: topFeatures.map(({ feature, creditsMicros }) => ({
      feature,
      credits: formatMicros(creditsMicros),
    })),
    projection:
      projection === null
        ? null
        : {
            projected: formatMicros(projection.projectedMicros),
            limit: formatMicros(projection.limitMicros),
            exhaustedOn: projection.exhaustedOn,
          },
    spikes: spikes.map(spikeData),
    waste: waste === null ? null : wasteData(waste),
  };
}

export function reportNoticeData(
  content: Content<"usage_report" | "projected_exhaustion" | "spike" | "waste" | "invoice_issued">,
) {
  switch (content.kind) {
    case "usage_report": {
      const periods = content.periods.map((closed) => ({
        period: closed.period,
        used: formatMicros(closed.usedMicros),
        limit: formatMicros(closed.limitMicros),
        expired: formatMicros(closed.expiredMicros),
        overage: formatMicros(closed.overageMicros),
      }));
      const { kind, insights } = content;
      const found = insights === undefined ? {} : { insights: insightsData(insights) };
      return { kind, periods, ...found, ...resetOf(content) };
    }
    case "projected_exhaustion": {
      const { kind, projectedMicros, limitMicros, exhaustedOn } = content;
      const amounts = { projected: formatMicros(projectedMicros), limit: formatMicros(limitMicros) };
      return { kind, ...amounts, exhaustedOn, ...resetOf(content) };
    }
    case "spike":
      return { kind: content.kind, ...spikeData(content), ...resetOf(content) };
    case "waste":
      return { kind: content.kind, ...wasteData(content), ...resetOf(content) };
    case "invoice_issued":
      return {
        kind: content.kind,
        document: content.document ?? "overage",
        invoice: content.invoiceId,
        number: content.number,
        total: { amountMinor: content.totalMinor, currency: content.currency },
        dueAt: formatInstant(content.dueAtMs),
      };
  }
}
