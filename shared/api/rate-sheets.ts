/** Rate sheets on the wire (rules, sections 8.1-8.4). */
import { z } from "@hono/zod-openapi";
import { formatMicros, MICROS_PER_UNIT } from "../credits/amounts.ts";
import type { Feature } from "../credits/rates.ts";
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

/** All that a version prices. */
export const featuresSchema = z
  .array(featureSchema)
  .min(1)
  .max(FEATURES_MAX)
  .superRefine(uniqueBy("feature"));

export const publishRateSheetSchema = z
  .strictObject({
    effectiveAt: instantSchema.optional().openapi({
      description:
        "Default: the first version now, a later one a minute ahead. Give a later version at least a minute: until every place has heard of it, some still decide with the version before. One that raises a price or prices a beta feature needs 30 days.",
    }),
    shortNotice: z.boolean().default(false).openapi({
      description: "let a price rise with less than 30 days' notice; the notice to the admins says so",
    }),
    features: featuresSchema,
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
export function toFeatures(features: z.infer<typeof featuresSchema>): readonly Feature[] {
  return features.map(({ actions, ...feature }) => ({
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
  .object({
    version: z.number(),
    effectiveAt: instantOutSchema,
    publishedAt: instantOutSchema,
    shortNotice: z.boolean().openapi({ description: "a price rises with less than 30 days' notice" }),
    withdrawnAt: instantOutSchema
      .nullable()
      .openapi({ description: "not null: it was withdrawn before it took effect and never does" }),
  })
  .openapi("RateSheetSummary");

export const rateSheetSchema = rateSheetSummarySchema
  .extend({ features: z.array(sheetFeatureSchema) })
  .openapi("RateSheet");

export const versionParamsSchema = z.object({
  version: z.coerce.number().int().min(1).openapi({ example: 1 }),
});

/** Of a withdrawal. */
export const withdrawQuerySchema = z.strictObject({
  shortNotice: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true")
    .openapi({
      type: "string",
      enum: ["true", "false"],
      description: "let a later version raise a price with less than 30 days' notice",
    }),
});

interface PublishedSummary {
  readonly version: number;
  readonly effectiveAtMs: number;
  readonly publishedAtMs: number;
  readonly shortNotice: boolean;
  readonly withdrawnAtMs: number | null;
}

export function rateSheetSummaryAnswer(sheet: PublishedSummary): z.infer<typeof rateSheetSummarySchema> {
  return {
    version: sheet.version,
    effectiveAt: formatInstant(sheet.effectiveAtMs),
    publishedAt: formatInstant(sheet.publishedAtMs),
    shortNotice: sheet.shortNotice,
    withdrawnAt: sheet.withdrawnAtMs === null ? null : formatInstant(sheet.withdrawnAtMs),
  };
}

export function rateSheetAnswer(sheet: PublishedSummary & { readonly features: readonly Feature[] }) {
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
