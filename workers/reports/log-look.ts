/**
 * One look at what D1 holds of an account's log: the newest entries that match, found by D1 itself, in one request
 * however many segments they lie in. It searches no more of the log than a bound; then it says from where to go on.
 */
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { fromSegment, type SegmentEntry } from "../../shared/queues.ts";
import { possibleInstants } from "../../shared/reports/days.ts";
import { type LogFilter, matchesLog, spanOfLog } from "../../shared/reports/log-filter.ts";
import { holdingDays, type Parameter } from "./log-days.ts";
import { rollupSeeks } from "./log-seeks.ts";
import { entryTerms, neededTexts } from "./log-terms.ts";

/** Entries from the first segment that can hold any: some 25 MB of text. */
const ENTRIES_SEARCHED_MAX = 200_000;

/** What a day's instants are, from its midnight in UTC. */
const OF_DAY = possibleInstants({ from: "1970-01-01", to: "1970-01-01" });

export interface LogQuestion {
  readonly filter: LogFilter;
  /** Only entries before this sequence number. */
  readonly beforeSeq: number;
  /** How many at most. */
  readonly rows: number;
}

export interface LogLook {
  /** Newest first. */
  readonly entries: readonly UsageEntry[];
  /** Everything from here on was looked at; null: nothing is left. */
  readonly seenFromSeq: number | null;
}

interface EntryRow {
  readonly seq: number;
  readonly period: string;
  readonly entry: string;
}

/** The last row: where the search ended; `seq` is null where there was nothing to search. */
interface EndRow {
  readonly seq: number | null;
  readonly period: null;
  /** Whether older segments were left out, 1 or 0. */
  readonly entry: number;
}

export async function lookAtLog(
  database: D1Database,
  accountKey: string,
  { filter, beforeSeq, rows }: LogQuestion,
  searchedMax = ENTRIES_SEARCHED_MAX,
): Promise<LogLook> {
  const statement = lookStatement(database, accountKey, { filter, beforeSeq, rows }, searchedMax);
  const { results } = await statement.all<EntryRow | EndRow>();
  const found = results.filter((row): row is EntryRow => row.period !== null);
  const end = results.find((row): row is EndRow => row.period === null);
  const entries = found.flatMap(toEntries).filter((entry) => matchesLog(entry, filter));
  const last = found.at(-1);
  if (last !== undefined && found.length === rows) return { entries, seenFromSeq: last.seq };
  return { entries, seenFromSeq: end?.entry === 1 ? end.seq : null };
}

/** ?1 is the account key; the other values are bound as the text names them. */
function lookStatement(
  database: D1Database,
  accountKey: string,
  { filter, beforeSeq, rows }: LogQuestion,
  searchedMax: number,
): D1PreparedStatement {
  const bound: (string | number)[] = [accountKey];
  const parameter: Parameter = (value) => `?${bound.push(value)}`;
  const seeks = rollupSeeks(filter);
  const days = seeks.length === 0 ? "" : `${holdingDays(seeks, "?1", parameter)},`;
  const before = parameter(beforeSeq);
  const inTime = canHold(filter, parameter);
  const needed = neededTexts(filter).map((text) => `AND instr(entries, ${parameter(text)}) > 0`);
  const terms = entryTerms(filter, parameter).map((term) => `AND ${term}`);
  const statement = database.prepare(`
    WITH RECURSIVE ${days}
    newest AS MATERIALIZED (
      SELECT first_seq FROM segments INDEXED BY segments_heads
       WHERE account_key = ?1 AND first_seq < ${before} AND ${inTime}
       ORDER BY first_seq DESC
       LIMIT 1
    )
    SELECT * FROM (
      SELECT first_seq + entry.key AS seq, period, entry.value AS entry
        FROM segments, json_each(segments.entries) AS entry
       WHERE account_key = ?1
         AND first_seq <= (SELECT first_seq FROM newest)
         AND first_seq > (SELECT first_seq FROM newest) - ${searchedMax}
         AND ${inTime}
         ${needed.join(" ")}
         AND first_seq + entry.key < ${before}
         ${terms.join(" ")}
       ORDER BY first_seq DESC, entry.key DESC
       LIMIT ${parameter(rows)}
    )
    UNION ALL
    SELECT (SELECT min(first_seq) FROM segments INDEXED BY segments_heads
             WHERE account_key = ?1 AND first_seq > (SELECT first_seq FROM newest) - ${searchedMax}),
           NULL,
           EXISTS (SELECT 1 FROM segments INDEXED BY segments_heads
                    WHERE account_key = ?1 AND first_seq <= (SELECT first_seq FROM newest) - ${searchedMax})`);
  return statement.bind(...bound);
}

/** By a segment's time span. */
function canHold(filter: LogFilter, parameter: Parameter): string {
  const { fromMs, toMs } = spanOfLog(filter);
  const from = parameter(Math.max(fromMs, Number.MIN_SAFE_INTEGER));
  const to = parameter(Math.min(toMs, Number.MAX_SAFE_INTEGER));
  const asked = `from_ms < ${to} AND to_ms >= ${from}`;
  if (rollupSeeks(filter).length === 0) return asked;
  return `${asked} AND EXISTS (
    SELECT 1 FROM holding
     WHERE from_ms < unixepoch(holding.day) * 1000 + ${OF_DAY.toMs}
       AND to_ms >= unixepoch(holding.day) * 1000 + ${OF_DAY.fromMs})`;
}

function toEntries({ seq, period, entry }: EntryRow): readonly UsageEntry[] {
  const entries: readonly SegmentEntry[] = [JSON.parse(entry)];
  return fromSegment({ firstSeq: seq, period, entries });
}
