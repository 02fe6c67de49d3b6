/**
 * Walks an account's log newest first: the tail that the account holds, then the segments of D1 in small steps, so that
 * a stream of any length never holds more than a step.
 */
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { TimeSpan } from "../../shared/reports/days.ts";
import { type LogFilter, matchesLog } from "../../shared/reports/log-filter.ts";

/** A segment without its entries. */
export interface SegmentHead {
  readonly firstSeq: number;
  /** Span of the times at which its entries occurred, both ends included. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface LogSource {
  /** Where matching entries can lie, in few ascending spans. */
  spans(filter: LogFilter): Promise<readonly TimeSpan[]>;
  /** Heads of segments that begin before a sequence number, newest first. */
  heads(beforeSeq: number, limit: number): Promise<readonly SegmentHead[]>;
  /** All entries of these segments, newest first. */
  entries(heads: readonly SegmentHead[]): Promise<readonly UsageEntry[]>;
}

/** Steps begin small, for a reader who soon has enough, and double up to these. */
const HEADS_PER_QUERY = { first: 16, most: 1_024 };
const SEGMENTS_PER_QUERY = { first: 1, most: 8 };

export interface LogWalk {
  /** Entries after `acknowledgedSeq`, oldest first; D1 holds all others. */
  readonly tail: readonly UsageEntry[];
  readonly acknowledgedSeq: number;
  readonly filter: LogFilter;
  /** Only entries before this sequence number. */
  readonly beforeSeq: number;
}

/** Each step's matching entries, newest first. */
export async function* walkLog(source: LogSource, walk: LogWalk): AsyncGenerator<readonly UsageEntry[]> {
  yield matchingTail(walk);
  const spans = await source.spans(walk.filter);
  if (spans.length === 0) return;
  const stored = Math.min(walk.beforeSeq, walk.acknowledgedSeq + 1);
  for await (const group of groupsOfHeads(source, stored, spans)) {
    const entries = await source.entries(group);
    yield entries.filter((entry) => entry.seq < stored && matchesLog(entry, walk.filter));
  }
}

/** What matches of the entries that the account holds, newest first. */
export function matchingTail({ tail, filter, beforeSeq }: LogWalk): readonly UsageEntry[] {
  return tail.filter((entry) => entry.seq < beforeSeq && matchesLog(entry, filter)).toReversed();
}

/** Segments worth reading, a few at a time. */
async function* groupsOfHeads(
  source: LogSource,
  beforeSeq: number,
  spans: readonly TimeSpan[],
): AsyncGenerator<readonly SegmentHead[]> {
  let headsPerQuery = HEADS_PER_QUERY.first;
  let perGroup = SEGMENTS_PER_QUERY.first;
  let before = beforeSeq;
  for (;;) {
    const heads = await source.heads(before, headsPerQuery);
    const oldest = heads.at(-1);
    if (oldest === undefined) return;
    const worth = heads.filter((head) => touchesAny(head, spans));
    while (worth.length > 0) {
      yield worth.splice(0, perGroup);
      perGroup = Math.min(perGroup * 2, SEGMENTS_PER_QUERY.most);
    }
    if (heads.length < headsPerQuery) return;
    before = oldest.firstSeq;
    headsPerQuery = Math.min(headsPerQuery * 2, HEADS_PER_QUERY.most);
  }
}

function touchesAny(head: SegmentHead, spans: readonly TimeSpan[]): boolean {
  return spans.some((span) => head.fromMs < span.toMs && head.toMs >= span.fromMs);
}
