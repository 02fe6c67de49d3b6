/** The last document of a closed account: what is still owed, to it or by it (rules, sections 2.6 and 3.8). */
import { openMinorOf, takeAllAdjustments } from "./adjustments.ts";
import { type BillingContext, type Books, bookedOf, type Draft, headOf } from "./books.ts";
import { addDays, composeDocument, taxOn } from "./invoice.ts";
import type { PeriodSpan } from "./period.ts";

export interface Closing {
  readonly source: string;
  readonly factNumber: number | null;
  readonly atMs: number;
  readonly currency: string;
  readonly timeZone: string;
}

/** A credit note of all that is open, with the account's tax; an invoice where more was taken back than is owed. */
export function issueClosing(books: Books, closing: Closing, context: BillingContext): Books {
  const openMinor = openMinorOf(books.adjustments);
  if (openMinor === 0) return books;
  const { source, factNumber, atMs, currency, timeZone } = closing;
  const { adjustments, lines } = takeAllAdjustments(books.adjustments, currency);
  const isCredit = openMinor > 0;
  const draft: Draft = {
    kind: isCredit ? "credit_note" : "adjustment",
    cause: null,
    source,
    subject: source,
    factNumber,
    issuedAtMs: atMs,
    currency,
    timeZone,
    period: lastPeriod(books, atMs),
    lines,
    notes: ["The account is closed."],
    growsUntilMs: null,
  };
  const { tax, netDays } = context.terms;
  const document = composeDocument(headOf(draft, context.terms), lines, (subtotalMinor) =>
    taxOn(subtotalMinor, tax),
  );
  const booked = bookedOf(draft, document, context);
  const dueAtMs = isCredit ? atMs : addDays(atMs, netDays, timeZone);
  return { ...books, adjustments, invoices: [...books.invoices, { ...booked, dueAtMs }] };
}

/** The newest closed period; where none was ever closed, nothing is owed for one either. */
function lastPeriod({ periods }: Books, atMs: number): PeriodSpan {
  const newest = periods.toSorted((a, b) => a.figures.startMs - b.figures.startMs).at(-1)?.figures;
  return newest === undefined
    ? { name: new Date(atMs).toISOString().slice(0, 10), startMs: atMs, endMs: atMs }
    : { name: newest.period, startMs: newest.startMs, endMs: newest.endMs };
}
