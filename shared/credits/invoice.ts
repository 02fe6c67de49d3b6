/**
 * The making of an invoice (rules, sections 7.1 and 7.3): a pure function of a closed period, its account's
 * profile and the seller. What it makes never changes; the number is given where it is stored.
 */
import { Temporal } from "temporal-polyfill";
import { creditsText } from "../text.ts";
import type { Seller } from "./catalog.ts";
import { amountMinor, percentOfMinor } from "./money.ts";
import { localDay } from "./period.ts";
import type { ClosedPeriod } from "./reset.ts";

export const INVOICE_STATUSES = ["open", "paid", "void", "uncollectible"] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

export interface Buyer {
  readonly name: string;
  readonly address: string;
  readonly taxIds: readonly string[];
  readonly purchaseOrder: string | null;
}

export interface InvoiceLine {
  readonly description: string;
  /** Credits, in millionths. */
  readonly quantityMicros: number;
  /** Decimal string in major units. */
  readonly unitPrice: string;
  readonly amountMinor: number;
}

export interface InvoiceTax {
  readonly name: string;
  /** Decimal string. */
  readonly percent: string;
  readonly amountMinor: number;
}

/** What is fixed once an invoice is issued, number and dates apart. All amounts are in `currency`. */
export interface InvoiceDocument {
  readonly kind: "overage";
  readonly numberPrefix: string;
  readonly account: string;
  readonly seller: Seller;
  readonly buyer: Buyer;
  readonly currency: string;
  /** Of the account at the period's end: in it, issue and due dates are calendar days. */
  readonly timeZone: string;
  readonly period: { readonly name: string; readonly startMs: number; readonly endMs: number };
  readonly lines: readonly InvoiceLine[];
  readonly subtotalMinor: number;
  readonly tax: InvoiceTax | null;
  readonly totalMinor: number;
}

/** An invoice before it has a number. */
export interface InvoiceDraft {
  /** Names what is billed; an account is invoiced for it once. */
  readonly source: string;
  readonly issuedAtMs: number;
  readonly dueAtMs: number;
  readonly document: InvoiceDocument;
}

/** What an invoice says about the account besides its usage. */
export interface InvoiceTerms {
  readonly account: string;
  readonly numberPrefix: string;
  readonly buyer: Buyer;
  readonly netDays: number;
  readonly tax: { readonly name: string; readonly percent: string } | null;
}

const NUMBER_DIGITS_MIN = 4;

/** "ACME-0007". */
export function invoiceNumber(prefix: string, number: number): string {
  return `${prefix}-${String(number).padStart(NUMBER_DIGITS_MIN, "0")}`;
}

export function overageSource(periodStartMs: number): string {
  return `overage:${periodStartMs}`;
}

/** What the overage of a closed period costs before tax, in minor units; 0 where no price is agreed (7.1). */
export function overageAmountMinor(closed: ClosedPeriod): number {
  return closed.overagePrice === null
    ? 0
    : amountMinor(closed.billedMicros, closed.overagePrice, closed.currency);
}

/**
 * The overage invoice of a closed period, issued at its end and due after the payment terms; null where there is
 * nothing to bill (7.1).
 */
export function draftOverageInvoice(
  closed: ClosedPeriod,
  terms: InvoiceTerms,
  seller: Seller,
): InvoiceDraft | null {
  const subtotalMinor = overageAmountMinor(closed);
  if (closed.overagePrice === null || subtotalMinor === 0) return null;
  const tax =
    terms.tax === null
      ? null
      : { ...terms.tax, amountMinor: percentOfMinor(subtotalMinor, terms.tax.percent) };
  const line: InvoiceLine = {
    description: overageDescription(closed),
    quantityMicros: closed.billedMicros,
    unitPrice: closed.overagePrice,
    amountMinor: subtotalMinor,
  };
  return {
    source: overageSource(closed.startMs),
    issuedAtMs: closed.endMs,
    dueAtMs: addDays(closed.endMs, terms.netDays, closed.timeZone),
    document: {
      kind: "overage",
      numberPrefix: terms.numberPrefix,
      account: terms.account,
      seller,
      buyer: terms.buyer,
      currency: closed.currency,
      timeZone: closed.timeZone,
      period: { name: closed.period, startMs: closed.startMs, endMs: closed.endMs },
      lines: [line],
      subtotalMinor,
      tax,
      totalMinor: subtotalMinor + (tax?.amountMinor ?? 0),
    },
  };
}

function overageDescription(closed: ClosedPeriod): string {
  const billable = creditsText(closed.billableMicros);
  const limit = creditsText(closed.limitMicros);
  return `Overage: ${billable} credits above the limit of ${limit}, billed in whole increments of 10`;
}

/** Calendar days in the account's time zone: a change of the clocks in between moves no due date. */
function addDays(atMs: number, days: number, timeZone: string): number {
  const start = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  return start.add({ days }).epochMilliseconds;
}

/** An open invoice is overdue from the day after its due date, in the account's time zone (7.3). */
export function isOverdue(status: InvoiceStatus, dueAtMs: number, timeZone: string, nowMs: number): boolean {
  return status === "open" && localDay(nowMs, timeZone) > localDay(dueAtMs, timeZone);
}
