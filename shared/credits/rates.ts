/** Rate sheets and prices (rules, sections 3.5, 3.7, 8.1-8.3). */
import type { AccountRate } from "./account-rates.ts";
import { CREDITS_MICROS_MAX, multiplyDivideUp } from "./amounts.ts";

/** `creditsMicros` for each `perMicros` units; with `blocks` each started `perMicros` counts in full (8.2). */
export interface Rate {
  readonly action: string;
  readonly name: string;
  readonly creditsMicros: number;
  readonly perMicros: number;
  readonly blocks: boolean;
}

export interface Feature {
  readonly feature: string;
  readonly name: string;
  readonly category: string;
  readonly description: string;
  /** Metered at 0 credits until a version prices it (8.3). */
  readonly beta: boolean;
  readonly actions: readonly Rate[];
}

export interface RateSheet {
  readonly version: number;
  readonly effectiveAtMs: number;
  readonly features: readonly Feature[];
}

export interface UsageItem {
  readonly action: string;
  readonly quantityMicros: number;
}

export interface PricedItem extends UsageItem {
  readonly creditsMicros: number;
}

export interface Quote {
  readonly rateVersion: number;
  readonly items: readonly PricedItem[];
  readonly creditsMicros: number;
}

export type PricingRefusal =
  | { readonly kind: "no_rate_sheet"; readonly atMs: number }
  | { readonly kind: "unknown_feature"; readonly feature: string; readonly rateVersion: number }
  | {
      readonly kind: "unknown_action";
      readonly action: string;
      readonly itemIndex: number;
      readonly actions: readonly string[];
    }
  | { readonly kind: "credits_too_large" };

/** The version in force at an instant: the last one effective at or before it (8.1); null before the first. */
export function rateSheetAt(sheets: readonly RateSheet[], atMs: number): RateSheet | null {
  let inForce: RateSheet | null = null;
  for (const sheet of sheets) {
    const later =
      inForce === null ||
      sheet.effectiveAtMs > inForce.effectiveAtMs ||
      (sheet.effectiveAtMs === inForce.effectiveAtMs && sheet.version > inForce.version);
    if (sheet.effectiveAtMs <= atMs && later) inForce = sheet;
  }
  return inForce;
}

/** What a quantity costs at a rate, exact and rounded up to the next micro-credit (8.2). */
export function itemCreditsMicros(
  rate: Pick<Rate, "creditsMicros" | "perMicros" | "blocks">,
  quantityMicros: number,
): bigint {
  if (!rate.blocks) return multiplyDivideUp(quantityMicros, rate.creditsMicros, rate.perMicros);
  return startedBlocks(rate, quantityMicros) * BigInt(rate.creditsMicros);
}

/** How many blocks a quantity starts, at a rate per started block (8.2). */
export function startedBlocks({ perMicros }: Pick<Rate, "perMicros">, quantityMicros: number): bigint {
  return multiplyDivideUp(quantityMicros, 1, perMicros);
}

/** Whether the cost of a quantity had more than 6 decimals (8.2). */
export function isRoundedUp(
  { creditsMicros, perMicros, blocks }: Pick<Rate, "creditsMicros" | "perMicros" | "blocks">,
  quantityMicros: number,
): boolean {
  return !blocks && (BigInt(quantityMicros) * BigInt(creditsMicros)) % BigInt(perMicros) !== 0n;
}

/** The rate of an action: the account's own before the sheet's, 0 in beta (8.3, 8.5); null where the feature lacks it. */
export function rateOf(
  feature: Feature,
  action: string,
  accountRates: readonly AccountRate[] = [],
): { readonly rate: Pick<Rate, "creditsMicros" | "perMicros" | "blocks">; readonly own: boolean } | null {
  const ofSheet = feature.actions.find((candidate) => candidate.action === action);
  if (ofSheet === undefined) return null;
  const own = accountRates.find(
    (candidate) => candidate.feature === feature.feature && candidate.action === action,
  );
  const rate = own ?? ofSheet;
  return { rate: feature.beta ? { ...rate, creditsMicros: 0 } : rate, own: own !== undefined };
}

/** Prices one event: each item by itself, the event is their sum (3.5, 8.2); the account's own rates come first (8.5). */
export function quote(
  sheet: RateSheet,
  featureName: string,
  items: readonly UsageItem[],
  accountRates: readonly AccountRate[] = [],
): Quote | PricingRefusal {
  const feature = sheet.features.find((candidate) => candidate.feature === featureName);
  if (feature === undefined) {
    return { kind: "unknown_feature", feature: featureName, rateVersion: sheet.version };
  }
  const priced: PricedItem[] = [];
  let total = 0n;
  for (const [itemIndex, item] of items.entries()) {
    const found = rateOf(feature, item.action, accountRates);
    if (found === null) {
      const actions = feature.actions.map((known) => known.action);
      return { kind: "unknown_action", action: item.action, itemIndex, actions };
    }
    const credits = itemCreditsMicros(found.rate, item.quantityMicros);
    total += credits;
    if (total > BigInt(CREDITS_MICROS_MAX)) return { kind: "credits_too_large" };
    priced.push({ ...item, creditsMicros: Number(credits) });
  }
  return { rateVersion: sheet.version, items: priced, creditsMicros: Number(total) };
}
