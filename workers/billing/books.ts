/** Reads what billing keeps of an account in D1, with the token that says whether it has changed since. */
import { accountIdOf } from "../../shared/account-key.ts";
import type { AccountProfile } from "../../shared/api/accounts.ts";
import type { Adjustment } from "../../shared/credits/adjustments.ts";
import type { BillingContext, BookedInvoice, BookedPeriod, Books } from "../../shared/credits/books.ts";
import type { Catalog } from "../../shared/credits/catalog.ts";
import { numberingOf } from "../../shared/credits/invoice.ts";

/** What a change is about; what is open or growing is always read. */
export interface BooksScope {
  readonly subjects: readonly string[];
  readonly adjustments: readonly string[];
  readonly periodStarts: readonly number[];
  /** Overage invoices whose corrections are needed. */
  readonly correctedInvoices: readonly string[];
}

export const OPEN_ONLY: BooksScope = {
  subjects: [],
  adjustments: [],
  periodStarts: [],
  correctedInvoices: [],
};

export interface LoadedBooks {
  readonly token: string;
  /** When the account is due next, as billing has stored it. */
  readonly dueAtMs: number;
  readonly books: Books;
  readonly context: BillingContext;
}

const ACCOUNT = `
  SELECT profile, billing_token AS token, settled_fact AS settledFact, billing_closed AS closed,
         period_ends_at_ms AS dueAtMs,
         (SELECT now_ms FROM test_clocks WHERE clock_id = test_clock_id) AS clockNowMs,
         (SELECT json_object('seller', catalog -> '$.seller', 'invoiceSeries', catalog -> '$.invoiceSeries')
            FROM operator) AS catalog
    FROM accounts WHERE account_key = ?1`;

export const INVOICE_COLUMNS = `
  invoice_id AS invoiceId, ordinal, source, subject, series, number, issued_at_ms AS issuedAtMs,
  due_at_ms AS dueAtMs, document, status, payment_reference AS paymentReference, void_reason AS voidReason,
  grows_until_ms AS growsUntilMs, fact_number AS factNumber`;

/** Each part by its own index: an account may have had thousands of documents. */
const INVOICES = `
  SELECT ${INVOICE_COLUMNS} FROM invoices
   WHERE invoice_id IN (
           SELECT invoice_id FROM invoices
            WHERE account_key = ?1 AND subject IN (SELECT value FROM json_each(?2))
            UNION ALL
           SELECT invoice_id FROM invoices WHERE account_key = ?1 AND grows_until_ms IS NOT NULL)
   ORDER BY ordinal`;

export const ADJUSTMENT_COLUMNS = `
  source, at_ms AS atMs, period_start_ms AS periodStartMs, period, event_id AS eventId,
  corrected_micros AS correctedMicros, granted_minor AS grantedMinor, open_minor AS openMinor,
  dropped_minor AS droppedMinor, corrects_invoice_id AS correctsInvoiceId`;

const ADJUSTMENTS = `
  SELECT ${ADJUSTMENT_COLUMNS}
    FROM adjustments
   WHERE account_key = ?1
     AND source IN (
           SELECT source FROM adjustments INDEXED BY adjustments_open WHERE account_key = ?1 AND open_minor <> 0
            UNION ALL
           SELECT value FROM json_each(?2)
            UNION ALL
           SELECT source FROM adjustments
            WHERE account_key = ?1 AND corrects_invoice_id IN (SELECT value FROM json_each(?3)))
   ORDER BY at_ms, length(source), source`;

const PERIODS = `
  SELECT figures, corrected FROM periods
   WHERE account_key = ?1
     AND (start_ms IN (SELECT value FROM json_each(?2))
          OR start_ms = (SELECT max(start_ms) FROM periods WHERE account_key = ?1))`;

interface AccountRow {
  readonly profile: string;
  readonly token: string;
  readonly settledFact: number;
  readonly closed: number;
  readonly dueAtMs: number;
  readonly clockNowMs: number | null;
  readonly catalog: string;
}

/** A row of `invoices` as INVOICE_COLUMNS read it. */
export type InvoiceRow = Omit<BookedInvoice, "document" | "number"> & {
  readonly ordinal: number;
  readonly number: number;
  readonly document: string;
};

export interface PeriodRow {
  readonly figures: string;
  readonly corrected: string | null;
}

/** All of one moment; null where D1 has no such account. */
export async function readBooks(
  database: D1Database,
  accountKey: string,
  scope: BooksScope,
  realNowMs: number,
): Promise<LoadedBooks | null> {
  const subjects = JSON.stringify(scope.subjects);
  const sources = JSON.stringify(scope.adjustments);
  const corrected = JSON.stringify(scope.correctedInvoices);
  const [account, invoices, adjustments, periods] = (await database.batch([
    database.prepare(ACCOUNT).bind(accountKey),
    database.prepare(INVOICES).bind(accountKey, subjects),
    database.prepare(ADJUSTMENTS).bind(accountKey, sources, corrected),
    database.prepare(PERIODS).bind(accountKey, JSON.stringify(scope.periodStarts)),
  ])) as [D1Result<AccountRow>, D1Result<InvoiceRow>, D1Result<Adjustment>, D1Result<PeriodRow>];
  const [row] = account.results;
  if (row === undefined) return null;
  return {
    token: row.token,
    dueAtMs: row.dueAtMs,
    books: {
      invoices: invoices.results.map(toInvoice),
      adjustments: adjustments.results,
      periods: periods.results.map(toPeriod),
      settledFact: row.settledFact,
      closed: row.closed === 1,
    },
    context: contextOf(accountKey, row, realNowMs),
  };
}

export function toInvoice(
  row: InvoiceRow,
): BookedInvoice & { readonly number: number; readonly ordinal: number } {
  return { ...row, document: JSON.parse(row.document) };
}

export function toPeriod({ figures, corrected }: PeriodRow): BookedPeriod {
  return { figures: JSON.parse(figures), corrected: corrected === null ? null : JSON.parse(corrected) };
}

function contextOf(accountKey: string, row: AccountRow, realNowMs: number): BillingContext {
  const { invoicePrefix, buyer, netDays, tax }: AccountProfile = JSON.parse(row.profile);
  const { seller, invoiceSeries }: Pick<Catalog, "seller" | "invoiceSeries"> = JSON.parse(row.catalog);
  const numbering = numberingOf(accountKey, invoicePrefix, invoiceSeries);
  return {
    terms: { account: accountIdOf(accountKey), seller, buyer, netDays, tax, ...numbering },
    nowMs: row.clockNowMs ?? realNowMs,
    newInvoiceId: () => `inv_${crypto.randomUUID()}`,
  };
}
