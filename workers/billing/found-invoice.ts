/** The invoice that a request names, settled first where its day is over. */
import type { Context } from "hono";
import { type AppEnv, accountKey, accountNotFound, ProblemError } from "../ingest/http.ts";
import { type FoundInvoice, readBillingClock, readInvoice } from "./records.ts";
import { settleAccount } from "./settle.ts";

/** Throws 404 where there is none in the caller's mode. */
export async function foundInvoice(context: Context<AppEnv>, invoiceId: string): Promise<FoundInvoice> {
  return settled(context, await read(context, invoiceId));
}

/** Throws 404 where there is no such account, and where the invoice is not its own. */
export async function foundInvoiceOf(
  context: Context<AppEnv>,
  accountId: string,
  invoiceId: string,
): Promise<FoundInvoice> {
  const key = accountKey(context, accountId);
  const [clock, found] = await Promise.all([
    readBillingClock(context.env.DB, key, Date.now()),
    readInvoice(context.env.DB, context.var.caller.mode, invoiceId, Date.now()),
  ]);
  if (clock === null) throw accountNotFound(accountId);
  if (found === null || found.record.accountKey !== key) {
    throw new ProblemError(404, "invoice_not_found", `no invoice "${invoiceId}" of this account`);
  }
  return settled(context, found);
}

async function settled(context: Context<AppEnv>, found: FoundInvoice): Promise<FoundInvoice> {
  const { accountKey, growsUntilMs, invoiceId } = found.record;
  if (growsUntilMs === null || growsUntilMs > found.nowMs) return found;
  await settleAccount(context.env, accountKey, context.var.callContext);
  return read(context, invoiceId);
}

async function read(context: Context<AppEnv>, invoiceId: string): Promise<FoundInvoice> {
  const invoice = await readInvoice(context.env.DB, context.var.caller.mode, invoiceId, Date.now());
  if (invoice === null) {
    throw new ProblemError(404, "invoice_not_found", `no invoice "${invoiceId}" in this mode`);
  }
  return invoice;
}
