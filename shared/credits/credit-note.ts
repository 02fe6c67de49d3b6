/**
 * Credit notes for an invoice (rules, sections 5.10 and 7.3): for packs that were cancelled, and for the whole of a
 * voided one. All notes for an invoice together never credit more than it charged, tax included.
 */
import { giveBack, negated } from "./adjustments.ts";
import { MICROS_PER_UNIT } from "./amounts.ts";
import type { PackCharge } from "./billing-facts.ts";
import {
  aboutSubject,
  type BillingContext,
  type BookedInvoice,
  type Books,
  bookedOf,
  creditNotesFor,
  freeSource,
} from "./books.ts";
import {
  composeDocument,
  type InvoiceLine,
  type InvoiceTax,
  invoiceNumber,
  sumMinor,
  taxOn,
} from "./invoice.ts";
import { type Money, majorUnits } from "./money.ts";
import { countPacks, packLines, upToPacks, withoutPacks } from "./pack-invoice.ts";
import type { PeriodSpan } from "./period.ts";

interface NoteDraft {
  readonly invoice: BookedInvoice;
  readonly source: string;
  readonly factNumber: number | null;
  readonly atMs: number;
  readonly lines: readonly InvoiceLine[];
  readonly note: string;
}

/** A credit note for an invoice, with seller, buyer and tax as the invoice has them. */
function creditNote(books: Books, draft: NoteDraft, context: BillingContext): BookedInvoice {
  const { invoice, source, factNumber, atMs, lines, note } = draft;
  const { document } = invoice;
  const { currency, timeZone, period, cause, numberPrefix } = document;
  const credited = { invoiceId: invoice.invoiceId, numberPrefix, number: invoice.number };
  const head = {
    ...document,
    kind: "credit_note" as const,
    numberPrefix: context.terms.numberPrefix,
    credited,
    notes: [note],
  };
  const composed = composeDocument(head, lines, (subtotalMinor) => taxLeft(books, invoice, subtotalMinor));
  const common = { kind: "credit_note" as const, cause, currency, timeZone, period, lines, notes: [note] };
  const booked = {
    ...common,
    source,
    subject: invoice.subject,
    factNumber,
    issuedAtMs: atMs,
    growsUntilMs: null,
  };
  return bookedOf(booked, composed, context);
}

/** What makes the tax of the invoice and all its notes that on what is left of it: rounding adds nothing. */
function taxLeft(books: Books, invoice: BookedInvoice, subtotalMinor: number): InvoiceTax | null {
  const { tax } = invoice.document;
  if (tax === null) return null;
  const documents = [invoice, ...creditNotesFor(books, invoice.invoiceId)].map(({ document }) => document);
  const leftMinor = documents.reduce((sum, document) => sum + document.subtotalMinor, subtotalMinor);
  const taxedMinor = documents.reduce((sum, document) => sum + (document.tax?.amountMinor ?? 0), 0);
  const due = taxOn(leftMinor, tax);
  return due === null ? null : { ...due, amountMinor: due.amountMinor - taxedMinor };
}

export interface Cancellation {
  readonly source: string;
  readonly factNumber: number;
  readonly atMs: number;
  readonly chargeSource: string;
  readonly packs: readonly PackCharge[];
  /** For which they were charged: after a move to the west the charges of two periods may be of one local day. */
  readonly period: Pick<PeriodSpan, "startMs">;
  readonly reason: string;
}

/**
 * Credits packs that were cancelled at the price they were charged, on the invoices that charged them. None where
 * their invoice was voided: it was credited as a whole. What the invoice took of adjustments stays taken.
 */
