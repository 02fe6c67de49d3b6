/** Which usage a report is about (rules, 10.2): local days of occurrence, or the period in which it counts. */
import { OCCURRED_PAST_MAX_MS } from "../credits/entries.ts";
import { localDay, periodAt } from "../credits/period.ts";
import type { Terms } from "../credits/state.ts";
import { addDays, type DayRange } from "./days.ts";
import type { Rollup } from "./fold.ts";

export const PERIOD_PRESETS = ["current", "previous", "last_30_days", "last_90_days"] as const;
export type PeriodPreset = (typeof PERIOD_PRESETS)[number];

export interface UsageRange {
  /** The days that the report is about. */
  readonly days: DayRange;
  /** Where set, what counts in this period is reported, whatever its day; then its sum is the period's used. */
  readonly period: string | null;
  /** For a closed period: when it ended. */
  readonly endedAtMs: number | null;
  /** Days that can hold what counts in the period: late and early events keep their own day. */
  readonly search: DayRange;
}

export interface AccountNow {
  readonly nowMs: number;
  readonly terms: Terms;
  readonly period: string;
  readonly periodStartMs: number;
  readonly resetAtMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const LATE_DAYS_MAX = Math.ceil(OCCURRED_PAST_MAX_MS / DAY_MS) + 1;
/** `occurredAt` may lie a few minutes ahead, which may be on the next day. */
const EARLY_DAYS_MAX = 1;
const PERIOD_DAYS_MAX = 31;
const LAST_DAYS = { last_30_days: 30, last_90_days: 90 } as const;

/** Days as given, both included; without `to` up to today. */
export function daysRange(from: string, to: string | undefined, account: AccountNow): UsageRange {
  const days = { from, to: to ?? localDay(account.nowMs, account.terms.timeZone) };
  return { days, period: null, endedAtMs: null, search: days };
}

export function presetRange(preset: PeriodPreset, account: AccountNow): UsageRange {
  const { nowMs, terms, period, periodStartMs, resetAtMs } = account;
  switch (preset) {
    case "current": {
      const days = { from: period, to: localDay(resetAtMs - 1, terms.timeZone) };
      return { days, period, endedAtMs: null, search: searchOf(days) };
    }
    case "previous":
      return previousPeriod(periodAt(terms, periodStartMs - 1).name, account);
    case "last_30_days":
    case "last_90_days": {
      const today = localDay(nowMs, terms.timeZone);
      return daysRange(addDays(today, 1 - LAST_DAYS[preset]), today, account);
    }
  }
}

/**
 * The period before the current one. Its name follows from today's anchor, unless that changed at the last reset:
 * then the closed period's own name is the right one, and the search holds either.
 */
export function previousPeriod(name: string, account: AccountNow): UsageRange {
  const { period, periodStartMs, terms } = account;
  const days = { from: name, to: localDay(periodStartMs - 1, terms.timeZone) };
  const search = searchOf({ from: addDays(period, -PERIOD_DAYS_MAX), to: period });
  return { days, period: name, endedAtMs: periodStartMs, search };
}

function searchOf({ from, to }: DayRange): DayRange {
  return { from: addDays(from, -LATE_DAYS_MAX), to: addDays(to, EARLY_DAYS_MAX) };
}

/** Whether a roll-up belongs to the report. */
export function inRange({ day, period }: Pick<Rollup, "day" | "period">, range: UsageRange): boolean {
  if (range.period !== null) return period === range.period;
  return range.days.from <= day && day <= range.days.to;
}
