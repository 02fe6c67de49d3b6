/** Bills a closed period again after its overage invoice was voided (rules, section 7.3). */
import type { Context } from "hono";
import { type Invoice, invoiceAnswer } from "../../shared/api/invoices.ts";
import { type ReinvoiceRefusal, reinvoicePeriod } from "../../shared/credits/invoice-status.ts";
import { overageSource } from "../../shared/credits/overage-invoice.ts";
import { actorOf } from "../audit/record.ts";
import { type AppEnv, accountKey, accountNotFound, ProblemError } from "../ingest/http.ts";
import { announce } from "./announce.ts";
import { OPEN_ONLY } from "./books.ts";
import { changeBooks } from "./change.ts";
import { foundInvoice } from "./found-invoice.ts";
import { settleAccount } from "./settle.ts";

/** Two short periods may share a name; the one that was billed is meant. */
const PERIOD_START = `
  SELECT start_ms AS startMs FROM periods
   WHERE account_key = ?1 AND period = ?2
   ORDER BY EXISTS (SELECT 1 FROM invoices WHERE account_key = ?1 AND subject = 'overage:' || start_ms) DESC,
            start_ms DESC
   LIMIT 1`;

/** Throws 404 for an unknown account or period, 409 where there is nothing to bill again. */
export async function reinvoice(
  context: Context<AppEnv>,
  account: string,
  period: string,
): Promise<{ readonly invoice: Invoice; readonly created: boolean }> {
  const { env } = context;
  const key = accountKey(context, account);
  const known = await env.DB.prepare("SELECT 1 FROM accounts WHERE account_key = ?").bind(key).first();
  if (known === null) throw accountNotFound(account);
  // Corrections under way count.
  await settleAccount(env, key, context.var.callContext);
  const startMs = await env.DB.prepare(PERIOD_START).bind(key, period).first<number>("startMs");
  if (startMs === null) {
    throw new ProblemError(
      404,
      "period_not_found",
      `no closed period "${period}"; they are named by their first day`,
    );
  }
  const scope = { ...OPEN_ONLY, subjects: [overageSource(startMs)], periodStarts: [startMs] };
  const result = await changeBooks(env.DB, key, scope, (books, billing) => {
    const billed = reinvoicePeriod(books, startMs, billing);
    if (billed.kind !== "reinvoiced") return billed;
    const { invoiceId, document } = billed.invoice;
    const after = { invoice: invoiceId, totalMinor: document.totalMinor };
    const audit = {
      action: "period_reinvoiced",
      target: period,
      before: null,
      after,
      actor: actorOf(context),
    };
    return { ...billed, audit };
  });
  if (result === null) throw accountNotFound(account);
  if (result.kind !== "reinvoiced") throw refused(result, period);
  const { invoiceId } = result.invoice;
  await announce(env, key, { facts: [], invoices: [invoiceId] });
  const { record, nowMs } = await foundInvoice(context, invoiceId);
  return { invoice: invoiceAnswer(record, nowMs), created: result.created };
}

function refused(refusal: ReinvoiceRefusal, period: string): ProblemError {
  switch (refusal.kind) {
    case "never_invoiced":
      return new ProblemError(409, refusal.kind, `nothing was billed for the period ${period}`);
    case "already_invoiced": {
      const detail = `the period ${period} is billed by ${refusal.invoiceId}; void that invoice first`;
      return new ProblemError(409, refusal.kind, detail);
    }
    case "nothing_to_bill":
      return new ProblemError(
        409,
        refusal.kind,
        `after its corrections nothing is left to bill for ${period}`,
      );
  }
}
