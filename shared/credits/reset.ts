/** The reset (rules, sections 2.3, 2.4, 5.3 and 7.1): a period closes with its figures, the next one opens. */
import type { AuditContent } from "./audit.ts";
import { SYSTEM_ACTOR } from "./audit.ts";
import type { BillingEvent } from "./billing-facts.ts";
import type { Catalog } from "./catalog.ts";
import type { Directory } from "./directory.ts";
import { OCCURRED_PAST_MAX_MS } from "./entries.ts";
import type { NoticeContent } from "./notices.ts";
import { renew, withoutPacks } from "./packs.ts";
import { localDay, type PeriodSpan, periodFrom } from "./period.ts";
import { agreedOveragePrice } from "./settings.ts";
import {
  type AccountState,
  billableMicros,
  type Grant,
  limitMicros,
  NOTHING_TOLD,
  type OverageSetting,
  type OwnedPack,
  overageMicros,
  type Period,
  packsAmountMinor,
  type Usage,
} from "./state.ts";
import { continueTerm, startTerm } from "./term.ts";
import { packCharge } from "./upgrade.ts";

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

/** Credits that billing charges for: whole increments only (7.1). */
export function billedMicros(state: AccountState): number {
  return wholeIncrementsMicros(billableMicros(state));
}

export function wholeIncrementsMicros(micros: number): number {
  return micros - (micros % OVERAGE_INCREMENT_MICROS);
}

/** The figures of the running period if it ended at `endMs`. */
export function figures(state: AccountState, endMs: number): ClosedPeriod {
  const limit = limitMicros(state);
  return {
    period: state.period.name,
    startMs: state.period.startMs,
    endMs,
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

export interface Reset {
  readonly closed: ClosedPeriod;
  readonly state: AccountState;
  readonly facts: readonly BillingEvent[];
  readonly notices: readonly NoticeContent[];
  readonly audit: readonly AuditContent[];
}

/** Closes the running period at its end and opens the next, in the order of 2.3; open holds carry over. */
export function reset(state: AccountState, catalog: Catalog): Reset {
  const closed = figures(state, state.period.endMs);
  const opened = openNext(state, catalog);
  const renewed = renewals(state, opened, catalog);
  const after = withLimitAtStart(renewed.state);
  return {
    closed,
    state: after,
    facts: [{ kind: "period_closed", closed }, ...renewalCharge(after)],
    notices: renewed.notices,
    audit: [...settingAudit(state, after), ...renewed.audit],
  };
}

/** The next period with the terms and setting that waited for it, nothing used, nothing told. */
function openNext(state: AccountState, catalog: Catalog): AccountState {
  const terms = { ...state.terms, ...state.pendingTerms };
  const span = periodFrom(terms, state.period.endMs);
  const period: Period = {
    ...span,
    seqBefore: state.usage.seq,
    limitAtStartMicros: 0,
    // A price that is no longer offered goes on: usage above the limit must not become free by it.
    overagePrice: agreedOveragePrice({ terms }, catalog) ?? state.period.overagePrice,
    automaticPacks: 0,
  };
  return {
    ...state,
    terms,
    pendingTerms: null,
    period,
    setting: state.pendingSetting?.setting ?? state.setting,
    pendingSetting: null,
    usage: afresh(state.usage),
    grants: grantsOf(state.grants, span, terms.timeZone),
    directory: withoutOldRates(state.directory, span.startMs),
    upgradeDayEndMs: null,
    told: NOTHING_TOLD,
  };
}

/** Nothing used; what is held carries over. */
function afresh(usage: Usage): Usage {
  const budgets = Object.entries(usage.budgets).map(([budget, { heldMicros }]) => [
    budget,
    { usedMicros: 0, heldMicros },
  ]);
  return {
    ...usage,
    usedMicros: 0,
    overdraftMicros: 0,
    booked: false,
    budgets: Object.fromEntries(budgets),
  };
}

/** What was granted for the closed period is gone; what waited for the one that opens counts in it (2.5). */
function grantsOf(grants: readonly Grant[], span: PeriodSpan, timeZone: string): readonly Grant[] {
  const coming = grants.filter(({ periodStartMs }) => periodStartMs === null);
  if (coming.length === 0) return coming;
  const lastDay = localDay(span.endMs - 1, timeZone);
  return coming.map((grant) => (grant.date <= lastDay ? { ...grant, periodStartMs: span.startMs } : grant));
}

/** Own rates that no late record may need any more are dropped. */
function withoutOldRates(directory: Directory, nowMs: number): Directory {
  const rates = directory.rates.filter((_, index) => {
    const next = directory.rates[index + 1];
    return next === undefined || next.effectiveAtMs > nowMs - OCCURRED_PAST_MAX_MS;
  });
  return rates.length === directory.rates.length ? directory : { ...directory, rates };
}

/** What becomes of the packs: they go on in the term, or end and renew with it (5.3). */
function renewals(
  before: AccountState,
  opened: AccountState,
  catalog: Catalog,
): Pick<Reset, "state" | "notices" | "audit"> {
  const { term } = before;
  if (term === null) return { state: opened, notices: [], audit: [] };
  if (term.period < term.periods) {
    return { state: { ...opened, term: continueTerm(opened, term) }, notices: [], audit: [] };
  }
  const packs = before.packs.flatMap((pack) => renew(pack, catalog, opened.terms.currency));
  const summary = (owned: readonly OwnedPack[]) =>
    owned.map(({ id, pack, quantity, price }) => ({ id, pack, quantity, price }));
  const audit = {
    actor: SYSTEM_ACTOR,
    target: "",
    before: { packs: summary(before.packs) },
    after: { packs: summary(packs) },
  };
  if (packs.length === 0) {
    const ended = withoutPacks({ ...opened, packs });
    return {
      state: ended,
      notices: [{ kind: "packs_ended", limitMicros: limitMicros(ended) }],
      audit: [{ ...audit, action: "packs_ended" }],
    };
  }
  const term2 = startTerm(opened, opened.terms.termPeriods);
  return {
    state: { ...opened, packs, term: term2, termEndTold: false },
    notices: [],
    audit: [{ ...audit, action: "packs_renewed" }],
  };
}

function withLimitAtStart(state: AccountState): AccountState {
  return { ...state, period: { ...state.period, limitAtStartMicros: limitMicros(state) } };
}

/** All packs of the new period are paid in advance, on one invoice (7.2). */
function renewalCharge({ packs, period }: AccountState): readonly BillingEvent[] {
  if (packs.length === 0) return [];
  const { name, startMs, endMs } = period;
  return [
    {
      kind: "packs_charged",
      cause: "renewal",
      source: `renewal:${startMs}`,
      packs: packs.map(packCharge),
      period: { name, startMs, endMs },
      growsUntilMs: null,
    },
  ];
}

function settingAudit(before: AccountState, after: AccountState): readonly AuditContent[] {
  if (before.setting === after.setting) return [];
  return [
    {
      actor: SYSTEM_ACTOR,
      action: "setting_changed",
      target: "",
      before: { setting: before.setting },
      after: { setting: after.setting },
    },
  ];
}
