/** A page of the log: what the account holds, and one look at D1 for the rest. */
import { logCursor } from "../../shared/api/usage-log.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { lookAtLog } from "./log-look.ts";
import { type LogWalk, matchingTail } from "./log-walk.ts";

interface LogPage {
  /** Newest first. */
  readonly entries: readonly UsageEntry[];
  readonly nextCursor: string | null;
}

/** It may hold fewer entries than `limit` and still name a cursor: a look has a bound. */
export async function readLogPage(
  database: D1Database,
  accountKey: string,
  walk: LogWalk,
  limit: number,
): Promise<LogPage> {
  const tail = matchingTail(walk);
  if (tail.length > limit) return cut(tail, limit);
  const { acknowledgedSeq, beforeSeq, filter } = walk;
  const look = await lookAtLog(database, accountKey, {
    filter,
    beforeSeq: Math.min(beforeSeq, acknowledgedSeq + 1),
    // One entry more than the page shows tells whether there is a next one.
    rows: limit + 1 - tail.length,
  });
  const entries = [...tail, ...look.entries];
  if (entries.length > limit) return cut(entries, limit);
  return { entries, nextCursor: look.seenFromSeq === null ? null : logCursor(look.seenFromSeq) };
}

function cut(entries: readonly UsageEntry[], limit: number): LogPage {
  const shown = entries.slice(0, limit);
  const last = shown.at(-1);
  return { entries: shown, nextCursor: last === undefined ? null : logCursor(last.seq) };
}
