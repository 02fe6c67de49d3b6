/**
 * What came of the credits (rules, 10.5): outcomes per type and per feature, credits per outcome, value per credit. Money
 * is exact and rounded once per figure, half up.
 */
import { MICROS_PER_UNIT } from "../credits/amounts.ts";
import { divideHalfUp, type Money, pricePerCredit } from "../credits/money.ts";
import type { FeatureSpend } from "./waste.ts";

/** Outcomes of one feature and type, or a single one. */
export interface OutcomeTotal {
  readonly feature: string;
  readonly type: string;
  readonly count: number;
  /** What the events cost that they came of. */
  readonly creditsMicros: bigint;
  /** In minor units of the account's currency; 0 where none is given. */
  readonly valueMinor: bigint;
  /** Of the unit; hours are valued where no value in money is given. */
  readonly quantityMicros: bigint;
  readonly unit: string | null;
}

export interface ValueInput {
  readonly outcomes: Iterable<OutcomeTotal>;
  /** All usage of the range, by feature: with and without outcomes. */
  readonly spent: readonly FeatureSpend[];
  /** In minor units of the account's currency; null: hours have no value. */
  readonly hourlyValueMinor: number | null;
  readonly currency: string;
}

export interface ValueFigures {
  readonly outcomes: number;
  readonly creditsMicros: bigint;
  /** Rounded to the micro, half up; null where there is no outcome. */
  readonly creditsPerOutcomeMicros: bigint | null;
  /** null where no outcome has a value. */
  readonly value: Money | null;
  /** `value` per credit, a decimal string in major units; null where there is no value or nothing was spent. */
  readonly valuePerCredit: string | null;
  /** By unit, in alphabetical order. */
  readonly quantities: readonly { readonly unit: string; readonly quantityMicros: bigint }[];
}

export interface ValueReport {
  /** Credits are those of the events that the outcomes came of; most outcomes first. */
  readonly types: readonly (ValueFigures & { readonly type: string })[];
  /** Credits are all that the feature spent, failures included; most credits first. Without outcomes: 0 of them. */
  readonly features: readonly (ValueFigures & { readonly feature: string })[];
  readonly total: ValueFigures;
}

/** What a quantity has to be counted in to be valued by the hour. */
export const HOUR_UNITS: readonly string[] = ["hour", "hours"];

interface Sums {
  readonly outcomes: number;
  readonly creditsMicros: bigint;
  readonly valueMinor: bigint;
  /** Hours without a value in money. */
  readonly hoursMicros: bigint;
  readonly quantities: ReadonlyMap<string, bigint>;
}

const NOTHING: Sums = {
  outcomes: 0,
  creditsMicros: 0n,
  valueMinor: 0n,
  hoursMicros: 0n,
  quantities: new Map(),
};

export function valueReport({ outcomes, spent, hourlyValueMinor, currency }: ValueInput): ValueReport {
  const types = new Map<string, Sums>();
  const features = new Map<string, Sums>();
  let total = NOTHING;
  for (const { feature, creditsMicros } of spent) {
    features.set(feature, spending(features.get(feature) ?? NOTHING, creditsMicros));
    total = spending(total, creditsMicros);
  }
  for (const outcome of outcomes) {
    const { type, feature, creditsMicros } = outcome;
    types.set(type, spending(withOutcome(types.get(type) ?? NOTHING, outcome), creditsMicros));
    features.set(feature, withOutcome(features.get(feature) ?? NOTHING, outcome));
    total = withOutcome(total, outcome);
  }
  const figures = (sums: Sums) => figuresOf(sums, hourlyValueMinor, currency);
  return {
    types: [...types]
      .map(([type, sums]) => ({ type, ...figures(sums) }))
      .sort((a, b) => b.outcomes - a.outcomes || (a.type < b.type ? -1 : 1)),
    features: [...features]
      .map(([feature, sums]) => ({ feature, ...figures(sums) }))
      .sort((a, b) => {
        if (a.creditsMicros !== b.creditsMicros) return a.creditsMicros > b.creditsMicros ? -1 : 1;
        return a.feature < b.feature ? -1 : 1;
      }),
    total: figures(total),
  };
}

function spending(sums: Sums, creditsMicros: bigint): Sums {
  return { ...sums, creditsMicros: sums.creditsMicros + creditsMicros };
}

function withOutcome(sums: Sums, { count, valueMinor, quantityMicros, unit }: OutcomeTotal): Sums {
  const isHours = unit !== null && HOUR_UNITS.includes(unit);
  const quantities =
    unit === null
      ? sums.quantities
      : new Map(sums.quantities).set(unit, (sums.quantities.get(unit) ?? 0n) + quantityMicros);
  return {
    ...sums,
    outcomes: sums.outcomes + count,
    valueMinor: sums.valueMinor + valueMinor,
    hoursMicros: sums.hoursMicros + (isHours && valueMinor === 0n ? quantityMicros : 0n),
    quantities,
  };
}

function figuresOf(sums: Sums, hourlyValueMinor: number | null, currency: string): ValueFigures {
  const { outcomes, creditsMicros, quantities } = sums;
  const value = outcomeValue(sums, hourlyValueMinor, currency);
  return {
    outcomes,
    creditsMicros,
    creditsPerOutcomeMicros: outcomes === 0 ? null : divideHalfUp(creditsMicros, BigInt(outcomes)),
    value,
    valuePerCredit: value === null ? null : pricePerCredit(value, creditsMicros),
    quantities: [...quantities]
      .map(([unit, quantityMicros]) => ({ unit, quantityMicros }))
      .sort((a, b) => (a.unit < b.unit ? -1 : 1)),
  };
}

/** Money and valued hours together, rounded once. Throws RangeError where it leaves the safe integers. */
function outcomeValue(
  { valueMinor, hoursMicros }: Sums,
  hourlyValueMinor: number | null,
  currency: string,
): Money | null {
  const hourly = hoursMicros === 0n ? null : hourlyValueMinor;
  if (valueMinor === 0n && hourly === null) return null;
  const perUnit = BigInt(MICROS_PER_UNIT);
  const exact = valueMinor * perUnit + hoursMicros * BigInt(hourly ?? 0);
  const amountMinor = Number(divideHalfUp(exact, perUnit));
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError("the value is too large");
  return { amountMinor, currency };
}

/** Credits per outcome, to look at; null where nothing came of them. */
export function creditsPerOutcome(credits: number, outcomes: number): number | null {
  return outcomes <= 0 ? null : credits / outcomes;
}
