/** The figures of section 1, each added up from the facts. */
import { dayAt } from "../calendar.ts";
import type { Account } from "./account.ts";
import type { Entry, Hold } from "./facts.ts";
import { billedOf, costOf, higher, lower, positive, sum } from "./money.ts";
import { creditsReason, standingOf } from "./policy.ts";

/** A period is named by the local day on which it begins. */
export function periodName(account: Account): string {
  return dayAt(account.startMs, account.agreement.timeZone);
}

/** What of an entry counts in its own period: not what was taken back after that had closed (3.8). */
export function countedOf(account: Account, entry: Entry): { credits: bigint; overdraft: bigint } {
  const own = account.corrections.filter((made) => made.entry === entry && made.madeIn === entry.period);
  return {
    credits: entry.credits - sum(own.map((made) => made.credits)),
    overdraft: entry.overdraft - sum(own.map((made) => made.overdraft)),
  };
}

/** What is left of an entry after all corrections, whenever they were made. */
export function leftOf(account: Account, entry: Entry): { credits: bigint; overdraft: bigint } {
  const all = account.corrections.filter((made) => made.entry === entry);
  return {
    credits: entry.credits - sum(all.map((made) => made.credits)),
    overdraft: entry.overdraft - sum(all.map((made) => made.overdraft)),
  };
}

function entriesNow(account: Account): readonly Entry[] {
  return account.entries.filter((entry) => entry.period === account.period);
}

export function used(account: Account): bigint {
  return sum(entriesNow(account).map((entry) => countedOf(account, entry).credits));
}

export function overdraft(account: Account): bigint {
  return sum(entriesNow(account).map((entry) => countedOf(account, entry).overdraft));
}

/** Neither settled nor expired at a moment (3.4). */
export function openHolds(account: Account, atMs = account.nowMs): readonly Hold[] {
  return account.holds.filter((hold) => hold.settlement === null && hold.expiresAtMs > atMs);
}

export function held(account: Account, atMs = account.nowMs): bigint {
  return sum(openHolds(account, atMs).map((hold) => hold.credits));
}

export function included(amounts: readonly bigint[]): bigint {
  return amounts.reduce(higher, 0n);
}

export function activePacks(account: Account) {
  return account.packs.filter(
    ({ from, until, packs }) =>
      packs > 0n && from <= account.period && (until === null || account.period < until),
  );
}

export function limit(account: Account): bigint {
  const grants = account.grants.filter((grant) => grant.period === account.period);
  return (
    included(account.agreement.included) +
    sum(activePacks(account).map((pack) => pack.packs * pack.credits)) +
    sum(grants.map((grant) => grant.credits))
  );
}

/** null: there is none. */
export function ceiling(account: Account): bigint | null {
  if (account.setting !== "pause") return account.maximum;
  return account.maximum === null ? limit(account) : lower(limit(account), account.maximum);
}

export function billable(account: Account): bigint {
  return positive(used(account) - overdraft(account) - limit(account));
}

/** For display: what the smallest use would meet (3.6). */
export function stateOf(account: Account): string {
  if (account.suspended || account.closedAtMs !== null) return "suspended";
  const reason = creditsReason(standingOf(account), 1n);
  if (reason === "max_monthly_limit_reached") return "maximum_reached";
  if (reason !== null) return "exhausted";
  return used(account) > limit(account) ? "overage" : "active";
}

/** Section 10.1, as far as it is about credits and what they cost so far. */
export function balance(account: Account) {
  const top = ceiling(account);
  const taken = used(account) + held(account);
  return {
    period: periodName(account),
    limit: limit(account),
    used: used(account),
    held: held(account),
    remaining: positive(limit(account) - taken),
    available: top === null ? null : positive(top - taken),
    overage: positive(used(account) - limit(account)),
    overdraft: overdraft(account),
    billable: billable(account),
    accruedMinor: costOf(billedOf(billable(account)), account.overagePrice, account.agreement.currency),
    overagePrice: account.overagePrice,
    state: stateOf(account),
    setting: account.setting,
    pending: account.pending,
    maximum: account.maximum,
    resetAtMs: account.endMs,
  };
}
