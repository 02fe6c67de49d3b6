/** One call about usage, from the ledger to the rules: replay, price, decision. Reads, writes nothing. */
import { type AccountRates, accountRatesAt } from "../../shared/credits/account-rates.ts";
import type { Offer } from "../../shared/credits/catalog.ts";
import { teamsOf } from "../../shared/credits/directory.ts";
import {
  contentOf,
  type OccurredRefusal,
  type Outcome,
  pricedAtMs,
  refuseOccurredAt,
  sameContent,
  type UsageEntry,
  type UsageEvent,
} from "../../shared/credits/entries.ts";
import type { Hold } from "../../shared/credits/hold.ts";
import {
  type PricingRefusal,
  type Quote,
  quote,
  rateSheetAt,
  type UsageItem,
} from "../../shared/credits/rates.ts";
import type { AccountState } from "../../shared/credits/state.ts";
import {
  type AllowedUse,
  type CreditsTooLarge,
  type DeniedUse,
  decideUsage,
  type UsageMode,
} from "../../shared/credits/usage.ts";
import type { AccountClosed, CurrencyDiffers, UsageCall } from "../../shared/protocol.ts";
import type { Found } from "./known.ts";

/** What an event costs, and by which rates. */
export interface Priced {
  readonly quote: Quote;
  readonly accountRatesVersion: number | null;
}

export type Decided =
  | (Omit<AllowedUse, "kind"> &
      Priced & {
        readonly kind: "booked";
        readonly mode: UsageMode;
        readonly teams: readonly string[];
        /** The event takes the id of a hold that has expired, and its row. */
        readonly expiredHold: Hold | undefined;
      })
  | (DeniedUse & Priced)
  | ({ readonly kind: "quoted"; readonly upgrade: AllowedUse["upgrade"] } & Priced)
  | { readonly kind: "replayed"; readonly entry: UsageEntry }
  | { readonly kind: "idempotency_conflict" }
  | AccountClosed
  | CreditsTooLarge
  | EventRefusal
  | PricingRefusal;

export type EventRefusal = OccurredRefusal | CurrencyDiffers;

/** What is wrong with an event before it is priced: when it occurred (3.7), or what its outcome is worth in (10.5). */
export function refuseEvent(event: UsageEvent, currency: string, nowMs: number): EventRefusal | null {
  return refuseOutcome(event.outcome, currency) ?? refuseOccurredAt(event.occurredAtMs, nowMs);
}

/** An outcome is worth an amount in the account's currency; null where it is, or is worth none. */
export function refuseOutcome(outcome: Outcome | undefined, currency: string): CurrencyDiffers | null {
  const value = outcome?.value;
  return value === undefined || value.currency === currency ? null : { kind: "currency_differs", currency };
}

export interface DecidingLedger {
  readonly state: AccountState;
  readonly offer: Offer;
  readonly journal: { find(id: string): Found | null };
}

/** Decides a call (rules, sections 3 and 4): an id that was booked answers again or is refused, before all else. */
export function decideCall(ledger: DecidingLedger, call: UsageCall, nowMs: number): Decided {
  const { event } = call;
  const { state, offer } = ledger;
  const found = ledger.journal.find(event.id);
  const known = knownDecision(found, event, state, nowMs);
  if (known !== null) return known;
  const refusal = refuseEvent(event, state.terms.currency, nowMs);
  if (refusal !== null) return refusal;

  const mode = call.mode === "check" ? "consume" : call.mode;
  if (state.closedAtMs !== null && mode === "record") return { kind: "account_closed" };
  const priced = price(ledger, event.feature, event.items, pricedAtMs(event, mode, nowMs));
  if ("kind" in priced) return priced;

  const teams = teamsOf(state.directory, event.user);
  const { feature, user, workflow } = event;
  const use = { feature, user, workflow, teams, creditsMicros: priced.quote.creditsMicros };
  const decision = decideUsage(state, mode, use, offer.catalog, nowMs);
  switch (decision.kind) {
    case "credits_too_large":
      return decision;
    case "denied":
      return { ...decision, ...priced };
    case "allowed":
      if (call.mode === "check") return { kind: "quoted", upgrade: decision.upgrade, ...priced };
      return { ...decision, ...priced, kind: "booked", mode, teams, expiredHold: found?.hold ?? undefined };
  }
}

/** What an id that was used before answers; null where it is free: an expired hold leaves it to the same content. */
function knownDecision(
  found: Found | null,
  event: UsageEvent,
  { closedAtMs }: AccountState,
  nowMs: number,
): Decided | null {
  if (found === null) return null;
  const { entry, hold } = found;
  const isSame =
    hold === null ? entry !== null && sameContent(entry, event) : contentOf(hold.event) === contentOf(event);
  if (!isSame) return { kind: "idempotency_conflict" };
  if (entry !== null) return { kind: "replayed", entry };
  // Closing the account released what was open then.
  const endMs = Math.min(nowMs, closedAtMs ?? nowMs);
  const hasExpired = hold !== null && hold.settlement === null && hold.expiresAtMs <= endMs;
  return hasExpired ? null : { kind: "idempotency_conflict" };
}

/**
 * Prices items as of an instant: the sheet in force then, under the account's own rates (8.1, 8.5). A version that was
 * decided with before stays the one, also where another one of that time has become known since.
 */
export function price(
  { state, offer }: Pick<DecidingLedger, "state" | "offer">,
  feature: string,
  items: readonly UsageItem[],
  atMs: number,
  decidedVersion: number | null = null,
): Priced | PricingRefusal {
  const decided = offer.rateSheets.find((candidate) => candidate.version === decidedVersion);
  const sheet = decided ?? rateSheetAt(offer.rateSheets, atMs);
  if (sheet === null) return { kind: "no_rate_sheet", atMs };
  const own: AccountRates | null = accountRatesAt(state.directory.rates, atMs);
  const priced = quote(sheet, feature, items, own?.rates);
  return "kind" in priced ? priced : { quote: priced, accountRatesVersion: own?.version ?? null };
}
