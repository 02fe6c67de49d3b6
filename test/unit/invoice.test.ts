/** Overage invoices: amounts worked out by hand, in currencies with two, no and three decimals (rules, section 7). */
import { describe, expect, test } from "vitest";
import { invoiceAnswer } from "../../shared/api/invoices.ts";
import type { BookedInvoice } from "../../shared/credits/books.ts";
import { type InvoiceTerms, invoiceNumber, isOverdue, numberingOf } from "../../shared/credits/invoice.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { InvoiceIssued } from "../../shared/queues.ts";
import { moneyText } from "../../shared/text.ts";
import { messageOf } from "../../workers/notifications/messages.ts";
import { CREDIT, contextWith, NOVEMBER, Story, TERMS } from "./billing-books.ts";

/** What closing worked example 2 makes, with other figures and terms. */
function closing(closed: Partial<ClosedPeriod> = {}, terms: Partial<InvoiceTerms> = {}) {
  const story = new Story(contextWith(terms));
  story.closeNovember(closed);
  return story.books;
}

function invoiceFor(closed: Partial<ClosedPeriod> = {}, terms: Partial<InvoiceTerms> = {}): BookedInvoice {
  const [invoice] = closing(closed, terms).invoices;
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

/** Total in minor units of so many billed credits at a price. */
function totalOf(credits: number, overagePrice: string, currency: string): number {
  return invoiceFor({ billedMicros: credits * CREDIT, overagePrice, currency }).document.totalMinor;
}

describe("an overage invoice", () => {
  test("bills worked example 2 with 2.30 USD, and says by whom, to whom, for what and when", () => {
    const invoice = invoiceFor();
    expect(invoice.source).toBe("overage:1794614400000");
    const record = { ...invoice, invoiceId: "inv_1", ordinal: 1, number: 7 };
    expect(invoiceAnswer(record, invoice.issuedAtMs)).toEqual({
      invoice: "inv_1",
      number: "ACME-0007",
      account: "acme",
      kind: "overage",
      cause: null,
      status: "open",
      overdue: false,
      growsUntil: null,
      paymentReference: null,
      voidReason: null,
      credits: null,
      issuedAt: "2026-12-14T00:00:00Z",
      dueAt: "2027-01-13T00:00:00Z",
      timeZone: "UTC",
      period: { name: "2026-11-14", start: "2026-11-14T00:00:00Z", end: "2026-12-14T00:00:00Z" },
      currency: "USD",
      seller: TERMS.seller,
      buyer: TERMS.buyer,
      lines: [
        {
          description: "Overage: 237.5 credits above the limit of 6,000, billed in whole increments of 10",
          quantity: 230,
          unit: "credits",
          unitPrice: "0.010",
          amount: { amountMinor: 230, currency: "USD" },
        },
      ],
      subtotal: { amountMinor: 230, currency: "USD" },
      tax: null,
      total: { amountMinor: 230, currency: "USD" },
      notes: [],
    });
  });

  test("is not made for zero, nor without a price", () => {
    const nothing = [
      { billedMicros: 0 },
      { overagePrice: null },
      { overagePrice: "0.00" },
      { overagePrice: "0.00001" },
    ];
    for (const closed of nothing) {
      const books = closing(closed);
      expect(books.invoices).toEqual([]);
      expect(books.periods).toHaveLength(1);
    }
  });

  test("counts in the currency's own minor unit", () => {
    expect(totalOf(230, "0.010", "USD")).toBe(230);
    expect(totalOf(230, "1.5", "JPY")).toBe(345);
    expect(totalOf(230, "0.0031", "KWD")).toBe(713);
  });

  test("rounds the line once, half up", () => {
    // 10 × 0.0125 = 0.125 USD, 10 × 0.01249 = 0.1249 USD
    expect(totalOf(10, "0.0125", "USD")).toBe(13);
    expect(totalOf(10, "0.01249", "USD")).toBe(12);
    // 30 × 0.35 = 10.5 JPY, 30 × 0.349999999999 = 10.49999999997 JPY
    expect(totalOf(30, "0.35", "JPY")).toBe(11);
    expect(totalOf(30, "0.349999999999", "JPY")).toBe(10);
    // 10 × 0.00125 = 0.0125 KWD
    expect(totalOf(10, "0.00125", "KWD")).toBe(13);
  });

  test("is exact where floating point is not", () => {
    // 1.005 in binary is a little less than 1.005: rounded, it would lose a cent.
    expect(totalOf(10, "0.1005", "USD")).toBe(101);
    // 8,000,000,000 × 0.123456789012 = 987,654,312.096 USD
    expect(totalOf(8_000_000_000, "0.123456789012", "USD")).toBe(98_765_431_210);
  });

  test("adds the account's tax as its own line, half up", () => {
    const taxed = (percent: string, closed: Partial<ClosedPeriod> = {}) => {
      const { subtotalMinor, tax, totalMinor } = invoiceFor(closed, {
        tax: { name: "VAT", percent },
      }).document;
      return [subtotalMinor, tax?.amountMinor, totalMinor];
    };
    // 19 % of 2.30 = 0.437; 8.875 % = 0.204125
    expect(taxed("19")).toEqual([230, 44, 274]);
    expect(taxed("8.875")).toEqual([230, 20, 250]);
    // 7.5 % of 1.00 = 0.075; 7.4999 % = 0.074999
    expect(taxed("7.5", { billedMicros: 100 * CREDIT })).toEqual([100, 8, 108]);
    expect(taxed("7.4999", { billedMicros: 100 * CREDIT })).toEqual([100, 7, 107]);
    // 10 % of 345 JPY = 34.5
    expect(taxed("10", { overagePrice: "1.5", currency: "JPY" })).toEqual([345, 35, 380]);
    expect(taxed("0")).toEqual([230, 0, 230]);
  });

  test("is due the agreed calendar days later, also over a change of the clocks", () => {
    const berlin = { timeZone: "Europe/Berlin", endMs: Date.parse("2027-03-13T23:00:00Z") };
    expect(new Date(invoiceFor(berlin).dueAtMs).toISOString()).toBe("2027-04-12T22:00:00.000Z");
    expect(invoiceFor({}, { netDays: 0 }).dueAtMs).toBe(NOVEMBER.endMs);
  });
});

describe("an invoice's number", () => {
  test("has four digits, and more where it needs them", () => {
    expect(invoiceNumber("ACME", 7)).toBe("ACME-0007");
    expect(invoiceNumber("ACME", 9999)).toBe("ACME-9999");
    expect(invoiceNumber("ACME", 10_000)).toBe("ACME-10000");
  });

  test("counts per account, or in one series of the operator's, apart for test mode", () => {
    const operator = { scope: "operator", prefix: "INV" } as const;
    expect(numberingOf("live:acme", "ACME", undefined)).toEqual({
      series: "live:acme",
      numberPrefix: "ACME",
    });
    expect(numberingOf("live:acme", "ACME", { scope: "account" })).toEqual({
      series: "live:acme",
      numberPrefix: "ACME",
    });
    const live = numberingOf("live:acme", "ACME", operator);
    expect(live).toEqual({ series: "operator:live", numberPrefix: "INV" });
    expect(numberingOf("live:other", "OTHER", operator)).toEqual(live);
    expect(numberingOf("test:acme", "ACME", operator).series).not.toBe(live.series);
  });
});

describe("an open invoice", () => {
  test("is overdue from the day after its due date in the account's time zone, and never once it is settled", () => {
    const due = Date.parse("2027-01-12T23:00:00Z");
    const overdueAt = (instant: string) => isOverdue("open", due, "Europe/Berlin", Date.parse(instant));
    expect(overdueAt("2027-01-12T23:00:00Z")).toBe(false);
    expect(overdueAt("2027-01-13T22:59:59.999Z")).toBe(false);
    expect(overdueAt("2027-01-13T23:00:00Z")).toBe(true);
    for (const status of ["paid", "void", "uncollectible"] as const) {
      expect(isOverdue(status, due, "Europe/Berlin", Date.parse("2028-01-01T00:00:00Z"))).toBe(false);
    }
  });
});

describe("money for people", () => {
  test("has the currency's sign and decimals, exact at any size", () => {
    expect(moneyText({ amountMinor: 230, currency: "USD" })).toBe("$2.30");
    expect(moneyText({ amountMinor: 5, currency: "USD" })).toBe("$0.05");
    expect(moneyText({ amountMinor: -10, currency: "USD" })).toBe("-$0.10");
    expect(moneyText({ amountMinor: 1235, currency: "JPY" })).toBe("¥1,235");
    expect(moneyText({ amountMinor: 713, currency: "KWD" })).toBe("KWD\u00a00.713");
    expect(moneyText({ amountMinor: Number.MAX_SAFE_INTEGER, currency: "USD" })).toBe(
      "$90,071,992,547,409.91",
    );
  });
});

describe("the notice of a document", () => {
  const text = (content: Partial<InvoiceIssued>) => {
    const notice: InvoiceIssued = {
      kind: "invoice_issued",
      atMs: NOVEMBER.endMs,
      period: NOVEMBER.period,
      invoiceId: "inv_1",
      number: "ACME-0007",
      totalMinor: 230,
      currency: "USD",
      dueAtMs: NOVEMBER.endMs,
      ...content,
    };
    const { title, paragraphs } = messageOf(notice, { mode: "live", accountName: "Acme", timeZone: "UTC" });
    return [title, ...paragraphs].join("\n");
  };

  test("tells a credit note, with what is credited and no due date", () => {
    const words = text({ document: "credit_note", totalMinor: -230 });
    expect(words).toContain("Credit note ACME-0007 for $2.30 was issued to Acme");
    expect(words).not.toMatch(/invoice|due/i);
  });

  test("says that nothing has to be paid where credits cover the invoice", () => {
    const words = text({ document: "packs", totalMinor: 0 });
    expect(words).toContain("nothing has to be paid");
    expect(words).not.toContain("due on");
  });
});
