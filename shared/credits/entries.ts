/**
 * Events as callers name them and entries as they are booked (rules, sections 3 and 4). An entry is an immutable
 * fact; it holds the whole content of its event, so that a replay can be told from a conflict.
 */
import type { Money } from "./money.ts";
import type { PricedItem, Quote, UsageItem } from "./rates.ts";
import type { Upgrade } from "./upgrade.ts";
import type { DenialReason, UsageMode } from "./usage.ts";

/** `occurredAt` may be this far in the past and in the future of the decision (3.7). */
export const OCCURRED_PAST_MAX_MS = 35 * 24 * 60 * 60 * 1000;
export const OCCURRED_FUTURE_MAX_MS = 5 * 60 * 1000;

/** What came of a use: a value in money, or a quantity with its unit (10.5). */
export interface Outcome {
  readonly type: string;
  readonly value?: Money | undefined;
  readonly quantityMicros?: number | undefined;
  readonly unit?: string | undefined;
}

export type Properties = Readonly<Record<string, string | number | boolean>>;

/** Who and what, besides the price; the same in event and entry. */
export interface Attribution {
  readonly user?: string | undefined;
  readonly workflow?: string | undefined;
  readonly subject?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly properties?: Properties | undefined;
  /** As the caller gave it; absent: when it was booked. */
  readonly occurredAtMs?: number | undefined;
}

/** One use as the caller sent it, validated; the account is known from the call. */
export interface UsageEvent extends Attribution {
  readonly id: string;
  readonly feature: string;
  readonly items: readonly UsageItem[];
}

/** Action, quantity and credits, both in micros. */
export type EntryItem = readonly [action: string, quantityMicros: number, creditsMicros: number];

/** What an entry reverses of another one, which never changes (3.8). */
export interface Correction {
  readonly eventId: string;
  readonly seq: number;
  /** Name and start of the period in which the event counts. */
  readonly period: string;
  readonly periodStartMs: number;
  /** Credits reversed, above 0. */
  readonly creditsMicros: number;
  /** Part of them that was overdraft: it comes back first. */
  readonly overdraftMicros: number;
  readonly reason: string;
}

/** An outcome that was attached to an event after it was booked (10.5). */
export interface AttachedOutcome {
  readonly eventId: string;
  readonly seq: number;
  /** What the event cost. */
  readonly creditsMicros: number;
}

export interface UsageEntry extends Attribution {
  readonly seq: number;
  /** Of a use: the caller's; of the others: made from the sequence number. */
  readonly id: string;
  /** Name of the period in which it counts. */
  readonly period: string;
  /** Absent: consume. */
  readonly mode?: "record" | undefined;
  /** When it was decided and booked. */
  readonly atMs: number;
  /** Local day of the account on which it occurred, YYYY-MM-DD. */
  readonly day: string;
  readonly feature: string;
  /** Of a correction: negative; empty where it counts nothing here. */
  readonly items: readonly EntryItem[];
  /** What it counts in its period: negative for a correction, 0 for one of a closed period and for an outcome. */
  readonly creditsMicros: number;
  readonly rateVersion: number;
  /** Version of the account's own rates that priced it, where one was in force (8.5). */
  readonly accountRatesVersion?: number | undefined;
  /** Of its user when it was booked (9.3); absent: none. */
  readonly teams?: readonly string[] | undefined;
  /** It was captured: what the hold had reserved, and when it was opened (3.4). */
  readonly hold?: EntryHold | undefined;
  readonly correction?: Correction | undefined;
  readonly attached?: AttachedOutcome | undefined;
  /** Absent: 0. */
  readonly overdraftMicros?: number | undefined;
  readonly wouldDeny?: DenialReason | undefined;
  /** Packs that this use added (5.4): part of the decision that a replay returns. */
  readonly upgrade?: Upgrade | undefined;
  /** It occurred in a period that was closed when it was booked (3.7). */
  readonly late?: true | undefined;
}

export interface EntryHold {
  readonly heldMicros: number;
  readonly atMs: number;
}

