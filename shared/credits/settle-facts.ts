/**
 * From facts to documents (rules, section 7): each fact of an account becomes an invoice, a credit note or an
 * adjustment exactly once, in order of number. Facts that are settled already change nothing.
 */
import type { Adjustment } from "./adjustments.ts";
import type { BillingFact } from "./billing-facts.ts";
import {
  aboutSubject,
  type BillingContext,
  type BookedInvoice,
  type BookedPeriod,
  type Books,
  freeSource,
  issueInvoice,
  isUnvoidedOverage,
  periodStarting,
  replaceInvoice,
  settledByCredits,
} from "./books.ts";
import { issueClosing } from "./closing-note.ts";
import { chargedPacks, creditCancelled } from "./credit-note.ts";
import { composeDocument, taxOn } from "./invoice.ts";
import { overageLine, overageSource } from "./overage-invoice.ts";
import { joinPacks, packLines, packNote, withoutPacks } from "./pack-invoice.ts";

type Fact<Kind extends BillingFact["kind"]> = Extract<BillingFact, { readonly kind: Kind }>;

/** `facts` in order of number. Throws where one contradicts the books: then nothing may be stored. */
export function settleFacts(books: Books, facts: readonly BillingFact[], context: BillingContext): Books {
  let after = books;
  for (const fact of facts) {
    if (fact.number <= after.settledFact) continue;
    after = { ...settleFact(after, fact, context), settledFact: fact.number };
  }
  return after;
}

function settleFact(books: Books, fact: BillingFact, context: BillingContext): Books {
  switch (fact.kind) {
    case "period_closed":
      return closePeriod(books, fact, context);
    case "packs_charged":
      return chargePacks(books, fact, context);
    case "charge_final":
      return finalise(books, fact);
    case "charge_cancelled":
      return creditCancelled(books, { ...fact, factNumber: fact.number }, context);
    case "overage_corrected":
      return grantCorrection(books, fact);
    case "account_closed":
      return issueClosing(
        { ...books, closed: true },
        { ...fact, source: `closing:${fact.number}`, factNumber: fact.number },
        context,
      );
  }
}

/** The figures of the period, and its overage invoice where there is something to bill (7.1). */
function closePeriod(
  books: Books,
  { closed, number }: Fact<"period_closed">,
  context: BillingContext,
): Books {
  if (periodStarting(books, closed.startMs) !== undefined) return books;
  const period: BookedPeriod = { figures: closed, corrected: null };
  const after = { ...books, periods: [...books.periods, period] };
  const line = overageLine(closed, closed);
  if (line === null) return after;
  return issueInvoice(
    after,
    {
      kind: "overage",
      cause: null,
      source: overageSource(closed.startMs),
      subject: overageSource(closed.startMs),
      factNumber: number,
      issuedAtMs: closed.endMs,
      currency: closed.currency,
      timeZone: closed.timeZone,
      period: { name: closed.period, startMs: closed.startMs, endMs: closed.endMs },
      lines: [line],
      notes: [],
      growsUntilMs: null,
    },
    context,
  );
}

/**
 * The invoice of packs, or more of them on the growing one (7.2). A fact names all packs of its charge that the
 * account has; what was cancelled is none of them any more and stays on the invoice.
 */
function chargePacks(books: Books, fact: Fact<"packs_charged">, context: BillingContext): Books {
  const documents = aboutSubject(books, fact.source).filter(
    ({ document }) => document.kind === "packs" && document.period.startMs === fact.period.startMs,
  );
  const added = documents.reduce(
    (lines, invoice) => withoutPacks(lines, chargedPacks(books, invoice)),
    packLines(fact.packs),
  );
  if (added.length === 0) return books;
  const growing = documents.find(({ growsUntilMs }) => growsUntilMs !== null);
  if (growing !== undefined) return replaceInvoice(books, grown(growing, added));
  // A renewal is due with the reset, however late it is noticed.
  const issuedAtMs = fact.cause === "renewal" ? fact.period.startMs : fact.atMs;
  return issueInvoice(
    books,
    {
      kind: "packs",
      cause: fact.cause,
      source: freeSource(books, fact.source),
      subject: fact.source,
      factNumber: fact.number,
      issuedAtMs,
      currency: fact.currency,
      timeZone: fact.timeZone,
      period: fact.period,
      lines: added,
      notes: [packNote(fact.cause)],
      growsUntilMs: fact.growsUntilMs,
    },
    context,
  );
}

/** More packs on a growing invoice; it keeps its parties, its tax and what it took of adjustments. */
function grown(invoice: BookedInvoice, added: ReturnType<typeof packLines>): BookedInvoice {
  const { document } = invoice;
  const { lines, tax } = document;
  const packs = lines.filter(({ unit }) => unit === "packs");
  const others = lines.filter(({ unit }) => unit !== "packs");
  const composed = composeDocument(document, [...joinPacks(packs, added), ...others], (subtotalMinor) =>
    taxOn(subtotalMinor, tax),
  );
  return settledByCredits({ ...invoice, document: composed });
}

/** The charge grows no more; also where the clock has said so before, this fact is what tells of it. */
function finalise(books: Books, { source, number }: Fact<"charge_final">): Books {
  const last = aboutSubject(books, source).findLast(({ document }) => document.kind === "packs");
  if (last === undefined) return books;
  return replaceInvoice(books, { ...last, growsUntilMs: null, factNumber: number });
}

/** Documents whose day is over by the account's clock are final, also where nobody has said so yet (7.2). */
export function finaliseByClock(books: Books, nowMs: number): Books {
  const over = ({ growsUntilMs }: BookedInvoice) => growsUntilMs !== null && growsUntilMs <= nowMs;
  return books.invoices
    .filter(over)
    .reduce((after, invoice) => replaceInvoice(after, { ...invoice, growsUntilMs: null }), books);
}

/**
 * The corrected figures, and what billing owes for them: open for the next invoice, dropped where the period's
 * invoice is void, since nothing of it is owed by the account (3.8).
 */
function grantCorrection(books: Books, fact: Fact<"overage_corrected">): Books {
  const period = periodStarting(books, fact.periodStartMs);
  if (period === undefined) throw new Error(`the corrected period ${fact.period} was never closed`);
  if (books.adjustments.some(({ source }) => source === fact.source)) return books;
  const invoice = aboutSubject(books, overageSource(fact.periodStartMs)).find(isUnvoidedOverage);
  const dropped = invoice === undefined;
  const adjustment: Adjustment = {
    source: fact.source,
    atMs: fact.atMs,
    periodStartMs: fact.periodStartMs,
    period: fact.period,
    eventId: fact.eventId,
    correctedMicros: fact.correctedMicros,
    grantedMinor: fact.creditMinor,
    openMinor: dropped ? 0 : fact.creditMinor,
    droppedMinor: dropped ? fact.creditMinor : 0,
    correctsInvoiceId: invoice?.invoiceId ?? null,
  };
  const periods = books.periods.map((known) =>
    known === period ? { ...known, corrected: fact.corrected } : known,
  );
  return { ...books, periods, adjustments: [...books.adjustments, adjustment] };
}
