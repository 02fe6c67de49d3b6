/** An account's price list: what is in force and what lies ahead, its own rates included (rules, 8.1, 8.5, 8.6). */
import { type AccountRates, accountRatesAt } from "../credits/account-rates.ts";
import { type Price, type RateChange, rateChanges } from "../credits/rate-changes.ts";
import { type Feature, type Rate, type RateSheet, rateSheetAt } from "../credits/rates.ts";

/** Prices as they are charged: of a beta feature 0 credits. */
export type PriceChange =
  | { readonly kind: "feature_added" | "feature_removed"; readonly feature: string }
  /** `beta_ended`: metered at 0 credits until then (8.3); the prices from then on follow as changes. */
  | { readonly kind: "beta_began" | "beta_ended"; readonly feature: string }
  | {
      readonly kind: "action_added";
      readonly feature: string;
      readonly action: string;
      readonly to: Price;
    }
  | {
      readonly kind: "action_removed";
      readonly feature: string;
      readonly action: string;
      readonly from: Price;
    }
  | {
      readonly kind: "price_changed";
      readonly feature: string;
      readonly action: string;
      readonly from: Price;
      readonly to: Price;
      /** Some quantity costs more. */
      readonly raised: boolean;
    };

export interface ListedRate extends Rate {
  /** It is the account's own and overrides the sheet's (8.5); absent: the sheet's. */
  readonly own?: true;
}

export interface ListedFeature extends Feature {
  readonly actions: readonly ListedRate[];
}

/** A version of the rate sheet as one account pays it. */
export interface AccountPrices extends RateSheet {
  readonly features: readonly ListedFeature[];
}

export interface VersionAhead {
  /** Of the rate sheet in force from then on; unchanged where only the account's own rates change. */
  readonly version: number;
  readonly effectiveAtMs: number;
  /** What differs from the prices before. */
  readonly changes: readonly PriceChange[];
}

export interface PriceList {
  /** null before the first version is in force. */
  readonly inForce: AccountPrices | null;
  /** In the order in which they take effect. */
  readonly ahead: readonly VersionAhead[];
}

/** `sheets` without those withdrawn; `ownRates` are all versions of the account's own rates. */
export function priceListAt(
  sheets: readonly RateSheet[],
  nowMs: number,
  ownRates: readonly AccountRates[] = [],
): PriceList {
  const times = new Set(
    [...sheets, ...ownRates].map(({ effectiveAtMs }) => effectiveAtMs).filter((atMs) => atMs > nowMs),
  );
  const inForce = pricesAt(sheets, ownRates, nowMs);
  const ahead: VersionAhead[] = [];
  let replaced = inForce;
  for (const effectiveAtMs of [...times].sort((a, b) => a - b)) {
    const next = pricesAt(sheets, ownRates, effectiveAtMs);
    if (next === null) continue;
    ahead.push({ version: next.version, effectiveAtMs, changes: changesBetween(replaced, next) });
    replaced = next;
  }
  return { inForce, ahead };
}

function pricesAt(
  sheets: readonly RateSheet[],
  ownRates: readonly AccountRates[],
  atMs: number,
): AccountPrices | null {
  const sheet = rateSheetAt(sheets, atMs);
  const own = accountRatesAt(ownRates, atMs)?.rates ?? [];
  if (sheet === null || own.length === 0) return sheet;
  const ownRate = new Map(own.map((rate) => [JSON.stringify([rate.feature, rate.action]), rate]));
  const features = sheet.features.map((feature) => ({
    ...feature,
    actions: feature.actions.map((rate): ListedRate => {
      const mine = ownRate.get(JSON.stringify([feature.feature, rate.action]));
      if (mine === undefined) return rate;
      const { creditsMicros, perMicros, blocks } = mine;
      return { ...rate, creditsMicros, perMicros, blocks, own: true };
    }),
  }));
  return { ...sheet, features };
}

function changesBetween(from: RateSheet | null, to: RateSheet): readonly PriceChange[] {
  const before = new Map(from?.features.map((feature) => [feature.feature, feature]));
  const prices = Map.groupBy(rateChanges(from?.features ?? [], to.features), ({ feature }) => feature);
  const changes: PriceChange[] = [];
  for (const { feature, beta } of to.features) {
    const old = before.get(feature);
    before.delete(feature);
    if (old === undefined) changes.push({ kind: "feature_added", feature });
    else if (old.beta !== beta) changes.push({ kind: beta ? "beta_began" : "beta_ended", feature });
    changes.push(...(prices.get(feature) ?? []).map(toPriceChange));
  }
  const removed = [...before.keys()].map((feature) => ({ kind: "feature_removed" as const, feature }));
  return [...changes, ...removed];
}

function toPriceChange(change: RateChange): PriceChange {
  const { feature, action } = change;
  switch (change.kind) {
    case "added":
      return { kind: "action_added", feature, action, to: change.to };
    case "removed":
      return { kind: "action_removed", feature, action, from: change.from };
    default: {
      const { from, to } = change;
      return { kind: "price_changed", feature, action, from, to, raised: change.kind !== "lowered" };
    }
  }
}
