/** Rate sheets on the wire (rules, sections 8.1 and 8.2). */
import { z } from "@hono/zod-openapi";
import { formatMicros, MICROS_PER_UNIT } from "../credits/amounts.ts";
import type { Feature, RateSheet } from "../credits/rates.ts";
import {
  creditsOutSchema,
  creditsSchema,
  formatInstant,
  identifierSchema,
  instantOutSchema,
  instantSchema,
  labelSchema,
  quantitySchema,
} from "./common.ts";
import { uniqueBy } from "./unique.ts";

const FEATURES_MAX = 200;
const ACTIONS_PER_FEATURE_MAX = 100;
const DESCRIPTION_LENGTH_MAX = 1000;
const CATEGORY_DEFAULT = "other";

const actionSchema = z.strictObject({
  action: identifierSchema,
  name: labelSchema.optional().openapi({ description: "for people; default: the action" }),
  credits: creditsSchema,
  per: quantitySchema
    .refine((perMicros) => perMicros > 0, "must be above 0")
    .default(MICROS_PER_UNIT)
    .openapi({ type: "number", default: 1, description: "units for which `credits` are due" }),
  blocks: z.boolean().default(false).openapi({ description: "each started `per` counts in full" }),
});

const featureSchema = z.strictObject({
  feature: identifierSchema,
  name: labelSchema.optional().openapi({ description: "for people; default: the feature" }),
  category: labelSchema.default(CATEGORY_DEFAULT),
  description: z.string().max(DESCRIPTION_LENGTH_MAX).default(""),
  beta: z.boolean().default(false).openapi({ description: "metered at 0 credits" }),
  actions: z.array(actionSchema).min(1).max(ACTIONS_PER_FEATURE_MAX).superRefine(uniqueBy("action")),
});

export const publishRateSheetSchema = z
  .strictObject({
    effectiveAt: instantSchema.optional().openapi({
      description:
        "Default: the first version now, a later one a minute ahead. Give a later version at least a minute: until every place has heard of it, some still decide with the version before.",
    }),
    features: z.array(featureSchema).min(1).max(FEATURES_MAX).superRefine(uniqueBy("feature")),
  })
  .openapi("PublishRateSheet", {
    example: {
      features: [
        {
          feature: "assistant",
          name: "Assistant",
          category: "Customer support",
          actions: [
            { action: "conversation_handled", credits: 100 },
            { action: "input_tokens", credits: 1, per: 1000 },
          ],
        },
      ],
    },
  });

/** Features as the rules know them. */
export function toFeatures(body: z.infer<typeof publishRateSheetSchema>): readonly Feature[] {
  return body.features.map(({ actions, ...feature }) => ({
    ...feature,
    name: feature.name ?? feature.feature,
    actions: actions.map(({ action, name, credits, per, blocks }) => ({
      action,
      name: name ?? action,
      creditsMicros: credits,
      perMicros: per,
      blocks,
    })),
  }));
}

export const rateSchema = z
  .object({
    action: z.string(),
    name: z.string(),
    credits: creditsOutSchema,
    per: z.number(),
    blocks: z.boolean(),
  })
  .openapi("Rate");

export const sheetFeatureSchema = z
  .object({
    feature: z.string(),
    name: z.string(),
    category: z.string(),
    description: z.string(),
    beta: z.boolean(),
    actions: z.array(rateSchema),
  })
  .openapi("RateSheetFeature");

export const rateSheetSummarySchema = z
  .object({ version: z.number(), effectiveAt: instantOutSchema, publishedAt: instantOutSchema })
  .openapi("RateSheetSummary");

export const rateSheetSchema = rateSheetSummarySchema
  .extend({ features: z.array(sheetFeatureSchema) })
  .openapi("RateSheet");

type Published = Omit<RateSheet, "features"> & { readonly publishedAtMs: number };

export function rateSheetSummaryAnswer(sheet: Published) {
  return {
    version: sheet.version,
    effectiveAt: formatInstant(sheet.effectiveAtMs),
    publishedAt: formatInstant(sheet.publishedAtMs),
  };
}

export function rateSheetAnswer(sheet: Published & { readonly features: readonly Feature[] }) {
  return { ...rateSheetSummaryAnswer(sheet), features: sheet.features.map(featureAnswer) };
}

export function featureAnswer({ actions, ...feature }: Feature) {
  return {
    ...feature,
    actions: actions.map(({ action, name, creditsMicros, perMicros, blocks }) => ({
      action,
      name,
      credits: formatMicros(creditsMicros),
      per: formatMicros(perMicros),
      blocks,
    })),
  };
}
