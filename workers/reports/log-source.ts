/** What D1 holds of an account's log: segments by their heads, and the days that can hold what is looked for. */
import { and, desc, eq, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { segments } from "../../shared/db/schema.ts";
import { fromSegment } from "../../shared/queues.ts";
import { mergeSpans, possibleInstants } from "../../shared/reports/days.ts";
import { type LogFilter, spanOfLog } from "../../shared/reports/log-filter.ts";
import { holdingDays } from "./log-days.ts";
import { type RollupSeek, rollupSeeks } from "./log-seeks.ts";
import type { LogSource } from "./log-walk.ts";

export function d1LogSource(database: D1Database, accountKey: string): LogSource {
  const db = drizzle(database);
  return {
    async spans(filter: LogFilter) {
      const asked = spanOfLog(filter);
      const seeks = rollupSeeks(filter);
      if (seeks.length === 0) return [asked];
      const days = await daysHolding(database, accountKey, seeks);
      const spans = days.map((day) => possibleInstants({ from: day, to: day }));
      return mergeSpans(spans.filter((span) => span.fromMs < asked.toMs && span.toMs > asked.fromMs));
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

async function daysHolding(
  database: D1Database,
  accountKey: string,
  seeks: readonly RollupSeek[],
): Promise<readonly string[]> {
  const bound: (string | number)[] = [accountKey];
  const days = holdingDays(seeks, "?1", (value) => `?${bound.push(value)}`);
  const { results } = await database
    .prepare(`WITH RECURSIVE ${days} SELECT day FROM holding`)
    .bind(...bound)
    .all<{ day: string }>();
  return results.map(({ day }) => day);
}
