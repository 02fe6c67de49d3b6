/** Invoices: those of the account, and what is to be expected (rules, 7.3 and 7.5). */

import type { Billing, Invoice, Page } from "../../../../shared/client/types.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Figures, PageHead, Pager, Table } from "../../parts/blocks.tsx";
import { invoicePath } from "../../parts/paths.ts";
import { DocumentLines } from "./invoice-lines.tsx";
import { InvoiceStatus, invoiceDay, invoicePeriod, kindText } from "./invoice-words.tsx";

const ROWS = 25;

interface InvoicesData {
  readonly invoices: Page<Invoice>;
  /** null on later pages. */
  readonly billing: Billing | null;
}

export const invoicesPage = accountPage<InvoicesData>({
  path: "/invoices",
  nav: "invoices",
  needs: "see_money",
  title: "Invoices",
  load: async ({ client, account, query }) => {
    const { cursor } = query;
    const [invoices, billing] = await Promise.all([
      client.invoices(account, { limit: ROWS, ...(cursor === undefined ? {} : { cursor }) }),
      cursor === undefined ? client.billing(account) : null,
    ]);
    return { invoices, billing };
  },
  view: ({ invoices, billing }, page) => (
    <>
      <PageHead title="Invoices" lead="What was billed, and what is to come." />
      {billing === null ? null : <SoFar billing={billing} page={page} />}
      <Card title="All invoices">
        {invoices.data.length === 0 ? (
          <Empty text="No invoices yet." />
        ) : (
          <InvoiceTable invoices={invoices.data} page={page} />
        )}
        <Pager url={page.url} nextCursor={invoices.nextCursor} />
      </Card>
      {billing === null || billing.expected.length === 0 ? null : <Expected billing={billing} page={page} />}
    </>
  ),
});

function SoFar({ billing, page: { format } }: { billing: Billing; page: AccountPage }): Html {
  const { overage, packsAmount, effectivePrice, currency, next, adjustments, period } = billing;
  const { accrued, billable, billed, price } = overage;
  return (
    <Card title={`This month, from ${format.date(period.start)}`} id="so-far">
      <Figures
        figures={[
          { label: "Packs", value: format.money(packsAmount), note: "before tax" },
          {
            label: "Above the limit so far",
            value: accrued === null ? "No price" : format.money(accrued),
            note:
              billable === 0 || price === null
                ? `${format.credits(billable)} credits`
                : `${format.credits(billable)} credits, of which ${format.credits(billed)} are billed × ${format.unitPrice(price, currency)}`,
          },
          {
            label: "Effective price",
            value: effectivePrice === null ? "–" : format.roughPrice(effectivePrice, currency),
            note: "of a used credit, all costs together",
          },
          ...(adjustments.open.amountMinor === 0
            ? []
            : [
                {
                  label: "Credit of corrections",
                  value: format.money(adjustments.open),
                  note: "taken off the next invoices",
                },
              ]),
          next === null
            ? { label: "Next invoice", value: "None", note: "nothing to bill so far" }
            : {
                label: "Next invoice, expected",
                value: format.money(next.total),
                note: `${kindText(next)}, ${format.date(next.at)}`,
              },
        ]}
      />
    </Card>
  );
}

function InvoiceTable({ invoices, page }: { invoices: readonly Invoice[]; page: AccountPage }): Html {
  const { format, root } = page;
  return (
    <Table
      caption="All invoices"
      columns={[
        { label: "Number" },
        { label: "For" },
        { label: "Issued" },
        { label: "Due" },
        { label: "Status" },
        { label: "Total", number: true },
      ]}
      rows={invoices.map((invoice) => [
        <a class="nowrap" href={invoicePath(root, invoice.invoice)}>
          {invoice.number}
        </a>,
        <>
          {kindText(invoice)}
          <small>{invoicePeriod(invoice, format)}</small>
        </>,
        <span class="nowrap">{invoiceDay(invoice.issuedAt, invoice, format)}</span>,
        <span class="nowrap">
          {invoice.kind === "credit_note" ? "–" : invoiceDay(invoice.dueAt, invoice, format)}
        </span>,
        <InvoiceStatus invoice={invoice} />,
        format.money(invoice.total),
      ])}
    />
  );
}

function Expected({ billing, page: { format } }: { billing: Billing; page: AccountPage }): Html {
  return (
    <Card title="To be expected">
      <p class="muted">As they would be now; use until the reset and purchases change them.</p>
      {billing.expected.map((expected) => (
        <details>
          <summary>
            {`${kindText(expected)}: ${format.money(expected.total)} on ${format.date(expected.at)}`}
            {expected.number === null ? "" : `, on ${expected.number}`}
          </summary>
          <DocumentLines document={expected} format={format} caption={kindText(expected)} />
        </details>
      ))}
    </Card>
  );
}
