/** New entries that name an earlier event: corrections and outcomes (rules, sections 3.8 and 10.5). */
import { type ClosedRecord, correctEvent } from "../../shared/credits/corrections.ts";
import type { Step } from "../../shared/credits/effects.ts";
import type { AttachedOutcome, EntryItem, Outcome, UsageEntry } from "../../shared/credits/entries.ts";
import type { AccountState } from "../../shared/credits/state.ts";
import type {
  CorrectCall,
  Corrected,
  CorrectResult,
  OutcomeAttached,
  OutcomeCall,
  OutcomeResult,
  UnknownEvent,
} from "../../shared/protocol.ts";
import { type DecidingLedger, refuseOutcome } from "./decide.ts";
import type { Amendment } from "./known.ts";

/** What is looked up of earlier events. */
export interface AmendingLedger extends Pick<DecidingLedger, "state"> {
  readonly journal: DecidingLedger["journal"] & {
    readonly firstSeq: number;
    findOwn(id: string): UsageEntry | null;
  };
  now(): number;
  findAmendment(eventSeq: number): Amendment;
  findClosedPeriod(seq: number): ClosedRecord | null;
}

/** What a new entry about an earlier event writes. */
export interface AmendingChange extends Partial<Step> {
  readonly state: AccountState;
  readonly entry: UsageEntry;
  readonly amendment: Amendment & { readonly eventSeq: number };
  /** A closed period that was corrected. */
  readonly corrected?: ClosedRecord;
}

interface Correcting {
  readonly kind: "correcting";
  readonly change: AmendingChange;
  readonly answer: Pick<Corrected, "entry" | "owed">;
}

/** The change that a correction makes, or why it is refused. */
export function correct(
  ledger: AmendingLedger,
  call: CorrectCall,
  actor: string,
  day: string,
): Correcting | Exclude<CorrectResult, { kind: "corrected" }> {
  const { eventId } = call;
  const { state, journal } = ledger;
  const event = journal.find(eventId)?.entry ?? call.entry ?? journal.findOwn(eventId);
  if (event === null) return unknownEvent(ledger, eventId);
  const isOpen = event.seq > state.period.seqBefore && state.closedAtMs === null;
  const closed = isOpen ? null : ledger.findClosedPeriod(event.seq);
  if (!isOpen && closed === null) return { kind: "period_forgotten", eventId };
  const { reversed, corrections, outcome } = ledger.findAmendment(event.seq);
  const corrected = correctEvent(state, { entry: event, reversed, closed }, call, actor, ledger.now());
  if (corrected.kind !== "corrected") return corrected;
  const { id, correction } = corrected;
  const entry = {
    ...amendingEntry(ledger, state, event, day, {
      id,
      items: corrected.items,
      creditsMicros: corrected.countsMicros,
      overdraftMicros: corrected.countsOverdraftMicros,
    }),
    correction,
  };
  const owed =
    closed === null ? null : { amountMinor: corrected.creditMinor, currency: closed.closed.currency };
  return {
    kind: "correcting",
    answer: { entry, owed },
    change: {
      state: corrected.state,
      notices: corrected.notices,
      facts: corrected.facts,
      audit: corrected.audit,
      amendment: {
        eventSeq: event.seq,
        reversed: corrected.reversed,
        corrections: [...corrections, id],
        outcome,
      },
      ...(corrected.closed === null ? {} : { corrected: corrected.closed }),
      entry,
    },
  };
}

interface Attaching {
  readonly kind: "attaching";
  readonly change: AmendingChange;
  readonly answer: Pick<OutcomeAttached, "entry">;
}

/** The event has this outcome already. */
interface KnownOutcome {
  readonly kind: "known";
  readonly answer: Pick<OutcomeAttached, "entry">;
}

/** The change that an outcome makes, or why it is refused. */
export function attach(
  ledger: AmendingLedger,
  { eventId, outcome, entry: fromLog }: OutcomeCall,
  day: string,
): Attaching | KnownOutcome | Exclude<OutcomeResult, { kind: "attached" }> {
  const { state, journal } = ledger;
  const event = journal.find(eventId)?.entry ?? fromLog;
  if (event === null) return unknownEvent(ledger, eventId);
  const amendment = ledger.findAmendment(event.seq);
  const known = knownOutcome(event, amendment.outcome);
  if (known !== null) {
    const isSame = JSON.stringify(known.outcome) === JSON.stringify(outcome);
    return isSame
      ? { kind: "known", answer: { entry: referTo(known) } }
      : { kind: "outcome_exists", eventId };
  }
  const refusal = refuseOutcome(outcome, state.terms.currency);
  if (refusal !== null) return refusal;
  const attached: AttachedOutcome = { eventId, seq: event.seq, creditsMicros: event.creditsMicros };
  const booked = { ...state, usage: { ...state.usage, seq: state.usage.seq + 1 } };
  const entry = amendingEntry(ledger, state, event, day, {
    id: `out_${booked.usage.seq}`,
    items: [],
    creditsMicros: 0,
    overdraftMicros: 0,
    outcome,
    attached,
  });
  const { seq, period } = entry;
  return {
    kind: "attaching",
    answer: { entry: referTo(entry) },
    change: {
      state: booked,
      amendment: { eventSeq: event.seq, ...amendment, outcome: { outcome, seq, period } },
      entry,
    },
  };
}

function unknownEvent({ journal }: AmendingLedger, eventId: string): UnknownEvent {
  return { kind: "unknown_event", eventId, knownFromSeq: journal.firstSeq };
}

type OutcomeSource = Pick<UsageEntry, "seq" | "period"> & { readonly outcome: Outcome };

/** What came with the event, or was attached later. */
function knownOutcome(event: UsageEntry, attached: OutcomeSource | null): OutcomeSource | null {
  const { seq, period, outcome } = event;
  return outcome === undefined ? attached : { seq, period, outcome };
}

function referTo({ seq, period }: Pick<UsageEntry, "seq" | "period">): OutcomeAttached["entry"] {
  return { seq, period };
}

interface AmendingFields {
  readonly id: string;
  readonly items: readonly EntryItem[];
  readonly creditsMicros: number;
  readonly overdraftMicros: number;
  readonly outcome?: Outcome;
  readonly attached?: AttachedOutcome;
}

/** Attributed to whom the event was attributed to. */
function amendingEntry(
  ledger: AmendingLedger,
  state: AccountState,
  event: UsageEntry,
  day: string,
  { overdraftMicros, ...fields }: AmendingFields,
): UsageEntry {
  const { feature, rateVersion, teams, user, workflow, subject } = event;
  const attribution = Object.entries({ teams, user, workflow, subject }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    seq: state.usage.seq + 1,
    period: state.period.name,
    atMs: ledger.now(),
    day,
    feature,
    rateVersion,
    ...fields,
    ...(overdraftMicros === 0 ? {} : { overdraftMicros }),
    ...Object.fromEntries(attribution),
  };
}
