/** The history of an account's closed periods on the wire (rules, sections 2.3, 3.8, 7.1, 7.5 and 10.2). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { CorrectedFigures } from "../credits/billing-facts.ts";
import { majorUnits, pricePerCredit } from "../credits/money.ts";
import { overageAmountMinor } from "../credits/overage-invoice.ts";
import type { ClosedPeriod } from "../credits/reset.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import { type Column, exact } from "../reports/csv.ts";
import { percentText } from "../reports/percent.ts";
import { spendOfClosed } from "../reports/spend.ts";
import { creditsOutSchema, formatInstant, instantOutSchema, moneyOutSchema, pageSchema } from "./common.ts";

const figures = {
  used: creditsOutSchema,
  overdraft: creditsOutSchema.openapi({ description: "part of used that is never invoiced" }),
  overage: creditsOutSchema,
  billable: creditsOutSchema.openapi({ description: "overage without overdraft" }),
  billed: creditsOutSchema.openapi({ description: "billable in whole increments of 10" }),
  overageAmount: moneyOutSchema.openapi({ description: "before tax" }),
};

export const closedPeriodSchema = z
  .object({
    period: z.string().openapi({ example: "2026-11-14" }),
    start: instantOutSchema,
    end: instantOutSchema,
    overageSetting: z.enum(OVERAGE_SETTINGS),
    limit: creditsOutSchema,
    held: creditsOutSchema,
    ...figures,
    expired: creditsOutSchema.openapi({ description: "credits that were not used" }),
    overagePrice: z.string().nullable(),
    packsAmount: moneyOutSchema.openapi({ description: "what the packs of the period cost" }),
    effectivePrice: z
      .string()
      .nullable()
      .openapi({ description: "(packs + overage) / used, per credit; null where nothing was used" }),
    changeCredits: creditsOutSchema
      .nullable()
      .openapi({ description: "of used, against the period before; null for the first" }),
    changePercent: z
      .string()
      .nullable()
      .openapi({ description: "one decimal; null where nothing was used before", example: "-12.5" }),
    corrected: z
      .object(figures)
      .nullable()
      .openapi({ description: "after all corrections; the billed figures stay. null while there is none" }),
    invoice: z
      .string()
      .nullable()
      .openapi({ description: "the overage invoice; null where nothing was billed" }),
  })
  .openapi("ClosedPeriod");

export const closedPeriodPageSchema = pageSchema(closedPeriodSchema, "ClosedPeriods");

type PeriodAnswer = z.infer<typeof closedPeriodSchema>;

/** A closed period as billing keeps it, among the others. */
export interface PeriodInHistory {
  readonly figures: ClosedPeriod;
  readonly corrected: CorrectedFigures | null;
  /** Of the period before it; null for the first. */
  readonly before: Pick<ClosedPeriod, "usedMicros"> | null;
  readonly invoiceId: string | null;
}

export function closedPeriodAnswer(record: PeriodInHistory): PeriodAnswer {
  const { figures: closed, corrected, before, invoiceId } = record;
  const { currency } = closed;
  const { spentMinor, usedMicros } = spendOfClosed(closed);
  return {
    period: closed.period,
    start: formatInstant(closed.startMs),
    end: formatInstant(closed.endMs),
    overageSetting: closed.setting,
    limit: formatMicros(closed.limitMicros),
    held: formatMicros(closed.heldMicros),
    ...figuresAnswer(closed, closed),
    expired: formatMicros(closed.expiredMicros),
    overagePrice: closed.overagePrice,
    packsAmount: { amountMinor: closed.packsAmountMinor, currency },
    effectivePrice: pricePerCredit({ amountMinor: spentMinor, currency }, usedMicros),
    ...changeAnswer(usedMicros, before?.usedMicros),
    corrected: corrected === null ? null : figuresAnswer(closed, corrected),
    invoice: invoiceId,
  };
}

function figuresAnswer(closed: ClosedPeriod, figures: CorrectedFigures) {
  const { usedMicros, overdraftMicros, overageMicros, billableMicros, billedMicros } = figures;
  return {
    used: formatMicros(usedMicros),
    overdraft: formatMicros(overdraftMicros),
    overage: formatMicros(overageMicros),
    billable: formatMicros(billableMicros),
    billed: formatMicros(billedMicros),
    overageAmount: {
      amountMinor: overageAmountMinor({ ...closed, billedMicros }),
      currency: closed.currency,
    },
  };
}

function changeAnswer(usedMicros: number, beforeMicros: number | undefined) {
  if (beforeMicros === undefined) return { changeCredits: null, changePercent: null };
  const changeMicros = usedMicros - beforeMicros;
  return {
    changeCredits: formatMicros(changeMicros),
    changePercent: percentText(BigInt(changeMicros), BigInt(beforeMicros)),
  };
}

const exactOrNone = (digits: string | null) => (digits === null ? null : exact(digits));

const COLUMNS: readonly Column<PeriodAnswer>[] = [
  { name: "period", cell: ({ period }) => period },
  { name: "start", cell: ({ start }) => start },
  { name: "end", cell: ({ end }) => end },
  { name: "overageSetting", cell: ({ overageSetting }) => overageSetting },
  { name: "limit", cell: ({ limit }) => limit },
  { name: "used", cell: ({ used }) => used },
  { name: "held", cell: ({ held }) => held },
  { name: "overdraft", cell: ({ overdraft }) => overdraft },
  { name: "overage", cell: ({ overage }) => overage },
  { name: "billable", cell: ({ billable }) => billable },
  { name: "billed", cell: ({ billed }) => billed },
  { name: "expired", cell: ({ expired }) => expired },
  { name: "overagePrice", cell: ({ overagePrice }) => exactOrNone(overagePrice) },
  { name: "overageAmount", cell: ({ overageAmount }) => exact(majorUnits(overageAmount)) },
  { name: "packsAmount", cell: ({ packsAmount }) => exact(majorUnits(packsAmount)) },
  { name: "currency", cell: ({ packsAmount }) => packsAmount.currency },
  { name: "effectivePrice", cell: ({ effectivePrice }) => exactOrNone(effectivePrice) },
  { name: "changeCredits", cell: ({ changeCredits }) => changeCredits },
  { name: "changePercent", cell: ({ changePercent }) => exactOrNone(changePercent) },
  { name: "correctedUsed", cell: ({ corrected }) => corrected?.used },
  { name: "correctedBilled", cell: ({ corrected }) => corrected?.billed },
  {
    name: "correctedOverageAmount",
    cell: ({ corrected }) => (corrected === null ? null : exact(majorUnits(corrected.overageAmount))),
  },
  { name: "invoice", cell: ({ invoice }) => invoice },
];

export const PERIOD_EXPORT = {
  lines: (record: PeriodInHistory) => [closedPeriodAnswer(record)],
  columns: COLUMNS,
  answer: closedPeriodAnswer,
};