/** What a decision adds to an event to make its entry. */
export interface Booking {
  readonly seq: number;
  readonly period: string;
  readonly periodStartMs: number;
  readonly mode: UsageMode;
  readonly nowMs: number;
  readonly day: string;
  readonly quote: Quote;
  readonly accountRatesVersion: number | null;
  readonly teams: readonly string[];
  readonly hold: EntryHold | null;
  readonly overdraftMicros: number;
  readonly wouldDeny: DenialReason | null;
  readonly upgrade: Upgrade | null;
}

/** Absent fields are left out, so that an entry stays small. */
export function makeEntry(event: UsageEvent, booking: Booking): UsageEntry {
  const { id, feature, items: _, ...attribution } = event;
  const late = (event.occurredAtMs ?? booking.nowMs) < booking.periodStartMs;
  return {
    seq: booking.seq,
    id,
    period: booking.period,
    ...(booking.mode === "record" ? { mode: "record" as const } : {}),
    atMs: booking.nowMs,
    day: booking.day,
    feature,
    items: booking.quote.items.map(toEntryItem),
    creditsMicros: booking.quote.creditsMicros,
    rateVersion: booking.quote.rateVersion,
    ...(booking.accountRatesVersion === null ? {} : { accountRatesVersion: booking.accountRatesVersion }),
    ...(booking.teams.length === 0 ? {} : { teams: booking.teams }),
    ...(booking.hold === null ? {} : { hold: booking.hold }),
    ...(booking.overdraftMicros > 0 ? { overdraftMicros: booking.overdraftMicros } : {}),
    ...(booking.wouldDeny === null ? {} : { wouldDeny: booking.wouldDeny }),
    ...(booking.upgrade === null ? {} : { upgrade: booking.upgrade }),
    ...(late ? { late: true as const } : {}),
    ...attribution,
  };
}

function toEntryItem(item: PricedItem): EntryItem {
  return [item.action, item.quantityMicros, item.creditsMicros];
}

/** True where an event sent again has the content of its entry, mode and endpoint apart (section 4). */
export function sameContent(entry: UsageEntry, event: UsageEvent): boolean {
  const items = entry.items.map(([action, quantityMicros]) => ({ action, quantityMicros }));
  return contentOf({ ...entry, items }) === contentOf(event);
}

/** The validated content of an event as one string: the same for the same content. */
export function contentOf(content: Omit<UsageEvent, "id">): string {
  const { feature, items, user, workflow, subject, outcome, properties, occurredAtMs } = content;
  return JSON.stringify([
    feature,
    items.map((item) => [item.action, item.quantityMicros]),
    user ?? null,
    workflow ?? null,
    subject ?? null,
    occurredAtMs ?? null,
    outcome === undefined
      ? null
      : [
          outcome.type,
          outcome.value?.amountMinor ?? null,
          outcome.value?.currency ?? null,
          outcome.quantityMicros ?? null,
          outcome.unit ?? null,
        ],
    Object.entries(properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

export type OccurredRefusal =
  | { readonly kind: "occurred_too_early"; readonly earliestMs: number }
  | { readonly kind: "occurred_in_future"; readonly latestMs: number };

/** Checks when an event says it occurred (3.7); null where that is acceptable. */
export function refuseOccurredAt(occurredAtMs: number | undefined, nowMs: number): OccurredRefusal | null {
  if (occurredAtMs === undefined) return null;
  if (occurredAtMs < nowMs - OCCURRED_PAST_MAX_MS) {
    return { kind: "occurred_too_early", earliestMs: nowMs - OCCURRED_PAST_MAX_MS };
  }
  if (occurredAtMs > nowMs + OCCURRED_FUTURE_MAX_MS) {
    return { kind: "occurred_in_future", latestMs: nowMs + OCCURRED_FUTURE_MAX_MS };
  }
  return null;
}

/** Prices are those in force at the decision, for a record those at the time it occurred (3.7). */
export function pricedAtMs(event: UsageEvent, mode: UsageMode, nowMs: number): number {
  return mode === "record" ? Math.min(event.occurredAtMs ?? nowMs, nowMs) : nowMs;
}
