/** How far a budget is used (rules, 9.3): to look at; what is denied is decided in shared/credits/directory.ts. */

/** In the same unit each. */
export interface BudgetFigures {
  readonly used: number;
  readonly held: number;
  readonly credits: number;
}

/** From here on a budget is nearly used up: where the first notice of it is sent. */
export const BUDGET_NEARLY_USED_PERCENT = 75;

/** What is used and held, as a percentage of the budget; above 100 where more is. A budget of 0 is used up. */
export function budgetTakenPercent({ used, held, credits }: BudgetFigures): number {
  return credits === 0 ? 100 : ((used + held) / credits) * 100;
}

/** Those that are nearly or wholly used up, the fullest first. */
export function nearlyUsedBudgets<Budget extends BudgetFigures>(
  budgets: readonly Budget[],
): readonly Budget[] {
  return budgets
    .filter((budget) => budgetTakenPercent(budget) >= BUDGET_NEARLY_USED_PERCENT)
    .toSorted((a, b) => budgetTakenPercent(b) - budgetTakenPercent(a));
}
