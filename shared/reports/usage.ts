/**
 * Usage by group (rules, 10.2), from roll-ups: those of D1 and those folded from the tail, in one list. Compared with
 * the span before, and in money such that groups which are all of a period add up to what it cost.
 */
import { addSums, lessSums, NO_USAGE, type Rollup, type UsageSums } from "./fold.ts";
import {
  actionLabels,
  type Grouping,
  type GroupLabels,
  isOfOneKey,
  nameOf,
  wholeLabels,
} from "./grouping.ts";
import { allotMoney, type CreditsByPeriod, moneyMinorOf, type SpendByPeriod } from "./spend.ts";

export interface GroupFigures {
  readonly events: number;
  /** null where the roll-ups do not say: they know items by action only. */
  readonly uses: number | null;
  /** null where quantities of different actions would be added up, and by user, team or workflow. */
  readonly quantityMicros: bigint | null;
  readonly creditsMicros: bigint;
  /** Credits at the effective price of their periods; null where one is not known. */
  readonly moneyMinor: number | null;
  /** What outcomes are worth; null where the report is not by outcome. */
  readonly valueMinor: bigint | null;
  /** Credits of the span before; null for a group of a day. */
  readonly previousMicros: bigint | null;
}

export type UsageGroupFigures = GroupFigures & { readonly labels: GroupLabels };

export interface UsageReport {
  /** By day where asked for, then by credits, most first; with what there was in the span before only. */
  readonly groups: readonly UsageGroupFigures[];
  readonly total: GroupFigures;
}

/** The usage of one span. */
export interface UsageRows {
  /** By action; may be left out where the report is about one user, team or workflow. */
  readonly actions: readonly Rollup[];
  /** By user, team, workflow or outcome where the grouping asks for it, else empty. */
  readonly whole: readonly Rollup[];
}

export interface UsageReportInput {
  readonly grouping: Grouping;
  readonly current: UsageRows;
  /** Days do not matter here. */
  readonly before: UsageRows;
  /** Category of a feature. */
  readonly categories: ReadonlyMap<string, string>;
  readonly spendByPeriod: SpendByPeriod;
}

export function reportUsage(input: UsageReportInput): UsageReport {
  const { grouping, spendByPeriod } = input;
  const groups = groupsOf(input, input.current);
  const before = grouping.byDay ? new Map<string, Group>() : groupsOf(input, input.before);
  const previousMicros = ({ labels }: Group) => before.get(nameOf(labels))?.sums.creditsMicros ?? 0n;
  for (const [name, { labels }] of before) if (!groups.has(name)) groups.set(name, emptyGroup(labels));
  const shown = [...groups.values()]
    .filter((group) => !isEmpty(group) || previousMicros(group) !== 0n)
    .filter((group) => !isOfLaterOutcomes(group))
    .sort(compareGroups);
  const money = moneyOf(shown, grouping, spendByPeriod);
  return {
    groups: shown.map((group, index) => ({
      labels: group.labels,
      ...figuresOf(group, grouping.dimension),
      moneyMinor: money[index] ?? null,
      previousMicros: grouping.byDay ? null : previousMicros(group),
    })),
    total: totalOf(input),
  };
}

function totalOf({ grouping, current, before, spendByPeriod }: UsageReportInput): GroupFigures {
  const { dimension } = grouping;
  const all = sumOf(allOf(grouping, current));
  const value = sumOf(current.whole).sums.valueMinor;
  return {
    ...figuresOf(all, isOfOneKey(grouping) ? dimension : "action"),
    moneyMinor: moneyMinorOf(all.creditsByPeriod, spendByPeriod),
    valueMinor: dimension === "outcome" ? value : null,
    previousMicros: sumOf(allOf(grouping, before)).sums.creditsMicros,
  };
}

/** Outcomes that were attached later are about earlier usage: what is left beside them is then no usage without one. */
function isOfLaterOutcomes({ labels, sums }: Group): boolean {
  return labels.outcome === null && (sums.creditsMicros < 0n || sums.events < 0);
}

/** All usage that the report is about. */
function allOf(grouping: Grouping, { actions, whole }: UsageRows): readonly Rollup[] {
  return isOfOneKey(grouping) ? whole : actions;
}

