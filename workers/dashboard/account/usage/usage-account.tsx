/** Usage & limits for those who see money: where the account stands, where it goes, what it went into. */

import type {
  AccountFeature,
  Balance,
  Budget,
  Forecast,
  PriceList,
  UsageReport,
} from "../../../../shared/client/types.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import { UsageByDayChart } from "../../charts/usage-by-day.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, PageHead } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import { actionNames } from "../prices/rate-words.ts";
import { Denials } from "./denials.tsx";
import { LateCredits } from "./late-credits.tsx";
import { NearlyUsedBudgets } from "./usage-budgets.tsx";
import { stackedDays, totalsByDay } from "./usage-days.ts";
import { ForecastCard } from "./usage-forecast.tsx";
import { NextSteps, StateCard } from "./usage-state.tsx";
import { tableBy, UsageTable } from "./usage-table.tsx";

/** As many as a chart has colours for. */
const CHART_FEATURES_MAX = 8;

export interface AccountUsage {
  readonly kind: "account";
  readonly balance: Balance;
  readonly forecast: Forecast;
  readonly byGroup: UsageReport;
  readonly byOutcome: UsageReport;
  readonly byDay: UsageReport;
  readonly previousByDay: UsageReport;
  readonly features: readonly AccountFeature[];
  readonly prices: PriceList;
  readonly budgets: readonly Budget[];
}

export async function loadAccountUsage({ client, account, query }: AccountPage): Promise<AccountUsage> {
  const by = tableBy(query);
  const [balance, forecast, byGroup, byOutcome, byDay, previousByDay, features, prices, budgets] =
    await Promise.all([
      client.balance(account),
      client.forecast(account),
      client.usage(account, { groupBy: by }),
      client.usage(account, { groupBy: `${by},outcome` }),
      client.usage(account, { groupBy: "feature,day", top: CHART_FEATURES_MAX }),
      client.usage(account, { groupBy: "day", period: "previous" }),
      client.features(account),
      client.rates(account),
      client.budgets(account),
    ]);
  return {
    kind: "account",
    balance,
    forecast,
    byGroup,
    byOutcome,
    byDay,
    previousByDay,
    features: features.data,
    prices,
    budgets: budgets.data,
  };
}

interface AccountUsageProps {
  readonly data: AccountUsage;
  readonly page: AccountPage;
}

export function AccountUsageView({ data, page }: AccountUsageProps): Html {
  const { balance, forecast, byGroup, byOutcome, byDay, features, budgets } = data;
  const { format } = page;
  return (
    <>
      <PageHead title="Usage & limits" lead={`Period ${format.dateRange(byDay.from, byDay.to)}`}>
        <NextSteps balance={balance} page={page} />
      </PageHead>
      <StateCard balance={balance} page={page} />
      <NearlyUsedBudgets budgets={budgets} features={features} page={page} />
      {balance.closedAt === null ? <ForecastCard forecast={forecast} byDay={byDay} page={page} /> : null}
      <ByDay data={data} page={page} />
      <UsageTable
        by={tableBy(page.query)}
        report={byGroup}
        outcomes={byOutcome}
        features={features}
        page={page}
      />
      <Denials
        report={byGroup}
        caption="Denied uses of this period"
        names={{
          featureName: (feature) => features.find((one) => one.feature === feature)?.name ?? feature,
          actionName: actionNames(data.prices),
        }}
        page={page}
      />
    </>
  );
}

function ByDay({ data: { byDay, previousByDay, features }, page }: AccountUsageProps): Html {
  const { format, root, view } = page;
  const names = new Map(features.map(({ feature, name }) => [feature, name]));
  const { days, series, lateCredits } = stackedDays(byDay, localDay(view.nowMs, view.terms.timeZone), {
    key: ({ feature = "" }) => feature,
    name: ({ feature = "" }) => names.get(feature) ?? feature,
    href: ({ feature = "" }) => (names.has(feature) ? featurePath(root, feature) : undefined),
  });
  return (
    <Card>
      <UsageByDayChart
        title="Credits by day and feature"
        format={format}
        days={days}
        series={series}
        previous={totalsByDay(previousByDay)}
      />
      <LateCredits credits={lateCredits} page={page} />
    </Card>
  );
}
