/** Booked usage, priced again under another version of the rate sheet: what it would have cost (rules, 8.5). Pure. */
import type { AccountRates } from "../credits/account-rates.ts";
import type { EntryItem, UsageEntry } from "../credits/entries.ts";
import type { Price } from "../credits/rate-changes.ts";
import { type Feature, itemCreditsMicros } from "../credits/rates.ts";

/** What was used of one action, less what corrections reversed. */
export interface UsedAction {
  readonly feature: string;
  readonly action: string;
  /** Items booked, corrections apart. */
  readonly uses: number;
  readonly quantityMicros: bigint;
  readonly bookedMicros: bigint;
}

export interface RepricedAction extends UsedAction {
  readonly draftMicros: bigint;
}

export interface Repriced {
  /** By feature and action. */
  readonly actions: readonly RepricedAction[];
  /** What the version does not price: feature or action are not on it. Apart from `actions`. */
  readonly unpriced: readonly UsedAction[];
}

export interface Repricing {
  /** Takes entries newest first, so that a correction comes before what it corrects. */
  add(entries: readonly UsageEntry[]): void;
  result(): Repriced;
}

interface Reversal {
  readonly micros: bigint;
  readonly feature: string;
  readonly items: readonly EntryItem[];
}

/**
 * Each item is priced by itself, rounded as a booking is. The account's own rates price what they priced then; a
 * beta feature costs 0. Of an event that was corrected counts the share that is left.
 */
export function repricing(features: readonly Feature[], ownRates: readonly AccountRates[]): Repricing {
  const priceOf = priceFinder(features, ownRates);
  const actions = new Map<string, RepricedAction>();
  const unpriced = new Map<string, UsedAction>();
  const reversals = new Map<number, readonly Reversal[]>();

  function count(
    feature: string,
    uses: number,
    [action, quantity, credits]: EntryItem,
    draft: bigint | null,
  ) {
    const key = JSON.stringify([feature, action]);
    const sums = draft === null ? unpriced : actions;
    const known = sums.get(key);
    const used = {
      feature,
      action,
      uses: (known?.uses ?? 0) + uses,
      quantityMicros: (known?.quantityMicros ?? 0n) + BigInt(quantity),
      bookedMicros: (known?.bookedMicros ?? 0n) + BigInt(credits),
    };
    if (draft === null) unpriced.set(key, used);
    else actions.set(key, { ...used, draftMicros: (actions.get(key)?.draftMicros ?? 0n) + draft });
  }

  function addUse({ seq, feature, items, creditsMicros, accountRatesVersion }: UsageEntry) {
    const reversed = reversals.get(seq) ?? [];
    reversals.delete(seq);
    const bookedMicros = BigInt(creditsMicros);
    const leftMicros = reversed.reduce((left, { micros }) => left - micros, bookedMicros);
    for (const item of items) {
      const [action, quantityMicros] = item;
      const price = priceOf(feature, action, accountRatesVersion);
      const whole = price === null ? null : itemCreditsMicros(price, quantityMicros);
      const isWhole = whole === null || leftMicros === bookedMicros;
      count(feature, 1, item, isWhole ? whole : shareUp(whole, leftMicros, bookedMicros));
    }
    for (const reversal of reversed) {
      for (const item of reversal.items) {
        const price = priceOf(feature, item[0], accountRatesVersion);
        count(feature, 0, item, price === null ? null : 0n);
      }
    }
  }

  return {
    add(entries) {
      for (const entry of entries) {
        const { correction, feature, items } = entry;
        if (correction === undefined) addUse(entry);
        else if (items.length > 0) {
          const reversal = { micros: BigInt(correction.creditsMicros), feature, items };
          reversals.set(correction.seq, [...(reversals.get(correction.seq) ?? []), reversal]);
        }
      }
    },
    result() {
      // The events of these lie outside of the range: what they would have cost is not known.
      for (const { feature, items } of [...reversals.values()].flat()) {
        for (const item of items) count(feature, 0, item, null);
      }
      reversals.clear();
      return { actions: inOrder(actions), unpriced: inOrder(unpriced) };
    },
  };
}

function shareUp(wholeMicros: bigint, left: bigint, of: bigint): bigint {
  return (wholeMicros * left + of - 1n) / of;
}

type PriceFinder = (feature: string, action: string, accountRatesVersion: number | undefined) => Price | null;

function priceFinder(features: readonly Feature[], ownRates: readonly AccountRates[]): PriceFinder {
  const free: Price = { creditsMicros: 0, perMicros: 1, blocks: false };
  const sheet = new Map(
    features.map(({ feature, beta, actions }) => [
      feature,
      new Map(actions.map((rate): [string, Price] => [rate.action, beta ? free : rate])),
    ]),
  );
  const own = new Map(
    ownRates.map(({ version, rates }) => [
      version,
      new Map(rates.map((rate): [string, Price] => [JSON.stringify([rate.feature, rate.action]), rate])),
    ]),
  );
  return (feature, action, accountRatesVersion) => {
    const listed = sheet.get(feature)?.get(action) ?? null;
    if (listed === null || listed === free || accountRatesVersion === undefined) return listed;
    return own.get(accountRatesVersion)?.get(JSON.stringify([feature, action])) ?? listed;
  };
}

function inOrder<Used extends UsedAction>(sums: ReadonlyMap<string, Used>): readonly Used[] {
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, used]) => used);
}

/** The same actions of several accounts, added up. */
export function addUp(all: readonly Repriced[]): Repriced {
  return {
    actions: sumBy(
      all.flatMap(({ actions }) => actions),
      (a, b) => ({ ...addUsed(a, b), draftMicros: a.draftMicros + b.draftMicros }),
    ),
    unpriced: sumBy(
      all.flatMap(({ unpriced }) => unpriced),
      addUsed,
    ),
  };
}

function sumBy<Used extends UsedAction>(
  used: readonly Used[],
  add: (a: Used, b: Used) => Used,
): readonly Used[] {
  const sums = new Map<string, Used>();
  for (const one of used) {
    const key = JSON.stringify([one.feature, one.action]);
    const known = sums.get(key);
    sums.set(key, known === undefined ? one : add(known, one));
  }
  return inOrder(sums);
}

function addUsed(a: UsedAction, b: UsedAction): UsedAction {
  return {
    feature: a.feature,
    action: a.action,
    uses: a.uses + b.uses,
    quantityMicros: a.quantityMicros + b.quantityMicros,
    bookedMicros: a.bookedMicros + b.bookedMicros,
  };
}
