/**
 * What the account answers to its callers (RPC). Refusals are values: the wire maps each by one exhaustive
 * switch. All amounts are micros, all times milliseconds since the epoch.
 */
import type { Balance, BalanceSummary } from "./credits/balance.ts";
import type { OccurredRefusal, UsageEntry, UsageEvent } from "./credits/entries.ts";
import type { Notice } from "./credits/notices.ts";
import type { PricingRefusal } from "./credits/rates.ts";
import type { ChangeTerms, ClosedPeriod } from "./credits/reset.ts";
import type { BuyPack, ChangeSettings, SettingsRefusal } from "./credits/settings.ts";
import type { OwnedPack, PendingTerms, Terms } from "./credits/state.ts";
import type { DenialReason, Resolution, Upgrade, UsageMode } from "./credits/usage.ts";

/** Nobody opened this account, or a key of the other mode asks (rules, section 12). */
export interface AccountNotFound {
  readonly kind: "account_not_found";
}

export interface UsageCall {
  readonly mode: UsageMode | "check";
  readonly event: UsageEvent;
}

export type UsageRefusal =
  | AccountNotFound
  | PricingRefusal
  | OccurredRefusal
  | { readonly kind: "idempotency_conflict"; readonly id: string }
  | { readonly kind: "internal_error" };

/** Every decision carries the balance as of now, by the account's clock. */
interface Answered {
  readonly balance: BalanceSummary;
  readonly nowMs: number;
}

export interface Allowed extends Answered {
  readonly kind: "allowed";
  readonly replayed: boolean;
  readonly entry: UsageEntry;
}

/** Answer to a check that would be allowed: nothing is booked, so there is no entry. */
export interface Quoted extends Answered {
  readonly kind: "quoted";
  readonly creditsMicros: number;
  readonly upgrade: Upgrade | null;
}

export interface Denied extends Answered {
  readonly kind: "denied";
  readonly reason: DenialReason;
  readonly resolve: readonly Resolution[];
  readonly creditsMicros: number;
}

export type UsageResult = Allowed | Quoted | Denied | UsageRefusal;

/** The account as it stands. */
export interface AccountView {
  readonly kind: "view";
  readonly nowMs: number;
  readonly terms: Terms;
  readonly balance: Balance;
  readonly noticePercentages: readonly number[];
  /** Entries up to this one are in D1. */
  readonly acknowledgedSeq: number;
  readonly lastSeq: number;
  /** Notices that the notifications worker has not confirmed yet. */
  readonly notices: readonly Notice[];
}

/** One read for every report: the account and what D1 does not hold for certain yet, in one consistent view. */
export interface AccountReport extends AccountView {
  /**
   * The entries after `acknowledgedSeq`, oldest first; some may be in D1 already. Complete unless D1 has been out
   * of reach for so long that they are more than the account keeps in memory.
   */
  readonly tail: readonly UsageEntry[];
}

/** What became of an id (rules, section 4). */
export type EventFate =
  | { readonly kind: "booked"; readonly entry: UsageEntry }
  | { readonly kind: "unknown" };

export interface SettingsView {
  readonly kind: "settings";
  readonly balance: Balance;
  readonly bought: OwnedPack | null;
  /** The purchase was made by an earlier call with this Idempotency-Key; balance as now (rules, section 4). */
  readonly replayed: boolean;
}

/** A fact that billing has to store in D1; `factId` is stable and acknowledges it. */
export interface BillingFact {
  readonly factId: number;
  readonly closed: ClosedPeriod;
}

export interface DueFacts {
  readonly kind: "due";
  readonly facts: readonly BillingFact[];
  readonly periodEndsAtMs: number;
}

export type SettingsResult =
  | SettingsView
  | SettingsRefusal
  | AccountNotFound
  | { readonly kind: "idempotency_conflict"; readonly id: string };

/** Carried by every call: the newest revision of the offer that the caller knows of. */
export interface CallContext {
  readonly offerRevision: number;
}

export interface Opened {
  readonly kind: "opened";
  /** false: the account was open already, with the same terms. */
  readonly created: boolean;
  readonly terms: Terms;
  readonly periodEndsAtMs: number;
}

/** More credits than can be counted: included credits and packs together. */
export interface LimitTooLarge {
  readonly kind: "limit_too_large";
}

export interface TermsView {
  readonly kind: "terms";
  readonly terms: Terms;
  readonly pendingTerms: PendingTerms | null;
  /** When pending terms take effect: the next reset. */
  readonly resetAtMs: number;
}

/** Confirms that others hold what the account sent; it changes memory only, the next checkpoint makes it last. */
export interface Acknowledgement {
  /** First sequence numbers of segments that D1 holds. */
  readonly segments?: readonly number[];
  /** Numbers of notices that were fanned out. */
  readonly notices?: readonly number[];
  /** Facts that billing has stored. */
  readonly facts?: readonly number[];
}

/** The account's RPC methods; `null` idempotency keys ask for no memory of the answer. */
export interface AccountApi {
  open(
    terms: Terms,
    testClockNowMs: number | null,
    context: CallContext,
  ): Promise<Opened | { readonly kind: "terms_differ" }>;
  use(calls: readonly UsageCall[], context: CallContext): Promise<readonly UsageResult[]>;
  view(context: CallContext): Promise<AccountView | AccountNotFound>;
  /** The view with the tail of the journal. */
  report(context: CallContext): Promise<AccountReport | AccountNotFound>;
  fate(eventId: string, context: CallContext): Promise<EventFate | AccountNotFound>;
  buyPack(command: BuyPack, idempotencyKey: string | null, context: CallContext): Promise<SettingsResult>;
  changeSettings(command: ChangeSettings, context: CallContext): Promise<SettingsResult>;
  cancelPendingSetting(context: CallContext): Promise<SettingsResult>;
  changeTerms(
    change: ChangeTerms,
    context: CallContext,
  ): Promise<TermsView | LimitTooLarge | AccountNotFound>;
  terms(context: CallContext): Promise<TermsView | AccountNotFound>;
  /** Closes what is due and returns every fact that billing has not acknowledged, oldest first. */
  due(context: CallContext): Promise<DueFacts | AccountNotFound>;
  acknowledge(acknowledgement: Acknowledgement): Promise<void>;
  /** Moves the test clock; runs what falls due on the way (rules, section 12). */
  advanceClock(toMs: number, context: CallContext): Promise<DueFacts | AccountNotFound>;
  /** Sends everything that D1 lacks, without waiting for a full segment. */
  flush(): Promise<void>;
}
