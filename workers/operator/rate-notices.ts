/**
 * Tells admins of a change of the rate sheet (rules, 8.1 and 8.4): over the notifications queue, a page of accounts
 * per message, each of which asks for the next. The notice's row says how far it came, so that cron takes up what a
 * lost message left; every notification is keyed by account and notice, so that none is told twice.
 */
import { and, asc, eq, lt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { periodAt } from "../../shared/credits/period.ts";
import { type RateNotice, rateNoticeFor, USED_WITHIN_DAYS } from "../../shared/credits/rate-notices.ts";
import type { Terms } from "../../shared/credits/state.ts";
import { rateNotices, rateSheets } from "../../shared/db/schema.ts";
import { rateNotificationIdOf } from "../../shared/notification-id.ts";
import type { RateNoticesMessage } from "../../shared/queues.ts";
import { forEachAtOnce } from "../concurrency.ts";
import type { Env } from "../env.ts";

const ACCOUNTS_PER_PAGE = 100;
const SENDS_AT_ONCE = 6;
/** Longer than a page takes that is tried again once or twice. */
const STUCK_AFTER_MS = 10 * 60_000;
const RESUMED_PER_RUN_MAX = 20;

type Telling = Pick<Env, "DB" | "NOTIFICATIONS_QUEUE">;

/** Starts at once what the caller has just stored. Where the queue fails, cron starts it later. */
export async function beginTelling(env: Telling, notices: readonly RateNotice[]): Promise<void> {
  for (const { notice } of notices) {
    try {
      await env.NOTIFICATIONS_QUEUE.send({ type: "rate_notices", notice, after: "" });
    } catch (error) {
      console.warn(`${notice} is not told yet; cron takes it up`, error);
    }
  }
}

/** Asks again for the pages of notices that came to a halt. Run by cron. */
export async function resumeTelling(env: Telling, nowMs: number): Promise<void> {
  const db = drizzle(env.DB);
  const stuck = await db
    .select({ notice: rateNotices.notice, toldUpTo: rateNotices.toldUpTo })
    .from(rateNotices)
    .where(and(eq(rateNotices.done, false), lt(rateNotices.progressedAtMs, nowMs - STUCK_AFTER_MS)))
    .orderBy(asc(rateNotices.progressedAtMs))
    .limit(RESUMED_PER_RUN_MAX);
  for (const { notice, toldUpTo } of stuck) {
    await env.NOTIFICATIONS_QUEUE.send({ type: "rate_notices", notice, after: toldUpTo });
    await db.update(rateNotices).set({ progressedAtMs: nowMs }).where(eq(rateNotices.notice, notice));
  }
}

/**
 * Tells the accounts of one page and asks for the next. Throws where D1 or the queue fails: the message comes again
 * and repeats the page. What is written last says that the page is behind us.
 */
export async function tellNextAccounts(
  { notice: name, after }: RateNoticesMessage,
  env: Telling,
  nowMs: number,
): Promise<void> {
  const db = drizzle(env.DB);
  const [row] = await db
    .select({ notice: rateNotices, withdrawnAtMs: rateSheets.withdrawnAtMs })
    .from(rateNotices)
    .innerJoin(rateSheets, eq(rateSheets.version, rateNotices.version))
    .where(eq(rateNotices.notice, name));
  if (row === undefined) throw new Error(`D1 has no notice ${name}`);
  const { notice, withdrawnAtMs } = row;
  if (notice.done || after < notice.toldUpTo) return;
  const isOver = notice.kind === "rate_change" && withdrawnAtMs !== null;
  const page = isOver ? [] : await loadAccounts(env.DB, notice, after);
  await forEachAtOnce(page, SENDS_AT_ONCE, (account) => tellAccount(env, notice, account));
  const last = page.at(-1);
  const done = last === undefined || page.length < ACCOUNTS_PER_PAGE;
  const toldUpTo = last?.account_key ?? after;
  if (!done) await env.NOTIFICATIONS_QUEUE.send({ type: "rate_notices", notice: name, after: toldUpTo });
  await db
    .update(rateNotices)
    .set({ toldUpTo, progressedAtMs: nowMs, done })
    .where(and(eq(rateNotices.notice, name), eq(rateNotices.toldUpTo, notice.toldUpTo)));
}

async function tellAccount(env: Telling, notice: RateNotice, account: AccountRow): Promise<void> {
  const terms: Terms = JSON.parse(account.terms);
  const content = rateNoticeFor(notice, {
    usedFeatures: JSON.parse(account.used_features),
    wasTold: account.was_told === 1,
    atMs: account.now_ms,
    period: periodAt(terms, account.now_ms).name,
  });
  if (content === null) return;
  const accountKey = account.account_key;
  const notificationId = rateNotificationIdOf(accountKey, notice.notice);
  await env.NOTIFICATIONS_QUEUE.send({ type: "notice", accountKey, notificationId, notice: content });
}

interface AccountRow {
  readonly account_key: string;
  readonly terms: string;
  /** By the account's own clock. */
  readonly now_ms: number;
  /** JSON: of the features in question, those used lately. */
  readonly used_features: string;
  readonly was_told: 0 | 1;
}

/** ?1 after which account, ?2 how many, ?3 when it was published or withdrawn, ?4 features, ?5 notices taken back, ?6 seconds. */
const NEXT_ACCOUNTS = `
  WITH page AS (
    SELECT account_key, terms, coalesce(clock.now_ms, ?3) AS now_ms
      FROM accounts LEFT JOIN test_clocks AS clock ON clock.clock_id = accounts.test_clock_id
     WHERE account_key > ?1 ORDER BY account_key LIMIT ?2
  )
  SELECT account_key, terms, now_ms,
         (SELECT json_group_array(DISTINCT used.feature) FROM rollups AS used
           WHERE used.account_key = page.account_key AND used.dimension = 'action'
             AND used.uses > 0 AND used.day >= date(page.now_ms / 1000 - ?6, 'unixepoch')
             AND used.feature IN (SELECT value FROM json_each(?4))) AS used_features,
         EXISTS (SELECT 1 FROM notifications
           WHERE notification_id IN (SELECT page.account_key || '/' || value FROM json_each(?5))) AS was_told
    FROM page ORDER BY account_key`;

/** A local day is up to one behind that of UTC. */
const USED_WITHIN_SECONDS = (USED_WITHIN_DAYS + 1) * 24 * 60 * 60;

async function loadAccounts(
  database: D1Database,
  { atMs, changes, revokes }: RateNotice,
  after: string,
): Promise<readonly AccountRow[]> {
  const features = [...new Set(changes.map(({ feature }) => feature))];
  const { results } = await database
    .prepare(NEXT_ACCOUNTS)
    .bind(
      after,
      ACCOUNTS_PER_PAGE,
      atMs,
      JSON.stringify(features),
      JSON.stringify(revokes),
      USED_WITHIN_SECONDS,
    )
    .all<AccountRow>();
  return results;
}
