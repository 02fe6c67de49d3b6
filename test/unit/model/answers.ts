/** What a caller sends and what is answered (sections 3 and 4). */

/** Most specific first (3.6). */
export type Reason =
  | "account_suspended"
  | "feature_paused"
  | "not_permitted"
  | "budget_exhausted"
  | "max_monthly_limit_reached"
  | "upgrade_cap_reached"
  | "credits_exhausted";

/** Who used what: what permissions and budgets go by. */
export interface Context {
  readonly feature: string;
  readonly user: string | null;
  readonly workflow: string | null;
}

/** An event as a caller sends it, priced by whoever drives the model. */
export interface UseEvent extends Context {
  readonly id: string;
  /** The validated body without mode and endpoint, in any form that can be compared (section 4). */
  readonly content: string;
  readonly credits: bigint;
  readonly occurredAtMs: number | null;
}

export interface Upgrade {
  readonly pack: string;
  readonly packs: bigint;
  readonly priceMinor: bigint;
}

export interface Denied {
  readonly kind: "denied";
  readonly reason: Reason;
  /** The budget with least left, where that is the reason. */
  readonly budget: string | null;
}

export interface Booked {
  readonly kind: "booked";
  readonly replayed: boolean;
  readonly seq: number;
  readonly period: string;
  readonly credits: bigint;
  readonly overdraft: bigint;
  readonly wouldDeny: Denied | null;
  readonly upgrade: Upgrade | null;
  readonly late: boolean;
}

export interface Held {
  readonly kind: "held";
  readonly replayed: boolean;
  readonly credits: bigint;
  readonly expiresAtMs: number;
}

export interface Refused {
  readonly kind: "refused";
  readonly why: string;
}

export function refused(why: string): Refused {
  return { kind: "refused", why };
}
