/** Credits for corrected usage: taken by later invoices, carried on, noted when the account closes (3.8, 2.6). */
import { describe, expect, test } from "vitest";
import { SETTLED_BY_CREDITS } from "../../shared/credits/books.ts";
import { settleFacts } from "../../shared/credits/settle-facts.ts";
import { charge, contextWith, NOVEMBER, packs, Story } from "./billing-books.ts";

describe("a correction of a closed period", () => {
  test("of worked example 19 is nothing at first, then −0.10 USD on the next invoice", () => {
    const story = new Story();
    story.closeNovember();
    story.correct(7, 0);
    expect(story.openMinor).toBe(0);
    story.correct(1, 10, 220);
    story.buy(1);
    const { lines, totalMinor } = story.last().document;
    expect(lines).toMatchObject([
      { unit: "packs", amountMinor: 1000 },
      {
        description: expect.stringMatching(
          /^Corrected usage in the period from November 14, 2026: 1 credits? of /,
        ),
        unit: "adjustment",
        quantityMicros: 1_000_000,
        unitPrice: "-0.10",
        amountMinor: -10,
        adjustment: "cor_3",
      },
    ]);
    expect(totalMinor).toBe(990);
    story.buy(1);
    expect(story.last().document.totalMinor).toBe(1000);
  });

  test("leaves the billed figures and shows the corrected ones beside them", () => {
    const story = new Story();
    story.closeNovember();
    story.correct(7, 0);
    story.correct(1, 10, 220);
    expect(story.books.periods).toMatchObject([
      { figures: { billedMicros: NOVEMBER.billedMicros }, corrected: { billedMicros: 220_000_000 } },
    ]);
    expect(story.documents).toEqual([["overage", "open", 230]]);
  });

  test("is granted once, however often it is told", () => {
    const story = new Story();
    story.closeNovember();
    story.correct(1, 10, 220);
    const told = story.books;
    expect(settleFacts(told, [{ ...factOf(story), number: 2 }], story.context)).toBe(told);
    expect(settleFacts(told, [{ ...factOf(story), number: 9 }], story.context).adjustments).toEqual(
      told.adjustments,
    );
  });
});

function factOf(story: Story) {
  return story.fact({
    kind: "overage_corrected",
    source: "cor_2",
    periodStartMs: NOVEMBER.startMs,
    period: NOVEMBER.period,
    eventId: "again",
    correctedMicros: 1_000_000,
    creditMinor: 10,
    corrected: { ...NOVEMBER },
  });
}

describe("credits", () => {
  test("are taken oldest first, never more than an invoice has before tax; the rest is carried on", () => {
    const story = new Story(contextWith({ tax: { name: "VAT", percent: "10" } }));
    story.closeNovember({ billedMicros: 500_000 * 1_000_000 });
    story.correct(60_000, 60_000, 440_000);
    story.correct(40_000, 40_000, 400_000);
    const dear = (source: string, price: number) =>
      story.tell(charge(source, [packs(1, { price: { amountMinor: price, currency: "USD" } })]));
    dear("purchase:a", 50_000);
    expect(story.last().document).toMatchObject({ subtotalMinor: 0, tax: { amountMinor: 0 }, totalMinor: 0 });
    expect(story.last().document.lines[1]?.description).toContain("100.00 is carried on");
    dear("purchase:b", 30_000);
    expect(story.last().document.lines.map(({ amountMinor }) => amountMinor)).toEqual([
      30_000, -10_000, -20_000,
    ]);
    dear("purchase:c", 50_000);
    expect(story.last().document).toMatchObject({
      subtotalMinor: 30_000,
      tax: { amountMinor: 3_000 },
      totalMinor: 33_000,
    });
    expect(story.openMinor).toBe(0);
  });

  test("that cover an invoice pay it at once, and say so", () => {
    const story = new Story();
    story.closeNovember({ billedMicros: 5_000 * 1_000_000 });
    story.correct(2_000, 2_000, 3_000);
    const invoice = story.buy(1);
    expect(invoice).toMatchObject({ status: "paid", paymentReference: SETTLED_BY_CREDITS, number: 2 });
    expect(invoice.document.totalMinor).toBe(0);
  });

  test("stay on a growing invoice, which takes no more of them and is open again", () => {
    const story = new Story();
    story.closeNovember({ billedMicros: 5_000 * 1_000_000 });
    story.correct(1_500, 1_500, 3_500);
    const day = { cause: "upgrade" as const, growsUntilMs: NOVEMBER.endMs + 3 * 86_400_000 };
    story.tell(charge("upgrade:day", [packs(1)], day));
    expect(story.last().status).toBe("paid");
    story.tell(charge("upgrade:day", [packs(4)], day));
    expect(story.last()).toMatchObject({ status: "open", paymentReference: null });
    expect(story.last().document.lines.map(({ amountMinor }) => amountMinor)).toEqual([4000, -1000]);
    expect(story.openMinor).toBe(500);
  });

  test("are taken by an overage invoice as well", () => {
    const story = new Story();
    story.closeNovember();
    story.correct(10, 10, 220);
    story.closeNovember({
      startMs: NOVEMBER.endMs,
      endMs: NOVEMBER.endMs + 86_400_000,
      period: "2026-12-14",
    });
    expect(story.last().document).toMatchObject({ kind: "overage", totalMinor: 220 });
  });
});

describe("closing an account", () => {
  test("makes one credit note of what is left, with the account's tax", () => {
    const story = new Story(contextWith({ tax: { name: "VAT", percent: "19" } }));
    story.closeNovember();
    story.correct(10, 10, 220);
    story.correct(20, 20, 200);
    story.tell({ kind: "account_closed" });
    expect(story.last()).toMatchObject({
      status: "open",
      document: {
        kind: "credit_note",
        credited: null,
        period: { name: NOVEMBER.period },
        lines: [{ amountMinor: -10 }, { amountMinor: -20 }],
        subtotalMinor: -30,
        tax: { amountMinor: -6 },
        totalMinor: -36,
      },
    });
    expect(story.openMinor).toBe(0);
    story.tell({ kind: "account_closed" });
    expect(story.documents).toHaveLength(2);
  });

  test("makes none where nothing is owed", () => {
    const story = new Story();
    story.buy(1);
    story.tell({ kind: "account_closed" });
    expect(story.documents).toHaveLength(1);
  });

  test("gives what a later correction owes at once", () => {
    const story = new Story();
    story.closeNovember();
    story.tell({ kind: "account_closed" });
    story.correct(10, 10, 220);
    story.tell({ kind: "account_closed" });
    expect(story.documents).toEqual([
      ["overage", "open", 230],
      ["credit_note", "open", -10],
    ]);
  });
});
