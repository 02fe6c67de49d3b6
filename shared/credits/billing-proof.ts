/**
 * The part of the proof that is about money (rules, sections 3.8, 7.1-7.4): documents follow from the figures of closed
 * periods, from packs and from corrections. Pure; every difference is named.
 */
import { type Adjustment, openMinorOf } from "./adjustments.ts";
import { formatMicros } from "./amounts.ts";
import { type BookedInvoice, type BookedPeriod, isUnvoidedOverage } from "./books.ts";
import { invoiceNumber, sumMinor } from "./invoice.ts";
import { majorUnits } from "./money.ts";
import { overageAmountMinor, overageSource } from "./overage-invoice.ts";

/** All documents of an account, and what belongs to the periods that are asked for. */
export interface BilledSide {
  readonly invoices: readonly BookedInvoice[];
  readonly adjustments: readonly Adjustment[];
  readonly periods: readonly BookedPeriod[];
  /** Of the account's own series: how many numbers were given, and the highest. */
  readonly numbers: { readonly count: number; readonly highest: number };
}

/** Sums of the adjustments of the periods that are asked for: granted = applied + open + dropped. */
export interface AdjustmentTotals {
  readonly grantedMinor: number;
  readonly appliedMinor: number;
  readonly openMinor: number;
  readonly droppedMinor: number;
}

type Named = readonly [name: string, amount: number];

/** What of a closed period's documents does not follow from its figures. */
export function periodMismatches({ figures, corrected }: BookedPeriod, side: BilledSide): readonly string[] {
  const { period, startMs, currency } = figures;
  const documents = side.invoices.filter(
    ({ subject, document }) => subject === overageSource(startMs) && document.kind === "overage",
  );
  const first = documents.find(({ source }) => source === overageSource(startMs));
  const amountMinor = overageAmountMinor(figures);
  const chargedMicros = amountMinor === 0 ? 0 : figures.billedMicros;
  const granted = side.adjustments.filter(({ periodStartMs }) => periodStartMs === startMs);
  const reversedMicros = granted.reduce((sum, { correctedMicros }) => sum + correctedMicros, 0);
  return [
    creditsDiffer(
      period,
      ["the invoice's quantity", first?.document.lines[0]?.quantityMicros ?? 0],
      ["billed", chargedMicros],
    ),
    creditsDiffer(
      period,
      ["used less corrected used", figures.usedMicros - (corrected ?? figures).usedMicros],
      ["its corrections", reversedMicros],
    ),
    ...documents.filter(isUnvoidedOverage).map((invoice) => {
      const given = granted.filter(({ correctsInvoiceId }) => correctsInvoiceId === invoice.invoiceId);
      const givenMinor = given.reduce((sum, { grantedMinor }) => sum + grantedMinor, 0);
      const { billedMicros } = corrected ?? figures;
      return moneyDiffers(
        `period ${period}`,
        currency,
        ["invoiced less credits for corrections", (invoice.document.lines[0]?.amountMinor ?? 0) - givenMinor],
        ["what its corrected figures give", overageAmountMinor({ ...figures, billedMicros })],
      );
    }),
    packsDiffer({ figures, corrected }, side),
  ].flat();
}

/** Packs of the period are those on its invoices less those cancelled; a void hides what was cancelled after it. */
function packsDiffer({ figures }: BookedPeriod, { invoices }: BilledSide): readonly string[] {
  const { period, startMs, currency, packsAmountMinor } = figures;
  const charged = invoices.filter(
    ({ document }) => document.kind === "packs" && document.period.startMs === startMs,
  );
  if (charged.some(({ status }) => status === "void")) return [];
  const ids = new Set(charged.map(({ invoiceId }) => invoiceId));
  const notes = invoices.filter(({ document }) => ids.has(document.credited?.invoiceId ?? ""));
  const lines = [...charged, ...notes].flatMap(({ document }) => document.lines);
  const packsMinor = sumMinor(lines.filter(({ unit }) => unit === "packs"));
  return moneyDiffers(
    `period ${period}`,
    currency,
    ["packs invoiced", packsMinor],
    ["packs of the period", packsAmountMinor],
  );
}

/** What does not hold of single documents, of the series and of adjustments. */
export function documentMismatches(side: BilledSide): readonly string[] {
  const { invoices, numbers } = side;
  const gaps =
    numbers.count === numbers.highest
      ? []
      : [`${numbers.count} documents have numbers up to ${numbers.highest}`];
  return [
    ...gaps,
    ...invoices.flatMap((invoice) => documentDiffers(invoice, invoices)),
    ...adjustmentsDiffer(side),
  ];
}

function documentDiffers(invoice: BookedInvoice, invoices: readonly BookedInvoice[]): readonly string[] {
  const { document, invoiceId, status, number } = invoice;
  const { lines, subtotalMinor, totalMinor, tax, currency } = document;
  const name = invoiceNumber(document.numberPrefix, number ?? 0);
  const note = invoices.find((other) => other.document.credited?.invoiceId === invoiceId);
  const unnoted = status === "void" && note === undefined ? [`${name} is void without a credit note`] : [];
  return [
    unnoted,
    moneyDiffers(name, currency, ["the subtotal", subtotalMinor], ["its lines", sumMinor(lines)]),
    moneyDiffers(
      name,
      currency,
      ["the total", totalMinor],
      ["subtotal and tax", subtotalMinor + (tax?.amountMinor ?? 0)],
    ),
  ].flat();
}

function adjustmentsDiffer({ adjustments, invoices }: BilledSide): readonly string[] {
  const taken = takenBySource(invoices);
  return adjustments.flatMap(({ source, grantedMinor, openMinor, droppedMinor }) => {
    const accounted = openMinor + droppedMinor + (taken.get(source) ?? 0);
    if (accounted === grantedMinor) return [];
    return [
      `adjustment ${source}: granted ${grantedMinor}, applied, open and dropped ${accounted} minor units`,
    ];
  });
}

function takenBySource(invoices: readonly BookedInvoice[]): ReadonlyMap<string, number> {
  const taken = new Map<string, number>();
  for (const { adjustment, amountMinor } of invoices.flatMap(({ document }) => document.lines)) {
    if (adjustment !== undefined) taken.set(adjustment, (taken.get(adjustment) ?? 0) - amountMinor);
  }
  return taken;
}

export function adjustmentTotals({ adjustments, invoices }: BilledSide): AdjustmentTotals {
  const taken = takenBySource(invoices);
  const sum = (of: (adjustment: Adjustment) => number) =>
    adjustments.reduce((total, adjustment) => total + of(adjustment), 0);
  return {
    grantedMinor: sum(({ grantedMinor }) => grantedMinor),
    appliedMinor: sum(({ source }) => taken.get(source) ?? 0),
    openMinor: openMinorOf(adjustments),
    droppedMinor: sum(({ droppedMinor }) => droppedMinor),
  };
}

/** Two amounts of credits that have to be the same. */
export function creditsDiffer(period: string, [a, aMicros]: Named, [b, bMicros]: Named): readonly string[] {
  if (aMicros === bMicros) return [];
  return [`period ${period}: ${a} ${formatMicros(aMicros)}, ${b} ${formatMicros(bMicros)}`];
}

function moneyDiffers(
  what: string,
  currency: string,
  [a, aMinor]: Named,
  [b, bMinor]: Named,
): readonly string[] {
  if (aMinor === bMinor) return [];
  const text = (amountMinor: number) => `${majorUnits({ amountMinor, currency })} ${currency}`;
  return [`${what}: ${a} ${text(aMinor)}, ${b} ${text(bMinor)}`];
}
