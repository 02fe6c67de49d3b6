/** What an operator does with invoices: note payments, write off, void, bill a period again (rules, section 7.3). */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accountParamsSchema, dateSchema, formatInstant, referenceSchema } from "../../shared/api/common.ts";
import {
  type Invoice,
  invoiceAnswer,
  invoiceSchema,
  payInvoiceSchema,
  voidInvoiceSchema,
} from "../../shared/api/invoices.ts";
import type { BillingContext, BookedInvoice, Books } from "../../shared/credits/books.ts";
import { invoiceNumber } from "../../shared/credits/invoice.ts";
import {
  payInvoice,
  type StatusChange,
  type StatusRefusal,
  voidInvoice,
  writeOffInvoice,
} from "../../shared/credits/invoice-status.ts";
import { actorOf } from "../audit/record.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  createRouter,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { announce } from "./announce.ts";
import { changeBooks } from "./change.ts";
import { foundInvoice } from "./found-invoice.ts";
import type { FoundInvoice } from "./records.ts";
import { reinvoice } from "./reinvoice.ts";

const tags = ["Invoices"];
const invoiceParams = z.object({ invoice: referenceSchema });

const pay = createRoute({
  method: "post",
  path: "/v1/invoices/{invoice}/paid",
  operationId: "markInvoicePaid",
  tags,
  summary: "Mark an invoice as paid",
  description:
    "Of a credit note: as paid back. Sent again with the same reference it answers the same; the document never changes.",
  middleware: [requireScope("admin")] as const,
  request: { params: invoiceParams, body: jsonBody(payInvoiceSchema) },
  responses: {
    200: jsonContent(invoiceSchema, "the paid invoice"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const writeOff = createRoute({
  method: "post",
  path: "/v1/invoices/{invoice}/uncollectible",
  operationId: "markInvoiceUncollectible",
  tags,
  summary: "Mark an open invoice as uncollectible",
  description: "Nobody expects the payment any more. If it comes all the same, mark the invoice as paid.",
  middleware: [requireScope("admin")] as const,
  request: { params: invoiceParams },
  responses: {
    200: jsonContent(invoiceSchema, "the uncollectible invoice"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

const cancel = createRoute({
  method: "post",
  path: "/v1/invoices/{invoice}/void",
  operationId: "voidInvoice",
  tags,
  summary: "Void an unpaid invoice",
  description:
    "Issues a credit note for the whole, removes no packs and changes no usage. Credits that it had taken are open again for the next invoice. Sent again with the same reason it answers the same.",
  middleware: [requireScope("admin")] as const,
  request: { params: invoiceParams, body: jsonBody(voidInvoiceSchema) },
  responses: {
    200: jsonContent(invoiceSchema, "the void invoice"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const again = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/periods/{period}/reinvoice",
  operationId: "reinvoicePeriod",
  tags,
  summary: "Bill a closed period again, after its invoice was voided",
  description: "With the figures as corrected by now. Asked again it answers with the same invoice.",
  middleware: [requireScope("admin")] as const,
  request: { params: accountParamsSchema.extend({ period: dateSchema }) },
  responses: {
    200: jsonContent(invoiceSchema, "the period was billed again already"),
    201: jsonContent(invoiceSchema, "the new overage invoice"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

type Change = (books: Books, invoice: BookedInvoice, context: BillingContext) => StatusChange | StatusRefusal;

/** Throws 404 for an unknown invoice, 409 where its status does not allow the change. */
async function changeStatus(
  context: Context<AppEnv>,
  action: string,
  invoiceId: string,
  change: Change,
): Promise<Invoice> {
  const { record } = await foundInvoice(context, invoiceId);
  const { accountKey } = record;
  const result = await changeBooks(context.env.DB, accountKey, scopeOf(record), (books, billing) => {
    const invoice = invoiceIn(books, invoiceId);
    const changed = change(books, invoice, billing);
    if (changed.kind !== "changed") return changed;
    const target = invoiceNumber(record.document.numberPrefix, record.number);
    const after = invoiceIn(changed.books, invoiceId);
    const audit = {
      action,
      target,
      before: statusOf(invoice),
      after: statusOf(after),
      actor: actorOf(context),
    };
    return { ...changed, audit };
  });
  if (result === null) throw new Error(`D1 holds no account of ${invoiceId}`);
  if (result.kind !== "changed") throw refused(result);
  const made = new Set([`void:${invoiceId}`, `closing:${invoiceId}`]);
  const notes = result.books.invoices.filter(({ source }) => made.has(source));
  await announce(context.env, accountKey, { facts: [], invoices: notes.map((note) => note.invoiceId) });
  const changed = await foundInvoice(context, invoiceId);
  return invoiceAnswer(changed.record, changed.nowMs);
}

function invoiceIn(books: Books, invoiceId: string): BookedInvoice {
  const invoice = books.invoices.find((known) => known.invoiceId === invoiceId);
  if (invoice === undefined) throw new Error(`${invoiceId} is not among its account's`);
  return invoice;
}

function statusOf({ status, paymentReference, voidReason }: BookedInvoice) {
  return { status, paymentReference, voidReason };
}

function scopeOf({ invoiceId, subject, document }: FoundInvoice["record"]) {
  return {
    subjects: [subject, `closing:${invoiceId}`],
    adjustments: document.lines.flatMap(({ adjustment }) => adjustment ?? []),
    periodStarts: [document.period.startMs],
    correctedInvoices: [invoiceId],
  };
}

function refused(refusal: StatusRefusal): ProblemError {
  return new ProblemError(409, refusal.kind, detailOf(refusal));
}

function detailOf(refusal: StatusRefusal): string {
  switch (refusal.kind) {
    case "not_final":
      return `packs may still join this invoice until ${formatInstant(refusal.untilMs)}; try again then`;
    case "already_paid":
      return `the invoice was paid with the reference "${refusal.reference}"`;
    case "already_void":
      return `the invoice is void: ${refusal.reason}`;
    case "not_voidable":
      return "a credit note cannot be voided, nor the last invoice of a closed account";
    case "already_credited":
      return "credit notes have taken back all of it; mark it and them as paid instead";
    case "not_a_claim":
      return "a credit note is owed to the account; mark it as paid when it was paid back";
  }
}

export const statusRoutes = createRouter()
  .openapi(pay, async (context) => {
    const { reference } = context.req.valid("json");
    const { invoice } = context.req.valid("param");
    const paid = await changeStatus(context, "invoice_paid", invoice, (books, found) =>
      payInvoice(books, found, reference),
    );
    return context.json(paid, 200);
  })
  .openapi(writeOff, async (context) => {
    const { invoice } = context.req.valid("param");
    return context.json(await changeStatus(context, "invoice_uncollectible", invoice, writeOffInvoice), 200);
  })
  .openapi(cancel, async (context) => {
    const { reason } = context.req.valid("json");
    const { invoice } = context.req.valid("param");
    const voided = await changeStatus(context, "invoice_voided", invoice, (books, found, billing) =>
      voidInvoice(books, found, reason, billing),
    );
    return context.json(voided, 200);
  })
  .openapi(again, async (context) => {
    const { account, period } = context.req.valid("param");
    const { invoice, created } = await reinvoice(context, account, period);
    return context.json(invoice, created ? 201 : 200);
  });
