/** Accounts in D1: the row that makes an id taken, found with the time of its test clock. */
import { eq, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { accountKeyOf } from "../../shared/account-key.ts";
import { type AccountProfile, completeProfile } from "../../shared/api/accounts.ts";
import type { Mode } from "../../shared/api/common.ts";
import { periodAt } from "../../shared/credits/period.ts";
import { TERM_PERIODS_DEFAULT, type Terms } from "../../shared/credits/state.ts";
import { accounts, testClocks } from "../../shared/db/schema.ts";
import { recordChange, recordIfChanged } from "../audit/record.ts";
import { type AppEnv, invalidField, ProblemError } from "../ingest/http.ts";
import { loadCatalog } from "../operator/catalog.ts";
import { findClock } from "../operator/test-clocks.ts";
import { type AccountRow, type CreateAccount, newProfile, newTerms } from "./terms.ts";

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
  return row === undefined ? null : { ...row, account: completeRow(row.account) };
}

/** What people call the account; null where nobody named it. */
export async function readAccountName(database: D1Database, accountKey: string): Promise<string | null> {
  const [row] = await drizzle(database)
    .select({ profile: accounts.profile })
    .from(accounts)
    .where(eq(accounts.accountKey, accountKey));
  return row?.profile.name ?? null;
}

/** Rows written by version 0.1 lack what has come since. */
export function completeRow(row: AccountRow): AccountRow {
  const { termPeriods = TERM_PERIODS_DEFAULT, ...terms } = row.terms;
  return { ...row, terms: { ...terms, termPeriods }, profile: completeProfile(row.profile) };
}

/** The accounts of one mode with these ids; those that do not exist are left out. */
export async function findRows(
  database: D1Database,
  mode: Mode,
  accountIds: readonly string[],
): Promise<readonly AccountRow[]> {
  const keys = JSON.stringify(accountIds.map((id) => accountKeyOf(mode, id)));
  const rows = await drizzle(database)
    .select()
    .from(accounts)
    .where(sql`${accounts.accountKey} IN (SELECT value FROM json_each(${keys}))`);
  return rows.map(completeRow);
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
  const profile = newProfile(body);
  const db = drizzle(DB);
  await db.batch([
    db
      .insert(accounts)
      .select(
        sql`SELECT ${accountKey}, ${mode}, ${body.account}, ${JSON.stringify(terms)}, ${JSON.stringify(profile)},
                   ${clockId}, ${clockNowMs ?? nowMs}, ${endMs}, '', 0, 0
             WHERE (SELECT count(*) FROM accounts WHERE test_clock_id = ${clockId}) < ${ACCOUNTS_PER_CLOCK_MAX}`,
      )
      .onConflictDoNothing(),
    recordIfChanged(db, context, accountKey, {
      action: "account_opened",
      target: "",
      before: null,
      after: { terms, profile },
    }),
  ]);
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

/**
 * Changes the named parts of the profile in place, so that two changes at once keep each other's. `before` is the
 * profile as it was when the request came, for the audit log.
 */
export async function changeRow(
  context: Context<AppEnv>,
  accountKey: string,
  before: AccountProfile,
  profile: Partial<AccountProfile>,
  terms: Terms,
): Promise<AccountRow> {
  let changed: SQL = sql`${accounts.profile}`;
  for (const [field, value] of Object.entries(profile)) {
    changed = sql`json_set(${changed}, ${`$.${field}`}, json(${JSON.stringify(value)}))`;
  }
  const db = drizzle(context.env.DB);
  const update = db
    .update(accounts)
    .set({ profile: changed, terms })
    .where(eq(accounts.accountKey, accountKey))
    .returning();
  const fields = Object.keys(profile) as readonly (keyof AccountProfile)[];
  const named = Object.fromEntries(fields.map((field) => [field, before[field]]));
  const record = { action: "profile_changed", target: "", before: named, after: profile };
  const [[row]] = await (fields.length === 0
    ? Promise.all([update])
    : db.batch([update, recordChange(db, context, accountKey, record)]));
  if (row === undefined) throw new Error(`the row of ${accountKey} is gone`);
  return completeRow(row);
}
