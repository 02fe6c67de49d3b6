/** Opening an account, changing its terms, and the reset (rules, sections 2.1-2.4 and 7.1). */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import type { Catalog } from "./catalog.ts";
import { issueNotices, type Notice, type NoticeContent, rearm } from "./notices.ts";
import { periodAt, periodFrom } from "./period.ts";
import { agreedOveragePrice } from "./settings.ts";
import {
  type AccountState,
  billableMicros,
  includedMicros,
  limitMicros,
  NOTHING_TOLD,
  type OverageSetting,
  overageMicros,
  type PendingTerms,
  type Period,
  packsAmountMinor,
  packsMicros,
  type Terms,
} from "./state.ts";

/** Overage is billed in increments of this, rounded down (7.1). */
export const OVERAGE_INCREMENT_MICROS = 10_000_000;

/** The figures of a period at its end; they never change. */
export interface ClosedPeriod {
  readonly period: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Sequence numbers of its entries: after `seqBefore`, up to `seqLast`. */
  readonly seqBefore: number;
  readonly seqLast: number;
  readonly setting: OverageSetting;
  readonly limitMicros: number;
  readonly usedMicros: number;
  readonly heldMicros: number;
  readonly overdraftMicros: number;
  readonly overageMicros: number;
  readonly billableMicros: number;
  /** Billable rounded down to increments of 10 credits (7.1). */
  readonly billedMicros: number;
  /** Included and bought credits that were not used; held counts as unused (2.3). */
  readonly expiredMicros: number;
  readonly overagePrice: string | null;
  /** What the packs of the period cost; with the overage it makes the effective price of a credit (7.5). */
  readonly packsAmountMinor: number;
  readonly currency: string;
  /** In which the period began and ended at midnight; says the dates of its invoice. */
  readonly timeZone: string;
}

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
    usage: { seq: 0, usedMicros: 0, heldMicros: 0, overdraftMicros: 0, booked: false },
    packs: [],
    setting: "pause",
    pendingSetting: null,
    maximumMicros: null,
    told: NOTHING_TOLD,
    issued: { packs: 0, notices: 0 },
  };
}

/** Credits that billing charges for: whole increments only (7.1). */
export function billedMicros(state: AccountState): number {
  return wholeIncrementsMicros(billableMicros(state));
}

export function wholeIncrementsMicros(micros: number): number {
  return micros - (micros % OVERAGE_INCREMENT_MICROS);
}

/** Closes every period that ended at or before `nowMs`, one by one, in order, with one summary notice (2.4). */
export function rollOver(
  state: AccountState,
  catalog: Catalog,
  nowMs: number,
): { state: AccountState; closed: readonly ClosedPeriod[]; notices: readonly Notice[] } {
  const closed: ClosedPeriod[] = [];
  let current = state;
  while (nowMs >= current.period.endMs) {
    closed.push(figures(current));
    current = nextPeriod(current, catalog);
  }
  if (closed.length === 0) return { state, closed, notices: [] };
  return { ...issueNotices(current, [usageReport(closed)], current.period.startMs), closed };
}

function figures(state: AccountState): ClosedPeriod {
  const limit = limitMicros(state);
  return {
    period: state.period.name,
    startMs: state.period.startMs,
    endMs: state.period.endMs,
    seqBefore: state.period.seqBefore,
    seqLast: state.usage.seq,
    setting: state.setting,
    limitMicros: limit,
    usedMicros: state.usage.usedMicros,
    heldMicros: state.usage.heldMicros,
    overdraftMicros: state.usage.overdraftMicros,
    overageMicros: overageMicros(state),
    billableMicros: billableMicros(state),
    billedMicros: billedMicros(state),
    expiredMicros: Math.max(0, limit - state.usage.usedMicros),
    overagePrice: state.period.overagePrice,
    packsAmountMinor: packsAmountMinor(state.packs),
    currency: state.terms.currency,
    timeZone: state.terms.timeZone,
  };
}

/** What waited for the reset takes effect, in the order of 2.3; open holds carry over. */
function nextPeriod(state: AccountState, catalog: Catalog): AccountState {
  const terms: Terms = { ...state.terms, ...state.pendingTerms };
  const opened: AccountState = {
    ...state,
    terms,
    pendingTerms: null,
    setting: state.pendingSetting?.setting ?? state.setting,
    pendingSetting: null,
    usage: { ...state.usage, usedMicros: 0, overdraftMicros: 0, booked: false },
    told: NOTHING_TOLD,
  };
  const period: Period = {
    ...periodFrom(terms, state.period.endMs),
    seqBefore: state.usage.seq,
    limitAtStartMicros: limitMicros(opened),
    // A price that is no longer offered goes on: usage above the limit must not become free by it.
    overagePrice: agreedOveragePrice(opened, catalog) ?? state.period.overagePrice,
    automaticPacks: 0,
  };
  return { ...opened, period };
}

function usageReport(closed: readonly ClosedPeriod[]): NoticeContent {
  return {
    kind: "usage_report",
    periods: closed.map(
      ({ period, usedMicros, limitMicros: limit, expiredMicros, overageMicros: overage }) => ({
        period,
        usedMicros,
        limitMicros: limit,
        expiredMicros,
        overageMicros: overage,
      }),
    ),
  };
}

export type ChangeTerms = Partial<
  Pick<Terms, "plans" | "anchorDate" | "timeZone" | "overagePrice" | "automaticPacksMax">
>;

/** False where the included credits, with the packs beside them, are more than can be counted (section 1). */
export function limitFits({ packs }: Pick<AccountState, "packs">, { plans = [] }: ChangeTerms): boolean {
  return includedMicros(plans) + packsMicros(packs) <= CREDITS_MICROS_MAX;
}

/** More included credits apply at once in full; fewer, and a new anchor or time zone, from the reset (2.1, 2.2). */
export function changeTerms(state: AccountState, change: ChangeTerms): AccountState {
  const { plans, anchorDate, timeZone, ...immediate } = change;
  const increase =
    plans !== undefined && includedMicros(plans) >= includedMicros(state.terms.plans) ? { plans } : {};
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
  return rearm(state, changed);
}

function withoutPlans(pending: PendingTerms | null, replaced: boolean): PendingTerms {
  if (pending === null) return {};
  const { plans, ...rest } = pending;
  return replaced || plans === undefined ? rest : { ...rest, plans };
}
