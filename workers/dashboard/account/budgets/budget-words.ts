/** How budgets are told: whose they are, and how they stand (rules, 9.3). */
import type { Budget } from "../../../../shared/client/client.ts";
import type { BudgetSubject } from "../../../../shared/credits/directory.ts";
import { BUDGET_NEARLY_USED_PERCENT, budgetTakenPercent } from "../../../../shared/reports/budget-use.ts";
import type { Format } from "../../format.ts";
import type { Tone } from "../../parts/blocks.tsx";

interface SubjectWords {
  readonly label: string;
  /** Names one of them in a form. */
  readonly hint: string;
}

export const SUBJECT_WORDS: Readonly<Record<BudgetSubject, SubjectWords>> = {
  feature: { label: "Feature", hint: "All use of this feature, whoever it is for." },
  team: { label: "Team", hint: "All use of people who are in this team when they use it." },
  user: { label: "Person", hint: "The id under which the product reports this person's use." },
  workflow: { label: "Workflow", hint: "As the product names it when it reports use; any name is possible." },
};

export interface BudgetState {
  readonly tone: Tone;
  readonly text: string;
}

export function stateOfBudget(budget: Budget): BudgetState {
  const percent = budgetTakenPercent(budget);
  if (percent >= 100) {
    return budget.hard ? { tone: "critical", text: "Used up" } : { tone: "warning", text: "Passed" };
  }
  if (percent >= BUDGET_NEARLY_USED_PERCENT) return { tone: "warning", text: "Nearly used up" };
  return { tone: "good", text: "Within" };
}

export function kindOfBudget({ hard }: Budget): string {
  return hard ? "Hard: denies" : "Soft: only tells";
}

/** The share that is taken, in tenths of a percent, rounded down: 100 only where it is. */
export function takenText(budget: Budget, format: Format): string {
  return format.percent(Math.floor(budgetTakenPercent(budget) * 10) / 10);
}
