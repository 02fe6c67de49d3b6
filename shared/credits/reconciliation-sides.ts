/** The two sides of a reconciliation: what the account said and what D1 held (rules, section 7.4). */
import type { Adjustment } from "./adjustments.ts";
import type { BilledSide } from "./billing-proof.ts";
import type { ClosedPeriod } from "./reset.ts";

/** What the account said, at one moment. */
export interface AccountSide {
  readonly period: string;
  readonly periodStartMs: number;
  readonly usedMicros: number;
  readonly lastSeq: number;
  /** Entries up to this one were acknowledged as stored. */
  readonly acknowledgedSeq: number;
  /** Entries after `acknowledgedSeq`. */
  readonly tail: readonly ComparedEntry[];
  /** Closed periods that billing has not acknowledged; asked for after the rest. */
  readonly unsettled: readonly ClosedPeriod[];
  /** Corrections of closed periods that billing has not acknowledged; asked for after the rest. */
  readonly unsettledCorrections: readonly GrantedCorrection[];
}

export interface ComparedEntry {
  readonly seq: number;
  readonly period: string;
  /** What it counts: below 0 for a correction, 0 for one of a closed period. */
  readonly creditsMicros: number;
  readonly correction?: { readonly periodStartMs: number; readonly creditsMicros: number } | undefined;
}

/** A correction as billing was told of it. */
export type GrantedCorrection = Pick<Adjustment, "source" | "periodStartMs" | "correctedMicros">;

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
  /** By start of the closed period: credits that corrections reversed after its close, as of when the account was asked. */
  readonly reversed: readonly { readonly periodStartMs: number; readonly creditsMicros: number }[];
  readonly billed: BilledSide;
}

/** Which periods to compare, by the local date of their start. */
export interface ComparedRange {
  /** This one and later ones; null: all. */
  readonly from: string | null;
  /** Only this one; null: no such limit. Entries of later periods, corrections of this one too, are not read then. */
  readonly only: string | null;
}

export const EVERY_PERIOD: ComparedRange = { from: null, only: null };

export function isCompared(period: string, { from, only }: ComparedRange): boolean {
  return (from === null || period >= from) && (only === null || period === only);
}
