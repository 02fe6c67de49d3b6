/**
 * The rhythm of the week (rules, 10.6): how much of an average day each weekday uses. It is believed as far as weekdays
 * differ by more than the days of one weekday do among themselves, so that chance makes no rhythm.
 */
import { type ObservedDay, WEEK_DAYS } from "./demand-days.ts";

/** Two weeks: with fewer days a weekday is not seen twice. */
export const RHYTHM_DAYS_MIN = 14;
const HALF_WEEK = 3;
/** Days of the week around a day that have to be known. */
const AROUND_MIN = 5;
const TIMES_SEEN_MIN = 2;

const EVERY_DAY_ALIKE: readonly number[] = Array.from({ length: WEEK_DAYS }, () => 1);

/** Factors from Sunday on, 1 on average; all 1 where no rhythm shows. */
export function weekdayFactors(days: readonly ObservedDay[]): readonly number[] {
  if (days.length < RHYTHM_DAYS_MIN) return EVERY_DAY_ALIKE;
  const groups: number[][] = EVERY_DAY_ALIKE.map(() => []);
  for (const [index, { weekday, creditsMicros, share }] of days.entries()) {
    const around = meanOfWeekAround(days, index);
    if (share === 1 && around > 0) groups[weekday]?.push(creditsMicros / around);
  }
  if (groups.some((ratios) => ratios.length < TIMES_SEEN_MIN)) return EVERY_DAY_ALIKE;

  const means = groups.map(meanOf);
  const ratios = groups.flat();
  const mean = meanOf(ratios);
  const between = sumOf(groups.map((group, index) => group.length * ((means[index] ?? 0) - mean) ** 2));
  const within = sumOf(groups.map((group, index) => sumOf(group.map((r) => (r - (means[index] ?? 0)) ** 2))));
  if (between <= 0) return EVERY_DAY_ALIKE;
  const noise = within / (ratios.length - WEEK_DAYS);
  const trust = Math.max(0, 1 - noise / (between / (WEEK_DAYS - 1)));
  const average = meanOf(means);
  return means.map((weekday) => 1 + trust * (weekday / average - 1));
}

/** Use per day in the seven days around one, each weekday once; 0 where too few of them are known. */
function meanOfWeekAround(days: readonly ObservedDay[], index: number): number {
  const from = Math.min(Math.max(0, index - HALF_WEEK), days.length - WEEK_DAYS);
  const week = days.slice(from, from + WEEK_DAYS).filter(({ share }) => share > 0);
  const seen = sumOf(week.map(({ share }) => share));
  return seen < AROUND_MIN ? 0 : sumOf(week.map(({ creditsMicros }) => creditsMicros)) / seen;
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}
