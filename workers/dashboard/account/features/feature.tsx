/** A place of its own for a feature: price, owner, access, budget, trend, pause and resume (rules, 10.4). */

import { DrawdownError } from "../../../../shared/client/client.ts";
import type { AccountFeature, PriceList, UsageReport, User } from "../../../../shared/client/types.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import { addDays } from "../../../../shared/reports/days.ts";
import { accountPage } from "../../define.tsx";
import type { FormState } from "../../form.ts";
import { type AccountPage, type Html, PageNotFound } from "../../page.tsx";
import { Card, PageHead } from "../../parts/blocks.tsx";
import { BudgetTable } from "../budgets/budget-table.tsx";
import { actionNames } from "../prices/rate-words.ts";
import { PauseCard, pause, resume } from "./feature-pause.tsx";
import { AccessCard, changeAccess, changeOwner, OwnerCard } from "./feature-people.tsx";
import { FeaturePrices } from "./feature-prices.tsx";
import { FeatureBadges, mayUse } from "./feature-state.tsx";
import { FeatureUse, trendDays } from "./feature-use.tsx";

/** More users than that are named by their ids. */
const USERS_MAX = 50;

export interface FeatureUsage {
  /** This period, by action. */
  readonly byAction: UsageReport;
  readonly byOutcome: UsageReport;
  readonly trend: UsageReport;
  readonly trendBefore: UsageReport;
}

interface FeatureData {
  readonly feature: AccountFeature;
  readonly prices: PriceList;
  /** null where the viewer does not see its usage. */
  readonly usage: FeatureUsage | null;
  /** null where the viewer does not manage them, or they are too many to choose from. */
  readonly users: readonly User[] | null;
}

export const featurePage = accountPage<FeatureData>({
  path: "/features/:feature",
  nav: "features",
  needs: "see_price_list",
  title: ({ feature }) => feature.name,
  load: loadFeature,
  view: (data, page, form) => <Feature data={data} page={page} form={form} />,
  actions: {
    pause: { run: (page) => pause(page, featureOf(page)) },
    resume: { run: (page) => resume(page, featureOf(page)) },
    owner: { run: (page, form) => changeOwner(page, featureOf(page), form) },
    access: {
      run: (page, form) => changeAccess(page, featureOf(page), form),
      fields: { "access.users": "users", "access.teams": "teams", access: "users" },
    },
  },
});

function featureOf({ context }: AccountPage): string {
  return context.req.param("feature") ?? "";
}

async function loadFeature(page: AccountPage): Promise<FeatureData> {
  const { client, account, may } = page;
  const name = featureOf(page);
  const [feature, prices, usage, users] = await Promise.all([
    client.feature(account, name).catch(notFound),
    client.rates(account),
    may("see_usage", { feature: name }) ? readUsage(page, name) : null,
    may("manage_users") ? client.users(account, { limit: USERS_MAX }) : null,
  ]);
  return { feature, prices, usage, users: users === null || users.nextCursor !== null ? null : users.data };
}

/** What is no name of a feature names none. */
function notFound(error: unknown): never {
  if (error instanceof DrawdownError && error.problem.status === 422) throw new PageNotFound();
  throw error;
}

async function readUsage(
  { client, account, view, query }: AccountPage,
  feature: string,
): Promise<FeatureUsage> {
  const days = trendDays(query);
  const today = localDay(view.nowMs, view.terms.timeZone);
  const from = addDays(today, 1 - days);
  const before = { from: addDays(from, -days), to: addDays(from, -1) };
  const [byAction, byOutcome, trend, trendBefore] = await Promise.all([
    client.usage(account, { feature, groupBy: "action" }),
    client.usage(account, { feature, groupBy: "outcome" }),
    client.usage(account, { feature, groupBy: "day", from, to: today }),
    client.usage(account, { feature, groupBy: "day", ...before }),
  ]);
  return { byAction, byOutcome, trend, trendBefore };
}

interface FeatureProps {
  readonly data: FeatureData;
  readonly page: AccountPage;
  readonly form: FormState;
}

function Feature({ data, page, form }: FeatureProps): Html {
  const { feature, prices, usage, users } = data;
  const { root } = page;
  return (
    <>
      <p>
        <a href={`${root}/features`}>All features</a>
      </p>
      <PageHead title={feature.name} lead={leadOf(feature)}>
        <FeatureBadges feature={feature} />
      </PageHead>
      {feature.paused ? <PauseCard feature={feature} page={page} form={form} /> : null}
      {usage === null ? null : <FeatureUse usage={usage} names={actionNames(prices)} page={page} />}
      <FeaturePrices feature={feature.feature} prices={prices} page={page} />
      <div class="grid">
        <div>
          <OwnerCard feature={feature} users={users} page={page} form={form} />
          {feature.paused ? null : <PauseCard feature={feature} page={page} form={form} />}
        </div>
        <AccessCard feature={feature} users={users} mayUse={mayUse(feature, page)} page={page} form={form} />
      </div>
      {feature.budgets.length === 0 ? null : (
        <Card title="Budget">
          <BudgetTable
            caption={`Budgets of ${feature.name}`}
            budgets={feature.budgets}
            features={[feature]}
            page={page}
          />
          {page.may("see_money") ? (
            <p>
              <a href={`${root}/budgets`}>All budgets</a>
            </p>
          ) : null}
        </Card>
      )}
    </>
  );
}

function leadOf({ category, description }: AccountFeature): string {
  return description === "" ? category : `${category} · ${description}`;
}
