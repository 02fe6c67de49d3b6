/**
 * Stores changed books in one D1 batch. Its first statement swaps the account's token, and every other one does
 * something only where that succeeded: of two runs at once, one changes nothing and begins anew.
 */
import type { Adjustment } from "../../shared/credits/adjustments.ts";
import type { BookedInvoice, BookedPeriod, Books } from "../../shared/credits/books.ts";
import type { Changed } from "../audit/record.ts";

/** `?1` is the account's key, `?2` the new token. */
const SWAPPED = "EXISTS (SELECT 1 FROM accounts WHERE account_key = ?1 AND billing_token = ?2)";

const SWAP = `
  UPDATE accounts
     SET billing_token = ?2, settled_fact = ?4, billing_closed = ?5, period_ends_at_ms = coalesce(?6, period_ends_at_ms)
   WHERE account_key = ?1 AND billing_token = ?3`;

const PERIODS = `
  INSERT INTO periods (account_key, start_ms, end_ms, period, figures, corrected)
  SELECT ?1, value ->> '$.figures.startMs', value ->> '$.figures.endMs', value ->> '$.figures.period',
         value -> '$.figures', nullif(value -> '$.corrected', 'null')
    FROM json_each(?3)
   WHERE ${SWAPPED}
  ON CONFLICT (account_key, start_ms) DO UPDATE SET corrected = excluded.corrected`;

const ADJUSTMENTS = `
  INSERT INTO adjustments (account_key, source, at_ms, period_start_ms, period, event_id, corrected_micros,
                           granted_minor, open_minor, dropped_minor, corrects_invoice_id)
  SELECT ?1, value ->> '$.source', value ->> '$.atMs', value ->> '$.periodStartMs', value ->> '$.period',
         value ->> '$.eventId', value ->> '$.correctedMicros', value ->> '$.grantedMinor', value ->> '$.openMinor',
         value ->> '$.droppedMinor', value ->> '$.correctsInvoiceId'
    FROM json_each(?3)
   WHERE ${SWAPPED}
  ON CONFLICT (account_key, source) DO UPDATE SET
    open_minor = excluded.open_minor, dropped_minor = excluded.dropped_minor`;

const CHANGED_INVOICES = `
  UPDATE invoices
     SET document = changed.value -> '$.document', status = changed.value ->> '$.status',
         payment_reference = changed.value ->> '$.paymentReference', void_reason = changed.value ->> '$.voidReason',
         grows_until_ms = changed.value ->> '$.growsUntilMs', fact_number = changed.value ->> '$.factNumber'
    FROM json_each(?3) AS changed
   WHERE invoice_id = changed.value ->> '$.invoiceId' AND ${SWAPPED}`;

/** The number is given here, so that it has no gap; a credit note learns that of its invoice. */
const NEW_INVOICE = `
  INSERT INTO invoices (invoice_id, account_key, ordinal, kind, source, subject, series, number, issued_at_ms,
                        due_at_ms, document, status, payment_reference, void_reason, grows_until_ms, fact_number)
  SELECT ?3 ->> '$.invoiceId', ?1,
         (SELECT coalesce(max(ordinal), 0) + 1 FROM invoices WHERE account_key = ?1),
         ?3 ->> '$.document.kind', ?3 ->> '$.source', ?3 ->> '$.subject', ?3 ->> '$.series',
         (SELECT coalesce(max(number), 0) + 1 FROM invoices WHERE series = ?3 ->> '$.series'),
         ?3 ->> '$.issuedAtMs', ?3 ->> '$.dueAtMs',
         CASE WHEN ?3 ->> '$.document.credited' IS NULL THEN ?3 -> '$.document'
              ELSE json_set(?3 -> '$.document', '$.credited.number', (
                SELECT number FROM invoices WHERE invoice_id = ?3 ->> '$.document.credited.invoiceId')) END,
         ?3 ->> '$.status', ?3 ->> '$.paymentReference', ?3 ->> '$.voidReason', ?3 ->> '$.growsUntilMs',
         ?3 ->> '$.factNumber'
   WHERE ${SWAPPED}`;

/** Who changed what: beside the change, or not at all. */
const AUDIT = `
  INSERT INTO audit (account_key, at_ms, audit_id, actor, action, target, before, after)
  SELECT ?1, ?3 ->> '$.atMs', ?3 ->> '$.auditId', ?3 ->> '$.actor', ?3 ->> '$.action', ?3 ->> '$.target',
         ?3 -> '$.before', ?3 -> '$.after'
   WHERE ${SWAPPED}`;

/** A change by an operator, for the audit log (rules, 9.4). */
export interface AuditedChange extends Changed {
  readonly actor: string;
}

/** What differs between two states of the books; documents in the order in which they were issued. */
export interface BooksChange {
  readonly periods: readonly BookedPeriod[];
  readonly adjustments: readonly Adjustment[];
  readonly changedInvoices: readonly BookedInvoice[];
  readonly newInvoices: readonly BookedInvoice[];
}

export function changeBetween(before: Books, after: Books): BooksChange {
  const invoices = newOf(before.invoices, after.invoices);
  return {
    periods: newOf(before.periods, after.periods),
    adjustments: newOf(before.adjustments, after.adjustments),
    changedInvoices: invoices.filter(({ number }) => number !== null),
    newInvoices: invoices.filter(({ number }) => number === null),
  };
}

/** What was not changed is the same object. */
function newOf<Item>(before: readonly Item[], after: readonly Item[]): readonly Item[] {
  const known = new Set(before);
  return after.filter((item) => !known.has(item));
}

/** What is stored besides the books. */
export interface StoredBeside {
  /** When the account is due next; absent: as it is. */
  readonly dueAtMs?: number;
  readonly audit?: AuditedChange;
}

/** False where the books were changed by somebody else since `token` was read: nothing is stored then. */
export async function storeBooks(
  database: D1Database,
  accountKey: string,
  token: string,
  before: Books,
  after: Books,
  { dueAtMs, audit }: StoredBeside,
): Promise<boolean> {
  const newToken = crypto.randomUUID();
  const change = changeBetween(before, after);
  const write = (sql: string, value: unknown) =>
    database.prepare(sql).bind(accountKey, newToken, JSON.stringify(value));
  const some = (sql: string, items: readonly unknown[]) => (items.length === 0 ? [] : [write(sql, items)]);
  const [swapped] = await database.batch([
    database
      .prepare(SWAP)
      .bind(accountKey, newToken, token, after.settledFact, after.closed ? 1 : 0, dueAtMs ?? null),
    ...some(PERIODS, change.periods),
    ...some(CHANGED_INVOICES, change.changedInvoices),
    ...change.newInvoices.map((invoice) => write(NEW_INVOICE, invoice)),
    ...some(ADJUSTMENTS, change.adjustments),
    ...(audit === undefined ? [] : [write(AUDIT, { ...audit, ...auditKey() })]),
  ]);
  return swapped?.meta.changes === 1;
}

/** As other routes that change D1 alone name their records. */
function auditKey() {
  return { atMs: Date.now(), auditId: `d${crypto.randomUUID()}` };
}
