/** A usage report in the wire's numbers (rules, 10.2): as JSON, and as the rows of its exports. */
import type { z } from "@hono/zod-openapi";
import { type Money, majorUnits } from "../credits/money.ts";
import type { DenialCount } from "../queues.ts";
import { type Column, exact } from "../reports/csv.ts";
import type { Grouping, GroupLabels } from "../reports/grouping.ts";
import { percentText } from "../reports/percent.ts";
import type { ReportRanges, UsageRange } from "../reports/range.ts";
import type { RestFigures, TopReport } from "../reports/top.ts";
import type { GroupFigures, UsageGroupFigures } from "../reports/usage.ts";
import { decimalOf, formatTotal } from "./totals.ts";
import type { usageReportSchema } from "./usage-report.ts";

type Answer = z.infer<typeof usageReportSchema>;

/** What an answer says about the report, besides its figures. */
export interface ReportContext {
  readonly account: string;
  readonly ranges: ReportRanges;
  readonly grouping: Grouping;
  readonly currency: string;
}

export function usageAnswer(
  { account, ranges, grouping, currency }: ReportContext,
  report: TopReport,
  denials: readonly DenialCount[] | null,
): Answer {
  const { total } = report;
  const inTotal = (group: GroupFigures) => shareAnswer(group, total);
  return {
    account,
    ...spanAnswer(ranges.current),
    before: spanAnswer(ranges.before),
    groupBy: [...grouping.groupBy],
    total: { ...figuresAnswer(total, currency), ...comparisonAnswer(total) },
    groups: report.groups.map(({ labels, ...group }) => ({
      ...labels,
      ...figuresAnswer(group, currency),
      ...inTotal(group),
      ...comparisonAnswer(group),
    })),
    rest: report.rest.map(({ day, groups, ...rest }) => ({
      ...(day === undefined ? {} : { day }),
      groups,
      ...figuresAnswer(rest, currency),
      ...inTotal(rest),
      ...comparisonAnswer(rest),
    })),
    denials: denials?.map(({ day, ...rest }) => ({ ...(grouping.byDay ? { day } : {}), ...rest })) ?? null,
  };
}

function spanAnswer({ days, period }: UsageRange) {
  return { from: days.from, to: days.to, period };
}

function figuresAnswer(figures: GroupFigures, currency: string) {
  const { events, uses, quantityMicros, creditsMicros, moneyMinor, valueMinor } = figures;
  return {
    events,
    uses,
    quantity: quantityMicros === null ? null : formatTotal(quantityMicros),
    credits: formatTotal(creditsMicros),
    money: moneyMinor === null ? null : { amountMinor: moneyMinor, currency },
    ...(valueMinor === null ? {} : { value: { amountMinor: Number(valueMinor), currency } }),
  };
}

function shareAnswer({ creditsMicros }: GroupFigures, total: GroupFigures) {
  return { sharePercent: percentText(creditsMicros, total.creditsMicros) };
}

function comparisonAnswer({ creditsMicros, previousMicros }: GroupFigures) {
  if (previousMicros === null) return { previousCredits: null, changeCredits: null, changePercent: null };
  const changeMicros = creditsMicros - previousMicros;
  return {
    previousCredits: formatTotal(previousMicros),
    changeCredits: formatTotal(changeMicros),
    changePercent: percentText(changeMicros, previousMicros),
  };
}

/** A row of an export: a group, or what `top` leaves out. */
export interface UsageRow extends GroupFigures {
  readonly row: "group" | "rest";
  readonly labels: GroupLabels;
  /** How many groups the row stands for. */
  readonly groups: number;
  readonly total: GroupFigures;
}

export function usageRows({ groups, rest, total }: TopReport): readonly UsageRow[] {
  const ofGroup = (group: UsageGroupFigures) => ({ row: "group" as const, groups: 1, total, ...group });
  const ofRest = ({ day, ...figures }: RestFigures) => ({
    row: "rest" as const,
    labels: day === undefined ? {} : { day },
    total,
    ...figures,
  });
  return [...groups.map(ofGroup), ...rest.map(ofRest)];
}

/** As NDJSON shows it: the groups of the answer, and which kind of row it is. */
export function usageRowAnswer({ row, labels, groups, total, ...figures }: UsageRow, currency: string) {
  return {
    row,
    ...labels,
    groups,
    ...figuresAnswer(figures, currency),
    ...shareAnswer(figures, total),
    ...comparisonAnswer(figures),
  };
}

const LABEL_ORDER = [
  "day",
  "category",
  "feature",
  "action",
  "user",
  "team",
  "workflow",
  "outcome",
  "unit",
] as const;

/** Columns of the labels that the report is grouped by, then of the figures. */
export function usageColumns({ groupBy }: Grouping, currency: string): readonly Column<UsageRow>[] {
  const shown = new Set<string>(groupBy);
  if (shown.has("action")) shown.add("feature");
  if (shown.has("outcome")) shown.add("unit");
  const credits = (micros: bigint | null) => (micros === null ? null : exact(decimalOf(micros)));
  const money = (amountMinor: number | null) =>
    amountMinor === null ? null : exact(majorUnits({ amountMinor, currency } satisfies Money));
  const percent = (text: string | null) => (text === null ? null : exact(text));
  return [
    { name: "row", cell: ({ row }) => row },
    ...LABEL_ORDER.filter((label) => shown.has(label)).map((label) => ({
      name: label,
      cell: ({ labels }: UsageRow) => labels[label] ?? null,
    })),
    { name: "groups", cell: ({ groups }) => groups },
    { name: "events", cell: ({ events }) => events },
    { name: "uses", cell: ({ uses }) => uses },
    { name: "quantity", cell: ({ quantityMicros }) => credits(quantityMicros) },
    { name: "credits", cell: ({ creditsMicros }) => credits(creditsMicros) },
    { name: "money", cell: ({ moneyMinor }) => money(moneyMinor) },
    { name: "value", cell: ({ valueMinor }) => money(valueMinor === null ? null : Number(valueMinor)) },
    { name: "currency", cell: () => currency },
    { name: "sharePercent", cell: (row) => percent(shareAnswer(row, row.total).sharePercent) },
    { name: "previousCredits", cell: ({ previousMicros }) => credits(previousMicros) },
    {
      name: "changeCredits",
      cell: ({ creditsMicros, previousMicros }) =>
        credits(previousMicros === null ? null : creditsMicros - previousMicros),
    },
    { name: "changePercent", cell: (row) => percent(comparisonAnswer(row).changePercent) },
  ];
}
