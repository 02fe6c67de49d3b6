/** Paying, writing off, voiding, billing again: which status allows what, and no money lost or given twice (7.3, 3.8). */
import { describe, expect, test } from "vitest";
import type { BookedInvoice } from "../../shared/credits/books.ts";
import {
  payInvoice,
  reinvoicePeriod,
  voidInvoice,
  writeOffInvoice,
} from "../../shared/credits/invoice-status.ts";
import { cancellation, charge, contextWith, DECEMBER, NOVEMBER, packs, Story } from "./billing-books.ts";

const TAXED = { tax: { name: "VAT", percent: "19" } };

function voidIt(story: Story, invoice: BookedInvoice, reason = "wrong price"): void {
  const current = latest(story, invoice);
  const result = voidInvoice(story.books, current, reason, story.context);
  if (result.kind !== "changed") throw new Error(result.kind);
  story.change(() => result.books);
}

function latest(story: Story, { invoiceId }: BookedInvoice): BookedInvoice {
  const invoice = story.books.invoices.find((known) => known.invoiceId === invoiceId);
  if (invoice === undefined) throw new Error("gone");
  return invoice;
}

function pay(story: Story, invoice: BookedInvoice, reference: string): void {
  const result = payInvoice(story.books, invoice, reference);
  if (result.kind !== "changed") throw new Error(result.kind);
  story.change(() => result.books);
}

function billAgain(story: Story) {
  const result = reinvoicePeriod(story.books, NOVEMBER.startMs, story.context);
  if (result.kind === "reinvoiced") story.change(() => result.books);
  return result;
}

describe("a status", () => {
  test("allows what makes sense, and the same again changes nothing", () => {
    const story = new Story();
    const invoice = story.buy(1);
    const paid = payInvoice(story.books, invoice, "wire 1");
    expect(paid).toMatchObject({ kind: "changed", books: { invoices: [{ status: "paid" }] } });
    pay(story, invoice, "wire 1");
    const now = story.last();
    expect(payInvoice(story.books, now, "wire 1")).toEqual({ kind: "changed", books: story.books });
    expect(payInvoice(story.books, now, "wire 2")).toEqual({ kind: "already_paid", reference: "wire 1" });
    expect(writeOffInvoice(story.books, now)).toEqual({ kind: "already_paid", reference: "wire 1" });
    expect(voidInvoice(story.books, now, "why", story.context)).toEqual({
      kind: "already_paid",
      reference: "wire 1",
    });
  });

  test("of an uncollectible invoice may still become paid or void", () => {
    const story = new Story();
    const invoice = story.buy(1);
    const written = writeOffInvoice(story.books, invoice);
    if (written.kind !== "changed") throw new Error(written.kind);
    story.change(() => written.books);
    const off = story.last();
    expect(off.status).toBe("uncollectible");
    expect(writeOffInvoice(story.books, off)).toEqual({ kind: "changed", books: story.books });
    expect(payInvoice(story.books, off, "late").kind).toBe("changed");
    expect(voidInvoice(story.books, off, "forgiven", story.context).kind).toBe("changed");
  });

  test("of a void invoice is the last one", () => {
    const story = new Story();
    voidIt(story, story.buy(1), "wrong buyer");
    const [voided] = story.books.invoices;
    if (voided === undefined) throw new Error("gone");
    expect(voidInvoice(story.books, voided, "wrong buyer", story.context)).toEqual({
      kind: "changed",
      books: story.books,
    });
    expect(voidInvoice(story.books, voided, "other", story.context).kind).toBe("already_void");
    expect(payInvoice(story.books, voided, "x").kind).toBe("already_void");
    expect(writeOffInvoice(story.books, voided).kind).toBe("already_void");
  });

  test("of a growing invoice waits until it is final", () => {
    const story = new Story();
    const growsUntilMs = DECEMBER.endMs;
    story.tell(charge("upgrade:day", [packs(1)], { cause: "upgrade", growsUntilMs }));
    const refusal = { kind: "not_final", untilMs: growsUntilMs };
    expect(payInvoice(story.books, story.last(), "x")).toEqual(refusal);
    expect(writeOffInvoice(story.books, story.last())).toEqual(refusal);
    expect(voidInvoice(story.books, story.last(), "x", story.context)).toEqual(refusal);
  });

  test("of a credit note becomes paid when it was paid back, never void or uncollectible", () => {
    const story = new Story();
    story.buy(1, "purchase:a");
    story.tell(cancellation("purchase:a", [packs(1)]));
    const note = story.last();
    expect(payInvoice(story.books, note, "refund 1").kind).toBe("changed");
    expect(voidInvoice(story.books, note, "x", story.context)).toEqual({ kind: "not_voidable" });
    expect(writeOffInvoice(story.books, note)).toEqual({ kind: "not_a_claim" });
  });
});

