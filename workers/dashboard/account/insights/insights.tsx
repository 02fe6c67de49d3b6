/** What use says (rules, 10.5 to 10.7): where it goes, what would be cheapest, what came of it, what was wasted. */
import type { Forecast, Insights, UsageReport } from "../../../../shared/client/types.ts";
import { PERIOD_PRESETS, type PeriodPreset } from "../../../../shared/reports/range.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Figures, PageHead, Tabs, withQuery } from "../../parts/blocks.tsx";
import { PRESETS } from "../history/history-range.ts";
import { type Names, readNames } from "../log/log-names.ts";
import { ForecastCard } from "../usage/usage-forecast.tsx";
import { ChoicesCard } from "./insights-choices.tsx";
import { ExpiringCard } from "./insights-expiring.tsx";
import { TopConsumers } from "./insights-top.tsx";
import { ValueCard } from "./insights-value.tsx";
import { WasteCard } from "./insights-waste.tsx";

const PRESET_DEFAULT: PeriodPreset = "last_30_days";

interface Ahead {
  readonly forecast: Forecast;
  /** The running period by day. */
  readonly byDay: UsageReport;
}

interface InsightsData {
  readonly preset: PeriodPreset;
  readonly insights: Insights;
  /** null for a closed account. */
  readonly ahead: Ahead | null;
  readonly names: Names;
}

/** What the cards are made of. */
export interface InsightsProps {
  readonly insights: Insights;
  readonly names: Names;
  readonly page: AccountPage;
}

export const insightsPage = accountPage<InsightsData>({
  path: "/insights",
  nav: "insights",
  needs: "see_money",
  title: "Insights",
  load: async (page) => {
    const { client, account, query, view } = page;
    const preset = PERIOD_PRESETS.find((known) => known === query.period) ?? PRESET_DEFAULT;
    const [insights, ahead, names] = await Promise.all([
      client.insights(account, { period: preset }),
      view.balance.closedAtMs === null ? readAhead(page) : null,
      readNames(page),
    ]);
    return { preset, insights, ahead, names };
  },
  view: ({ preset, insights, ahead, names }, page) => (
    <>
      <PageHead
        title="Insights"
        lead="Where use is going, what would be cheapest, and what came of the credits."
      />
      {ahead === null ? null : <ForecastCard forecast={ahead.forecast} byDay={ahead.byDay} page={page} />}
      <ExpiringCard insights={insights} names={names} page={page} />
      <ChoicesCard insights={insights} names={names} page={page} />
      <h2 class="part" id="used">
        What was used
      </h2>
      <RangeTabs preset={preset} page={page} />
      <Used insights={insights} names={names} page={page} />
    </>
  ),
});

async function readAhead({ client, account }: AccountPage): Promise<Ahead> {
  const [forecast, byDay] = await Promise.all([
    client.forecast(account),
    client.usage(account, { groupBy: "day" }),
  ]);
  return { forecast, byDay };
}

function Used(props: InsightsProps): Html {
  const { insights, page } = props;
  if (insights.total.credits === 0 && insights.top.features.length === 0) {
    return (
      <Card>
        <Empty text="Nothing was used in this time." />
      </Card>
    );
  }
  return (
    <>
      <Card>
        <Total insights={insights} page={page} />
      </Card>
      <TopConsumers {...props} />
      <ValueCard {...props} />
      <WasteCard {...props} />
    </>
  );
}

function RangeTabs({
  preset,
  page: { url },
}: {
  readonly preset: PeriodPreset;
  readonly page: AccountPage;
}): Html {
  const tabs = PRESETS.map(({ period, label }) => ({
    href: `${withQuery(url, { period })}#used`,
    label,
    current: period === preset,
  }));
  return <Tabs label="Range" tabs={tabs} />;
}

function Total({ insights: { total, from, to }, page }: Pick<InsightsProps, "insights" | "page">): Html {
  const { format, view } = page;
  const { credits, money, effectivePrice } = total;
  return (
    <Figures
      figures={[
        { label: "Credits", value: format.credits(credits), note: format.dateRange(from, to) },
        {
          label: "Money",
          value: money === null ? "–" : format.money(money),
          note: "packs and overage, before tax",
        },
        {
          label: "Effective price",
          value: effectivePrice === null ? "–" : format.roughPrice(effectivePrice, view.balance.currency),
          note: "per credit",
        },
      ]}
    />
  );
}
