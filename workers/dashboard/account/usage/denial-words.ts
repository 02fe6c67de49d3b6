/** Why a use was, or would have been, denied (rules, 3.6). */
import type { LogEntry } from "../../../../shared/client/types.ts";
import { lowerFirst, wordsOf } from "../../parts/words.ts";

const DENIALS: Readonly<Record<NonNullable<LogEntry["wouldDeny"]>, string>> = {
  account_suspended: "the account was suspended",
  feature_paused: "the feature was paused",
  not_permitted: "the user may not use the feature",
  budget_exhausted: "a budget was used up",
  max_monthly_limit_reached: "the maximum was reached",
  upgrade_cap_reached: "no more packs could be added automatically",
  credits_exhausted: "the credits were used up",
};

/** As a part of a sentence. */
export function denialText(reason: string): string {
  return Object.hasOwn(DENIALS, reason)
    ? DENIALS[reason as keyof typeof DENIALS]
    : lowerFirst(wordsOf(reason));
}
