/** Credits reserved for work whose cost is not known yet (rules, section 3.4): the facts of a hold. */
import type { UsageEvent } from "./entries.ts";
import type { PricedItem } from "./rates.ts";

export const HOLD_MS_DEFAULT = 15 * 60 * 1000;
/** So many may be open at once in an account: they are kept in memory. */
export const OPEN_HOLDS_MAX = 5_000;
export const HOLD_MS_MAX = 24 * 60 * 60 * 1000;

/** What an event reserves while it is open. */
export interface OpenHold {
  /** As the caller sent it: the content that a replay has to repeat. */
  readonly event: UsageEvent;
  /** Of its user when it was opened. */
  readonly teams: readonly string[];
  readonly items: readonly PricedItem[];
  readonly heldMicros: number;
  /** Captures are priced as of then. */
  readonly atMs: number;
  readonly rateVersion: number;
  readonly expiresAtMs: number;
}

/** How a hold ended; it is settled at most once. */
export type Settlement =
  | {
      readonly kind: "captured";
      /** The validated capture, to tell a repetition from a conflict. */
      readonly content: string;
      readonly atMs: number;
    }
  | { readonly kind: "released"; readonly atMs: number }
  | { readonly kind: "expired"; readonly atMs: number };

/** A hold as it is remembered; `settlement` is null while it is open. */
export interface Hold extends OpenHold {
  readonly settlement: Settlement | null;
}
