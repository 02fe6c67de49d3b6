/** What past usage would have cost under another version of the rate sheet, on the wire (rules, 8.5). */
import { z } from "@hono/zod-openapi";
import type { Repriced, RepricedAction, UsedAction } from "../reports/reprice.ts";
import { dateSchema, identifierSchema } from "./common.ts";
import { featuresSchema } from "./rate-sheets.ts";
import { formatTotal } from "./totals.ts";

export const QUOTED_ACCOUNTS_MAX = 20;

export const quoteRatesSchema = z
  .strictObject({
    features: featuresSchema.optional().openapi({ description: "a draft, as it would be published" }),
    version: z.int().min(1).optional().openapi({ description: "or a version that was published" }),
    accounts: z.array(identifierSchema).min(1).max(QUOTED_ACCOUNTS_MAX),
    from: dateSchema.optional().openapi({
      description:
        "first local day of occurrence; default: each account's last closed period, where it has none the last 30 days",
    }),
    to: dateSchema.optional().openapi({ description: "last day, included; default: today" }),
  })
  .superRefine(({ features, version, accounts, from, to }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if ((features === undefined) === (version === undefined)) {
      refuse("features", "give either features or version");
    }
    if (new Set(accounts).size < accounts.length) refuse("accounts", "an account stands here twice");
    if (from === undefined && to !== undefined) refuse("from", "required beside to");
    if (from !== undefined && to !== undefined && from > to) refuse("to", "must not be before from");
  })
  .openapi("QuoteRates", {
    example: {
      accounts: ["acme"],
      features: [{ feature: "assistant", actions: [{ action: "conversation_handled", credits: 120 }] }],
    },
  });

const creditsTotalSchema = z.number().openapi({ description: "credits" });

const comparedFields = {
  booked: creditsTotalSchema.openapi({ description: "as it was booked, less corrections" }),
  draft: creditsTotalSchema.openapi({ description: "as it would have cost" }),
  difference: creditsTotalSchema.openapi({ description: "draft less booked; below 0: cheaper" }),
};

const usedFields = {
  feature: z.string(),
  action: z.string(),
  uses: z.number(),
  quantity: z.number(),
};

const repricedFields = {
  total: z.object(comparedFields).openapi({ description: "of `actions`" }),
  actions: z.array(z.object({ ...usedFields, ...comparedFields })),
  unpriced: z.array(z.object({ ...usedFields, booked: comparedFields.booked })).openapi({
    description:
      "not in `total`: the draft has no such action and would refuse it, or it reverses an event before the range",
  }),
};

export const quotedRatesSchema = z
  .object({
    version: z.number().nullable().openapi({ description: "null: the draft of the request" }),
    ...repricedFields,
    accounts: z.array(
      z.object({
        account: z.string(),
        from: z.string().openapi({ format: "date" }),
        to: z.string().openapi({ format: "date" }),
        period: z
          .string()
          .nullable()
          .openapi({ description: "set where all that counts in a period is priced" }),
        entries: z.number().openapi({ description: "priced again" }),
        ...repricedFields,
      }),
    ),
  })
  .openapi("QuotedRates");

export function repricedAnswer({ actions, unpriced }: Repriced) {
  const sum = (of: (action: RepricedAction) => bigint) =>
    actions.reduce((total, action) => total + of(action), 0n);
  return {
    total: comparedAnswer(
      sum(({ bookedMicros }) => bookedMicros),
      sum(({ draftMicros }) => draftMicros),
    ),
    actions: actions.map((action) => ({
      ...usedAnswer(action),
      ...comparedAnswer(action.bookedMicros, action.draftMicros),
    })),
    unpriced: unpriced.map((used) => ({ ...usedAnswer(used), booked: formatTotal(used.bookedMicros) })),
  };
}

function comparedAnswer(bookedMicros: bigint, draftMicros: bigint) {
  return {
    booked: formatTotal(bookedMicros),
    draft: formatTotal(draftMicros),
    difference: formatTotal(draftMicros - bookedMicros),
  };
}

function usedAnswer({ feature, action, uses, quantityMicros }: UsedAction) {
  return { feature, action, uses, quantity: formatTotal(quantityMicros) };
}
