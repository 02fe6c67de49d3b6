/**
 * Settles an account: what it closed and billing has not acknowledged becomes figures and invoices in D1 and
 * notices on their way, exactly once however often it runs (rules, section 2.4).
 */
import type { InvoiceRecord } from "../../shared/api/invoices.ts";
import { invoiceNumber } from "../../shared/credits/invoice.ts";
import { invoiceNotificationIdOf } from "../../shared/notification-id.ts";
import type { BillingFact, CallContext, DueFacts } from "../../shared/protocol.ts";
import type { NoticeMessage } from "../../shared/queues.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import { storeClosedPeriods } from "./store.ts";

/** Half of what D1 binds to one statement, and what a queue takes as one batch. */
const FACTS_PER_BATCH_MAX = 50;

/**
 * Asks the account for what is due and settles it. Throws where the account, D1 or a queue fails; running it again
 * goes on from where it failed.
 */
export async function settleAccount(env: Env, accountKey: string, context: CallContext): Promise<void> {
  const due = await accountOf(env, accountKey).due(context);
  if (due.kind === "account_not_found") console.warn(`${accountKey} is due, but nobody opened it`);
  else await settleFacts(env, accountKey, due);
}

/** Settles facts that the account has already told, such as those of an advanced test clock. */
export async function settleFacts(env: Env, accountKey: string, due: DueFacts): Promise<void> {
  let facts = due.facts;
  do {
    const batch = facts.slice(0, FACTS_PER_BATCH_MAX);
    facts = facts.slice(FACTS_PER_BATCH_MAX);
    // An account with facts left is still due: its own end would hide it from the cron run after a crash.
    const periodEndsAtMs = facts[0]?.closed.endMs ?? due.periodEndsAtMs;
    await settleBatch(env, accountKey, batch, periodEndsAtMs);
  } while (facts.length > 0);
}

/** In this order: an acknowledged fact is told no more, so its notice has to be on its way before. */
async function settleBatch(
  env: Env,
  accountKey: string,
  facts: readonly BillingFact[],
  periodEndsAtMs: number,
): Promise<void> {
  const closed = facts.map((fact) => fact.closed);
  const invoices = await storeClosedPeriods(env.DB, accountKey, closed, periodEndsAtMs);
  if (invoices.length > 0) {
    await env.NOTIFICATIONS_QUEUE.sendBatch(
      invoices.map((invoice) => ({ body: invoiceIssued(accountKey, invoice) })),
    );
  }
  if (facts.length === 0) return;
  await accountOf(env, accountKey).acknowledge({ facts: facts.map((fact) => fact.factId) });
}

function invoiceIssued(accountKey: string, invoice: InvoiceRecord): NoticeMessage {
  const { document } = invoice;
  return {
    type: "notice",
    accountKey,
    notificationId: invoiceNotificationIdOf(accountKey, invoice.number),
    notice: {
      kind: "invoice_issued",
      atMs: invoice.issuedAtMs,
      period: document.period.name,
      invoiceId: invoice.invoiceId,
      number: invoiceNumber(document.numberPrefix, invoice.number),
      totalMinor: document.totalMinor,
      currency: document.currency,
      dueAtMs: invoice.dueAtMs,
    },
  };
}
