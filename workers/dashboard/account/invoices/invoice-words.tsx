/** What the pages of invoices say in the same words. */
import type { Invoice } from "../../../../shared/client/types.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import type { Format } from "../../format.ts";
import type { Html } from "../../page.tsx";
import { Badge, type Tone } from "../../parts/blocks.tsx";

const KINDS: Readonly<Record<Invoice["kind"], string>> = {
  overage: "Credits above the limit",
  packs: "Packs",
  adjustment: "Adjustment",
  credit_note: "Credit note",
};

const CAUSES: Readonly<Record<NonNullable<Invoice["cause"]>, string>> = {
  purchase: "Packs bought",
  upgrade: "Packs added automatically",
  renewal: "Packs of the term",
  conversion: "Packs converted",
};

export function kindText({ kind, cause }: Pick<Invoice, "kind" | "cause">): string {
  return kind === "packs" && cause !== null ? CAUSES[cause] : KINDS[kind];
}

const STATUSES: Readonly<Record<Invoice["status"], { readonly label: string; readonly tone: Tone }>> = {
  open: { label: "Open", tone: "accent" },
  paid: { label: "Paid", tone: "good" },
  void: { label: "Void", tone: "plain" },
  uncollectible: { label: "Written off", tone: "plain" },
};

export function InvoiceStatus({ invoice }: { readonly invoice: Pick<Invoice, "status" | "overdue"> }): Html {
  if (invoice.overdue) return <Badge tone="critical">Overdue</Badge>;
  const { label, tone } = STATUSES[invoice.status];
  return <Badge tone={tone}>{label}</Badge>;
}

/** A day of an invoice in its own time zone, which may have been the account's only then. */
export function invoiceDay(instant: string, { timeZone }: Pick<Invoice, "timeZone">, format: Format): string {
  return format.day(localDay(Date.parse(instant), timeZone));
}

/** The days of an invoice's period, both included. */
export function invoicePeriod(
  { period, timeZone }: Pick<Invoice, "period" | "timeZone">,
  format: Format,
): string {
  const last = localDay(Date.parse(period.end) - 1, timeZone);
  return format.dateRange(localDay(Date.parse(period.start), timeZone), last);
}
