/** Which entries of the usage log are asked for (rules, 10.3), and where they can lie. */
import type { UsageEntry } from "../credits/entries.ts";
import { possibleInstants, type TimeSpan } from "./days.ts";

/** A bound as the caller gives it: a local day, which is meant whole, or an instant. */
export type LogBound =
  | { readonly kind: "day"; readonly day: string }
  | { readonly kind: "instant"; readonly atMs: number };

export const OUTCOME_PRESENCES = ["with", "without"] as const;
export type OutcomePresence = (typeof OUTCOME_PRESENCES)[number];

/** What an entry is asked to be, besides its time; all that is given has to be so. */
export interface LogTerms {
  readonly feature?: string | undefined;
  /** Of one of its items. */
  readonly action?: string | undefined;
  readonly user?: string | undefined;
  /** One of those that its user was in when it was booked. */
  readonly team?: string | undefined;
  readonly workflow?: string | undefined;
  readonly subject?: string | undefined;
  readonly outcome?: OutcomePresence | undefined;
  readonly outcomeType?: string | undefined;
}

export interface LogFilter extends LogTerms {
  /** From this day or instant on. */
  readonly from?: LogBound | undefined;
  /** Up to this day, included, or up to this instant, excluded. */
  readonly to?: LogBound | undefined;
}

const MATCHES: { readonly [Term in keyof LogTerms]-?: (entry: UsageEntry, wanted: string) => boolean } = {
  feature: (entry, wanted) => entry.feature === wanted,
  action: (entry, wanted) => entry.items.some(([action]) => action === wanted),
  user: (entry, wanted) => entry.user === wanted,
  team: (entry, wanted) => entry.teams?.includes(wanted) ?? false,
  workflow: (entry, wanted) => entry.workflow === wanted,
  subject: (entry, wanted) => entry.subject === wanted,
  outcome: (entry, wanted) => (entry.outcome !== undefined) === (wanted === "with"),
  outcomeType: (entry, wanted) => entry.outcome?.type === wanted,
};
const TERMS = Object.keys(MATCHES) as readonly (keyof LogTerms)[];

export function matchesLog(entry: UsageEntry, filter: LogFilter): boolean {
  const { from, to } = filter;
  for (const term of TERMS) {
    const wanted = filter[term];
    if (wanted !== undefined && !MATCHES[term](entry, wanted)) return false;
  }
  const occurredAtMs = entry.occurredAtMs ?? entry.atMs;
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