describe("voiding", () => {
  test("credits the whole, tax included, names the invoice and leaves the packs charged", () => {
    const story = new Story(contextWith(TAXED));
    const invoice = story.buy(3, "purchase:a");
    voidIt(story, invoice, "wrong price");
    const [voided, note] = story.books.invoices;
    expect(voided).toEqual({ ...invoice, status: "void", voidReason: "wrong price" });
    expect(note).toMatchObject({
      number: 2,
      status: "paid",
      paymentReference: "offsets ACME-0001",
      document: {
        credited: { invoiceId: invoice.invoiceId, number: 1 },
        lines: [{ quantityMicros: -3_000_000, amountMinor: -3000 }],
        tax: { amountMinor: -570 },
        totalMinor: -3570,
        notes: ["ACME-0001 is void: wrong price"],
      },
    });
    story.tell(charge("purchase:a", [packs(3)]));
    story.tell(cancellation("purchase:a", [packs(3)]));
    expect(story.documents).toHaveLength(2);
  });

  test("gives back what the invoice had taken of credits", () => {
    const story = new Story(contextWith(TAXED));
    story.closeNovember();
    story.correct(100, 100, 130);
    const invoice = story.buy(1);
    voidIt(story, invoice);
    expect(story.openMinor).toBe(100);
    expect(story.books.invoices.slice(-2).reduce((sum, { document }) => sum + document.totalMinor, 0)).toBe(
      0,
    );
    story.buy(1);
    expect(story.last().document.subtotalMinor).toBe(900);
  });

  test("of an invoice that credits have paid gives them back too", () => {
    const story = new Story();
    story.closeNovember({ billedMicros: 5_000 * 1_000_000 });
    story.correct(2_000, 2_000, 3_000);
    voidIt(story, story.buy(1));
    expect(story.openMinor).toBe(2_000);
    expect(story.last().document.totalMinor).toBe(0);
  });

  test("after packs of it were cancelled credits only what is left", () => {
    const story = new Story(contextWith(TAXED));
    const invoice = story.buy(3, "purchase:a");
    story.tell(cancellation("purchase:a", [packs(1)]));
    voidIt(story, invoice);
    expect(story.books.invoices.map(({ document }) => document.totalMinor)).toEqual([3570, -1190, -2380]);
  });

  test("after packs of it were cancelled leaves no credit note to pay back, since nobody paid the invoice", () => {
    const story = new Story(contextWith(TAXED));
    const invoice = story.buy(3, "purchase:a");
    story.tell(cancellation("purchase:a", [packs(1)]));
    expect(story.last().status).toBe("open");
    voidIt(story, invoice);
    const offset = { status: "paid", paymentReference: "offsets ACME-0001" };
    expect(story.books.invoices).toMatchObject([{ status: "void" }, offset, offset]);
  });

  test("is refused where credit notes have taken back all of it: its credits would be given back twice", () => {
    const story = new Story();
    story.closeNovember({ billedMicros: 5_000 * 1_000_000 });
    story.correct(1_500, 1_500, 3_500);
    const invoice = story.buy(2, "purchase:a");
    // 20.00 − 15.00 of credits = 5.00; half of the packs are cancelled: 10.00 to pay back.
    story.tell(cancellation("purchase:a", [packs(1)]));
    expect(voidInvoice(story.books, invoice, "x", story.context)).toEqual({ kind: "already_credited" });
    // One pack of 10.00 is left of the 15.00 that were owed.
    expect(story.netMinor - 5_000).toBe(-500);
  });
});

