/** What D1 holds of an account's log: segments by their heads, and the days that can hold what is looked for. */
import { and, desc, eq, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { segments } from "../../shared/db/schema.ts";
import { fromSegment } from "../../shared/queues.ts";
import { mergeSpans, possibleInstants } from "../../shared/reports/days.ts";
import { spanOfLog } from "../../shared/reports/log-filter.ts";
import type { LogSource } from "./log-walk.ts";

/**
 * Days that hold a feature's or a user's usage, found by seeks: from each day with usage to the next one, and in
 * each to the row in question. A scan would read the rows of every user.
 */
const DAYS_HOLDING = `
  WITH RECURSIVE days (day) AS (
    SELECT min(day) FROM rollups WHERE account_key = ?1 AND dimension = 'action'
    UNION ALL
    SELECT (SELECT min(day) FROM rollups WHERE account_key = ?1 AND dimension = 'action' AND day > days.day)
      FROM days WHERE days.day IS NOT NULL
  )
  SELECT day FROM days
   WHERE day IS NOT NULL
     AND (?2 IS NULL OR EXISTS (
           SELECT 1 FROM rollups AS r
            WHERE r.account_key = ?1 AND r.dimension = 'action' AND r.day = days.day AND r.feature = ?2))
     AND (?3 IS NULL OR EXISTS (
           SELECT 1 FROM rollups AS r
            WHERE r.account_key = ?1 AND r.dimension = 'user' AND r.day = days.day AND r.feature = '' AND r.key = ?3))`;

export function d1LogSource(database: D1Database, accountKey: string): LogSource {
  const db = drizzle(database);
  return {
    async spans(filter) {
      const asked = spanOfLog(filter);
      if (filter.feature === undefined && filter.user === undefined) return [asked];
      const { results } = await database
        .prepare(DAYS_HOLDING)
        .bind(accountKey, filter.feature ?? null, filter.user ?? null)
        .all<{ day: string }>();
      const days = results.map(({ day }) => possibleInstants({ from: day, to: day }));
      return mergeSpans(days.filter((span) => span.fromMs < asked.toMs && span.toMs > asked.fromMs));
    },
    heads(beforeSeq, limit) {
      const { firstSeq, fromMs, toMs } = segments;
      return db
        .select({ firstSeq, fromMs, toMs })
        .from(segments)
        .where(and(eq(segments.accountKey, accountKey), lt(firstSeq, beforeSeq)))
        .orderBy(desc(firstSeq))
        .limit(limit);
    },
    async entries(heads) {
      const firstSeqs = JSON.stringify(heads.map(({ firstSeq }) => firstSeq));
      const rows = await db
        .select({ firstSeq: segments.firstSeq, period: segments.period, entries: segments.entries })
        .from(segments)
        .where(
          and(
            eq(segments.accountKey, accountKey),
            sql`${segments.firstSeq} IN (SELECT value FROM json_each(${firstSeqs}))`,
          ),
        )
        .orderBy(desc(segments.firstSeq));
      return rows.flatMap((row) => fromSegment(row).toReversed());
    },
  };
}
