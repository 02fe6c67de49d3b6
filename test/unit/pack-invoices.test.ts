/** Invoices of packs, the growing one of a day's automatic packs, and credit notes for cancelled ones (7.2, 5.10). */
import { describe, expect, test } from "vitest";
import { finaliseByClock, settleFacts } from "../../shared/credits/settle-facts.ts";
import { cancellation, charge, contextWith, DAY_MS, DECEMBER, packs, Story } from "./billing-books.ts";

const DAY = "upgrade:2026-12-15";
const DAY_END = DECEMBER.startMs + 2 * DAY_MS;

function upgrade(quantity: number, growsUntilMs: number | null = DAY_END) {
  return charge(DAY, [packs(quantity)], { cause: "upgrade", growsUntilMs });
}

function lineOf(story: Story) {
  return story
    .last()
    .document.lines.map(({ quantityMicros, unit, unitPrice, amountMinor, pack }) => [
      quantityMicros / 1_000_000,
      unit,
      unitPrice,
      amountMinor,
      pack,
    ]);
}

describe("packs", () => {
  test("that are alike are one line, however many upgrades have added them", () => {
    const story = new Story();
    const dearer = packs(1, { price: { amountMinor: 1200, currency: "USD" } });
    story.tell(charge("renewal:1", [packs(2), dearer, packs(3)], { cause: "renewal" }));
    expect(lineOf(story)).toEqual([
      [5, "packs", "10.00", 5000, "p1000"],
      [1, "packs", "12.00", 1200, "p1000"],
    ]);
  });

  test("are one line per pack: quantity × unit price = amount, with the tax of the account", () => {
    const story = new Story(contextWith({ tax: { name: "VAT", percent: "19" } }));
    const small = packs(3, {
      pack: "p100",
      name: "100 credits",
      price: { amountMinor: 125, currency: "USD" },
    });
    story.tell(charge("renewal:1", [packs(2), small], { cause: "renewal" }));
    expect(lineOf(story)).toEqual([
      [2, "packs", "10.00", 2000, "p1000"],
      [3, "packs", "1.25", 375, "p100"],
    ]);
    // 19 % of 23.75 = 4.5125
    expect(story.last()).toMatchObject({
      status: "open",
      document: { kind: "packs", cause: "renewal", subtotalMinor: 2375, totalMinor: 2826 },
    });
  });

  test("are priced in the currency's own minor unit", () => {
    const of = (currency: string, amountMinor: number) => {
      const story = new Story();
      story.tell(charge("purchase:1", [packs(3, { price: { amountMinor, currency } })]), { currency });
      const [line] = story.last().document.lines;
      return [line?.unitPrice, story.last().document.totalMinor];
    };
    expect(of("JPY", 1500)).toEqual(["1500", 4500]);
    expect(of("KWD", 3255)).toEqual(["3.255", 9765]);
  });

  test("that cost nothing make no invoice", () => {
    const story = new Story();
    const free = packs(2, { price: { amountMinor: 0, currency: "USD" } });
    story.tell(charge("conversion:pack_1", [free], { cause: "conversion" }));
    expect(story.books.invoices).toEqual([]);
    story.tell(charge("renewal:2", [free, packs(1)], { cause: "renewal" }));
    expect(lineOf(story)).toEqual([[1, "packs", "10.00", 1000, "p1000"]]);
  });

  test("are due after the payment terms, a renewal from the reset on, however late it is noticed", () => {
    const story = new Story();
    const bought = story.buy(1);
    expect(bought.issuedAtMs).toBeGreaterThan(DECEMBER.startMs);
    expect(bought.dueAtMs).toBe(bought.issuedAtMs + 30 * DAY_MS);
    story.tell(charge("renewal:3", [packs(1)], { cause: "renewal" }), {
      atMs: DECEMBER.startMs + 9 * DAY_MS,
    });
    expect(story.last()).toMatchObject({
      issuedAtMs: DECEMBER.startMs,
      dueAtMs: DECEMBER.startMs + 30 * DAY_MS,
    });
  });
});

