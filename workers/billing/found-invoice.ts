/** The invoice that a request names, settled first where its day is over. */
import type { Context } from "hono";
import { type AppEnv, ProblemError } from "../ingest/http.ts";
import { type FoundInvoice, readInvoice } from "./records.ts";
import { settleAccount } from "./settle.ts";

/** Throws 404 where there is none in the caller's mode. */
export async function foundInvoice(context: Context<AppEnv>, invoiceId: string): Promise<FoundInvoice> {
  const found = await read(context, invoiceId);
  const { accountKey, growsUntilMs } = found.record;
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
