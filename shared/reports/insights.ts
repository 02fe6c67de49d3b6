/**
 * What the use of a range says (rules, 10.5 and 10.7): what it cost, what came of it, who used most, and what was
 * probably wasted. Money is at the effective price of the range's credits, the same for each figure.
 */
import { shareMinor } from "../credits/money.ts";
import type { DuplicateReport } from "./duplicates.ts";
import { type CreditsByPeriod, moneyMinorOf, type PeriodSpend, type SpendByPeriod } from "./spend.ts";
import type { FoundSpike } from "./spikes.ts";
import { type ValueReport, valueReport } from "./value.ts";
import { type FeatureSpend, type WasteReport, wasteReport } from "./waste.ts";

/** Credits of a feature that count in a period. */
export interface FeatureSum {
  readonly feature: string;
  readonly period: string;
  readonly creditsMicros: bigint;
}

/** Outcomes of a feature that count in a period. */
export interface OutcomeSum extends FeatureSum {
  /** Type and unit, as `outcomeKey` makes it. */
  readonly key: string;
  readonly count: number;
  readonly valueMinor: bigint;
  readonly quantityMicros: bigint;
}

export interface ConsumerSum {
  readonly dimension: "user" | "team" | "workflow";
  readonly key: string;
  readonly creditsMicros: bigint;
}

export interface InsightsInput {
  /** Several may be about the same feature, outcome or consumer; they add up. */
  readonly features: readonly FeatureSum[];
  readonly outcomes: readonly OutcomeSum[];
  readonly consumers: readonly ConsumerSum[];
  readonly duplicates: DuplicateReport;
  readonly spikes: readonly FoundSpike[];
  /** Features that name an owner. */
  readonly owned: ReadonlySet<string>;
  readonly spendByPeriod: SpendByPeriod;
  /** In minor units of the currency; null: hours have no value. */
  readonly hourlyValueMinor: number | null;
  readonly currency: string;
}

export interface Consumer {
  readonly name: string;
  readonly creditsMicros: bigint;
  readonly moneyMinor: number | null;
}

type ConsumerKind = "feature" | ConsumerSum["dimension"];

export interface Insights {
  readonly creditsMicros: bigint;
  /** What the credits cost; null: not known. */
  readonly spend: PeriodSpend | null;
  readonly value: ValueReport;
  readonly waste: WasteReport;
  /** Most credits first. */
  readonly top: Readonly<Record<ConsumerKind, readonly Consumer[]>>;
}

export const TOP_CONSUMERS = 10;

export function insightsOf(input: InsightsInput): Insights {
  const { features, outcomes, consumers, duplicates, spikes, owned, hourlyValueMinor, currency } = input;
  const spent = spentByFeature(features);
  const creditsMicros = spent.reduce((sum, feature) => sum + feature.creditsMicros, 0n);
  const spend = spendOfRange(features, input.spendByPeriod);
  const withOutcomes = new Set(outcomes.map(({ feature }) => feature));
  const top = (sums: readonly { readonly key: string; readonly creditsMicros: bigint }[]) =>
    topConsumers(sums, spend);
  const of = (wanted: ConsumerSum["dimension"]) =>
    top(consumers.filter(({ dimension }) => dimension === wanted));
  return {
    creditsMicros,
    spend,
    value: valueReport({ outcomes: outcomes.map(outcomeTotal), spent, hourlyValueMinor, currency }),
    waste: wasteReport({ spent, withOutcomes, owned, duplicates, spikes, spend }),
    top: {
      feature: top(features.map(({ feature, ...sum }) => ({ key: feature, ...sum }))),
      user: of("user"),
      team: of("team"),
      workflow: of("workflow"),
    },
  };
}

export function spentByFeature(features: readonly FeatureSum[]): readonly FeatureSpend[] {
  const spent = new Map<string, bigint>();
  for (const { feature, creditsMicros } of features) {
    spent.set(feature, (spent.get(feature) ?? 0n) + creditsMicros);
  }
  return [...spent].map(([feature, creditsMicros]) => ({ feature, creditsMicros }));
}

/** What all credits of the range cost, each period's at its own effective price (7.5); null where one is not known. */
function spendOfRange(features: readonly FeatureSum[], spendByPeriod: SpendByPeriod): PeriodSpend | null {
  const creditsByPeriod = new Map<string, bigint>();
  for (const { period, creditsMicros } of features) {
    creditsByPeriod.set(period, (creditsByPeriod.get(period) ?? 0n) + creditsMicros);
  }
  const spentMinor = moneyMinorOf(creditsByPeriod satisfies CreditsByPeriod, spendByPeriod);
  const usedMicros = Number([...creditsByPeriod.values()].reduce((sum, credits) => sum + credits, 0n));
  return spentMinor === null || usedMicros <= 0 ? null : { spentMinor, usedMicros };
}

function outcomeTotal({ key, ...sums }: OutcomeSum) {
  const [type, unit]: readonly [string, string] = JSON.parse(key);
  return { ...sums, type, unit: unit === "" ? null : unit };
}

function topConsumers(
  sums: readonly { readonly key: string; readonly creditsMicros: bigint }[],
  spend: PeriodSpend | null,
): readonly Consumer[] {
  const byName = new Map<string, bigint>();
  for (const { key, creditsMicros } of sums) byName.set(key, (byName.get(key) ?? 0n) + creditsMicros);
  return [...byName]
    .filter(([, creditsMicros]) => creditsMicros > 0n)
    .sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x > y ? -1 : 1))
    .slice(0, TOP_CONSUMERS)
    .map(([name, creditsMicros]) => ({ name, creditsMicros, moneyMinor: moneyOf(creditsMicros, spend) }));
}

/** At the effective price of the range; null where it is not known. */
export function moneyOf(creditsMicros: bigint, spend: PeriodSpend | null): number | null {
  return spend === null ? null : shareMinor(spend.spentMinor, creditsMicros, BigInt(spend.usedMicros));
}
