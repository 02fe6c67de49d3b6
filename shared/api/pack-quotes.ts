/** What a purchase of packs would come to, on the wire, before anything is bought (rules, sections 5.2, 5.9 and 7.2). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import type { BookedInvoice } from "../credits/books.ts";
import { safeMinor } from "../credits/invoice.ts";
import type { Purchase } from "../credits/purchase.ts";
import { type CommitmentTerm, OVERAGE_SETTINGS } from "../credits/state.ts";
import {
  creditsOutSchema,
  formatInstant,
  identifierSchema,
  instantOutSchema,
  moneyOutSchema,
} from "./common.ts";
import { invoiceLineSchema, lineAnswer } from "./invoices.ts";
import { PACK_QUANTITY_MAX, termAnswer, termSchema } from "./packs.ts";
import { maximumQuerySchema } from "./settings-quotes.ts";

const WHOLE_NUMBER = /^\d{1,6}$/;

export const packQuoteQuerySchema = z.strictObject({
  pack: identifierSchema.openapi({ description: "the catalogue's id", example: "pack-1000" }),
  quantity: z
    .string()
    .refine(
      (text) => WHOLE_NUMBER.test(text) && Number(text) >= 1 && Number(text) <= PACK_QUANTITY_MAX,
      `must be a whole number from 1 to ${PACK_QUANTITY_MAX}`,
    )
    .transform(Number)
    .default(1)
    .openapi({
      type: "integer",
      minimum: 1,
      maximum: PACK_QUANTITY_MAX,
      description: "how many of it",
    }),
  overageSetting: z
    .enum(OVERAGE_SETTINGS)
    .optional()
    .openapi({ description: "only with the account's first pack" }),
  maximum: maximumQuerySchema.optional(),
});

const beforeAndAfter = <Value extends z.ZodType>(value: Value) => z.object({ before: value, after: value });

export const packQuoteSchema = z
  .object({
    pack: z.string(),
    name: z.string(),
    credits: creditsOutSchema.openapi({ description: "monthly credits of one pack" }),
    price: moneyOutSchema.openapi({ description: "of one pack for one usage period" }),
    quantity: z.number(),
    first: z.boolean().openapi({ description: "the account's first pack: it opens the settings" }),
    limit: beforeAndAfter(creditsOutSchema),
    maximum: beforeAndAfter(creditsOutSchema.nullable()),
    overageSetting: beforeAndAfter(z.enum(OVERAGE_SETTINGS)),
    packsAmount: beforeAndAfter(moneyOutSchema).openapi({
      description: "what all packs cost for one usage period, before tax",
    }),
    term: termSchema.openapi({ description: "in which the packs stay" }),
    invoice: z
      .object({
        issuedAt: instantOutSchema,
        dueAt: instantOutSchema,
        lines: z.array(invoiceLineSchema),
        subtotal: moneyOutSchema,
        tax: z.object({ name: z.string(), percent: z.string(), amount: moneyOutSchema }).nullable(),
        total: moneyOutSchema,
      })
      .nullable()
      .openapi({ description: "made at the purchase, for the running period in full; null: nothing to pay" }),
  })
  .openapi("PackQuote");

/** What the answer is made of. */
export interface QuotedPurchase {
  readonly balance: Balance;
  readonly purchase: Purchase;
  readonly quantity: number;
  /** As it is with the purchase. */
  readonly term: CommitmentTerm;
  readonly invoice: BookedInvoice | null;
}

export function packQuoteAnswer(quoted: QuotedPurchase): z.infer<typeof packQuoteSchema> {
  const { balance, purchase, quantity, invoice } = quoted;
  const { pack, name, creditsMicros, price } = purchase.terms;
  const term = termAnswer(quoted.term);
  if (term === null) throw new Error("a purchase has a term");
  const orNull = (micros: number | null) => (micros === null ? null : formatMicros(micros));
  const { currency, packsAmount } = balance;
  return {
    pack,
    name,
    credits: formatMicros(creditsMicros),
    price: { ...price },
    quantity,
    first: purchase.first,
    limit: { before: formatMicros(balance.limitMicros), after: formatMicros(purchase.limitMicros) },
    maximum: { before: orNull(balance.maximumMicros), after: orNull(purchase.maximumMicros) },
    overageSetting: { before: balance.setting, after: purchase.setting },
    packsAmount: {
      before: { ...packsAmount },
      after: { amountMinor: safeMinor(packsAmount.amountMinor + price.amountMinor * quantity), currency },
    },
    term,
    invoice: invoice === null ? null : invoiceAnswer(invoice),
  };
}

function invoiceAnswer({ document, issuedAtMs, dueAtMs }: BookedInvoice) {
  const { currency, lines, subtotalMinor, tax, totalMinor } = document;
  const money = (amountMinor: number) => ({ amountMinor, currency });
  return {
    issuedAt: formatInstant(issuedAtMs),
    dueAt: formatInstant(dueAtMs),
    lines: lines.map((line) => lineAnswer(line, currency)),
    subtotal: money(subtotalMinor),
    tax: tax === null ? null : { name: tax.name, percent: tax.percent, amount: money(tax.amountMinor) },
    total: money(totalMinor),
  };
}
