/** The documents that billing makes of the core's facts, and those of the model, in one form (rules, 7.1-7.3). */
import { openMinorOf } from "../../../shared/credits/adjustments.ts";
import type { BillingFact } from "../../../shared/credits/billing-facts.ts";
import type { BillingContext, BookedInvoice, Books } from "../../../shared/credits/books.ts";
import { settleFacts } from "../../../shared/credits/settle-facts.ts";
import type { Account } from "../model/account.ts";
import type { Line } from "../model/facts.ts";
import { documents } from "../model/invoices.ts";

const NO_BOOKS: Books = { invoices: [], adjustments: [], periods: [], settledFact: 0, closed: false };

/** Billing with the facts so far; each is settled once. */
export interface Billing {
  books: Books;
}

export function openBilling(): Billing {
  return { books: NO_BOOKS };
}

/** Facts come again and again until they are acknowledged: nothing may be made of them twice. */
export function settle(billing: Billing, facts: readonly BillingFact[]): void {
  const { settledFact } = billing.books;
  const context = contextOf(billing.books);
  billing.books = settleFacts(billing.books, facts.slice(Math.max(0, settledFact - 1)), context);
}

function contextOf({ invoices }: Books): BillingContext {
  let count = invoices.length;
  return {
    terms: {
      account: "acme",
      seller: { name: "", address: "", taxIds: [] },
      buyer: { name: "", address: "", taxIds: [], purchaseOrder: null },
      netDays: 30,
      tax: null,
      series: "acme",
      numberPrefix: "ACME",
    },
    nowMs: 0,
    newInvoiceId: () => {
      count += 1;
      return `invoice-${count}`;
    },
  };
}

export function coreDocuments({ books }: Billing) {
  return {
    made: books.invoices.map(documentOf),
    carried: BigInt(openMinorOf(books.adjustments)),
  };
}

/** Invoices that more packs may join although their day is over (7.2). */
export function overdueToBeFinal({ books }: Billing, nowMs: number): readonly string[] {
  return books.invoices.flatMap(({ source, growsUntilMs }) =>
    growsUntilMs !== null && growsUntilMs <= nowMs ? [source] : [],
  );
}

function documentOf({ document }: BookedInvoice) {
  const { lines, subtotalMinor } = document;
  const packs = lines.flatMap((line) =>
    line.unit === "packs"
      ? [
          {
            pack: line.pack ?? "",
            packs: BigInt(line.quantityMicros) / 1_000_000n,
            amountMinor: BigInt(line.amountMinor),
          },
        ]
      : [],
  );
  const isNote = document.kind === "credit_note";
  const credited = lines.reduce(
    (sum, line) => (line.unit === "adjustment" ? sum - line.amountMinor : sum),
    0,
  );
  return {
    kind: kindOf(document),
    period: document.period.name,
    packs: isNote ? [] : joined(packs),
    creditedMinor: isNote ? 0n : BigInt(credited),
    totalMinor: BigInt(isNote ? 0 - subtotalMinor : subtotalMinor),
  };
}

function kindOf({ kind, cause }: BookedInvoice["document"]): string {
  if (kind !== "packs") return kind;
  return cause === "conversion" || cause === null ? "purchase" : cause;
}

interface PackLine {
  readonly pack: string;
  readonly packs: bigint;
  readonly amountMinor: bigint;
}

/** Per pack and price, sorted. */
function joined(lines: readonly PackLine[]): readonly string[] {
  const sums = new Map<string, bigint>();
  for (const { pack, packs, amountMinor } of lines) {
    if (amountMinor === 0n) continue;
    const kind = pack.startsWith("earlier") || pack.startsWith("converted") ? "earlier" : pack;
    const key = `${kind} for ${amountMinor / packs}`;
    sums.set(key, (sums.get(key) ?? 0n) + packs);
  }
  return [...sums].map(([key, packs]) => `${packs} ${key}`).sort();
}

export function modelDocuments(account: Account) {
  const { made, carried } = documents(account);
  return {
    carried,
    made: made.map(({ kind, period, lines, subtotalMinor, creditedMinor }) => ({
      kind,
      period,
      packs: joined(lines.map(lineOf)),
      creditedMinor,
      totalMinor: subtotalMinor - creditedMinor,
    })),
  };
}

function lineOf({ pack, packs, priceMinor }: Line): PackLine {
  return { pack, packs, amountMinor: packs * priceMinor };
}