export function creditCancelled(books: Books, cancelled: Cancellation, context: BillingContext): Books {
  let wanted = packLines(cancelled.packs);
  let after = books;
  for (const invoice of aboutSubject(books, cancelled.chargeSource)) {
    const { kind, period } = invoice.document;
    const isCharge = kind === "packs" && period.startMs === cancelled.period.startMs;
    if (!isCharge || invoice.status === "void") continue;
    const lines = upToPacks(wanted, chargedPacks(after, invoice));
    if (lines.length === 0) continue;
    wanted = withoutPacks(wanted, countPacks(lines));
    const note = creditNote(
      after,
      {
        invoice,
        source: freeSource(after, cancelled.source),
        factNumber: cancelled.factNumber,
        atMs: cancelled.atMs,
        lines: lines.map(negated),
        note: `Packs cancelled: ${cancelled.reason}`,
      },
      context,
    );
    after = { ...after, invoices: [...after.invoices, note] };
  }
  return after;
}

/** Packs that an invoice charged and that were not cancelled since; a void cancels none. */
export function chargedPacks(books: Books, invoice: BookedInvoice): ReadonlyMap<string, number> {
  const cancelled = creditNotesFor(books, invoice.invoiceId).filter(
    ({ source }) => source !== voidSource(invoice),
  );
  return countPacks([invoice, ...cancelled].flatMap(({ document }) => document.lines));
}

function voidSource({ invoiceId }: BookedInvoice): string {
  return `void:${invoiceId}`;
}

/**
 * Voids an invoice: a credit note for the whole, less what others have credited already, and what it had taken of
 * adjustments is open again. Where packs were credited that adjustments had paid, so much of these stays taken.
 */
export function voidWithNote(
  books: Books,
  invoice: BookedInvoice,
  reason: string,
  context: BillingContext,
): Books {
  const { lines, currency } = invoice.document;
  const notes = creditNotesFor(books, invoice.invoiceId);
  const credited = notes.map((note) => creditedLine(note, currency));
  const own = lines.filter(({ adjustment }) => adjustment === undefined);
  const taken = lines.filter(({ adjustment }) => adjustment !== undefined);
  const debits = taken.filter(({ amountMinor }) => amountMinor > 0);
  const roomMinor = sumMinor([...own, ...debits]) - sumMinor(credited);
  const back = giveBack(books.adjustments, taken, roomMinor, currency);
  const note = creditNote(
    books,
    {
      invoice,
      source: voidSource(invoice),
      factNumber: null,
      atMs: context.nowMs,
      lines: [...own.map(negated), ...credited, ...back.lines],
      note: `${nameOf(invoice)} is void: ${reason}`,
    },
    context,
  );
  const voided: BookedInvoice = { ...invoice, status: "void", voidReason: reason };
  const offsets = (known: BookedInvoice): BookedInvoice => ({
    ...known,
    status: "paid",
    paymentReference: `offsets ${nameOf(invoice)}`,
  });
  // Earlier notes were to be set off against it; left open they would pay back what nobody has paid.
  const setOff = notes.filter(({ status }) => status === "open");
  const after = books.invoices.map((known) => {
    if (known === invoice) return voided;
    return setOff.includes(known) ? offsets(known) : known;
  });
  return { ...books, adjustments: back.adjustments, invoices: [...after, offsets(note)] };
}

/** Whether credit notes have taken back the invoice's total, or more: adjustments may have paid a part of what they credit. */
export function isCredited(books: Books, { invoiceId, document }: BookedInvoice): boolean {
  const notes = creditNotesFor(books, invoiceId);
  const creditedMinor = notes.reduce((sum, note) => sum - note.document.totalMinor, 0);
  return notes.length > 0 && creditedMinor >= document.totalMinor;
}

function nameOf({ document, number }: BookedInvoice): string {
  return number === null ? "the invoice" : invoiceNumber(document.numberPrefix, number);
}

/** What an earlier note has credited before tax, so that it is not credited again. */
function creditedLine(note: BookedInvoice, currency: string): InvoiceLine {
  const money: Money = { amountMinor: 0 - note.document.subtotalMinor, currency };
  return {
    description: `Already credited with ${nameOf(note)}`,
    unit: "adjustment",
    quantityMicros: MICROS_PER_UNIT,
    unitPrice: majorUnits(money),
    amountMinor: money.amountMinor,
  };
}
