/**
 * What the account answers to its callers (RPC). Refusals are values: the wire maps each by one exhaustive
 * switch. All amounts are micros, all times milliseconds since the epoch.
 */

import type { AccountRates } from "./credits/account-rates.ts";
import type { AuditRecord } from "./credits/audit.ts";
import type { Balance, BalanceSummary } from "./credits/balance.ts";
import type { BillingFact } from "./credits/billing-facts.ts";
import type { CorrectEvent, CorrectionRefusal, Reversed } from "./credits/corrections.ts";
import type { Directory } from "./credits/directory.ts";
import type {
  Correction,
  OccurredRefusal,
  Outcome,
  Properties,
  UsageEntry,
  UsageEvent,
} from "./credits/entries.ts";
import type { AccountCommand, CommandRefusal, CommandValue } from "./credits/execute.ts";
import type { Hold } from "./credits/hold.ts";
import type { Overflow } from "./credits/holds.ts";
import type { Money } from "./credits/money.ts";
import type { Notice } from "./credits/notices.ts";
import type { Feature, PricingRefusal, UsageItem } from "./credits/rates.ts";
import type { BudgetUsage, PendingTerms, Terms } from "./credits/state.ts";
import type { Upgrade } from "./credits/upgrade.ts";
import type { DenialReason, Resolution, UsageMode } from "./credits/usage.ts";

/** Nobody opened this account, or a key of the other mode asks (rules, section 12). */
export interface AccountNotFound {
  readonly kind: "account_not_found";
}

/** An id or key that stands for something else already (rules, section 4). */
export interface IdempotencyConflict {
  readonly kind: "idempotency_conflict";
  readonly id: string;
}

/** The account was closed; nothing is booked or changed any more (rules, 2.6). */
export interface AccountClosed {
  readonly kind: "account_closed";
}

/** An outcome is worth an amount in the account's currency. */
export interface CurrencyDiffers {
  readonly kind: "currency_differs";
  readonly currency: string;
}

export interface UsageCall {
  readonly mode: UsageMode | "check";
  readonly event: UsageEvent;
}

/** Release or capture some first: a caller that forgets its holds must not slow down the account. */
export interface TooManyHolds {
  readonly kind: "too_many_holds";
  readonly max: number;
}

export type UsageRefusal =
  | TooManyHolds
  | AccountNotFound
  | AccountClosed
  | PricingRefusal
  | OccurredRefusal
  | CurrencyDiffers
  | IdempotencyConflict
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
  /** Of `budget_exhausted`. */
  readonly budget: string | null;
  readonly resolve: readonly Resolution[];
  readonly creditsMicros: number;
}

export type UsageResult = Allowed | Quoted | Denied | UsageRefusal;

/** Reserves credits for an event (rules, 3.4). */
export interface HoldCall {
  readonly event: UsageEvent;
  /** How long it stays open. */
  readonly holdMs: number;
}

export interface Held extends Answered {
  readonly kind: "held";
  readonly replayed: boolean;
  readonly hold: Hold;
  /** The entry that captured it, where it was captured. */
  readonly entry: UsageEntry | null;
}

/** Allowed: the id was booked, not held, with the same content (rules, section 4). */
export type HoldResult = Held | Allowed | Denied | UsageRefusal;

/** The real cost of a hold. */
export interface Capture {
  /** null: as held. */
  readonly items: readonly UsageItem[] | null;
  readonly overflow: Overflow;
  readonly outcome?: Outcome | undefined;
  readonly properties?: Properties | undefined;
}

export interface UnknownHold {
  readonly kind: "unknown_hold";
  readonly id: string;
}

/** It was settled with other values (rules, 3.4). */
export interface HoldSettled {
  readonly kind: "hold_settled";
  readonly id: string;
  readonly settlement: "captured" | "released" | "expired";
}

/** The hold became an entry. */
export interface Captured extends Answered {
  readonly kind: "captured";
  readonly replayed: boolean;
  readonly hold: Hold;
  readonly entry: UsageEntry;
}

export type CaptureResult = Captured | Denied | UnknownHold | HoldSettled | UsageRefusal;
export type ReleaseResult = Held | UnknownHold | HoldSettled | UsageRefusal;

