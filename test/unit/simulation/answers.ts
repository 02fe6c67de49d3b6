/** What core and model answer, in one form; times, ids and texts that only one of them has are left out. */
import type { UsageEntry } from "../../../shared/credits/entries.ts";
import type { Upgrade } from "../../../shared/credits/upgrade.ts";
import type { Booked, Denied, Held, Upgrade as ModelUpgrade, Refused } from "../model/answers.ts";
import type { UseResult } from "./machine-calls.ts";

export type Answer = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** The model's words for why the core refuses. */
const WHY: Readonly<Record<string, string>> = {
  hold_settled: "idempotency_conflict",
  unknown_holding: "unknown_purchase",
  pack_not_cancellable: "not_of_open_period",
  quantity_too_large: "more_than_there_are",
  not_renewable: "pack_ends",
  renewal_too_large: "not_smaller",
  occurred_too_early: "occurred_at_too_old",
  occurred_in_future: "occurred_at_in_future",
  correction_too_large: "exceeds_entry",
};

type CoreResult =
  | UseResult
  | { readonly kind: "released" | "attached"; readonly replayed: boolean }
  | {
      readonly kind: "corrected";
      readonly entry: UsageEntry;
      readonly owed: { readonly amountMinor: number } | null;
    }
  | { readonly kind: "changed" };

export function coreAnswer(result: CoreResult): Answer {
  switch (result.kind) {
    case "entry":
      return { kind: "booked", replayed: result.replayed, ...entryAnswer(result.entry) };
    case "quoted":
      return { kind: "allowed", upgrade: upgradeAnswer(result.upgrade ?? null) };
    case "held": {
      const { hold, replayed } = result;
      return { kind: "held", replayed, credits: BigInt(hold.heldMicros), expiresAtMs: hold.expiresAtMs };
    }
    case "denied":
      return { kind: "denied", reason: result.reason, budget: result.budget };
    case "refused":
      return { kind: "refused", why: WHY[result.why] ?? result.why };
    case "released":
    case "attached":
      return { kind: result.kind, replayed: result.replayed };
    case "corrected": {
      const { entry, owed } = result;
      const { correction } = entry;
      return {
        kind: "corrected",
        seq: entry.seq,
        period: correction?.period,
        credits: BigInt(correction?.creditsMicros ?? 0),
        overdraft: BigInt(correction?.overdraftMicros ?? 0),
        creditMinor: BigInt(owed?.amountMinor ?? 0),
      };
    }
    case "changed":
      return { kind: "changed" };
  }
}

function entryAnswer(entry: UsageEntry) {
  return {
    seq: entry.seq,
    period: entry.period,
    credits: BigInt(entry.creditsMicros),
    overdraft: BigInt(entry.overdraftMicros ?? 0),
    wouldDeny: entry.wouldDeny ?? null,
    upgrade: upgradeAnswer(entry.upgrade ?? null),
    late: entry.late ?? false,
  };
}

function upgradeAnswer(upgrade: Upgrade | null): ModelUpgrade | null {
  if (upgrade === null) return null;
  const { pack, packs, price } = upgrade;
  return { pack, packs: BigInt(packs), priceMinor: BigInt(price.amountMinor) };
}

type ModelResult =
  | Booked
  | Denied
  | Held
  | Refused
  | { readonly kind: "allowed"; readonly upgrade: ModelUpgrade | null }
  | { readonly kind: "released" | "attached"; readonly replayed: boolean }
  | {
      readonly kind: "corrected";
      readonly seq: number;
      readonly period: string;
      readonly credits: bigint;
      readonly overdraft: bigint;
      readonly creditMinor: bigint;
    }
  | { readonly kind: "changed" | "bought" | "cancelled" | "granted" | "converted" | "closed" };

export function modelAnswer(answer: ModelResult): Answer {
  switch (answer.kind) {
    case "booked": {
      const { wouldDeny, ...own } = answer;
      return { ...own, wouldDeny: wouldDeny?.reason ?? null };
    }
    case "corrected": {
      const { kind, seq, period, credits, overdraft, creditMinor } = answer;
      return { kind, seq, period, credits, overdraft, creditMinor };
    }
    case "changed":
    case "bought":
    case "cancelled":
    case "granted":
    case "converted":
    case "closed":
      return { kind: "changed" };
    case "refused": {
      const why = answer.why === "nothing_to_correct" ? "exceeds_entry" : answer.why;
      return { kind: "refused", why: why === "period_closed" ? "unknown_period" : why };
    }
    default:
      return { ...answer };
  }
}
