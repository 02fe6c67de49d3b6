/**
 * Looks for duplicates (rules, 10.7) in an account's log, newest first and up to a bound: what lies beyond it is said
 * to be unseen. Credits that a correction took back are no waste.
 */
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { AccountReport } from "../../shared/protocol.ts";
import {
  type DuplicateEntry,
  type DuplicateReport,
  duplicateFinder,
} from "../../shared/reports/duplicates.ts";
import { inRange, type UsageRange } from "../../shared/reports/range.ts";
import { d1LogSource } from "../reports/log-source.ts";
import { walkLog } from "../reports/log-walk.ts";

/** About a hundred full segments: a second or two. */
export const ENTRIES_SEARCHED_MAX = 50_000;

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
  { tail, acknowledgedSeq }: Pick<AccountReport, "tail" | "acknowledgedSeq">,
  range: UsageRange,
  entriesMax = ENTRIES_SEARCHED_MAX,
): Promise<DuplicateSearch> {
  // Without a last day: corrections come after what they correct.
  const filter = { from: { kind: "day", day: range.search.from } } as const;
  const walk = { tail, acknowledgedSeq, filter, beforeSeq: Number.MAX_SAFE_INTEGER };
  const finder = duplicateFinder("any");
  const reversedMicros = new Map<number, number>();
  let entries = 0;
  const end = (truncated: boolean) => ({ report: finder.report(), entries, truncated });
  for await (const step of walkLog(d1LogSource(database, accountKey), walk)) {
    for (const entry of step.entries) {
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
  }
  return end(false);
}

/** What costs nothing, or was taken back as a whole, is no use that could be wasted. */
function addUse(entry: UsageEntry, creditsMicros: number, add: (entry: DuplicateEntry) => void): void {
  const { id, feature, subject, items } = entry;
  if (subject === undefined || creditsMicros <= 0) return;
  const actions = items.map(([action]) => action);
  add({ id, feature, actions, subject, occurredAtMs: entry.occurredAtMs ?? entry.atMs, creditsMicros });
}
