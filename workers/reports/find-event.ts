/**
 * An event that the account itself has forgotten, looked up in D1 by its id. Segments have no index of ids: they are
 * searched as text, newest first, in steps; the day on which the event occurred leaves few of them.
 */
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { fromSegment, type SegmentEntry } from "../../shared/queues.ts";
import { possibleInstants } from "../../shared/reports/days.ts";

/** Segments searched by one statement, and at most: 500 of the largest are 60 MB. */
const SEGMENTS_PER_STEP = 500;
const SEGMENTS_MAX = 10_000;

export interface SoughtEvent {
  readonly eventId: string;
  /** Only entries before this sequence number. */
  readonly beforeSeq: number;
  /** Local day on which it occurred. */
  readonly occurredOn?: string | undefined;
}

interface Searched {
  readonly firstSeq: number;
  readonly period: string | null;
  readonly entries: string | null;
}

/** The newest use with this id, or null where none is among the segments searched. */
export async function findLoggedEvent(
  database: D1Database,
  accountKey: string,
  { eventId, beforeSeq, occurredOn }: SoughtEvent,
): Promise<UsageEntry | null> {
  // As an entry's JSON has it; a text in a property's place can look the same, so what is found is read.
  const needle = `"id":${JSON.stringify(eventId)}`;
  const span = occurredOn === undefined ? null : possibleInstants({ from: occurredOn, to: occurredOn });
  let before = beforeSeq;
  for (let searched = 0; searched < SEGMENTS_MAX; searched += SEGMENTS_PER_STEP) {
    const { results } = await database
      .prepare(SEARCH)
      .bind(
        accountKey,
        before,
        SEGMENTS_PER_STEP,
        span?.fromMs ?? Number.MIN_SAFE_INTEGER,
        span?.toMs ?? Number.MAX_SAFE_INTEGER,
        needle,
      )
      .all<Searched>();
    const [newest] = results;
    if (newest === undefined) return null;
    const found = useIn(newest, eventId);
    if (found !== null) return found;
    before = newest.firstSeq;
  }
  return null;
}

/** The newest segment that may hold the event; else the oldest one searched, without its entries. */
const SEARCH = `
  WITH step AS MATERIALIZED (
    SELECT first_seq FROM segments
     WHERE account_key = ?1 AND first_seq < ?2 AND from_ms < ?5 AND to_ms >= ?4
     ORDER BY first_seq DESC
     LIMIT ?3
  )
  SELECT * FROM (
    SELECT 0 AS rank, first_seq AS firstSeq, period, entries FROM segments
     WHERE account_key = ?1 AND first_seq IN (SELECT first_seq FROM step) AND instr(entries, ?6) > 0
     ORDER BY first_seq DESC
     LIMIT 1
  )
  UNION ALL
  SELECT 1, min(first_seq), NULL, NULL FROM step HAVING count(*) > 0
   ORDER BY rank
   LIMIT 1`;

function useIn({ firstSeq, period, entries }: Searched, eventId: string): UsageEntry | null {
  if (period === null || entries === null) return null;
  const segment = { firstSeq, period, entries: JSON.parse(entries) as readonly SegmentEntry[] };
  const isUse = ({ id, correction, attached }: UsageEntry) =>
    id === eventId && correction === undefined && attached === undefined;
  return fromSegment(segment).findLast(isUse) ?? null;
}
