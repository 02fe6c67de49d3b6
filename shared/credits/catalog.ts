/** What the operator sells: plans, packs, overage rates and defaults (rules, sections 2.1, 5, 6.1, 7.1). */
import { type ConversionTable, DEFAULT_CONVERSION_TABLE } from "./conversion-tables.ts";
import type { Money } from "./money.ts";
import type { RateSheet } from "./rates.ts";

export interface CatalogPlan {
  readonly plan: string;
  readonly name: string;
  readonly includedCreditsMicros: number;
}

export interface CatalogPack {
  readonly pack: string;
  readonly name: string;
  readonly creditsMicros: number;
  /** Price of one pack for one usage period, per currency in which it is on sale. */
  readonly prices: readonly Money[];
  /** The pack that automatic upgrades add; where none is marked, the smallest on sale (5.4). */
  readonly upgrade: boolean;
}

export interface OverageRate {
  readonly currency: string;
  /** Price per credit in major units, a decimal string (7.1). */
  readonly price: string;
}

export interface Seller {
  readonly name: string;
  readonly address: string;
  readonly taxIds: readonly string[];
}

/** In which series invoices are numbered: each account's own, or one for all accounts of a mode (7.3). */
export type InvoiceSeries =
  | { readonly scope: "account" }
  | { readonly scope: "operator"; readonly prefix: string };

export interface Catalog {
  readonly plans: readonly CatalogPlan[];
  readonly packs: readonly CatalogPack[];
  readonly overageRates: readonly OverageRate[];
  /** Percentages of limit and maximum at which admins are told (6.1). */
  readonly noticePercentages: readonly number[];
  /** Packs that may be added automatically in one period; null: as many as double the limit at its start (5.4). */
  readonly automaticPacksMax: number | null;
  readonly seller: Seller;
  /** Absent: each account has its own. */
  readonly invoiceSeries?: InvoiceSeries;
  /** What packs of earlier products become (11). Absent: the shipped table alone. */
  readonly conversionTables?: readonly ConversionTable[];
}

/** What an account decides with: the catalogue and the rate sheet versions it may need. */
export interface Offer {
  /** Grows with every change by the operator. */
  readonly revision: number;
  readonly catalog: Catalog;
  readonly rateSheets: readonly RateSheet[];
}

export const DEFAULT_NOTICE_PERCENTAGES: readonly number[] = [75, 85, 90];

export function conversionTables(catalog: Catalog): readonly ConversionTable[] {
  return catalog.conversionTables ?? [DEFAULT_CONVERSION_TABLE];
}

/** Price of a pack in a currency, or null where it is not on sale in it. */
export function packPrice(pack: CatalogPack, currency: string): Money | null {
  return pack.prices.find((price) => price.currency === currency) ?? null;
}

/** The pack that an automatic upgrade adds, or null where none is on sale in the currency (5.4). */
export function upgradePack(catalog: Catalog, currency: string): (CatalogPack & { price: Money }) | null {
  let chosen: (CatalogPack & { price: Money }) | null = null;
  for (const pack of catalog.packs) {
    const price = packPrice(pack, currency);
    if (price === null) continue;
    if (pack.upgrade) return { ...pack, price };
    if (chosen === null || pack.creditsMicros < chosen.creditsMicros) chosen = { ...pack, price };
  }
  return chosen;
}

/** The catalogue's overage rate in a currency (7.1). */
export function overagePrice(catalog: Catalog, currency: string): string | null {
  return catalog.overageRates.find((rate) => rate.currency === currency)?.price ?? null;
}
