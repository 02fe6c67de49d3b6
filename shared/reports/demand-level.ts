/**
 * How much is used per day at the end of the days that are known, with the rhythm of the week taken out (rules, 10.6):
 * means over some of the days, the last clear change of level, and growth.
 */
import { WEEK_DAYS } from "./demand-days.ts";
import { sumOf } from "./demand-weekdays.ts";

/** A day with the rhythm taken out of it. */
export interface LoadedDay {
  readonly creditsMicros: number;
  /** In average days: the part that was seen × the factor of its weekday; 0: left out. */
  readonly load: number;
  readonly isWhole: boolean;
}

export interface Level {
  readonly perDayMicros: number;
  /** Exponential, as a rate per day; it fades. */
  readonly growthPerDay: number;
}

interface Mean extends Level {
  /** How long ago, on average, the days were that it is the mean of. */
  readonly ageDays: number;
}

/** What growth is left of yesterday's: in 17 days half of it. */
const GROWTH_KEPT = 0.96;

/** The level so many days after the last known day. */
export function levelAfter({ perDayMicros, growthPerDay }: Level, daysAhead: number): number {
  if (growthPerDay === 0) return perDayMicros;
  return perDayMicros * Math.exp((growthPerDay * (1 - GROWTH_KEPT ** daysAhead)) / (1 - GROWTH_KEPT));
}

/** Mean over the days in [from, to), a day counting half of what one counts that is `halfLifeDays` younger. */
export function meanLevel(
  days: readonly LoadedDay[],
  from: number,
  to: number,
  halfLifeDays = Number.POSITIVE_INFINITY,
): Mean | null {
  let [credits, load, age] = [0, 0, 0];
  for (let index = Math.max(0, from); index < to; index += 1) {
    const day = days[index];
    if (day === undefined || day.load === 0) continue;
    const weight = 2 ** ((index + 1 - to) / halfLifeDays);
    credits += weight * day.creditsMicros;
    load += weight * day.load;
    age += weight * day.load * (to - index - 0.5);
  }
  return load > 0 ? { perDayMicros: credits / load, growthPerDay: 0, ageDays: age / load } : null;
}

/** A mean brought forward to the end of its days by the growth since. */
export function growingLevel(mean: Mean | null, { perDay }: Growth): Level | null {
  if (mean === null) return null;
  return { perDayMicros: mean.perDayMicros * Math.exp(perDay * mean.ageDays), growthPerDay: perDay };
}

export interface Growth {
  readonly perDay: number;
  /** Standard deviation of what is not known about it. */
  readonly doubtPerDay: number;
}

/** Before anything is known: about a third more or less in a month. */
const GROWTH_EXPECTED = 0.01;
const WEEKS_MIN = 3;
const WEEKS_MAX = 8;
const WEEKS_HALF_LIFE = 4;
/** What a week's total differs from its neighbours' by chance, and how many weeks that guess is worth. */
const WEEK_NOISE = 0.05;
const WEEK_NOISE_WEIGHT = 2;

/** A line through the logarithms of the last weeks' totals, drawn towards no growth as far as it is uncertain. */
export function growthOf(days: readonly LoadedDay[], to: number): Growth {
  const weeks = lastWeeks(days, to);
  if (weeks.length < WEEKS_MIN) return { perDay: 0, doubtPerDay: GROWTH_EXPECTED };
  const weights = weeks.map((_, ago) => 2 ** (-ago / WEEKS_HALF_LIFE));
  const sum = (value: (week: number, ago: number) => number) =>
    sumOf(weeks.map((week, ago) => (weights[ago] ?? 0) * value(week, ago)));
  const weight = sumOf(weights);
  const [time, level] = [sum((_, ago) => -ago) / weight, sum((week) => week) / weight];
  const spread = sum((_, ago) => (-ago - time) ** 2);
  const slope = sum((week, ago) => (-ago - time) * (week - level)) / spread;
  const residual = sum((week, ago) => (week - level - slope * (-ago - time)) ** 2) / weight;
  const noise =
    (residual * weeks.length + WEEK_NOISE ** 2 * WEEK_NOISE_WEIGHT) / (weeks.length - 2 + WEEK_NOISE_WEIGHT);
  const variance = noise / spread / WEEK_DAYS ** 2;
  const trust = GROWTH_EXPECTED ** 2 / (GROWTH_EXPECTED ** 2 + variance);
  return { perDay: (trust * slope) / WEEK_DAYS, doubtPerDay: Math.sqrt(trust * variance) };
}

/** Logarithms of the use per average day in the last weeks, newest first, up to the first that has none. */
function lastWeeks(days: readonly LoadedDay[], to: number): readonly number[] {
  const weeks: number[] = [];
  for (let end = to; end >= WEEK_DAYS && weeks.length < WEEKS_MAX; end -= WEEK_DAYS) {
    const week = meanLevel(days, end - WEEK_DAYS, end);
    if (week === null || week.perDayMicros <= 0) break;
    weeks.push(Math.log(week.perDayMicros));
  }
  return weeks;
}

/** Whole days that each side of a change has to have. */
const CHANGE_DAYS_MIN = 3;
/** How far, squared and in standard errors, the means before and after a change lie apart. */
const CHANGE_CLEAR = 14;
/** What days of one level differ by at least, as a part of it, and how many days that guess is worth. */
const DAY_NOISE_MIN = 0.1;
const DAY_NOISE_WEIGHT = 2;
/** A weekday with less of an average day than this says nothing about the level. */
const LOAD_MIN = 0.05;

/** The day from which on use is on one level, looked for among the days before `to`; 0: it always was. */
export function lastClearChange(days: readonly LoadedDay[], to: number): number {
  let from = 0;
  for (;;) {
    const change = clearestChange(days, from, to);
    if (change === null) return from;
    from = change;
  }
}

/** Where the days of [from, to) are best cut in two levels; null where no cut is clear. */
function clearestChange(days: readonly LoadedDay[], from: number, to: number): number | null {
  const known: { readonly index: number; readonly value: number }[] = [];
  for (let index = from; index < to; index += 1) {
    const day = days[index];
    if (day?.isWhole && day.load >= LOAD_MIN) known.push({ index, value: day.creditsMicros / day.load });
  }
  const total = sumOf(known.map(({ value }) => value));
  const squares = sumOf(known.map(({ value }) => value ** 2));
  const guess = (DAY_NOISE_MIN * (total / known.length)) ** 2 * DAY_NOISE_WEIGHT;
  let clearest: { readonly index: number; readonly clearness: number } | null = null;
  let before = 0;
  for (const [count, { index, value }] of known.entries()) {
    const after = known.length - count;
    if (count >= CHANGE_DAYS_MIN && after >= CHANGE_DAYS_MIN) {
      const explained = before ** 2 / count + (total - before) ** 2 / after;
      const noise = (Math.max(0, squares - explained) + guess) / (known.length - 2 + DAY_NOISE_WEIGHT);
      const apart = (before / count - (total - before) / after) ** 2;
      const clearness = noise > 0 ? apart / (noise * (1 / count + 1 / after)) : 0;
      if (clearness >= CHANGE_CLEAR && clearness > (clearest?.clearness ?? 0))
        clearest = { index, clearness };
    }
    before += value;
  }
  return clearest?.index ?? null;
}
