/** Who may use what (9.2) and how much of it (9.3). */
import type { Account } from "./account.ts";
import type { Context, Denied } from "./answers.ts";
import type { Budget } from "./facts.ts";
import { countedOf, openHolds } from "./figures.ts";
import { sum } from "./money.ts";
import { creditsReason, type Standing } from "./policy.ts";

interface Placed extends Context {
  readonly teams: readonly string[];
}

export function teamsOf(account: Account, { user }: Context): readonly string[] {
  return user === null ? [] : (account.users.get(user) ?? []);
}

function matches(budget: Budget, use: Placed): boolean {
  switch (budget.scope) {
    case "user":
      return use.user === budget.of;
    case "team":
      return use.teams.includes(budget.of);
    case "feature":
      return use.feature === budget.of;
    case "workflow":
      return use.workflow === budget.of;
  }
}

/** All usage of the period, also from before the budget existed; never what is held. */
export function budgetUsed(account: Account, budget: Budget): bigint {
  const own = account.entries.filter((entry) => entry.period === account.period && matches(budget, entry));
  return sum(own.map((entry) => countedOf(account, entry).credits));
}

export function budgetHeld(account: Account, budget: Budget): bigint {
  const own = openHolds(account).filter((hold) => matches(budget, hold));
  return sum(own.map((hold) => hold.credits));
}

function budgetLeft(account: Account, budget: Budget): bigint {
  return budget.credits - budgetUsed(account, budget) - budgetHeld(account, budget);
}

/** The hard budget with least left that does not allow so many credits more; the first by name of several. */
function deniedBy(account: Account, use: Placed, credits: bigint): string | null {
  if (credits === 0n) return null;
  const hard = [...account.budgets.values()]
    .filter((budget) => budget.hard && matches(budget, use))
    .sort((one, other) => (one.budget < other.budget ? -1 : 1));
  let least: Budget | null = null;
  for (const budget of hard) {
    if (least === null || budgetLeft(account, budget) < budgetLeft(account, least)) least = budget;
  }
  return least !== null && credits > budgetLeft(account, least) ? least.budget : null;
}

function mayUse(account: Account, { feature, user }: Context): boolean {
  const access = account.access.get(feature);
  if (access === undefined) return true;
  const teams = user === null ? undefined : account.users.get(user);
  if (user === null || teams === undefined) return false;
  return access.users.includes(user) || teams.some((team) => access.teams.includes(team));
}

/** Why an event is denied, the most specific reason first (3.6), or null. */
export function whyNot(
  account: Account,
  use: Placed,
  at: Standing,
  credits: bigint,
  byCredits: typeof creditsReason = creditsReason,
): Denied | null {
  const budget = deniedBy(account, use, credits);
  const reasons = [
    account.suspended || account.closedAtMs !== null ? "account_suspended" : null,
    account.paused.has(use.feature) ? "feature_paused" : null,
    mayUse(account, use) ? null : "not_permitted",
    budget === null ? null : "budget_exhausted",
    byCredits(at, credits),
  ] as const;
  const reason = reasons.find((first) => first !== null) ?? null;
  if (reason === null) return null;
  return { kind: "denied", reason, budget: reason === "budget_exhausted" ? budget : null };
}
