/** Notices of changes of the rate sheet, on the wire (rules, sections 8.1 and 8.4). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../../credits/amounts.ts";
import type { Price } from "../../credits/rate-changes.ts";
import type { RateNoticeContent } from "../../credits/rate-notices.ts";
import { creditsOutSchema, formatInstant, instantOutSchema } from "../common.ts";

const priceSchema = z.object({ credits: creditsOutSchema, per: z.number(), blocks: z.boolean() });

const rateChangeSchema = z.object({
  kind: z.literal("rate_change"),
  version: z.number().openapi({ description: "of the rate sheet" }),
  effectiveAt: instantOutSchema,
  shortNotice: z.boolean().openapi({ description: "less than 30 days, as the operator asked for" }),
  changes: z
    .array(
      z.object({
        kind: z.enum(["raised", "priced"]).openapi({ description: "priced: its feature was beta" }),
        feature: z.string(),
        featureName: z.string(),
        action: z.string(),
        actionName: z.string(),
        from: priceSchema,
        to: priceSchema,
      }),
    )
    .openapi({ description: "of features that the account uses" }),
  changesOmitted: z.number().openapi({ description: "further ones, which the price list shows" }),
});

const rateWithdrawnSchema = z.object({
  kind: z.literal("rate_withdrawn"),
  version: z.number(),
  effectiveAt: instantOutSchema.openapi({ description: "when it would have taken effect" }),
});

export const rateNoticeSchemas = [rateChangeSchema, rateWithdrawnSchema] as const;

export function rateNoticeData(
  content: RateNoticeContent,
): z.infer<typeof rateChangeSchema> | z.infer<typeof rateWithdrawnSchema> {
  const { version } = content;
  const effectiveAt = formatInstant(content.effectiveAtMs);
  switch (content.kind) {
    case "rate_change": {
      const { kind, shortNotice, changesOmitted } = content;
      const changes = content.changes.map(({ from, to, ...change }) => ({
        ...change,
        from: priceData(from),
        to: priceData(to),
      }));
      return { kind, version, effectiveAt, shortNotice, changes, changesOmitted };
    }
    case "rate_withdrawn":
      return { kind: content.kind, version, effectiveAt };
  }
}

function priceData({ creditsMicros, perMicros, blocks }: Price) {
  return { credits: formatMicros(creditsMicros), per: formatMicros(perMicros), blocks };
}
