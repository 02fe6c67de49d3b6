/** Insights on the wire (rules, 10.5 to 10.7): the cheapest choice, value, waste, top consumers, credits that expire. */
import { z } from "@hono/zod-openapi";
import { PERIOD_PRESETS } from "../reports/range.ts";
import { cheapestChoiceSchema, choicesSchema } from "./choices.ts";
import { creditsOutSchema, instantOutSchema, moneyOutSchema } from "./common.ts";

export const insightsQuerySchema = z.strictObject({
  period: z
    .enum(PERIOD_PRESETS)
    .default("last_30_days")
    .openapi({ description: "what value, waste and top are about; choices and expiring are not" }),
});

const daySchema = z.string().openapi({ format: "date", example: "2026-12-03" });
const moneySchema = moneyOutSchema
  .nullable()
  .openapi({ description: "at the effective price of the range's credits; null where it is not known" });
const priced = { credits: creditsOutSchema, money: moneySchema };

const valueFigures = {
  outcomes: z.number(),
  ...priced,
  creditsPerOutcome: creditsOutSchema.nullable().openapi({ description: "null where there is no outcome" }),
  value: moneyOutSchema.nullable().openapi({ description: "null where no outcome has a value" }),
  valuePerCredit: z.string().nullable().openapi({ description: "in major units", example: "0.125" }),
  quantities: z
    .array(z.object({ unit: z.string(), quantity: z.number() }))
    .openapi({ description: "of outcomes, by unit; hours are valued by the account's hourlyValue" }),
};

const valueSchema = z
  .object({
    total: z.object(valueFigures),
    types: z
      .array(z.object({ type: z.string(), ...valueFigures }))
      .openapi({ description: "credits are those of the events that had the outcome" }),
    features: z.array(z.object({ feature: z.string(), ...valueFigures })).openapi({
      description: "credits are all that the feature spent; with 0 outcomes it spends without any",
    }),
  })
  .openapi("OutcomeValue");

const featureSpendSchema = z.object({ feature: z.string(), ...priced });

const wasteSchema = z
  .object({
    duplicates: z.object({
      ...priced,
      duplicates: z.number().openapi({ description: "uses that are one, the first of each group apart" }),
      entriesSearched: z.number(),
      truncated: z.boolean().openapi({ description: "true: older entries of the range were not looked at" }),
      features: z.array(z.object({ feature: z.string(), duplicates: z.number(), credits: creditsOutSchema })),
      groups: z
        .array(
          z.object({
            feature: z.string(),
            actions: z.array(z.string()),
            subject: z.string(),
            firstId: z.string().openapi({ description: "the use that is no duplicate" }),
            firstAt: instantOutSchema,
            lastAt: instantOutSchema,
            duplicates: z.number(),
            ...priced,
          }),
        )
        .openapi({ description: "those with the most credits" }),
    }),
    withoutOutcomes: z.object({ ...priced, features: z.array(featureSpendSchema) }),
    spikes: z
      .object({
        ...priced,
        days: z.array(
          z.object({
            feature: z.string(),
            day: daySchema,
            ...priced,
            used: creditsOutSchema.openapi({ description: "on that day" }),
            mean: creditsOutSchema.openapi({ description: "of the 14 days before" }),
          }),
        ),
      })
      .openapi({ description: "credits are those above the mean" }),
    unowned: z.object({ ...priced, features: z.array(featureSpendSchema) }),
  })
  .openapi("Waste");

const consumersSchema = z.array(
  z.object({ name: z.string(), ...priced, sharePercent: z.string().nullable() }),
);

export const insightsSchema = z
  .object({
    account: z.string(),
    at: instantOutSchema,
    from: daySchema,
    to: daySchema,
    period: z.string().nullable().openapi({ description: "set where all that counts in a period is meant" }),
    total: z.object({
      ...priced,
      effectivePrice: z.string().nullable().openapi({ description: "money / credits, per credit" }),
    }),
    choices: z.object({
      running: z
        .object({
          period: z.string(),
          low: cheapestChoiceSchema,
          expected: choicesSchema,
          high: cheapestChoiceSchema,
        })
        .nullable()
        .openapi({ description: "of the running period as it is projected; null for a closed account" }),
      past: z
        .array(
          z.object({
            period: z.string(),
            used: creditsOutSchema,
            choices: choicesSchema
              .nullable()
              .openapi({ description: "null where the packs of then are not known any more" }),
          }),
        )
        .openapi({ description: "of the last closed periods as they were used, newest first" }),
    }),
    value: valueSchema,
    waste: wasteSchema,
    top: z.object({
      features: consumersSchema,
      users: consumersSchema,
      teams: consumersSchema,
      workflows: consumersSchema,
    }),
    expiring: z
      .object({
        at: instantOutSchema,
        low: z.object({ credits: creditsOutSchema, money: moneyOutSchema }),
        expected: z.object({ credits: creditsOutSchema, money: moneyOutSchema }),
        high: z.object({ credits: creditsOutSchema, money: moneyOutSchema }),
      })
      .nullable()
      .openapi({
        description:
          "credits that will probably expire unused at the reset; money is their share of the limit × what the packs cost. null for a closed account",
      }),
  })
  .openapi("Insights");
