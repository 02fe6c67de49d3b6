/** Reads from D1 what a reconciliation compares (rules, section 7.4). */
import type { Adjustment } from "../../shared/credits/adjustments.ts";
import type { BilledSide } from "../../shared/credits/billing-proof.ts";
import type { PeriodSums, StoredSide } from "../../shared/credits/reconciliation-sides.ts";
import {
  ADJUSTMENT_COLUMNS,
  INVOICE_COLUMNS,
  type InvoiceRow,
  type PeriodRow,
  toInvoice,
  toPeriod,
} from "./books.ts";

/** Breaks of the sequence that are named; there should be none. */
const BREAKS_MAX = 20;

/** Entries after `afterSeq` up to `upToSeq` are compared, in the periods from the first to the last. */
export interface ReadRange {
  readonly afterSeq: number;
  readonly upToSeq: number;
  readonly firstPeriod: string;
  readonly lastPeriod: string;
}

const SEGMENTS = "FROM segments WHERE account_key = ?1 AND first_seq > ?2 AND first_seq <= ?3";

/** Segments, the entries in them and roll-ups, each summed from its own rows; `?4` is the last entry the account knew. */
const PERIOD_SUMS = `
  SELECT period,
         sum(segments) AS segmentsMicros, sum(entries) AS entriesMicros,
         sum(later) AS laterMicros, sum(rollups) AS rollupsMicros
    FROM (
      SELECT period, credits_micros AS segments, 0 AS entries, 0 AS later, 0 AS rollups ${SEGMENTS}
       UNION ALL
      SELECT period, 0, entry.value ->> '$.creditsMicros',
             iif(first_seq + entry.key > ?4, entry.value ->> '$.creditsMicros', 0), 0
        FROM segments, json_each(entries) AS entry
       WHERE account_key = ?1 AND first_seq > ?2 AND first_seq <= ?3
       UNION ALL
      SELECT period, 0, 0, 0, credits_micros
        FROM rollups
       WHERE account_key = ?1 AND dimension = 'action' AND day >= date(?5, '-40 days') AND period BETWEEN ?5 AND ?6
    )
   GROUP BY period`;

/** Corrections of periods that were closed: their entries count nothing. */
const REVERSED = `
  SELECT entry.value ->> '$.correction.periodStartMs' AS periodStartMs,
         sum(entry.value ->> '$.correction.creditsMicros') AS creditsMicros
    FROM segments, json_each(entries) AS entry
   WHERE account_key = ?1 AND first_seq > ?2 AND first_seq <= ?3 AND first_seq + entry.key <= ?4
     AND entry.value ->> '$.creditsMicros' = 0 AND entry.value -> '$.correction' IS NOT NULL
   GROUP BY 1`;

const SEQUENCE_BREAKS = `
  SELECT expected AS expectedSeq, first_seq AS foundSeq
    FROM (SELECT first_seq, 1 + lag(last_seq, 1, ?2) OVER (ORDER BY first_seq) AS expected ${SEGMENTS})
   WHERE first_seq <> expected
   ORDER BY first_seq
   LIMIT ${BREAKS_MAX}`;

const LAST_SEQ = `
  SELECT last_seq AS lastSeq FROM segments WHERE account_key = ?1 ORDER BY first_seq DESC LIMIT 1`;

const RECENT_SEGMENTS = `
  SELECT first_seq AS firstSeq, last_seq AS lastSeq FROM segments WHERE account_key = ?1 AND first_seq > ?2`;

const PERIODS = "SELECT figures, corrected FROM periods WHERE account_key = ?1 AND period BETWEEN ?2 AND ?3";
const INVOICES = `SELECT ${INVOICE_COLUMNS} FROM invoices WHERE account_key = ?1 ORDER BY ordinal`;
const ADJUSTMENTS = `
  SELECT ${ADJUSTMENT_COLUMNS} FROM adjustments WHERE account_key = ?1 AND period BETWEEN ?2 AND ?3`;
const NUMBERS =
  "SELECT count(*) AS count, coalesce(max(number), 0) AS highest FROM invoices WHERE series = ?1";

/** One batch, so that all of it is of one moment. */
export async function readStored(
  database: D1Database,
  accountKey: string,
  range: ReadRange,
  lastSeq: number,
  acknowledgedSeq: number,
): Promise<StoredSide> {
  const { afterSeq, upToSeq, firstPeriod, lastPeriod } = range;
  const inPeriods = (sql: string) => database.prepare(sql).bind(accountKey, firstPeriod, lastPeriod);
  const [sums, reversed, breaks, highest, recent, periods, invoices, adjustments, numbers] =
    (await database.batch([
      database.prepare(PERIOD_SUMS).bind(accountKey, afterSeq, upToSeq, lastSeq, firstPeriod, lastPeriod),
      database.prepare(REVERSED).bind(accountKey, afterSeq, upToSeq, lastSeq),
      database.prepare(SEQUENCE_BREAKS).bind(accountKey, afterSeq, upToSeq),
      database.prepare(LAST_SEQ).bind(accountKey),
      database.prepare(RECENT_SEGMENTS).bind(accountKey, acknowledgedSeq),
      inPeriods(PERIODS),
      database.prepare(INVOICES).bind(accountKey),
      inPeriods(ADJUSTMENTS),
      database.prepare(NUMBERS).bind(accountKey),
    ])) as [
      D1Result<PeriodSums>,
      D1Result<StoredSide["reversed"][number]>,
      D1Result<StoredSide["breaks"][number]>,
      D1Result<{ readonly lastSeq: number }>,
      D1Result<StoredSide["recent"][number]>,
      D1Result<PeriodRow>,
      D1Result<InvoiceRow>,
      D1Result<Adjustment>,
      D1Result<BilledSide["numbers"]>,
    ];
  return {
    sums: sums.results,
    reversed: reversed.results,
    breaks: breaks.results,
    lastSeq: highest.results[0]?.lastSeq ?? 0,
    recent: recent.results,
    billed: {
      periods: periods.results.map(toPeriod),
      invoices: invoices.results.map(toInvoice),
      adjustments: adjustments.results,
      numbers: numbers.results[0] ?? { count: 0, highest: 0 },
    },
  };
}
