/** Spikes (rules, 6.4 and 10.7): a feature's day far above its own days before. Exact, on integers of micros. */
import { divideHalfUp } from "../credits/money.ts";
import { addDays, type DayRange, dayCount } from "./days.ts";
import type { Spike } from "./insight-notices.ts";

export interface FeatureDay {
  readonly feature: string;
  readonly day: string;
  readonly creditsMicros: number;
}

export interface FoundSpike extends Spike {
  /** What it used above its mean. */
  readonly aboveMeanMicros: number;
}

export interface SpikeSearch {
  /** Of the days that are judged and the 14 before; a day without use may be absent, several of a day add up. */
  readonly days: readonly FeatureDay[];
  /** The days that are judged, today as far as it has passed. */
  readonly judged: DayRange;
  /** The account's first day: days before it are no days without use. */
  readonly knownFrom: string;
  readonly limitMicros: number;
}

export const SPIKE_MEAN_DAYS = 14;
const SPIKE_TIMES_MEAN = 3n;
const SPIKE_PERCENT_OF_LIMIT = 5n;

/**
 * Days on which a feature used more than 3 times its mean of the 14 days before, and more than 5 % of the limit; by day,
 * then by credits, most first. On the account's first day nothing is known to compare with.
 */
export function spikes({ days, judged, knownFrom, limitMicros }: SpikeSearch): readonly FoundSpike[] {
  const features = new Map<string, Map<string, bigint>>();
  for (const { feature, day, creditsMicros } of days) {
    const ofFeature = features.get(feature) ?? new Map<string, bigint>();
    features.set(feature, ofFeature.set(day, (ofFeature.get(day) ?? 0n) + BigInt(creditsMicros)));
  }
  const found: FoundSpike[] = [];
  for (const [feature, ofFeature] of features) {
    for (const [day, creditsMicros] of ofFeature) {
      if (day < judged.from || day > judged.to) continue;
      if (creditsMicros * 100n <= SPIKE_PERCENT_OF_LIMIT * BigInt(limitMicros)) continue;
      const before = useBefore(ofFeature, day, knownFrom);
      if (before === null || creditsMicros * before.days <= SPIKE_TIMES_MEAN * before.creditsMicros) continue;
      const meanMicros = Number(divideHalfUp(before.creditsMicros, before.days));
      const used = Number(creditsMicros);
      found.push({ feature, day, creditsMicros: used, meanMicros, aboveMeanMicros: used - meanMicros });
    }
  }
  return found.sort(
    (a, b) => compare(a.day, b.day) || b.creditsMicros - a.creditsMicros || compare(a.feature, b.feature),
  );
}

/** What was used in the up to 14 known days before; null where there is none. */
function useBefore(
  ofFeature: ReadonlyMap<string, bigint>,
  day: string,
  knownFrom: string,
): { readonly days: bigint; readonly creditsMicros: bigint } | null {
  const known = Math.min(SPIKE_MEAN_DAYS, dayCount({ from: knownFrom, to: day }) - 1);
  if (known < 1) return null;
  let creditsMicros = 0n;
  for (let ago = 1; ago <= known; ago += 1) creditsMicros += ofFeature.get(addDays(day, -ago)) ?? 0n;
  return { days: BigInt(known), creditsMicros };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
