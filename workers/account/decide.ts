/** One call about usage, from the ledger to the rules: replay, price, decision. Reads, writes nothing. */
import type { Offer } from "../../shared/credits/catalog.ts";
import {
  type OccurredRefusal,
  pricedAtMs,
  refuseOccurredAt,
  sameContent,
  type UsageEntry,
} from "../../shared/credits/entries.ts";
import { type PricingRefusal, type Quote, quote, rateSheetAt } from "../../shared/credits/rates.ts";
import type { AccountState } from "../../shared/credits/state.ts";
import { decideUsage, type UsageDecision, type UsageMode } from "../../shared/credits/usage.ts";
import type { UsageCall } from "../../shared/protocol.ts";

type Permitted = Extract<UsageDecision, { kind: "allowed" }>;

export type Decided =
  | (Omit<Permitted, "kind"> & { readonly kind: "booked"; readonly quote: Quote; readonly mode: UsageMode })
  | (Extract<UsageDecision, { kind: "denied" }> & { readonly quote: Quote })
  | { readonly kind: "quoted"; readonly quote: Quote; readonly upgrade: Permitted["upgrade"] }
  | { readonly kind: "replayed"; readonly entry: UsageEntry }
  | { readonly kind: "idempotency_conflict" }
  | OccurredRefusal
  | PricingRefusal;

interface DecidingLedger {
  readonly state: AccountState;
  readonly offer: Offer;
  readonly journal: { find(id: string): UsageEntry | null };
}

/** Decides a call (rules, sections 3 and 4): an id that was booked answers again or is refused, before all else. */
export function decideCall(ledger: DecidingLedger, call: UsageCall, nowMs: number): Decided {
  const { event } = call;
  const known = ledger.journal.find(event.id);
  if (known !== null) {
    return sameContent(known, event) ? { kind: "replayed", entry: known } : { kind: "idempotency_conflict" };
  }
  const refusal = refuseOccurredAt(event.occurredAtMs, nowMs);
  if (refusal !== null) return refusal;

  const mode = call.mode === "check" ? "consume" : call.mode;
  const atMs = pricedAtMs(event, mode, nowMs);
  const sheet = rateSheetAt(ledger.offer.rateSheets, atMs);
  if (sheet === null) return { kind: "no_rate_sheet", atMs };
  const priced = quote(sheet, event.feature, event.items);
  if ("kind" in priced) return priced;

  const decision = decideUsage(ledger.state, mode, priced.creditsMicros, ledger.offer.catalog, nowMs);
  switch (decision.kind) {
    case "credits_too_large":
      return decision;
    case "denied":
      return { ...decision, quote: priced };
    case "allowed":
      if (call.mode === "check") return { kind: "quoted", quote: priced, upgrade: decision.upgrade };
      return { ...decision, kind: "booked", quote: priced, mode };
  }
}
