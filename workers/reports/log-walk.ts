/**
 * Walks an account's log newest first: the tail that the account holds, then the segments of D1 in small steps. Each
 * step says where it ended, so that a page may stop anywhere and a stream never holds more than a step.
 */
import { logCursor } from "../../shared/api/usage-log.ts";
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

/** What one page may look at; then it returns what it found and where to go on, rather than time out. */
const SEGMENTS_PER_PAGE_MAX = 100;
const HEADS_PER_PAGE_MAX = 20_000;

/** Steps begin small, for the newest page, and double up to these. */
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

export interface LogStep {
  /** Matching entries, newest first. */
  readonly entries: readonly UsageEntry[];
  /** Everything from here on was looked at. */
  readonly seenFromSeq: number;
  /** Segments read, and heads looked at, for this step. */
  readonly segments: number;
  readonly heads: number;
}

export async function* walkLog(source: LogSource, walk: LogWalk): AsyncGenerator<LogStep> {
  const { tail, acknowledgedSeq, filter, beforeSeq } = walk;
  const matches = (entry: UsageEntry) => entry.seq < beforeSeq && matchesLog(entry, filter);
  const stored = Math.min(beforeSeq, acknowledgedSeq + 1);
  yield { entries: tail.filter(matches).toReversed(), seenFromSeq: stored, segments: 0, heads: 0 };

  const spans = await source.spans(filter);
  if (spans.length === 0) return;
  for await (const group of groupsOfHeads(source, stored, spans)) {
    const entries = group.read.length === 0 ? [] : await source.entries(group.read);
    const inD1 = entries.filter((entry) => entry.seq < stored && matches(entry));
    yield { entries: inD1, seenFromSeq: group.seenFromSeq, segments: group.read.length, heads: group.heads };
  }
}

interface HeadGroup {
  readonly read: readonly SegmentHead[];
  readonly seenFromSeq: number;
  readonly heads: number;
}

/** Segments worth reading, a few at a time; a group may be empty where a whole query of heads holds none. */
async function* groupsOfHeads(
  source: LogSource,
  beforeSeq: number,
  spans: readonly TimeSpan[],
): AsyncGenerator<HeadGroup> {
  let headsPerQuery = HEADS_PER_QUERY.first;
  let perGroup = SEGMENTS_PER_QUERY.first;
  let before = beforeSeq;
  for (;;) {
    const heads = await source.heads(before, headsPerQuery);
    const oldest = heads.at(-1);
    if (oldest === undefined) return;
    const worth = heads.filter((head) => touchesAny(head, spans));
    while (worth.length > 0) {
      const read = worth.splice(0, perGroup);
      yield { read, seenFromSeq: read.at(-1)?.firstSeq ?? oldest.firstSeq, heads: 0 };
      perGroup = Math.min(perGroup * 2, SEGMENTS_PER_QUERY.most);
    }
    yield { read: [], seenFromSeq: oldest.firstSeq, heads: heads.length };
    if (heads.length < headsPerQuery) return;
    before = oldest.firstSeq;
    headsPerQuery = Math.min(headsPerQuery * 2, HEADS_PER_QUERY.most);
  }
}

function touchesAny(head: SegmentHead, spans: readonly TimeSpan[]): boolean {
  return spans.some((span) => head.fromMs < span.toMs && head.toMs >= span.fromMs);
}

interface LogPage {
  readonly entries: readonly UsageEntry[];
  readonly nextCursor: string | null;
}

/** One entry more than the page shows tells whether there is a next one. */
export async function firstPage(steps: AsyncIterable<LogStep>, limit: number): Promise<LogPage> {
  const entries: UsageEntry[] = [];
  let segments = 0;
  let heads = 0;
  for await (const step of steps) {
    entries.push(...step.entries);
    segments += step.segments;
    heads += step.heads;
    if (entries.length > limit) {
      const shown = entries.slice(0, limit);
      return { entries: shown, nextCursor: cursorAfter(shown) };
    }
    if (segments >= SEGMENTS_PER_PAGE_MAX || heads >= HEADS_PER_PAGE_MAX) {
      return { entries, nextCursor: logCursor(step.seenFromSeq) };
    }
  }
  return { entries, nextCursor: null };
}

function cursorAfter(entries: readonly UsageEntry[]): string | null {
  const last = entries.at(-1);
  return last === undefined ? null : logCursor(last.seq);
}
