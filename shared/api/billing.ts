/** What an account costs, at any moment (rules, section 7.5). */
import { z } from "@hono/zod-openapi";
import type { Adjustment } from "../credits/adjustments.ts";
import { openMinorOf } from "../credits/adjustments.ts";
import { formatMicros } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import { CHARGE_CAUSES } from "../credits/billing-facts.ts";
import type { ExpectedInvoice } from "../credits/expected-invoices.ts";
import { INVOICE_KINDS, invoiceNumber } from "../credits/invoice.ts";
import { wholeIncrementsMicros } from "../credits/reset.ts";
import { creditsOutSchema, formatInstant, instantOutSchema, moneyOutSchema } from "./common.ts";
import { type Invoice, invoiceLineSchema, invoiceSchema, lineAnswer } from "./invoices.ts";

const periodSchema = z.object({ name: z.string(), start: instantOutSchema, end: instantOutSchema });

const expectedInvoiceSchema = z
  .object({
    kind: z.enum(INVOICE_KINDS),
    cause: z.enum(CHARGE_CAUSES).nullable(),
    at: instantOutSchema.openapi({ description: "the reset; of one that grows, the end of the local day" }),
    dueAt: instantOutSchema,
    invoice: z.string().nullable().openapi({ description: "the growing invoice; null: still to be issued" }),
    number: z.string().nullable(),
    period: periodSchema,
    lines: z.array(invoiceLineSchema).openapi({ description: "as they would be now" }),
    subtotal: moneyOutSchema,
    tax: z.object({ name: z.string(), percent: z.string(), amount: moneyOutSchema }).nullable(),
    total: moneyOutSchema,
  })
  .openapi("ExpectedInvoice");

export const openAdjustmentSchema = z
  .object({
    adjustment: z.string(),
    at: instantOutSchema,
    period: z.string().openapi({ description: "the closed period that was corrected" }),
    event: z.string().nullable().openapi({ description: "null: it takes back what was credited before" }),
    granted: moneyOutSchema,
    open: moneyOutSchema.openapi({ description: "what no invoice has taken yet; below 0: to be charged" }),
  })
  .openapi("OpenAdjustment");

export const billingSchema = z
  .object({
    account: z.string(),
    currency: z.string(),
    period: periodSchema,
    overage: z.object({
      price: z.string().nullable().openapi({ description: "per credit; null where none is agreed" }),
      billable: creditsOutSchema.openapi({ description: "above the limit so far, without overdraft" }),
      billed: creditsOutSchema.openapi({ description: "in whole increments of 10" }),
      accrued: moneyOutSchema
        .nullable()
        .openapi({ description: "before tax; null where no price is agreed" }),
    }),
    packsAmount: moneyOutSchema.openapi({ description: "what the packs of the period cost" }),
    effectivePrice: z
      .string()
      .nullable()
      .openapi({ description: "(packs + overage) / used, per credit; null while nothing is used" }),
    invoices: z.array(invoiceSchema).openapi({ description: "issued in or for this period, newest first" }),
    adjustments: z.object({
      open: moneyOutSchema.openapi({ description: "what the next invoices will take off" }),
      data: z.array(openAdjustmentSchema),
    }),
    next: expectedInvoiceSchema.nullable().openapi({ description: "the first of those expected" }),
    expected: z.array(expectedInvoiceSchema).openapi({ description: "in the order in which they come" }),
  })
  .openapi("Billing");

export function billingAnswer(
  account: string,
  balance: Balance,
  invoices: readonly Invoice[],
  open: readonly Adjustment[],
  expected: readonly ExpectedInvoice[],
): z.infer<typeof billingSchema> {
  const { currency, billableMicros, accruedOverage } = balance;
  const coming = expected.map(expectedAnswer);
  return {
    account,
    currency,
    period: {
      name: balance.period,
      start: formatInstant(balance.periodStartMs),
      end: formatInstant(balance.resetAtMs),
    },
    overage: {
      price: balance.overagePrice,
      billable: formatMicros(billableMicros),
      billed: formatMicros(wholeIncrementsMicros(billableMicros)),
      accrued: accruedOverage === null ? null : { ...accruedOverage },
    },
    packsAmount: { ...balance.packsAmount },
    effectivePrice: balance.effectivePrice,
    invoices: [...invoices],
    adjustments: {
      open: { amountMinor: openMinorOf(open), currency },
      data: open.map((adjustment) => adjustmentAnswer(adjustment, currency)),
    },
    next: coming[0] ?? null,
    expected: coming,
  };
}

function adjustmentAnswer(
  { source, atMs, period, eventId, grantedMinor, openMinor }: Adjustment,
  currency: string,
) {
  return {
    adjustment: source,
    at: formatInstant(atMs),
    period,
    event: eventId,
    granted: { amountMinor: grantedMinor, currency },
    open: { amountMinor: openMinor, currency },
  };
}

function expectedAnswer({ atMs, growing, invoice }: ExpectedInvoice): z.infer<typeof expectedInvoiceSchema> {
  const { document, dueAtMs } = invoice;
  const { currency, period, tax } = document;
  const money = (amountMinor: number) => ({ amountMinor, currency });
  const number = growing?.number ?? null;
  return {
    kind: document.kind,
    cause: document.cause,
    at: formatInstant(atMs),
    dueAt: formatInstant(dueAtMs),
    invoice: growing === null ? null : growing.invoiceId,
    number: number === null ? null : invoiceNumber(document.numberPrefix, number),
    period: { name: period.name, start: formatInstant(period.startMs), end: formatInstant(period.endMs) },
    lines: document.lines.map((line) => lineAnswer(line, currency)),
    subtotal: money(document.subtotalMinor),
    tax: tax === null ? null : { name: tax.name, percent: tax.percent, amount: money(tax.amountMinor) },
    total: money(document.totalMinor),
  };
}
