/** Invoices and credit notes on the wire (rules, sections 7.2 and 7.3). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import { CHARGE_CAUSES } from "../credits/billing-facts.ts";
import {
  type CreditedInvoice,
  INVOICE_KINDS,
  INVOICE_STATUSES,
  type InvoiceDocument,
  type InvoiceLine,
  type InvoiceStatus,
  invoiceNumber,
  isOverdue,
  LINE_UNITS,
} from "../credits/invoice.ts";
import {
  CURSOR_TEXT,
  formatInstant,
  instantOutSchema,
  labelSchema,
  moneyOutSchema,
  PAGE_SIZE_DEFAULT,
  pageQuerySchema,
  pageSchema,
} from "./common.ts";

const partySchema = z.object({ name: z.string(), address: z.string(), taxIds: z.array(z.string()) });

export const invoiceLineSchema = z
  .object({
    description: z.string(),
    quantity: z.number().openapi({ description: "of the unit; below 0 where a credit note takes it back" }),
    unit: z.enum(LINE_UNITS),
    unitPrice: z.string().openapi({ description: "decimal string in major units", example: "0.010" }),
    amount: moneyOutSchema,
    pack: z.string().optional().openapi({ description: "of a line of packs: the catalogue's id" }),
    adjustment: z.string().optional().openapi({ description: "the correction that a line credits" }),
  })
  .openapi("InvoiceLine");

/** Status, payment reference, void reason and overdue may change; the document only while it grows. */
export const invoiceSchema = z
  .object({
    invoice: z.string(),
    number: z.string().openapi({ example: "ACME-0007" }),
    account: z.string(),
    kind: z.enum(INVOICE_KINDS),
    cause: z.enum(CHARGE_CAUSES).nullable().openapi({ description: "of packs: why they are charged" }),
    status: z.enum(INVOICE_STATUSES),
    overdue: z.boolean().openapi({ description: "open after its due date" }),
    growsUntil: instantOutSchema
      .nullable()
      .openapi({ description: "until then packs added automatically may join it; null: it is final" }),
    paymentReference: z.string().nullable(),
    voidReason: z.string().nullable(),
    credits: z
      .object({ invoice: z.string(), number: z.string() })
      .nullable()
      .openapi({ description: "of a credit note: the invoice that it is for; null: for adjustments" }),
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
    notes: z.array(z.string()),
  })
  .openapi("Invoice");
export type Invoice = z.infer<typeof invoiceSchema>;

/** What reading one invoice says besides. */
export const invoiceWithCreditNotesSchema = invoiceSchema
  .extend({
    creditNotes: z
      .array(z.object({ invoice: z.string(), number: z.string(), total: moneyOutSchema }))
      .openapi({ description: "those that credit this invoice, oldest first" }),
  })
  .openapi("InvoiceWithCreditNotes");
export type InvoiceWithCreditNotes = z.infer<typeof invoiceWithCreditNotesSchema>;

export const invoicePageSchema = pageSchema(invoiceSchema, "Invoices");

/** Newest first; the cursor is where the page before ended. */
export const newestFirstQuerySchema = pageQuerySchema.extend({
  limit: pageQuerySchema.shape.limit
    .unwrap()
    .optional()
    .openapi({ description: `rows of a page, by default ${PAGE_SIZE_DEFAULT}; an export has no pages` }),
  cursor: z
    .string()
    .regex(/^-?\d{1,15}$/, "must be a nextCursor of this list")
    .transform(Number)
    .optional()
    .openapi({ type: "string", description: CURSOR_TEXT }),
});

export const payInvoiceSchema = z
  .strictObject({ reference: labelSchema.openapi({ description: "names the payment in your books" }) })
  .openapi("PayInvoice");

export const voidInvoiceSchema = z
  .strictObject({ reason: labelSchema.openapi({ description: "is said on the credit note" }) })
  .openapi("VoidInvoice");

/** An invoice as it is kept. */
export interface InvoiceRecord {
  readonly invoiceId: string;
  /** Counted within the account, in the order of issue. */
  readonly ordinal: number;
  /** Counted within its series. */
  readonly number: number;
  readonly issuedAtMs: number;
  readonly dueAtMs: number;
  readonly document: InvoiceDocument;
  readonly status: InvoiceStatus;
  readonly paymentReference: string | null;
  readonly voidReason: string | null;
  readonly growsUntilMs: number | null;
}

export function invoiceAnswer(record: InvoiceRecord, nowMs: number): Invoice {
  const { document, growsUntilMs } = record;
  const { kind, currency, timeZone, period, seller, buyer, tax } = document;
  const money = (amountMinor: number) => ({ amountMinor, currency });
  const grows = growsUntilMs !== null && growsUntilMs > nowMs;
  return {
    invoice: record.invoiceId,
    number: invoiceNumber(document.numberPrefix, record.number),
    account: document.account,
    kind,
    cause: document.cause,
    status: record.status,
    // Nobody owes a credit note by a day.
    overdue: kind !== "credit_note" && isOverdue(record.status, record.dueAtMs, timeZone, nowMs),
    growsUntil: grows ? formatInstant(growsUntilMs) : null,
    paymentReference: record.paymentReference,
    voidReason: record.voidReason,
    credits: creditsAnswer(document.credited),
    issuedAt: formatInstant(record.issuedAtMs),
    dueAt: formatInstant(record.dueAtMs),
    timeZone,
    period: { name: period.name, start: formatInstant(period.startMs), end: formatInstant(period.endMs) },
    currency,
    seller: { ...seller, taxIds: [...seller.taxIds] },
    buyer: { ...buyer, taxIds: [...buyer.taxIds] },
    lines: document.lines.map((line) => lineAnswer(line, currency)),
    subtotal: money(document.subtotalMinor),
    tax: tax === null ? null : { name: tax.name, percent: tax.percent, amount: money(tax.amountMinor) },
    total: money(document.totalMinor),
    notes: [...document.notes],
  };
}

/** A credit note for an invoice, as it is listed with it. */
export interface CreditNoteRecord {
  readonly invoiceId: string;
  readonly numberPrefix: string;
  readonly number: number;
  readonly totalMinor: number;
}

export function invoiceWithCreditNotesAnswer(
  record: InvoiceRecord,
  creditNotes: readonly CreditNoteRecord[],
  nowMs: number,
): InvoiceWithCreditNotes {
  const { currency } = record.document;
  return {
    ...invoiceAnswer(record, nowMs),
    creditNotes: creditNotes.map(({ invoiceId, numberPrefix, number, totalMinor }) => ({
      invoice: invoiceId,
      number: invoiceNumber(numberPrefix, number),
      total: { amountMinor: totalMinor, currency },
    })),
  };
}

function creditsAnswer(credited: CreditedInvoice | null): Invoice["credits"] {
  if (credited === null || credited.number === null) return null;
  return { invoice: credited.invoiceId, number: invoiceNumber(credited.numberPrefix, credited.number) };
}

/** A line in the wire's numbers. */
export function lineAnswer(line: InvoiceLine, currency: string): z.infer<typeof invoiceLineSchema> {
  const { description, quantityMicros, unit, unitPrice, amountMinor, pack, adjustment } = line;
  return {
    description,
    quantity: formatMicros(quantityMicros),
    unit,
    unitPrice,
    amount: { amountMinor, currency },
    ...(pack === undefined ? {} : { pack }),
    ...(adjustment === undefined ? {} : { adjustment }),
  };
}
