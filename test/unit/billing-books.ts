/** Books of a billed account and facts by hand, for the tests of the documents of billing. */
import type { BillingEvent, BillingFact, PackCharge } from "../../shared/credits/billing-facts.ts";
import type { BillingContext, BookedInvoice, Books } from "../../shared/credits/books.ts";
import type { InvoiceTerms } from "../../shared/credits/invoice.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import { settleFacts } from "../../shared/credits/settle-facts.ts";

export const CREDIT = 1_000_000;
export const DAY_MS = 86_400_000;

/** Worked example 2: overage 237.5, billed 230 at 0.010 USD. */
export const NOVEMBER: ClosedPeriod = {
  period: "2026-11-14",
  startMs: Date.parse("2026-11-14T00:00:00Z"),
  endMs: Date.parse("2026-12-14T00:00:00Z"),
  seqBefore: 0,
  seqLast: 9,
  setting: "pay_as_you_go",
  limitMicros: 6000 * CREDIT,
  usedMicros: 6237.5 * CREDIT,
  heldMicros: 0,
  overdraftMicros: 0,
  overageMicros: 237.5 * CREDIT,
  billableMicros: 237.5 * CREDIT,
  billedMicros: 230 * CREDIT,
  expiredMicros: 0,
  overagePrice: "0.010",
  packsAmountMinor: 0,
  currency: "USD",
  timeZone: "UTC",
};

export const DECEMBER = {
  name: "2026-12-14",
  startMs: Date.parse("2026-12-14T00:00:00Z"),
  endMs: Date.parse("2027-01-14T00:00:00Z"),
};

export const TERMS: InvoiceTerms = {
  account: "acme",
  seller: { name: "Seller Ltd", address: "1 Road", taxIds: ["GB123"] },
  buyer: { name: "Acme", address: "2 Street", taxIds: ["DE456"], purchaseOrder: "PO-9" },
  netDays: 30,
  tax: null,
  series: "live:acme",
  numberPrefix: "ACME",
};

export const EMPTY: Books = { invoices: [], adjustments: [], periods: [], settledFact: 0, closed: false };

let ids = 0;

export function contextWith(terms: Partial<InvoiceTerms> = {}, nowMs = DECEMBER.startMs): BillingContext {
  return {
    terms: { ...TERMS, ...terms },
    nowMs,
    newInvoiceId: () => {
      ids += 1;
      return `inv_${ids}`;
    },
  };
}

/** Packs of 1,000 credits for 10 USD each. */
export function packs(quantity: number, more: Partial<PackCharge> = {}): PackCharge {
  return {
    pack: "p1000",
    name: "1,000 credits",
    creditsMicros: 1000 * CREDIT,
    quantity,
    price: { amountMinor: 1000, currency: "USD" },
    ...more,
  };
}

/** An account's story told fact by fact; numbers count up, and each document gets the next number of its series. */
export class Story {
  books: Books = EMPTY;
  readonly context: BillingContext;
  #number = 0;
  #atMs = DECEMBER.startMs + DAY_MS;

  constructor(context: BillingContext = contextWith()) {
    this.context = context;
  }

  fact(event: BillingEvent, more: Partial<BillingFact> = {}): BillingFact {
    this.#number += 1;
    this.#atMs += 1000;
    const { currency, timeZone } = NOVEMBER;
    return { ...event, number: this.#number, atMs: this.#atMs, currency, timeZone, ...more } as BillingFact;
  }

  tell(event: BillingEvent, more: Partial<BillingFact> = {}): void {
    this.change((books) => settleFacts(books, [this.fact(event, more)], this.context));
  }

  change(change: (books: Books) => Books): void {
    this.books = numbered(change(this.books));
  }

  closeNovember(more: Partial<ClosedPeriod> = {}): void {
    this.tell({ kind: "period_closed", closed: { ...NOVEMBER, ...more } });
  }

  buy(quantity: number, source = `purchase:pack_${this.#number + 1}`): BookedInvoice {
    this.tell(charge(source, [packs(quantity)]));
    return this.last();
  }

  /** A correction of November; `billed` is what is billable afterwards, in whole increments. */
  correct(credits: number, creditMinor: number, billed = 230): void {
    const source = `cor_${this.#number + 1}`;
    const corrected = {
      usedMicros: (6000 + billed) * CREDIT,
      overdraftMicros: 0,
      overageMicros: billed * CREDIT,
      billableMicros: billed * CREDIT,
      billedMicros: billed * CREDIT,
    };
    this.tell({
      kind: "overage_corrected",
      source,
      periodStartMs: NOVEMBER.startMs,
      period: NOVEMBER.period,
      eventId: `event ${this.#number}`,
      correctedMicros: credits * CREDIT,
      creditMinor,
      corrected,
    });
  }

  last(): BookedInvoice {
    const last = this.books.invoices.at(-1);
    if (last === undefined) throw new Error("nothing was issued");
    return last;
  }

  /** Kind, status and total of each document, in order. */
  get documents(): readonly (readonly [string, string, number])[] {
    return this.books.invoices.map(({ document, status }) => [document.kind, status, document.totalMinor]);
  }

  get openMinor(): number {
    return this.books.adjustments.reduce((sum, { openMinor }) => sum + openMinor, 0);
  }

  /** What the account has been asked for, less what it was credited and is still owed; before tax. */
  get netMinor(): number {
    const asked = this.books.invoices.reduce((sum, { document }) => sum + document.subtotalMinor, 0);
    return asked - this.openMinor;
  }
}

/** As the store numbers them. */
function numbered(books: Books): Books {
  const invoices = books.invoices.map((invoice, index) =>
    invoice.number === null ? { ...invoice, number: index + 1 } : invoice,
  );
  return { ...books, invoices };
}

export function charge(
  source: string,
  charged: readonly PackCharge[],
  more: Partial<Extract<BillingEvent, { kind: "packs_charged" }>> = {},
): BillingEvent {
  return {
    kind: "packs_charged",
    cause: "purchase",
    source,
    packs: charged,
    period: DECEMBER,
    growsUntilMs: null,
    ...more,
  };
}

export function cancellation(
  chargeSource: string,
  cancelled: readonly PackCharge[],
  source = `cancel:${chargeSource}`,
  period = DECEMBER,
): BillingEvent {
  return {
    kind: "charge_cancelled",
    source,
    chargeSource,
    packs: cancelled,
    period,
    reason: "bought by mistake",
  };
}
