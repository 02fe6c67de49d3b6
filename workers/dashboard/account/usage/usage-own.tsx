/** What a member sees of their own usage, and a feature owner of their features': credits, never money (rules, 9). */

import type { AccountFeature, PriceList, UsageReport } from "../../../../shared/client/types.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import { UsageByDayChart } from "../../charts/usage-by-day.tsx";
import { type AccountPage, type Html, PageNotFound } from "../../page.tsx";
import { Card, Empty, Figures, PageHead, Table, Tabs, withQuery } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import { Share } from "../../parts/share.tsx";
import { type ActionNames, actionNames } from "../prices/rate-words.ts";
import { stackedDays, totalsByDay } from "./usage-days.ts";
import { Change, isCompared } from "./usage-table.tsx";

/** Whose usage one of the tabs shows. */
type Scope =
  | { readonly kind: "me"; readonly user: string }
  | { readonly kind: "feature"; readonly feature: string };

export interface OwnUsage {
  readonly kind: "own";
  readonly scopes: readonly Scope[];
  /** null: a feature owner who owns none yet. */
  readonly shown: {
    readonly scope: Scope;
    /** By action, of a feature. */
    readonly byAction: UsageReport | null;
    readonly byDay: UsageReport;
    readonly previousByDay: UsageReport;
  } | null;
  readonly features: readonly AccountFeature[];
  readonly prices: PriceList;
}

/** The feature that the query names, else the viewer's own usage, else their first feature. */
export async function loadOwnUsage(page: AccountPage): Promise<OwnUsage> {
  const { client, account, query } = page;
  const scopes = scopesOf(page);
  const { of: asked } = query;
  const scope = asked === undefined ? scopes[0] : scopes.find((one) => nameOf(one) === asked);
  if (scope === undefined && asked !== undefined) throw new PageNotFound();
  const [features, prices, shown] = await Promise.all([
    client.features(account),
    client.rates(account),
    scope === undefined ? null : readScope(page, scope),
  ]);
  return { kind: "own", scopes, shown, features: features.data, prices };
}

function scopesOf({ viewer, may }: AccountPage): readonly Scope[] {
  if (viewer.kind === "operator") return [];
  const { user, ownFeatures } = viewer;
  return [
    ...(may("see_usage", { user }) ? [{ kind: "me", user } as const] : []),
    ...ownFeatures.map((feature) => ({ kind: "feature", feature }) as const),
  ];
}

function nameOf(scope: Scope): string {
  return scope.kind === "me" ? "me" : scope.feature;
}

async function readScope({ client, account }: AccountPage, scope: Scope): Promise<OwnUsage["shown"]> {
  if (scope.kind === "me") {
    const { user } = scope;
    const [byDay, previousByDay] = await Promise.all([
      client.usage(account, { user, groupBy: "day" }),
      client.usage(account, { user, groupBy: "day", period: "previous" }),
    ]);
    return { scope, byAction: null, byDay, previousByDay };
  }
  const { feature } = scope;
  const [byAction, byDay, previousByDay] = await Promise.all([
    client.usage(account, { feature, groupBy: "action" }),
    client.usage(account, { feature, groupBy: "action,day" }),
    client.usage(account, { feature, groupBy: "day", period: "previous" }),
  ]);
  return { scope, byAction, byDay, previousByDay };
}

interface OwnUsageProps {
  readonly data: OwnUsage;
  readonly page: AccountPage;
}

export function OwnUsageView({ data, page }: OwnUsageProps): Html {
  const { scopes, shown, features, prices } = data;
  const { root, format, url } = page;
  const labelOf = (scope: Scope) =>
    scope.kind === "me"
      ? "My usage"
      : (features.find(({ feature }) => feature === scope.feature)?.name ?? scope.feature);
  if (shown === null) {
    return (
      <>
        <PageHead title="Usage" />
        <Card>
          <Empty text="You see the usage of the features that you own. No feature names you as its owner yet.">
            <a href={`${root}/features`}>See the features</a>
          </Empty>
        </Card>
      </>
    );
  }
  const { byDay } = shown;
  return (
    <>
      <PageHead title="Usage" lead={`Period ${format.dateRange(byDay.from, byDay.to)}`}>
        {shown.scope.kind === "feature" ? (
          <a class="button secondary" href={featurePath(root, shown.scope.feature)}>
            About this feature
          </a>
        ) : null}
      </PageHead>
      {scopes.length < 2 ? null : (
        <Tabs
          label="Whose usage"
          tabs={scopes.map((scope) => ({
            href: withQuery(url, { of: nameOf(scope) }),
            label: labelOf(scope),
            current: nameOf(scope) === nameOf(shown.scope),
          }))}
        />
      )}
      <Scoped shown={shown} label={labelOf(shown.scope)} names={actionNames(prices)} page={page} />
    </>
  );
}

interface ScopedProps {
  readonly shown: NonNullable<OwnUsage["shown"]>;
  readonly label: string;
  readonly names: ActionNames;
  readonly page: AccountPage;
}

function Scoped({ shown, label, names, page }: ScopedProps): Html {
  const { byAction, byDay, previousByDay } = shown;
  const { format, view } = page;
  const { total } = byAction ?? byDay;
  const today = localDay(view.nowMs, view.terms.timeZone);
  const { days, series } = stackedDays(byDay, today, {
    key: ({ action = "" }) => action,
    name: ({ feature, action }) => (action === undefined ? label : names(feature, action)),
  });
  const used = days.filter(({ values }) => values.length > 0).length;
  return (
    <>
      <Card title={label} id="figures">
        <Figures
          figures={[
            { label: "Credits used", value: format.credits(total.credits) },
            { label: "Uses", value: format.count(total.uses ?? total.events) },
            {
              label: "Against the period before",
              value: <Change figures={total} format={format} compared={false} />,
            },
            { label: "A day", value: format.credits(total.credits / Math.max(1, used)), note: "on average" },
          ]}
        />
      </Card>
      <Card>
        <UsageByDayChart
          title="Credits by day"
          format={format}
          days={days}
          series={series}
          previous={totalsByDay(previousByDay)}
        />
      </Card>
      {byAction === null ? null : <ActionTable report={byAction} names={names} page={page} />}
    </>
  );
}

interface ActionTableProps {
  readonly report: UsageReport;
  readonly names: ActionNames;
  readonly page: AccountPage;
}

/** A feature's use by action. */
export function ActionTable({ report, names, page }: ActionTableProps): Html {
  const { format } = page;
  return (
    <Card title="By action">
      {report.groups.length === 0 ? (
        <Empty text="Nothing was used in this period yet." />
      ) : (
        <Table
          caption="Usage of this period by action"
          columns={[
            { label: "Action" },
            { label: "Credits", number: true },
            { label: "Share", number: true },
            { label: "Change", number: true },
            { label: "Uses", number: true },
            { label: "Quantity", number: true },
          ]}
          rows={report.groups.map((group) => [
            names(group.feature, group.action ?? ""),
            format.credits(group.credits),
            <Share percent={group.sharePercent} format={format} />,
            <Change figures={group} format={format} compared={isCompared(report)} />,
            format.count(group.uses ?? group.events),
            group.quantity === null ? "–" : format.credits(group.quantity),
          ])}
        />
      )}
    </Card>
  );
}
