/**
 * The RateLimit header fields (IETF httpapi draft 11): what an account may still spend before the reset. They speak
 * of the ceiling, which is what denies; where there is none, they are left out.
 */
import { MICROS_PER_UNIT } from "../credits/amounts.ts";
import type { BalanceSummary } from "../credits/balance.ts";

const POLICY = '"credits"';

type Headers = readonly (readonly [name: string, value: string])[];

/** Credits are rounded down, seconds up: a caller that keeps to them is never denied for it. */
export function rateLimitHeaders(
  balance: Pick<BalanceSummary, "availableMicros" | "ceilingMicros" | "periodStartMs" | "resetAtMs">,
  nowMs: number,
): Headers {
  const { availableMicros, ceilingMicros, periodStartMs, resetAtMs } = balance;
  if (availableMicros === null || ceilingMicros === null) return [];
  const windowSeconds = Math.ceil((resetAtMs - periodStartMs) / 1000);
  const secondsToReset = Math.max(0, Math.ceil((resetAtMs - nowMs) / 1000));
  return [
    ["RateLimit-Policy", `${POLICY};q=${wholeCredits(ceilingMicros)};w=${windowSeconds}`],
    ["RateLimit", `${POLICY};r=${wholeCredits(availableMicros)};t=${secondsToReset}`],
  ];
}

function wholeCredits(micros: number): number {
  return Math.floor(micros / MICROS_PER_UNIT);
}
