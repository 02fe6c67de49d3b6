/** Invoices on the wire (rules, section 7.3). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import {
  INVOICE_STATUSES,
  type InvoiceDocument,
  type InvoiceStatus,
  invoiceNumber,
  isOverdue,
} from "../credits/invoice.ts";
import {
  formatInstant,
  instantOutSchema,
  labelSchema,
  moneyOutSchema,
  pageQuerySchema,
  pageSchema,
} from "./common.ts";

const partySchema = z.object({ name: z.string(), address: z.string(), taxIds: z.array(z.string()) });

export const invoiceLineSchema = z
  .object({
    description: z.string(),
    quantity: z.number().openapi({ description: "credits" }),
    unitPrice: z.string().openapi({ description: "decimal string in major units", example: "0.010" }),
    amount: moneyOutSchema,
  })
  .openapi("InvoiceLine");

/** Status, payment reference and overdue may change; nothing else does. */
export const invoiceSchema = z
  .object({
    invoice: z.string(),
    number: z.string().openapi({ example: "ACME-0007" }),
    account: z.string(),
    kind: z.enum(["overage"]),
    status: z.enum(INVOICE_STATUSES),
    overdue: z.boolean().openapi({ description: "open after its due date" }),
    paymentReference: z.string().nullable(),
    issuedAt: instantOutSchema,
    dueAt: instantOutSchema,
    timeZone: z.string().openapi({ description: "in which issue and due dates are days" }),
    period: z.object({ name: z.string(), start: instantOutSchema, end: instantOutSchema }),
    currency: z.string(),
    seller: partySchema,
    buyer: partySchema.extend({ purchaseOrder: z.string().nullable() }),
    lines: z.array(invoiceLineSchema),
    subtotal: moneyOutSchema,
    tax: z.object({ name: z.string(), percent: z.string(), amount: moneyOutSchema }).nullable(),
    total: moneyOutSchema,
  })
  .openapi("Invoice");
export type Invoice = z.infer<typeof invoiceSchema>;

export const invoicePageSchema = pageSchema(invoiceSchema, "Invoices");

/** Newest first; the cursor is where the page before ended. */
export const newestFirstQuerySchema = pageQuerySchema.extend({
  cursor: z
    .string()
    .regex(/^-?\d{1,15}$/, "must be a nextCursor of this list")
    .transform(Number)
    .optional()
    .openapi({ type: "string" }),
});

export const payInvoiceSchema = z
  .strictObject({ reference: labelSchema.openapi({ description: "names the payment in your books" }) })
  .openapi("PayInvoice");

/** An invoice as it is kept. */
export interface InvoiceRecord {
  readonly invoiceId: string;
  readonly number: number;
  readonly issuedAtMs: number;
  readonly dueAtMs: number;
  readonly document: InvoiceDocument;
  readonly status: InvoiceStatus;
  readonly paymentReference: string | null;
}

export function invoiceAnswer(record: InvoiceRecord, nowMs: number): Invoice {
  const { document } = record;
  const { currency, timeZone } = document;
  const money = (amountMinor: number) => ({ amountMinor, currency });
  return {
    invoice: record.invoiceId,
    number: invoiceNumber(document.numberPrefix, record.number),
    account: document.account,
    kind: document.kind,
    status: record.status,
    overdue: isOverdue(record.status, record.dueAtMs, timeZone, nowMs),
    paymentReference: record.paymentReference,
    issuedAt: formatInstant(record.issuedAtMs),
    dueAt: formatInstant(record.dueAtMs),
    timeZone,
    period: {
      name: document.period.name,
      start: formatInstant(document.period.startMs),
      end: formatInstant(document.period.endMs),
    },
    currency,
    seller: { ...document.seller, taxIds: [...document.seller.taxIds] },
    buyer: { ...document.buyer, taxIds: [...document.buyer.taxIds] },
    lines: document.lines.map((line) => ({
      description: line.description,
      quantity: formatMicros(line.quantityMicros),
      unitPrice: line.unitPrice,
      amount: money(line.amountMinor),
    })),
    subtotal: money(document.subtotalMinor),
    tax:
      document.tax === null
        ? null
        : {
            name: document.tax.name,
            percent: document.tax.percent,
            amount: money(document.tax.amountMinor),
          },
    total: money(document.totalMinor),
  };
}
