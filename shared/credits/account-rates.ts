/** Rates agreed with one account, which override the sheet (rules, sections 8.4 and 8.5). */
import type { Rate } from "./rates.ts";

export interface AccountRate extends Omit<Rate, "name"> {
  readonly feature: string;
}

/** All of an account's own rates from a time on. */
export interface AccountRates {
  readonly version: number;
  readonly effectiveAtMs: number;
  readonly publishedAtMs: number;
  /** It raises a price with less than 30 days' notice, as was asked for (8.4). */
  readonly shortNotice: boolean;
  readonly rates: readonly AccountRate[];
}

/** The version in force at an instant, or null before the first. */
export function accountRatesAt(versions: readonly AccountRates[], atMs: number): AccountRates | null {
  let inForce: AccountRates | null = null;
  for (const candidate of versions) {
    if (candidate.effectiveAtMs <= atMs && candidate.effectiveAtMs >= (inForce?.effectiveAtMs ?? -Infinity)) {
      inForce = candidate;
    }
  }
  return inForce;
}
