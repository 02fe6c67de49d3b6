/** The operator's catalogue on the wire: plans, packs, overage rates, defaults, seller (rules, 2.1, 5, 6.1, 7). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import { type Catalog, conversionTables, DEFAULT_NOTICE_PERCENTAGES } from "../credits/catalog.ts";
import {
  creditPriceError,
  creditsSchema,
  currencySchema,
  identifierSchema,
  labelSchema,
  moneySchema,
  unitPriceSchema,
} from "./common.ts";
import { conversionTablesAnswer, conversionTablesSchema, toConversionTables } from "./conversion-tables.ts";
import { uniqueBy } from "./unique.ts";

const PLANS_MAX = 100;
const PACKS_MAX = 100;
const CURRENCIES_MAX = 200;
const NOTICE_PERCENTAGES_MAX = 10;
const AUTOMATIC_PACKS_MAX = 1_000_000;
const TAX_IDS_MAX = 10;
/** A price times the largest quantity of one purchase stays a safe integer. */
export const PACK_PRICE_MINOR_MAX = 100_000_000_000;

const planSchema = z.strictObject({
  plan: identifierSchema,
  name: labelSchema,
  includedCredits: creditsSchema,
});

export const packPriceSchema = moneySchema.refine((price) => price.amountMinor <= PACK_PRICE_MINOR_MAX, {
  path: ["amountMinor"],
  message: `must be at most ${PACK_PRICE_MINOR_MAX}`,
});

const overageRateSchema = z
  .strictObject({ currency: currencySchema, price: unitPriceSchema })
  .superRefine(({ currency, price }, context) => {
    const message = creditPriceError(price, currency);
    if (message !== null) context.addIssue({ code: "custom", path: ["price"], message });
  });

const packSchema = z.strictObject({
  pack: identifierSchema,
  name: labelSchema,
  credits: creditsSchema
    .refine((micros) => micros > 0, "must be above 0")
    .openapi({ description: "monthly credits of one pack" }),
  prices: z
    .array(packPriceSchema)
    .max(CURRENCIES_MAX)
    .superRefine(uniqueBy("currency"))
    .openapi({ description: "price of one pack for one usage period; on sale in these currencies only" }),
  upgrade: z.boolean().default(false).openapi({
    description: "automatic upgrades add this pack; where none is marked, the smallest on sale",
  }),
});

const packsSchema = z
  .array(packSchema)
  .max(PACKS_MAX)
  .superRefine(uniqueBy("pack"))
  .superRefine((packs, context) => {
    const marked = packs.flatMap((pack, index) => (pack.upgrade ? [index] : []));
    for (const index of marked.slice(1)) {
      context.addIssue({
        code: "custom",
        path: [index, "upgrade"],
        message: "only one pack can be the upgrade pack",
      });
    }
  });

const noticePercentagesSchema = z
  .array(z.int().min(1).max(99))
  .min(1)
  .max(NOTICE_PERCENTAGES_MAX)
  .refine(
    (percentages) =>
      percentages.every((percent, index) => index === 0 || percent > (percentages[index - 1] ?? 0)),
    "must ascend, each once",
  )
  .default([...DEFAULT_NOTICE_PERCENTAGES])
  .openapi({ description: "admins are told at these percentages of limit and maximum" });

const sellerSchema = z
  .strictObject({
    name: z.string().trim().max(200),
    address: z.string().max(1000).default(""),
    taxIds: z.array(labelSchema).max(TAX_IDS_MAX).default([]),
  })
  .default({ name: "", address: "", taxIds: [] })
  .openapi({ description: "who issues the invoices" });

const INVOICE_PREFIX_PATTERN = /^[A-Z0-9]{1,20}$/;

const invoiceSeriesSchema = z
  .discriminatedUnion("scope", [
    z.strictObject({ scope: z.literal("account") }),
    z.strictObject({
      scope: z.literal("operator"),
      prefix: z.string().regex(INVOICE_PREFIX_PATTERN, "1 to 20 capitals and digits"),
    }),
  ])
  .default({ scope: "account" })
  .openapi({ description: "invoices are numbered per account, or in one series; test mode has its own" });

/** The whole document; what is left out takes its default. */
export const catalogSchema = z
  .strictObject({
    plans: z.array(planSchema).max(PLANS_MAX).superRefine(uniqueBy("plan")),
    packs: packsSchema,
    overageRates: z
      .array(overageRateSchema)
      .max(CURRENCIES_MAX)
      .superRefine(uniqueBy("currency"))
      .openapi({ description: "price per credit of overage" }),
    noticePercentages: noticePercentagesSchema,
    automaticPacksMax: z.int().min(0).max(AUTOMATIC_PACKS_MAX).nullable().default(null).openapi({
      description: "packs added automatically per period; null: what doubles the limit that it began with",
    }),
    seller: sellerSchema,
    invoiceSeries: invoiceSeriesSchema,
    conversionTables: conversionTablesSchema,
  })
  .openapi("Catalog", {
    example: {
      plans: [{ plan: "starter", name: "Starter", includedCredits: 500 }],
      packs: [
        {
          pack: "pack-1000",
          name: "1,000 credits",
          credits: 1000,
          prices: [{ amountMinor: 1000, currency: "USD" }],
        },
      ],
      overageRates: [{ currency: "USD", price: "0.010" }],
      seller: { name: "Example Inc.", address: "1 Main Street, Springfield", taxIds: ["US 12-3456789"] },
    },
  });

/** The catalogue as the rules know it. */
export function toCatalog({
  plans,
  packs,
  conversionTables: tables,
  ...rest
}: z.infer<typeof catalogSchema>): Catalog {
  return {
    plans: plans.map(({ includedCredits, ...plan }) => ({ ...plan, includedCreditsMicros: includedCredits })),
    packs: packs.map(({ credits, ...pack }) => ({ ...pack, creditsMicros: credits })),
    conversionTables: toConversionTables(tables),
    ...rest,
  };
}

/** The document that `PUT /v1/catalog` takes. */
export function catalogAnswer(catalog: Catalog): z.infer<typeof catalogSchema> {
  const { plans, packs, ...rest } = catalog;
  return {
    plans: plans.map(({ includedCreditsMicros, ...plan }) => ({
      ...plan,
      includedCredits: formatMicros(includedCreditsMicros),
    })),
    packs: packs.map(({ creditsMicros, prices, ...pack }) => ({
      ...pack,
      credits: formatMicros(creditsMicros),
      prices: [...prices],
    })),
    overageRates: [...rest.overageRates],
    noticePercentages: [...rest.noticePercentages],
    automaticPacksMax: rest.automaticPacksMax,
    seller: { ...rest.seller, taxIds: [...rest.seller.taxIds] },
    invoiceSeries: rest.invoiceSeries ?? { scope: "account" },
    conversionTables: conversionTablesAnswer(conversionTables(catalog)),
  };
}
