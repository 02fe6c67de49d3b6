/**
 * Usage periods (rules, section 2.2): the account's own month from its anchor date, half-open, at local midnight
 * in its time zone; a day that the month lacks is clamped without drifting.
 */
import { Temporal } from "temporal-polyfill";

export interface Anchor {
  /** Local date on which the subscription started, YYYY-MM-DD. */
  readonly anchorDate: string;
  /** IANA time zone. */
  readonly timeZone: string;
}

export interface PeriodSpan {
  /** Local date of the start; names the period in the API. */
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** An IANA name; Temporal by itself also takes an offset ("+05:30") and a date with a zone in brackets. */
export function isTimeZone(timeZone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    return /^[a-z]/i.test(timeZone);
  } catch {
    return false;
  }
}

/** Local midnight, or the first instant of that local day where midnight is skipped, or the first of two. */
function startOfDayMs(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}

/** Start of a local calendar day, YYYY-MM-DD. */
export function localDayStartMs(date: string, timeZone: string): number {
  return startOfDayMs(Temporal.PlainDate.from(date), timeZone);
}

/** The n-th boundary, always counted from the anchor so that clamping never drifts. */
function boundaryMs(anchor: Anchor, months: number): number {
  const date = Temporal.PlainDate.from(anchor.anchorDate).add({ months }, { overflow: "constrain" });
  return startOfDayMs(date, anchor.timeZone);
}

/** Months from the anchor to the last boundary at or before `nowMs` (negative before the anchor). */
function monthsUntil(anchor: Anchor, nowMs: number): number {
  const today = localDate(nowMs, anchor.timeZone);
  const start = Temporal.PlainDate.from(anchor.anchorDate);
  let months = (today.year - start.year) * 12 + today.month - start.month;
  while (boundaryMs(anchor, months) > nowMs) months -= 1;
  // A clock that is put back over midnight shows the day before once more, when the boundary has passed.
  while (boundaryMs(anchor, months + 1) <= nowMs) months += 1;
  return months;
}

function localDate(atMs: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** Local calendar day of an instant, YYYY-MM-DD. */
export function localDay(atMs: number, timeZone: string): string {
  return localDate(atMs, timeZone).toString();
}

/** The local day that holds an instant, as half-open span with its name. */
export function localDaySpan(atMs: number, timeZone: string): PeriodSpan {
  const date = localDate(atMs, timeZone);
  return {
    name: date.toString(),
    startMs: startOfDayMs(date, timeZone),
    endMs: startOfDayMs(date.add({ days: 1 }), timeZone),
  };
}

/** The period that holds `nowMs`; for an account's first period. */
export function periodAt(anchor: Anchor, nowMs: number): PeriodSpan {
  const startMs = boundaryMs(anchor, monthsUntil(anchor, nowMs));
  return { name: localDay(startMs, anchor.timeZone), startMs, endMs: endAfter(anchor, startMs) };
}

/**
 * The period that begins at a reset. With a new anchor or time zone it ends at the first boundary of the new
 * one, so it is shorter than a month, never longer.
 */
export function periodFrom(anchor: Anchor, startMs: number): PeriodSpan {
  return { name: localDay(startMs, anchor.timeZone), startMs, endMs: endAfter(anchor, startMs) };
}

function endAfter(anchor: Anchor, startMs: number): number {
  return boundaryMs(anchor, monthsUntil(anchor, startMs) + 1);
}
