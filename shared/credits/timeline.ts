/**
 * What happens by itself as time goes on (rules, sections 2.4, 3.4, 5.3, 6.4, 7.2 and 11): holds expire, the day of
 * an upgrade invoice ends, notices fall due, conversions take effect, periods end. One by one, in order, whoever
 * notices first.
 */
import type { Catalog } from "./catalog.ts";
import { takeEffect } from "./conversions.ts";
import { inOrder, issue, type Step, unchanged } from "./effects.ts";
import { earliestExpiryMs, expiredHolds, withoutHold } from "./holds.ts";
import { type NoticeContent, rearm, tellThresholds } from "./notices.ts";
import { localDay } from "./period.ts";
import { type ClosedPeriod, reset } from "./reset.ts";
import { type AccountState, limitMicros } from "./state.ts";
import { endingPacks, TERM_NOTICE_MS } from "./term.ts";
import { upgradeSource } from "./upgrade.ts";

/** Credits about to expire are told so long before the reset (6.4). */
const EXPIRING_NOTICE_MS = 7 * 24 * 60 * 60 * 1000;
/** Of the limit: a larger part that is left is worth a notice (6.4). */
const EXPIRING_FROM_QUARTER = 4;

const NEVER = Number.POSITIVE_INFINITY;

interface Due {
  readonly atMs: number;
  /** `nowMs` is when it is noticed, at or after `atMs`. */
  readonly happen: (state: AccountState, catalog: Catalog, nowMs: number) => Happened;
}

interface Happened extends Step {
  readonly closed?: ClosedPeriod;
}

/** The account as of `nowMs`, with what happened on the way; several closed periods get one report (2.4). */
export function advance(
  state: AccountState,
  catalog: Catalog,
  nowMs: number,
): Step & { readonly closed: readonly ClosedPeriod[] } {
  let step = unchanged(state);
  const closed: ClosedPeriod[] = [];
  for (let due = nextDue(step.state); due.atMs <= nowMs; due = nextDue(step.state)) {
    const happened = due.happen(step.state, catalog, nowMs);
    step = inOrder(step, happened);
    if (happened.closed !== undefined) closed.push(happened.closed);
  }
  if (closed.length === 0) return { ...step, closed };
  const report = issue(step.state, { notices: [usageReport(closed)] }, step.state.period.startMs);
  return { ...inOrder(step, report), closed };
}

/** When something happens next by itself; Infinity for a closed account. */
export function nextDueMs(state: AccountState): number {
  return nextDue(state).atMs;
}

/** When the account has to be woken, where nobody calls: the end of a hold tells nobody and can wait for a call. */
export function wakeAtMs(state: AccountState): number {
  return nextDue(state.holds.size === 0 ? state : { ...state, holds: NO_HOLDS }).atMs;
}

const NO_HOLDS: AccountState["holds"] = new Map();

/** The first of what is due next; at the same instant in this order, so that what ends with a period is before it. */
function nextDue(state: AccountState): Due {
  const never: Due = { atMs: NEVER, happen: unchanged };
  if (state.closedAtMs !== null) return never;
  const all: readonly Due[] = [
    { atMs: earliestExpiryMs(state), happen: expireHolds },
    { atMs: state.upgradeDayEndMs ?? NEVER, happen: endUpgradeDay },
    { atMs: expiringNoticeMs(state), happen: tellExpiring },
    { atMs: termNoticeMs(state), happen: tellTermEnding },
    { atMs: state.period.endMs, happen: endPeriod },
    { atMs: earliestConversionMs(state), happen: startConversions },
  ];
  return all.reduce((first, due) => (due.atMs < first.atMs ? due : first), never);
}

function expireHolds(state: AccountState): Happened {
  const expired = expiredHolds(state, earliestExpiryMs(state));
  return unchanged(expired.reduce(withoutHold, state));
}

function endUpgradeDay(state: AccountState): Happened {
  const { upgradeDayEndMs, terms } = state;
  if (upgradeDayEndMs === null) return unchanged(state);
  const day = localDay(upgradeDayEndMs - 1, terms.timeZone);
  const fact = { kind: "charge_final", source: upgradeSource(day) } as const;
  return issue({ ...state, upgradeDayEndMs: null }, { facts: [fact] }, upgradeDayEndMs);
}

/** A period shorter than the notice has none. */
function expiringNoticeMs({ told, period }: AccountState): number {
  const atMs = period.endMs - EXPIRING_NOTICE_MS;
  return told.expiring || atMs < period.startMs ? NEVER : atMs;
}

function tellExpiring(state: AccountState, _catalog: Catalog, nowMs: number): Happened {
  const { period } = state;
  const dealtWith = { ...state, told: { ...state.told, expiring: true } };
  const limit = limitMicros(state);
  // Held counts as unused, as it does when credits expire (2.3).
  const remaining = Math.max(0, limit - state.usage.usedMicros);
  const isPast = nowMs >= period.endMs;
  if (isPast || remaining <= Math.floor(limit / EXPIRING_FROM_QUARTER)) return unchanged(dealtWith);
  const notice: NoticeContent = {
    kind: "credits_expiring",
    remainingMicros: remaining,
    limitMicros: limit,
    expireAtMs: period.endMs,
  };
  return issue(dealtWith, { notices: [notice] }, expiringNoticeMs(state));
}

function termNoticeMs({ term, termEndTold }: AccountState): number {
  if (term === null || termEndTold) return NEVER;
  return Math.max(term.startMs, term.endMs - TERM_NOTICE_MS);
}

function tellTermEnding(state: AccountState, _catalog: Catalog, nowMs: number): Happened {
  const told = { ...state, termEndTold: true };
  const { term } = state;
  if (term === null || nowMs >= term.endMs) return unchanged(told);
  const notice: NoticeContent = {
    kind: "term_ending",
    endsAtMs: term.endMs,
    packs: endingPacks(state.packs),
  };
  return issue(told, { notices: [notice] }, Math.max(termNoticeMs(state), state.period.startMs));
}

function endPeriod(state: AccountState, catalog: Catalog): Happened {
  const { closed, state: opened, ...effects } = reset(state, catalog);
  return { ...issue(opened, effects, closed.endMs), closed };
}

function earliestConversionMs({ conversions }: AccountState): number {
  return conversions.reduce((earliest, { effectiveAtMs }) => Math.min(earliest, effectiveAtMs), NEVER);
}

function startConversions(state: AccountState, catalog: Catalog): Happened {
  const atMs = earliestConversionMs(state);
  const due = state.conversions.filter(({ effectiveAtMs }) => effectiveAtMs <= atMs);
  const waiting = state.conversions.filter(({ effectiveAtMs }) => effectiveAtMs > atMs);
  let step = unchanged({ ...state, conversions: waiting });
  for (const { pack, termPeriods } of due) {
    const before = step.state;
    const change = takeEffect(before, pack, termPeriods);
    const told = tellThresholds(rearm(before, change.state), catalog.noticePercentages);
    const effects = { notices: told.contents, facts: change.facts ?? [] };
    step = inOrder(step, issue(told.state, effects, atMs));
  }
  return step;
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
