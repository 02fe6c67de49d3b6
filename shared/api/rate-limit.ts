/**
 * The RateLimit header fields (IETF httpapi draft 11): what an account may still spend before the reset. They speak
 * of the ceiling, which is what denies; where there is none, they are left out.
 */
import { z } from "@hono/zod-openapi";
import { MICROS_PER_UNIT } from "../credits/amounts.ts";
import type { BalanceSummary } from "../credits/balance.ts";

const POLICY = '"credits"';

/** As the API's description shows them. */
export const rateLimitHeadersSchema = z.object({
  RateLimit: z.string().optional().openapi({
    description: "r: whole credits available, t: seconds to the reset; absent where there is no ceiling",
    example: '"credits";r=379;t=1987200',
  }),
  "RateLimit-Policy": z.string().optional().openapi({
    description: "q: the ceiling, w: seconds of the period",
    example: '"credits";q=500;w=2592000',
  }),
});

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
