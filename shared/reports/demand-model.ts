/**
 * What the known days say about the coming ones (rules, 10.6). Four plain guesses at the level are tried on the past:
 * each would have been made at every day so far, for the days that followed. The better a guess did, the more it counts,
 * and by how much all of them were off says how far to trust them.
 */
import type { ObservedDay } from "./demand-days.ts";
import {
  type Growth,
  growingLevel,
  growthOf,
  type Level,
  type LoadedDay,
  lastClearChange,
  levelAfter,
  meanLevel,
} from "./demand-level.ts";
import { meanOf, RHYTHM_DAYS_MIN, sumOf, weekdayFactors } from "./demand-weekdays.ts";

export interface DemandModel {
  readonly weekdayFactors: readonly number[];
  readonly levels: readonly { readonly level: Level; readonly weight: number }[];
  readonly growth: Growth;
  /** Use of the level so far, per average day. */
  readonly usualPerDayMicros: number;
  /** By what part of it a day differs from what was expected. */
  readonly dayNoise: number;
  /** Variance of what the trials were off by per average day, and of how many days each was. */
  readonly trials: { readonly variance: number; readonly days: number } | null;
  /** Days seen, in whole days. */
  readonly seenDays: number;
  /** First day of the level that use is on now; null: it was always on it. */
  readonly changedOn: string | null;
}

const RECENT_HALF_LIFE = 7;
const TRIAL_DAYS_MAX = 7;
const TRIAL_HISTORY_MIN = 5;
const TRIALS_MAX = 56;
const TRIAL_HALF_LIFE = 28;
/** A relative squared error that each guess begins with, worth one trial; the plain mean begins a little better. */
const ERROR_EXPECTED = 0.05;
const ERROR_EXPECTED_OF_MEAN = 0.04;
const ERROR_MIN = 1e-4;
/** A guess with half the squared error of another counts 16 times as much. */
const PREFERENCE = 4;
/** Before days are known they are expected to differ by half, a guess worth three days. */
const DAY_NOISE_EXPECTED = 0.5;
const DAY_NOISE_WEIGHT = 3;
const NOISE_AROUND_DAYS = 7;

/**
 * @param daysAhead how many days are asked for, today included
 * @param periodDays whole days of the running period so far
 */
export function modelDemand(
  observed: readonly ObservedDay[],
  daysAhead: number,
  periodDays: number,
): DemandModel {
  const factors = weekdayFactors(observed);
  const days = observed.map((day): LoadedDay => {
    const load = day.share * (factors[day.weekday] ?? 1);
    return { creditsMicros: load > 0 ? day.creditsMicros : 0, load, isWhole: day.share === 1 };
  });
  // In the first weeks a weekend would look like a change.
  const changeBefore = remember((to) => (days.length < RHYTHM_DAYS_MIN ? 0 : lastClearChange(days, to)));
  const guesses: readonly Guess[] = [
    (to) => meanLevel(days, changeBefore(to), to),
    (to) => meanLevel(days, changeBefore(to), to, RECENT_HALF_LIFE),
    (to) => growingLevel(meanLevel(days, 0, to, RECENT_HALF_LIFE), growthOf(days, to)),
    ...(periodDays < 1
      ? []
      : [(to: number) => meanLevel(days, Math.max(changeBefore(to), to - periodDays), to)]),
  ];
  const trialDays = Math.max(1, Math.min(daysAhead, TRIAL_DAYS_MAX, Math.floor(days.length / 3)));
  const trials = tryGuesses(guesses, days, trialDays);
  const weights = weigh(guesses.length, trials);
  const change = changeBefore(days.length);
  return {
    weekdayFactors: factors,
    levels: levelsOf(guesses, days.length, weights),
    growth: growthOf(days, days.length),
    usualPerDayMicros: meanLevel(days, 0, days.length, TRIAL_HALF_LIFE)?.perDayMicros ?? 0,
    dayNoise: dayNoiseOf(days),
    trials:
      trials.length === 0
        ? null
        : { variance: meanOf(trials.map((trial) => missOf(trial, weights) ** 2)), days: trialDays },
    seenDays: sumOf(observed.map(({ share }) => share)),
    changedOn: change === 0 ? null : (observed[change]?.day ?? null),
  };
}

