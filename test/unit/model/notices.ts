/** What is told and when (section 6), as short sentences in the order in which they are told. */
import { monthAround } from "../calendar.ts";
import type { Account } from "./account.ts";
import type { Reason, Upgrade } from "./answers.ts";
import { budgetUsed } from "./budgets.ts";
import type { Closed, Level } from "./facts.ts";
import { limit, used } from "./figures.ts";
import { inCredits } from "./money.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const BUDGET_STEPS = [75, 90, 100];

type Step = number | "passed";

export function told(used: bigint, whole: bigint): string {
  return `${inCredits(used)} of ${inCredits(whole)}`;
}

export function timeOf(atMs: number): string {
  return new Date(atMs).toISOString();
}

export function tellUpgrade(account: Account, { packs, pack, priceMinor }: Upgrade): void {
  const stand = told(used(account), limit(account));
  account.told.push(`upgraded by ${packs} ${pack} for ${priceMinor}: ${stand}`);
}

/** Once per period: a use was denied because there is nothing to upgrade by (5.4). */
export function tellThatNoPackIsOnSale(account: Account, reason: Reason): void {
  const missing = account.setting === "auto_upgrade" && reason === "credits_exhausted";
  if (!missing || account.upgradeUnavailableTold) return;
  account.upgradeUnavailableTold = true;
  account.told.push(`no upgrade in ${account.agreement.currency}`);
}

export function tellReport(account: Account, closed: readonly Closed[]): void {
  if (closed.length === 0) return;
  const lines = closed.map(
    ({ period, used: spent, limit: whole, expired, overage }) =>
      `${period}: ${told(spent, whole)}, ${inCredits(expired)} expired, ${inCredits(overage)} over`,
  );
  account.told.push(lines.join("; "));
}

/** What the calendar tells, with the figures of its moment; noticed only when it is past, it is not told (5.3, 6.4). */
export function remindersOf(account: Account) {
  const { term, endMs, startMs, expiryLooked } = account;
  const reminders: { readonly atMs: number; readonly happens: (nowMs: number) => void }[] = [];
  // In a period shorter than that no moment is 7 days before the reset.
  if (!expiryLooked && endMs - 7 * DAY_MS >= startMs) {
    reminders.push({
      atMs: endMs - 7 * DAY_MS,
      happens: (nowMs) => {
        account.expiryLooked = true;
        const [left, whole] = [limit(account) - used(account), limit(account)];
        if (nowMs >= endMs || left * 4n <= whole) return;
        account.told.push(`credits expire at ${timeOf(endMs)}: ${told(left, whole)} left`);
      },
    });
  }
  const termEndMs = termEnd(account);
  if (term !== null && !term.told && termEndMs !== null) {
    // A shorter term is told of when it begins.
    const { startMs: begunMs } = account.closed[term.first] ?? account;
    reminders.push({
      atMs: Math.max(begunMs, termEndMs - 30 * DAY_MS),
      happens: (nowMs) => {
        term.told = true;
        if (nowMs < termEndMs) account.told.push(`term ends at ${timeOf(termEndMs)}`);
      },
    });
  }
  return reminders;
}

/** The reset that ends the commitment term, by the calendar as agreed for the coming periods. */
export function termEnd(account: Account): number | null {
  if (account.term === null) return null;
  const { anchorDate, timeZone } = { ...account.agreement, ...account.waiting };
  let [period, endMs] = [account.period, account.endMs];
  for (; period < account.term.first + account.term.periods - 1; period += 1) {
    endMs = monthAround(anchorDate, timeZone, endMs).endMs;
  }
  return endMs;
}

/** After a decision: of each list of thresholds the highest that is reached and was not since it was armed. */
export function lookBack(account: Account, decision: { reason?: Reason; upgraded?: boolean } = {}): void {
  account.moments.push(momentOf(account, decision.reason ?? null));
  const steps: Step[] = [...account.catalog.percentages, "passed"];
  const limitStep = newStep(account, "limit", steps);
  const maximumStep = newStep(account, "maximum", steps);
  const spent = used(account);
  // Where maximum = limit only the maximum's are sent; an upgrade is the limit's own way to be passed (6.1).
  if (limitStep !== null && account.maximum !== limit(account) && decision.upgraded !== true) {
    const stand = told(spent, limit(account));
    account.told.push(
      limitStep === "passed"
        ? `limit passed in ${account.setting}: ${stand}`
        : `limit ${limitStep} %: ${stand}`,
    );
  }
  if (maximumStep !== null && account.maximum !== null) {
    const stand = told(spent, account.maximum);
    account.told.push(
      maximumStep === "passed" ? `maximum reached: ${stand}` : `maximum ${maximumStep} %: ${stand}`,
    );
  }
  for (const budget of [...account.budgets.values()].sort((a, b) => (a.budget < b.budget ? -1 : 1))) {
    const step = newStep(account, levelOf(budget), BUDGET_STEPS);
    const stand = told(budgetUsed(account, budget), budget.credits);
    if (step !== null) account.told.push(`budget ${budget.budget} ${step} %: ${stand}`);
  }
}

/** A budget that changes whom it is for begins anew. */
function levelOf(budget: { budget: string; scope: string; of: string }): string {
  return `budget ${budget.budget} of ${budget.scope} ${budget.of}`;
}

function momentOf(account: Account, reason: Reason | null): ReadonlyMap<string, Level> {
  const [spent, whole, { maximum, setting }] = [used(account), limit(account), account];
  const atLimit = reason === "credits_exhausted" || reason === "upgrade_cap_reached";
  const atMaximum = reason === "max_monthly_limit_reached";
  const beyond = setting === "pause" ? spent >= whole : spent > whole;
  const limitPassed = beyond || (atLimit && spent * 10n >= whole * 9n);
  const levels = new Map([["limit", { used: spent, of: whole, passed: limitPassed }]]);
  if (maximum !== null) {
    const passed = spent >= maximum || (atMaximum && spent * 10n >= maximum * 9n);
    levels.set("maximum", { used: spent, of: maximum, passed });
  }
  for (const budget of account.budgets.values()) {
    const level = { used: budgetUsed(account, budget), of: budget.credits, passed: false };
    levels.set(levelOf(budget), level);
  }
  return levels;
}

function newStep(account: Account, what: string, steps: readonly Step[]): Step | null {
  const now = account.moments.at(-1)?.get(what);
  return steps.filter((step) => reached(now, step) && !wasReached(account, what, step)).at(-1) ?? null;
}

/** Reached before the last moment, and not armed again since by something higher that usage is below of (6.2). */
function wasReached({ moments }: Account, what: string, step: Step): boolean {
  const armedAt = moments.findLastIndex((moment, index) => {
    const before = moments[index - 1]?.get(what);
    const after = moment.get(what);
    const raised = before !== undefined && (after === undefined || after.of > before.of);
    return raised && !reached(after, step);
  });
  return moments.slice(Math.max(0, armedAt), -1).some((moment) => reached(moment.get(what), step));
}

function reached(level: Level | undefined, step: Step): boolean {
  if (level === undefined || level.of === 0n) return false;
  return level.passed || (step !== "passed" && level.used * 100n >= level.of * BigInt(step));
}
