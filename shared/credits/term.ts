/** The commitment term: one per account, with which all its packs end (rules, section 5.3). */
import { type PeriodSpan, periodFrom } from "./period.ts";
import type { AccountState, CommitmentTerm, OwnedPack } from "./state.ts";

/** Admins are told so long before a term ends. */
export const TERM_NOTICE_MS = 30 * 24 * 60 * 60 * 1000;

/** What says when the coming periods end: the terms, and those that wait for the reset. */
type Calendar = Pick<AccountState, "terms" | "pendingTerms"> & { readonly period: PeriodSpan };

/** A term that begins with the running period. */
export function startTerm(state: Calendar, periods: number): CommitmentTerm {
  const { startMs } = state.period;
  return { startMs, period: 1, periods, endMs: termEndMs(state, periods - 1) };
}

/** The term in the next period, which `state` is in already; its end moves with the anchor. */
export function continueTerm(state: Calendar, term: CommitmentTerm): CommitmentTerm {
  return movedTerm(state, { ...term, period: term.period + 1 });
}

/** The term with the end that the calendar gives it now: a new anchor or time zone moves it (2.2). */
export function movedTerm(state: Calendar, term: CommitmentTerm): CommitmentTerm {
  return { ...term, endMs: termEndMs(state, term.periods - term.period) };
}

/** End of the period that comes so many after the running one. */
function termEndMs({ period, terms, pendingTerms }: Calendar, periodsAfter: number): number {
  let { endMs } = period;
  const coming = { ...terms, ...pendingTerms };
  for (let count = 0; count < periodsAfter; count += 1) endMs = periodFrom(coming, endMs).endMs;
  return endMs;
}

type EndingPack = Pick<OwnedPack, "pack" | "name" | "creditsMicros" | "quantity" | "renewal">;

/** What becomes of the packs, those alike as one: automatic upgrades may have added some on every day of the term. */
export function endingPacks(packs: readonly OwnedPack[]): readonly EndingPack[] {
  const ending = new Map<string, EndingPack>();
  for (const { pack, name, creditsMicros, quantity, renewal } of packs) {
    const { quantity: renewed, ...terms } = renewal;
    const alike = JSON.stringify([pack, name, creditsMicros, renewed === 0 ? null : terms]);
    const known = ending.get(alike);
    const total = {
      quantity: quantity + (known?.quantity ?? 0),
      renewal: { ...renewal, quantity: renewed + (known?.renewal.quantity ?? 0) },
    };
    ending.set(alike, { pack, name, creditsMicros, ...total });
  }
  return [...ending.values()];
}
