/**
 * Corrections (rules, section 3.8): an event is reversed in whole or part by a new entry that names it. In the open
 * period the credits come back; of a closed one billing owes what was billed too much.
 */
import type { BillingEvent, CorrectedFigures } from "./billing-facts.ts";
import { audited } from "./change.ts";
import { issue, type Step } from "./effects.ts";
import type { Correction, EntryItem, UsageEntry } from "./entries.ts";
import { amountMinor } from "./money.ts";
import { type ClosedPeriod, wholeIncrementsMicros } from "./reset.ts";
import type { AccountState } from "./state.ts";
import { bookUsage } from "./usage.ts";

export interface CorrectEvent {
  readonly eventId: string;
  /** Credits to reverse; null: all that is left of the event. */
  readonly creditsMicros: number | null;
  readonly reason: string;
}

/** What earlier corrections have reversed. */
export interface Reversed {
  readonly creditsMicros: number;
  readonly overdraftMicros: number;
}

export const NOTHING_REVERSED: Reversed = { creditsMicros: 0, overdraftMicros: 0 };

/** A closed period with what was corrected in it since. */
export interface ClosedRecord {
  readonly closed: ClosedPeriod;
  readonly reversed: Reversed;
}

export interface CorrectionTarget {
  readonly entry: UsageEntry;
  /** Of this entry. */
  readonly reversed: Reversed;
  /** The period in which the entry counts; null: the open one. */
  readonly closed: ClosedRecord | null;
}

export type CorrectionRefusal =
  /** It is a correction or an outcome itself. */
  | { readonly kind: "not_correctable"; readonly eventId: string }
  | { readonly kind: "correction_too_large"; readonly eventId: string; readonly maxMicros: number };

export interface Corrected extends Step {
  readonly kind: "corrected";
  readonly id: string;
  readonly correction: Correction;
  /** What the new entry counts in the running period: 0 for a closed one, else negative. */
  readonly countsMicros: number;
  readonly countsOverdraftMicros: number;
  readonly items: readonly EntryItem[];
  /** Of the event, with this correction. */
  readonly reversed: Reversed;
  readonly closed: ClosedRecord | null;
  /** What billing owes for it; 0 in the open period. */
  readonly creditMinor: number;
}

export function correctEvent(
  state: AccountState,
  target: CorrectionTarget,
  command: CorrectEvent,
  actor: string,
  nowMs: number,
): Corrected | CorrectionRefusal {
  const { entry, reversed, closed } = target;
  const { eventId, reason } = command;
  if (entry.correction !== undefined || entry.attached !== undefined) {
    return { kind: "not_correctable", eventId };
  }
  const maxMicros = entry.creditsMicros - reversed.creditsMicros;
  const creditsMicros = command.creditsMicros ?? maxMicros;
  if (creditsMicros > maxMicros || creditsMicros === 0) {
    return { kind: "correction_too_large", eventId, maxMicros };
  }
  const overdraftLeft = (entry.overdraftMicros ?? 0) - reversed.overdraftMicros;
  const overdraftMicros = Math.min(creditsMicros, overdraftLeft);
  const added = { creditsMicros, overdraftMicros };
  const correction: Correction = {
    eventId,
    seq: entry.seq,
    period: entry.period,
    periodStartMs: closed?.closed.startMs ?? state.period.startMs,
    ...added,
    reason,
  };
  const id = `cor_${state.usage.seq + 1}`;
  const isOpen = closed === null;
  const countsMicros = isOpen ? 0 - creditsMicros : 0;
  const countsOverdraftMicros = isOpen ? 0 - overdraftMicros : 0;
  const counted = { ...entry, creditsMicros: countsMicros, overdraftMicros: countsOverdraftMicros };
  const booked = { ...state, usage: bookUsage(state.usage, counted, state.directory.budgets) };
  const after = closed === null ? null : { ...closed, reversed: add(closed.reversed, added) };
  const fact = closed === null || after === null ? null : overageCorrected(id, correction, closed, after);
  // A closed account gets what it is owed at once (2.6).
  const last: readonly BillingEvent[] = state.closedAtMs === null ? [] : [{ kind: "account_closed" }];
  const effects = {
    facts: fact === null ? [] : [fact, ...last],
    audit: audited("event_corrected", eventId, null, { id, ...correction }).map((record) => ({
      ...record,
      actor,
    })),
  };
  return {
    kind: "corrected",
    id,
    correction,
    countsMicros,
    countsOverdraftMicros,
    items: isOpen ? reversedItems(entry, creditsMicros) : [],
    reversed: add(reversed, added),
    closed: after,
    creditMinor: fact?.creditMinor ?? 0,
    ...issue(booked, effects, nowMs),
  };
}

function add(a: Reversed, b: Reversed): Reversed {
  return {
    creditsMicros: a.creditsMicros + b.creditsMicros,
    overdraftMicros: a.overdraftMicros + b.overdraftMicros,
  };
}

function overageCorrected(id: string, correction: Correction, before: ClosedRecord, after: ClosedRecord) {
  return {
    kind: "overage_corrected" as const,
    source: id,
    periodStartMs: correction.periodStartMs,
    period: correction.period,
    eventId: correction.eventId,
    correctedMicros: correction.creditsMicros,
    creditMinor: owedMinor(before) - owedMinor(after),
    corrected: correctedFigures(after),
  };
}

/** A closed period's figures as they would have been; the billed ones stay (3.8). */
export function correctedFigures({ closed, reversed }: ClosedRecord): CorrectedFigures {
  const usedMicros = closed.usedMicros - reversed.creditsMicros;
  const overdraftMicros = closed.overdraftMicros - reversed.overdraftMicros;
  const billableMicros = Math.max(0, usedMicros - overdraftMicros - closed.limitMicros);
  return {
    usedMicros,
    overdraftMicros,
    overageMicros: Math.max(0, usedMicros - closed.limitMicros),
    billableMicros,
    billedMicros: closed.overagePrice === null ? 0 : wholeIncrementsMicros(billableMicros),
  };
}

/** What 7.1 gives after all corrections, at the original rate. */
function owedMinor(record: ClosedRecord): number {
  const { overagePrice, currency } = record.closed;
  if (overagePrice === null) return 0;
  return amountMinor(correctedFigures(record).billedMicros, overagePrice, currency);
}

/** The reversed credits spread over the event's items in proportion; quantities only where all of it is reversed. */
function reversedItems(entry: UsageEntry, creditsMicros: number): readonly EntryItem[] {
  if (creditsMicros === entry.creditsMicros) {
    return entry.items.map(([action, quantity, credits]) => [action, 0 - quantity, 0 - credits]);
  }
  let spread = 0n;
  let before = 0n;
  return entry.items.map(([action, , credits]) => {
    before += BigInt(credits);
    const upTo = (BigInt(creditsMicros) * before) / BigInt(entry.creditsMicros);
    const share = Number(upTo - spread);
    spread = upTo;
    return [action, 0, 0 - share];
  });
}
