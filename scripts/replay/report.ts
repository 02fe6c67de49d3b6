/** The table at the end. */
import { formatCredits } from "./prices.ts";
import { decided, type Tally } from "./send.ts";
import type { Verification } from "./verify.ts";

const MISMATCHES_SHOWN = 20;
const LABEL_WIDTH = 34;
const VALUE_WIDTH = 20;

export function tallyTable(tally: Tally): string {
  const requests = tally.latenciesMs.length;
  const sorted = tally.latenciesMs.toSorted((a, b) => a - b);
  const perSecond = (count: number) => whole(tally.seconds > 0 ? count / tally.seconds : 0);
  return [
    row("events", whole(decided(tally))),
    row("allowed", whole(tally.allowed)),
    row("denied", whole(tally.denied)),
    row("replayed", whole(tally.replayed)),
    ...(tally.refused === 0 ? [] : [row("refused", whole(tally.refused))]),
    row("credits", formatCredits(tally.creditsMicros)),
    row("seconds", tally.seconds.toFixed(1)),
    row("requests per second", perSecond(requests)),
    ...(requests === decided(tally) ? [] : [row("events per second", perSecond(decided(tally)))]),
    ...[50, 95, 99].map((percent) => row(`p${percent}`, `${percentile(sorted, percent).toFixed(1)} ms`)),
    ...tally.problems.map((problem) => `  ${problem}`),
  ].join("\n");
}

export function verificationTable({ sums, agreeing, mismatches }: Verification, accounts: number): string {
  const isOurs = sums.logMicros === sums.logOwnMicros;
  return [
    row("own sum at the published rates", formatCredits(sums.ownMicros)),
    row("log", formatCredits(sums.logOwnMicros)),
    ...(isOurs ? [] : [row("log with other usage", formatCredits(sums.logMicros))]),
    row("balances", formatCredits(sums.usedMicros)),
    row("D1 segments", formatCredits(sums.segmentsMicros)),
    row("D1 roll-ups", formatCredits(sums.rollupsMicros)),
    row("of it overage so far", formatCredits(sums.overageMicros)),
    row("accounts that agree", `${whole(agreeing)} of ${whole(accounts)}`),
    ...mismatches.slice(0, MISMATCHES_SHOWN).map((mismatch) => `  ${mismatch}`),
    ...(mismatches.length > MISMATCHES_SHOWN ? [`  … ${mismatches.length - MISMATCHES_SHOWN} more`] : []),
  ].join("\n");
}

function row(label: string, value: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${value.padStart(VALUE_WIDTH)}`;
}

function whole(count: number): string {
  return Math.round(count).toLocaleString("en");
}

/** The smallest that at least `percent` % of the sorted values do not exceed. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}
