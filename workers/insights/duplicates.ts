/**
 * Looks for duplicates (rules, 10.7) in an account's log, newest first and up to a bound: what lies beyond it is said
 * to be unseen. Credits that a correction took back are no waste.
 */
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { AccountReport } from "../../shared/protocol.ts";
import { possibleInstants } from "../../shared/reports/days.ts";
import {
  type DuplicateEntry,
  type DuplicateReport,
  duplicateFinder,
} from "../../shared/reports/duplicates.ts";
import { inRange, type UsageRange } from "../../shared/reports/range.ts";
import { entriesOf, newestSegments } from "../reports/newest-segments.ts";

/** About ten full segments: somebody waits for the answer. */
export const ENTRIES_SEARCHED_MAX = 5_000;
/** About a hundred: a second or two, in which nobody waits. */
export const ENTRIES_SEARCHED_AT_NIGHT_MAX = 50_000;

export interface DuplicateSearch {
  readonly report: DuplicateReport;
  /** Entries that were looked at. */
  readonly entries: number;
  /** Older entries of the range were not looked at. */
  readonly truncated: boolean;
}

export async function searchDuplicates(
  database: D1Database,
  accountKey: string,
  { tail, acknowledgedSeq, lastSeq }: Pick<AccountReport, "tail" | "acknowledgedSeq" | "lastSeq">,
  range: UsageRange,
  entriesMax = ENTRIES_SEARCHED_MAX,
): Promise<DuplicateSearch> {
  // Without a last day: corrections come after what they correct.
  const isSearched = (entry: UsageEntry) => entry.day >= range.search.from;
  const { segments, hasOlder } = await newestSegments(database, accountKey, {
    seqs: { after: lastSeq - entriesMax - 1, upTo: acknowledgedSeq },
    sinceMs: possibleInstants({ from: range.search.from, to: range.search.from }).fromMs,
  });
  const newestFirst = function* () {
    yield* tail.toReversed();
    for (const segment of segments)
      yield* entriesOf(segment)
        .toReversed()
        .filter(({ seq }) => seq <= acknowledgedSeq);
  };
  const finder = duplicateFinder("any");
  const reversedMicros = new Map<number, number>();
  let entries = 0;
  const end = (truncated: boolean) => ({ report: finder.report(), entries, truncated });
  for (const entry of newestFirst()) {
    if (!isSearched(entry)) continue;
    // A period's entries follow one another: with the first of an older one all are seen.
    if (range.period !== null && entry.period < range.period) return end(false);
    if (entries === entriesMax) return end(true);
    entries += 1;
    if (entry.correction !== undefined) {
      const { seq, creditsMicros } = entry.correction;
      reversedMicros.set(seq, (reversedMicros.get(seq) ?? 0) + creditsMicros);
    } else if (entry.attached === undefined && inRange(entry, range)) {
      addUse(entry, entry.creditsMicros - (reversedMicros.get(entry.seq) ?? 0), finder.add);
    }
  }
  return end(hasOlder);
}

/** What costs nothing, or was taken back as a whole, is no use that could be wasted. */
function addUse(entry: UsageEntry, creditsMicros: number, add: (entry: DuplicateEntry) => void): void {
  const { id, feature, subject, items } = entry;
  if (subject === undefined || creditsMicros <= 0) return;
  const actions = items.map(([action]) => action);
  add({ id, feature, actions, subject, occurredAtMs: entry.occurredAtMs ?? entry.atMs, creditsMicros });
}
