/**
 * Settles an account: the facts that billing has not acknowledged become documents in D1 and notices on their way,
 * exactly once however often it runs, and whatever fails in between (rules, sections 2.4 and 7).
 */
import type { BillingFact } from "../../shared/credits/billing-facts.ts";
import type { Books } from "../../shared/credits/books.ts";
import { overageSource } from "../../shared/credits/overage-invoice.ts";
import { finaliseByClock, settleFacts } from "../../shared/credits/settle-facts.ts";
import type { CallContext, DueFacts } from "../../shared/protocol.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import { announce } from "./announce.ts";
import { type BooksScope, readBooks } from "./books.ts";
import { ATTEMPTS_MAX, waitForOthers } from "./change.ts";
import { changeBetween, storeBooks } from "./store.ts";

/** Each may need a statement of its own in one D1 batch. */
const FACTS_PER_BATCH_MAX = 50;

const TOKEN = "SELECT billing_token AS token FROM accounts WHERE account_key = ?";

/**
 * Asks the account for what is due and settles it. Throws where the account, D1 or a queue fails; running it again
 * goes on from where it failed.
 */
export async function settleAccount(env: Env, accountKey: string, context: CallContext): Promise<void> {
  for (let conflicts = 0; conflicts < ATTEMPTS_MAX; ) {
    const outcome = await settleBatch(env, accountKey, context);
    if (outcome === "settled") return;
    if (outcome === "conflict") {
      conflicts += 1;
      await waitForOthers();
    }
  }
  throw new Error(`the books of ${accountKey} are too busy`);
}

/**
 * One batch of facts. The token is read before the account is asked, so that what is stored under it is what the
 * account said after everything stored so far.
 */
async function settleBatch(
  env: Env,
  accountKey: string,
  context: CallContext,
): Promise<"settled" | "more" | "conflict"> {
  const account = accountOf(env, accountKey);
  const first = await env.DB.prepare(TOKEN).bind(accountKey).first<{ readonly token: string }>();
  const due = await account.due(context);
  if (due.kind === "account_not_found") {
    console.warn(`${accountKey} is due, but nobody opened it`);
    return "settled";
  }
  if (first === null) throw new Error(`D1 holds no profile of ${accountKey} to invoice it with`);
  const facts = due.facts.slice(0, FACTS_PER_BATCH_MAX);
  const rest = due.facts.slice(FACTS_PER_BATCH_MAX);
  const finalised = await storeFacts(env.DB, accountKey, first.token, facts, rest, due);
  if (finalised === null) return "conflict";
  const numbers = facts.map(({ number }) => number);
  // In this order: an acknowledged fact is told no more, so its notice has to be on its way before.
  await announce(env, accountKey, { facts: numbers, invoices: finalised });
  if (numbers.length > 0) await account.acknowledge({ facts: numbers });
  return rest.length > 0 ? "more" : "settled";
}

/** Returns the documents that became final by the clock; null where somebody else has changed the books. */
async function storeFacts(
  database: D1Database,
  accountKey: string,
  token: string,
  facts: readonly BillingFact[],
  rest: readonly BillingFact[],
  due: DueFacts,
): Promise<readonly string[] | null> {
  const loaded = await readBooks(database, accountKey, scopeOf(facts), Date.now());
  if (loaded === null || loaded.token !== token) return null;
  const { books, context } = loaded;
  const settled = settleFacts(books, facts, context);
  // Facts that come in the next batch may still join a document.
  const after = rest.length > 0 ? settled : finaliseByClock(settled, context.nowMs);
  const dueAtMs = nextDueMs(after, rest, due);
  if (after !== books || dueAtMs !== loaded.dueAtMs) {
    if (!(await storeBooks(database, accountKey, token, books, after, { dueAtMs }))) return null;
  }
  return finalBy(settled, after);
}

function finalBy(before: Books, after: Books): readonly string[] {
  return changeBetween(before, after).changedInvoices.map(({ invoiceId }) => invoiceId);
}

/** An account with facts left is due at once: its own end would hide it from the cron run after a crash. */
function nextDueMs(books: Books, rest: readonly BillingFact[], due: DueFacts): number {
  const [next] = rest;
  if (next !== undefined) return next.atMs;
  const growing = books.invoices.flatMap(({ growsUntilMs }) => (growsUntilMs === null ? [] : [growsUntilMs]));
  return Math.min(due.periodEndsAtMs, ...growing, Number.MAX_SAFE_INTEGER);
}

/** What of the books the facts are about. */
function scopeOf(facts: readonly BillingFact[]): BooksScope {
  return {
    subjects: facts.flatMap(subjectsOf),
    adjustments: facts.flatMap((fact) => (fact.kind === "overage_corrected" ? [fact.source] : [])),
    periodStarts: facts.flatMap(periodStartsOf),
    correctedInvoices: [],
  };
}

function subjectsOf(fact: BillingFact): readonly string[] {
  switch (fact.kind) {
    case "period_closed":
      return [overageSource(fact.closed.startMs)];
    case "packs_charged":
    case "charge_final":
      return [fact.source];
    case "charge_cancelled":
      return [fact.chargeSource];
    case "overage_corrected":
      return [overageSource(fact.periodStartMs)];
    case "account_closed":
      return [];
  }
}

function periodStartsOf(fact: BillingFact): readonly number[] {
  if (fact.kind === "period_closed") return [fact.closed.startMs];
  return fact.kind === "overage_corrected" ? [fact.periodStartMs] : [];
}
