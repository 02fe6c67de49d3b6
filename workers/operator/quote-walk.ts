/** The entries of a range, newest first, in few large steps: a quote reads all of them, not the newest page. */
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { AccountReport } from "../../shared/protocol.ts";
import { possibleInstants, type TimeSpan } from "../../shared/reports/days.ts";
import { inRange, type UsageRange } from "../../shared/reports/range.ts";
import type { LogSource, SegmentHead } from "../reports/log-walk.ts";

const HEADS_PER_QUERY = 1_024;
/** Of one query; an account that books little has many small segments. */
const SEGMENTS_PER_QUERY_MAX = 250;
const ENTRIES_PER_QUERY_MAX = 4_000;

export interface QuoteStep {
  readonly entries: readonly UsageEntry[];
  /** Queries that D1 answered for this step. */
  readonly queries: number;
}

/** All entries of the range, each once: the tail of the account, then what D1 holds. */
export async function* walkRange(
  source: LogSource,
  { tail, acknowledgedSeq }: Pick<AccountReport, "tail" | "acknowledgedSeq">,
  range: UsageRange,
): AsyncGenerator<QuoteStep> {
  yield { entries: tail.filter((entry) => inRange(entry, range)).toReversed(), queries: 0 };
  const span = possibleInstants(range.search);
  const stored = acknowledgedSeq + 1;
  let before = stored;
  for (;;) {
    const heads = await source.heads(before, HEADS_PER_QUERY);
    yield { entries: [], queries: 1 };
    for (const group of groupsOf(heads, before, span)) {
      const entries = await source.entries(group);
      yield {
        entries: entries.filter((entry) => entry.seq < stored && inRange(entry, range)),
        queries: 1,
      };
    }
    const oldest = heads.at(-1);
    if (oldest === undefined || heads.length < HEADS_PER_QUERY) return;
    before = oldest.firstSeq;
  }
}

/** Segments that can hold entries of the span, as many together as one query may read. */
function groupsOf(
  heads: readonly SegmentHead[],
  beforeSeq: number,
  span: TimeSpan,
): readonly (readonly SegmentHead[])[] {
  const groups: SegmentHead[][] = [];
  let room = 0;
  let before = beforeSeq;
  for (const head of heads) {
    const entries = before - head.firstSeq;
    before = head.firstSeq;
    if (head.fromMs >= span.toMs || head.toMs < span.fromMs) continue;
    const group = groups.at(-1);
    if (group === undefined || entries > room || group.length >= SEGMENTS_PER_QUERY_MAX) {
      groups.push([head]);
      room = ENTRIES_PER_QUERY_MAX - entries;
    } else {
      group.push(head);
      room -= entries;
    }
  }
  return groups;
}
