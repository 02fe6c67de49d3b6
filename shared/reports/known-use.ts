/**
 * What is known of an account's use (rules, 6.4 and 10.6): totals of days, and the period in which they count. A look at
 * now and the analysis of a day that has passed are made from the same, so that both say the same.
 */
import { localDay, localDaySpan } from "../credits/period.ts";
import { addDays } from "./days.ts";
import type { DayMoment } from "./demand-days.ts";
import { type Forecast, forecast } from "./forecast.ts";

/** Reasons of denials for want of credits: the day's use says less than was wanted (3.6). */
export const SHORTAGE_REASONS: readonly string[] = [
  "credits_exhausted",
  "upgrade_cap_reached",
  "max_monthly_limit_reached",
];

/** A forecast looks back so many days: a season of weeks, and a few periods. */
export const HISTORY_DAYS = 90;

export interface DayUse {
  /** Local day on which it occurred. */
  readonly day: string;
  /** Name of the period in which it counts. */
  readonly period: string;
  readonly creditsMicros: number;
}

export interface KnownUse {
  readonly timeZone: string;
  /** When the account was opened, or as far back as was read. */
  readonly knownSince: DayMoment;
  /** In any order; several of a day add up. */
  readonly days: readonly DayUse[];
  /** Days on which use was denied for want of credits. */
  readonly cutShort: ReadonlySet<string>;
}

/** A closed period or the running one. */
export interface KnownPeriod {
  readonly period: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Of a closed one as it ended, of the running one as it is. */
  readonly limitMicros: number;
}

/** The account at a moment of a period. */
export interface UseMoment {
  readonly nowMs: number;
  readonly period: KnownPeriod;
  /** What counts in the period so far. */
  readonly usedMicros: number;
}

/** An instant as a local day and the part of it that has passed. */
export function dayMoment(atMs: number, timeZone: string): DayMoment {
  const { name, startMs, endMs } = localDaySpan(atMs, timeZone);
  return { day: name, passed: (atMs - startMs) / (endMs - startMs) };
}

/**
 * The forecast of the period as of a moment in it; what occurred later is not read. `limitMicros`: where another limit
 * than the period's is asked about.
 */
export function forecastAt(
  { timeZone, knownSince, days, cutShort }: KnownUse,
  { nowMs, period, usedMicros }: UseMoment,
  limitMicros = period.limitMicros,
): Forecast {
  const now = dayMoment(nowMs, timeZone);
  return forecast({
    periodStart: period.period,
    resetDay: localDay(period.endMs, timeZone),
    now,
    knownSince: notBefore(knownSince, addDays(now.day, -HISTORY_DAYS)),
    days: totalsUpTo(days, now, cutShort),
    usedMicros,
    limitMicros,
  });
}

/** The moment, or the beginning of the day where that is later. */
export function notBefore(moment: DayMoment, day: string): DayMoment {
  return moment.day < day ? { day, passed: 0 } : moment;
}

/** A day is a total of what was used and taken back; less than nothing is none. Of a day that begins now nothing is known. */
function totalsUpTo(days: readonly DayUse[], now: DayMoment, cutShort: ReadonlySet<string>) {
  const totals = new Map<string, number>();
  for (const { day, creditsMicros } of days) {
    if (day < now.day || (day === now.day && now.passed > 0)) {
      totals.set(day, (totals.get(day) ?? 0) + creditsMicros);
    }
  }
  for (const day of cutShort) {
    if (!totals.has(day)) totals.set(day, 0);
  }
  return [...totals].map(([day, creditsMicros]) => ({
    day,
    creditsMicros: Math.max(0, creditsMicros),
    cutShort: cutShort.has(day),
  }));
}

/** What counts in a period of all that occurred before a local day. */
export function usedBefore(days: readonly DayUse[], period: string, beforeDay: string): number {
  const counted = days.filter((use) => use.period === period && use.day < beforeDay);
  return Math.max(
    0,
    counted.reduce((sum, { creditsMicros }) => sum + creditsMicros, 0),
  );
}
