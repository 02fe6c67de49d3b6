/** What the account knows under an id, and of a booked event: facts, whatever tables they lie in. */
import { NOTHING_REVERSED, type Reversed } from "../../shared/credits/corrections.ts";
import type { Outcome, UsageEntry } from "../../shared/credits/entries.ts";
import type { Hold } from "../../shared/credits/hold.ts";

/** What a row says of an id: a use that was booked, or a hold and, once captured, its entry. */
export interface Found {
  readonly entry: UsageEntry | null;
  readonly hold: Hold | null;
}

/** What later entries have said of an event; kept for good, because a correction may come at any time. */
export interface Amendment {
  readonly reversed: Reversed;
  /** Ids of its corrections, in order. */
  readonly corrections: readonly string[];
  /** What was attached to it, and by which entry. */
  readonly outcome: AttachedBy | null;
}

export interface AttachedBy extends Pick<UsageEntry, "seq" | "period"> {
  readonly outcome: Outcome;
}

export const NOT_AMENDED: Amendment = { reversed: NOTHING_REVERSED, corrections: [], outcome: null };
