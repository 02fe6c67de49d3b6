/** When to send again what nobody has acknowledged: later each time, so that an outage does not pile up copies. */

import { type BackOff, waitAfter } from "../back-off.ts";

const MOST_MS = 15 * 60_000;
/** A queue that took the message tries again itself meanwhile. */
const TAKEN_BACK_OFF_MS: BackOff = { first: 60_000, growth: 2, most: MOST_MS };
const REFUSED_BACK_OFF_MS: BackOff = { first: 5_000, growth: 2, most: MOST_MS };

interface Attempt {
  readonly taken: boolean;
  /** How often in a row it went this way. */
  readonly times: number;
  readonly dueAtMs: number;
}

export class Attempts {
  readonly #last = new Map<string, Attempt>();

  isDue(key: string, nowMs: number): boolean {
    return (this.#last.get(key)?.dueAtMs ?? nowMs) <= nowMs;
  }

  /** When to look again: what was never tried in this life of the object is about to be. */
  dueAtMs(key: string, nowMs: number): number {
    return this.#last.get(key)?.dueAtMs ?? nowMs + REFUSED_BACK_OFF_MS.first;
  }

  /** The queue took the message, or refused it. */
  made(key: string, taken: boolean, nowMs: number): void {
    const last = this.#last.get(key);
    const times = last?.taken === taken ? last.times + 1 : 1;
    const waitMs = waitAfter(times, taken ? TAKEN_BACK_OFF_MS : REFUSED_BACK_OFF_MS);
    this.#last.set(key, { taken, times, dueAtMs: nowMs + waitMs });
  }

  /** It has arrived. */
  forget(key: string): void {
    this.#last.delete(key);
  }
}
