/** What else an admin should know of the period: budgets that run out, and what was denied (rules, 3.6 and 9.3). */
import type { AccountFeature, Budget, UsageReport } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Table } from "../../parts/blocks.tsx";
import { kindOfBudget, SUBJECT_WORDS, stateOfBudget, takenPercent } from "../budgets/budget-words.ts";
import { BudgetUse } from "../budgets/budgets.tsx";
import type { ActionNames } from "../prices/rate-words.ts";

const NEARLY_USED_PERCENT = 80;

interface BudgetsProps {
  readonly budgets: readonly Budget[];
  readonly page: AccountPage;
}

/** Nothing where every budget has room. */
export function NearlyUsedBudgets({ budgets, page }: BudgetsProps): Html {
  const nearly = budgets
    .filter((budget) => takenPercent(budget) >= NEARLY_USED_PERCENT)
    .toSorted((a, b) => takenPercent(b) - takenPercent(a));
  if (nearly.length === 0) return <></>;
  return (
    <Card title="Budgets that run out">
      <BudgetTable budgets={nearly} page={page} caption="Budgets that are nearly used" />
      <p>
        <a href={`${page.root}/budgets`}>All budgets</a>
      </p>
    </Card>
  );
}

export function BudgetTable({ budgets, page, caption }: BudgetsProps & { readonly caption: string }): Html {
  return (
    <Table
      caption={caption}
      columns={[
        { label: "Budget" },
        { label: "Used" },
        { label: "Share", number: true },
        { label: "Kind" },
        { label: "State" },
      ]}
      rows={budgets.map((budget) => {
        const { tone, text } = stateOfBudget(budget);
        return [
          <>
            {budget.budget}
            <small>
              {SUBJECT_WORDS[budget.subject].label} {budget.key}
            </small>
          </>,
          <BudgetUse budget={budget} page={page} />,
          takenText(budget, page.format),
          <span class="nowrap">{kindOfBudget(budget)}</span>,
          <Badge tone={tone}>{text}</Badge>,
        ];
      })}
    />
  );
}

/** In tenths of a percent, rounded down: 100 only where it is. */
export function takenText(budget: Budget, format: Format): string {
  return format.percent(Math.floor(takenPercent(budget) * 10) / 10);
}

type Denial = NonNullable<UsageReport["denials"]>[number];

/** Shown by who asked; the reason in words. */
const DENIAL_WORDS: Readonly<Record<string, string>> = {
  account_suspended: "The account was suspended",
  feature_paused: "The feature was paused",
  not_permitted: "The user may not use the feature",
  budget_exhausted: "A budget was used up",
  max_monthly_limit_reached: "The maximum was reached",
  upgrade_cap_reached: "No more packs may be added automatically",
  credits_exhausted: "The credits were used up",
};

interface DeniedProps {
  readonly report: UsageReport;
  readonly features: readonly AccountFeature[];
  readonly names: ActionNames;
  readonly page: AccountPage;
}

/** Lost demand of the period; nothing where there is none. */
export function Denied({ report, features, names, page }: DeniedProps): Html {
  const denials = (report.denials ?? []).toSorted((a, b) => b.denials - a.denials);
  if (denials.length === 0) return <></>;
  const nameOf = ({ feature }: Denial) => features.find((one) => one.feature === feature)?.name ?? feature;
  return (
    <Card title="What was denied">
      <Table
        caption="Denied uses of this period"
        columns={[{ label: "Feature" }, { label: "Why" }, { label: "Denials", number: true }]}
        rows={denials.map((denial) => [
          <>
            {nameOf(denial)}
            <small>{names(denial.feature, denial.action)}</small>
          </>,
          DENIAL_WORDS[denial.reason] ?? denial.reason,
          page.format.count(denial.denials),
        ])}
      />
    </Card>
  );
}
