/** What the audit log's actions are called (rules, 9.4). */

import { wordsOf } from "../../parts/words.ts";

/** Those that an account's log can hold, as a filter offers them. */
export const ACTION_WORDS: Readonly<Record<string, string>> = {
  account_opened: "Account opened",
  account_suspended: "Account suspended",
  account_resumed: "Account resumed",
  account_closed: "Account closed",
  terms_changed: "Terms changed",
  profile_changed: "Profile changed",
  setting_changed: "Overage setting changed",
  setting_scheduled: "Overage setting changes at the reset",
  pending_setting_cancelled: "Waiting setting cancelled",
  maximum_changed: "Maximum changed",
  pack_bought: "Pack bought",
  pack_cancelled: "Pack cancelled",
  renewal_changed: "Renewal changed",
  packs_renewed: "Packs renewed",
  packs_ended: "Packs ended",
  automatic_upgrade: "Pack added automatically",
  grant_added: "Credits granted",
  conversion_added: "Earlier credits converted",
  user_changed: "Person added or changed",
  user_removed: "Person removed",
  user_erased: "Person erased",
  portal_link_created: "Sign-in link made",
  feature_changed: "Feature changed",
  budget_changed: "Budget set",
  budget_removed: "Budget removed",
  account_rates_changed: "Own rates changed",
  account_rates_withdrawn: "Own rates withdrawn",
  event_corrected: "Use corrected",
  invoice_paid: "Invoice paid",
  invoice_voided: "Invoice voided",
  invoice_uncollectible: "Invoice written off",
  period_reinvoiced: "Period invoiced again",
};

export function actionInWords(action: string): string {
  return ACTION_WORDS[action] ?? wordsOf(action);
}
