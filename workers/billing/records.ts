/** Reads invoices and closed periods from D1, newest first, and marks invoices as paid. */
import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Mode } from "../../shared/api/common.ts";
import type { InvoiceRecord } from "../../shared/api/invoices.ts";
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
  const beyond = page.after === undefined ? undefined : lt(invoices.number, page.after);
  return drizzle(database)
    .select()
    .from(invoices)
    .where(and(eq(invoices.accountKey, accountKey), beyond))
    .orderBy(desc(invoices.number))
    .limit(page.rows);
}

export interface PeriodRecord {
  readonly figures: ClosedPeriod;
  /** The overage invoice of the period. */
  readonly invoiceId: string | null;
}

export function readPeriods(
  database: D1Database,
  accountKey: string,
  page: Page,
): Promise<readonly PeriodRecord[]> {
  const beyond = page.after === undefined ? undefined : lt(periods.startMs, page.after);
  return drizzle(database)
    .select({ figures: periods.figures, invoiceId: invoices.invoiceId })
    .from(periods)
    .leftJoin(
      invoices,
      and(
        eq(invoices.accountKey, periods.accountKey),
        eq(invoices.source, sql`'overage:' || ${periods.startMs}`),
      ),
    )
    .where(and(eq(periods.accountKey, accountKey), beyond))
    .orderBy(desc(periods.startMs))
    .limit(page.rows);
}

export interface FoundInvoice {
  readonly record: InvoiceRecord;
  /** The time by which it is overdue or not. */
  readonly nowMs: number;
}

/** null where there is no such invoice in the mode. */
export async function readInvoice(
  database: D1Database,
  mode: Mode,
  invoiceId: string,
  realNowMs: number,
): Promise<FoundInvoice | null> {
  const [row] = await drizzle(database)
    .select({ record: invoices, clockNowMs })
    .from(invoices)
    .innerJoin(accounts, eq(accounts.accountKey, invoices.accountKey))
    .leftJoin(testClocks, eq(testClocks.clockId, accounts.testClockId))
    .where(and(eq(invoices.invoiceId, invoiceId), eq(accounts.mode, mode)));
  return row === undefined ? null : { record: row.record, nowMs: row.clockNowMs ?? realNowMs };
}

/** A payment that comes late is one too; a void invoice takes none. */
export async function markPaid(database: D1Database, invoiceId: string, reference: string): Promise<void> {
  await drizzle(database)
    .update(invoices)
    .set({ status: "paid", paymentReference: reference })
    .where(and(eq(invoices.invoiceId, invoiceId), inArray(invoices.status, ["open", "uncollectible"])));
}