/** The account as it stands. */
export interface AccountView {
  readonly kind: "view";
  readonly nowMs: number;
  readonly terms: Terms;
  /** What of them changes at the reset; null: nothing. */
  readonly pendingTerms: PendingTerms | null;
  readonly status: AccountStatus;
  readonly balance: Balance;
  readonly directory: Directory;
  readonly noticePercentages: readonly number[];
  /** Entries up to this one are in D1. */
  readonly acknowledgedSeq: number;
  readonly lastSeq: number;
  /** Notices that the notifications worker has not confirmed yet. */
  readonly notices: readonly Notice[];
  /** Audit records that D1 does not hold for certain yet. */
  readonly audit: readonly AuditRecord[];
  /** How many facts billing has not acknowledged. */
  readonly factsWaiting: number;
  /** Per budget, in the running period. */
  readonly budgetUsage: Readonly<Record<string, BudgetUsage>>;
}

/** One read for every report: the account and what D1 does not hold for certain yet, in one consistent view. */
export interface AccountReport extends AccountView {
  /**
   * The entries after `acknowledgedSeq`, oldest first; some may be in D1 already. Complete unless D1 has been out
   * of reach for so long that they are more than the account keeps in memory.
   */
  readonly tail: readonly UsageEntry[];
}

/** What corrections and later outcomes have added to a booked event. */
export interface Amendments {
  readonly reversed: Reversed;
  /** The corrections, in order. */
  readonly corrections: readonly UsageEntry[];
  readonly outcome: Outcome | null;
}

/** By what an event was priced. */
export interface PricedBy {
  /** The feature as its version of the rate sheet has it; null where the account no longer needs that version. */
  readonly feature: Feature | null;
  /** The account's own rates then; null where it had none. */
  readonly accountRates: AccountRates | null;
}

/** What became of an id (rules, section 4). */
export type EventFate =
  | {
      readonly kind: "booked";
      readonly entry: UsageEntry;
      /** The hold that the entry captured. */
      readonly hold: Hold | null;
      /** null where the account's own rates of then are no longer kept. */
      readonly pricedBy: PricedBy | null;
      readonly amendments: Amendments;
    }
  /** Held, or released or expired without an entry. */
  | { readonly kind: "held"; readonly hold: Hold; readonly pricedBy: PricedBy }
  | { readonly kind: "unknown" };

/** The account and one of its events, as of the same moment. */
export interface Explained extends AccountReport {
  readonly fate: EventFate;
}

/** A command was followed. */
export interface Done {
  readonly kind: "done";
  readonly value: CommandValue;
  readonly balance: Balance;
  readonly directory: Directory;
  /** An earlier call with this Idempotency-Key did it; `value` as then, the rest as now (rules, section 4). */
  readonly replayed: boolean;
}

/** A command and the key under which its answer is remembered. */
export interface KeyedCommand {
  readonly command: AccountCommand;
  readonly idempotencyKey: string | null;
}

/** What became of one of many commands. */
export type CommandReport =
  | Pick<Done, "kind" | "value" | "replayed">
  | CommandRefusal
  | AccountNotFound
  | IdempotencyConflict;

export type CommandResult = Done | CommandRefusal | AccountNotFound | IdempotencyConflict;

/** `entry` is the event as D1 holds it: for one that the account itself has forgotten. */
export interface CorrectCall extends CorrectEvent {
  readonly entry: UsageEntry | null;
}

export interface OutcomeCall {
  readonly eventId: string;
  readonly outcome: Outcome;
  readonly entry: UsageEntry | null;
}

export interface UnknownEvent {
  readonly kind: "unknown_event";
  readonly eventId: string;
  /** The account knows its events from this sequence number on; an earlier one may lie in D1. */
  readonly knownFromSeq: number;
}

/** A new entry reverses the event, in whole or in part; it changes nothing about it. */
export interface Corrected extends Answered {
  readonly kind: "corrected";
  readonly replayed: boolean;
  readonly entry: UsageEntry & { readonly correction: Correction };
  /** What billing owes for a correction of a closed period; null for one of the open period. */
  readonly owed: Money | null;
}

/** The event has this outcome. */
export interface OutcomeAttached extends Answered {
  readonly kind: "attached";
  readonly replayed: boolean;
  /** The entry that says so: the event's own where its outcome came with it. */
  readonly entry: Pick<UsageEntry, "seq" | "period">;
}

