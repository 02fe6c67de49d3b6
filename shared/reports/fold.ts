/**
 * Entries that D1 does not hold yet, rolled up as the trigger `segments_roll_up` (migrations/0001_initial.sql) rolls
 * up a segment: the same groups with the same sums, so that a report may add the two.
 */
import type { UsageEntry } from "../credits/entries.ts";

export type RollupDimension = "action" | "user" | "workflow";

/** Sums over entries; bigints, because totals over many periods leave the safe integers. */
export interface UsageSums {
  /** Entries, each counted once per dimension: in 'action' with the action of its first item. */
  readonly events: number;
  /** Items; in 'user' and 'workflow' the same as events. */
  readonly uses: number;
  /** Only in 'action', else 0. */
  readonly quantityMicros: bigint;
  readonly creditsMicros: bigint;
}

/** One row of the roll-ups. */
export interface Rollup extends UsageSums {
  readonly dimension: RollupDimension;
  readonly day: string;
  /** Empty for 'user' and 'workflow'. */
  readonly feature: string;
  /** The action, user or workflow. */
  readonly key: string;
  readonly period: string;
}

type RollupKey = Pick<Rollup, "dimension" | "day" | "feature" | "key" | "period">;

/** What the trigger would have added for these entries, in no particular order. */
export function foldEntries(entries: readonly UsageEntry[]): readonly Rollup[] {
  const rollups = new Map<string, Rollup>();
  const add = (key: RollupKey, sums: UsageSums) => {
    const name = JSON.stringify([key.dimension, key.day, key.feature, key.key, key.period]);
    rollups.set(name, { ...key, ...addSums(rollups.get(name) ?? NO_USAGE, sums) });
  };
  for (const entry of entries) {
    const { day, feature, period } = entry;
    for (const [index, [action, quantityMicros, creditsMicros]] of entry.items.entries()) {
      add(
        { dimension: "action", day, feature, key: action, period },
        {
          events: index === 0 ? 1 : 0,
          uses: 1,
          quantityMicros: BigInt(quantityMicros),
          creditsMicros: BigInt(creditsMicros),
        },
      );
    }
    const whole = { events: 1, uses: 1, quantityMicros: 0n, creditsMicros: BigInt(entry.creditsMicros) };
    if (entry.user !== undefined) {
      add({ dimension: "user", day, feature: "", key: entry.user, period }, whole);
    }
    if (entry.workflow !== undefined) {
      add({ dimension: "workflow", day, feature: "", key: entry.workflow, period }, whole);
    }
  }
  return [...rollups.values()];
}

export const NO_USAGE: UsageSums = { events: 0, uses: 0, quantityMicros: 0n, creditsMicros: 0n };

export function addSums(a: UsageSums, b: UsageSums): UsageSums {
  return {
    events: a.events + b.events,
    uses: a.uses + b.uses,
    quantityMicros: a.quantityMicros + b.quantityMicros,
    creditsMicros: a.creditsMicros + b.creditsMicros,
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
