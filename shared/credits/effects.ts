/**
 * What a change of the account asks of others: notices to admins, facts for billing, records of the audit log. The
 * rules name contents; here they get their numbers, which make every redelivery recognisable.
 */
import type { AuditContent, AuditRecord } from "./audit.ts";
import type { BillingEvent, BillingFact } from "./billing-facts.ts";
import type { Notice, NoticeContent } from "./notices.ts";
import type { AccountState } from "./state.ts";

/** Contents before they are numbered. */
export interface Effects {
  readonly notices?: readonly NoticeContent[];
  readonly facts?: readonly BillingEvent[];
  readonly audit?: readonly AuditContent[];
}

/** A state and all that was issued on the way to it, in order. */
export interface Step {
  readonly state: AccountState;
  readonly notices: readonly Notice[];
  readonly facts: readonly BillingFact[];
  readonly audit: readonly AuditRecord[];
}

/** Numbers effects as this state's. */
export function issue(state: AccountState, effects: Effects, atMs: number): Step {
  const { issued, period, terms } = state;
  const notices = (effects.notices ?? []).map((content, index) => ({
    ...content,
    number: issued.notices + index + 1,
    atMs,
    period: period.name,
    resetAtMs: period.endMs,
  }));
  const facts = (effects.facts ?? []).map((event, index) => ({
    ...event,
    number: issued.facts + index + 1,
    atMs,
    currency: terms.currency,
    timeZone: terms.timeZone,
  }));
  const audit = (effects.audit ?? []).map((content, index) => ({
    ...content,
    number: issued.audit + index + 1,
    atMs,
  }));
  if (notices.length + facts.length + audit.length === 0) return { state, notices, facts, audit };
  const counted = {
    ...issued,
    notices: issued.notices + notices.length,
    facts: issued.facts + facts.length,
    audit: issued.audit + audit.length,
  };
  return { state: { ...state, issued: counted }, notices, facts, audit };
}

/** A state that nothing has been issued for. */
export function unchanged(state: AccountState): Step {
  return { state, notices: [], facts: [], audit: [] };
}

/** What the first step issued comes before what the second did. */
export function inOrder(first: Omit<Step, "state">, second: Step): Step {
  return {
    state: second.state,
    notices: [...first.notices, ...second.notices],
    facts: [...first.facts, ...second.facts],
    audit: [...first.audit, ...second.audit],
  };
}
