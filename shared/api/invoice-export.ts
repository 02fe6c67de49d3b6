/** Invoices as an export (rules, 7.3): NDJSON with the whole documents, CSV with a line for each. */
import { type Money, majorUnits } from "../credits/money.ts";
import { type Column, exact } from "../reports/csv.ts";
import { type Invoice, type InvoiceRecord, invoiceAnswer } from "./invoices.ts";

const amount = (money: Money) => exact(majorUnits(money));

const COLUMNS: readonly Column<Invoice>[] = [
  { name: "number", cell: ({ number }) => number },
  { name: "invoice", cell: ({ invoice }) => invoice },
  { name: "kind", cell: ({ kind }) => kind },
  { name: "cause", cell: ({ cause }) => cause },
  { name: "status", cell: ({ status }) => status },
  { name: "overdue", cell: ({ overdue }) => overdue },
  { name: "issuedAt", cell: ({ issuedAt }) => issuedAt },
  { name: "dueAt", cell: ({ dueAt }) => dueAt },
  { name: "growsUntil", cell: ({ growsUntil }) => growsUntil },
  { name: "timeZone", cell: ({ timeZone }) => timeZone },
  { name: "period", cell: ({ period }) => period.name },
  { name: "periodStart", cell: ({ period }) => period.start },
  { name: "periodEnd", cell: ({ period }) => period.end },
  { name: "buyer", cell: ({ buyer }) => buyer.name },
  { name: "purchaseOrder", cell: ({ buyer }) => buyer.purchaseOrder },
  { name: "subtotal", cell: ({ subtotal }) => amount(subtotal) },
  { name: "taxName", cell: ({ tax }) => tax?.name },
  { name: "taxPercent", cell: ({ tax }) => (tax === null ? null : exact(tax.percent)) },
  { name: "tax", cell: ({ tax }) => (tax === null ? null : amount(tax.amount)) },
  { name: "total", cell: ({ total }) => amount(total) },
  { name: "currency", cell: ({ currency }) => currency },
  { name: "paymentReference", cell: ({ paymentReference }) => paymentReference },
  { name: "voidReason", cell: ({ voidReason }) => voidReason },
  // Of a credit note: the number of the invoice that it is for.
  { name: "credits", cell: ({ credits }) => credits?.number },
];

/** `nowMs` says what is overdue. */
export function invoiceExport(nowMs: number) {
  const answer = (record: InvoiceRecord) => invoiceAnswer(record, nowMs);
  return { lines: (record: InvoiceRecord) => [answer(record)], columns: COLUMNS, answer };
}
