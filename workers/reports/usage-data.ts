/**
 * What D1 knows about an account's usage in a range and in the one before, in one batch and so at one moment:
 * roll-ups, the segments that it holds beyond what the account knows to be there, and denials.
 */
import { and, between, eq, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { denials, rollups, segments } from "../../shared/db/schema.ts";
import type { DenialCount } from "../../shared/queues.ts";
import type { Rollup, RollupDimension, SeqSpan } from "../../shared/reports/fold.ts";
import { type Grouping, isOfOneKey } from "../../shared/reports/grouping.ts";
import type { ReportRanges, UsageRange } from "../../shared/reports/range.ts";
import type { UsageRows } from "../../shared/reports/usage.ts";
import { SEGMENT_ENTRIES_MAX } from "../account/segments.ts";

/** Rows of one statement; a report that needs more has to be narrowed. */
export const REPORT_ROWS_MAX = 20_000;

const MICROS_PER_UNIT = 1_000_000n;

export interface UsageQuestion {
  readonly accountKey: string;
  readonly ranges: ReportRanges;
  readonly grouping: Grouping;
  readonly acknowledgedSeq: number;
}

export interface UsageData {
  readonly current: UsageRows;
  readonly before: UsageRows;
  /** Segments beyond `acknowledgedSeq`: the roll-ups include them. */
  readonly held: readonly SeqSpan[];
  /** null where the report is about one user, team or workflow: denials are not counted by them. */
  readonly denials: readonly DenialCount[] | null;
  /** A statement found more rows than a report may have. */
  readonly tooLarge: boolean;
}

export async function readUsage(database: D1Database, question: UsageQuestion): Promise<UsageData> {
  const db = drizzle(database);
  const { grouping, ranges } = question;
  const { dimension, byDay } = grouping;
  const ofOneKey = isOfOneKey(grouping);
  const actions = (range: UsageRange, days: boolean) =>
    rollupRows(db, question, { range, dimension: "action", days, wanted: !ofOneKey });
  const whole = (range: UsageRange, days: boolean) =>
    rollupRows(db, question, { range, dimension, days, wanted: dimension !== "action" });
  const [actionRows, wholeRows, actionsBefore, wholeBefore, held, denialRows] = await db.batch([
    actions(ranges.current, byDay),
    whole(ranges.current, byDay),
    actions(ranges.before, false),
    whole(ranges.before, false),
    heldBeyond(db, question),
    denialRowsOf(db, question),
  ]);
  const toRows = (ofActions: readonly RollupRow[], ofWhole: readonly RollupRow[]): UsageRows => ({
    actions: ofActions.map((row) => toRollup("action", row)),
    whole: ofWhole.map((row) => toRollup(dimension, row)),
  });
  const found = [actionRows, wholeRows, actionsBefore, wholeBefore, denialRows];
  return {
    current: toRows(actionRows, wholeRows),
    before: toRows(actionsBefore, wholeBefore),
    held,
    denials: ofOneKey ? null : denialRows,
    tooLarge: found.some((rows) => rows.length > REPORT_ROWS_MAX),
  };
}

type Db = ReturnType<typeof drizzle>;

interface WantedRows {
  readonly range: UsageRange;
  readonly dimension: RollupDimension;
  /** One row per day, else one over all of them. */
  readonly days: boolean;
  /** false: the report does without them. */
  readonly wanted: boolean;
}

/** Sums by feature, key and period. */
function rollupRows(
  db: Db,
  { accountKey, grouping: { only } }: UsageQuestion,
  { range, dimension, days, wanted }: WantedRows,
) {
  const day = days ? sql<string>`${rollups.day}` : sql<string>`''`;
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
      valueMinor: sql<string>`CAST(sum(${rollups.valueMinor}) AS TEXT)`,
    })
    .from(rollups)
    .where(
      and(
        eq(rollups.accountKey, accountKey),
        eq(rollups.dimension, dimension),
        between(rollups.day, range.search.from, range.search.to),
        range.period === null ? undefined : eq(rollups.period, range.period),
        only === null ? undefined : eq(only.name === "feature" ? rollups.feature : rollups.key, only.value),
      ),
    )
    .groupBy(sql`report_day`, rollups.feature, rollups.key, rollups.period)
    .limit(wanted ? REPORT_ROWS_MAX + 1 : 0);
}

function heldBeyond(db: Db, { accountKey, acknowledgedSeq }: UsageQuestion) {
  return db
    .select({ firstSeq: segments.firstSeq, lastSeq: segments.lastSeq })
    .from(segments)
    .where(
      and(
        eq(segments.accountKey, accountKey),
        gt(segments.firstSeq, acknowledgedSeq - SEGMENT_ENTRIES_MAX),
        gt(segments.lastSeq, acknowledgedSeq),
      ),
    );
}

function denialRowsOf(db: Db, { accountKey, ranges, grouping: { byDay, only } }: UsageQuestion) {
  const { from, to } = ranges.current.days;
  const day = byDay ? sql<string>`${denials.day}` : sql<string>`''`;
  return db
    .select({
      day: day.as("report_day"),
      feature: denials.feature,
      action: denials.action,
      reason: denials.reason,
      denials: sql<number>`sum(${denials.denials})`,
    })
    .from(denials)
    .where(
      and(
        eq(denials.accountKey, accountKey),
        between(denials.day, from, to),
        only?.name === "feature" ? eq(denials.feature, only.value) : undefined,
      ),
    )
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
  readonly valueMinor: string;
}

function toRollup(dimension: RollupDimension, row: RollupRow): Rollup {
  const { units, restMicros, creditsMicros, valueMinor, ...rest } = row;
  return {
    dimension,
    ...rest,
    quantityMicros: BigInt(units) * MICROS_PER_UNIT + BigInt(restMicros),
    creditsMicros: BigInt(creditsMicros),
    valueMinor: BigInt(valueMinor),
  };
}
