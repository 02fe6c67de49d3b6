/** What operator and customer agreed on, opened and changed (rules, sections 2.1, 2.2). */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import type { Catalog } from "./catalog.ts";
import { audited, type Change } from "./change.ts";
import { EMPTY_DIRECTORY } from "./directory.ts";
import type { LimitTooLarge } from "./packs.ts";
import { periodAt } from "./period.ts";
import { agreedOveragePrice } from "./settings.ts";
import {
  type AccountState,
  includedMicros,
  limitMicros,
  NOTHING_TOLD,
  type PendingTerms,
  type Terms,
} from "./state.ts";
import { movedTerm } from "./term.ts";

/** A new account: included credits only, in pause (5.1). */
export function openAccount(terms: Terms, catalog: Catalog, nowMs: number): AccountState {
  const span = periodAt(terms, nowMs);
  return {
    terms,
    pendingTerms: null,
    period: {
      ...span,
      seqBefore: 0,
      limitAtStartMicros: includedMicros(terms.plans),
      overagePrice: agreedOveragePrice({ terms }, catalog),
      automaticPacks: 0,
    },
    usage: { seq: 0, usedMicros: 0, heldMicros: 0, overdraftMicros: 0, booked: false, budgets: {} },
    packs: [],
    term: null,
    termEndTold: false,
    grants: [],
    conversions: [],
    setting: "pause",
    pendingSetting: null,
    maximumMicros: null,
    suspendedAtMs: null,
    closedAtMs: null,
    holds: new Map(),
    directory: EMPTY_DIRECTORY,
    upgradeDayEndMs: null,
    told: NOTHING_TOLD,
    issued: { packs: 0, grants: 0, rates: 0, notices: 0, facts: 0, audit: 0 },
  };
}

export type ChangeTerms = Partial<
  Pick<Terms, "plans" | "anchorDate" | "timeZone" | "overagePrice" | "automaticPacksMax" | "termPeriods">
>;

/** More included credits apply at once in full; fewer, and a new anchor or time zone, from the reset (2.1, 2.2). */
export function changeTerms(state: AccountState, change: ChangeTerms): Change | LimitTooLarge {
  const { plans, anchorDate, timeZone, ...immediate } = change;
  const included = includedMicros(state.terms.plans);
  if (limitMicros(state) - included + includedMicros(plans ?? []) > CREDITS_MICROS_MAX) {
    return { kind: "limit_too_large" };
  }
  const increase = plans !== undefined && includedMicros(plans) >= included ? { plans } : {};
  const pending: PendingTerms = {
    ...withoutPlans(state.pendingTerms, plans !== undefined),
    ...(plans !== undefined && increase.plans === undefined ? { plans } : {}),
    ...(anchorDate === undefined ? {} : { anchorDate }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  const changed: AccountState = {
    ...state,
    terms: { ...state.terms, ...immediate, ...increase },
    pendingTerms: Object.keys(pending).length === 0 ? null : pending,
  };
  const term = changed.term === null ? null : movedTerm(changed, changed.term);
  return {
    kind: "changed",
    state: { ...changed, term },
    value: null,
    audit: audited("terms_changed", "", agreed(state), agreed(changed)),
  };
}

function agreed({ terms, pendingTerms }: AccountState) {
  return { ...terms, pending: pendingTerms };
}

function withoutPlans(pending: PendingTerms | null, replaced: boolean): PendingTerms {
  if (pending === null) return {};
  const { plans, ...rest } = pending;
  return replaced || plans === undefined ? rest : { ...rest, plans };
}
