/** Calls about holds, from the ledger to the rules (rules, section 3.4). Reads, writes nothing. */
import { teamsOf } from "../../shared/credits/directory.ts";
import { contentOf, sameContent, type UsageEntry, type UsageEvent } from "../../shared/credits/entries.ts";
import { type Hold, OPEN_HOLDS_MAX, type OpenHold } from "../../shared/credits/hold.ts";
import { captureHold, type HoldDecision, openHold, withoutHold } from "../../shared/credits/holds.ts";
import type { AccountState } from "../../shared/credits/state.ts";
import {
  type AllowedUse,
  type CreditsTooLarge,
  type DeniedUse,
  decideUsage,
} from "../../shared/credits/usage.ts";
import type { Capture, HoldCall, HoldSettled, UnknownHold, UsageRefusal } from "../../shared/protocol.ts";
import { type DecidingLedger, type Priced, price, refuseEvent, refuseOutcome } from "./decide.ts";
import type { Found } from "./known.ts";

/** A hold that is known already: its row, and the entry that captured it. */
export interface KnownHold {
  readonly kind: "known";
  readonly hold: Hold;
  readonly entry: UsageEntry | null;
}

export type HoldOutcome =
  | (Extract<HoldDecision, { kind: "held" }> & { readonly row: Hold })
  | (DeniedUse & Priced)
  | KnownHold
  | { readonly kind: "replayed"; readonly entry: UsageEntry }
  | Exclude<UsageRefusal, { kind: "account_not_found" | "internal_error" }>;

/** Decides on a hold: an id that was held or booked with this content answers again (section 4). */
export function decideHold(ledger: DecidingLedger, call: HoldCall, nowMs: number): HoldOutcome {
  const { event, holdMs } = call;
  const { state, offer } = ledger;
  const found = ledger.journal.find(event.id);
  if (found !== null) {
    const { hold, entry } = found;
    if (hold === null && entry !== null && sameContent(entry, event)) return { kind: "replayed", entry };
    const isSame = hold !== null && contentOf(hold.event) === contentOf(event);
    return isSame ? { kind: "known", hold, entry } : { kind: "idempotency_conflict", id: event.id };
  }
  if (state.closedAtMs !== null) return { kind: "account_closed" };
  if (state.holds.size >= OPEN_HOLDS_MAX) return { kind: "too_many_holds", max: OPEN_HOLDS_MAX };
  const refusal = refuseEvent(event, state.terms.currency, nowMs);
  if (refusal !== null) return refusal;
  const priced = price(ledger, event.feature, event.items, nowMs);
  if ("kind" in priced) return priced;
  const opened: OpenHold = {
    event,
    teams: teamsOf(state.directory, event.user),
    items: priced.quote.items,
    heldMicros: priced.quote.creditsMicros,
    atMs: nowMs,
    rateVersion: priced.quote.rateVersion,
    expiresAtMs: nowMs + holdMs,
  };
  const decision = openHold(state, opened, offer.catalog, nowMs);
  switch (decision.kind) {
    case "held":
      return { ...decision, row: { ...opened, settlement: null } };
    case "denied":
      return { ...decision, ...priced };
    case "credits_too_large":
      return decision;
  }
}

export interface Captured extends Omit<AllowedUse, "kind">, Priced {
  readonly kind: "captured";
  readonly hold: Hold;
  /** The held one with what the capture says of it. */
  readonly event: UsageEvent;
  /** As they were counted. */
  readonly teams: readonly string[];
}

export type CaptureOutcome =
  | Captured
  | (DeniedUse & Priced)
  | { readonly kind: "replayed"; readonly hold: Hold; readonly entry: UsageEntry }
  | CreditsTooLarge
  | UnknownHold
  | HoldSettled
  | Exclude<UsageRefusal, { kind: "account_not_found" | "internal_error" }>;

