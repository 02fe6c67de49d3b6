/** What is asked and what is known of an account's use: from D1, and from the entries that D1 may lack. */
import type { Catalog } from "../../shared/credits/catalog.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { DayRange } from "../../shared/reports/days.ts";
import type { Rollup } from "../../shared/reports/fold.ts";
import type { ConsumerSum, FeatureSum, OutcomeSum } from "../../shared/reports/insights.ts";
import type { DayUse } from "../../shared/reports/known-use.ts";
import { inRange, type UsageRange } from "../../shared/reports/range.ts";
import type { FeatureDay } from "../../shared/reports/spikes.ts";

/** A range without a day. */
export const NO_DAYS: DayRange = { from: "1", to: "0" };

export interface UseQuestion {
  readonly accountKey: string;
  /** The account's entries that D1 may lack, after `acknowledgedSeq`. */
  readonly tail: readonly UsageEntry[];
  readonly acknowledgedSeq: number;
  /** Days whose totals and shortages are asked for. */
  readonly history: DayRange;
  /** Days whose totals by feature are asked for; null: none. */
  readonly featureDays: DayRange | null;
  /** What is summed up by feature and outcome; null: nothing. */
  readonly range: UsageRange | null;
  /** How many users, teams and workflows of the range are asked for, those with the most credits. */
  readonly consumers: number;
}

/** Several rows may be about the same; they add up. */
export interface UseData {
  readonly days: readonly DayUse[];
  readonly featureDays: readonly FeatureDay[];
  /** First day of which `featureDays` is complete. */
  readonly featureDaysFrom: string;
  readonly features: readonly FeatureSum[];
  readonly outcomes: readonly OutcomeSum[];
  readonly consumers: readonly ConsumerSum[];
  /** Denials for want of credits by day. */
  readonly shortages: ReadonlyMap<string, number>;
  /** null where D1 has no such account. */
  readonly createdAtMs: number | null;
  /** In minor units of the account's currency. */
  readonly hourlyValueMinor: number | null;
  readonly catalog: Catalog | null;
}

/** Users, teams and workflows of the tail. */
export function keysOf(tail: readonly UsageEntry[]): readonly string[] {
  const keys = tail.flatMap(({ user, teams = [], workflow }) => [user, workflow, ...teams]);
  return [...new Set(keys.filter((key) => key !== undefined))];
}

/** The data with the roll-ups of the tail. */
export function withTail(
  { history, featureDays, range }: UseQuestion,
  tail: readonly Rollup[],
  data: UseData,
): UseData {
  const actions = tail.filter(({ dimension }) => dimension === "action");
  const ranged = range === null ? [] : tail.filter((rollup) => inRange(rollup, range));
  const micros = ({ creditsMicros }: Rollup) => ({ creditsMicros: Number(creditsMicros) });
  return {
    ...data,
    days: [
      ...data.days,
      ...actions
        .filter(({ day }) => isIn(day, history))
        .map((rollup) => ({ day: rollup.day, period: rollup.period, ...micros(rollup) })),
    ],
    featureDays: [
      ...data.featureDays,
      ...actions
        .filter(({ day }) => isIn(day, featureDays ?? NO_DAYS))
        .map((rollup) => ({ day: rollup.day, feature: rollup.feature, ...micros(rollup) })),
    ],
    features: [
      ...data.features,
      ...ranged
        .filter(({ dimension }) => dimension === "action")
        .map(({ feature, period, creditsMicros }) => ({ feature, period, creditsMicros })),
    ],
    outcomes: [
      ...data.outcomes,
      ...ranged
        .filter(({ dimension }) => dimension === "outcome")
        .map(({ events: count, ...sums }) => ({ ...sums, count })),
    ],
    consumers: [
      ...data.consumers,
      ...ranged.flatMap(({ dimension, key, creditsMicros }) =>
        dimension === "user" || dimension === "team" || dimension === "workflow"
          ? [{ dimension, key, creditsMicros }]
          : [],
      ),
    ],
  };
}

function isIn(day: string, { from, to }: DayRange): boolean {
  return from <= day && day <= to;
}
