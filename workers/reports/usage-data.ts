/**
 * What D1 knows about an account's usage in a range, in one batch and so at one moment: roll-ups, the segments that
 * it holds beyond what the account knows to be there, closed periods, categories and denials.
 */
import { and, asc, between, eq, gt, gte, lte, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import { denials, periods, rateSheets, rollups, segments } from "../../shared/db/schema.ts";
import { possibleInstants } from "../../shared/reports/days.ts";
import type { Rollup, RollupDimension, SeqSpan } from "../../shared/reports/fold.ts";
import type { UsageRange } from "../../shared/reports/range.ts";
import type { Grouping } from "../../shared/reports/usage.ts";
import { SEGMENT_ENTRIES_MAX } from "../account/segments.ts";

/** Rows of one statement; a report that needs more has to be narrowed. */
export const REPORT_ROWS_MAX = 20_000;

const MICROS_PER_UNIT = 1_000_000n;

export interface UsageQuestion {
  readonly accountKey: string;
  readonly range: UsageRange;
  readonly grouping: Grouping;
  readonly acknowledgedSeq: number;
  readonly nowMs: number;
}

export interface Denial {
  readonly day: string;
  readonly feature: string;
  readonly action: string;
  readonly reason: string;
  readonly denials: number;
}

export interface UsageData {
  readonly actions: readonly Rollup[];
  readonly consumers: readonly Rollup[];
  /** Segments beyond `acknowledgedSeq`: the roll-ups include them. */
  readonly held: readonly SeqSpan[];
  readonly closed: readonly ClosedPeriod[];
  readonly categories: ReadonlyMap<string, string>;
  readonly denials: readonly Denial[];
  /** A statement found more rows than a report may have. */
  readonly tooLarge: boolean;
}

export async function readUsage(database: D1Database, question: UsageQuestion): Promise<UsageData> {
  const db = drizzle(database);
  const { accountKey, acknowledgedSeq, grouping, range } = question;
  const consumer = grouping.dimension === "action" ? null : grouping.dimension;
  const span = possibleInstants(range.search);
  const [actionRows, consumerRows, held, closedRows, categoryRows, denialRows] = await db.batch([
    rollupRows(db, question, "action"),
    rollupRows(db, question, consumer ?? "user", consumer === null ? 0 : REPORT_ROWS_MAX + 1),
    db
      .select({ firstSeq: segments.firstSeq, lastSeq: segments.lastSeq })
      .from(segments)
      .where(
        and(
          eq(segments.accountKey, accountKey),
          gt(segments.firstSeq, acknowledgedSeq - SEGMENT_ENTRIES_MAX),
          gt(segments.lastSeq, acknowledgedSeq),
        ),
      ),
    db
      .select({ figures: periods.figures })
      .from(periods)
      .where(and(eq(periods.accountKey, accountKey), gte(periods.endMs, span.fromMs))),
    categoriesOf(db, question),
    denialRowsOf(db, question),
  ]);
  return {
    actions: actionRows.map((row) => toRollup("action", row)),
    consumers: consumer === null ? [] : consumerRows.map((row) => toRollup(consumer, row)),
    held,
    closed: closedRows.map(({ figures }) => figures),
    categories: new Map(categoryRows.map(({ feature, category }) => [feature, category])),
    denials: denialRows,
    tooLarge: [actionRows, consumerRows, denialRows].some((rows) => rows.length > REPORT_ROWS_MAX),
  };
}

type Db = ReturnType<typeof drizzle>;

/** Sums by feature, key and period, and by day where the report shows days. */
function rollupRows(
  db: Db,
  { accountKey, range, grouping }: UsageQuestion,
  dimension: RollupDimension,
  limit = REPORT_ROWS_MAX + 1,
) {
  const day = grouping.byDay ? sql<string>`${rollups.day}` : sql<string>`''`;
  return db
    .select({
      day: day.as("report_day"),
      feature: rollups.feature,
      key: rollups.key,
      period: rollups.period,
      events: sql<number>`sum(${rollups.events})`,
      uses: sql<number>`sum(${rollups.uses})`,
      // As text and in two parts: a total may pass 2^53, and a sum of quantities even int64, which would throw.
      units: sql<string>`CAST(sum(${rollups.quantityMicros} / 1000000) AS TEXT)`,
      restMicros: sql<string>`CAST(sum(${rollups.quantityMicros} % 1000000) AS TEXT)`,
      creditsMicros: sql<string>`CAST(sum(${rollups.creditsMicros}) AS TEXT)`,
    })
    .from(rollups)
    .where(
      and(
        eq(rollups.accountKey, accountKey),
        eq(rollups.dimension, dimension),
        between(rollups.day, range.search.from, range.search.to),
        periodFilter(accountKey, range),
      ),
    )
    .groupBy(sql`report_day`, rollups.feature, rollups.key, rollups.period)
    .limit(limit);
}

/** A closed period is known by its end; its name is a guess until billing has stored it (see `previousPeriod`). */
function periodFilter(accountKey: string, { period, endedAtMs }: UsageRange): SQL | undefined {
  if (period === null) return undefined;
  if (endedAtMs === null) return eq(rollups.period, period);
  return sql`${rollups.period} = coalesce((SELECT closed.period FROM ${periods} AS closed
    WHERE closed.account_key = ${accountKey} AND closed.end_ms = ${endedAtMs}), ${period})`;
}

/** Every feature that was ever on a sheet, oldest sheet first, so that the newest category wins. */
function categoriesOf(db: Db, { grouping, nowMs }: UsageQuestion) {
  const wanted = grouping.groupBy.includes("category");
  return db
    .select({
      feature: sql<string>`feature.value ->> '$.feature'`,
      category: sql<string>`feature.value ->> '$.category'`,
    })
    .from(sql`${rateSheets}, json_each(${rateSheets.features}) AS feature`)
    .where(and(sql`${wanted ? 1 : 0}`, lte(rateSheets.effectiveAtMs, nowMs)))
    .orderBy(asc(rateSheets.effectiveAtMs), asc(rateSheets.version));
}

function denialRowsOf(db: Db, { accountKey, range, grouping }: UsageQuestion) {
  const day = grouping.byDay ? sql<string>`${denials.day}` : sql<string>`''`;
  return db
    .select({
      day: day.as("report_day"),
      feature: denials.feature,
      action: denials.action,
      reason: denials.reason,
      denials: sql<number>`sum(${denials.denials})`,
    })
    .from(denials)
    .where(and(eq(denials.accountKey, accountKey), between(denials.day, range.days.from, range.days.to)))
    .groupBy(sql`report_day`, denials.feature, denials.action, denials.reason)
    .limit(REPORT_ROWS_MAX + 1);
}

interface RollupRow {
  readonly day: string;
  readonly feature: string;
  readonly key: string;
  readonly period: string;
  readonly events: number;
  readonly uses: number;
  readonly units: string;
  readonly restMicros: string;
  readonly creditsMicros: string;
}

function toRollup(dimension: RollupDimension, row: RollupRow): Rollup {
  const { units, restMicros, creditsMicros, ...rest } = row;
  return {
    dimension,
    ...rest,
    quantityMicros: BigInt(units) * MICROS_PER_UNIT + BigInt(restMicros),
    creditsMicros: BigInt(creditsMicros),
  };
}