/** The same settlement again answers again; another one is a conflict. */
export function decideCapture(
  ledger: DecidingLedger,
  holdId: string,
  capture: Capture,
  nowMs: number,
): CaptureOutcome {
  const { state, offer } = ledger;
  const found = ledger.journal.find(holdId);
  if (found === null || found.hold === null) return { kind: "unknown_hold", id: holdId };
  const { hold, entry } = found;
  const content = captureContent(capture, hold);
  if (entry !== null) {
    const isSame = hold.settlement?.kind === "captured" && hold.settlement.content === content;
    return isSame
      ? { kind: "replayed", hold, entry }
      : { kind: "hold_settled", id: holdId, settlement: "captured" };
  }
  if (hold.settlement !== null) return { kind: "hold_settled", id: holdId, settlement: hold.settlement.kind };
  if (state.closedAtMs !== null) return { kind: "account_closed" };

  const open = state.holds.get(holdId);
  const event = capturedEvent(hold.event, capture);
  const { currency } = state.terms;
  const refusal =
    open === undefined ? refuseEvent(event, currency, nowMs) : refuseOutcome(event.outcome, currency);
  if (refusal !== null) return refusal;
  const items = capture.items ?? hold.event.items;
  const priced =
    open === undefined
      ? price(ledger, event.feature, items, nowMs)
      : price(ledger, event.feature, items, hold.atMs, hold.rateVersion);
  if ("kind" in priced) return priced;
  const teams = open === undefined ? teamsOf(state.directory, event.user) : hold.teams;
  const decision =
    open === undefined
      ? decideLate(ledger, event, teams, priced, nowMs)
      : captureHold(state, open, priced.quote.creditsMicros, capture.overflow, offer.catalog, nowMs);
  switch (decision.kind) {
    case "allowed": {
      const settlement = { kind: "captured", content, atMs: nowMs } as const;
      return { ...decision, ...priced, kind: "captured", hold: { ...hold, settlement }, event, teams };
    }
    case "denied":
      return { ...decision, ...priced };
    case "credits_too_large":
      return decision;
  }
}

function capturedEvent(event: UsageEvent, { outcome, properties }: Capture): UsageEvent {
  return {
    ...event,
    ...(outcome === undefined ? {} : { outcome }),
    ...(properties === undefined ? {} : { properties }),
  };
}

/** After its expiry a hold is decided as a new event under its id. */
function decideLate(
  { state, offer }: DecidingLedger,
  { feature, user, workflow }: UsageEvent,
  teams: readonly string[],
  { quote }: Priced,
  nowMs: number,
) {
  const use = { feature, user, workflow, teams, creditsMicros: quote.creditsMicros };
  return decideUsage(state, "consume", use, offer.catalog, nowMs);
}

/** What was held is the content of a capture that names no items. */
function captureContent({ items, overflow, outcome, properties }: Capture, { event }: Hold): string {
  const given = { feature: event.feature, items: items ?? event.items, outcome, properties };
  return `${overflow} ${contentOf(given)}`;
}

export type ReleaseOutcome =
  | { readonly kind: "released"; readonly hold: Hold; readonly state: AccountState }
  | KnownHold
  | UnknownHold
  | HoldSettled;

/** Gives a hold back. Released already, or expired: the same answer; captured: a conflict. */
export function decideRelease(
  { state }: Pick<DecidingLedger, "state">,
  holdId: string,
  found: Found | null,
  nowMs: number,
): ReleaseOutcome {
  if (found === null || found.hold === null) return { kind: "unknown_hold", id: holdId };
  const { hold, entry } = found;
  if (entry !== null) return { kind: "hold_settled", id: holdId, settlement: "captured" };
  // Closing the account released what was open.
  if (hold.settlement !== null || state.closedAtMs !== null) return { kind: "known", hold, entry };
  const open = state.holds.get(holdId);
  const settlement = { kind: "released", atMs: nowMs } as const;
  const after = open === undefined ? state : withoutHold(state, open);
  return { kind: "released", hold: { ...hold, settlement }, state: after };
}
