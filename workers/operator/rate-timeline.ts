/**
 * The versions of the rate sheet as they follow each other, and writing to them only as long as nobody else has: a
 * publication and a withdrawal are judged by the versions around them (rules, 8.1 and 8.4).
 */
import { and, desc, eq, gte, isNull, lt, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { RateNotice } from "../../shared/credits/rate-notices.ts";
import type { RateSheet } from "../../shared/credits/rates.ts";
import { rateNotices, rateSheets } from "../../shared/db/schema.ts";
import { ProblemError } from "../ingest/http.ts";

export interface Timeline {
  /** The version in force just before now and all that follow; withdrawn ones are left out. */
  readonly sheets: readonly RateSheet[];
  /** 0: none was ever published. */
  readonly latestVersion: number;
  readonly withdrawals: number;
}

export async function loadTimeline(database: D1Database, nowMs: number): Promise<Timeline> {
  const db = drizzle(database);
  const { version, effectiveAtMs, features, withdrawnAtMs } = rateSheets;
  const sheet = { version, effectiveAtMs, features };
  const [before, later, [counted]] = await db.batch([
    db
      .select(sheet)
      .from(rateSheets)
      .where(and(lt(effectiveAtMs, nowMs), isNull(withdrawnAtMs)))
      .orderBy(desc(effectiveAtMs), desc(version))
      .limit(1),
    db
      .select(sheet)
      .from(rateSheets)
      .where(and(gte(effectiveAtMs, nowMs), isNull(withdrawnAtMs))),
    db
      .select({
        latestVersion: sql<number>`coalesce(max(${version}), 0)`,
        withdrawals: sql<number>`count(${withdrawnAtMs})`,
      })
      .from(rateSheets),
  ]);
  return { sheets: [...before, ...later], ...(counted ?? { latestVersion: 0, withdrawals: 0 }) };
}

/** A version as it was published, withdrawn or not; throws where there is none. */
export async function foundVersion(database: D1Database, version: number) {
  const [sheet] = await drizzle(database).select().from(rateSheets).where(eq(rateSheets.version, version));
  if (sheet !== undefined) return sheet;
  throw new ProblemError(404, "rate_sheet_not_found", `version ${version} was never published`);
}

/** Holds while nothing was published or withdrawn since the timeline was read. */
export function stillAt({ latestVersion, withdrawals }: Timeline): SQL {
  return sql`(SELECT coalesce(max(version), 0) = ${latestVersion} AND count(withdrawn_at_ms) = ${withdrawals} FROM rate_sheets)`;
}

type Db = ReturnType<typeof drizzle>;

/** Notices to be worked off, where `condition` holds: the same one that lets the change itself be written. */
export function insertNotices(db: Db, notices: readonly RateNotice[], condition: SQL) {
  return db.insert(rateNotices).select(sql`
    SELECT value ->> '$.notice', value ->> '$.kind', value ->> '$.version', value ->> '$.atMs',
           value ->> '$.effectiveAtMs', value ->> '$.shortNotice', value -> '$.changes', value -> '$.revokes',
           '', value ->> '$.atMs', 0
      FROM json_each(${JSON.stringify(notices)}) WHERE ${condition}`);
}

/** What was told of a version so far. */
export function loadNotices(database: D1Database, version: number): Promise<readonly RateNotice[]> {
  return drizzle(database).select().from(rateNotices).where(eq(rateNotices.version, version));
}

/** Others may write between the look and the change; each round one of them is through. */
const ROUNDS_MAX = 20;

/** Repeats `attempt` until it is not overtaken, which it says by `null`. */
export async function untilNotOvertaken<Result>(attempt: () => Promise<Result | null>): Promise<Result> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const result = await attempt();
    if (result !== null) return result;
  }
  const detail = "other versions are being published or withdrawn at this moment; try again";
  throw new ProblemError(409, "rate_sheets_changing", detail);
}
