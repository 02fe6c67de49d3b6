/**
 * The invoices that an account is to expect, as they would be now (rules, section 7.5): made by the same rules as the
 * real ones, from what has accrued so far.
 */
import type { Balance } from "./balance.ts";
import type { PackCharge } from "./billing-facts.ts";
import { type BillingContext, type BookedInvoice, type Books, type Draft, issueInvoice } from "./books.ts";
import type { InvoiceLine } from "./invoice.ts";
import { overageLine } from "./overage-invoice.ts";
import { packLines, packNote } from "./pack-invoice.ts";
import { wholeIncrementsMicros } from "./reset.ts";

export interface ExpectedInvoice {
  /** When it is issued or, of one that grows, final: the reset, or the end of the local day. */
  readonly atMs: number;
  /** The growing invoice itself, which has a number already; null: it is still to be issued. */
  readonly growing: BookedInvoice | null;
  readonly invoice: BookedInvoice;
}

/** In the order in which they come. `books` have what is open and what grows. */
export function expectedInvoices(
  books: Books,
  balance: Balance,
  timeZone: string,
  context: BillingContext,
): readonly ExpectedInvoice[] {
  const growing = books.invoices.flatMap((invoice) =>
    invoice.growsUntilMs === null ? [] : [{ atMs: invoice.growsUntilMs, growing: invoice, invoice }],
  );
  const drafts = [overageDraft(balance, timeZone), renewalDraft(balance, timeZone)];
  const known = new Set(books.invoices);
  const after = drafts.reduce(
    (all, draft) => (draft === null ? all : issueInvoice(all, draft, context)),
    books,
  );
  const atReset = after.invoices
    .filter((invoice) => !known.has(invoice))
    .map((invoice) => ({ atMs: balance.resetAtMs, growing: null, invoice }));
  return [...growing, ...atReset].toSorted((a, b) => a.atMs - b.atMs);
}

/** The invoice that a purchase would have now; null where there is nothing to pay. */
export function purchaseInvoice(
  books: Books,
  balance: Balance,
  packs: readonly PackCharge[],
  timeZone: string,
  context: BillingContext,
): BookedInvoice | null {
  const cause = "purchase" as const;
  const draft: Draft = {
    ...draftAtReset(balance, timeZone, packLines(packs)),
    kind: "packs",
    cause,
    issuedAtMs: context.nowMs,
    period: { name: balance.period, startMs: balance.periodStartMs, endMs: balance.resetAtMs },
    notes: [packNote(cause)],
  };
  const after = issueInvoice(books, draft, context);
  return after === books ? null : (after.invoices.at(-1) ?? null);
}

/** Overage so far; a closed account has had its last invoice. */
function overageDraft(balance: Balance, timeZone: string): Draft | null {
  const { billableMicros, period, periodStartMs, resetAtMs, closedAtMs } = balance;
  const billedMicros = wholeIncrementsMicros(billableMicros);
  const line = closedAtMs === null ? overageLine(balance, { billableMicros, billedMicros }) : null;
  if (line === null) return null;
  const span = { name: period, startMs: periodStartMs, endMs: resetAtMs };
  return {
    ...draftAtReset(balance, timeZone, [line]),
    kind: "overage",
    cause: null,
    period: span,
    notes: [],
  };
}

/** The packs of the next period, in advance. */
function renewalDraft(balance: Balance, timeZone: string): Draft | null {
  const lines = packLines(balance.next?.packs ?? []);
  if (balance.next === null || lines.length === 0) return null;
  const cause = "renewal" as const;
  const { period } = balance.next;
  return {
    ...draftAtReset(balance, timeZone, lines),
    kind: "packs",
    cause,
    period,
    notes: [packNote(cause)],
  };
}

function draftAtReset({ currency, resetAtMs }: Balance, timeZone: string, lines: readonly InvoiceLine[]) {
  return {
    source: "expected",
    subject: "expected",
    factNumber: null,
    issuedAtMs: resetAtMs,
    currency,
    timeZone,
    lines,
    growsUntilMs: null,
  };
}
