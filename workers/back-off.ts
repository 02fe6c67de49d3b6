/** Waits that grow from attempt to attempt. */

export interface BackOff {
  readonly first: number;
  readonly growth: number;
  readonly most: number;
}

/** What the usage and billing queues wait, in seconds: 5, 10, 20 … up to 15 minutes. */
export const QUEUE_BACK_OFF_SECONDS: BackOff = { first: 5, growth: 2, most: 15 * 60 };

/** The wait after an attempt, counted from 1. */
export function waitAfter(attempt: number, { first, growth, most }: BackOff): number {
  return Math.min(most, first * growth ** Math.max(0, attempt - 1));
}