export type CorrectResult =
  | Corrected
  | CorrectionRefusal
  | UnknownEvent
  /** The event is older than what the account remembers of closed periods. */
  | { readonly kind: "period_forgotten"; readonly eventId: string }
  | IdempotencyConflict
  | AccountNotFound;

export type OutcomeResult =
  | OutcomeAttached
  | UnknownEvent
  | { readonly kind: "outcome_exists"; readonly eventId: string }
  | CurrencyDiffers
  | AccountNotFound;

export interface DueFacts {
  readonly kind: "due";
  /** What billing has not acknowledged, by number. */
  readonly facts: readonly BillingFact[];
  readonly periodEndsAtMs: number;
}

/** Carried by every call. */
export interface CallContext {
  /** The newest revision of the offer that the caller knows of. */
  readonly offerRevision: number;
  /** Who acts, for the audit log (rules, 9.4). */
  readonly actor?: string | undefined;
}

export interface Opened {
  readonly kind: "opened";
  /** false: the account was open already, with the same terms. */
  readonly created: boolean;
  readonly terms: Terms;
  readonly periodEndsAtMs: number;
}

export const ACCOUNT_STATUSES = ["open", "suspended", "closed"] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

export interface TermsView {
  readonly kind: "terms";
  readonly terms: Terms;
  readonly pendingTerms: PendingTerms | null;
  readonly status: AccountStatus;
  /** When pending terms take effect: the next reset. */
  readonly resetAtMs: number;
}

/** Confirms that others hold what the account sent; it changes memory only, the next checkpoint makes it last. */
export interface Acknowledgement {
  /** First sequence numbers of segments that D1 holds. */
  readonly segments?: readonly number[];
  /** Numbers of notices that were fanned out. */
  readonly notices?: readonly number[];
  /** Numbers of facts that billing has stored. */
  readonly facts?: readonly number[];
  /** Numbers of audit records that D1 holds. */
  readonly audit?: readonly number[];
}

/** The account's RPC methods; `null` idempotency keys ask for no memory of the answer. */
export interface AccountApi {
  open(
    terms: Terms,
    testClockNowMs: number | null,
    context: CallContext,
  ): Promise<Opened | { readonly kind: "terms_differ" }>;
  use(calls: readonly UsageCall[], context: CallContext): Promise<readonly UsageResult[]>;
  hold(call: HoldCall, context: CallContext): Promise<HoldResult>;
  capture(holdId: string, capture: Capture, context: CallContext): Promise<CaptureResult>;
  release(holdId: string, context: CallContext): Promise<ReleaseResult>;
  readHold(holdId: string, context: CallContext): Promise<Held | UnknownHold | AccountNotFound>;
  view(context: CallContext): Promise<AccountView | AccountNotFound>;
  /** The view with the tail of the journal. */
  report(context: CallContext): Promise<AccountReport | AccountNotFound>;
  fate(eventId: string, context: CallContext): Promise<EventFate | AccountNotFound>;
  /** Report and fate in one call. */
  explain(eventId: string, context: CallContext): Promise<Explained | AccountNotFound>;
  /** Packs, settings, terms, grants, status, directory: every command besides use. */
  execute(
    command: AccountCommand,
    idempotencyKey: string | null,
    context: CallContext,
  ): Promise<CommandResult>;
  /** Several commands, in order, each by itself; a dry run says what each would answer and changes nothing. */
  executeAll(
    commands: readonly KeyedCommand[],
    dryRun: boolean,
    context: CallContext,
  ): Promise<readonly CommandReport[]>;
  correct(call: CorrectCall, idempotencyKey: string | null, context: CallContext): Promise<CorrectResult>;
  attachOutcome(call: OutcomeCall, context: CallContext): Promise<OutcomeResult>;
  terms(context: CallContext): Promise<TermsView | AccountNotFound>;
  /** Closes what is due and returns every fact that billing has not acknowledged, oldest first. */
  due(context: CallContext): Promise<DueFacts | AccountNotFound>;
  acknowledge(acknowledgement: Acknowledgement): Promise<void>;
  /** Moves the test clock; runs what falls due on the way, each at its own time (rules, section 12). */
  advanceClock(toMs: number, context: CallContext): Promise<DueFacts | AccountNotFound>;
  /** Sends everything that D1 lacks, without waiting for a full segment. */
  flush(): Promise<void>;
}