describe("voiding an overage invoice", () => {
  function billed(story = new Story()) {
    story.closeNovember();
    return { story, invoice: story.last() };
  }

  test("drops the credits for its period that are open", () => {
    const { story, invoice } = billed();
    story.correct(10, 10, 220);
    voidIt(story, invoice);
    expect(story.books.adjustments).toMatchObject([{ grantedMinor: 10, openMinor: 0, droppedMinor: 10 }]);
    expect(story.netMinor).toBe(0);
  });

  test("takes back the credits for its period that other invoices have taken", () => {
    const { story, invoice } = billed();
    story.correct(10, 10, 220);
    story.buy(1);
    voidIt(story, invoice);
    expect(story.openMinor).toBe(-10);
    expect(story.netMinor).toBe(1_000);
    story.buy(1);
    expect(story.last().document.lines).toMatchObject([{ amountMinor: 1000 }, { amountMinor: 10 }]);
    expect(story.openMinor).toBe(0);
  });

  test("leaves nothing to credit for corrections that come later", () => {
    const { story, invoice } = billed();
    voidIt(story, invoice);
    story.correct(10, 10, 220);
    expect(story.openMinor).toBe(0);
    expect(story.netMinor).toBe(0);
    expect(story.books.periods[0]?.corrected?.billedMicros).toBe(220_000_000);
  });

  test("leaves credits for other periods open", () => {
    const { story, invoice } = billed();
    const start = NOVEMBER.endMs;
    story.closeNovember({ startMs: start, endMs: start + 1, period: "2026-12-14" });
    story.correct(10, 10, 220);
    voidIt(story, story.last());
    expect(story.openMinor).toBe(10);
    voidIt(story, invoice);
    expect(story.netMinor).toBe(0);
  });

  test("allows to bill the period again, once, with the corrected figures", () => {
    const { story, invoice } = billed();
    expect(billAgain(story)).toEqual({ kind: "already_invoiced", invoiceId: invoice.invoiceId });
    story.correct(10, 10, 220);
    story.buy(1);
    voidIt(story, invoice);
    const first = billAgain(story);
    expect(first).toMatchObject({ kind: "reinvoiced", created: true });
    // 2.20, and the 0.10 that the pack's invoice had taken: 2.20 for the period in all.
    expect(story.last().document.lines.map(({ amountMinor }) => amountMinor)).toEqual([220, 10]);
    expect(story.netMinor).toBe(1_000 + 220);
    expect(billAgain(story)).toMatchObject({ kind: "reinvoiced", created: false });
    expect(story.documents).toHaveLength(4);
    // A later correction is credited against the new invoice, and dropped with it.
    story.correct(20, 20, 200);
    expect(story.openMinor).toBe(20);
    voidIt(story, story.last());
    expect(story.netMinor).toBe(1_000);
  });

  test("does not bill again what was never billed, nor what corrections have left nothing of", () => {
    const never = new Story();
    never.closeNovember({ billedMicros: 0, billableMicros: 0 });
    expect(billAgain(never)).toEqual({ kind: "never_invoiced" });
    const { story, invoice } = billed();
    story.correct(230, 230, 0);
    voidIt(story, invoice);
    expect(billAgain(story)).toEqual({ kind: "nothing_to_bill" });
  });

  test("of a closed account settles at once what becomes open by it", () => {
    const { story, invoice } = billed();
    story.correct(10, 10, 220);
    story.tell({ kind: "account_closed" });
    expect(story.netMinor).toBe(220);
    voidIt(story, invoice);
    expect(story.openMinor).toBe(0);
    expect(story.netMinor).toBe(0);
    expect(story.last().document).toMatchObject({ kind: "adjustment", totalMinor: 10 });
  });
});
