/** Budgets that an admin should look at (rules, 9.3). */
import type { AccountFeature, Budget } from "../../../../shared/client/types.ts";
import { nearlyUsedBudgets } from "../../../../shared/reports/budget-use.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card } from "../../parts/blocks.tsx";
import { BudgetTable } from "../budgets/budget-table.tsx";

interface BudgetsProps {
  readonly budgets: readonly Budget[];
  readonly features: readonly AccountFeature[];
  readonly page: AccountPage;
}

/** Nothing where every budget has room. */
export function NearlyUsedBudgets({ budgets, features, page }: BudgetsProps): Html {
  const nearly = nearlyUsedBudgets(budgets);
  if (nearly.length === 0) return <></>;
  return (
    <Card title="Budgets that run out">
      <BudgetTable caption="Budgets that are nearly used" budgets={nearly} features={features} page={page} />
      <p>
        <a href={`${page.root}/budgets`}>All budgets</a>
      </p>
    </Card>
  );
}
