/** Features, users and budgets of an account (2.3, 9.2, 9.3). */
import type { Account } from "./account.ts";
import { type Refused, refused } from "./answers.ts";
import type { Access, Budget } from "./facts.ts";
import { lookBack } from "./notices.ts";
import { look } from "./periods.ts";

type Answer = { readonly kind: "changed" } | Refused;

function change(account: Account, nowMs: number, run: () => void): Answer {
  look(account, nowMs);
  if (account.closedAtMs !== null) return refused("account_closed");
  run();
  return { kind: "changed" };
}

export function pauseFeature(account: Account, feature: string, paused: boolean, nowMs: number): Answer {
  return change(account, nowMs, () => {
    if (account.paused.has(feature) === paused) return;
    if (paused) account.paused.add(feature);
    else account.paused.delete(feature);
    account.told.push(`${feature} ${paused ? "paused" : "resumed"}`);
  });
}

/** null: open to everybody. */
export function limitAccess(account: Account, feature: string, access: Access | null, nowMs: number): Answer {
  return change(account, nowMs, () => {
    if (access === null) account.access.delete(feature);
    else account.access.set(feature, access);
  });
}

/** null: the user is not known any more. */
export function putUser(
  account: Account,
  user: string,
  teams: readonly string[] | null,
  nowMs: number,
): Answer {
  return change(account, nowMs, () => {
    if (teams === null) account.users.delete(user);
    else account.users.set(user, teams);
  });
}

export function putBudget(account: Account, budget: Budget, nowMs: number): Answer {
  return change(account, nowMs, () => {
    account.budgets.set(budget.budget, budget);
    lookBack(account);
  });
}

export function removeBudget(account: Account, budget: string, nowMs: number): Answer {
  return change(account, nowMs, () => {
    account.budgets.delete(budget);
    lookBack(account);
  });
}
