/**
 * Which usage a report is about and which it is compared with (rules, 10.2): local days of occurrence, or the period
 * in which it counts.
 */
import { OCCURRED_PAST_MAX_MS } from "../credits/entries.ts";
import { localDay, periodAt } from "../credits/period.ts";
import type { ClosedPeriod } from "../credits/reset.ts";
import type { Terms } from "../credits/state.ts";
import { addDays, type DayRange, dayCount } from "./days.ts";
import type { Rollup } from "./fold.ts";

export const PERIOD_PRESETS = ["current", "previous", "last_30_days", "last_90_days"] as const;
export type PeriodPreset = (typeof PERIOD_PRESETS)[number];

export interface UsageRange {
  /** The days that the report is about. */
  readonly days: DayRange;
  /** Where set, what counts in this period is reported, whatever its day; then its sum is the period's used. */
  readonly period: string | null;
  /** Days that can hold what counts in the period: late and early events keep their own day. */
  readonly search: DayRange;
}

export interface ReportRanges {
  readonly current: UsageRange;
  /** As many days just before, or the period before. */
  readonly before: UsageRange;
}

/** What the caller asks for. */
export type AskedRange =
  | { readonly kind: "days"; readonly from: string; readonly to: string | undefined }
  | { readonly kind: "preset"; readonly preset: PeriodPreset }
  /** A closed period by its name. */
  | { readonly kind: "period"; readonly name: string };

export interface AccountNow {
  readonly nowMs: number;
  readonly terms: Terms;
  readonly period: string;
  readonly periodStartMs: number;
  readonly resetAtMs: number;
}

export type StoredPeriod = Pick<ClosedPeriod, "period" | "startMs" | "endMs" | "timeZone">;

const DAY_MS = 24 * 60 * 60 * 1000;
const LATE_DAYS_MAX = Math.ceil(OCCURRED_PAST_MAX_MS / DAY_MS) + 1;
/** `occurredAt` may lie a few minutes ahead, which may be on the next day. */
const EARLY_DAYS_MAX = 1;
const LAST_DAYS = { last_30_days: 30, last_90_days: 90 } as const;

/** null where no period of that name is known. `closed`: in any order; at least those asked for. */
export function rangesOf(
  asked: AskedRange,
  account: AccountNow,
  closed: readonly StoredPeriod[],
): ReportRanges | null {
  switch (asked.kind) {
    case "days":
      return daysRanges(asked.from, asked.to, account);
    case "preset":
      return presetRanges(asked.preset, account, closed);
    case "period": {
      if (asked.name === account.period) return presetRanges("current", account, closed);
      const period = closed.find(({ period }) => period === asked.name);
      return period === undefined ? null : closedRanges(period.endMs, account, closed);
    }
  }
}

/** Days as given, both included; without `to` up to today. */
function daysRanges(from: string, to: string | undefined, account: AccountNow): ReportRanges {
  const today = localDay(account.nowMs, account.terms.timeZone);
  const days = { from, to: to ?? (today < from ? from : today) };
  const before = { from: addDays(from, -dayCount(days)), to: addDays(from, -1) };
  return { current: byDays(days), before: byDays(before) };
}

function byDays(days: DayRange): UsageRange {
  return { days, period: null, search: days };
}

function presetRanges(
  preset: PeriodPreset,
  account: AccountNow,
  closed: readonly StoredPeriod[],
): ReportRanges {
  const { nowMs, terms, period, periodStartMs, resetAtMs } = account;
  switch (preset) {
    case "current": {
      const days = { from: period, to: localDay(resetAtMs - 1, terms.timeZone) };
      return { current: byPeriod(period, days), before: closedRange(periodStartMs, account, closed).range };
    }
    case "previous":
      return closedRanges(periodStartMs, account, closed);
    case "last_30_days":
    case "last_90_days": {
      const today = localDay(nowMs, terms.timeZone);
      return daysRanges(addDays(today, 1 - LAST_DAYS[preset]), today, account);
    }
  }
}

function closedRanges(endMs: number, account: AccountNow, closed: readonly StoredPeriod[]): ReportRanges {
  const { range, startMs } = closedRange(endMs, account, closed);
  return { current: range, before: closedRange(startMs, account, closed).range };
}

/** The period that ended then. Where none is stored the account is younger: there is nothing to find, only a span. */
function closedRange(
  endMs: number,
  { terms }: AccountNow,
  closed: readonly StoredPeriod[],
): { readonly range: UsageRange; readonly startMs: number } {
  const stored = closed.find((period) => period.endMs === endMs);
  const { name, startMs } =
    stored === undefined ? periodAt(terms, endMs - 1) : { name: stored.period, startMs: stored.startMs };
  const days = { from: name, to: localDay(endMs - 1, stored?.timeZone ?? terms.timeZone) };
  return { range: byPeriod(name, days), startMs };
}

function byPeriod(period: string, days: DayRange): UsageRange {
  const search = { from: addDays(days.from, -LATE_DAYS_MAX), to: addDays(days.to, EARLY_DAYS_MAX) };
  return { days, period, search };
}

/** Whether a roll-up belongs to the report. */
export function inRange({ day, period }: Pick<Rollup, "day" | "period">, range: UsageRange): boolean {
  if (range.period !== null) return period === range.period;
  return range.days.from <= day && day <= range.days.to;
}
