/** An invoice or a credit note as a page for people, to read and to print: no scripts, nothing from elsewhere. */

import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { Invoice } from "../../shared/api/invoices.ts";
import { localDay } from "../../shared/credits/period.ts";
import { dayText, instantText } from "../../shared/text.ts";
import { InvoiceLines } from "./invoice-lines.tsx";
import { INVOICE_STYLE } from "./invoice-style.ts";

const TITLES: Record<Invoice["kind"], string> = {
  overage: "Invoice",
  packs: "Invoice",
  adjustment: "Invoice",
  credit_note: "Credit note",
};

/** The whole answer, with a policy that allows its own style and nothing else. */
export function invoicePage(context: Context, invoice: Invoice) {
  const nonce = crypto.randomUUID();
  context.header(
    "content-security-policy",
    `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  context.header("x-content-type-options", "nosniff");
  context.header("referrer-policy", "no-referrer");
  context.header("cache-control", "private, no-store");
  return context.html(html`<!doctype html>${<InvoicePage invoice={invoice} nonce={nonce} />}`, 200);
}

function InvoicePage({ invoice, nonce }: { invoice: Invoice; nonce: string }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${TITLES[invoice.kind]} ${invoice.number}`}</title>
        <style nonce={nonce}>{raw(INVOICE_STYLE)}</style>
      </head>
      <body>
        <main>
          {invoice.status === "void" ? <p class="stamp">Void</p> : null}
          <header class="head">
            <div>
              <h1>{TITLES[invoice.kind]}</h1>
              <p class="number">{invoice.number}</p>
            </div>
            <Status invoice={invoice} />
          </header>
          <section class="parties">
            <Party title="From" party={invoice.seller} />
            <Party title="Bill to" party={invoice.buyer} />
          </section>
          <Facts invoice={invoice} />
          <InvoiceLines invoice={invoice} />
          <Notes invoice={invoice} />
        </main>
      </body>
    </html>
  );
}

function Status({ invoice }: { invoice: Invoice }) {
  const status = invoice.overdue ? "overdue" : invoice.status;
  return <span class={`status ${status}`}>{status.charAt(0).toUpperCase() + status.slice(1)}</span>;
}

function Party({ title, party }: { title: string; party: Invoice["seller"] }) {
  return (
    <div>
      <h2>{title}</h2>
      <strong>{party.name}</strong>
      <p class="address">{party.address}</p>
      {party.taxIds.map((taxId) => (
        <p>{`Tax ID ${taxId}`}</p>
      ))}
    </div>
  );
}

function Facts({ invoice }: { invoice: Invoice }) {
  const { timeZone, buyer, credits } = invoice;
  const day = (instant: string, offsetMs = 0) => dayText(localDay(Date.parse(instant) + offsetMs, timeZone));
  const isNote = invoice.kind === "credit_note";
  const facts: readonly (readonly [string, string | null])[] = [
    ["Issued", day(invoice.issuedAt)],
    ["Due", isNote ? null : day(invoice.dueAt)],
    ["Credits invoice", credits === null ? null : credits.number],
    ["Usage period", `${day(invoice.period.start)} to ${day(invoice.period.end, -1)}`],
    ["Account", invoice.account],
    ["Purchase order", buyer.purchaseOrder],
    ["Payment reference", invoice.paymentReference],
  ];
  return (
    <dl>
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** What is said on the document, and how it stands now. */
function Notes({ invoice }: { invoice: Invoice }) {
  const { growsUntil, timeZone, voidReason, notes } = invoice;
  const now = [
    growsUntil === null
      ? null
      : `Packs that are added automatically join this invoice until ${instantText(Date.parse(growsUntil), timeZone)}.`,
    voidReason === null ? null : `This invoice is void: ${voidReason}. Nothing has to be paid.`,
  ];
  const said = [...notes, ...now].filter((note) => note !== null);
  if (said.length === 0) return null;
  return (
    <footer class="notes">
      {said.map((note) => (
        <p>{note}</p>
      ))}
    </footer>
  );
}
