/**
 * What billing keeps of one account: documents, adjustments, closed periods. Every change of them is a pure function
 * from books to books; what differs afterwards is stored in one step.
 */
import type { Adjustment } from "./adjustments.ts";
import { takeAdjustments } from "./adjustments.ts";
import type { ChargeCause, CorrectedFigures } from "./billing-facts.ts";
import {
  addDays,
  composeDocument,
  type DocumentHead,
  type InvoiceDocument,
  type InvoiceKind,
  type InvoiceLine,
  type InvoiceStatus,
  type InvoiceTerms,
  taxOn,
} from "./invoice.ts";
import type { PeriodSpan } from "./period.ts";
import type { ClosedPeriod } from "./reset.ts";

/** A document as billing keeps it. */
export interface BookedInvoice {
  readonly invoiceId: string;
  /** Names the document within the account. */
  readonly source: string;
  /** Names what is charged or credited: all documents about one charge have it. */
  readonly subject: string;
  readonly series: string;
  /** null until it is stored: numbers are given there. */
  readonly number: number | null;
  readonly issuedAtMs: number;
  readonly dueAtMs: number;
  readonly document: InvoiceDocument;
  readonly status: InvoiceStatus;
  readonly paymentReference: string | null;
  readonly voidReason: string | null;
  /** Until then packs may join; null: final, the document never changes (7.2). */
  readonly growsUntilMs: number | null;
  /** The fact that issued it or made it final: telling of it again names the same documents. */
  readonly factNumber: number | null;
}

export interface BookedPeriod {
  readonly figures: ClosedPeriod;
  /** After the last correction; null: none. The billed figures stay (3.8). */
  readonly corrected: CorrectedFigures | null;
}

export interface Books {
  /** Those about the same charges as the change. */
  readonly invoices: readonly BookedInvoice[];
  /** In order of granting; at least those that are open. */
  readonly adjustments: readonly Adjustment[];
  /** The newest and those that the change is about. */
  readonly periods: readonly BookedPeriod[];
  /** Facts up to this number are settled. */
  readonly settledFact: number;
  /** No further invoice will take what is open (2.6). */
  readonly closed: boolean;
}

/** From outside the books. */
export interface BillingContext {
  readonly terms: InvoiceTerms;
  /** By the account's clock. */
  readonly nowMs: number;
  readonly newInvoiceId: () => string;
}

/** A document to be issued; currency and time zone are those of the fact. */
export interface Draft {
  readonly kind: InvoiceKind;
  readonly cause: ChargeCause | null;
  readonly source: string;
  readonly subject: string;
  readonly factNumber: number | null;
  readonly issuedAtMs: number;
  readonly currency: string;
  readonly timeZone: string;
  readonly period: PeriodSpan;
  readonly lines: readonly InvoiceLine[];
  readonly notes: readonly string[];
  readonly growsUntilMs: number | null;
}

/** Says why nothing has to be paid. */
export const SETTLED_BY_CREDITS = "settled by earlier credits";

/** Issues an invoice: it takes open adjustments and adds the account's tax; without an amount there is none. */
export function issueInvoice(books: Books, draft: Draft, context: BillingContext): Books {
  const charged = draft.lines.reduce((sum, line) => sum + line.amountMinor, 0);
  if (charged === 0) return books;
  const taken = takeAdjustments(books.adjustments, charged, draft.currency);
  const lines = [...draft.lines, ...taken.lines];
  const document = composeDocument(headOf(draft, context.terms), lines, (subtotalMinor) =>
    taxOn(subtotalMinor, context.terms.tax),
  );
  const dueAtMs = addDays(draft.issuedAtMs, context.terms.netDays, draft.timeZone);
  const invoice = settledByCredits({ ...bookedOf(draft, document, context), dueAtMs });
  return { ...books, adjustments: taken.adjustments, invoices: [...books.invoices, invoice] };
}

/** Where credits cover all of it, it is paid at once; a growing invoice is open again when it has grown beyond them. */
export function settledByCredits(invoice: BookedInvoice): BookedInvoice {
  return invoice.document.totalMinor === 0
    ? { ...invoice, status: "paid", paymentReference: SETTLED_BY_CREDITS }
    : { ...invoice, status: "open", paymentReference: null };
}

export function headOf(draft: Draft, terms: InvoiceTerms): DocumentHead {
  return {
    kind: draft.kind,
    cause: draft.cause,
    numberPrefix: terms.numberPrefix,
    account: terms.account,
    seller: terms.seller,
    buyer: terms.buyer,
    currency: draft.currency,
    timeZone: draft.timeZone,
    period: draft.period,
    credited: null,
    notes: draft.notes,
  };
}

/** An open document without a number, due at once. */
export function bookedOf(draft: Draft, document: InvoiceDocument, context: BillingContext): BookedInvoice {
  return {
    invoiceId: context.newInvoiceId(),
    source: draft.source,
    subject: draft.subject,
    series: context.terms.series,
    number: null,
    issuedAtMs: draft.issuedAtMs,
    dueAtMs: draft.issuedAtMs,
    document,
    status: "open",
    paymentReference: null,
    voidReason: null,
    growsUntilMs: draft.growsUntilMs,
    factNumber: draft.factNumber,
  };
}

export function replaceInvoice(books: Books, changed: BookedInvoice): Books {
  const invoices = books.invoices.map((invoice) =>
    invoice.invoiceId === changed.invoiceId ? changed : invoice,
  );
  return { ...books, invoices };
}

/** Documents about one charge, oldest first. */
export function aboutSubject(books: Books, subject: string): readonly BookedInvoice[] {
  return books.invoices.filter((invoice) => invoice.subject === subject);
}

/** The credit notes for an invoice. */
export function creditNotesFor(books: Books, invoiceId: string): readonly BookedInvoice[] {
  return books.invoices.filter(({ document }) => document.credited?.invoiceId === invoiceId);
}

/** `base`, or "base#2" and so on where documents have it already. */
export function freeSource(books: Books, base: string): string {
  const taken = new Set(books.invoices.map(({ source }) => source));
  let source = base;
  for (let count = 2; taken.has(source); count += 1) source = `${base}#${count}`;
  return source;
}

export function periodStarting(books: Books, startMs: number): BookedPeriod | undefined {
  return books.periods.find(({ figures }) => figures.startMs === startMs);
}

export function isUnvoidedOverage({ document, status }: BookedInvoice): boolean {
  return document.kind === "overage" && status !== "void";
}
