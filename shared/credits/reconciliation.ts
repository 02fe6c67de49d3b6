/**
 * The proof of section 7.4: the usage and correction entries that count in a period = its `used` = what its overage
 * was computed from, and documents follow from that. A pure comparison of what the account says with what D1 holds;
 * every difference is named.
 */
import {
  type AdjustmentTotals,
  adjustmentTotals,
  type BilledSide,
  creditsDiffer,
  documentMismatches,
  periodMismatches,
} from "./billing-proof.ts";
import type { BookedPeriod } from "./books.ts";
import {
  type AccountSide,
  type ComparedEntry,
  type ComparedRange,
  EVERY_PERIOD,
  isCompared,
  type PeriodSums,
  type StoredSide,
} from "./reconciliation-sides.ts";
import { type ClosedPeriod, wholeIncrementsMicros } from "./reset.ts";

export interface ReconciledPeriod {
  readonly period: string;
  /** As the account says. */
  readonly usedMicros: number;
  /** Entries that only the account holds. */
  readonly tailMicros: number;
  readonly segmentsMicros: number;
  readonly rollupsMicros: number;
  /** What D1 holds beyond `usedMicros` because it was booked after the account was asked. */
  readonly laterMicros: number;
  /** What its overage was computed from; null until billing has stored it. */
  readonly closedUsedMicros: number | null;
  /** After corrections of the closed period; null where there are none. */
  readonly correctedUsedMicros: number | null;
  readonly ok: boolean;
}

export interface Reconciliation {
  readonly ok: boolean;
  /** Entries that are not in D1 without a gap yet; they are on their way, not lost. */
  readonly unshipped: number;
  /** Newest first. */
  readonly periods: readonly ReconciledPeriod[];
  /** Of the periods compared. */
  readonly adjustments: AdjustmentTotals;
  readonly mismatches: readonly string[];
}

export function reconcile(
  account: AccountSide,
  stored: StoredSide,
  range: ComparedRange = EVERY_PERIOD,
): Reconciliation {
  const { unsettled, closed } = closedBefore(account, stored);
  const used = usedByPeriod(account, [...closed.map(({ figures }) => figures), ...unsettled]);
  const tail = tailByPeriod(account, stored);
  const sums = new Map(stored.sums.map((sum) => [sum.period, sum]));
  const names = new Set([...used.keys(), ...tail.keys(), ...sums.keys()]);
  const compared = [...names]
    .filter((period) => isCompared(period, range))
    .sort((a, b) => (a < b ? 1 : -1))
    .map((period) =>
      comparePeriod({
        period,
        usedMicros: used.get(period) ?? 0,
        tailMicros: tail.get(period) ?? 0,
        sums: sums.get(period) ?? noSums(period),
        closed: closed.filter(({ figures }) => figures.period === period),
        reversals: range.only === null ? reversalMismatches(period, account, stored) : [],
        unsettled,
        billed: stored.billed,
      }),
    );
  const mismatches = [
    ...sequenceMismatches(account, stored),
    ...compared.flatMap((comparison) => comparison.mismatches),
    ...documentMismatches(stored.billed),
  ];
  const highestSeq = (stored.breaks[0]?.expectedSeq ?? stored.lastSeq + 1) - 1;
  return {
    ok: mismatches.length === 0,
    unshipped: Math.max(0, account.lastSeq - highestSeq),
    periods: compared.map((comparison) => comparison.period),
    adjustments: adjustmentTotals(stored.billed),
    mismatches,
  };
}

/**
 * Periods that were closed when the account was asked; one that closed since, with more entries, is compared next
 * time. The last period of a closed account stays its current one.
 */
function closedBefore(account: AccountSide, stored: StoredSide) {
  const before = ({ startMs, seqLast }: ClosedPeriod) =>
    startMs < account.periodStartMs || (startMs === account.periodStartMs && seqLast <= account.lastSeq);
  return {
    unsettled: account.unsettled.filter(before),
    closed: stored.billed.periods.filter(({ figures }) => before(figures)),
  };
}

/** By name: two short periods may share one after two changes of the time zone. */
function sumBy<Item>(items: readonly Item[], of: (item: Item) => [string, number]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const item of items) {
    const [name, micros] = of(item);
    sums.set(name, (sums.get(name) ?? 0) + micros);
  }
  return sums;
}

/** The account's figures; of a closed period that comes twice, the later one counts. */
function usedByPeriod(account: AccountSide, closed: readonly ClosedPeriod[]): Map<string, number> {
  const current = { period: account.period, startMs: account.periodStartMs, usedMicros: account.usedMicros };
  const once = new Map([...closed, current].map((period) => [period.startMs, period]));
  return sumBy([...once.values()], ({ period, usedMicros }) => [period, usedMicros]);
}

function tailByPeriod(account: AccountSide, stored: StoredSide): Map<string, number> {
  return sumBy(onlyInTail(account, stored), (entry) => [entry.period, entry.creditsMicros]);
}

/** Entries of the tail that are in D1 already count there. */
function onlyInTail(account: AccountSide, stored: StoredSide): readonly ComparedEntry[] {
  const isStored = (seq: number) =>
    stored.recent.some((segment) => segment.firstSeq <= seq && seq <= segment.lastSeq);
  return account.tail.filter((entry) => !isStored(entry.seq));
}

function noSums(period: string): PeriodSums {
  return { period, segmentsMicros: 0, entriesMicros: 0, laterMicros: 0, rollupsMicros: 0 };
}

