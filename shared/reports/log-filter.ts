/** Which entries of the usage log are asked for (rules, 10.3), and where they can lie. */
import type { UsageEntry } from "../credits/entries.ts";
import { possibleInstants, type TimeSpan } from "./days.ts";

/** A bound as the caller gives it: a local day, which is meant whole, or an instant. */
export type LogBound =
  | { readonly kind: "day"; readonly day: string }
  | { readonly kind: "instant"; readonly atMs: number };

export interface LogFilter {
  /** From this day or instant on. */
  readonly from?: LogBound | undefined;
  /** Up to this day, included, or up to this instant, excluded. */
  readonly to?: LogBound | undefined;
  readonly feature?: string | undefined;
  readonly user?: string | undefined;
}

export function matchesLog(entry: UsageEntry, { from, to, feature, user }: LogFilter): boolean {
  const occurredAtMs = entry.occurredAtMs ?? entry.atMs;
  if (feature !== undefined && entry.feature !== feature) return false;
  if (user !== undefined && entry.user !== user) return false;
  if (from !== undefined) {
    if (from.kind === "day" ? entry.day < from.day : occurredAtMs < from.atMs) return false;
  }
  if (to !== undefined) {
    if (to.kind === "day" ? entry.day > to.day : occurredAtMs >= to.atMs) return false;
  }
  return true;
}

/** Every matching entry occurred within this span; it may hold others. */
export function spanOfLog({ from, to }: LogFilter): TimeSpan {
  return { fromMs: earliestMs(from), toMs: latestMs(to) };
}

function earliestMs(bound: LogBound | undefined): number {
  if (bound === undefined) return Number.NEGATIVE_INFINITY;
  return bound.kind === "instant" ? bound.atMs : possibleInstants({ from: bound.day, to: bound.day }).fromMs;
}

function latestMs(bound: LogBound | undefined): number {
  if (bound === undefined) return Number.POSITIVE_INFINITY;
  return bound.kind === "instant" ? bound.atMs : possibleInstants({ from: bound.day, to: bound.day }).toMs;
}
