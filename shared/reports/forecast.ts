/**
 * The forecast of a running period (rules, 10.6): projected use at the reset, the day on which credits run out, and what
 * is going to expire, each with a range. A pure function of day totals; floating point inside, whole micros outside.
 */
import { type DayMoment, type DayTotal, daysFrom, observeDays, wholeDays } from "./demand-days.ts";
import { modelDemand } from "./demand-model.ts";
import { assumptionsOf, type Confidence, confidenceOf, type ForecastAssumption } from "./forecast-basis.ts";
import { type ForecastRange, type PathDay, pathOf } from "./forecast-path.ts";
import type { Projection } from "./insight-notices.ts";

export interface ForecastInput {
  /** First local day of the running period, and the first of the next one. */
  readonly periodStart: string;
  readonly resetDay: string;
  readonly now: DayMoment;
  /** From when on use is known: when the account was opened, or as far back as was read. */
  readonly knownSince: DayMoment;
  /** Of the running period and before, in any order; several of a day add up, a day without use may be absent. */
  readonly days: readonly DayTotal[];
  /** Of the period: it may count late events, whose day lies before it. */
  readonly usedMicros: number;
  readonly limitMicros: number;
}

export interface Forecast {
  /** Use of the whole period; never below what is used already. */
  readonly projected: ForecastRange;
  /** Local days on which use reaches the limit; null: not before the reset. Today where it has. */
  readonly exhaustedOn: {
    readonly earliest: string | null;
    readonly expected: string | null;
    readonly latest: string | null;
  };
  /** What expires at the reset: the limit less the projected use, so its low end belongs to the high one of use. */
  readonly unused: ForecastRange;
  /** Use since the period's start as of the end of each day from today to the last one. */
  readonly path: readonly PathDay[];
  readonly basis: {
    /** Whole days whose use is known and was not cut short. */
    readonly wholeDays: number;
    readonly confidence: Confidence;
  };
  readonly assumes: readonly ForecastAssumption[];
}

/** Forecasts the period; days after today are not read. */
export function forecast(input: ForecastInput): Forecast {
  const { periodStart, resetDay, now, usedMicros, limitMicros } = input;
  const observed = observeDays(input.days, input.knownSince, now);
  const daysLeft = Math.max(1, daysFrom(now.day, resetDay));
  const periodDays = Math.max(0, daysFrom(periodStart, now.day));
  const model = modelDemand(observed, daysLeft, periodDays);
  const path = pathOf(model, now, daysLeft, usedMicros);
  const { day: _day, ...projected } = path.at(-1) ?? { day: now.day, ...exactly(usedMicros) };
  const known = wholeDays(observed);
  return {
    projected,
    exhaustedOn: {
      earliest: crossing(path, limitMicros, usedMicros, now.day, ({ highMicros }) => highMicros),
      expected: crossing(path, limitMicros, usedMicros, now.day, ({ expectedMicros }) => expectedMicros),
      latest: crossing(path, limitMicros, usedMicros, now.day, ({ lowMicros }) => lowMicros),
    },
    unused: {
      lowMicros: Math.max(0, limitMicros - projected.highMicros),
      expectedMicros: Math.max(0, limitMicros - projected.expectedMicros),
      highMicros: Math.max(0, limitMicros - projected.lowMicros),
    },
    path,
    basis: { wholeDays: known, confidence: confidenceOf(model, known, projected, usedMicros) },
    assumes: assumptionsOf(model, observed, now),
  };
}

/** After this percentage of the period has passed a projection is worth telling (6.4). */
const PROJECTION_FROM_PERCENT = 20;

export interface ProjectionMoment {
  readonly forecast: Forecast;
  readonly usedMicros: number;
  readonly limitMicros: number;
  readonly periodStartMs: number;
  readonly resetAtMs: number;
  readonly nowMs: number;
  /** It was told in this period. */
  readonly told: boolean;
}

/**
 * Whether admins are to be told that credits are projected to run out before the reset: once per period, after 20 % of
 * it (6.4). null: no; also where the limit is reached already, which is told otherwise.
 */
export function projectedToRunOut(moment: ProjectionMoment): (Projection & { exhaustedOn: string }) | null {
  const { usedMicros, limitMicros, periodStartMs, resetAtMs, nowMs, told } = moment;
  const { projected, exhaustedOn } = moment.forecast;
  const passed = (nowMs - periodStartMs) * 100 > PROJECTION_FROM_PERCENT * (resetAtMs - periodStartMs);
  if (told || !passed || nowMs >= resetAtMs || usedMicros >= limitMicros) return null;
  if (exhaustedOn.expected === null) return null;
  return { projectedMicros: projected.expectedMicros, limitMicros, exhaustedOn: exhaustedOn.expected };
}

function crossing(
  path: Forecast["path"],
  limitMicros: number,
  usedMicros: number,
  today: string,
  use: (range: ForecastRange) => number,
): string | null {
  if (usedMicros > 0 && usedMicros >= limitMicros) return today;
  return path.find((range) => use(range) > 0 && use(range) >= limitMicros)?.day ?? null;
}

function exactly(micros: number): ForecastRange {
  return { lowMicros: micros, expectedMicros: micros, highMicros: micros };
}
