/**
 * Stores what the account says of its closed periods (rules, sections 2.4 and 7): figures, overage invoices and
 * when the next period ends, in one D1 batch. Every row is keyed by what it is about, so storing again changes nothing.
 */
import { and, eq, inArray, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { accountIdOf } from "../../shared/account-key.ts";
import type { InvoiceRecord } from "../../shared/api/invoices.ts";
import { draftOverageInvoice, type InvoiceDraft, overageAmountMinor } from "../../shared/credits/invoice.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import { accounts, invoices, operator, periods } from "../../shared/db/schema.ts";

/**
 * Stores closed periods and the end of the period that follows them; returns their invoices as D1 holds them. The
 * first document of a period wins, whatever the account's profile has become since.
 */
export async function storeClosedPeriods(
  database: D1Database,
  accountKey: string,
  closed: readonly ClosedPeriod[],
  periodEndsAtMs: number,
): Promise<readonly InvoiceRecord[]> {
  const db = drizzle(database);
  const drafts = await draftInvoices(database, accountKey, closed);
  const sources = drafts.map((draft) => draft.source);
  const [, , , stored] = await db.batch([
    db.insert(periods).select(periodRows(accountKey, closed)).onConflictDoNothing(),
    db.insert(invoices).select(invoiceRows(accountKey, drafts)),
    db
      .update(accounts)
      .set({ periodEndsAtMs })
      .where(and(eq(accounts.accountKey, accountKey), lt(accounts.periodEndsAtMs, periodEndsAtMs))),
    db
      .select()
      .from(invoices)
      .where(and(eq(invoices.accountKey, accountKey), inArray(invoices.source, sources)))
      .orderBy(invoices.number),
  ]);
  return stored;
}

async function draftInvoices(
  database: D1Database,
  accountKey: string,
  closed: readonly ClosedPeriod[],
): Promise<readonly InvoiceDraft[]> {
  const billed = closed.filter((period) => overageAmountMinor(period) > 0);
  if (billed.length === 0) return [];
  const db = drizzle(database);
  const [[account], [offer]] = await db.batch([
    db.select({ profile: accounts.profile }).from(accounts).where(eq(accounts.accountKey, accountKey)),
    db.select({ catalog: operator.catalog }).from(operator),
  ]);
  if (account === undefined || offer === undefined) {
    throw new Error(`D1 holds no profile of ${accountKey} to invoice it with`);
  }
  const { invoicePrefix, buyer, netDays, tax } = account.profile;
  const terms = { account: accountIdOf(accountKey), numberPrefix: invoicePrefix, buyer, netDays, tax };
  return billed.flatMap((period) => draftOverageInvoice(period, terms, offer.catalog.seller) ?? []);
}

/** Rows of `periods`, column by column. */
function periodRows(accountKey: string, closed: readonly ClosedPeriod[]) {
  return sql`
    SELECT ${accountKey}, value ->> '$.startMs', value ->> '$.endMs', value ->> '$.period', value
      FROM json_each(${JSON.stringify(closed)})
     WHERE true`;
}

/**
 * Rows of `invoices`, column by column, of those not invoiced yet. Numbers are given in the statement that stores
 * them, so that two runs at once leave no gap and take none twice.
 */
function invoiceRows(accountKey: string, drafts: readonly InvoiceDraft[]) {
  const rows = drafts.map((draft) => ({ invoiceId: `inv_${crypto.randomUUID()}`, ...draft }));
  return sql`
    SELECT value ->> '$.invoiceId', ${accountKey}, value ->> '$.source',
           (SELECT coalesce(max(number), 0) FROM invoices WHERE account_key = ${accountKey})
             + row_number() OVER (ORDER BY key),
           value ->> '$.issuedAtMs', value ->> '$.dueAtMs', value -> '$.document', 'open', NULL
      FROM json_each(${JSON.stringify(rows)})
     WHERE NOT EXISTS (SELECT 1 FROM invoices WHERE account_key = ${accountKey} AND source = value ->> '$.source')`;
}
