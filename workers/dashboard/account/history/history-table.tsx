/** A usage report's groups as a table: credits, money, count, change, share. */

import type { Child } from "hono/jsx";
import type { UsageReport } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { type Column, Empty, Table, withQuery } from "../../parts/blocks.tsx";
import { featurePath, logPath } from "../../parts/paths.ts";
import { Share } from "../../parts/share.tsx";
import { wordsOf } from "../../parts/words.ts";
import type { Names } from "../log/log-names.ts";
import { Change } from "./history-figures.tsx";
import { GROUPS, type Group } from "./history-range.ts";

export type ReportRow = UsageReport["groups"][number];
type Figures = UsageReport["rest"][number] | ReportRow;

interface TableProps {
  readonly report: UsageReport;
  readonly group: Group;
  readonly names: Names;
  readonly page: AccountPage;
}

export function GroupsTable({ report, group, names, page }: TableProps): Html {
  const { groups, rest, total } = report;
  if (groups.length === 0) return <Empty text="Nothing was used in this time." />;
  const columns = columnsOf(report, group, page);
  const rows = [
    ...groups.map((row) => [
      <Label row={row} group={group} names={names} page={page} />,
      ...cells(row, columns, page),
    ]),
    ...rest.map((row) => [`${page.format.count(row.groups)} others`, ...cells(row, columns, page)]),
  ];
  const foot =
    group === "team" ? {} : { foot: ["Total", ...cells({ ...total, sharePercent: null }, columns, page)] };
  return (
    <>
      <Table
        caption={`Usage by ${group}`}
        columns={[
          { label: GROUPS.find((one) => one.group === group)?.label ?? group },
          ...columns.map(({ label }) => ({ label, number: true })),
        ]}
        rows={rows}
        {...foot}
      />
      {group === "team" ? (
        <p class="muted">
          The use of somebody in several teams counts in each of them, so teams do not add up.
        </p>
      ) : null}
    </>
  );
}

type ColumnName = "credits" | "money" | "count" | "value" | "before" | "change" | "share";
type Shown = Column & { readonly name: ColumnName };

function columnsOf({ groups, total }: UsageReport, group: Group, { may }: AccountPage): readonly Shown[] {
  const hasUses = groups.some(({ uses }) => uses !== null);
  const columns: readonly (Shown | null)[] = [
    { name: "credits", label: "Credits" },
    may("see_money") && total.money !== null ? { name: "money", label: "Money" } : null,
    { name: "count", label: hasUses ? "Uses" : "Entries" },
    group === "outcome" ? { name: "value", label: "Value" } : null,
    group === "day" ? null : { name: "before", label: "Before" },
    group === "day" ? null : { name: "change", label: "Change" },
    { name: "share", label: "Share" },
  ];
  return columns.filter((column) => column !== null);
}

function cells(
  row: Omit<Figures, "groups">,
  columns: readonly Shown[],
  { format }: AccountPage,
): readonly Child[] {
  const { credits, money, uses, events, value, previousCredits, sharePercent } = row;
  const money_ = (amount: typeof money | undefined) => (amount ? format.money(amount) : "–");
  const cell: Readonly<Record<ColumnName, () => Child>> = {
    credits: () => format.credits(credits),
    money: () => money_(money),
    count: () => format.count(uses ?? events),
    value: () => money_(value),
    before: () => (previousCredits === null ? "–" : format.credits(previousCredits)),
    change: () => <Change figures={row} format={format} />,
    share: () => (sharePercent === null ? "" : <Share percent={sharePercent} format={format} />),
  };
  return columns.map(({ name }) => cell[name]());
}

interface LabelProps {
  readonly row: ReportRow;
  readonly group: Group;
  readonly names: Names;
  readonly page: AccountPage;
}

/** What the group is called, with the way to more about it. */
function Label({ row, group, names, page }: LabelProps): Html {
  const { root, format, url } = page;
  const { feature, action, user, day } = row;
  switch (group) {
    case "feature":
      return <a href={featurePath(root, feature ?? "")}>{names.featureName(feature ?? "")}</a>;
    case "action":
      return (
        <>
          {names.actionName(feature ?? "", action ?? "")}
          <small>{names.featureName(feature ?? "")}</small>
        </>
      );
    case "user":
      if (typeof user !== "string") return <>No user named</>;
      return <a href={withQuery(url, { user, group: "day", feature: null })}>{names.userName(user)}</a>;
    case "day":
      return <a href={dayLog(page, day ?? "")}>{format.day(day ?? "")}</a>;
    default:
      return (
        <span class="cut wide" title={labelText(row, group)}>
          {labelText(row, group)}
        </span>
      );
  }
}

/** The entries of that day, with the page's own filter. */
function dayLog({ root, query }: AccountPage, day: string): string {
  const { feature = "", user = "" } = query;
  const filter = Object.entries({ from: day, to: day, feature, user }).filter(([, value]) => value !== "");
  return logPath(root, Object.fromEntries(filter));
}

/** The name of a group that has no page of its own. */
function labelText({ category, team, workflow, outcome, unit }: ReportRow, group: Group): string {
  switch (group) {
    case "category":
      return category ?? "Not on the price list";
    case "team":
      return team ?? "No team";
    case "workflow":
      return workflow ?? "No workflow named";
    default:
      if (typeof outcome !== "string") return "No outcome";
      return typeof unit === "string" ? `${wordsOf(outcome)} (${unit})` : wordsOf(outcome);
  }
}

/** The same as text, for charts. */
export function groupText(row: ReportRow, group: Group, names: Names): string {
  const { feature = "", action = "", user } = row;
  if (group === "feature") return names.featureName(feature);
  if (group === "action") return `${names.featureName(feature)}: ${names.actionName(feature, action)}`;
  if (group === "user") return typeof user === "string" ? names.userName(user) : "No user named";
  return labelText(row, group);
}
