/** Rates agreed with one account, which override the rate sheet, on the wire (rules, sections 8.4 and 8.5). */
import { z } from "@hono/zod-openapi";
import type { AccountRate, AccountRates } from "../credits/account-rates.ts";
import { formatMicros, MICROS_PER_UNIT } from "../credits/amounts.ts";
import {
  accountParamsSchema,
  creditsOutSchema,
  creditsSchema,
  formatInstant,
  identifierSchema,
  instantOutSchema,
  instantSchema,
  quantitySchema,
} from "./common.ts";

/** An account keeps its versions in one row. */
const RATES_MAX = 200;

const ownRateSchema = z.strictObject({
  feature: identifierSchema,
  action: identifierSchema,
  credits: creditsSchema,
  per: quantitySchema
    .refine((perMicros) => perMicros > 0, "must be above 0")
    .default(MICROS_PER_UNIT)
    .openapi({ type: "number", default: 1, description: "units for which `credits` are due" }),
  blocks: z.boolean().default(false).openapi({ description: "each started `per` counts in full" }),
});

const ownRatesSchema = z
  .array(ownRateSchema)
  .max(RATES_MAX)
  .superRefine((rates, context) => {
    const seen = new Set<string>();
    for (const [index, { feature, action }] of rates.entries()) {
      const name = `${feature}/${action}`;
      if (seen.has(name)) {
        const message = `"${action}" of "${feature}" stands here twice`;
        context.addIssue({ code: "custom", path: [index, "action"], message });
      }
      seen.add(name);
    }
  })
  .openapi({ description: "all of the account's own rates from then on; empty: the rate sheet alone" });

export const setAccountRatesSchema = z
  .strictObject({
    rates: ownRatesSchema,
    effectiveAt: instantSchema
      .optional()
      .openapi({ description: "default: now. A price that rises needs 30 days" }),
    shortNotice: z.boolean().default(false).openapi({
      description: "let a price rise with less than 30 days' notice; the notice to the admins says so",
    }),
  })
  .openapi("SetAccountRates", {
    example: { rates: [{ feature: "assistant", action: "conversation_handled", credits: 80 }] },
  });

export const accountRatesSchema = z
  .object({
    version: z.number(),
    effectiveAt: instantOutSchema,
    publishedAt: instantOutSchema,
    shortNotice: z.boolean().openapi({ description: "a price rises with less than 30 days' notice" }),
    inForce: z.boolean(),
    rates: z.array(
      z.object({
        feature: z.string(),
        action: z.string(),
        credits: creditsOutSchema,
        per: z.number(),
        blocks: z.boolean(),
      }),
    ),
  })
  .openapi("AccountRates");

export const accountRateVersionsSchema = z
  .object({ data: z.array(accountRatesSchema), nextCursor: z.null() })
  .openapi("AccountRateVersions");

export const accountRateParamsSchema = accountParamsSchema.extend({
  version: z.coerce.number().int().min(1).openapi({ example: 1 }),
});

/** The body's rates as the rules know them. */
export function toAccountRates(rates: z.infer<typeof ownRatesSchema>): readonly AccountRate[] {
  return rates.map(({ feature, action, credits, per, blocks }) => ({
    feature,
    action,
    creditsMicros: credits,
    perMicros: per,
    blocks,
  }));
}

/** `inForce`: the version that is in force now; null where none is. */
export function accountRatesAnswer(
  version: AccountRates,
  inForce: AccountRates | null,
): z.infer<typeof accountRatesSchema> {
  return {
    version: version.version,
    effectiveAt: formatInstant(version.effectiveAtMs),
    publishedAt: formatInstant(version.publishedAtMs),
    shortNotice: version.shortNotice,
    inForce: version.version === inForce?.version,
    rates: version.rates.map(({ feature, action, creditsMicros, perMicros, blocks }) => ({
      feature,
      action,
      credits: formatMicros(creditsMicros),
      per: formatMicros(perMicros),
      blocks,
    })),
  };
}
