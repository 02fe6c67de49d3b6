/** Accounts in D1: the row that makes an id taken, found with the time of its test clock. */
import { eq, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import type { AccountProfile } from "../../shared/api/accounts.ts";
import { periodAt } from "../../shared/credits/period.ts";
import type { Terms } from "../../shared/credits/state.ts";
import { accounts, testClocks } from "../../shared/db/schema.ts";
import { loadCatalog } from "../operator/catalog.ts";
import { findClock } from "../operator/test-clocks.ts";
import { type AccountRow, type CreateAccount, newProfile, newTerms } from "./account-terms.ts";
import { type AppEnv, invalidField, ProblemError } from "./http.ts";

/** One advance of a clock runs all its accounts in one request. */
const ACCOUNTS_PER_CLOCK_MAX = 100;

export interface FoundRow {
  readonly account: AccountRow;
  /** null: the account follows real time. */
  readonly clockNowMs: number | null;
}

export async function findRow(database: D1Database, accountKey: string): Promise<FoundRow | null> {
  const [row] = await drizzle(database)
    .select({ account: accounts, clockNowMs: testClocks.nowMs })
    .from(accounts)
    .leftJoin(testClocks, eq(accounts.testClockId, testClocks.clockId))
    .where(eq(accounts.accountKey, accountKey));
  return row ?? null;
}

/** Takes the id, unless another request was faster; returns the row that has it. */
export async function insertRow(
  context: Context<AppEnv>,
  accountKey: string,
  body: CreateAccount,
): Promise<FoundRow> {
  const { DB } = context.env;
  const { mode } = context.var.caller;
  const nowMs = Date.now();
  const clockNowMs = body.testClock === undefined ? null : await clockTime(context, body.testClock);
  const terms = newTerms(body, await loadCatalog(DB), clockNowMs ?? nowMs);
  const { endMs } = periodAt(terms, clockNowMs ?? nowMs);
  const clockId = body.testClock ?? null;
  await drizzle(DB).run(sql`
    INSERT INTO accounts
      (account_key, mode, account_id, terms, profile, test_clock_id, created_at_ms, period_ends_at_ms)
    SELECT ${accountKey}, ${mode}, ${body.account}, ${JSON.stringify(terms)},
           ${JSON.stringify(newProfile(body))}, ${clockId}, ${nowMs}, ${endMs}
     WHERE (SELECT count(*) FROM accounts WHERE test_clock_id = ${clockId}) < ${ACCOUNTS_PER_CLOCK_MAX}
    ON CONFLICT DO NOTHING`);
  const row = await findRow(DB, accountKey);
  if (row !== null) return row;
  const detail = `test clock "${body.testClock}" has ${ACCOUNTS_PER_CLOCK_MAX} accounts; create another one`;
  throw new ProblemError(409, "test_clock_full", detail);
}

async function clockTime(context: Context<AppEnv>, clockId: string): Promise<number> {
  if (context.var.caller.mode !== "test")
    throw invalidField("testClock", "only accounts of test keys follow a test clock");
  const clock = await findClock(context.env.DB, clockId);
  if (clock === undefined) throw invalidField("testClock", `no test clock "${clockId}"; create it first`);
  return clock.nowMs;
}

/** Changes the named parts of the profile in place, so that two changes at once keep each other's. */
export async function changeRow(
  database: D1Database,
  accountKey: string,
  profile: Partial<AccountProfile>,
  terms: Terms,
): Promise<AccountRow> {
  let changed: SQL = sql`${accounts.profile}`;
  for (const [field, value] of Object.entries(profile)) {
    changed = sql`json_set(${changed}, ${`$.${field}`}, json(${JSON.stringify(value)}))`;
  }
  const [row] = await drizzle(database)
    .update(accounts)
    .set({ profile: changed, terms })
    .where(eq(accounts.accountKey, accountKey))
    .returning();
  if (row === undefined) throw new Error(`the row of ${accountKey} is gone`);
  return row;
}
