/** The price list on the wire (rules, section 8.6). */
import { z } from "@hono/zod-openapi";
import { accountParamsSchema, instantOutSchema, referenceSchema } from "./common.ts";
import { rateSchema, sheetFeatureSchema } from "./rate-sheets.ts";

export const eventParamsSchema = accountParamsSchema.extend({ id: referenceSchema });

const priceSchema = rateSchema.omit({ action: true, name: true });

const priceChangeSchema = z
  .object({
    kind: z.enum([
      "feature_added",
      "feature_removed",
      "beta_began",
      "beta_ended",
      "action_added",
      "action_removed",
      "price_changed",
    ]),
    feature: z.string(),
    action: z.string().optional(),
    from: priceSchema.optional(),
    to: priceSchema.optional(),
    raised: z
      .boolean()
      .optional()
      .openapi({ description: "of price_changed: some quantity costs more; prices as charged, in beta 0" }),
  })
  .openapi("PriceChange");

const listedFeatureSchema = sheetFeatureSchema
  .extend({
    actions: z.array(
      rateSchema.extend({
        own: z.boolean().openapi({ description: "agreed with this account; it overrides the rate sheet" }),
      }),
    ),
  })
  .openapi("ListedFeature");

export const priceListSchema = z
  .object({
    account: z.string(),
    version: z.number().nullable().openapi({ description: "null before the first version is in force" }),
    effectiveAt: instantOutSchema.nullable(),
    features: z.array(listedFeatureSchema),
    changes: z
      .array(
        z.object({
          version: z.number(),
          effectiveAt: instantOutSchema,
          changes: z.array(priceChangeSchema),
        }),
      )
      .openapi({
        description: "what changes, and when; the version is that of the rate sheet in force from then on",
      }),
  })
  .openapi("PriceList");
