/**
 * Audit records of what routes change in D1 alone (rules, section 9.4); what the account decides on, it records itself.
 * A record goes into the batch of its change, so that neither is there without the other. Names and addresses of
 * people never go in: they could not be erased from a log that is kept.
 */
import { type SQL, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Context } from "hono";
import { audit } from "../../shared/db/schema.ts";
import type { AppEnv } from "../ingest/http.ts";

export interface Changed {
  readonly action: string;
  readonly target: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Stands for the operator's own things, such as rate sheets and keys. */
export const OPERATOR_LOG = "";

/** Who makes this request: as it says itself, or its key. */
export function actorOf(context: Context<AppEnv>): string {
  return context.var.callContext.actor ?? `key:${context.var.caller.keyId}`;
}

/** The statement that records a change by the caller of this request; `only` where that holds after the change. */
export function recordChange(
  db: DrizzleD1Database,
  context: Context<AppEnv>,
  accountKey: string,
  { action, target, before, after }: Changed,
  only: SQL = sql`true`,
) {
  return db.insert(audit).select(sql`
    SELECT ${accountKey}, ${Date.now()}, ${`d${crypto.randomUUID()}`}, ${actorOf(context)}, ${action}, ${target},
           ${JSON.stringify(before)}, ${JSON.stringify(after)}
     WHERE ${only}`);
}

/** The same, right behind the statement of the change in its batch: nothing is recorded where that changed no row. */
export function recordIfChanged(
  db: DrizzleD1Database,
  context: Context<AppEnv>,
  accountKey: string,
  changed: Changed,
) {
  return recordChange(db, context, accountKey, changed, sql`changes() > 0`);
}
