/** Reads invoices and closed periods from D1, newest first. */
import { and, desc, eq, gte, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Mode } from "../../shared/api/common.ts";
import type { CreditNoteRecord, InvoiceRecord } from "../../shared/api/invoices.ts";
import type { CorrectedFigures } from "../../shared/credits/billing-facts.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import { accounts, invoices, periods, testClocks } from "../../shared/db/schema.ts";

/** The account's clock: its test clock's time, or real time. */
const clockNowMs = sql<number | null>`${testClocks.nowMs}`.as("clock_now_ms");

export interface BillingClock {
  readonly nowMs: number;
  /** As billing has stored it; behind the account's own until billing has run. */
  readonly periodEndsAtMs: number;
}

/** null where there is no such account. */
export async function readBillingClock(
  database: D1Database,
  accountKey: string,
  realNowMs: number,
): Promise<BillingClock | null> {
  const [row] = await drizzle(database)
    .select({ periodEndsAtMs: accounts.periodEndsAtMs, clockNowMs })
    .from(accounts)
    .leftJoin(testClocks, eq(testClocks.clockId, accounts.testClockId))
    .where(eq(accounts.accountKey, accountKey));
  if (row === undefined) return null;
  return { periodEndsAtMs: row.periodEndsAtMs, nowMs: row.clockNowMs ?? realNowMs };
}

export interface Page {
  /** Rows after this number or start only. */
  readonly after: number | undefined;
  readonly rows: number;
}

export function readInvoices(
  database: D1Database,
  accountKey: string,
  page: Page,
): Promise<readonly InvoiceRecord[]> {
  const beyond = page.after === undefined ? undefined : lt(invoices.ordinal, page.after);
  return drizzle(database)
    .select()
    .from(invoices)
    .where(and(eq(invoices.accountKey, accountKey), beyond))
    .orderBy(desc(invoices.ordinal))
    .limit(page.rows);
}

export interface PeriodRecord {
  readonly figures: ClosedPeriod;
  /** After every correction so far; null while there is none. */
  readonly corrected: CorrectedFigures | null;
  /** The newest overage invoice of the period. */
  readonly invoiceId: string | null;
}

export async function readPeriods(
  database: D1Database,
  accountKey: string,
  page: Page,
): Promise<readonly PeriodRecord[]> {
  const beyond = page.after === undefined ? undefined : lt(periods.startMs, page.after);
  return drizzle(database)
    .select({
      figures: periods.figures,
      corrected: periods.corrected,
      // The newest: it was billed again after the others were voided.
      invoiceId: sql<string | null>`(
        SELECT invoice_id FROM invoices
         WHERE account_key = periods.account_key AND subject = 'overage:' || periods.start_ms AND kind = 'overage'
         ORDER BY ordinal DESC LIMIT 1)`,
    })
    .from(periods)
    .where(and(eq(periods.accountKey, accountKey), beyond))
    .orderBy(desc(periods.startMs))
    .limit(page.rows);
}

/** What a report without a first day may look at. */
const RECENT_PERIODS_MAX = 60;

/** Periods that ended at `sinceMs` or later; undefined: the newest few. Newest first. */
export async function readClosedPeriods(
  database: D1Database,
  accountKey: string,
  sinceMs: number | undefined,
): Promise<readonly ClosedPeriod[]> {
  const query = drizzle(database)
    .select({ figures: periods.figures })
    .from(periods)
    .where(
      and(
        eq(periods.accountKey, accountKey),
        sinceMs === undefined ? undefined : gte(periods.endMs, sinceMs),
      ),
    )
    .orderBy(desc(periods.startMs))
    .$dynamic();
  const rows = await (sinceMs === undefined ? query.limit(RECENT_PERIODS_MAX) : query);
  return rows.map(({ figures }) => figures);
}

export interface FoundInvoice {
  readonly record: InvoiceRecord & { readonly accountKey: string; readonly subject: string };
  /** Those that credit it, oldest first. */
  readonly creditNotes: readonly CreditNoteRecord[];
  /** The time by which it is overdue or not. */
  readonly nowMs: number;
}

/** Documents about one charge have one subject, which is indexed. */
const creditNotes = sql<string>`(
  SELECT json_group_array(json_object(
           'invoiceId', invoice_id, 'number', number, 'numberPrefix', document ->> '$.numberPrefix',
           'totalMinor', document ->> '$.totalMinor'))
    FROM (SELECT note.* FROM invoices AS note
           WHERE note.account_key = invoices.account_key AND note.subject = invoices.subject
             AND note.document ->> '$.credited.invoiceId' = invoices.invoice_id
           ORDER BY note.ordinal))`.as("credit_notes");

/** null where there is no such invoice in the mode. */
export async function readInvoice(
  database: D1Database,
  mode: Mode,
  invoiceId: string,
  realNowMs: number,
): Promise<FoundInvoice | null> {
  const [row] = await drizzle(database)
    .select({ record: invoices, clockNowMs, creditNotes })
    .from(invoices)
    .innerJoin(accounts, eq(accounts.accountKey, invoices.accountKey))
    .leftJoin(testClocks, eq(testClocks.clockId, accounts.testClockId))
    .where(and(eq(invoices.invoiceId, invoiceId), eq(accounts.mode, mode)));
  if (row === undefined) return null;
  return {
    record: row.record,
    creditNotes: JSON.parse(row.creditNotes),
    nowMs: row.clockNowMs ?? realNowMs,
  };
}
