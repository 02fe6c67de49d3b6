/** Calendar days of reports: arithmetic on YYYY-MM-DD, and the instants that a day can hold in any time zone. */

const DAY_MS = 24 * 60 * 60 * 1000;
/** Local midnight comes at most this long before and after that of UTC. */
const ZONE_AHEAD_MAX_MS = 14 * 60 * 60 * 1000;
const ZONE_BEHIND_MAX_MS = 12 * 60 * 60 * 1000;

/** Days, both ends included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** Instants, half-open. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The first and the last day that a date of four digits can name. */
const FIRST_DAY = "0000-01-01";
const LAST_DAY = "9999-12-31";

/** The day so many days later, or earlier; within the years that a date can name. */
export function addDays(day: string, days: number): string {
  const atMs = Date.parse(day) + days * DAY_MS;
  if (atMs < Date.parse(FIRST_DAY)) return FIRST_DAY;
  return atMs > Date.parse(LAST_DAY) ? LAST_DAY : new Date(atMs).toISOString().slice(0, 10);
}

export function earliestDay(day: string, ...others: readonly string[]): string {
  return [day, ...others].toSorted()[0] ?? day;
}

export function latestDay(day: string, ...others: readonly string[]): string {
  return [day, ...others].toSorted().at(-1) ?? day;
}

/** How many days a range has. */
export function dayCount({ from, to }: DayRange): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
}

/**
 * Every instant that is on one of these local days in any time zone. An entry keeps the day of the zone that the
 * account had then, so a search by today's zone could miss it.
 */
export function possibleInstants({ from, to }: DayRange): TimeSpan {
  return {
    fromMs: Date.parse(from) - ZONE_AHEAD_MAX_MS,
    toMs: Date.parse(to) + DAY_MS + ZONE_BEHIND_MAX_MS,
  };
}

/** The same instants as few spans in ascending order that do not touch. */
export function mergeSpans(spans: readonly TimeSpan[]): readonly TimeSpan[] {
  const merged: TimeSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (last === undefined || span.fromMs > last.toMs) merged.push(span);
    else merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
  }
  return merged;
}
