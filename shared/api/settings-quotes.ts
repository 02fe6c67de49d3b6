/** What a change of setting and maximum would come to, on the wire, before it is made (rules, sections 5.7, 5.8, 10.6). */
import { z } from "@hono/zod-openapi";
import { CREDITS_MAX, formatMicros } from "../credits/amounts.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import type { SettingsQuote } from "../reports/settings-quote.ts";
import { choiceOptionAnswer, choiceOptionSchema } from "./choices.ts";
import { creditsOutSchema, creditsSchema, formatInstant, instantOutSchema } from "./common.ts";

const NO_MAXIMUM = "none";
const DECIMAL = /^-?\d+(\.\d+)?$/;

/** A maximum in a query, read as micro-credits; null: none. */
export const maximumQuerySchema = z
  .string()
  .transform((text) => {
    if (text === NO_MAXIMUM) return null;
    return DECIMAL.test(text) ? Number(text) : Number.NaN;
  })
  .pipe(creditsSchema.nullable())
  .openapi({
    type: "string",
    description: `credits, at most ${CREDITS_MAX} and with at most 6 decimals, or "${NO_MAXIMUM}"`,
    example: "6500",
  });

/** What is not named stays. */
export const settingsQuoteQuerySchema = z.strictObject({
  overageSetting: z.enum(OVERAGE_SETTINGS).optional().openapi({ description: "default: the one in force" }),
  maximum: maximumQuerySchema.optional(),
});

const EXAMPLES = ["last_period", "forecast"] as const;

export const settingsQuoteSchema = z
  .object({
    overageSetting: z.enum(OVERAGE_SETTINGS),
    effective: z.enum(["now", "at_reset"]).openapi({ description: "of the setting; a maximum applies now" }),
    effectiveAt: instantOutSchema.nullable().openapi({ description: "null: at once, or in force already" }),
    maximum: creditsOutSchema.nullable(),
    maximumReached: z
      .boolean()
      .openapi({ description: "what is used and held is as much already: features pause at once" }),
    examples: z
      .array(
        z.object({
          basis: z.enum(EXAMPLES).openapi({ description: "whose use is priced" }),
          period: z.string().openapi({ description: "name of the usage period" }),
          used: creditsOutSchema,
          option: choiceOptionSchema,
        }),
      )
      .openapi({ description: "what a period would cost under these settings, at the prices of now" }),
  })
  .openapi("SettingsQuote");

export function settingsQuoteAnswer(quote: SettingsQuote): z.infer<typeof settingsQuoteSchema> {
  const { setting, effectiveAtMs, maximumMicros, maximumReached, examples } = quote;
  return {
    overageSetting: setting,
    effective: effectiveAtMs === null ? "now" : "at_reset",
    effectiveAt: effectiveAtMs === null ? null : formatInstant(effectiveAtMs),
    maximum: maximumMicros === null ? null : formatMicros(maximumMicros),
    maximumReached,
    examples: examples.map(({ basis, period, usedMicros, option }) => ({
      basis,
      period,
      used: formatMicros(usedMicros),
      option: choiceOptionAnswer(option),
    })),
  };
}
