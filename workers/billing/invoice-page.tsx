/** An invoice as a page for people, to read and to print: no scripts, nothing from elsewhere. */

import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { Invoice } from "../../shared/api/invoices.ts";
import { localDay } from "../../shared/credits/period.ts";
import { dayText, moneyText, numberText } from "../../shared/text.ts";
import { INVOICE_STYLE } from "./invoice-style.ts";

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
        <title>{`Invoice ${invoice.number}`}</title>
        <style nonce={nonce}>{raw(INVOICE_STYLE)}</style>
      </head>
      <body>
        <main>
          <header class="head">
            <div>
              <h1>Invoice</h1>
              <p class="number">{invoice.number}</p>
            </div>
            <Status invoice={invoice} />
          </header>
          <section class="parties">
            <Party title="From" party={invoice.seller} />
            <Party title="Bill to" party={invoice.buyer} />
          </section>
          <Facts invoice={invoice} />
          <Lines invoice={invoice} />
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
  const { timeZone, buyer, paymentReference } = invoice;
  const day = (instant: string, offsetMs = 0) => dayText(localDay(Date.parse(instant) + offsetMs, timeZone));
  const facts: readonly (readonly [string, string | null])[] = [
    ["Issued", day(invoice.issuedAt)],
    ["Due", day(invoice.dueAt)],
    ["Usage period", `${day(invoice.period.start)} to ${day(invoice.period.end, -1)}`],
    ["Account", invoice.account],
    ["Purchase order", buyer.purchaseOrder],
    ["Payment reference", paymentReference],
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

function Lines({ invoice }: { invoice: Invoice }) {
  const { currency, tax } = invoice;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Description</th>
          <th scope="col" class="quantity">
            Quantity
          </th>
          <th scope="col" class="unit-price">
            Unit price
          </th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      <tbody>
        {invoice.lines.map((line) => (
          <tr>
            <td>{line.description}</td>
            <td class="quantity">{numberText(line.quantity)}</td>
            <td class="unit-price">{`${line.unitPrice} ${currency}`}</td>
            <td>{moneyText(line.amount)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        {tax === null ? null : <Sum name="Subtotal" amount={invoice.subtotal} />}
        {tax === null ? null : <Sum name={`${tax.name} ${tax.percent} %`} amount={tax.amount} />}
        <Sum name="Total" amount={invoice.total} total />
      </tfoot>
    </table>
  );
}

function Sum({ name, amount, total = false }: { name: string; amount: Invoice["total"]; total?: boolean }) {
  return (
    <tr class={total ? "total" : undefined}>
      <th scope="row" colspan={3}>
        {name}
      </th>
      <td>{moneyText(amount)}</td>
    </tr>
  );
}
