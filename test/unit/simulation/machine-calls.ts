/** Calls about usage on the account in memory: what they answer, and what they commit. */
import type { Step } from "../../../shared/credits/effects.ts";
import {
  type Booking,
  makeEntry,
  type UsageEntry,
  type UsageEvent,
} from "../../../shared/credits/entries.ts";
import type { Hold } from "../../../shared/credits/hold.ts";
import type { Capture, HoldCall, UsageCall } from "../../../shared/protocol.ts";
import { attach, correct } from "../../../workers/account/amend.ts";
import { decideCall, type Priced } from "../../../workers/account/decide.ts";
import { decideCapture, decideHold, decideRelease } from "../../../workers/account/hold-calls.ts";
import { dayAt } from "../calendar.ts";
import { amendingLedger, commit, decidingLedger, effectsOf, type Machine } from "./machine.ts";

function entryOf(
  { state: before, nowMs }: Machine,
  event: UsageEvent,
  { state, quote, accountRatesVersion }: Priced & Pick<Step, "state">,
  how: Pick<Booking, "mode" | "overdraftMicros" | "wouldDeny" | "upgrade" | "teams" | "hold">,
): UsageEntry {
  const { period, terms } = before;
  return makeEntry(event, {
    seq: state.usage.seq,
    period: period.name,
    periodStartMs: period.startMs,
    nowMs,
    day: dayAt(event.occurredAtMs ?? nowMs, terms.timeZone),
    quote,
    accountRatesVersion,
    ...how,
  });
}

export type UseResult =
  | { readonly kind: "entry"; readonly replayed: boolean; readonly entry: UsageEntry }
  | {
      readonly kind: "quoted";
      readonly upgrade: UsageEntry["upgrade"] | null;
      readonly creditsMicros: number;
    }
  | { readonly kind: "held"; readonly replayed: boolean; readonly hold: Hold }
  | { readonly kind: "denied"; readonly reason: string; readonly budget: string | null }
  | { readonly kind: "refused"; readonly why: string };

export function use(machine: Machine, call: UsageCall): UseResult {
  const decided = decideCall(decidingLedger(machine), call, machine.nowMs);
  switch (decided.kind) {
    case "booked": {
      const entry = entryOf(machine, call.event, decided, { ...decided, hold: null });
      commit(machine, { ...effectsOf(decided), entry, hold: decided.expiredHold });
      return { kind: "entry", replayed: false, entry };
    }
    case "denied":
      if (call.mode !== "check") commit(machine, effectsOf(decided));
      return decided;
    case "quoted":
      return { kind: "quoted", upgrade: decided.upgrade, creditsMicros: decided.quote.creditsMicros };
    case "replayed":
      return { kind: "entry", replayed: true, entry: decided.entry };
    default:
      return { kind: "refused", why: decided.kind };
  }
}

export function hold(machine: Machine, call: HoldCall): UseResult {
  const decided = decideHold(decidingLedger(machine), call, machine.nowMs);
  switch (decided.kind) {
    case "held":
      commit(machine, { ...effectsOf(decided), hold: decided.row });
      return { kind: "held", replayed: false, hold: decided.row };
    case "known":
      return { kind: "held", replayed: true, hold: decided.hold };
    case "replayed":
      return { kind: "entry", replayed: true, entry: decided.entry };
    case "denied":
      commit(machine, effectsOf(decided));
      return decided;
    default:
      return { kind: "refused", why: decided.kind };
  }
}

export function capture(machine: Machine, holdId: string, call: Capture): UseResult {
  const decided = decideCapture(decidingLedger(machine), holdId, call, machine.nowMs);
  switch (decided.kind) {
    case "captured": {
      const { heldMicros, atMs } = decided.hold;
      const how = { ...decided, mode: "consume" as const, hold: { heldMicros, atMs } };
      const entry = entryOf(machine, decided.event, decided, how);
      commit(machine, { ...effectsOf(decided), entry, hold: decided.hold });
      return { kind: "entry", replayed: false, entry };
    }
    case "replayed":
      return { kind: "entry", replayed: true, entry: decided.entry };
    case "denied":
      commit(machine, effectsOf(decided));
      return decided;
    default:
      return { kind: "refused", why: decided.kind };
  }
}

export function release(machine: Machine, holdId: string) {
  const found = machine.found.get(holdId) ?? null;
  const decided = decideRelease(machine, holdId, found, machine.nowMs);
  switch (decided.kind) {
    case "released":
      commit(machine, { state: decided.state, hold: decided.hold });
      return { kind: "released" as const, replayed: false };
    case "known":
      return { kind: "released" as const, replayed: true };
    default:
      return { kind: "refused" as const, why: decided.kind };
  }
}

export function correctEvent(machine: Machine, eventId: string, creditsMicros: number | null) {
  const call = { eventId, creditsMicros, reason: "wrong", entry: null };
  const corrected = correct(amendingLedger(machine), call, "tester", dayOfNow(machine));
  if (corrected.kind !== "correcting") return { kind: "refused" as const, why: corrected.kind };
  commit(machine, corrected.change);
  return { kind: "corrected" as const, ...corrected.answer };
}

export function attachOutcome(machine: Machine, eventId: string, type: string) {
  const call = { eventId, outcome: { type }, entry: null };
  const attached = attach(amendingLedger(machine), call, dayOfNow(machine));
  switch (attached.kind) {
    case "attaching":
      commit(machine, attached.change);
      return { kind: "attached" as const, replayed: false };
    case "known":
      return { kind: "attached" as const, replayed: true };
    default:
      return { kind: "refused" as const, why: attached.kind };
  }
}

function dayOfNow({ nowMs, state }: Machine): string {
  return dayAt(nowMs, state.terms.timeZone);
}
