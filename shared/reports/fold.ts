/**
 * Entries that D1 does not hold yet, rolled up as the trigger `segments_roll_up` (migrations) rolls up a segment: the
 * same groups with the same sums, so that a report may add the two.
 */
import type { UsageEntry } from "../credits/entries.ts";

/**
 * 'action' goes item by item, the whole ones take an entry under each of its keys; 'no_items' only marks days with
 * entries that count nothing: corrections of closed periods and outcomes that were attached later.
 */
export type RollupDimension = "action" | WholeDimension | "no_items";
export const WHOLE_DIMENSIONS = ["user", "team", "workflow", "outcome"] as const;
export type WholeDimension = (typeof WHOLE_DIMENSIONS)[number];

/** Sums over entries; bigints, because totals over many periods leave the safe integers. */
export interface UsageSums {
  /** Uses, each counted once per dimension and key: in 'action' with that of its first item; in 'outcome' outcomes. */
  readonly events: number;
  /** Items of uses; where entries are taken as a whole the same as events. */
  readonly uses: number;
  /** In 'action' of the items, in 'outcome' of the outcomes, else 0. */
  readonly quantityMicros: bigint;
  readonly creditsMicros: bigint;
  /** Only in 'outcome', else 0. */
  readonly valueMinor: bigint;
}

/** One row of the roll-ups. */
export interface Rollup extends UsageSums {
  readonly dimension: RollupDimension;
  readonly day: string;
  /** In 'action' and 'outcome', else empty. */
  readonly feature: string;
  /** The action, user, team or workflow; of an outcome `outcomeKey`. */
  readonly key: string;
  readonly period: string;
}

type RollupKey = Pick<Rollup, "dimension" | "day" | "feature" | "key" | "period">;

export const NO_USAGE: UsageSums = {
  events: 0,
  uses: 0,
  quantityMicros: 0n,
  creditsMicros: 0n,
  valueMinor: 0n,
};

interface WholeRollup extends Partial<UsageSums> {
  readonly key: string;
  readonly feature?: string;
}

/** Under which keys a dimension adds an entry, and what is not the same in all of them. */
const WHOLE_ENTRY: Readonly<Record<WholeDimension, (entry: UsageEntry) => readonly WholeRollup[]>> = {
  user: (entry) => (entry.user === undefined || isAttached(entry) ? [] : [{ key: entry.user }]),
  team: (entry) => (isAttached(entry) ? [] : (entry.teams ?? []).map((key) => ({ key }))),
  workflow: (entry) => (entry.workflow === undefined || isAttached(entry) ? [] : [{ key: entry.workflow }]),
  outcome: ({ outcome, attached, feature, creditsMicros }) =>
    outcome === undefined
      ? []
      : [
          {
            key: outcomeKey(outcome.type, outcome.unit ?? null),
            feature,
            events: 1,
            uses: 1,
            quantityMicros: BigInt(outcome.quantityMicros ?? 0),
            creditsMicros: BigInt(attached?.creditsMicros ?? creditsMicros),
            valueMinor: BigInt(outcome.value?.amountMinor ?? 0),
          },
        ],
};

/** An outcome that came later has its event's user and so on, whom the event was counted for. */
function isAttached({ attached }: UsageEntry): boolean {
  return attached !== undefined;
}

/** An outcome's type, with its unit where it has a quantity: quantities of different units do not add up. */
export function outcomeKey(type: string, unit: string | null): string {
  return JSON.stringify([type, unit ?? ""]);
}

/** What the trigger would have added for these entries, in no particular order. */
export function foldEntries(entries: readonly UsageEntry[]): readonly Rollup[] {
  const rollups = new Map<string, Rollup>();
  const add = (key: RollupKey, sums: UsageSums) => {
    const name = JSON.stringify([key.dimension, key.day, key.feature, key.key, key.period]);
    rollups.set(name, { ...key, ...addSums(rollups.get(name) ?? NO_USAGE, sums) });
  };
  for (const entry of entries) {
    const { day, feature, period } = entry;
    // A correction takes credits off uses that were counted.
    const counted = entry.correction === undefined ? 1 : 0;
    for (const [index, [action, quantityMicros, creditsMicros]] of entry.items.entries()) {
      add(
        { dimension: "action", day, feature, key: action, period },
        {
          events: index === 0 ? counted : 0,
          uses: counted,
          quantityMicros: BigInt(quantityMicros),
          creditsMicros: BigInt(creditsMicros),
          valueMinor: 0n,
        },
      );
    }
    const whole = { ...NO_USAGE, events: counted, uses: counted, creditsMicros: BigInt(entry.creditsMicros) };
    for (const dimension of WHOLE_DIMENSIONS) {
      for (const { key, feature: ofKey = "", ...more } of WHOLE_ENTRY[dimension](entry)) {
        add({ dimension, day, feature: ofKey, key, period }, { ...whole, ...more });
      }
    }
    if (entry.items.length === 0) add({ dimension: "no_items", day, feature: "", key: "", period }, NO_USAGE);
  }
  return [...rollups.values()];
}

export function addSums(a: UsageSums, b: UsageSums): UsageSums {
  return {
    events: a.events + b.events,
    uses: a.uses + b.uses,
    quantityMicros: a.quantityMicros + b.quantityMicros,
    creditsMicros: a.creditsMicros + b.creditsMicros,
    valueMinor: a.valueMinor + b.valueMinor,
  };
}

/** `a` without `b`. */
export function lessSums(a: UsageSums, b: UsageSums): UsageSums {
  return {
    events: a.events - b.events,
    uses: a.uses - b.uses,
    quantityMicros: a.quantityMicros - b.quantityMicros,
    creditsMicros: a.creditsMicros - b.creditsMicros,
    valueMinor: a.valueMinor - b.valueMinor,
  };
}

/** A run of sequence numbers, both ends included. */
export interface SeqSpan {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** The entries of the tail that D1 lacks, given the segments that it holds beyond what is acknowledged. */
export function withoutHeld(tail: readonly UsageEntry[], held: readonly SeqSpan[]): readonly UsageEntry[] {
  if (held.length === 0) return tail;
  return tail.filter(({ seq }) => !held.some((span) => span.firstSeq <= seq && seq <= span.lastSeq));
}
