/**
 * What an account tells billing (rules, section 7): facts, numbered over the account's life and settled in that
 * order. Each becomes an invoice, a credit note or an adjustment exactly once, keyed by its source.
 */
import type { Money } from "./money.ts";
import type { PeriodSpan } from "./period.ts";
import type { ClosedPeriod } from "./reset.ts";

export const CHARGE_CAUSES = ["purchase", "upgrade", "renewal", "conversion"] as const;
/** Why packs are charged: bought, added automatically, the next period of the term, an earlier product converted. */
export type ChargeCause = (typeof CHARGE_CAUSES)[number];

/** Packs that are paid for one usage period. */
export interface PackCharge {
  readonly pack: string;
  readonly name: string;
  readonly creditsMicros: number;
  readonly quantity: number;
  /** Of one pack for one period. */
  readonly price: Money;
}

/** Figures of a closed period after every correction so far; the billed ones stay (3.8). */
export interface CorrectedFigures {
  readonly usedMicros: number;
  readonly overdraftMicros: number;
  readonly overageMicros: number;
  readonly billableMicros: number;
  readonly billedMicros: number;
}

export type BillingEvent =
  | { readonly kind: "period_closed"; readonly closed: ClosedPeriod }
  | {
      readonly kind: "packs_charged";
      readonly cause: ChargeCause;
      /** Names the charge within the account: "purchase:pack_3", "upgrade:2026-11-21:pack-1000:1000", "renewal:2026-12-14". */
      readonly source: string;
      /** Of an upgrade: all automatic packs of the local day so far; a later fact of the same source has more (7.2). */
      readonly packs: readonly PackCharge[];
      readonly period: PeriodSpan;
      /** Until then further packs of the same local day join the invoice; null: it is final (7.2). */
      readonly growsUntilMs: number | null;
    }
  /** The charge of that source may not grow any more: the local day is over. */
  | { readonly kind: "charge_final"; readonly source: string }
  | {
      readonly kind: "charge_cancelled";
      /** Names the cancellation: "cancel:pack_3:17". */
      readonly source: string;
      /** The charge that gets a credit note (5.10). */
      readonly chargeSource: string;
      readonly packs: readonly PackCharge[];
      readonly period: PeriodSpan;
      readonly reason: string;
    }
  | {
      readonly kind: "overage_corrected";
      /** Names the correction: "cor_12". */
      readonly source: string;
      /** Start of the closed period whose usage was corrected. */
      readonly periodStartMs: number;
      readonly period: string;
      readonly eventId: string;
      readonly correctedMicros: number;
      /** What billing owes for it: 0 or more, in minor units (3.8). */
      readonly creditMinor: number;
      readonly corrected: CorrectedFigures;
    }
  /** What is still owed becomes a credit note (2.6, 3.8). */
  | { readonly kind: "account_closed" };

export type BillingFact = BillingEvent & {
  /** Counted from 1 over the account's life; acknowledges the fact. */
  readonly number: number;
  readonly atMs: number;
  readonly currency: string;
  /** In which issue and due dates are calendar days. */
  readonly timeZone: string;
};
