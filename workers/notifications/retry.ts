/** How long and how often the notifications queue tries again (rules, 6.5). */

import { type BackOff, waitAfter } from "../back-off.ts";

/** `max_retries` of the queue in wrangler.toml: after the first attempt and this many retries a message is parked. */
export const RETRIES_MAX = 8;

const DELIVERY_BACK_OFF_SECONDS: BackOff = { first: 30, growth: 3, most: 12 * 60 * 60 };

/**
 * Seconds until the attempt after this one (counted from 1): 30 s, 90 s … 12 h, about a day in all. `random` in
 * [0, 1) shortens it by up to a half, so that what failed together does not come back together.
 */
export function retryDelaySeconds(attempt: number, random: number): number {
  return Math.ceil(waitAfter(attempt, DELIVERY_BACK_OFF_SECONDS) * (1 - random / 2));
}

/** No attempt follows this one. */
export function isLastAttempt(attempt: number): boolean {
  return attempt > RETRIES_MAX;
}
