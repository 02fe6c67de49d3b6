/** What a feature used: this period's figures, and its trend (rules, 10.2, 10.4 and 10.5). */
import { creditsPerOutcome } from "../../../../shared/reports/value.ts";
import { TrendChart } from "../../charts/trend.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, type Figure, Figures, Tabs, withQuery } from "../../parts/blocks.tsx";
import type { ActionNames } from "../prices/rate-words.ts";
import { daysOf, totalsByDay } from "../usage/usage-days.ts";
import { ActionTable } from "../usage/usage-own.tsx";
import { Change } from "../usage/usage-table.tsx";
import type { FeatureUsage } from "./feature.tsx";

const TREND_DAYS = [30, 90] as const;

/** How many days the trend shows. */
export function trendDays({ days }: AccountPage["query"]): number {
  return days === "90" ? 90 : 30;
}

interface FeatureUseProps {
  readonly usage: FeatureUsage;
  readonly page: AccountPage;
}

export function FeatureUse({ usage, names, page }: FeatureUseProps & { readonly names: ActionNames }): Html {
  const { byAction } = usage;
  return (
    <>
      <Card title="This period">
        <Figures figures={figuresOf(usage, page)} />
      </Card>
      <Trend usage={usage} page={page} />
      {byAction.groups.length > 1 ? <ActionTable report={byAction} names={names} page={page} /> : null}
    </>
  );
}

function figuresOf({ byAction, byOutcome }: FeatureUsage, { format }: AccountPage): readonly Figure[] {
  const { credits, money, uses, events, ...compared } = byAction.total;
  const outcomes = byOutcome.groups.filter(({ outcome }) => outcome !== null);
  const came = outcomes.reduce((sum, group) => sum + group.events, 0);
  const each = creditsPerOutcome(credits, came);
  return [
    { label: "Credits used", value: format.credits(credits) },
    ...(money === null
      ? []
      : [{ label: "Money", value: format.money(money), note: "at the effective price" }]),
    { label: "Uses", value: format.count(uses ?? events) },
    {
      label: "Against the period before",
      value: <Change figures={compared} format={format} compared={false} />,
    },
    each === null
      ? { label: "Outcomes", value: "None", note: "no event came to one" }
      : {
          label: "Outcomes",
          value: format.count(came),
          note: `${format.credits(each)} credits each`,
        },
  ];
}

function Trend({ usage: { trend, trendBefore }, page }: FeatureUseProps): Html {
  const { format, url, query } = page;
  const days = trendDays(query);
  const before = totalsByDay(trendBefore);
  const values = new Map(trend.groups.map(({ day, credits }) => [day, credits]));
  return (
    <Card title="Trend">
      <Tabs
        label="Days"
        tabs={TREND_DAYS.map((count) => ({
          href: withQuery(url, { days: count === 30 ? null : String(count) }),
          label: `Last ${count} days`,
          current: count === days,
        }))}
      />
      <TrendChart
        title="Credits by day"
        format={format}
        previousLabel={`${days} days before`}
        points={daysOf(trend).map((day, index) => ({
          label: format.monthDay(day),
          title: format.day(day),
          value: values.get(day) ?? 0,
          previous: before[index] ?? null,
        }))}
      />
    </Card>
  );
}