/** What one group adds up to; its labels are equal for all that was added. */
interface Group {
  readonly labels: GroupLabels;
  readonly sums: UsageSums;
  /** Keys that were added: quantities add up under one only. */
  readonly keys: ReadonlySet<string>;
  readonly creditsByPeriod: CreditsByPeriod;
}

function emptyGroup(labels: GroupLabels): MutableGroup {
  return { labels, sums: NO_USAGE, keys: new Set<string>(), creditsByPeriod: new Map<string, bigint>() };
}

interface MutableGroup extends Group {
  sums: UsageSums;
  readonly keys: Set<string>;
  readonly creditsByPeriod: Map<string, bigint>;
}

function add(group: MutableGroup, rollup: Rollup, sums: UsageSums = rollup): void {
  group.sums = addSums(group.sums, sums);
  group.keys.add(rollup.dimension === "action" ? JSON.stringify([rollup.feature, rollup.key]) : rollup.key);
  const before = group.creditsByPeriod.get(rollup.period) ?? 0n;
  group.creditsByPeriod.set(rollup.period, before + sums.creditsMicros);
}

function isEmpty({ sums }: Group): boolean {
  return sums.events === 0 && sums.uses === 0 && sums.creditsMicros === 0n;
}

function sumOf(rollups: readonly Rollup[]): Group {
  const sum = emptyGroup({});
  for (const rollup of rollups) add(sum, rollup);
  return sum;
}

function groupsOf({ grouping, categories }: UsageReportInput, rows: UsageRows): Map<string, MutableGroup> {
  const groups = new Map<string, MutableGroup>();
  const groupOf = (labels: GroupLabels): MutableGroup => {
    const name = nameOf(labels);
    const group = groups.get(name) ?? emptyGroup(labels);
    groups.set(name, group);
    return group;
  };
  const { dimension } = grouping;
  if (dimension === "action") {
    for (const rollup of rows.actions) add(groupOf(actionLabels(grouping, rollup, categories)), rollup);
    return groups;
  }
  const labels = (rollup: Rollup, key: string | null) =>
    wholeLabels(grouping, dimension, rollup, key, categories);
  for (const rollup of rows.whole) add(groupOf(labels(rollup, rollup.key)), rollup);
  if (hasRest(grouping)) addRest(rows, (rollup) => groupOf(labels(rollup, null)));
  return groups;
}

/** An entry has one user and one workflow, but it may have several teams: then what is left says nothing. */
function hasRest(grouping: Grouping): boolean {
  return !isOfOneKey(grouping) && grouping.dimension !== "team";
}

/** What no key accounts for is a group of its own: all usage less the attributed. */
function addRest({ actions, whole }: UsageRows, restOf: (rollup: Rollup) => MutableGroup): void {
  const nothingElse = { uses: 0, quantityMicros: 0n, valueMinor: 0n };
  for (const rollup of actions) add(restOf(rollup), rollup, { ...rollup, ...nothingElse });
  for (const rollup of whole) add(restOf(rollup), rollup, lessSums(NO_USAGE, { ...rollup, ...nothingElse }));
}

function figuresOf({ labels, sums, keys }: Group, dimension: Grouping["dimension"]) {
  const { events, uses, quantityMicros, creditsMicros, valueMinor } = sums;
  const hasQuantity = dimension === "outcome" ? typeof labels.unit === "string" : dimension === "action";
  return {
    events,
    uses: dimension === "action" ? uses : null,
    quantityMicros: hasQuantity && keys.size <= 1 ? quantityMicros : null,
    creditsMicros,
    valueMinor: dimension === "outcome" && labels.outcome !== null ? valueMinor : null,
  };
}

/** Teams overlap, so their money does not add up to anything. */
function moneyOf(groups: readonly Group[], { dimension }: Grouping, spendByPeriod: SpendByPeriod) {
  const credits = groups.map((group) => group.creditsByPeriod);
  return dimension === "team"
    ? credits.map((ofGroup) => moneyMinorOf(ofGroup, spendByPeriod))
    : allotMoney(credits, spendByPeriod);
}

function compareGroups(a: Group, b: Group): number {
  const [dayA = "", dayB = ""] = [a.labels.day, b.labels.day];
  if (dayA !== dayB) return dayA < dayB ? -1 : 1;
  if (a.sums.creditsMicros !== b.sums.creditsMicros)
    return a.sums.creditsMicros > b.sums.creditsMicros ? -1 : 1;
  return nameOf(a.labels) < nameOf(b.labels) ? -1 : 1;
}
