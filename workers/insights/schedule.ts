/**
 * Finds the accounts whose local day has passed and hands them to the billing queue (rules, 6.4): cron looks whether
 * there are any, a message takes a page of them and asks for the next. A page is marked before it is handed over, so
 * that nobody else takes it; what is lost then is due again later. An account that used nothing lately is left out.
 */
import type { Env } from "../env.ts";

/** What a queue takes at once. */
const ACCOUNTS_PER_PAGE = 100;
/** Longer than the queue tries again. */
const LOST_AFTER_MS = 2 * 60 * 60_000;
const USED_WITHIN_DAYS = 35;
const DAY_MS = 24 * 60 * 60_000;

/** Run by cron, however often. */
export async function dispatchAnalyses(env: Env, nowMs: number): Promise<void> {
  const due = await env.DB.prepare("SELECT 1 FROM analyses WHERE due_at_ms <= ? LIMIT 1").bind(nowMs).first();
  if (due !== null) await env.BILLING_QUEUE.send({ type: "analyses_due" });
}

/**
 * ?1 now, ?2 when it is due again if it is lost, ?3 first day of use that counts, ?4 how many. An account that is left
 * out is looked at again after its next local day.
 */
const TAKE_PAGE = `
  UPDATE analyses
     SET due_at_ms = CASE
           WHEN EXISTS (SELECT 1 FROM rollups AS used
                         WHERE used.account_key = analyses.account_key AND used.dimension = 'action' AND used.day >= ?3)
           THEN ?2
           ELSE ?1 + ${DAY_MS} - (?1 - due_at_ms) % ${DAY_MS}
         END
   WHERE account_key IN (SELECT account_key FROM analyses WHERE due_at_ms <= ?1 ORDER BY due_at_ms LIMIT ?4)
  RETURNING account_key AS accountKey, due_at_ms = ?2 AS isActive`;

/** Throws where D1 or the queue fails; the message comes again and takes what is due then. */
export async function handOverAnalyses(env: Env, nowMs: number): Promise<void> {
  // A local day is up to one behind that of UTC.
  const since = new Date(nowMs - (USED_WITHIN_DAYS + 1) * DAY_MS).toISOString().slice(0, 10);
  const { results } = await env.DB.prepare(TAKE_PAGE)
    .bind(nowMs, nowMs + LOST_AFTER_MS, since, ACCOUNTS_PER_PAGE)
    .all<{ readonly accountKey: string; readonly isActive: 0 | 1 }>();
  const active = results.filter(({ isActive }) => isActive === 1);
  if (active.length > 0) {
    await env.BILLING_QUEUE.sendBatch(
      active.map(({ accountKey }) => ({ body: { type: "analysis_due" as const, accountKey } })),
    );
  }
  if (results.length === ACCOUNTS_PER_PAGE) await env.BILLING_QUEUE.send({ type: "analyses_due" });
}
