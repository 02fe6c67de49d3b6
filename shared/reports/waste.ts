/**
 * Waste (rules, 10.7): what was probably spent for nothing. Duplicates, usage without outcomes, spikes and features that
 * nobody owns, each in credits and, where the price of a credit is known, in money.
 */
import { shareMinor } from "../credits/money.ts";
import type { DuplicateGroup, DuplicateReport } from "./duplicates.ts";
import type { PeriodSpend } from "./spend.ts";
import type { FoundSpike } from "./spikes.ts";

/** What a feature used; nothing that was used for 0 credits is waste. */
export interface FeatureSpend {
  readonly feature: string;
  readonly creditsMicros: bigint;
}

export interface WasteInput {
  /** All usage of the range, by feature. */
  readonly spent: readonly FeatureSpend[];
  /** Features with an outcome in the range. */
  readonly withOutcomes: ReadonlySet<string>;
  /** Features that name an owner of their own (9.1). */
  readonly owned: ReadonlySet<string>;
  readonly duplicates: DuplicateReport;
  readonly spikes: readonly FoundSpike[];
  /** What the credits of the range cost; null: not known. */
  readonly spend: PeriodSpend | null;
}

/** In minor units of the account's currency, half up; null where the price of a credit is not known. */
type Priced<Found> = Found & { readonly moneyMinor: number | null };

export interface Found<Item> {
  readonly creditsMicros: bigint;
  readonly moneyMinor: number | null;
  readonly items: readonly Priced<Item>[];
}

/** The four may overlap: a duplicate of a feature without outcomes counts in both. */
export interface WasteReport {
  readonly duplicates: Found<DuplicateGroup> & { readonly duplicates: number };
  readonly withoutOutcomes: Found<FeatureSpend>;
  /** Its credits are those above the mean. */
  readonly spikes: Found<FoundSpike>;
  readonly unowned: Found<FeatureSpend>;
}

export function wasteReport(input: WasteInput): WasteReport {
  const { spent, duplicates, spend } = input;
  return {
    duplicates: {
      ...found(duplicates.groups, ({ creditsMicros }) => creditsMicros, spend, duplicates.creditsMicros),
      duplicates: duplicates.duplicates,
    },
    withoutOutcomes: features(withoutOutcomes(spent, input.withOutcomes), spend),
    spikes: found(input.spikes, ({ aboveMeanMicros }) => BigInt(aboveMeanMicros), spend),
    unowned: features(unowned(spent, input.owned), spend),
  };
}

/** Features that spend without any outcome, most credits first. */
export function withoutOutcomes(
  spent: readonly FeatureSpend[],
  withOutcomes: ReadonlySet<string>,
): readonly FeatureSpend[] {
  return spendingOutside(spent, withOutcomes);
}

/** Features that spend and that nobody owns, most credits first. */
export function unowned(spent: readonly FeatureSpend[], owned: ReadonlySet<string>): readonly FeatureSpend[] {
  return spendingOutside(spent, owned);
}

function spendingOutside(
  spent: readonly FeatureSpend[],
  excused: ReadonlySet<string>,
): readonly FeatureSpend[] {
  return spent
    .filter(({ feature, creditsMicros }) => creditsMicros > 0n && !excused.has(feature))
    .sort((a, b) => {
      if (a.creditsMicros !== b.creditsMicros) return a.creditsMicros > b.creditsMicros ? -1 : 1;
      return a.feature < b.feature ? -1 : 1;
    });
}

function features(items: readonly FeatureSpend[], spend: PeriodSpend | null): Found<FeatureSpend> {
  return found(items, ({ creditsMicros }) => creditsMicros, spend);
}

/** @param totalMicros where not all items are listed: the credits of all */
function found<Item>(
  items: readonly Item[],
  creditsOf: (item: Item) => bigint,
  spend: PeriodSpend | null,
  totalMicros = items.reduce((sum, item) => sum + creditsOf(item), 0n),
): Found<Item> {
  return {
    creditsMicros: totalMicros,
    moneyMinor: moneyOf(totalMicros, spend),
    items: items.map((item) => ({ ...item, moneyMinor: moneyOf(creditsOf(item), spend) })),
  };
}

function moneyOf(creditsMicros: bigint, spend: PeriodSpend | null): number | null {
  if (spend === null || spend.usedMicros === 0) return null;
  return shareMinor(spend.spentMinor, creditsMicros, BigInt(spend.usedMicros));
}
