/** Finds the accounts whose period has ended and hands them to the billing queue (rules, section 2.4). */
import { and, asc, eq, gt, isNull, lte, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { accounts } from "../../shared/db/schema.ts";
import type { Env } from "../env.ts";

/** What a queue takes as one batch. */
const ACCOUNTS_PER_PAGE = 100;
/** Keeps a run below the subrequests that Cloudflare allows it, two per page; the next run goes on. */
const PAGES_PER_RUN_MAX = 400;

type DueAccount = Pick<typeof accounts.$inferSelect, "accountKey" | "periodEndsAtMs">;

/** Sends one message per due account, oldest first; accounts on a test clock wait for it. Returns how many. */
export async function dispatchDueAccounts(env: Env, nowMs: number): Promise<number> {
  let dispatched = 0;
  let last: DueAccount | null = null;
  for (let page = 0; page < PAGES_PER_RUN_MAX; page += 1) {
    const due: readonly DueAccount[] = await duePage(env.DB, nowMs, last);
    if (due.length > 0) {
      await env.BILLING_QUEUE.sendBatch(
        due.map(({ accountKey }) => ({ body: { type: "account_due" as const, accountKey } })),
      );
    }
    dispatched += due.length;
    last = due.at(-1) ?? null;
    if (due.length < ACCOUNTS_PER_PAGE) break;
  }
  return dispatched;
}

/** By the index accounts_due, whose rows end with the primary key. */
function duePage(
  database: D1Database,
  nowMs: number,
  after: DueAccount | null,
): Promise<readonly DueAccount[]> {
  const beyond =
    after === null
      ? undefined
      : or(
          gt(accounts.periodEndsAtMs, after.periodEndsAtMs),
          and(eq(accounts.periodEndsAtMs, after.periodEndsAtMs), gt(accounts.accountKey, after.accountKey)),
        );
  return drizzle(database)
    .select({ accountKey: accounts.accountKey, periodEndsAtMs: accounts.periodEndsAtMs })
    .from(accounts)
    .where(and(isNull(accounts.testClockId), lte(accounts.periodEndsAtMs, nowMs), beyond))
    .orderBy(asc(accounts.periodEndsAtMs), asc(accounts.accountKey))
    .limit(ACCOUNTS_PER_PAGE);
}
