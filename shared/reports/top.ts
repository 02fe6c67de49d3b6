/** Top consumers (rules, 10.2): the groups with the most credits over the whole range, and a row for all others. */
import { nameOf } from "./grouping.ts";
import type { GroupFigures, UsageGroupFigures, UsageReport } from "./usage.ts";

export interface RestFigures extends GroupFigures {
  /** Present where the report is by day: then there is a row for each. */
  readonly day?: string;
  /** How many groups it stands for. */
  readonly groups: number;
}

export interface TopReport extends UsageReport {
  /** Empty where nothing is left out. */
  readonly rest: readonly RestFigures[];
}

/** `top` undefined: all groups. By day, the same ones are on top on each. */
export function topOf(report: UsageReport, top: number | undefined): TopReport {
  if (top === undefined) return { ...report, rest: [] };
  const creditsMicros = new Map<string, bigint>();
  for (const { labels, ...figures } of report.groups) {
    const name = nameOf(labels, false);
    creditsMicros.set(name, (creditsMicros.get(name) ?? 0n) + figures.creditsMicros);
  }
  const ranked = [...creditsMicros].sort(([, a], [, b]) => (a === b ? 0 : a > b ? -1 : 1));
  const kept = new Set(ranked.slice(0, top).map(([name]) => name));
  const rest = new Map<string | undefined, RestFigures>();
  const groups: UsageGroupFigures[] = [];
  for (const group of report.groups) {
    const { day } = group.labels;
    if (kept.has(nameOf(group.labels, false))) groups.push(group);
    else rest.set(day, addGroup(rest.get(day) ?? nothing(day), group));
  }
  return { groups, total: report.total, rest: [...rest.values()] };
}

function nothing(day: string | undefined): RestFigures {
  return {
    ...(day === undefined ? {} : { day }),
    groups: 0,
    events: 0,
    uses: 0,
    quantityMicros: null,
    creditsMicros: 0n,
    moneyMinor: 0,
    valueMinor: null,
    previousMicros: 0n,
  };
}

function addGroup(rest: RestFigures, group: GroupFigures): RestFigures {
  return {
    ...rest,
    groups: rest.groups + 1,
    events: rest.events + group.events,
    uses: addKnown(rest.uses, group.uses),
    creditsMicros: rest.creditsMicros + group.creditsMicros,
    moneyMinor: addKnown(rest.moneyMinor, group.moneyMinor),
    valueMinor: group.valueMinor === null ? rest.valueMinor : (rest.valueMinor ?? 0n) + group.valueMinor,
    previousMicros:
      rest.previousMicros === null || group.previousMicros === null
        ? null
        : rest.previousMicros + group.previousMicros,
  };
}

function addKnown(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
