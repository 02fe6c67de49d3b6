/** A period's waste as admins are told of it (rules, 6.4 and 10.7). */
import type { Waste } from "./insight-notices.ts";
import { type FeatureSum, type OutcomeSum, spentByFeature } from "./insights.ts";
import { unowned, withoutOutcomes } from "./waste.ts";

export interface PeriodUse {
  /** Of the period. */
  readonly features: readonly FeatureSum[];
  readonly outcomes: readonly Pick<OutcomeSum, "feature">[];
  readonly duplicatesMicros: bigint;
  /** Features that name an owner. */
  readonly owned: ReadonlySet<string>;
}

/**
 * null where nothing was wasted. Where no feature has any outcome, nothing is said of outcomes: the account does not
 * attach them.
 */
export function wasteOf({ features, outcomes, duplicatesMicros, owned }: PeriodUse): Waste | null {
  const spent = spentByFeature(features);
  const withOutcome = new Set(outcomes.map(({ feature }) => feature));
  const unresolved = withOutcome.size === 0 ? [] : withoutOutcomes(spent, withOutcome);
  const waste = {
    duplicatesMicros: Number(duplicatesMicros),
    withoutOutcomeMicros: Number(unresolved.reduce((sum, { creditsMicros }) => sum + creditsMicros, 0n)),
    unownedFeatures: unowned(spent, owned).map(({ feature }) => feature),
  };
  const isNone =
    waste.duplicatesMicros === 0 && waste.withoutOutcomeMicros === 0 && waste.unownedFeatures.length === 0;
  return isNone ? null : waste;
}
