/**
 * Use from now to the reset, day by day, with its range (rules, 10.6): the expected level of each day that is left, and
 * how far off it may be.
 */
import { CREDITS_MICROS_MAX } from "../credits/amounts.ts";
import { addDays } from "./days.ts";
import { type DayMoment, weekdayOf } from "./demand-days.ts";
import { type DemandModel, expectedLevel } from "./demand-model.ts";

/** Percent of outcomes that lie below `lowMicros` and below `highMicros`. */
export const FORECAST_QUANTILES = { low: 10, high: 90 } as const;
/** Of the normal distribution at the 90 % quantile. */
const QUANTILE_DEVIATIONS = 1.2816;

export interface ForecastRange {
  readonly lowMicros: number;
  readonly expectedMicros: number;
  readonly highMicros: number;
}

export interface PathDay extends ForecastRange {
  readonly day: string;
}

/** Use since the period's start as of the end of each day from today on, for so many days. */
export function pathOf(
  model: DemandModel,
  now: DayMoment,
  daysLeft: number,
  usedMicros: number,
): readonly PathDay[] {
  const path: PathDay[] = [];
  let [rest, load, loadOfDays] = [0, 0, 0];
  let [low, high] = [0, 0];
  for (let ahead = 0; ahead < daysLeft; ahead += 1) {
    const day = addDays(now.day, ahead);
    const share = ahead === 0 ? Math.max(0, 1 - now.passed) : 1;
    const factor = model.weekdayFactors[weekdayOf(day)] ?? 1;
    load += share * factor;
    loadOfDays += share * factor ** 2;
    rest += share * factor * expectedLevel(model, ahead + 0.5);
    const range = rangeOf(model, rest, load, loadOfDays, ahead + 1);
    // Use never falls, so neither does what it is expected to be at least and at most.
    low = Math.max(low, range.low);
    high = Math.max(high, range.high, rest);
    path.push({
      day,
      lowMicros: added(usedMicros, Math.min(low, rest)),
      expectedMicros: added(usedMicros, rest),
      highMicros: added(usedMicros, high),
    });
  }
  return path;
}

/** A day's use may drift from its level by this part of it, day after day. */
const DRIFT_PER_DAY = 0.02;
/** Growth may as well stop or not fade at all. */
const GROWTH_DOUBT = 0.5;
/** A range is at most so many times what is expected, and as small a part of it: e to this power. */
const EXPONENT_MAX = 2.5;
const SEEN_DAYS_MIN = 0.05;
const SEEN_DAYS_MAX = 14;

/**
 * The 10 % and 90 % quantiles of the use of the coming days. What is not known: how days differ, what the level is (as
 * the trials say, at least what so few days leave open), whether it grows, and where it drifts to.
 */
function rangeOf(
  { dayNoise, usualPerDayMicros, trials, seenDays, growth }: DemandModel,
  rest: number,
  load: number,
  loadOfDays: number,
  days: number,
): { readonly low: number; readonly high: number } {
  if (load <= 0) return { low: rest, high: rest };
  const level = rest / load;
  const noise = (dayNoise * Math.max(usualPerDayMicros, level)) ** 2;
  const tried =
    trials === null
      ? 0
      : Math.max(0, trials.variance - noise / trials.days) * Math.max(1, days / trials.days);
  const counted = noise / Math.min(Math.max(seenDays, SEEN_DAYS_MIN), SEEN_DAYS_MAX);
  const growthDoubt = Math.hypot(growth.doubtPerDay, GROWTH_DOUBT * growth.perDay);
  const grown = (level * growthDoubt * (days / 2 + Math.min(seenDays, SEEN_DAYS_MAX) / 2)) ** 2;
  const drifted = (level * DRIFT_PER_DAY) ** 2 * (days / 3);
  const variance =
    (dayNoise * level) ** 2 * loadOfDays + load ** 2 * (Math.max(tried, counted) + grown + drifted);
  const deviation = Math.sqrt(variance);
  // Skewed as sums of use are: no less than nothing, but several times as much. Where nothing is expected, use may resume.
  const spread = rest > 0 ? Math.sqrt(Math.log1p(variance / rest ** 2)) : 0;
  const times = Math.exp(Math.min(QUANTILE_DEVIATIONS * spread, EXPONENT_MAX));
  return { low: rest / times, high: Math.max(rest * times, rest + QUANTILE_DEVIATIONS * deviation) };
}

/** What is used and what is expected, in whole micros that can be counted. */
function added(usedMicros: number, restMicros: number): number {
  return Math.max(usedMicros, Math.min(CREDITS_MICROS_MAX, Math.round(usedMicros + restMicros)));
}
