/** The proof of section 7.4: what agrees is ok, and each kind of difference is found and named. */
import { describe, expect, test } from "vitest";
import type { Adjustment } from "../../shared/credits/adjustments.ts";
import type { BilledSide } from "../../shared/credits/billing-proof.ts";
import type { BookedInvoice } from "../../shared/credits/books.ts";
import { reconcile } from "../../shared/credits/reconciliation.ts";
import type { AccountSide, StoredSide } from "../../shared/credits/reconciliation-sides.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import { contextWith, Story } from "./billing-books.ts";

const CREDIT = 1_000_000;

const OCTOBER: ClosedPeriod = {
  period: "2026-10-14",
  startMs: Date.parse("2026-10-14T00:00:00Z"),
  endMs: Date.parse("2026-11-14T00:00:00Z"),
  seqBefore: 0,
  seqLast: 4,
  setting: "pay_as_you_go",
  limitMicros: 10 * CREDIT,
  usedMicros: 40 * CREDIT,
  heldMicros: 0,
  overdraftMicros: 5 * CREDIT,
  overageMicros: 30 * CREDIT,
  billableMicros: 25 * CREDIT,
  billedMicros: 20 * CREDIT,
  expiredMicros: 0,
  overagePrice: "0.010",
  packsAmountMinor: 0,
  currency: "USD",
  timeZone: "UTC",
};

const NOVEMBER: ClosedPeriod = { ...OCTOBER, period: "2026-11-14", startMs: OCTOBER.endMs, seqLast: 14 };

/** Entries 1-4 count in October with 10 credits each, 5-9 in November with 1 each; 8 and 9 are not acknowledged. */
const ACCOUNT: AccountSide = {
  period: "2026-11-14",
  periodStartMs: OCTOBER.endMs,
  usedMicros: 5 * CREDIT,
  lastSeq: 9,
  acknowledgedSeq: 7,
  tail: [8, 9].map((seq) => ({ seq, period: "2026-11-14", creditsMicros: CREDIT })),
  unsettled: [],
  unsettledCorrections: [],
};

/** What billing makes of October. */
const BILLED = billedOf(OCTOBER);

function billedOf(closed: ClosedPeriod): BilledSide {
  const story = new Story(contextWith());
  story.tell({ kind: "period_closed", closed });
  return {
    ...story.books,
    numbers: { count: story.books.invoices.length, highest: story.books.invoices.length },
  };
}

const STORED: StoredSide = {
  sums: [sums("2026-10-14", 40), sums("2026-11-14", 3)],
  breaks: [],
  lastSeq: 7,
  recent: [],
  reversed: [],
  billed: BILLED,
};

function sums(period: string, credits: number, laterCredits = 0) {
  return {
    period,
    segmentsMicros: credits * CREDIT,
    entriesMicros: credits * CREDIT,
    laterMicros: laterCredits * CREDIT,
    rollupsMicros: credits * CREDIT,
  };
}

function mismatches(account: Partial<AccountSide>, stored: Partial<StoredSide> = {}): readonly string[] {
  const result = reconcile({ ...ACCOUNT, ...account }, { ...STORED, ...stored });
  expect(result.ok).toBe(result.mismatches.length === 0);
  return result.mismatches;
}

