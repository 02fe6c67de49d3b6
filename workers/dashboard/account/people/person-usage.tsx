/** What a person used in the period, in short (rules, 10.2). */
import type { UsageReport, User } from "../../../../shared/client/client.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import { addDays, dayCount } from "../../../../shared/reports/days.ts";
import { TrendChart } from "../../charts/trend.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Empty, Figures } from "../../parts/blocks.tsx";

interface UsageProps {
  readonly usage: UsageReport;
  readonly page: AccountPage;
  readonly person: User;
}

/** Credits, events and their worth, and the days on which they were used. */
export function PersonUsage({ usage, page: { format, root, view }, person }: UsageProps): Html {
  const { credits, events, money, changePercent } = usage.total;
  if (events === 0) return <Empty text="Nothing was used under this id since the period began." />;
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
        points={daysOf(usage, localDay(view.nowMs, format.timeZone)).map(({ day, value }) => ({
          label: format.monthDay(day),
          title: format.day(day),
          value,
        }))}
      />
      <p>
        <a href={`${root}/log?${byUser}`}>Every entry in the log</a>
      </p>
    </>
  );
}

/** Each day of the report, used or not; null: still to come. */
function daysOf({ from, to, groups }: UsageReport, today: string) {
  const creditsOn = new Map(groups.map(({ day, credits }) => [day, credits]));
  return Array.from({ length: dayCount({ from, to }) }, (_, index) => {
    const day = addDays(from, index);
    return { day, value: day > today ? null : (creditsOn.get(day) ?? 0) };
  });
}
