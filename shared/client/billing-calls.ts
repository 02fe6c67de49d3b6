/** Money: what an account costs, its invoices, and the proof of its figures (rules, section 7). */
import { accountPath, at } from "./calls.ts";
import { PackCalls } from "./pack-calls.ts";
import type {
  Billing,
  Invoice,
  InvoiceWithCreditNotes,
  Page,
  PageQuery,
  Reconciliation,
  ReconciliationQuery,
} from "./types.ts";

export class BillingCalls extends PackCalls {
  /** What it costs so far, as billed, and as expected next. */
  billing(account: string): Promise<Billing> {
    return this.get(`${accountPath(account)}/billing`);
  }

  /** Newest first. */
  invoices(account: string, query: PageQuery = {}): Promise<Page<Invoice>> {
    return this.get(`${accountPath(account)}/invoices`, query);
  }

  /** One of this account's: for callers who act for its users. */
  accountInvoice(account: string, invoice: string): Promise<InvoiceWithCreditNotes> {
    return this.get(at`/v1/accounts/${account}/invoices/${invoice}`);
  }

  /** With the credit notes for it. */
  invoice(invoice: string): Promise<InvoiceWithCreditNotes> {
    return this.get(invoicePath(invoice));
  }

  /** The invoice as an HTML page to print. */
  invoicePage(invoice: string): Promise<string> {
    return this.transport.text({
      method: "GET",
      path: invoicePath(invoice),
      headers: { accept: "text/html" },
    });
  }

  /** `reference` names the payment in your books. */
  markInvoicePaid(invoice: string, reference: string): Promise<Invoice> {
    return this.post(`${invoicePath(invoice)}/paid`, { reference });
  }

  markInvoiceUncollectible(invoice: string): Promise<Invoice> {
    return this.post(`${invoicePath(invoice)}/uncollectible`);
  }

  /** Issues a credit note for the whole. */
  voidInvoice(invoice: string, reason: string): Promise<Invoice> {
    return this.post(`${invoicePath(invoice)}/void`, { reason });
  }

  /** Bills a closed period again, after its invoice was voided; `period` is its name, such as 2026-11-14. */
  reinvoice(account: string, period: string): Promise<Invoice> {
    return this.post(at`/v1/accounts/${account}/periods/${period}/reinvoice`);
  }

  /** Whether balance, log, roll-ups and invoices agree, and where not. */
  reconcile(account: string, query: ReconciliationQuery = {}): Promise<Reconciliation> {
    return this.transport.json({
      method: "POST",
      path: `${accountPath(account)}/reconciliation`,
      query,
    });
  }
}

function invoicePath(invoice: string): string {
  return at`/v1/invoices/${invoice}`;
}