function comparePeriod(figures: {
  readonly period: string;
  readonly usedMicros: number;
  readonly tailMicros: number;
  readonly sums: PeriodSums;
  readonly closed: readonly BookedPeriod[];
  readonly reversals: readonly string[];
  readonly unsettled: readonly ClosedPeriod[];
  readonly billed: BilledSide;
}): { readonly period: ReconciledPeriod; readonly mismatches: readonly string[] } {
  const { period, usedMicros, tailMicros, closed, reversals, unsettled, billed } = figures;
  const { segmentsMicros, entriesMicros, laterMicros, rollupsMicros } = figures.sums;
  const countedMicros = entriesMicros - laterMicros + tailMicros;
  const mismatches = [
    creditsDiffer(period, ["the account's used", usedMicros], ["its entries", countedMicros]),
    creditsDiffer(period, ["the segments' sums", segmentsMicros], ["their entries", entriesMicros]),
    creditsDiffer(period, ["the roll-ups", rollupsMicros], ["the entries in D1", entriesMicros]),
    closed.flatMap(({ figures: stored }) => closedMismatches(stored, unsettled)),
    closed.flatMap((stored) => periodMismatches(stored, billed)),
    reversals,
  ].flat();
  const isCorrected = closed.some(({ corrected }) => corrected !== null);
  const sumUsed = (of: (stored: BookedPeriod) => { readonly usedMicros: number }) =>
    closed.reduce((sum, stored) => sum + of(stored).usedMicros, 0);
  return {
    period: {
      period,
      usedMicros,
      tailMicros,
      segmentsMicros,
      rollupsMicros,
      laterMicros,
      closedUsedMicros: closed.length === 0 ? null : sumUsed((stored) => stored.figures),
      correctedUsedMicros: isCorrected ? sumUsed((stored) => stored.corrected ?? stored.figures) : null,
      ok: mismatches.length === 0,
    },
    mismatches,
  };
}

/** Corrections of a closed period: what their entries reverse is what billing was told. */
function reversalMismatches(period: string, account: AccountSide, stored: StoredSide): readonly string[] {
  const starts = new Set(
    [...stored.billed.periods.map(({ figures }) => figures), ...account.unsettled]
      .filter((closed) => closed.period === period)
      .map(({ startMs }) => startMs),
  );
  const told = new Map(
    [...stored.billed.adjustments, ...account.unsettledCorrections]
      .filter(
        ({ source, periodStartMs }) => starts.has(periodStartMs) && correctionSeq(source) <= account.lastSeq,
      )
      .map(({ source, correctedMicros }) => [source, correctedMicros]),
  );
  const toldMicros = [...told.values()].reduce((sum, micros) => sum + micros, 0);
  // One of an open period counts in its used, and billing is not told.
  const inTail = onlyInTail(account, stored)
    .filter(({ creditsMicros }) => creditsMicros === 0)
    .flatMap(({ correction }) => correction ?? []);
  const reversedMicros = [...stored.reversed, ...inTail]
    .filter(({ periodStartMs }) => starts.has(periodStartMs))
    .reduce((sum, { creditsMicros }) => sum + creditsMicros, 0);
  return creditsDiffer(
    period,
    ["corrections told to billing", toldMicros],
    ["their entries", reversedMicros],
  );
}

/** A correction is named by the sequence number of its entry: "cor_12". */
function correctionSeq(source: string): number {
  return Number(/^cor_(\d+)$/.exec(source)?.[1] ?? Number.NaN);
}

/** Segments may arrive in any order; what D1 has acknowledged must be there, once, and the tail must have the rest. */
function sequenceMismatches(account: AccountSide, stored: StoredSide): readonly string[] {
  const mismatches: string[] = [];
  for (const { expectedSeq, foundSeq } of stored.breaks) {
    if (foundSeq < expectedSeq) {
      mismatches.push(`D1 holds entries ${foundSeq} to ${expectedSeq - 1} in two segments`);
    } else if (expectedSeq <= account.acknowledgedSeq) {
      mismatches.push(`D1 lacks entries ${expectedSeq} to ${foundSeq - 1}, which were acknowledged`);
    }
  }
  if (stored.lastSeq < account.acknowledgedSeq) {
    mismatches.push(
      `D1 lacks entries ${stored.lastSeq + 1} to ${account.acknowledgedSeq}, which were acknowledged`,
    );
  }
  const firstSeq = account.tail[0]?.seq ?? account.lastSeq + 1;
  if (firstSeq !== account.acknowledgedSeq + 1) {
    mismatches.push(`the account's tail begins at entry ${firstSeq}, after ${account.acknowledgedSeq}`);
  }
  return mismatches;
}

/** What was stored and billed follows from what was used (7.1). */
function closedMismatches(closed: ClosedPeriod, unsettled: readonly ClosedPeriod[]): readonly string[] {
  const { period } = closed;
  const told = unsettled.find((candidate) => candidate.startMs === closed.startMs) ?? closed;
  const billableMicros = Math.max(0, closed.usedMicros - closed.overdraftMicros - closed.limitMicros);
  return [
    creditsDiffer(
      period,
      ["what its overage was computed from", closed.usedMicros],
      ["the account's used", told.usedMicros],
    ),
    creditsDiffer(
      period,
      ["billed", closed.billedMicros],
      ["its billable overage in whole increments", wholeIncrementsMicros(billableMicros)],
    ),
  ].flat();
}
