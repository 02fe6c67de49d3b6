/**
 * The proof of section 7.4: the entries that count in a period = its `used` = what its overage was computed from.
 * A pure comparison of what the account says with what D1 holds; every difference is named.
 */
import { formatMicros } from "./amounts.ts";
import { overageAmountMinor, overageSource } from "./invoice.ts";
import { type ClosedPeriod, wholeIncrementsMicros } from "./reset.ts";

/** What the account said, at one moment. */
export interface AccountSide {
  readonly period: string;
  readonly periodStartMs: number;
  readonly usedMicros: number;
  readonly lastSeq: number;
  /** Entries up to this one were acknowledged as stored. */
  readonly acknowledgedSeq: number;
  /** Entries after `acknowledgedSeq`. */
  readonly tail: readonly { readonly seq: number; readonly period: string; readonly creditsMicros: number }[];
  /** Closed periods that billing has not acknowledged; asked for after the rest. */
  readonly unsettled: readonly ClosedPeriod[];
}

export interface PeriodSums {
  readonly period: string;
  /** Sum that the segments carry. */
  readonly segmentsMicros: number;
  /** Sum of the entries within the segments. */
  readonly entriesMicros: number;
  /** The part of it that was booked after the account was asked. */
  readonly laterMicros: number;
  readonly rollupsMicros: number;
}

/** What D1 held in one transaction after the account was asked. */
export interface StoredSide {
  readonly sums: readonly PeriodSums[];
  /** Where a segment does not begin after the one before it, in order. */
  readonly breaks: readonly { readonly expectedSeq: number; readonly foundSeq: number }[];
  readonly lastSeq: number;
  /** Segments after the account's `acknowledgedSeq`. */
  readonly recent: readonly { readonly firstSeq: number; readonly lastSeq: number }[];
  readonly closed: readonly ClosedPeriod[];
  /** Overage invoices: credits charged, by source. */
  readonly invoiced: readonly { readonly source: string; readonly quantityMicros: number }[];
}

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
  readonly ok: boolean;
}

export interface Reconciliation {
  readonly ok: boolean;
  /** Entries that are not in D1 without a gap yet; they are on their way, not lost. */
  readonly unshipped: number;
  /** Newest first. */
  readonly periods: readonly ReconciledPeriod[];
  readonly mismatches: readonly string[];
}

export function reconcile(account: AccountSide, stored: StoredSide): Reconciliation {
  const { unsettled, closed } = closedBefore(account, stored);
  const used = usedByPeriod(account, [...closed, ...unsettled]);
  const tail = tailByPeriod(account, stored);
  const sums = new Map(stored.sums.map((sum) => [sum.period, sum]));
  const names = new Set([...used.keys(), ...tail.keys(), ...sums.keys()]);
  const compared = [...names]
    .sort((a, b) => (a < b ? 1 : -1))
    .map((period) =>
      comparePeriod({
        period,
        usedMicros: used.get(period) ?? 0,
        tailMicros: tail.get(period) ?? 0,
        sums: sums.get(period) ?? noSums(period),
        closed: closed.filter((candidate) => candidate.period === period),
        unsettled,
        invoiced: stored.invoiced,
      }),
    );
  const mismatches = [
    ...sequenceMismatches(account, stored),
    ...compared.flatMap((comparison) => comparison.mismatches),
  ];
  const highestSeq = (stored.breaks[0]?.expectedSeq ?? stored.lastSeq + 1) - 1;
  return {
    ok: mismatches.length === 0,
    unshipped: Math.max(0, account.lastSeq - highestSeq),
    periods: compared.map((comparison) => comparison.period),
    mismatches,
  };
}

/** Periods that were closed when the account was asked; one that closed since is compared next time. */
function closedBefore(account: AccountSide, stored: StoredSide) {
  const before = (closed: ClosedPeriod) => closed.startMs < account.periodStartMs;
  return { unsettled: account.unsettled.filter(before), closed: stored.closed.filter(before) };
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
  const once = new Map(closed.map((period) => [period.startMs, period]));
  const current = { period: account.period, usedMicros: account.usedMicros };
  return sumBy([current, ...once.values()], ({ period, usedMicros }) => [period, usedMicros]);
}

/** Entries of the tail that are in D1 already count there. */
function tailByPeriod(account: AccountSide, stored: StoredSide): Map<string, number> {
  const isStored = (seq: number) =>
    stored.recent.some((segment) => segment.firstSeq <= seq && seq <= segment.lastSeq);
  const onlyHere = account.tail.filter((entry) => !isStored(entry.seq));
  return sumBy(onlyHere, (entry) => [entry.period, entry.creditsMicros]);
}

function noSums(period: string): PeriodSums {
  return { period, segmentsMicros: 0, entriesMicros: 0, laterMicros: 0, rollupsMicros: 0 };
}

function comparePeriod(figures: {
  readonly period: string;
  readonly usedMicros: number;
  readonly tailMicros: number;
  readonly sums: PeriodSums;
  readonly closed: readonly ClosedPeriod[];
  readonly unsettled: readonly ClosedPeriod[];
  readonly invoiced: StoredSide["invoiced"];
}): { readonly period: ReconciledPeriod; readonly mismatches: readonly string[] } {
  const { period, usedMicros, tailMicros, closed, unsettled, invoiced } = figures;
  const { segmentsMicros, entriesMicros, laterMicros, rollupsMicros } = figures.sums;
  const countedMicros = entriesMicros - laterMicros + tailMicros;
  const mismatches = [
    differ(period, ["the account's used", usedMicros], ["its entries", countedMicros]),
    differ(period, ["the segments' sums", segmentsMicros], ["their entries", entriesMicros]),
    differ(period, ["the roll-ups", rollupsMicros], ["the entries in D1", entriesMicros]),
    closed.flatMap((figure) => billingMismatches(figure, unsettled, invoiced)),
  ].flat();
  return {
    period: {
      period,
      usedMicros,
      tailMicros,
      segmentsMicros,
      rollupsMicros,
      laterMicros,
      closedUsedMicros:
        closed.length === 0 ? null : closed.reduce((sum, figure) => sum + figure.usedMicros, 0),
      ok: mismatches.length === 0,
    },
    mismatches,
  };
}

type Named = readonly [name: string, micros: number];

function differ(period: string, [a, aMicros]: Named, [b, bMicros]: Named): readonly string[] {
  if (aMicros === bMicros) return [];
  return [`period ${period}: ${a} ${formatMicros(aMicros)}, ${b} ${formatMicros(bMicros)}`];
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

/** What was stored, billed and invoiced follows from what was used (7.1). */
function billingMismatches(
  closed: ClosedPeriod,
  unsettled: readonly ClosedPeriod[],
  invoiced: StoredSide["invoiced"],
): readonly string[] {
  const { period } = closed;
  const told = unsettled.find((candidate) => candidate.startMs === closed.startMs) ?? closed;
  const billableMicros = Math.max(0, closed.usedMicros - closed.overdraftMicros - closed.limitMicros);
  const invoice = invoiced.find(({ source }) => source === overageSource(closed.startMs));
  const chargedMicros = overageAmountMinor(closed) === 0 ? 0 : closed.billedMicros;
  return [
    differ(
      period,
      ["what its overage was computed from", closed.usedMicros],
      ["the account's used", told.usedMicros],
    ),
    differ(
      period,
      ["billed", closed.billedMicros],
      ["its billable overage in whole increments", wholeIncrementsMicros(billableMicros)],
    ),
    differ(period, ["the invoice's quantity", invoice?.quantityMicros ?? 0], ["billed", chargedMicros]),
  ].flat();
}
