/**
 * What an operator does with a document (rules, section 7.3): note a payment, write it off, void it, bill a voided
 * period again. The document never changes; doing the same again changes nothing.
 */
import { undoGranted } from "./adjustments.ts";
import {
  aboutSubject,
  type BillingContext,
  type BookedInvoice,
  type Books,
  freeSource,
  issueInvoice,
  isUnvoidedOverage,
  periodStarting,
  replaceInvoice,
  SETTLED_BY_CREDITS,
} from "./books.ts";
import { issueClosing } from "./closing-note.ts";
import { isCredited, voidWithNote } from "./credit-note.ts";
import { overageLine, overageSource } from "./overage-invoice.ts";

export type StatusRefusal =
  /** Packs may still join it. */
  | { readonly kind: "not_final"; readonly untilMs: number }
  | { readonly kind: "already_paid"; readonly reference: string | null }
  | { readonly kind: "already_void"; readonly reason: string | null }
  /** A credit note, or the last invoice of a closed account. */
  | { readonly kind: "not_voidable" }
  /** Credit notes have taken back all of it, or more where credits had paid a part: nothing is left to void. */
  | { readonly kind: "already_credited" }
  | { readonly kind: "not_a_claim" };

export interface StatusChange {
  readonly kind: "changed";
  readonly books: Books;
}

/** Notes a payment, of an invoice by the account or of a credit note to it; one that comes late is one too. */
export function payInvoice(
  books: Books,
  invoice: BookedInvoice,
  reference: string,
): StatusChange | StatusRefusal {
  const { status, paymentReference, growsUntilMs, voidReason } = invoice;
  if (growsUntilMs !== null) return { kind: "not_final", untilMs: growsUntilMs };
  if (status === "void") return { kind: "already_void", reason: voidReason };
  if (status === "paid") {
    return paymentReference === reference
      ? { kind: "changed", books }
      : { kind: "already_paid", reference: paymentReference };
  }
  return {
    kind: "changed",
    books: replaceInvoice(books, { ...invoice, status: "paid", paymentReference: reference }),
  };
}

/** Nobody expects the payment any more; if it comes all the same, the invoice can still be paid. */
export function writeOffInvoice(books: Books, invoice: BookedInvoice): StatusChange | StatusRefusal {
  const { status, paymentReference, growsUntilMs, voidReason, document } = invoice;
  if (document.kind === "credit_note") return { kind: "not_a_claim" };
  if (growsUntilMs !== null) return { kind: "not_final", untilMs: growsUntilMs };
  if (status === "void") return { kind: "already_void", reason: voidReason };
  if (status === "paid") return { kind: "already_paid", reference: paymentReference };
  if (status === "uncollectible") return { kind: "changed", books };
  return { kind: "changed", books: replaceInvoice(books, { ...invoice, status: "uncollectible" }) };
}

/**
 * Voids an invoice that no money was paid for, with a credit note for the whole. It removes no packs and changes no
 * usage. Adjustments that it took are open again; those that corrected it are undone, since nothing of it is owed.
 */
export function voidInvoice(
  books: Books,
  invoice: BookedInvoice,
  reason: string,
  context: BillingContext,
): StatusChange | StatusRefusal {
  const { status, paymentReference, growsUntilMs, voidReason, document } = invoice;
  if (document.kind === "credit_note" || document.kind === "adjustment") return { kind: "not_voidable" };
  if (growsUntilMs !== null) return { kind: "not_final", untilMs: growsUntilMs };
  if (status === "void") {
    return voidReason === reason ? { kind: "changed", books } : { kind: "already_void", reason: voidReason };
  }
  if (status === "paid" && paymentReference !== SETTLED_BY_CREDITS) {
    return { kind: "already_paid", reference: paymentReference };
  }
  if (isCredited(books, invoice)) return { kind: "already_credited" };
  const voided = voidWithNote(books, invoice, reason, context);
  const undone = {
    ...voided,
    adjustments: undoGranted(voided.adjustments, invoice.invoiceId, context.nowMs),
  };
  if (!books.closed) return { kind: "changed", books: undone };
  // No further invoice will take what is open now.
  const { currency, timeZone } = document;
  const source = `closing:${invoice.invoiceId}`;
  const closing = { source, factNumber: null, atMs: context.nowMs, currency, timeZone };
  return { kind: "changed", books: issueClosing(undone, closing, context) };
}

export type ReinvoiceRefusal =
  | { readonly kind: "never_invoiced" }
  | { readonly kind: "already_invoiced"; readonly invoiceId: string }
  /** After all corrections nothing is left to bill. */
  | { readonly kind: "nothing_to_bill" };

export interface Reinvoiced {
  readonly kind: "reinvoiced";
  readonly books: Books;
  readonly created: boolean;
  readonly invoice: BookedInvoice;
}

/** Bills a closed period again after its invoice was voided, with the figures as corrected by now. */
export function reinvoicePeriod(
  books: Books,
  startMs: number,
  context: BillingContext,
): Reinvoiced | ReinvoiceRefusal {
  const period = periodStarting(books, startMs);
  const subject = overageSource(startMs);
  const documents = aboutSubject(books, subject).filter(({ document }) => document.kind === "overage");
  if (period === undefined || documents.length === 0) return { kind: "never_invoiced" };
  const current = documents.find(isUnvoidedOverage);
  if (current !== undefined) {
    return current.source === subject
      ? { kind: "already_invoiced", invoiceId: current.invoiceId }
      : { kind: "reinvoiced", books, created: false, invoice: current };
  }
  const { figures, corrected } = period;
  const line = overageLine(figures, corrected ?? figures);
  if (line === null) return { kind: "nothing_to_bill" };
  const after = issueInvoice(
    books,
    {
      kind: "overage",
      cause: null,
      source: freeSource(books, subject),
      subject,
      factNumber: null,
      issuedAtMs: context.nowMs,
      currency: figures.currency,
      timeZone: figures.timeZone,
      period: { name: figures.period, startMs: figures.startMs, endMs: figures.endMs },
      lines: [line],
      notes: ["Bills the period again after its invoice was voided."],
      growsUntilMs: null,
    },
    context,
  );
  const invoice = after.invoices.at(-1);
  if (invoice === undefined) throw new Error("no invoice was issued");
  return { kind: "reinvoiced", books: after, created: true, invoice };
}
