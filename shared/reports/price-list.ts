/** An account's price list: the version in force and what the published versions ahead change (rules, 8.1, 8.6). */
import { type Feature, type Rate, type RateSheet, rateSheetAt } from "../credits/rates.ts";

export type PriceChange =
  | { readonly kind: "feature_added" | "feature_removed"; readonly feature: string }
  /** `beta_ended`: metered at 0 credits until then, at its rates from then on (8.3). */
  | { readonly kind: "beta_began" | "beta_ended"; readonly feature: string }
  | { readonly kind: "action_added"; readonly feature: string; readonly to: Rate }
  | { readonly kind: "action_removed"; readonly feature: string; readonly from: Rate }
  | {
      readonly kind: "price_changed";
      readonly feature: string;
      readonly from: Rate;
      readonly to: Rate;
    };

export interface VersionAhead {
  readonly version: number;
  readonly effectiveAtMs: number;
  /** What differs from the version that it replaces. */
  readonly changes: readonly PriceChange[];
}

export interface PriceList {
  /** null before the first version is in force. */
  readonly inForce: RateSheet | null;
  /** In the order in which they take effect. */
  readonly ahead: readonly VersionAhead[];
}

export function priceListAt(sheets: readonly RateSheet[], nowMs: number): PriceList {
  const inForce = rateSheetAt(sheets, nowMs);
  const times = new Set(sheets.map((sheet) => sheet.effectiveAtMs).filter((atMs) => atMs > nowMs));
  const ahead: VersionAhead[] = [];
  let replaced = inForce;
  for (const effectiveAtMs of [...times].sort((a, b) => a - b)) {
    const next = rateSheetAt(sheets, effectiveAtMs);
    if (next === null) continue;
    ahead.push({ version: next.version, effectiveAtMs, changes: changesBetween(replaced, next) });
    replaced = next;
  }
  return { inForce, ahead };
}

function changesBetween(from: RateSheet | null, to: RateSheet): readonly PriceChange[] {
  const before = new Map(from?.features.map((feature) => [feature.feature, feature]));
  const after = new Map(to.features.map((feature) => [feature.feature, feature]));
  const removed = [...before.keys()]
    .filter((feature) => !after.has(feature))
    .map((feature) => ({ kind: "feature_removed" as const, feature }));
  const others = to.features.flatMap((feature) => featureChanges(before.get(feature.feature), feature));
  return [...others, ...removed];
}

function featureChanges(from: Feature | undefined, to: Feature): readonly PriceChange[] {
  const { feature } = to;
  if (from === undefined) return [{ kind: "feature_added", feature }];
  const changes: PriceChange[] = [];
  if (from.beta && !to.beta) changes.push({ kind: "beta_ended", feature });
  if (!from.beta && to.beta) changes.push({ kind: "beta_began", feature });
  const before = new Map(from.actions.map((rate) => [rate.action, rate]));
  for (const rate of to.actions) {
    const old = before.get(rate.action);
    if (old === undefined) changes.push({ kind: "action_added", feature, to: rate });
    else if (!samePrice(old, rate)) changes.push({ kind: "price_changed", feature, from: old, to: rate });
    before.delete(rate.action);
  }
  for (const rate of before.values()) changes.push({ kind: "action_removed", feature, from: rate });
  return changes;
}

function samePrice(a: Rate, b: Rate): boolean {
  return a.creditsMicros === b.creditsMicros && a.perMicros === b.perMicros && a.blocks === b.blocks;
}
