/** Usage over any range of days, by whatever it can be grouped by, and the periods that are over (rules, 10.2). */
import type { ClosedPeriod, Page as ListPage, UsageReport } from "../../../../shared/client/types.ts";
import type { RangeQuery } from "../../../../shared/reports/range-before.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, Empty, Filters, PageHead, Tabs, withQuery } from "../../parts/blocks.tsx";
import { Hidden } from "../../parts/form.tsx";
import { DownloadLinks } from "../log/log-download.tsx";
import { type Filtered, filtered, filterState, UsageFields } from "../log/log-fields.tsx";
import { type Names, readNames } from "../log/log-names.ts";
import { scopeOf, type UsageOf, type UsageScope, usageOf } from "../log/log-scope.ts";
import { Denials } from "../usage/denials.tsx";
import { UsageChart } from "./history-chart.tsx";
import { UsageFigures } from "./history-figures.tsx";
import { PastPeriods } from "./history-periods.tsx";
import { GROUPS, type Group, groupAsked, groupsFor, PRESETS, rangeAsked } from "./history-range.ts";
import { type Reports, readReports } from "./history-reports.ts";
import { GroupsTable } from "./history-table.tsx";

const PERIODS_PER_PAGE = 12;

interface HistoryData {
  readonly scope: UsageScope;
  /** null: the viewer has nothing to see yet. */
  readonly of: UsageOf | null;
  readonly asked: RangeQuery;
  readonly group: Group;
  readonly names: Names;
  readonly reports: Filtered<Reports | null>;
  /** null: not the viewer's to see. */
  readonly periods: ListPage<ClosedPeriod> | null;
}

export const historyPage = accountPage<HistoryData>({
  path: "/history",
  nav: "history",
  needs: "see_usage",
  title: "History",
  load: async (page) => {
    const scope = scopeOf(page);
    const of = usageOf(scope, page.query);
    const asked = rangeAsked(page.query);
    const group = groupAsked(page.query.group, of ?? {});
    const [names, reports, periods] = await Promise.all([
      readNames(page),
      filtered(page.url, async () => (of === null ? null : readReports(page, { asked, of, group }))),
      readPeriods(page),
    ]);
    return { scope, of, asked, group, names, reports, periods };
  },
  view: (data, page) => (
    <>
      <PageHead title="History" lead={leadOf(data, page)} />
      {data.of === null ? (
        <Empty text="You own no feature yet, so there is no usage for you to see." />
      ) : (
        <Usage data={data} of={data.of} page={page} />
      )}
      {data.periods === null ? null : <PastPeriods periods={data.periods} page={page} />}
    </>
  ),
});

async function readPeriods({ client, account, may, query }: AccountPage) {
  if (!may("see_money")) return null;
  const cursor = query.before;
  return client.periods(account, { limit: PERIODS_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) });
}

function leadOf({ reports }: HistoryData, { format }: AccountPage): string {
  const report: UsageReport | undefined = reports.kind === "found" ? reports.found?.groups : undefined;
  if (report === undefined) return "Where credits went, over any range of days.";
  const { from, to, before } = report;
  return `${format.dateRange(from, to)}, compared with ${format.dateRange(before.from, before.to)}`;
}

interface UsageProps {
  readonly data: HistoryData;
  readonly of: UsageOf;
  readonly page: AccountPage;
}

function Usage({ data, of, page }: UsageProps): Html {
  const { reports, names, group, asked } = data;
  const found = reports.kind === "found" ? reports.found : null;
  return (
    <>
      <RangeTabs asked={asked} page={page} />
      <HistoryFilters data={data} of={of} page={page} />
      {found === null ? null : (
        <>
          <Card>
            <UsageFigures report={found.groups} page={page} />
          </Card>
          <Card>
            <UsageChart reports={found} group={group} names={names} page={page} />
          </Card>
          <Card title={`By ${group}`} id="groups">
            <GroupTabs of={of} group={group} page={page} />
            <GroupsTable report={found.groups} group={group} names={names} page={page} />
            {found.groups.groups.length === 0 ? null : (
              <DownloadLinks page={page} list="usage" query={{ ...asked, ...of, groupBy: group }} />
            )}
          </Card>
          <Denials
            report={found.groups}
            caption="Denied uses by feature, action and reason"
            names={names}
            page={page}
          />
        </>
      )}
    </>
  );
}

/** Presets; the days of the form below stand for themselves. */
function RangeTabs({
  asked,
  page: { url },
}: {
  readonly asked: RangeQuery;
  readonly page: AccountPage;
}): Html {
  const chosen = "period" in asked ? asked.period : null;
  const tabs = PRESETS.map(({ period, label }) => ({
    href: withQuery(url, { period, from: null, to: null }),
    label,
    current: period === chosen,
  }));
  return <Tabs label="Range" tabs={tabs} />;
}

function GroupTabs({ of, group, page: { url } }: { of: UsageOf; group: Group; page: AccountPage }): Html {
  const possible = groupsFor(of);
  const tabs = GROUPS.filter((one) => possible.includes(one.group)).map((one) => ({
    href: `${withQuery(url, { group: one.group })}#groups`,
    label: one.label,
    current: one.group === group,
  }));
  return tabs.length < 2 ? <></> : <Tabs label="Group by" tabs={tabs} />;
}

function HistoryFilters({ data, of, page }: UsageProps): Html {
  const { asked, scope, names, reports } = data;
  const { query, root, url } = page;
  const state = filterState(reports);
  const days = "from" in asked ? asked : null;
  return (
    <>
      <Filters>
        {query.group === undefined ? null : <Hidden name="group" value={query.group} />}
        {"period" in asked ? <Hidden name="period" value={asked.period} /> : null}
        <UsageFields
          scope={scope}
          names={names}
          of={of}
          state={state}
          from={days?.from ?? ""}
          to={days?.to ?? ""}
          ownByFeature={false}
        />
      </Filters>
      {state.message === null ? null : (
        <p class="form-message" role="alert">
          {state.message}
        </p>
      )}
      {of.feature !== undefined && of.user !== undefined ? (
        <p>
          <a href={`${root}/log${url.search}`}>Look at these entries in the usage log</a>
        </p>
      ) : null}
    </>
  );
}
