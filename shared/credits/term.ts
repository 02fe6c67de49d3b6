/** The commitment term: one per account, with which all its packs end (rules, section 5.3). */
import { periodFrom } from "./period.ts";
import type { AccountState, CommitmentTerm } from "./state.ts";

/** Admins are told so long before a term ends. */
export const TERM_NOTICE_MS = 30 * 24 * 60 * 60 * 1000;

/** What says when the coming periods end: the terms, and those that wait for the reset. */
type Calendar = Pick<AccountState, "period" | "terms" | "pendingTerms">;

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
