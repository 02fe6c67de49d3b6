/** The proof of section 7.4: what agrees is ok, and each kind of difference is found and named. */
import { describe, expect, test } from "vitest";
import { type AccountSide, reconcile, type StoredSide } from "../../shared/credits/reconciliation.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";

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

/** Entries 1-4 count in October with 10 credits each, 5-9 in November with 1 each; 8 and 9 are not acknowledged. */
const ACCOUNT: AccountSide = {
  period: "2026-11-14",
  periodStartMs: OCTOBER.endMs,
  usedMicros: 5 * CREDIT,
  lastSeq: 9,
  acknowledgedSeq: 7,
  tail: [8, 9].map((seq) => ({ seq, period: "2026-11-14", creditsMicros: CREDIT })),
  unsettled: [],
};

const STORED: StoredSide = {
  sums: [sums("2026-10-14", 40), sums("2026-11-14", 3)],
  breaks: [],
  lastSeq: 7,
  recent: [],
  closed: [OCTOBER],
  invoiced: [{ source: `overage:${OCTOBER.startMs}`, quantityMicros: 20 * CREDIT }],
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
          ok: true,
        },
      ],
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
      closed: [OCTOBER, { ...OCTOBER, period: "2026-11-14", startMs: OCTOBER.endMs, usedMicros: 7 * CREDIT }],
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
    expect(mismatches({ unsettled: [OCTOBER] }, { closed: [], invoiced: [] })).toEqual([]);
    const result = reconcile({ ...ACCOUNT, unsettled: [OCTOBER] }, { ...STORED, closed: [], invoiced: [] });
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
    expect(
      mismatches({ unsettled: [OCTOBER] }, { closed: [{ ...OCTOBER, usedMicros: 41 * CREDIT }] }),
    ).toEqual(["period 2026-10-14: what its overage was computed from 41, the account's used 40"]);
    expect(mismatches({}, { closed: [{ ...OCTOBER, overdraftMicros: 0 }] })).toEqual([
      "period 2026-10-14: billed 20, its billable overage in whole increments 30",
    ]);
    expect(mismatches({}, { invoiced: [] })).toEqual([
      "period 2026-10-14: the invoice's quantity 0, billed 20",
    ]);
  });
});
