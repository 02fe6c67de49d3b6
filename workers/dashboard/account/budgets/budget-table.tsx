/** Budgets as a table: whose they are, and how they stand (rules, 9.3). */
import type { AccountFeature, Budget } from "../../../../shared/client/client.ts";
import { budgetTakenPercent } from "../../../../shared/reports/budget-use.ts";
import { ShareBar } from "../../charts/share-bar.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Table } from "../../parts/blocks.tsx";
import { budgetPath, featurePath, personPath } from "../../parts/paths.ts";
import { kindOfBudget, SUBJECT_WORDS, stateOfBudget, takenText } from "./budget-words.ts";

interface TableProps {
  readonly budgets: readonly Budget[];
  readonly features: readonly AccountFeature[];
  readonly caption: string;
  readonly page: AccountPage;
}

export function BudgetTable({ budgets, features, caption, page }: TableProps): Html {
  const { format } = page;
  return (
    <Table
      caption={caption}
      columns={[
        { label: "Budget" },
        { label: "For" },
        { label: "Used" },
        { label: "Share", number: true },
        { label: "Left", number: true },
        { label: "Kind" },
        { label: "State" },
      ]}
      rows={budgets.map((budget) => {
        const { tone, text } = stateOfBudget(budget);
        return [
          <BudgetName budget={budget.budget} page={page} />,
          <BudgetSubjectName budget={budget} features={features} page={page} />,
          <BudgetUse budget={budget} page={page} />,
          takenText(budget, format),
          format.credits(budget.left),
          <span class="nowrap">{kindOfBudget(budget)}</span>,
          <Badge tone={tone}>{text}</Badge>,
        ];
      })}
    />
  );
}

/** Its own page is for those who see money. */
function BudgetName({
  budget,
  page: { may, root },
}: {
  readonly budget: string;
  readonly page: AccountPage;
}): Html {
  return may("see_money") ? (
    <a class="break" href={budgetPath(root, budget)}>
      {budget}
    </a>
  ) : (
    <span class="break">{budget}</span>
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
  const path =
    feature !== undefined
      ? featurePath(page.root, key)
      : subject === "user" && page.may("manage_users") && Object.hasOwn(page.view.directory.users, key)
        ? personPath(page.root, key)
        : null;
  return (
    <>
      {path === null ? name : <a href={path}>{name}</a>}
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
      <ShareBar percent={budgetTakenPercent(budget)} />
      {held === 0 ? null : <small>{`and ${format.credits(held)} held`}</small>}
    </div>
  );
}