describe("a reconciliation", () => {
  test("finds an account in order, newest period first, with what is on its way", () => {
    expect(reconcile(ACCOUNT, STORED)).toEqual({
      ok: true,
      unshipped: 2,
      periods: [
        {
          period: "2026-11-14",
          usedMicros: 5 * CREDIT,
          tailMicros: 2 * CREDIT,
          segmentsMicros: 3 * CREDIT,
          rollupsMicros: 3 * CREDIT,
          laterMicros: 0,
          closedUsedMicros: null,
          correctedUsedMicros: null,
          ok: true,
        },
        {
          period: "2026-10-14",
          usedMicros: 40 * CREDIT,
          tailMicros: 0,
          segmentsMicros: 40 * CREDIT,
          rollupsMicros: 40 * CREDIT,
          laterMicros: 0,
          closedUsedMicros: 40 * CREDIT,
          correctedUsedMicros: null,
          ok: true,
        },
      ],
      adjustments: { grantedMinor: 0, appliedMinor: 0, openMinor: 0, droppedMinor: 0 },
      mismatches: [],
    });
  });

  test("counts an entry once that is in D1 and still in the tail", () => {
    const arrived = {
      lastSeq: 8,
      recent: [{ firstSeq: 8, lastSeq: 8 }],
      sums: [sums("2026-10-14", 40), sums("2026-11-14", 4)],
    };
    expect(mismatches({}, arrived)).toEqual([]);
    expect(reconcile(ACCOUNT, { ...STORED, ...arrived })).toMatchObject({
      unshipped: 1,
      periods: [{ tailMicros: CREDIT }, { tailMicros: 0 }],
    });
  });

  test("leaves out what was booked after the account was asked, also in a period that began since", () => {
    const later = {
      lastSeq: 14,
      recent: [
        { firstSeq: 8, lastSeq: 11 },
        { firstSeq: 12, lastSeq: 14 },
      ],
      sums: [sums("2026-10-14", 40), sums("2026-11-14", 7, 2), sums("2026-12-14", 3, 3)],
      billed: {
        ...BILLED,
        periods: [...BILLED.periods, { figures: { ...NOVEMBER, usedMicros: 7 * CREDIT }, corrected: null }],
      },
    };
    expect(mismatches({}, later)).toEqual([]);
    expect(reconcile(ACCOUNT, { ...STORED, ...later }).unshipped).toBe(0);
  });

  test("takes segments that arrive out of order for being on their way", () => {
    const ahead = {
      lastSeq: 9,
      breaks: [{ expectedSeq: 8, foundSeq: 9 }],
      recent: [{ firstSeq: 9, lastSeq: 9 }],
      sums: [sums("2026-10-14", 40), sums("2026-11-14", 4)],
    };
    expect(mismatches({}, ahead)).toEqual([]);
    expect(reconcile(ACCOUNT, { ...STORED, ...ahead }).unshipped).toBe(2);
  });

  test("knows a closed period from the account while billing has not stored it", () => {
    const nothing = { ...BILLED, periods: [], invoices: [], numbers: { count: 0, highest: 0 } };
    expect(mismatches({ unsettled: [OCTOBER] }, { billed: nothing })).toEqual([]);
    const result = reconcile({ ...ACCOUNT, unsettled: [OCTOBER] }, { ...STORED, billed: nothing });
    expect(result.periods[1]).toMatchObject({ period: "2026-10-14", closedUsedMicros: null, ok: true });
  });

  test("finds a micro-credit too few in the account, in the segments and in the roll-ups", () => {
    expect(mismatches({ usedMicros: 5 * CREDIT - 1 })).toEqual([
      "period 2026-11-14: the account's used 4.999999, its entries 5",
    ]);
    const november = sums("2026-11-14", 3);
    const october = sums("2026-10-14", 40);
    expect(mismatches({}, { sums: [october, { ...november, segmentsMicros: 3 * CREDIT - 1 }] })).toEqual([
      "period 2026-11-14: the segments' sums 2.999999, their entries 3",
    ]);
    expect(mismatches({}, { sums: [october, { ...november, rollupsMicros: 3 * CREDIT - 1 }] })).toEqual([
      "period 2026-11-14: the roll-ups 2.999999, the entries in D1 3",
    ]);
  });

  test("finds entries that were acknowledged and are not in D1, or are there twice", () => {
    expect(mismatches({}, { breaks: [{ expectedSeq: 3, foundSeq: 5 }] })).toEqual([
      "D1 lacks entries 3 to 4, which were acknowledged",
    ]);
    expect(mismatches({}, { lastSeq: 5 })).toEqual(["D1 lacks entries 6 to 7, which were acknowledged"]);
    expect(mismatches({}, { breaks: [{ expectedSeq: 5, foundSeq: 3 }] })).toEqual([
      "D1 holds entries 3 to 4 in two segments",
    ]);
  });

  test("finds a tail that does not begin where D1 was acknowledged", () => {
    expect(mismatches({ tail: ACCOUNT.tail.slice(1) })).toEqual([
      "the account's tail begins at entry 9, after 7",
      "period 2026-11-14: the account's used 5, its entries 4",
    ]);
  });

  test("finds entries in a period that nobody knows", () => {
    expect(mismatches({}, { sums: [...STORED.sums, sums("2026-09-14", 2)] })).toEqual([
      "period 2026-09-14: the account's used 0, its entries 2",
    ]);
  });

  test("finds a closed figure, a billed amount or an invoice that does not follow from what was used", () => {
    const figured = (more: Partial<ClosedPeriod>) => ({
      billed: { ...BILLED, periods: [{ figures: { ...OCTOBER, ...more }, corrected: null }] },
    });
    expect(mismatches({ unsettled: [OCTOBER] }, figured({ usedMicros: 41 * CREDIT }))).toEqual([
      "period 2026-10-14: what its overage was computed from 41, the account's used 40",
    ]);
    expect(mismatches({}, figured({ overdraftMicros: 0 }))).toEqual([
      "period 2026-10-14: billed 20, its billable overage in whole increments 30",
    ]);
    expect(mismatches({}, { billed: { ...BILLED, invoices: [] } })).toEqual([
      "period 2026-10-14: the invoice's quantity 0, billed 20",
    ]);
    expect(mismatches({}, figured({ packsAmountMinor: 1000 }))).toEqual([
      "period 2026-10-14: packs invoiced 0.00 USD, packs of the period 10.00 USD",
    ]);
  });

  test("compares only what it is asked for", () => {
    const wrong = { ...STORED, sums: [sums("2026-10-14", 39), sums("2026-11-14", 3)] };
    expect(reconcile(ACCOUNT, wrong).ok).toBe(false);
    const later = reconcile(ACCOUNT, wrong, { from: "2026-10-15", only: null });
    expect(later).toMatchObject({ ok: true, periods: [{ period: "2026-11-14" }] });
    const only = reconcile(ACCOUNT, STORED, { from: null, only: "2026-10-14" });
    expect(only).toMatchObject({ ok: true, periods: [{ period: "2026-10-14" }] });
  });

  test("proves the last period of a closed account, which stays its current one", () => {
    const last = {
      ...NOVEMBER,
      seqLast: 9,
      usedMicros: 5 * CREDIT,
      limitMicros: 5 * CREDIT,
      overdraftMicros: 0,
    };
    const figures = { ...last, overageMicros: 0, billableMicros: 0, billedMicros: 0 };
    const side = (used: number): StoredSide => ({
      ...STORED,
      billed: {
        ...BILLED,
        periods: [...BILLED.periods, { figures: { ...figures, usedMicros: used * CREDIT }, corrected: null }],
      },
    });
    expect(reconcile(ACCOUNT, side(5))).toMatchObject({
      mismatches: [],
      periods: [{ usedMicros: 5 * CREDIT, closedUsedMicros: 5 * CREDIT }, {}],
    });
    const unsettled = [figures];
    expect(reconcile({ ...ACCOUNT, unsettled }, side(4)).mismatches).toEqual([
      "period 2026-11-14: what its overage was computed from 4, the account's used 5",
    ]);
  });
});

