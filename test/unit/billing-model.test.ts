/**
 * Documents against a naive model of what an account owes: whatever is billed, corrected, cancelled, voided and billed
 * again, in any order, no money is lost or given twice (rules, sections 3.8, 5.10, 7.2 and 7.3).
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BookedInvoice } from "../../shared/credits/books.ts";
import { reinvoicePeriod, voidInvoice } from "../../shared/credits/invoice-status.ts";
import { percentOfMinor } from "../../shared/credits/money.ts";
import {
  CREDIT,
  cancellation,
  charge,
  contextWith,
  DAY_MS,
  NOVEMBER,
  packs,
  Story,
} from "./billing-books.ts";
import { PATIENT, runs } from "./property.ts";

const PERCENT = "8.875";

type Command =
  | { readonly kind: "buy"; readonly quantity: number; readonly priceMinor: number }
  | { readonly kind: "upgrade"; readonly quantity: number }
  | { readonly kind: "final" }
  | { readonly kind: "cancel"; readonly which: number; readonly quantity: number }
  | { readonly kind: "close_period"; readonly tens: number }
  | { readonly kind: "correct"; readonly which: number; readonly tens: number }
  | { readonly kind: "void"; readonly which: number }
  | { readonly kind: "again"; readonly which: number }
  | { readonly kind: "close" };

const small = fc.integer({ min: 1, max: 9 });
const which = fc.nat({ max: 20 });

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constant("buy" as const),
    quantity: small,
    priceMinor: fc.integer({ min: 1, max: 5000 }),
  }),
  fc.record({ kind: fc.constant("upgrade" as const), quantity: small }),
  fc.record({ kind: fc.constant("final" as const) }),
  fc.record({ kind: fc.constant("cancel" as const), which, quantity: small }),
  fc.record({ kind: fc.constant("close_period" as const), tens: fc.integer({ min: 0, max: 1000 }) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("correct" as const),
      which,
      tens: fc.integer({ min: 0, max: 400 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("void" as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("again" as const), which }) },
);

interface Charged {
  readonly source: string;
  readonly priceMinor: number;
  charged: number;
  cancelled: number;
  voided: boolean;
}

interface Period {
  readonly startMs: number;
  /** Increments of 10 credits, at 10 minor units each. */
  billedTens: number;
  correctedTens: number;
  /** An unvoided overage invoice exists. */
  billed: boolean;
}

/** What the account owes, told by arithmetic alone. */
class Model {
  readonly charges: Charged[] = [];
  readonly periods: Period[] = [];

  get owedMinor(): number {
    const packsMinor = this.charges.map(({ charged, cancelled, voided, priceMinor }) =>
      voided ? 0 : (charged - cancelled) * priceMinor,
    );
    const overageMinor = this.periods.map(({ billed, correctedTens }) => (billed ? correctedTens * 10 : 0));
    return [...packsMinor, ...overageMinor].reduce((sum, minor) => sum + minor, 0);
  }
}

class Run {
  readonly story = new Story(contextWith({ tax: { name: "Tax", percent: PERCENT } }));
  readonly model = new Model();
  #day = 1;
  #upgrade: Charged | null = null;
  #cancels = 0;

  do(step: Command): void {
    switch (step.kind) {
      case "buy":
        this.#buy(step.quantity, step.priceMinor);
        break;
      case "upgrade":
        this.#grow(step.quantity);
        break;
      case "final":
        this.#final();
        break;
      case "cancel":
        this.#cancel(step.which, step.quantity);
        break;
      case "close_period":
        this.#closePeriod(step.tens);
        break;
      case "correct":
        this.#correct(step.which, step.tens);
        break;
      case "void":
        this.#void(step.which);
        break;
      case "again":
        this.#again(step.which);
        break;
      case "close":
        this.story.tell({ kind: "account_closed" });
        break;
    }
  }

