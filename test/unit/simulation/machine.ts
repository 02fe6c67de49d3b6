/**
 * An account of the core in memory: what the account object does around the rules, without storage. Every change is
 * committed as one, and what is numbered has to be numbered without gaps.
 */
import type { BillingFact } from "../../../shared/credits/billing-facts.ts";
import type { Offer } from "../../../shared/credits/catalog.ts";
import { type ClosedRecord, NOTHING_REVERSED } from "../../../shared/credits/corrections.ts";
import { matchesBudget } from "../../../shared/credits/directory.ts";
import type { Step } from "../../../shared/credits/effects.ts";
import type { UsageEntry } from "../../../shared/credits/entries.ts";
import { type AccountCommand, execute } from "../../../shared/credits/execute.ts";
import type { Hold } from "../../../shared/credits/hold.ts";
import type { Notice } from "../../../shared/credits/notices.ts";
import type { ClosedPeriod } from "../../../shared/credits/reset.ts";
import type { AccountState, Terms } from "../../../shared/credits/state.ts";
import { openAccount } from "../../../shared/credits/terms.ts";
import { advance } from "../../../shared/credits/timeline.ts";
import type { AmendingChange, AmendingLedger } from "../../../workers/account/amend.ts";
import type { DecidingLedger } from "../../../workers/account/decide.ts";
import { type Amendment, type Found, NOT_AMENDED } from "../../../workers/account/known.ts";

export interface Machine {
  state: AccountState;
  offer: Offer;
  nowMs: number;
  readonly found: Map<string, Found>;
  readonly entries: UsageEntry[];
  readonly amendments: Map<number, Amendment>;
  readonly closed: ClosedRecord[];
  readonly notices: Notice[];
  readonly facts: BillingFact[];
  audits: number;
}

export function openMachine(terms: Terms, offer: Offer, nowMs: number): Machine {
  return {
    state: openAccount(terms, offer.catalog, nowMs),
    offer,
    nowMs,
    found: new Map(),
    entries: [],
    amendments: new Map(),
    closed: [],
    notices: [],
    facts: [],
    audits: 0,
  };
}

export interface Change extends Partial<Step> {
  readonly state: AccountState;
  readonly entry?: UsageEntry | undefined;
  readonly hold?: Hold | undefined;
  readonly closed?: readonly ClosedPeriod[];
  readonly amendment?: AmendingChange["amendment"] | undefined;
  readonly corrected?: ClosedRecord | undefined;
}

/** Everything of a change, or a sign that its numbers have a gap. */
export function commit(machine: Machine, change: Change): void {
  const { entry, hold, amendment, corrected } = change;
  for (const notice of change.notices ?? []) inOrder("notice", notice.number, machine.notices.push(notice));
  for (const fact of change.facts ?? []) inOrder("fact", fact.number, machine.facts.push(fact));
  for (const audit of change.audit ?? []) {
    machine.audits += 1;
    inOrder("audit record", audit.number, machine.audits);
  }
  if (entry !== undefined) {
    inOrder("entry", entry.seq, machine.entries.push(entry));
    inOrder("entry of the state", change.state.usage.seq, entry.seq);
    const isOwn = entry.correction !== undefined || entry.attached !== undefined;
    if (!isOwn) machine.found.set(entry.id, { entry, hold: hold ?? null });
  } else if (hold !== undefined) {
    machine.found.set(hold.event.id, { entry: null, hold });
  }
  if (amendment !== undefined) machine.amendments.set(amendment.eventSeq, amendment);
  for (const closed of change.closed ?? []) machine.closed.push({ closed, reversed: NOTHING_REVERSED });
  if (corrected !== undefined) {
    const index = machine.closed.findIndex(({ closed }) => closed === corrected.closed);
    machine.closed[index] = corrected;
  }
  machine.state = change.state;
}

function inOrder(what: string, number: number, expected: number): void {
  if (number !== expected) throw new Error(`${what} ${number} comes where ${expected} was expected`);
}

export function decidingLedger({ state, offer, found }: Machine): DecidingLedger {
  return { state, offer, journal: { find: (id) => found.get(id) ?? null } };
}

export function amendingLedger(machine: Machine): AmendingLedger {
  const { entries, amendments, closed, nowMs } = machine;
  const { state, journal } = decidingLedger(machine);
  return {
    state,
    journal: {
      ...journal,
      firstSeq: 1,
      findOwn: (id) => entries.find((entry) => entry.id === id && entry.correction !== undefined) ?? null,
    },
    now: () => nowMs,
    findAmendment: (eventSeq) => amendments.get(eventSeq) ?? NOT_AMENDED,
    findClosedPeriod: (seq) => closed.find((record) => record.closed.seqLast >= seq) ?? null,
  };
}

/** Lets happen what is due by now. */
export function advanceTo(machine: Machine, nowMs: number): readonly ClosedPeriod[] {
  machine.nowMs = nowMs;
  const { closed, ...step } = advance(machine.state, machine.offer.catalog, nowMs);
  commit(machine, { ...step, closed });
  return closed;
}

export function effectsOf({ state, notices, facts, audit }: Step): Step {
  return { state, notices, facts, audit };
}

export function run(machine: Machine, command: AccountCommand) {
  const { state, offer, nowMs, entries } = machine;
  const result = execute(state, command, {
    offer,
    nowMs,
    actor: "tester",
    usedBy: (budget) =>
      entries
        .filter((entry) => entry.seq > state.period.seqBefore && matchesBudget(budget, entry))
        .reduce((sum, entry) => sum + entry.creditsMicros, 0),
  });
  if (result.kind !== "changed") return { kind: "refused" as const, why: result.kind };
  const closed = result.facts.flatMap((fact) => (fact.kind === "period_closed" ? [fact.closed] : []));
  commit(machine, { ...effectsOf(result), closed });
  return result;
}
