/** Where the credits of the period went, by feature or by category (rules, 10.2 and 10.5). */

import type { Child } from "hono/jsx";
import type { AccountFeature, UsageReport } from "../../../../shared/client/types.ts";
import { creditsPerOutcome } from "../../../../shared/reports/value.ts";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Card, type Column, Empty, Table, Tabs, withQuery } from "../../parts/blocks.tsx";
import { featurePath } from "../../parts/paths.ts";
import { Share } from "../../parts/share.tsx";

type UsageGroup = UsageReport["groups"][number];

const TABLES = ["feature", "category"] as const;
type TableBy = (typeof TABLES)[number];

export function tableBy({ by }: AccountPage["query"]): TableBy {
  return by === "category" ? "category" : "feature";
}

interface UsageTableProps {
  readonly by: TableBy;
  readonly report: UsageReport;
  /** By outcome beside the feature or the category. */
  readonly outcomes: UsageReport;
  readonly features: readonly AccountFeature[];
  readonly page: AccountPage;
}

export function UsageTable({ by, report, outcomes, features, page }: UsageTableProps): Html {
  const { format, url } = page;
  const known = new Map(features.map((feature) => [feature.feature, feature]));
  const came = outcomesBy(by, outcomes);
  const ofAll = [...came.values()].reduce((sum, count) => sum + count, 0);
  const withOwner = by === "feature";
  return (
    <Card title="Where the credits went">
      <Tabs
        label="Group by"
        tabs={TABLES.map((name) => ({
          href: withQuery(url, { by: name === "feature" ? null : name }),
          label: name === "feature" ? "By feature" : "By category",
          current: name === by,
        }))}
      />
      {report.groups.length === 0 ? (
        <Empty text="Nothing was used in this period yet." />
      ) : (
        <div class="by-feature">
          <Table
            caption={`Usage of this period by ${by}`}
            columns={columnsOf(by)}
            rows={report.groups.map((group) => [
              by === "feature" ? (
                <FeatureCell feature={group.feature ?? ""} known={known} root={page.root} />
              ) : (
                (group.category ?? "No longer on the price list")
              ),
              format.credits(group.credits),
              <Share percent={group.sharePercent} format={format} />,
              <Change figures={group} format={format} compared={isCompared(report)} />,
              moneyText(group.money, format),
              format.count(group.uses ?? group.events),
              outcomeCell(came.get(keyOf(by, group)) ?? 0, group.credits, format),
              ...(withOwner ? [ownerText(known.get(group.feature ?? ""))] : []),
            ])}
            foot={[
              "Total",
              format.credits(report.total.credits),
              "",
              <Change figures={report.total} format={format} compared={false} />,
              moneyText(report.total.money, format),
              format.count(report.total.uses ?? report.total.events),
              outcomeCell(ofAll, report.total.credits, format),
              ...(withOwner ? [""] : []),
            ]}
          />
        </div>
      )}
      {isCompared(report) ? <p class="muted">Change is against the whole period before.</p> : null}
    </Card>
  );
}

function columnsOf(by: TableBy): readonly Column[] {
  return [
    { label: by === "feature" ? "Feature" : "Category" },
    { label: "Credits", number: true },
    { label: "Share", number: true },
    { label: "Change", number: true },
    { label: "Money", number: true },
    { label: "Uses", number: true },
    { label: "Outcomes", number: true },
    ...(by === "feature" ? [{ label: "Owner" }] : []),
  ];
}

function keyOf(by: TableBy, { feature, category }: UsageGroup): string {
  return JSON.stringify(by === "feature" ? feature : category);
}

/** How many events came to an outcome. */
function outcomesBy(by: TableBy, outcomes: UsageReport): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const group of outcomes.groups) {
    if (group.outcome === null) continue;
    const key = keyOf(by, group);
    counts.set(key, (counts.get(key) ?? 0) + group.events);
  }
  return counts;
}

function outcomeCell(count: number, credits: number, format: Format): Child {
  const each = creditsPerOutcome(credits, count);
  if (each === null) return "–";
  return (
    <>
      {format.count(count)}
      <small>{format.credits(each)} each</small>
    </>
  );
}

function ownerText(feature: AccountFeature | undefined): string {
  return feature?.ownerName ?? feature?.owner ?? "–";
}

function moneyText(money: UsageGroup["money"], format: Format): string {
  return money === null ? "–" : format.money(money);
}

interface FeatureCellProps {
  readonly feature: string;
  readonly known: ReadonlyMap<string, AccountFeature>;
  readonly root: string;
}

/** A feature that is no longer on the rate sheet has no page. */
function FeatureCell({ feature, known, root }: FeatureCellProps): Html {
  const found = known.get(feature);
  if (found === undefined) return <>{feature}</>;
  return (
    <>
      <a href={featurePath(root, feature)}>{found.name}</a>
      <small>{found.category}</small>
    </>
  );
}

export function isCompared({ total }: UsageReport): boolean {
  return (total.previousCredits ?? 0) !== 0;
}

interface ChangeProps {
  readonly figures: Pick<UsageGroup, "previousCredits" | "changePercent">;
  readonly format: Format;
  /** Something was used in the period before: what was not used then is new. */
  readonly compared: boolean;
}

/** Against the period before. */
export function Change({ figures, format, compared }: ChangeProps): Html {
  const { previousCredits, changePercent } = figures;
  if (changePercent === null) return <>{compared ? "new" : "–"}</>;
  return (
    <>
      {format.change(changePercent)}
      {previousCredits === null ? null : <small>from {format.credits(previousCredits)}</small>}
    </>
  );
}