  #buy(quantity: number, priceMinor: number): void {
    const source = `purchase:${this.model.charges.length}`;
    this.model.charges.push({ source, priceMinor, charged: quantity, cancelled: 0, voided: false });
    this.story.tell(
      charge(source, [packs(quantity, { price: { amountMinor: priceMinor, currency: "USD" } })]),
    );
  }

  #grow(quantity: number): void {
    const source = `upgrade:${this.#day}`;
    this.#upgrade ??= { source, priceMinor: 1000, charged: 0, cancelled: 0, voided: false };
    if (this.#upgrade.charged === 0) this.model.charges.push(this.#upgrade);
    this.#upgrade.charged += quantity;
    const owned = packs(this.#upgrade.charged - this.#upgrade.cancelled);
    const growsUntilMs = NOVEMBER.endMs + 400 * DAY_MS;
    this.story.tell(charge(source, [owned], { cause: "upgrade", growsUntilMs }));
  }

  #final(): void {
    this.story.tell({ kind: "charge_final", source: `upgrade:${this.#day}` });
    this.#day += 1;
    this.#upgrade = null;
  }

  #cancel(index: number, quantity: number): void {
    const charged = this.model.charges[index % Math.max(1, this.model.charges.length)];
    if (charged === undefined) return;
    const cancelled = Math.min(quantity, charged.charged - charged.cancelled);
    if (cancelled === 0) return;
    charged.cancelled += cancelled;
    this.#cancels += 1;
    const price = { amountMinor: charged.priceMinor, currency: "USD" };
    this.story.tell(cancellation(charged.source, [packs(cancelled, { price })], `cancel:${this.#cancels}`));
  }

  #closePeriod(tens: number): void {
    const startMs = NOVEMBER.startMs + this.model.periods.length * 31 * DAY_MS;
    this.model.periods.push({ startMs, billedTens: tens, correctedTens: tens, billed: tens > 0 });
    this.story.closeNovember({
      startMs,
      endMs: startMs + 31 * DAY_MS,
      period: new Date(startMs).toISOString().slice(0, 10),
      billableMicros: tens * 10 * CREDIT,
      billedMicros: tens * 10 * CREDIT,
    });
  }

  /** As the account reckons: what was owed before, less what is owed now. */
  #correct(index: number, tens: number): void {
    const period = this.model.periods[index % Math.max(1, this.model.periods.length)];
    if (period === undefined) return;
    const less = Math.min(tens, period.correctedTens);
    period.correctedTens -= less;
    const micros = period.correctedTens * 10 * CREDIT;
    this.story.tell({
      kind: "overage_corrected",
      source: `cor_${this.story.books.adjustments.length}_${this.story.books.settledFact}`,
      periodStartMs: period.startMs,
      period: new Date(period.startMs).toISOString().slice(0, 10),
      eventId: "an event",
      correctedMicros: less * 10 * CREDIT,
      creditMinor: less * 10,
      corrected: {
        usedMicros: 6000 * CREDIT + micros,
        overdraftMicros: 0,
        overageMicros: micros,
        billableMicros: micros,
        billedMicros: micros,
      },
    });
  }

  #void(index: number): void {
    const { story } = this;
    const invoice = story.books.invoices[index % Math.max(1, story.books.invoices.length)];
    if (invoice === undefined || invoice.status === "void") return;
    const result = voidInvoice(story.books, invoice, "why", story.context);
    if (result.kind !== "changed") return;
    story.change(() => result.books);
    const charged = this.model.charges.find(({ source }) => source === invoice.subject);
    if (charged !== undefined) charged.voided = true;
    const period = this.model.periods.find(({ startMs }) => `overage:${startMs}` === invoice.subject);
    if (period !== undefined) period.billed = false;
  }

  #again(index: number): void {
    const period = this.model.periods[index % Math.max(1, this.model.periods.length)];
    if (period === undefined) return;
    const result = reinvoicePeriod(this.story.books, period.startMs, this.story.context);
    if (result.kind !== "reinvoiced") return;
    this.story.change(() => result.books);
    period.billed = true;
  }
}

/** What holds of every document by itself. */
function expectSound({ document, status }: BookedInvoice): void {
  const subtotal = document.lines.reduce((sum, line) => sum + line.amountMinor, 0);
  expect(document.subtotalMinor).toBe(subtotal);
  expect(document.totalMinor).toBe(subtotal + (document.tax?.amountMinor ?? 0));
  if (document.kind === "credit_note") expect(document.totalMinor).toBeLessThanOrEqual(0);
  else expect(document.totalMinor).toBeGreaterThanOrEqual(0);
  if (document.totalMinor === 0 && document.kind !== "credit_note" && status !== "void")
    expect(status).toBe("paid");
}

/** Tax of an invoice and all its credit notes is that on what is left of it; one that grew after a note rounds anew. */
function expectTaxed(invoices: readonly BookedInvoice[], invoice: BookedInvoice): void {
  const documents = invoices
    .filter((other) => other === invoice || other.document.credited?.invoiceId === invoice.invoiceId)
    .map(({ document }) => document);
  const left = documents.reduce((sum, { subtotalMinor }) => sum + subtotalMinor, 0);
  const tax = documents.reduce((sum, document) => sum + (document.tax?.amountMinor ?? 0), 0);
  const grew = invoice.document.cause === "upgrade" && documents.length > 1;
  expect(Math.abs(tax - percentOfMinor(left, PERCENT))).toBeLessThanOrEqual(grew ? 1 : 0);
}

describe("all documents of an account", () => {
  test("add up to what it owes, at every moment", PATIENT, () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 40 }), fc.boolean(), (commands, closes) => {
        const run = new Run();
        const steps: readonly Command[] = closes
          ? [...commands, { kind: "final" }, { kind: "close" }, ...commands.filter(afterClosing)]
          : commands;
        for (const step of steps) {
          run.do(step);
          // What is taken back from a closed account is settled by the next fact that closes it.
          expect(run.story.netMinor).toBe(run.model.owedMinor);
        }
        const { invoices, adjustments } = run.story.books;
        for (const invoice of invoices) expectSound(invoice);
        const claims = invoices.filter(({ document }) => document.kind !== "credit_note");
        for (const invoice of claims) expectTaxed(invoices, invoice);
        for (const { grantedMinor, openMinor, droppedMinor, source } of adjustments) {
          const lines = invoices.flatMap(({ document }) => document.lines);
          const taken = lines.filter(({ adjustment }) => adjustment === source);
          const takenMinor = taken.reduce((sum, { amountMinor }) => sum - amountMinor, 0);
          expect(grantedMinor).toBe(openMinor + droppedMinor + takenMinor);
        }
      }),
      runs(3000),
    );
  });
});

/** A closed account is neither charged nor does it grow; corrections and voids go on. */
function afterClosing({ kind }: Command): boolean {
  return kind === "correct" || kind === "void" || kind === "again";
}
