/** What a forecast rests on and takes for granted (rules, 10.6), for people to judge it by. */
import type { DayMoment, ObservedDay } from "./demand-days.ts";
import type { DemandModel } from "./demand-model.ts";
import { RHYTHM_DAYS_MIN } from "./demand-weekdays.ts";
import type { ForecastRange } from "./forecast-path.ts";

export const CONFIDENCES = ["none", "low", "medium", "high"] as const;
/** none: nothing was ever used. */
export type Confidence = (typeof CONFIDENCES)[number];

const MEDIUM_FROM_DAYS = 7;
const HIGH_FROM_DAYS = 28;

export type ForecastAssumption =
  /** Use goes on as before, also above the limit: what people want, not what is allowed. */
  | { readonly kind: "limit_stops_nothing" }
  /** What is left of today is used at the pace of a whole day. */
  | { readonly kind: "day_is_even"; readonly passed: number }
  /** Weekdays differ as they did: parts of an average day, Sunday first. */
  | { readonly kind: "weekday_rhythm"; readonly factors: readonly number[] }
  /** No rhythm of the week shows, or too few days are known to see one. */
  | { readonly kind: "every_day_alike"; readonly tooFewDays: boolean }
  /** Use is on another level from this day on; days before it count for rhythm and growth only. */
  | { readonly kind: "level_since"; readonly day: string }
  /** Use changes by so much a week, negative where it falls; that fades. */
  | { readonly kind: "growth_fades"; readonly percentPerWeek: number }
  /** Days on which use was denied are left out. */
  | { readonly kind: "days_left_out"; readonly days: number }
  /** The range guesses how days differ, because few are known. */
  | { readonly kind: "few_days_known"; readonly wholeDays: number };

export function confidenceOf(
  model: DemandModel,
  wholeDays: number,
  { lowMicros, expectedMicros, highMicros }: ForecastRange,
  usedMicros: number,
): Confidence {
  if (model.usualPerDayMicros === 0 && usedMicros === 0) return "none";
  if (wholeDays < MEDIUM_FROM_DAYS) return "low";
  const isWide = highMicros - lowMicros > expectedMicros;
  return wholeDays < HIGH_FROM_DAYS || isWide ? "medium" : "high";
}

/** Growth below this is not worth a word. */
const GROWTH_PERCENT_MIN = 1;

export function assumptionsOf(
  model: DemandModel,
  observed: readonly ObservedDay[],
  { passed }: DayMoment,
): readonly ForecastAssumption[] {
  const assumes: ForecastAssumption[] = [{ kind: "limit_stops_nothing" }];
  if (passed > 0) assumes.push({ kind: "day_is_even", passed });
  const factors = model.weekdayFactors.map((factor) => Math.round(factor * 100) / 100);
  if (factors.every((factor) => factor === 1)) {
    assumes.push({ kind: "every_day_alike", tooFewDays: observed.length < RHYTHM_DAYS_MIN });
  } else {
    assumes.push({ kind: "weekday_rhythm", factors });
  }
  if (model.changedOn !== null) assumes.push({ kind: "level_since", day: model.changedOn });
  const percentPerWeek = growthPercentPerWeek(model);
  if (Math.abs(percentPerWeek) >= GROWTH_PERCENT_MIN) assumes.push({ kind: "growth_fades", percentPerWeek });
  const leftOut = observed.filter(({ cutShort }) => cutShort).length;
  if (leftOut > 0) assumes.push({ kind: "days_left_out", days: leftOut });
  const wholeDays = observed.filter(({ share }) => share === 1).length;
  if (wholeDays < RHYTHM_DAYS_MIN) assumes.push({ kind: "few_days_known", wholeDays });
  return assumes;
}

/** As far as the growing guess counts, with one decimal. */
function growthPercentPerWeek({ levels }: DemandModel): number {
  const perWeek = levels.reduce(
    (sum, { level, weight }) => sum + weight * Math.expm1(level.growthPerDay * 7),
    0,
  );
  return Math.round(perWeek * 1000) / 10;
}
