/** The audit log (rules, section 9.4): who changed what, when, from what, to what. */

/** Any JSON value: what was, and what is. */
export type AuditValue = unknown;

export const AUDIT_ACTIONS = [
  "pack_bought",
  "pack_cancelled",
  "renewal_changed",
  "packs_renewed",
  "packs_ended",
  "automatic_upgrade",
  "setting_changed",
  "setting_scheduled",
  "pending_setting_cancelled",
  "maximum_changed",
  "terms_changed",
  "grant_added",
  "conversion_added",
  "account_suspended",
  "account_resumed",
  "account_closed",
  "feature_changed",
  "user_changed",
  "user_removed",
  "budget_changed",
  "budget_removed",
  "account_rates_changed",
  "account_rates_withdrawn",
  "event_corrected",
] as const;
/** What the account itself decided on; routes that write to D1 alone have actions of their own. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Stands for what happened by itself: at a reset, at the end of a term, by an automatic upgrade. */
export const SYSTEM_ACTOR = "system";

export interface AuditContent {
  readonly actor: string;
  readonly action: AuditAction;
  /** What was changed: the id of a pack, user, feature, budget; empty for the account itself. */
  readonly target: string;
  readonly before: AuditValue;
  readonly after: AuditValue;
}

export type AuditRecord = AuditContent & {
  /** Counted from 1 over the account's life. */
  readonly number: number;
  readonly atMs: number;
};
