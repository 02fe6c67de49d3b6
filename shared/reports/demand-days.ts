/**
 * The days that a forecast rests on (rules, 10.6): local days of the account from the first that is known up to today,
 * a day that nothing was used on included. Statistics, so floating point; nothing here is booked or billed.
 */
import { addDays, dayCount } from "./days.ts";

export interface DayTotal {
  /** Local day of the account, YYYY-MM-DD. */
  readonly day: string;
  readonly creditsMicros: number;
  /** Use was denied on that day for want of credits: its total says less than was wanted and is left out. */
  readonly cutShort?: boolean;
}

/** A moment as a local day and the part of it that has passed, from 0 up to 1. */
export interface DayMoment {
  readonly day: string;
  readonly passed: number;
}

export interface ObservedDay {
  readonly day: string;
  readonly weekday: number;
  readonly creditsMicros: number;
  /** Part of the day that was seen and counts. */
  readonly share: number;
  readonly cutShort: boolean;
}

/** While so many whole days are not known yet, the days that were seen in part count for their part. */
const WHOLE_DAYS_ENOUGH = 7;

/** An hour: what was used in the first minutes is no pace. */
const SHARE_MIN = 1 / 24;

/** Days of a week, Sunday first. */
export const WEEK_DAYS = 7;

/** 0 for Sunday. */
export function weekdayOf(day: string): number {
  return new Date(day).getUTCDay();
}

/** How many days the second lies after the first. */
export function daysFrom(from: string, to: string): number {
  return dayCount({ from, to }) - 1;
}

/** Every day from `since` up to `now`, oldest first; today and the first day only while little else is known. */
export function observeDays(
  totals: readonly DayTotal[],
  since: DayMoment,
  now: DayMoment,
): readonly ObservedDay[] {
  const byDay = new Map<string, { readonly creditsMicros: number; readonly cutShort: boolean }>();
  for (const { day, creditsMicros, cutShort = false } of totals) {
    const before = byDay.get(day);
    byDay.set(day, {
      creditsMicros: (before?.creditsMicros ?? 0) + creditsMicros,
      cutShort: cutShort || (before?.cutShort ?? false),
    });
  }
  const count = daysFrom(since.day, now.day) + 1;
  const days = Array.from({ length: Math.max(0, count) }, (_, index): ObservedDay => {
    const day = addDays(since.day, index);
    const { creditsMicros, cutShort } = byDay.get(day) ?? { creditsMicros: 0, cutShort: false };
    const seen = (day === now.day ? now.passed : 1) - (day === since.day ? since.passed : 0);
    const isKnown = !cutShort && (seen > 0 || creditsMicros > 0);
    const share = isKnown ? Math.max(SHARE_MIN, seen) : 0;
    return { day, weekday: weekdayOf(day), creditsMicros, share, cutShort };
  });
  const today = days.at(-1);
  const before = days.slice(0, -1);
  if (today === undefined || wholeDays(before) < WHOLE_DAYS_ENOUGH) return days;
  const [first] = before;
  return first !== undefined && first.share < 1 ? before.slice(1) : before;
}

export function wholeDays(days: readonly ObservedDay[]): number {
  return days.filter(({ share }) => share === 1).length;
}
