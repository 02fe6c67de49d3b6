/** What a person used in the period, in short (rules, 10.2). */
import type { UsageReport, User } from "../../../../shared/client/client.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import { TrendChart } from "../../charts/trend.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Empty, Figures } from "../../parts/blocks.tsx";
import { daysOf } from "../usage/usage-days.ts";

interface UsageProps {
  readonly usage: UsageReport;
  readonly page: AccountPage;
  readonly person: User;
}

/** Credits, events and their worth, and the days on which they were used. */
export function PersonUsage({ usage, page: { format, root, view }, person }: UsageProps): Html {
  const { credits, events, money, changePercent } = usage.total;
  if (events === 0) return <Empty text="Nothing was used under this id since the period began." />;
  const today = localDay(view.nowMs, format.timeZone);
  const creditsOn = new Map(usage.groups.map(({ day, credits }) => [day, credits]));
  const byUser = new URLSearchParams({ user: person.user });
  return (
    <>
      <Figures
        figures={[
          {
            label: "Credits",
            value: format.credits(credits),
            note: changePercent === null ? undefined : `${format.change(changePercent)} to the period before`,
          },
          { label: "Events", value: format.count(events) },
          ...(money === null ? [] : [{ label: "Worth", value: format.money(money) }]),
        ]}
      />
      <TrendChart
        title="Credits by day"
        format={format}
        points={daysOf(usage).map((day) => ({
          label: format.monthDay(day),
          title: format.day(day),
          value: day > today ? null : (creditsOn.get(day) ?? 0),
        }))}
      />
      <p>
        <a href={`${root}/log?${byUser}`}>Every entry in the log</a>
      </p>
    </>
  );
}
