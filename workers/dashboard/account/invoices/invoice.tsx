/** One invoice or credit note, to read and to print (rules, 7.3). */

import type { Invoice, InvoiceWithCreditNotes } from "../../../../shared/client/types.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Facts, PageHead } from "../../parts/blocks.tsx";
import { invoicePath } from "../../parts/paths.ts";
import { DocumentLines } from "./invoice-lines.tsx";
import { InvoiceStatus, invoiceDay, invoicePeriod, kindText } from "./invoice-words.tsx";

interface InvoiceProps {
  readonly invoice: InvoiceWithCreditNotes;
  readonly page: AccountPage;
}

export const invoicePage = accountPage<InvoiceWithCreditNotes>({
  path: "/invoices/:invoice",
  nav: "invoices",
  needs: "see_money",
  title: (invoice) => titleOf(invoice),
  load: ({ client, account, context }) => client.accountInvoice(account, context.req.param("invoice") ?? ""),
  view: (invoice, page) => (
    <article class="document">
      <p class="no-print">
        <a href={`${page.root}/invoices`}>All invoices</a>
      </p>
      <PageHead title={titleOf(invoice)} lead={<Lead invoice={invoice} />} />
      <Card>
        <div class="parties">
          <Party title="From" party={invoice.seller} />
          <Party title="Bill to" party={invoice.buyer} />
        </div>
        <InvoiceFacts invoice={invoice} page={page} />
        <DocumentLines document={invoice} format={page.format} />
        <Notes invoice={invoice} page={page} />
      </Card>
    </article>
  ),
});

/** Not among the head's actions: it is printed. */
function Lead({ invoice }: { readonly invoice: Invoice }): Html {
  return (
    <>
      {invoice.kind === "credit_note" ? "" : `${kindText(invoice)} `}
      <InvoiceStatus invoice={invoice} />
    </>
  );
}

function titleOf({ kind, number }: Invoice): string {
  return `${kind === "credit_note" ? "Credit note" : "Invoice"} ${number}`;
}

function Party({ title, party }: { readonly title: string; readonly party: Invoice["seller"] }): Html {
  return (
    <section>
      <h2>{title}</h2>
      <p class="address">
        <strong>{party.name}</strong>
        {party.address === "" ? "" : `\n${party.address}`}
        {party.taxIds.map((taxId) => `\nTax ID ${taxId}`)}
      </p>
    </section>
  );
}

function InvoiceFacts({ invoice, page: { format, root } }: InvoiceProps): Html {
  const { kind, credits, buyer, paymentReference, creditNotes } = invoice;
  const day = (instant: string) => invoiceDay(instant, invoice, format);
  return (
    <Facts
      facts={[
        ["Issued", day(invoice.issuedAt)],
        kind === "credit_note" ? null : ["Due", day(invoice.dueAt)],
        ["Usage period", invoicePeriod(invoice, format)],
        credits === null
          ? null
          : ["Credits invoice", <a href={invoicePath(root, credits.invoice)}>{credits.number}</a>],
        creditNotes.length === 0
          ? null
          : [
              "Credited by",
              creditNotes.map((note, index) => (
                <>
                  {index === 0 ? "" : ", "}
                  <a href={invoicePath(root, note.invoice)}>{note.number}</a>
                  {` (${format.money(note.total)})`}
                </>
              )),
            ],
        ["Account", invoice.account],
        buyer.purchaseOrder === null ? null : ["Purchase order", buyer.purchaseOrder],
        paymentReference === null ? null : [kind === "credit_note" ? "Paid back" : "Paid", paymentReference],
      ]}
    />
  );
}

/** What is said on the document, and how it stands now. */
function Notes({ invoice, page: { format } }: InvoiceProps): Html {
  const { growsUntil, voidReason, notes } = invoice;
  const now = [
    growsUntil === null
      ? null
      : `Packs that are added automatically join this invoice until ${format.dateTime(growsUntil)}.`,
    voidReason === null ? null : `This invoice is void: ${voidReason}. Nothing has to be paid.`,
  ];
  return <>{[...notes, ...now].map((note) => (note === null ? null : <p class="muted">{note}</p>))}</>;
}
