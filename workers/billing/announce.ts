/** Tells the account's people of documents that are final (rules, section 6.4). */
import type { BookedInvoice } from "../../shared/credits/books.ts";
import { invoiceNumber } from "../../shared/credits/invoice.ts";
import { invoiceNotificationIdOf } from "../../shared/notification-id.ts";
import type { NoticeMessage } from "../../shared/queues.ts";
import type { Env } from "../env.ts";
import { INVOICE_COLUMNS, type InvoiceRow, toInvoice } from "./books.ts";

/** What a queue takes at once. */
const BATCH_MAX = 100;

const FINAL_DOCUMENTS = `
  SELECT ${INVOICE_COLUMNS} FROM invoices
   WHERE grows_until_ms IS NULL
     AND invoice_id IN (
           SELECT invoice_id FROM invoices
            WHERE account_key = ?1 AND fact_number IN (SELECT value FROM json_each(?2))
            UNION ALL
           SELECT value FROM json_each(?3))
   ORDER BY ordinal`;

/** Documents that these facts made or made final, and those named; telling again changes nothing. */
export async function announce(
  env: Env,
  accountKey: string,
  about: { readonly facts: readonly number[]; readonly invoices: readonly string[] },
): Promise<void> {
  if (about.facts.length + about.invoices.length === 0) return;
  const { results } = await env.DB.prepare(FINAL_DOCUMENTS)
    .bind(accountKey, JSON.stringify(about.facts), JSON.stringify(about.invoices))
    .all<InvoiceRow>();
  const notices = results.map((row) => ({ body: invoiceIssued(accountKey, toInvoice(row)) }));
  for (let start = 0; start < notices.length; start += BATCH_MAX) {
    await env.NOTIFICATIONS_QUEUE.sendBatch(notices.slice(start, start + BATCH_MAX));
  }
}

function invoiceIssued(
  accountKey: string,
  invoice: BookedInvoice & { readonly number: number; readonly ordinal: number },
): NoticeMessage {
  const { document } = invoice;
  return {
    type: "notice",
    accountKey,
    notificationId: invoiceNotificationIdOf(accountKey, invoice.ordinal),
    notice: {
      kind: "invoice_issued",
      document: document.kind,
      atMs: invoice.issuedAtMs,
      period: document.period.name,
      invoiceId: invoice.invoiceId,
      number: invoiceNumber(document.numberPrefix, invoice.number),
      totalMinor: document.totalMinor,
      currency: document.currency,
      dueAtMs: invoice.dueAtMs,
    },
  };
}
