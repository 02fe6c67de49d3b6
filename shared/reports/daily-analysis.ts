/**
 * The daily analysis (rules, 6.4): what the local days that have passed give reason to tell. Each day is looked at as of
 * its end, so that a span of days at once says what day by day would have said. Pure; ids make each notice go out once.
 */
import { MICROS_PER_UNIT } from "../credits/amounts.ts";
import { localDay, localDayStartMs } from "../credits/period.ts";
import { addDays, type DayRange, dayCount, earliestDay, latestDay } from "./days.ts";
import { projectedToRunOut } from "./forecast.ts";
import type { InsightNotice } from "./insight-notices.ts";
import { forecastAt, type KnownPeriod, type KnownUse, usedBefore } from "./known-use.ts";
import { type FeatureDay, type FoundSpike, spikes } from "./spikes.ts";

type SpikeNotice = Extract<InsightNotice, { readonly kind: "spike" }>;
type ExhaustionNotice = Extract<InsightNotice, { readonly kind: "projected_exhaustion" }>;

export interface AnalysisInput {
  readonly known: KnownUse;
  /** Use by feature of the days in question and the 14 before. */
  readonly featureDays: readonly FeatureDay[];
  /** First day of which `featureDays` is complete. */
  readonly featureDaysFrom: string;
  /** Closed periods and the running one, oldest first. */
  readonly periods: readonly KnownPeriod[];
  /** Everything is denied: nothing will run out. */
  readonly suspended: boolean;
  /** User who answers for a feature. */
  readonly ownerOf: (feature: string) => string | null;
  /** The last period whose exhaustion was told. */
  readonly toldPeriod: string | null;
}

export interface Analysis {
  readonly spikes: readonly SpikeNotice[];
  readonly exhaustions: readonly ExhaustionNotice[];
  /** Periods that ended with one of the days or within it, oldest first. */
  readonly ended: readonly KnownPeriod[];
  readonly toldPeriod: string | null;
}

/** Analyses every day of the range; all of them have passed. */
export function analyseDays(input: AnalysisInput, days: DayRange): Analysis {
  const { known, periods } = input;
  const [fromMs, toMs] = [startOf(days.from, known), startOf(addDays(days.to, 1), known)];
  const exhaustions = exhaustionsIn(input, days);
  return {
    spikes: spikesIn(input, days),
    exhaustions,
    ended: periods.filter(({ endMs }) => fromMs < endMs && endMs <= toMs),
    toldPeriod: exhaustions.at(-1)?.period ?? input.toldPeriod,
  };
}

function startOf(day: string, { timeZone }: KnownUse): number {
  return localDayStartMs(day, timeZone);
}

function periodAt(periods: readonly KnownPeriod[], atMs: number): KnownPeriod | undefined {
  return periods.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
}

/** Once per period, after 20 % of it. */
function exhaustionsIn(input: AnalysisInput, days: DayRange): readonly ExhaustionNotice[] {
  const { known, periods, suspended } = input;
  if (suspended) return [];
  const found: ExhaustionNotice[] = [];
  const toldPeriods = new Set([input.toldPeriod]);
  for (let ago = dayCount(days) - 1; ago >= 0; ago -= 1) {
    const nowMs = startOf(addDays(days.to, 1 - ago), known);
    const period = periodAt(periods, nowMs);
    if (period === undefined || toldPeriods.has(period.period)) continue;
    const usedMicros = usedBefore(known.days, period.period, localDay(nowMs, known.timeZone));
    // Cheap before dear: without use nothing is projected, and what has run out is told otherwise.
    if (usedMicros === 0 || usedMicros >= period.limitMicros) continue;
    const projection = projectedToRunOut({
      forecast: forecastAt(known, { nowMs, period, usedMicros }),
      usedMicros,
      limitMicros: period.limitMicros,
      periodStartMs: period.startMs,
      resetAtMs: period.endMs,
      nowMs,
      told: false,
    });
    if (projection === null) continue;
    toldPeriods.add(period.period);
    const { period: name, endMs: resetAtMs } = period;
    const projectedMicros = wholeCredits(projection.projectedMicros);
    const told = { ...projection, projectedMicros };
    found.push({ kind: "projected_exhaustion", atMs: nowMs, period: name, resetAtMs, ...told });
  }
  return found;
}

/** A projection as people are told of it: up to the next whole credit, because its fractions say nothing. */
export function wholeCredits(micros: number): number {
  return Math.ceil(micros / MICROS_PER_UNIT) * MICROS_PER_UNIT;
}

/** Once per day and feature; what counts as much depends on the limit of the day's own period. */
function spikesIn(input: AnalysisInput, days: DayRange): readonly SpikeNotice[] {
  const { known, periods, ownerOf } = input;
  return foundSpikes(input, days).flatMap(({ aboveMeanMicros: _, ...spike }) => {
    const atMs = startOf(addDays(spike.day, 1), known);
    const period = periodAt(periods, atMs);
    if (period === undefined) return [];
    const ownerUser = ownerOf(spike.feature);
    return [
      { kind: "spike", atMs, period: period.period, resetAtMs: period.endMs, ...spike, ownerUser } as const,
    ];
  });
}

/** Spikes of the days, each held against the limit of the period in which its day began. */
export function foundSpikes(
  { known, featureDays, featureDaysFrom, periods }: SpikeInput,
  days: DayRange,
): readonly FoundSpike[] {
  const knownFrom = latestDay(known.knownSince.day, featureDaysFrom);
  return periods.flatMap(({ startMs, endMs, limitMicros }) => {
    const judged = {
      from: latestDay(days.from, firstDayFrom(startMs, known)),
      to: earliestDay(days.to, addDays(firstDayFrom(endMs, known), -1)),
    };
    if (judged.to < judged.from) return [];
    return spikes({ days: featureDays, judged, knownFrom, limitMicros });
  });
}

type SpikeInput = Pick<AnalysisInput, "known" | "featureDays" | "featureDaysFrom" | "periods">;

/** The first local day that begins at an instant or after it. */
function firstDayFrom(atMs: number, known: KnownUse): string {
  const day = localDay(atMs, known.timeZone);
  return startOf(day, known) < atMs ? addDays(day, 1) : day;
}