describe("a day's automatic packs", () => {
  test("are one invoice that keeps its number while it grows, and never changes once the day is over", () => {
    const story = new Story();
    story.tell(upgrade(1));
    const first = story.last();
    story.tell(upgrade(3));
    story.tell(upgrade(2));
    expect(story.last()).toMatchObject({
      invoiceId: first.invoiceId,
      number: 1,
      issuedAtMs: first.issuedAtMs,
      growsUntilMs: DAY_END,
      document: { totalMinor: 3000 },
    });
    story.tell({ kind: "charge_final", source: DAY });
    const final = story.last();
    expect(final.growsUntilMs).toBeNull();
    story.tell(upgrade(5));
    expect(story.books.invoices[0]).toEqual(final);
    // What was added all the same is not lost.
    expect(story.documents).toEqual([
      ["packs", "open", 3000],
      ["packs", "open", 2000],
    ]);
  });

  test("change nothing when a fact is told again", () => {
    const story = new Story();
    const facts = [
      story.fact(upgrade(1)),
      story.fact(upgrade(2)),
      story.fact({ kind: "charge_final", source: DAY }),
    ];
    const once = settleFacts(story.books, facts, story.context);
    for (const again of [facts, facts.slice(0, 1), facts.slice(1)]) {
      expect(settleFacts(once, again, story.context)).toBe(once);
    }
  });

  test("are final by the clock too", () => {
    const story = new Story();
    story.tell(upgrade(1));
    expect(finaliseByClock(story.books, DAY_END - 1)).toBe(story.books);
    expect(finaliseByClock(story.books, DAY_END).invoices[0]?.growsUntilMs).toBeNull();
  });

  test("of two prices are two lines", () => {
    const story = new Story();
    const dearer = packs(2, { price: { amountMinor: 1100, currency: "USD" } });
    story.tell(upgrade(1));
    story.tell(charge(DAY, [packs(1), dearer], { cause: "upgrade", growsUntilMs: DAY_END }));
    expect(lineOf(story)).toEqual([
      [1, "packs", "10.00", 1000, "p1000"],
      [2, "packs", "11.00", 2200, "p1000"],
    ]);
  });

  test("on both sides of a reset are two invoices", () => {
    const story = new Story();
    story.tell(upgrade(2));
    const next = { name: "2027-01-14", startMs: DECEMBER.endMs, endMs: DECEMBER.endMs + 31 * DAY_MS };
    story.tell(charge(DAY, [packs(1)], { cause: "upgrade", growsUntilMs: DAY_END, period: next }));
    expect(story.documents).toEqual([
      ["packs", "open", 2000],
      ["packs", "open", 1000],
    ]);
  });

  test("that were cancelled do not hide the ones that are added after them", () => {
    const story = new Story();
    story.tell(upgrade(2));
    story.tell(cancellation(DAY, [packs(1)]));
    story.tell(upgrade(2));
    story.tell(cancellation(DAY, [packs(1)]));
    // Bought three, gave back two.
    expect(story.netMinor).toBe(1000);
    expect(story.documents).toEqual([
      ["packs", "open", 3000],
      ["credit_note", "open", -1000],
      ["credit_note", "open", -1000],
    ]);
  });
});

describe("cancelled packs", () => {
  test("get a credit note at their price with the tax of their invoice, which it names", () => {
    const story = new Story(contextWith({ tax: { name: "VAT", percent: "19" } }));
    const invoice = story.buy(3, "purchase:pack_1");
    story.tell(cancellation("purchase:pack_1", [packs(2)]));
    const note = story.last();
    expect(note.document).toMatchObject({
      kind: "credit_note",
      credited: { invoiceId: invoice.invoiceId, numberPrefix: "ACME", number: 1 },
      lines: [{ quantityMicros: -2_000_000, unitPrice: "10.00", amountMinor: -2000 }],
      subtotalMinor: -2000,
      tax: { amountMinor: -380 },
      totalMinor: -2380,
      notes: ["Packs cancelled: bought by mistake"],
    });
    expect(note).toMatchObject({ number: 2, series: invoice.series, status: "open" });
  });

  test("are credited with all of the tax, to the minor unit, however often it was rounded", () => {
    const story = new Story(contextWith({ tax: { name: "VAT", percent: "8.875" } }));
    const cheap = (quantity: number) => packs(quantity, { price: { amountMinor: 7, currency: "USD" } });
    story.tell(charge("purchase:pack_1", [cheap(3)]));
    for (let pack = 0; pack < 3; pack += 1)
      story.tell(cancellation("purchase:pack_1", [cheap(1)], `cancel:${pack}`));
    const totals = story.books.invoices.map(({ document }) => document.totalMinor);
    expect(totals).toHaveLength(4);
    expect(totals.reduce((sum, total) => sum + total, 0)).toBe(0);
  });

  test("are never credited twice, nor more than were charged", () => {
    const story = new Story();
    story.buy(2, "purchase:pack_1");
    story.tell(cancellation("purchase:pack_1", [packs(1)]));
    story.tell(cancellation("purchase:pack_1", [packs(5)]));
    story.tell(cancellation("purchase:pack_1", [packs(1)], "cancel:again"));
    expect(story.netMinor).toBe(0);
    expect(story.documents).toHaveLength(3);
  });

  test("that cost nothing, or that nobody charged, get none", () => {
    const story = new Story();
    story.tell(cancellation("purchase:pack_9", [packs(1)]));
    expect(story.books.invoices).toEqual([]);
  });
});
