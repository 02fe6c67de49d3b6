/** Documents, made anew from what was owed and given back so far (3.8, 5.10, 7.1-7.3). Tax is left out. */
import type { Account } from "./account.ts";
import { refused } from "./answers.ts";
import type { Charge, Line } from "./facts.ts";
import { lower, sum } from "./money.ts";
import { look } from "./periods.ts";

export interface Document {
  readonly kind: "purchase" | "upgrade" | "renewal" | "overage" | "credit_note";
  readonly atMs: number;
  readonly period: string;
  /** Of packs; overage and credit notes have only their amount. */
  lines: readonly Line[];
  subtotalMinor: bigint;
  /** What earlier corrections take off; never more than the subtotal. */
  readonly creditedMinor: bigint;
  voided: boolean;
}

/** Everything made so far, in order, and the credit that waits for the next invoice. */
export function documents(account: Account): {
  readonly made: readonly Document[];
  readonly carried: bigint;
} {
  const made: Document[] = [];
  let carried = 0n;
  let closed = false;
  let ofToday: { readonly document: Document; readonly day: string } | null = null;

  function issue(
    kind: Document["kind"],
    atMs: number,
    period: string,
    lines: readonly Line[],
    amount: bigint,
  ) {
    if (amount === 0n) return null;
    const creditedMinor = kind === "credit_note" ? 0n : lower(carried, amount);
    carried -= creditedMinor;
    const document = { kind, atMs, period, lines, subtotalMinor: amount, creditedMinor, voided: false };
    made.push(document);
    return document;
  }

  // Automatic packs of one local day are one invoice: made with the first, more join it until the day is over.
  function addToToday({ atMs, period, periodStartMs, line, day }: Extract<Charge, { kind: "upgrade" }>) {
    const today = `${periodStartMs} ${day}`;
    if (ofToday?.day === today) {
      const { document } = ofToday;
      document.lines = [...document.lines, line];
      document.subtotalMinor = amountOf(document.lines);
      return;
    }
    const document = issue("upgrade", atMs, period, [line], amountOf([line]));
    ofToday = document === null ? null : { document, day: today };
  }

  for (const charge of account.charges) {
    switch (charge.kind) {
      case "purchase":
      case "renewal":
        issue(charge.kind, charge.atMs, charge.period, charge.lines, amountOf(charge.lines));
        break;
      case "upgrade":
        addToToday(charge);
        break;
      case "overage":
        issue("overage", charge.atMs, charge.period, [], charge.amountMinor);
        break;
      case "correction":
        carried += charge.amountMinor;
        break;
      case "cancellation":
        issue("credit_note", charge.atMs, charge.period, [], charge.amountMinor);
        break;
      case "void": {
        const document = made[charge.document];
        if (document === undefined) throw new Error("no such document");
        document.voided = true;
        const { period, subtotalMinor, creditedMinor } = document;
        issue("credit_note", charge.atMs, period, [], subtotalMinor - creditedMinor);
        // What had come off the voided invoice comes off the next one.
        carried += creditedMinor;
        break;
      }
      case "closing":
        closed = true;
    }
    if (closed && carried > 0n) {
      issue("credit_note", charge.atMs, account.closed.at(-1)?.period ?? "", [], carried);
      carried = 0n;
    }
  }
  return { made, carried };
}

function amountOf(lines: readonly Line[]): bigint {
  return sum(lines.map((line) => line.packs * line.priceMinor));
}

export function isOverageVoided(account: Account, period: string): boolean {
  return documents(account).made.some(
    (document) => document.kind === "overage" && document.period === period && document.voided,
  );
}

/** Credits an invoice as a whole; it removes no packs and changes no usage (7.3). */
export function voidInvoice(account: Account, index: number, nowMs: number) {
  look(account, nowMs);
  const document = documents(account).made[index];
  if (document === undefined || document.kind === "credit_note") return refused("unknown_invoice");
  if (document.voided) return refused("already_voided");
  account.charges.push({ kind: "void", atMs: nowMs, document: index });
  return { kind: "voided" as const };
}