describe("corrections of a closed period", () => {
  /** Entry 10 reversed 8 credits of October: 17 billable instead of 25. */
  const corrected = {
    usedMicros: 32 * CREDIT,
    overdraftMicros: 5 * CREDIT,
    overageMicros: 22 * CREDIT,
    billableMicros: 17 * CREDIT,
    billedMicros: 10 * CREDIT,
  };
  const correction = {
    kind: "overage_corrected",
    source: "cor_10",
    periodStartMs: OCTOBER.startMs,
    period: OCTOBER.period,
    eventId: "e",
    correctedMicros: 8 * CREDIT,
    creditMinor: 10,
    corrected,
  } as const;
  const story = new Story(contextWith());
  story.tell({ kind: "period_closed", closed: OCTOBER });
  story.tell(correction);
  story.buy(1);
  const billed: BilledSide = { ...story.books, numbers: { count: 2, highest: 2 } };
  const entry = { seq: 10, period: "2026-11-14", creditsMicros: 0 };
  const reverses = { periodStartMs: OCTOBER.startMs, creditsMicros: 8 * CREDIT };
  const account = { lastSeq: 10, tail: [...ACCOUNT.tail, { ...entry, correction: reverses }] };

  test("agree from the entry, wherever it is, to the invoice that took the credit", () => {
    expect(mismatches(account, { billed })).toEqual([]);
    const result = reconcile({ ...ACCOUNT, ...account }, { ...STORED, billed });
    expect(result.adjustments).toEqual({ grantedMinor: 10, appliedMinor: 10, openMinor: 0, droppedMinor: 0 });
    expect(result.periods[1]).toMatchObject({
      closedUsedMicros: 40 * CREDIT,
      correctedUsedMicros: 32 * CREDIT,
    });
    const stored = { billed, reversed: [reverses], lastSeq: 10, recent: [{ firstSeq: 10, lastSeq: 10 }] };
    expect(mismatches(account, stored)).toEqual([]);
    const { source, periodStartMs, correctedMicros } = correction;
    const unsettledCorrections = [{ source, periodStartMs, correctedMicros }];
    expect(mismatches({ ...account, unsettledCorrections }, {})).toEqual([]);
  });

  test("of an open period are its usage's, and billing is not told of them", () => {
    const open = { seq: 10, period: "2026-11-14", creditsMicros: -CREDIT };
    const own = { periodStartMs: OCTOBER.endMs, creditsMicros: CREDIT };
    const tail = [...ACCOUNT.tail, { ...open, correction: own }];
    expect(mismatches({ lastSeq: 10, tail, usedMicros: 4 * CREDIT }, {})).toEqual([]);
  });

  test("that billing was not told of, or that have no entry, are found", () => {
    expect(mismatches(account)).toEqual([
      "period 2026-10-14: corrections told to billing 0, their entries 8",
    ]);
    expect(mismatches({ lastSeq: 10, tail: [...ACCOUNT.tail, entry] }, { billed })).toEqual([
      "period 2026-10-14: corrections told to billing 8, their entries 0",
    ]);
    // Told after the account was asked: next time.
    expect(mismatches({}, { billed })).toEqual([]);
  });

  test("that were credited wrong are found", () => {
    const wrongly = (change: Partial<Adjustment>): BilledSide => ({
      ...billed,
      adjustments: billed.adjustments.map((adjustment) => ({ ...adjustment, ...change })),
    });
    expect(mismatches(account, { billed: wrongly({ grantedMinor: 20, openMinor: 10 }) })).toEqual([
      "period 2026-10-14: invoiced less credits for corrections 0.00 USD, what its corrected figures give 0.10 USD",
    ]);
    expect(mismatches(account, { billed: wrongly({ openMinor: 10 }) })).toEqual([
      "adjustment cor_10: granted 10, applied, open and dropped 20 minor units",
    ]);
  });
});

describe("documents", () => {
  const changed = (change: (invoice: BookedInvoice) => BookedInvoice): Partial<StoredSide> => ({
    billed: { ...BILLED, invoices: BILLED.invoices.map(change) },
  });

  test("that do not add up, are void without a note, or leave a gap are found", () => {
    const total = (invoice: BookedInvoice) => ({
      ...invoice,
      document: { ...invoice.document, totalMinor: 21 },
    });
    expect(mismatches({}, changed(total))).toEqual([
      "ACME-0001: the total 0.21 USD, subtotal and tax 0.20 USD",
    ]);
    expect(
      mismatches(
        {},
        changed((invoice) => ({ ...invoice, status: "void" })),
      ),
    ).toEqual(["ACME-0001 is void without a credit note"]);
    expect(mismatches({}, { billed: { ...BILLED, numbers: { count: 1, highest: 2 } } })).toEqual([
      "1 documents have numbers up to 2",
    ]);
  });
});
