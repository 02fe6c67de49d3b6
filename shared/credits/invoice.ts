/**
 * Documents of billing: what an invoice or a credit note says (rules, section 7.3), its number, dates, sums and tax.
 * Once issued, a document never changes; the number is given where it is stored.
 */
import { Temporal } from "temporal-polyfill";
import { modeOf } from "../account-key.ts";
import type { ChargeCause } from "./billing-facts.ts";
import type { InvoiceSeries, Seller } from "./catalog.ts";
import { percentOfMinor } from "./money.ts";
import { localDay, type PeriodSpan } from "./period.ts";

export const INVOICE_STATUSES = ["open", "paid", "void", "uncollectible"] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

/** `adjustment`: credits that were taken back and met no other invoice before the account was closed. */
export const INVOICE_KINDS = ["overage", "packs", "adjustment", "credit_note"] as const;
export type InvoiceKind = (typeof INVOICE_KINDS)[number];

export const LINE_UNITS = ["credits", "packs", "adjustment"] as const;
export type LineUnit = (typeof LINE_UNITS)[number];

export interface Buyer {
  readonly name: string;
  readonly address: string;
  readonly taxIds: readonly string[];
  readonly purchaseOrder: string | null;
}

/** Quantity × unit price = amount, rounded once. */
export interface InvoiceLine {
  readonly description: string;
  readonly unit: LineUnit;
  /** Of the unit, in millionths; below 0 where a credit note takes it back. */
  readonly quantityMicros: number;
  /** Decimal string in major units. */
  readonly unitPrice: string;
  readonly amountMinor: number;
  /** Of a line of packs: which. */
  readonly pack?: string;
  /** Of a line that takes or gives back a part of an adjustment: its source. */
  readonly adjustment?: string;
}

export interface InvoiceTax {
  readonly name: string;
  /** Decimal string. */
  readonly percent: string;
  readonly amountMinor: number;
}

/** The invoice that a credit note is for. */
export interface CreditedInvoice {
  readonly invoiceId: string;
  readonly numberPrefix: string;
  /** null: it is stored together with the credit note, which then learns its number. */
  readonly number: number | null;
}

/** What a document says besides its lines and sums. */
export interface DocumentHead {
  readonly kind: InvoiceKind;
  /** Of packs: why they are charged. */
  readonly cause: ChargeCause | null;
  readonly numberPrefix: string;
  readonly account: string;
  readonly seller: Seller;
  readonly buyer: Buyer;
  readonly currency: string;
  /** Of the account: in it, issue and due dates are calendar days. */
  readonly timeZone: string;
  readonly period: PeriodSpan;
  readonly credited: CreditedInvoice | null;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

/** What is fixed once an invoice is issued, number and dates apart. All amounts are in `currency`. */
export interface InvoiceDocument extends DocumentHead {
  readonly lines: readonly InvoiceLine[];
  readonly subtotalMinor: number;
  readonly tax: InvoiceTax | null;
  readonly totalMinor: number;
}

export interface TaxTerms {
  readonly name: string;
  readonly percent: string;
}

/** What an invoice says about the account and the operator besides what is billed. */
export interface InvoiceTerms {
  readonly account: string;
  readonly seller: Seller;
  readonly buyer: Buyer;
  readonly netDays: number;
  readonly tax: TaxTerms | null;
  readonly series: string;
  readonly numberPrefix: string;
}

const NUMBER_DIGITS_MIN = 4;

/** "ACME-0007". */
export function invoiceNumber(prefix: string, number: number): string {
  return `${prefix}-${String(number).padStart(NUMBER_DIGITS_MIN, "0")}`;
}

/**
 * The series in which the account's documents count, and their prefix (7.3): the account's own, or the operator's
 * one. Test mode has series of its own.
 */
export function numberingOf(
  accountKey: string,
  accountPrefix: string,
  invoiceSeries: InvoiceSeries | undefined,
): Pick<InvoiceTerms, "series" | "numberPrefix"> {
  return invoiceSeries?.scope === "operator"
    ? { series: `operator:${modeOf(accountKey)}`, numberPrefix: invoiceSeries.prefix }
    : { series: accountKey, numberPrefix: accountPrefix };
}

/** Sum of the lines in minor units. Throws RangeError where it leaves the safe integers. */
export function sumMinor(lines: readonly Pick<InvoiceLine, "amountMinor">[]): number {
  return lines.reduce((sum, line) => safeMinor(sum + line.amountMinor), 0);
}

export function safeMinor(amountMinor: number): number {
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError("the amount is too large");
  return amountMinor;
}

/** The tax on a subtotal as its own line, half up. */
export function taxOn(subtotalMinor: number, tax: TaxTerms | null): InvoiceTax | null {
  if (tax === null) return null;
  return { name: tax.name, percent: tax.percent, amountMinor: percentOfMinor(subtotalMinor, tax.percent) };
}

export function composeDocument(
  head: DocumentHead,
  lines: readonly InvoiceLine[],
  taxOf: (subtotalMinor: number) => InvoiceTax | null,
): InvoiceDocument {
  const subtotalMinor = sumMinor(lines);
  const tax = taxOf(subtotalMinor);
  const totalMinor = safeMinor(subtotalMinor + (tax?.amountMinor ?? 0));
  return { ...head, lines, subtotalMinor, tax, totalMinor };
}

/** Calendar days in the account's time zone: a change of the clocks in between moves no due date. */
export function addDays(atMs: number, days: number, timeZone: string): number {
  const start = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  return start.add({ days }).epochMilliseconds;
}

/** An open invoice is overdue from the day after its due date, in the account's time zone (7.3). */
export function isOverdue(status: InvoiceStatus, dueAtMs: number, timeZone: string, nowMs: number): boolean {
  return status === "open" && localDay(nowMs, timeZone) > localDay(dueAtMs, timeZone);
}
