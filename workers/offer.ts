/** What the operator has published, read from D1: for the account that decides and for the gate that lets in. */
import { and, desc, gt, isNotNull, isNull, lte } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Offer } from "../shared/credits/catalog.ts";
import { OCCURRED_PAST_MAX_MS } from "../shared/credits/entries.ts";
import { apiKeys, operator, rateSheets } from "../shared/db/schema.ts";

/**
 * The catalogue and the rate sheet versions that an account may need: those in force at any time since the
 * oldest time at which a late record may have occurred, and those to come; withdrawn ones are left out.
 */
export async function loadOffer(database: D1Database, nowMs: number): Promise<Offer> {
  const db = drizzle(database);
  const oldestMs = nowMs - OCCURRED_PAST_MAX_MS;
  const { version, effectiveAtMs, features } = rateSheets;
  const sheet = { version, effectiveAtMs, features };
  const [[current], [inForceThen], later] = await db.batch([
    db.select().from(operator),
    db
      .select(sheet)
      .from(rateSheets)
      .where(and(lte(rateSheets.effectiveAtMs, oldestMs), isNull(rateSheets.withdrawnAtMs)))
      .orderBy(desc(rateSheets.effectiveAtMs), desc(rateSheets.version))
      .limit(1),
    db
      .select(sheet)
      .from(rateSheets)
      .where(and(gt(rateSheets.effectiveAtMs, oldestMs), isNull(rateSheets.withdrawnAtMs))),
  ]);
  if (current === undefined) throw new Error("D1 lacks the operator's row: apply the migrations");
  const rows = inForceThen === undefined ? later : [inForceThen, ...later];
  return { revision: current.revision, catalog: current.catalog, rateSheets: rows };
}

/** What every isolate has to know to let callers in. */
export interface Gate {
  readonly revision: number;
  readonly revokedKeyIds: ReadonlySet<string>;
}

export async function loadGate(database: D1Database): Promise<Gate> {
  const db = drizzle(database);
  const [[current], revoked] = await db.batch([
    db.select({ revision: operator.revision }).from(operator),
    db.select({ keyId: apiKeys.keyId }).from(apiKeys).where(isNotNull(apiKeys.revokedAtMs)),
  ]);
  return { revision: current?.revision ?? 0, revokedKeyIds: new Set(revoked.map((key) => key.keyId)) };
}
