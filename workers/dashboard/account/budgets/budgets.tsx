/** Budgets of people, teams, features and workflows: how they stand, and adding one (rules, 9.3). */
import type { AccountFeature, Budget } from "../../../../shared/client/client.ts";
import { BUDGET_SUBJECTS, type BudgetSubject } from "../../../../shared/credits/directory.ts";
import { ShareBar } from "../../charts/small.tsx";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Empty, PageHead, Table } from "../../parts/blocks.tsx";
import { ADD, AddBudget, addBudget } from "./budget-add.tsx";
import { kindOfBudget, SUBJECT_WORDS, stateOfBudget, takenPercent } from "./budget-words.ts";

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
            <BudgetTable budgets={budgets} features={features} page={page} />
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

/** Path of a budget's page. */
export function budgetPath(root: string, budget: string): string {
  return `${root}/budgets/${encodeURIComponent(budget)}`;
}

/** Whom the form adds a budget for; the query says it. */
function subjectAsked({ query }: AccountPage): BudgetSubject {
  return BUDGET_SUBJECTS.find((subject) => subject === query.of) ?? "feature";
}

interface TableProps extends BudgetsData {
  readonly page: AccountPage;
}

function BudgetTable({ budgets, features, page }: TableProps): Html {
  const { format, root } = page;
  return (
    <Table
      caption="Budgets"
      columns={[
        { label: "Budget" },
        { label: "For" },
        { label: "Used" },
        { label: "Left", number: true },
        { label: "Kind" },
        { label: "State" },
      ]}
      rows={budgets.map((budget) => {
        const { tone, text } = stateOfBudget(budget);
        return [
          <a class="break" href={budgetPath(root, budget.budget)}>
            {budget.budget}
          </a>,
          <BudgetSubjectName budget={budget} features={features} page={page} />,
          <BudgetUse budget={budget} page={page} />,
          format.credits(budget.left),
          <span class="nowrap">{kindOfBudget(budget)}</span>,
          <Badge tone={tone}>{text}</Badge>,
        ];
      })}
    />
  );
}

/** Whose it is, with the way to their page where the viewer may go there. */
export function BudgetSubjectName({
  budget: { subject, key },
  features,
  page,
}: {
  readonly budget: Budget;
  readonly features: readonly AccountFeature[];
  readonly page: AccountPage;
}): Html {
  const feature = subject === "feature" ? features.find((known) => known.feature === key) : undefined;
  const text = feature?.name ?? key;
  const name = (
    <span class="line" title={text}>
      {text}
    </span>
  );
  const place =
    feature !== undefined
      ? `features/${encodeURIComponent(key)}`
      : subject === "user" && page.may("manage_users") && Object.hasOwn(page.view.directory.users, key)
        ? `people/${encodeURIComponent(key)}`
        : null;
  return (
    <>
      {place === null ? name : <a href={`${page.root}/${place}`}>{name}</a>}
      <small>{SUBJECT_WORDS[subject].label}</small>
    </>
  );
}

/** Used of credits as a bar, with what holds keep besides. */
export function BudgetUse({ budget, page: { format } }: { budget: Budget; page: AccountPage }): Html {
  const { used, held, credits } = budget;
  return (
    <div class="budget-use">
      {`${format.credits(used)} of ${format.credits(credits)}`}
      <ShareBar percent={takenPercent(budget)} />
      {held === 0 ? null : <small>{`and ${format.credits(held)} held`}</small>}
    </div>
  );
}