/** What an average day so far ahead is expected to use. */
export function expectedLevel({ levels }: DemandModel, daysAhead: number): number {
  return sumOf(levels.map(({ level, weight }) => weight * levelAfter(level, daysAhead)));
}

/** The level as it would have been guessed from the days before `to`. */
type Guess = (to: number) => Level | null;

/** Those that can be guessed, with weights that are 1 in all. */
function levelsOf(guesses: readonly Guess[], to: number, weights: readonly number[]): DemandModel["levels"] {
  const levels = guesses.flatMap((guess, index) => {
    const level = guess(to);
    return level === null ? [] : [{ level, weight: weights[index] ?? 0 }];
  });
  const total = sumOf(levels.map(({ weight }) => weight));
  return levels.map(({ level, weight }) => ({ level, weight: weight / total }));
}

function remember(find: (to: number) => number): (to: number) => number {
  const found = new Map<number, number>();
  return (to) => {
    const known = found.get(to) ?? find(to);
    found.set(to, known);
    return known;
  };
}

interface Trial {
  /** Per average day of the days that followed, one for each guess. */
  readonly guessed: readonly number[];
  readonly was: number;
  /** Older trials count less. */
  readonly weight: number;
}

function tryGuesses(
  guesses: readonly Guess[],
  days: readonly LoadedDay[],
  trialDays: number,
): readonly Trial[] {
  const trials: Trial[] = [];
  const last = days.length - trialDays;
  for (let to = Math.max(TRIAL_HISTORY_MIN, last + 1 - TRIALS_MAX); to <= last; to += 1) {
    const ahead = days
      .slice(to, to + trialDays)
      .map((day, index) => ({ ...day, daysAhead: index + 0.5 }))
      .filter(({ isWhole }) => isWhole);
    const load = sumOf(ahead.map((day) => day.load));
    if (load <= 0) continue;
    const levels = guesses.map((guess) => guess(to));
    const guessed = levels.map((level) => {
      const known = level ?? levels[0] ?? null;
      return known === null
        ? 0
        : sumOf(ahead.map((day) => day.load * levelAfter(known, day.daysAhead))) / load;
    });
    const was = sumOf(ahead.map((day) => day.creditsMicros)) / load;
    trials.push({ guessed, was, weight: 2 ** ((to + trialDays - days.length) / TRIAL_HALF_LIFE) });
  }
  return trials;
}

/** Weights of the guesses, 1 in all: the smaller the error of a guess was, relative to what was used, the more. */
function weigh(guesses: number, trials: readonly Trial[]): readonly number[] {
  const tried = sumOf(trials.map(({ weight }) => weight));
  const raw = Array.from({ length: guesses }, (_, index) => {
    const errors = trials.map(({ guessed, was, weight }) => {
      const guess = guessed[index] ?? 0;
      const relative = guess + was > 0 ? (guess - was) / ((guess + was) / 2) : 0;
      return weight * (relative ** 2 + ERROR_MIN);
    });
    const expected = index === 0 ? ERROR_EXPECTED_OF_MEAN : ERROR_EXPECTED;
    return ((sumOf(errors) + expected) / (tried + 1)) ** -PREFERENCE;
  });
  const total = sumOf(raw);
  return raw.map((weight) => weight / total);
}

function missOf({ guessed, was }: Trial, weights: readonly number[]): number {
  return sumOf(guessed.map((guess, index) => guess * (weights[index] ?? 0))) - was;
}

/** How far days lie from the mean of the days around them, as a part of it. */
function dayNoiseOf(days: readonly LoadedDay[]): number {
  const around = 2 * NOISE_AROUND_DAYS + 1;
  let [misses, expected, count] = [0, 0, 0];
  for (const [index, day] of days.entries()) {
    if (!day.isWhole) continue;
    const from = Math.min(Math.max(0, index - NOISE_AROUND_DAYS), Math.max(0, days.length - around));
    const level = meanLevel(days, from, Math.min(days.length, from + around))?.perDayMicros ?? 0;
    misses += (day.creditsMicros - level * day.load) ** 2;
    expected += level ** 2 * day.load;
    count += 1;
  }
  const variance = expected > 0 ? (misses / expected) * (count / Math.max(1, count - 1)) : 0;
  return Math.sqrt(
    (variance * count + DAY_NOISE_EXPECTED ** 2 * DAY_NOISE_WEIGHT) / (count + DAY_NOISE_WEIGHT),
  );
}
