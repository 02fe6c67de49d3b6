/** Reversing an event in whole or in part (3.8). */
import type { Account } from "./account.ts";
import { refused } from "./answers.ts";
import type { Closed, Entry } from "./facts.ts";
import { leftOf, periodName } from "./figures.ts";
import { once, type Request } from "./idempotency.ts";
import { isOverageVoided } from "./invoices.ts";
import { billedOf, costOf, lower, positive, sum } from "./money.ts";
import { lookBack } from "./notices.ts";
import { look } from "./periods.ts";
import { nextSeq } from "./usage.ts";

export interface Correct extends Request {
  /** The id of the event. */
  readonly event: string;
  readonly credits: bigint | "whole";
}

export function correct(account: Account, command: Correct, nowMs: number) {
  look(account, nowMs);
  const run = () => {
    const entry = account.entries.find(({ id }) => id === command.event);
    if (entry === undefined) return refused("unknown_event");
    const left = leftOf(account, entry);
    const credits = command.credits === "whole" ? left.credits : command.credits;
    if (credits > left.credits) return refused("exceeds_entry");
    if (credits === 0n) return refused("nothing_to_correct");
    const before = moneyLeft(account, entry);
    const seq = nextSeq(account);
    const overdraft = lower(credits, left.overdraft);
    // After the account was closed its last period is closed too.
    const madeIn = account.closedAtMs === null ? account.period : null;
    account.corrections.push({ seq, entry, madeIn, credits, overdraft });
    const creditMinor = before - moneyLeft(account, entry);
    const period = account.closed[entry.period]?.period ?? periodName(account);
    if (creditMinor > 0n) {
      account.charges.push({ kind: "correction", atMs: account.nowMs, period, amountMinor: creditMinor });
    }
    lookBack(account);
    return { kind: "corrected" as const, replayed: false, seq, period, credits, overdraft, creditMinor };
  };
  return once(account, command, run, { alsoWhenClosed: true });
}

/** What stays billed of the period of an entry; nothing while it is open, or once its invoice was voided. */
function moneyLeft(account: Account, entry: Entry): bigint {
  const closed = account.closed[entry.period];
  if (closed === undefined || isOverageVoided(account, closed.period)) return 0n;
  return corrected(account, closed).amountMinor;
}

/** The figures of a closed period as they are after all corrections. */
export function corrected(account: Account, closed: Closed) {
  const period = account.closed.indexOf(closed);
  const left = account.entries
    .filter((entry) => entry.period === period)
    .map((entry) => leftOf(account, entry));
  const used = sum(left.map((amounts) => amounts.credits));
  const overdraft = sum(left.map((amounts) => amounts.overdraft));
  const billable = positive(used - overdraft - closed.limit);
  const billed = billedOf(billable);
  return {
    used,
    overdraft,
    overage: positive(used - closed.limit),
    billable,
    billed,
    amountMinor: costOf(billed, closed.overagePrice, account.agreement.currency),
  };
}
