/**
 * The decision on one use (rules, sections 3 and 5.4-5.8): is it allowed, what does it book, which packs does it
 * add, whom does it tell. All or nothing, and a pure function of state, price and time.
 */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import { type Catalog, upgradePack } from "./catalog.ts";
import {
  controlOf,
  countInBudgets,
  exhaustedBudget,
  isPermitted,
  matchingBudgets,
  type Subjects,
} from "./directory.ts";
import { type Effects, issue, type Step } from "./effects.ts";
import { type NoticeContent, rearm, type ThresholdCause, tellThresholds } from "./notices.ts";
import {
  type AccountState,
  automaticPacksLeft,
  ceilingMicros,
  limitMicros,
  packsNeeded,
  type Usage,
} from "./state.ts";
import { addUpgrade, type Upgrade, upgradeAudit, upgradeCharge, upgradeNotice } from "./upgrade.ts";

/** `consume` is a gate; `record` is a fact that is always booked (3.1, 3.2). */
export const USAGE_MODES = ["consume", "record"] as const;
export type UsageMode = (typeof USAGE_MODES)[number];

/** In order of precedence (3.6). */
export const DENIAL_REASONS = [
  "account_suspended",
  "feature_paused",
  "not_permitted",
  "budget_exhausted",
  "max_monthly_limit_reached",
  "upgrade_cap_reached",
  "credits_exhausted",
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

export const RESOLUTIONS = [
  "contact_operator",
  "resume_feature",
  "grant_access",
  "raise_budget",
  "raise_maximum",
  "buy_pack",
  "raise_upgrade_cap",
  "wait_for_reset",
] as const;
/** What can be done about a denial (3.6). */
export type Resolution = (typeof RESOLUTIONS)[number];

export interface Denial {
  readonly reason: DenialReason;
  /** Of `budget_exhausted`: the budget with least left (9.3). */
  readonly budget: string | null;
}

/** What a use costs and whom it is attributed to. */
export interface PricedUse extends Subjects {
  readonly creditsMicros: number;
}

export interface AllowedUse extends Step {
  readonly kind: "allowed";
  readonly creditsMicros: number;
  readonly overdraftMicros: number;
  /** Why a consume would have been denied; only for a record (3.2). */
  readonly wouldDeny: DenialReason | null;
  readonly upgrade: Upgrade | null;
}

export interface DeniedUse extends Denial, Step {
  readonly kind: "denied";
  readonly resolve: readonly Resolution[];
}

/** The account's total would pass what can be counted. */
export interface CreditsTooLarge {
  readonly kind: "credits_too_large";
}

export type UsageDecision = AllowedUse | DeniedUse | CreditsTooLarge;

/** Decides one use at a price. A denial returns a state too: it may have told somebody. */
export function decideUsage(
  state: AccountState,
  mode: UsageMode,
  use: PricedUse,
  catalog: Catalog,
  nowMs: number,
): UsageDecision {
  const { creditsMicros } = use;
  if (!fitsTotals(state, creditsMicros)) return { kind: "credits_too_large" };
  const denial = denialOf(state, use, catalog);
  if (denial !== null && mode === "consume") return deny(state, denial, catalog, nowMs);

  const overdraftMicros = mode === "record" ? aboveCeilingMicros(state, creditsMicros) : 0;
  const packs = packsToAdd(state, creditsMicros - overdraftMicros, catalog);
  const wouldDeny = denial?.reason ?? null;
  return bookUse(state, use, { overdraftMicros, packs, wouldDeny }, catalog, nowMs);
}

/** Used and held together stay within what can be counted (1). */
export function fitsTotals({ usage }: AccountState, creditsMicros: number): boolean {
  return usage.usedMicros + usage.heldMicros + creditsMicros <= CREDITS_MICROS_MAX;
}

/** The part of a booking that lies above the ceiling: it counts, and is never invoiced (3.2). */
export function aboveCeilingMicros(state: AccountState, creditsMicros: number): number {
  const ceiling = ceilingMicros(state);
  if (ceiling === null) return 0;
  return Math.min(creditsMicros, Math.max(0, state.usage.usedMicros + creditsMicros - ceiling));
}

/** Why this use does not fit, the most specific reason first, or null where it does (3.6). */
export function denialOf(state: AccountState, use: PricedUse, catalog: Catalog): Denial | null {
  const notAdmitted = admissionDenial(state, use);
  if (notAdmitted !== null) return notAdmitted;
  const reason = creditsDenial(state, use.creditsMicros, catalog);
  return reason === null ? null : { reason, budget: null };
}

/** Reasons other than the account's credits (2.6, 9.1-9.3). */
export function admissionDenial(state: AccountState, use: PricedUse): Denial | null {
  if (state.suspendedAtMs !== null || state.closedAtMs !== null) {
    return { reason: "account_suspended", budget: null };
  }
  const { directory } = state;
  if (controlOf(directory, use.feature).paused) return { reason: "feature_paused", budget: null };
  if (!isPermitted(directory, use)) return { reason: "not_permitted", budget: null };
  if (use.creditsMicros === 0) return null;
  const budget = exhaustedBudget(state, use, use.creditsMicros);
  return budget === null ? null : { reason: "budget_exhausted", budget: budget.budget };
}

/** Why the account's credits do not allow it (3.9, 5.4, 5.8). */
function creditsDenial(state: AccountState, creditsMicros: number, catalog: Catalog): DenialReason | null {
  if (creditsMicros === 0) return null;
  const taken = state.usage.usedMicros + state.usage.heldMicros;
  if (state.maximumMicros !== null && taken + creditsMicros > state.maximumMicros) {
    return "max_monthly_limit_reached";
  }
  switch (state.setting) {
    case "pay_as_you_go":
      return null;
    case "pause":
      return taken + creditsMicros > limitMicros(state) ? "credits_exhausted" : null;
    case "auto_upgrade": {
      const needed = packsNeeded(state, creditsMicros, catalog);
      if (needed === 0) return null;
      const left = automaticPacksLeft(state, catalog);
      if (left === null) return "credits_exhausted";
      return needed > left ? "upgrade_cap_reached" : null;
    }
  }
}

/** Packs that a booking adds in auto_upgrade: all it needs, or none where they may not be added (5.4). */
export function packsToAdd(state: AccountState, creditsMicros: number, catalog: Catalog): number {
  if (state.setting !== "auto_upgrade" || creditsMicros === 0) return 0;
  const packs = packsNeeded(state, creditsMicros, catalog);
  return packs <= (automaticPacksLeft(state, catalog) ?? 0) ? packs : 0;
}

export interface HowBooked {
  readonly overdraftMicros: number;
  /** Packs to add first. */
  readonly packs: number;
  readonly wouldDeny: DenialReason | null;
}

/** Books a use that was decided on: adds its packs, counts it, tells whoever has to know. */
export function bookUse(
  state: AccountState,
  use: PricedUse,
  { overdraftMicros, packs, wouldDeny }: HowBooked,
  catalog: Catalog,
  nowMs: number,
): AllowedUse {
  const upgraded = packs === 0 ? null : addUpgrade(state, packs, catalog, nowMs);
  const before = upgraded?.state ?? state;
  const usage = bookUsage(before.usage, { ...use, overdraftMicros }, before.directory.budgets);
  const booked: AccountState = { ...before, usage };
  const armed = upgraded === null ? booked : rearm(state, booked);
  const budgets = matchingBudgets(before.directory.budgets, use);
  const told = tellThresholds(armed, catalog.noticePercentages, { upgraded: upgraded !== null, budgets });
  const effects: Effects =
    upgraded === null
      ? { notices: told.contents }
      : {
          notices: [upgradeNotice(booked, upgraded.upgrade, catalog), ...told.contents],
          facts: [upgradeCharge(booked, nowMs)],
          audit: [upgradeAudit(state, booked, upgraded)],
        };
  return {
    kind: "allowed",
    creditsMicros: use.creditsMicros,
    overdraftMicros,
    wouldDeny,
    upgrade: upgraded?.upgrade ?? null,
    ...issue(told.state, effects, nowMs),
  };
}

interface Counted extends Subjects {
  /** Negative for a correction. */
  readonly creditsMicros: number;
  readonly overdraftMicros?: number | undefined;
}

/** What a booked entry does to the usage; also rebuilds it from the journal. */
export function bookUsage(
  usage: Usage,
  entry: Counted,
  budgets: AccountState["directory"]["budgets"],
): Usage {
  const { creditsMicros, overdraftMicros = 0 } = entry;
  return {
    seq: usage.seq + 1,
    usedMicros: usage.usedMicros + creditsMicros,
    heldMicros: usage.heldMicros,
    overdraftMicros: usage.overdraftMicros + overdraftMicros,
    booked: usage.booked || creditsMicros > 0,
    budgets:
      budgets.length === 0 || creditsMicros === 0
        ? usage.budgets
        : countInBudgets(usage.budgets, budgets, entry, { usedMicros: creditsMicros }),
  };
}

/** Denies, and tells whoever has to know. */
export function deny(state: AccountState, denial: Denial, catalog: Catalog, nowMs: number): DeniedUse {
  const { reason } = denial;
  const cause = thresholdCause(reason);
  const told =
    cause === null ? { state, contents: [] } : tellThresholds(state, catalog.noticePercentages, cause);
  const unavailable = tellUpgradeUnavailable(told.state, reason, catalog);
  const notices = [...told.contents, ...unavailable.contents];
  return {
    kind: "denied",
    ...denial,
    resolve: resolutions(reason),
    ...issue(unavailable.state, { notices }, nowMs),
  };
}

function thresholdCause(reason: DenialReason): ThresholdCause | null {
  switch (reason) {
    case "max_monthly_limit_reached":
      return { denied: "maximum", budgets: [] };
    case "upgrade_cap_reached":
    case "credits_exhausted":
      return { denied: "limit", budgets: [] };
    case "account_suspended":
    case "feature_paused":
    case "not_permitted":
    case "budget_exhausted":
      return null;
  }
}

/** Admins and operator learn once per period that automatic upgrades have nothing to add (5.4). */
function tellUpgradeUnavailable(
  state: AccountState,
  reason: DenialReason,
  catalog: Catalog,
): { state: AccountState; contents: readonly NoticeContent[] } {
  const missing =
    reason === "credits_exhausted" &&
    state.setting === "auto_upgrade" &&
    upgradePack(catalog, state.terms.currency) === null;
  if (!missing || state.told.upgradeUnavailable) return { state, contents: [] };
  return {
    state: { ...state, told: { ...state.told, upgradeUnavailable: true } },
    contents: [{ kind: "upgrade_unavailable", currency: state.terms.currency }],
  };
}

function resolutions(reason: DenialReason): readonly Resolution[] {
  switch (reason) {
    case "account_suspended":
      return ["contact_operator"];
    case "feature_paused":
      return ["resume_feature"];
    case "not_permitted":
      return ["grant_access"];
    case "budget_exhausted":
      return ["raise_budget", "wait_for_reset"];
    case "max_monthly_limit_reached":
      return ["raise_maximum", "wait_for_reset"];
    case "upgrade_cap_reached":
      return ["raise_upgrade_cap", "buy_pack", "wait_for_reset"];
    case "credits_exhausted":
      return ["buy_pack", "wait_for_reset"];
  }
}
