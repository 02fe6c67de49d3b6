/** Budgets of people, teams, features and workflows: how they stand, and adding one (rules, 9.3). */
import type { AccountFeature, Budget } from "../../../../shared/client/client.ts";
import { BUDGET_SUBJECTS, type BudgetSubject } from "../../../../shared/credits/directory.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage } from "../../page.tsx";
import { Card, Empty, PageHead } from "../../parts/blocks.tsx";
import { ADD, AddBudget, addBudget } from "./budget-add.tsx";
import { BudgetTable } from "./budget-table.tsx";

interface BudgetsData {
  readonly budgets: readonly Budget[];
  readonly features: readonly AccountFeature[];
}

export const budgetsPage = accountPage<BudgetsData>({
  path: "/budgets",
  nav: "budgets",
  needs: "see_money",
  title: "Budgets",
  load: async ({ client, account }) => {
    const [budgets, features] = await Promise.all([client.budgets(account), client.features(account)]);
    return { budgets: budgets.data, features: features.data };
  },
  view: ({ budgets, features }, page, form) => {
    const mayChange = page.may("change_settings");
    const subject = subjectAsked(page);
    return (
      <>
        <PageHead
          title="Budgets"
          lead={`Credits per usage period for a feature, team, person or workflow. They begin anew on ${page.format.date(page.view.balance.resetAtMs)}.`}
        >
          {mayChange ? (
            <a class="button" href="#card-add-a-budget">
              Add a budget
            </a>
          ) : null}
        </PageHead>
        <Card>
          {budgets.length === 0 ? (
            <Empty text="There are no budgets: only the account's limit and maximum hold." />
          ) : (
            <BudgetTable caption="Budgets" budgets={budgets} features={features} page={page} />
          )}
        </Card>
        {mayChange ? (
          <Card title="Add a budget">
            <AddBudget subject={subject} features={features} page={page} state={form} />
          </Card>
        ) : null}
      </>
    );
  },
  actions: {
    [ADD]: { run: (page, form) => addBudget(page, form, subjectAsked(page)), fields: { budget: "budget" } },
  },
});

/** Whom the form adds a budget for; the query says it. */
function subjectAsked({ query }: AccountPage): BudgetSubject {
  return BUDGET_SUBJECTS.find((subject) => subject === query.of) ?? "feature";
}
