/** How long and how often a delivery is tried again (rules, 6.5). */

import { type BackOff, waitAfter } from "../back-off.ts";

/** Also `max_retries` of the queue in wrangler.toml, for what fails before a receiver is asked. */
export const RETRIES_MAX = 8;

const DELIVERY_BACK_OFF_SECONDS: BackOff = { first: 30, growth: 3, most: 12 * 60 * 60 };

/** What waits for an endpoint that does not answer makes no attempts of its own, so it is given up by time. */
const GIVE_UP_AFTER_MS = 24 * 60 * 60 * 1000;

/** How long an endpoint that does not answer is left alone. */
const REST_BACK_OFF_SECONDS: BackOff = { first: 30, growth: 2, most: 15 * 60 };

/**
 * Seconds until the attempt after this one (counted from 1): 30 s, 90 s … 12 h, about a day in all. `random` in
 * [0, 1) shortens it by up to a half, so that what failed together does not come back together.
 */
export function retryDelaySeconds(attempt: number, random: number): number {
  return Math.ceil(waitAfter(attempt, DELIVERY_BACK_OFF_SECONDS) * (1 - random / 2));
}

/** No attempt of the round follows this one. */
export function isLastAttempt(attempt: number): boolean {
  return attempt > RETRIES_MAX;
}

/** A round that began then is over, however many attempts it made. */
export function isGivenUp(roundStartedMs: number, nowMs: number): boolean {
  return nowMs - roundStartedMs >= GIVE_UP_AFTER_MS;
}

/** Milliseconds of rest after so many attempts in a row that nobody answered. */
export function restMs(unanswered: number): number {
  return waitAfter(unanswered, REST_BACK_OFF_SECONDS) * 1000;
}
