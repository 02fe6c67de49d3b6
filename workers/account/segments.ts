/** Where the journal is cut into segments for D1; pure. */
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { toSegmentEntry } from "../../shared/queues.ts";

export const SEGMENT_ENTRIES_MAX = 500;

/** Below the 128 KB that a queue takes per message, its envelope included. */
const SEGMENT_BYTES_MAX = 125_000;

/** A segment whose boundaries are fixed: cut again elsewhere, it would be ignored as a whole by its key. */
export interface Cut {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

const encoder = new TextEncoder();

/**
 * Cuts consecutive entries into segments of one period each. What would be a segment that can still grow is left
 * for later unless `all` is asked for.
 */
export function cutSegments(entries: readonly UsageEntry[], all: boolean): readonly Cut[] {
  const cuts: Cut[] = [];
  let first: UsageEntry | null = null;
  let last: UsageEntry | null = null;
  let bytes = 0;
  for (const entry of entries) {
    const entryBytes = encoder.encode(JSON.stringify(toSegmentEntry(entry))).length + 1;
    if (first !== null && last !== null && isFull(first, last, bytes + entryBytes, entry)) {
      cuts.push({ firstSeq: first.seq, lastSeq: last.seq });
      first = null;
      bytes = 0;
    }
    first ??= entry;
    last = entry;
    bytes += entryBytes;
  }
  if (first !== null && last !== null) {
    const full = last.seq - first.seq + 1 >= SEGMENT_ENTRIES_MAX;
    if (all || full) cuts.push({ firstSeq: first.seq, lastSeq: last.seq });
  }
  return cuts;
}

function isFull(first: UsageEntry, last: UsageEntry, bytes: number, next: UsageEntry): boolean {
  return (
    last.seq - first.seq + 1 >= SEGMENT_ENTRIES_MAX ||
    bytes > SEGMENT_BYTES_MAX ||
    next.period !== first.period
  );
}
