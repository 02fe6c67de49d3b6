/** What is sold during a simulation, for the core and for the model, and what a use costs by a tariff of its own. */
import type { Catalog } from "../../../shared/credits/catalog.ts";
import type { Feature, RateSheet, UsageItem } from "../../../shared/credits/rates.ts";
import { CATALOG, credits, packOf } from "../fixtures.ts";
import type { Catalog as ModelCatalog } from "../model/facts.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

function prices(usd: number) {
  return [
    { amountMinor: usd, currency: "USD" },
    { amountMinor: usd * 2, currency: "EUR" },
  ];
}

function overage(usd: string, eur: string) {
  return [
    { currency: "USD", price: usd },
    { currency: "EUR", price: eur },
  ];
}

const NO_EUR = [{ amountMinor: 777, currency: "USD" }];

/** At different times: the smallest pack upgrades, a marked one does at other prices, one costs nothing, none is on sale. */
export const CATALOGS = {
  open: {
    ...CATALOG,
    packs: [packOf(1000, { prices: prices(1000) }), packOf(250, { prices: prices(300) })],
    overageRates: overage("0.0125", "0.02"),
  },
  marked: {
    ...CATALOG,
    packs: [
      packOf(1000, { prices: prices(900) }),
      packOf(250, { prices: prices(250), upgrade: true }),
      packOf(100, { prices: NO_EUR }),
    ],
    overageRates: overage("0.3333", "0.5"),
    automaticPacksMax: 3,
  },
  free: {
    ...CATALOG,
    packs: [packOf(100, { prices: prices(0) }), packOf(1000, { prices: prices(1100) })],
    overageRates: overage("0.0125", "0.02"),
    automaticPacksMax: 9,
  },
  closed: {
    ...CATALOG,
    packs: [packOf(1000, { prices: [] }), packOf(250, { prices: [] })],
    overageRates: [],
  },
} satisfies Record<string, Catalog>;

export type CatalogName = keyof typeof CATALOGS;

export function catalogOf(name: CatalogName, percentages: readonly number[]): Catalog {
  return { ...CATALOGS[name], noticePercentages: percentages };
}

export function modelCatalog(catalog: Catalog): ModelCatalog {
  const { packs, overageRates, noticePercentages, automaticPacksMax } = catalog;
  return {
    packs: packs.map(({ pack, creditsMicros, upgrade, prices: sold }) => ({
      pack,
      upgrade,
      credits: BigInt(creditsMicros),
      prices: Object.fromEntries(sold.map((price) => [price.currency, BigInt(price.amountMinor)])),
    })),
    overagePrices: Object.fromEntries(overageRates.map(({ currency, price }) => [currency, price])),
    percentages: noticePercentages,
    automaticPacksMax,
  };
}

export const FEATURES = ["assistant", "search", "lab"] as const;
export type FeatureName = (typeof FEATURES)[number];

interface Tariff {
  readonly afterMs: number;
  /** Credits for so many pages. */
  readonly pages: { readonly credits: number; readonly per: number; readonly blocks: boolean };
  /** `lab` costs nothing until it is priced. */
  readonly labIsBeta: boolean;
}

const PAGES: readonly Tariff["pages"][] = [
  { credits: 13, per: 100, blocks: false },
  { credits: 20, per: 10, blocks: true },
  { credits: 1, per: 7, blocks: false },
];
const FIRST: Tariff = {
  afterMs: -1000 * DAY_MS,
  pages: { credits: 2, per: 3, blocks: false },
  labIsBeta: true,
};
/** A run is one credit at all times, so that any amount can be used; pages change their price every three days. */
const TARIFFS: readonly Tariff[] = [
  FIRST,
  ...Array.from({ length: 120 }, (_, index) => ({
    afterMs: (index + 0.5) * 3 * DAY_MS,
    pages: PAGES[index % PAGES.length] ?? FIRST.pages,
    labIsBeta: index < 40,
  })),
];

export function rateSheets(startMs: number): readonly RateSheet[] {
  return TARIFFS.map((tariff, index) => ({
    version: index + 1,
    effectiveAtMs: startMs + tariff.afterMs,
    features: FEATURES.map((feature) => featureOf(feature, tariff)),
  }));
}

function featureOf(feature: FeatureName, { pages, labIsBeta }: Tariff): Feature {
  const per = credits(1);
  return {
    feature,
    name: feature,
    category: "test",
    description: "",
    beta: feature === "lab" && labIsBeta,
    actions: [
      { action: "run", name: "run", creditsMicros: credits(1), perMicros: per, blocks: false },
      {
        action: "page",
        name: "page",
        creditsMicros: credits(pages.credits),
        perMicros: pages.per * per,
        blocks: pages.blocks,
      },
    ],
  };
}

/** The cost of an event by the tariff of an instant, in micro-credits (rules, 8.2, 8.3). */
export function costAt(startMs: number, atMs: number, feature: string, items: readonly UsageItem[]): bigint {
  const tariff = TARIFFS.findLast(({ afterMs }) => startMs + afterMs <= atMs);
  if (tariff === undefined) throw new Error("before the first tariff");
  if (feature === "lab" && tariff.labIsBeta) return 0n;
  return items.reduce((sum, item) => sum + costOfItem(item, tariff), 0n);
}

function costOfItem({ action, quantityMicros }: UsageItem, { pages }: Tariff): bigint {
  const micros = BigInt(quantityMicros);
  if (action === "run") return micros;
  const [amount, per] = [BigInt(pages.credits), BigInt(pages.per)];
  if (!pages.blocks) return (micros * amount + per - 1n) / per;
  const blockMicros = per * 1_000_000n;
  return ((micros + blockMicros - 1n) / blockMicros) * amount * 1_000_000n;
}
