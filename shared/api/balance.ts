/** The whole balance of an account on the wire (rules, sections 1, 7.5 and 10.1). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import { balanceSummaryAnswer } from "./answers.ts";
import { creditsOutSchema, formatInstant, instantOutSchema, moneyOutSchema } from "./common.ts";
import { conversionSchema, conversionsAnswer } from "./conversions.ts";
import { balanceSummarySchema } from "./decisions.ts";
import { grantAnswer, grantSchema } from "./grants.ts";
import { type Invoice, invoiceSchema } from "./invoices.ts";
import { ownedPackAnswer, ownedPackSchema, termAnswer, termSchema } from "./packs.ts";
import { settingsAnswer } from "./settings.ts";

const shownInvoiceSchema = invoiceSchema.pick({
  invoice: true,
  number: true,
  kind: true,
  status: true,
  overdue: true,
  issuedAt: true,
  dueAt: true,
  total: true,
});

const nextInvoiceSchema = z.object({
  at: instantOutSchema,
  amount: moneyOutSchema,
  overage: moneyOutSchema,
  packs: moneyOutSchema.openapi({ description: "of the next period, in advance, at the prices of now" }),
});

const balanceMoneySchema = z.object({
  currency: z.string(),
  overagePrice: z.string().nullable().openapi({ description: "per credit; null where none is agreed" }),
  accruedOverage: moneyOutSchema
    .nullable()
    .openapi({ description: "what the overage invoice would say now; null where no price is agreed" }),
  packsAmount: moneyOutSchema.openapi({ description: "what the packs of the period cost" }),
  effectivePrice: z
    .string()
    .nullable()
    .openapi({ description: "(packs + overage) / used, per credit; null while nothing is used" }),
  invoices: z.array(shownInvoiceSchema).openapi({ description: "issued in this period, newest first" }),
  nextInvoice: nextInvoiceSchema.nullable().openapi({
    description:
      "expected at the reset as of now, before tax and credits; overage and packs are invoices of their own. null where nothing would be billed",
  }),
});

export const balanceSchema = balanceSummarySchema
  .extend({
    account: z.string(),
    included: creditsOutSchema.openapi({ description: "of the plan" }),
    packs: creditsOutSchema.openapi({ description: "of all active packs" }),
    activePacks: z.array(ownedPackSchema),
    term: termSchema.nullable().openapi({ description: "null while the account has no packs" }),
    granted: creditsOutSchema.openapi({ description: "one-off credits of this period" }),
    grants: z.array(grantSchema).openapi({ description: "of this period and later ones" }),
    conversions: z
      .array(conversionSchema)
      .openapi({ description: "converted packs that wait for their time" }),
    ceiling: creditsOutSchema.nullable().openapi({ description: "null: nothing caps usage" }),
    maximum: creditsOutSchema.nullable().openapi({ description: "the account's own hard cap" }),
    overdraft: creditsOutSchema.openapi({ description: "part of used that is never invoiced" }),
    billable: creditsOutSchema.openapi({ description: "overage without overdraft" }),
    overageSetting: z.enum(OVERAGE_SETTINGS),
    pending: z.object({ overageSetting: z.enum(OVERAGE_SETTINGS), effectiveAt: instantOutSchema }).nullable(),
    pausedFeatures: z.array(z.string()).openapi({ description: "paused by hand" }),
    openHolds: z.number(),
    suspendedAt: instantOutSchema.nullable(),
    closedAt: instantOutSchema.nullable(),
    period: z.object({ name: z.string(), start: instantOutSchema, end: instantOutSchema }),
    stateReason: z.string().openapi({ description: "why the state is what it is, for people" }),
    money: balanceMoneySchema,
  })
  .openapi("Balance");

/** `invoices` are those issued in the running period, newest first. */
export function balanceAnswer(
  account: string,
  balance: Balance,
  stateReason: string,
  invoices: readonly Invoice[],
): z.infer<typeof balanceSchema> {
  const { overageSetting, pending } = settingsAnswer(balance);
  const orNull = (micros: number | null) => (micros === null ? null : formatMicros(micros));
  const instantOrNull = (atMs: number | null) => (atMs === null ? null : formatInstant(atMs));
  return {
    account,
    ...balanceSummaryAnswer(balance),
    stateReason,
    included: formatMicros(balance.includedMicros),
    packs: formatMicros(balance.packsMicros),
    activePacks: balance.packs.map(ownedPackAnswer),
    term: termAnswer(balance.term),
    granted: formatMicros(balance.grantsMicros),
    grants: balance.grants.map(grantAnswer),
    conversions: conversionsAnswer({ packs: [], conversions: balance.conversions }),
    ceiling: orNull(balance.ceilingMicros),
    maximum: orNull(balance.maximumMicros),
    overdraft: formatMicros(balance.overdraftMicros),
    billable: formatMicros(balance.billableMicros),
    overageSetting,
    pending,
    pausedFeatures: [...balance.pausedFeatures],
    openHolds: balance.openHolds,
    suspendedAt: instantOrNull(balance.suspendedAtMs),
    closedAt: instantOrNull(balance.closedAtMs),
    period: {
      name: balance.period,
      start: formatInstant(balance.periodStartMs),
      end: formatInstant(balance.resetAtMs),
    },
    money: moneyAnswer(balance, invoices),
  };
}

function moneyAnswer(balance: Balance, invoices: readonly Invoice[]): z.infer<typeof balanceMoneySchema> {
  const { currency, overagePrice, accruedOverage, packsAmount, effectivePrice } = balance;
  return {
    currency,
    overagePrice,
    accruedOverage: accruedOverage === null ? null : { ...accruedOverage },
    packsAmount: { ...packsAmount },
    effectivePrice,
    invoices: invoices.map(({ invoice, number, kind, status, overdue, issuedAt, dueAt, total }) => ({
      invoice,
      number,
      kind,
      status,
      overdue,
      issuedAt,
      dueAt,
      total,
    })),
    nextInvoice: nextInvoice(balance),
  };
}

/** A closed account gets no more of them. */
function nextInvoice(balance: Balance): z.infer<typeof nextInvoiceSchema> | null {
  const { accruedOverage, nextPacksAmount, currency, closedAtMs, resetAtMs } = balance;
  const overageMinor = accruedOverage?.amountMinor ?? 0;
  const packsMinor = nextPacksAmount.amountMinor;
  if (closedAtMs !== null || overageMinor + packsMinor === 0) return null;
  return {
    at: formatInstant(resetAtMs),
    amount: { amountMinor: overageMinor + packsMinor, currency },
    overage: { amountMinor: overageMinor, currency },
    packs: { amountMinor: packsMinor, currency },
  };
}
