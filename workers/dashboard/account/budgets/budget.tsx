/** One budget: how it stands, changing and removing it (rules, 9.3). */
import type { AccountFeature, Budget } from "../../../../shared/client/client.ts";
import { accountPage, type Done } from "../../define.tsx";
import type { FormValues } from "../../form.ts";
import { type AccountPage, PageNotFound } from "../../page.tsx";
import { Badge, Card, Facts, PageHead } from "../../parts/blocks.tsx";
import { Form } from "../../parts/form.tsx";
import { BudgetFields, HARD } from "./budget-fields.tsx";
import { BudgetSubjectName, BudgetUse } from "./budget-table.tsx";
import { kindOfBudget, stateOfBudget } from "./budget-words.ts";

const CHANGE = "change";
const REMOVE = "remove";

interface BudgetData {
  readonly budget: Budget;
  readonly features: readonly AccountFeature[];
}

export const budgetPage = accountPage<BudgetData>({
  path: "/budgets/:budget",
  nav: "budgets",
  needs: "see_money",
  title: ({ budget }) => `Budget ${budget.budget}`,
  load: async (page) => {
    const { client, account } = page;
    const [budgets, features] = await Promise.all([client.budgets(account), client.features(account)]);
    const budget = budgets.data.find((known) => known.budget === budgetAsked(page));
    if (budget === undefined) throw new PageNotFound();
    return { budget, features: features.data };
  },
  view: ({ budget, features }, page, form) => {
    const { tone, text } = stateOfBudget(budget);
    return (
      <>
        <p>
          <a href={`${page.root}/budgets`}>All budgets</a>
        </p>
        <PageHead title={`Budget ${budget.budget}`} lead={<Badge tone={tone}>{text}</Badge>} />
        <Card title="This period">
          <Facts
            facts={[
              ["For", <BudgetSubjectName budget={budget} features={features} page={page} />],
              ["Used", <BudgetUse budget={budget} page={page} />],
              ["Left", page.format.credits(budget.left)],
              ["Kind", kindOfBudget(budget)],
              ["Begins anew", page.format.dateTime(page.view.balance.resetAtMs)],
            ]}
          />
        </Card>
        {page.may("change_settings") ? (
          <>
            <Card title="Change">
              <Form name={CHANGE} state={form} submit="Save">
                <BudgetFields form={CHANGE} state={form} budget={budget} />
              </Form>
            </Card>
            <Card title="Remove">
              <p>Nothing is denied or told for it any more, at once. What was used stays used.</p>
              <Form name={REMOVE} state={form} submit="Remove this budget" danger />
            </Card>
          </>
        ) : null}
      </>
    );
  },
  actions: { [CHANGE]: { run: change }, [REMOVE]: { run: remove } },
});

function budgetAsked({ context }: AccountPage): string {
  return context.req.param("budget") ?? "";
}

async function change(page: AccountPage, form: FormValues): Promise<Done> {
  const { client, account, root, view } = page;
  const known = view.directory.budgets.find(({ budget }) => budget === budgetAsked(page));
  if (known === undefined) throw new PageNotFound();
  const { budget, subject, key } = known;
  await client.putBudget(account, budget, {
    subject,
    key,
    credits: form.number("credits"),
    hard: form.text(HARD) === "yes",
  });
  return { to: `${root}/budgets`, said: `The budget ${budget} was changed.` };
}

async function remove(page: AccountPage): Promise<Done> {
  const budget = budgetAsked(page);
  await page.client.removeBudget(page.account, budget);
  return { to: `${page.root}/budgets`, said: `The budget ${budget} was removed.` };
}
