/** The newest segments of an account's log, all in one read. */
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { fromSegment } from "../../shared/queues.ts";
import { SEGMENT_ENTRIES_MAX } from "../account/segments.ts";

/** `after` is excluded, `upTo` included. */
export interface SegmentsQuestion {
  readonly seqs: { readonly after: number; readonly upTo: number };
  /** Only those with entries that occurred then or later. */
  readonly sinceMs: number;
}

export interface StoredSegment {
  readonly firstSeq: number;
  readonly period: string;
  /** JSON. */
  readonly entries: string;
}

export interface NewestSegments {
  /** Newest first. */
  readonly segments: readonly StoredSegment[];
  /** There are older ones with entries of that time. */
  readonly hasOlder: boolean;
}

const SEGMENTS = `
  SELECT first_seq AS firstSeq, period, entries FROM segments
   WHERE account_key = ?1 AND first_seq > ?2 - ${SEGMENT_ENTRIES_MAX} AND first_seq <= ?3
     AND last_seq > ?2 AND to_ms >= ?4
   ORDER BY first_seq DESC`;

const OLDER = `
  SELECT 1 FROM segments
   WHERE account_key = ?1 AND first_seq <= ?2 AND last_seq <= ?2 AND to_ms >= ?3
   ORDER BY first_seq DESC
   LIMIT 1`;

export async function newestSegments(
  database: D1Database,
  accountKey: string,
  { seqs: { after, upTo }, sinceMs }: SegmentsQuestion,
): Promise<NewestSegments> {
  const [newest, older] = (await database.batch([
    database.prepare(SEGMENTS).bind(accountKey, after, upTo, sinceMs),
    database.prepare(OLDER).bind(accountKey, after, sinceMs),
  ])) as [D1Result<StoredSegment>, D1Result];
  return { segments: newest.results, hasOlder: older.results.length > 0 };
}

/** Its entries, oldest first. */
export function entriesOf({ entries, ...segment }: StoredSegment): readonly UsageEntry[] {
  return fromSegment({ ...segment, entries: JSON.parse(entries) });
}
