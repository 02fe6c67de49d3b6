/**
 * A calendar of its own to hold the rules' periods against: it walks through time in quarters of an hour and asks
 * Intl which day it is. Good from 1980 on, when no zone was off by less than a quarter any more.
 */
const QUARTER_MS = 15 * 60 * 1000;
/** No zone is further ahead of UTC than this. */
const AHEAD_MAX_MS = 15 * 60 * 60 * 1000;

const formats = new Map<string, Intl.DateTimeFormat>();
const firstInstants = new Map<string, number>();

/** Local calendar day, YYYY-MM-DD. */
export function dayAt(atMs: number, timeZone: string): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("sv-SE", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  formats.set(timeZone, format);
  return format.format(atMs);
}

/** The first instant at which the local calendar says this day, or a later one where the day was skipped. */
export function firstInstantOf(day: string, timeZone: string): number {
  const key = `${timeZone} ${day}`;
  const known = firstInstants.get(key);
  if (known !== undefined) return known;
  let atMs = Date.parse(day) - AHEAD_MAX_MS;
  while (dayAt(atMs, timeZone) < day) atMs += QUARTER_MS;
  firstInstants.set(key, atMs);
  return atMs;
}

const anchoredDays = new Map<string, Map<number, string>>();

/** The anchor's day in the month that lies so many months later, or that month's last day. */
export function anchoredDay(anchorDate: string, months: number): string {
  const known = anchoredDays.get(anchorDate) ?? new Map<number, string>();
  anchoredDays.set(anchorDate, known);
  const day = known.get(months) ?? dayAfter(anchorDate, months);
  known.set(months, day);
  return day;
}

function dayAfter(anchorDate: string, months: number): string {
  const [year = 0, month = 0, day = 0] = anchorDate.split("-").map(Number);
  const lastDay = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, lastDay))).toISOString().slice(0, 10);
}

/** First and last instant of the anchor's month that holds an instant, found by looking at every month around it. */
export function monthAround(anchorDate: string, timeZone: string, atMs: number) {
  const about = Math.round((atMs - Date.parse(anchorDate)) / (30.436875 * 24 * 60 * 60 * 1000));
  let months = about - 3;
  while (firstInstantOf(anchoredDay(anchorDate, months + 1), timeZone) <= atMs) months += 1;
  return {
    startDay: anchoredDay(anchorDate, months),
    startMs: firstInstantOf(anchoredDay(anchorDate, months), timeZone),
    endMs: firstInstantOf(anchoredDay(anchorDate, months + 1), timeZone),
  };
}
