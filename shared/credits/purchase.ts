/** What a purchase of packs comes to, before it is made and when it is made (rules, sections 5.2 and 5.9). Pure. */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import { type Catalog, packPrice } from "./catalog.ts";
import type { BuyPack, BuyRefusal } from "./packs.ts";
import type { OverageSetting, PackTerms } from "./state.ts";

/** So many holdings: they are kept in memory and in one row. */
export const HOLDINGS_MAX = 2_000;

/** The account as far as a purchase asks about it. */
export interface Purchaser {
  readonly currency: string;
  readonly limitMicros: number;
  readonly maximumMicros: number | null;
  /** How many holdings of packs it has; none: the purchase is its first. */
  readonly holdings: number;
  readonly setting: OverageSetting;
  /** Per credit: the period's, else the one agreed now; null where there is none (7.1). */
  readonly overagePrice: string | null;
}

export interface Purchase {
  readonly kind: "purchase";
  readonly terms: PackTerms;
  /** The account's first pack: it opens the settings. */
  readonly first: boolean;
  /** All of these are as they are after the purchase. */
  readonly limitMicros: number;
  readonly maximumMicros: number | null;
  readonly setting: OverageSetting;
}

/**
 * The first pack sets auto_upgrade or the setting named with it, and the maximum named with it; later ones raise the
 * maximum where the new limit is above it (5.2, 5.9).
 */
export function decidePurchase(
  { currency, holdings, overagePrice, ...before }: Purchaser,
  command: BuyPack,
  catalog: Catalog,
): Purchase | BuyRefusal {
  const pack = catalog.packs.find((candidate) => candidate.pack === command.pack);
  if (pack === undefined) {
    return { kind: "unknown_pack", pack: command.pack, packs: catalog.packs.map((known) => known.pack) };
  }
  const price = packPrice(pack, currency);
  if (price === null) return { kind: "pack_not_on_sale", pack: pack.pack, currency };
  const limitMicros = before.limitMicros + pack.creditsMicros * command.quantity;
  if (limitMicros > CREDITS_MICROS_MAX) return { kind: "limit_too_large" };
  if (holdings >= HOLDINGS_MAX) return { kind: "too_many_holdings", max: HOLDINGS_MAX };
  const first = holdings === 0;
  if (!first && command.setting !== undefined) return { kind: "not_first_pack", field: "overageSetting" };
  if (!first && command.maximumMicros !== undefined) return { kind: "not_first_pack", field: "maximum" };
  const setting = first ? (command.setting ?? "auto_upgrade") : before.setting;
  if (first && setting === "pay_as_you_go" && overagePrice === null) {
    return { kind: "overage_price_missing", currency };
  }
  return {
    kind: "purchase",
    terms: { pack: pack.pack, name: pack.name, creditsMicros: pack.creditsMicros, price },
    first,
    limitMicros,
    maximumMicros: first
      ? (command.maximumMicros ?? null)
      : raisedMaximumMicros(before.maximumMicros, limitMicros),
    setting,
  };
}

/** Only a purchase raises the maximum: where the new limit is above it, it becomes the limit (5.9). */
function raisedMaximumMicros(maximumMicros: number | null, limitMicros: number): number | null {
  return maximumMicros === null ? null : Math.max(maximumMicros, limitMicros);
}
