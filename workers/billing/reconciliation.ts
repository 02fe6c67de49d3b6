/** Gathers what the account and D1 say about its usage, for the comparison (rules, section 7.4). */
import {
  type PeriodSums,
  type Reconciliation,
  reconcile,
  type StoredSide,
} from "../../shared/credits/reconciliation.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { AccountNotFound, CallContext } from "../../shared/protocol.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";

/** Breaks of the sequence that are named; there should be none. */
const BREAKS_MAX = 20;

/**
 * The account is asked first and D1 after it: what has left the account's tail by then is in D1, so no entry is
 * missed, and what was booked in between is told apart by its sequence number.
 */
export async function reconcileAccount(
  env: Env,
  accountKey: string,
  context: CallContext,
): Promise<({ readonly kind: "reconciled" } & Reconciliation) | AccountNotFound> {
  const account = accountOf(env, accountKey);
  await account.flush();
  const view = await account.report(context);
  if (view.kind === "account_not_found") return view;
  const due = await account.due(context);
  if (due.kind === "account_not_found") return due;
  const stored = await readStored(env.DB, accountKey, view.lastSeq, view.acknowledgedSeq);
  const reconciliation = reconcile(
    {
      period: view.balance.period,
      periodStartMs: view.balance.periodStartMs,
      usedMicros: view.balance.usedMicros,
      lastSeq: view.lastSeq,
      acknowledgedSeq: view.acknowledgedSeq,
      tail: view.tail,
      unsettled: due.facts.map((fact) => fact.closed),
    },
    stored,
  );
  return { kind: "reconciled", ...reconciliation };
}

/** Segments, the entries in them and roll-ups, each summed from its own rows. */
const PERIOD_SUMS = `
  SELECT period,
         sum(segments) AS segmentsMicros, sum(entries) AS entriesMicros,
         sum(later) AS laterMicros, sum(rollups) AS rollupsMicros
    FROM (
      SELECT period, credits_micros AS segments, 0 AS entries, 0 AS later, 0 AS rollups
        FROM segments WHERE account_key = ?1
       UNION ALL
      SELECT period, 0, credits_micros, iif(seq > ?2, credits_micros, 0), 0
        FROM usage_entries WHERE account_key = ?1
       UNION ALL
      SELECT period, 0, 0, 0, credits_micros
        FROM rollups WHERE account_key = ?1 AND dimension = 'action'
    )
   GROUP BY period`;

const SEQUENCE_BREAKS = `
  SELECT expected AS expectedSeq, first_seq AS foundSeq
    FROM (
      SELECT first_seq, 1 + lag(last_seq, 1, 0) OVER (ORDER BY first_seq) AS expected
        FROM segments WHERE account_key = ?1
    )
   WHERE first_seq <> expected
   ORDER BY first_seq
   LIMIT ${BREAKS_MAX}`;

const LAST_SEQ = "SELECT coalesce(max(last_seq), 0) AS lastSeq FROM segments WHERE account_key = ?1";

const RECENT_SEGMENTS = `
  SELECT first_seq AS firstSeq, last_seq AS lastSeq FROM segments WHERE account_key = ?1 AND first_seq > ?2`;

const CLOSED_PERIODS = "SELECT figures FROM periods WHERE account_key = ?1";

const INVOICED = `
  SELECT source, document ->> '$.lines[0].quantityMicros' AS quantityMicros
    FROM invoices WHERE account_key = ?1 AND source LIKE 'overage:%'`;

/** One batch, so that all of it is of one moment; drizzle's takes no SQL of this kind. */
async function readStored(
  database: D1Database,
  accountKey: string,
  lastSeq: number,
  acknowledgedSeq: number,
): Promise<StoredSide> {
  const [sums, breaks, highest, recent, closed, invoiced] = (await database.batch([
    database.prepare(PERIOD_SUMS).bind(accountKey, lastSeq),
    database.prepare(SEQUENCE_BREAKS).bind(accountKey),
    database.prepare(LAST_SEQ).bind(accountKey),
    database.prepare(RECENT_SEGMENTS).bind(accountKey, acknowledgedSeq),
    database.prepare(CLOSED_PERIODS).bind(accountKey),
    database.prepare(INVOICED).bind(accountKey),
  ])) as [
    D1Result<PeriodSums>,
    D1Result<StoredSide["breaks"][number]>,
    D1Result<{ readonly lastSeq: number }>,
    D1Result<StoredSide["recent"][number]>,
    D1Result<{ readonly figures: string }>,
    D1Result<StoredSide["invoiced"][number]>,
  ];
  return {
    sums: sums.results,
    breaks: breaks.results,
    lastSeq: highest.results[0]?.lastSeq ?? 0,
    recent: recent.results,
    closed: closed.results.map((row) => JSON.parse(row.figures) as ClosedPeriod),
    invoiced: invoiced.results,
  };
}
