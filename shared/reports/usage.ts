/**
 * Usage by group (rules, 10.2), from roll-ups: those of D1 and those folded from the tail, in one list. Groups that
 * the roll-ups do not hold, such as user × feature, are refused: they are kept per dimension, never as a product.
 */
import { addSums, NO_USAGE, type Rollup, type RollupDimension, type UsageSums } from "./fold.ts";
import { moneyMinorOf, type SpendByPeriod } from "./spend.ts";

export const USAGE_GROUPS = ["feature", "category", "action", "user", "workflow", "day"] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** How a report is grouped, and which roll-ups know it. */
export interface Grouping {
  readonly groupBy: readonly UsageGroup[];
  readonly dimension: RollupDimension;
  readonly byDay: boolean;
}

/** null where no roll-ups hold the combination. */
export function groupingOf(groupBy: readonly UsageGroup[]): Grouping | null {
  const byDay = groupBy.includes("day");
  const consumer = groupBy.find((group) => group === "user" || group === "workflow");
  if (consumer === undefined) return { groupBy, dimension: "action", byDay };
  const alone = groupBy.every((group) => group === consumer || group === "day");
  return alone ? { groupBy, dimension: consumer, byDay } : null;
}

/** Present where the report is grouped by it; null: the feature has no category, the entry no user or workflow. */
export interface GroupLabels {
  readonly day?: string;
  readonly category?: string | null;
  readonly feature?: string;
  readonly action?: string;
  readonly user?: string | null;
  readonly workflow?: string | null;
}

export interface GroupFigures {
  readonly events: number;
  /** null where the roll-ups do not say: by user or workflow. */
  readonly uses: number | null;
  /** null where quantities of different actions would be added up, and by user or workflow. */
  readonly quantityMicros: bigint | null;
  readonly creditsMicros: bigint;
  /** Credits at the effective price of their periods; null where one is not known. */
  readonly moneyMinor: number | null;
}

export type UsageGroupFigures = GroupFigures & { readonly labels: GroupLabels };

export interface UsageReport {
  /** By day where asked for, then by credits, most first. */
  readonly groups: readonly UsageGroupFigures[];
  readonly total: GroupFigures;
}

export interface UsageReportInput {
  readonly grouping: Grouping;
  /** All usage of the range, by action. */
  readonly actions: readonly Rollup[];
  /** The same usage by user or workflow where the grouping asks for it, else empty. */
  readonly consumers: readonly Rollup[];
  /** Category of a feature. */
  readonly categories: ReadonlyMap<string, string>;
  readonly spendByPeriod: SpendByPeriod;
}

/** What one group adds up to; its labels are equal for all that is added. */
class Accumulator {
  readonly labels: GroupLabels;
  #sums = NO_USAGE;
  readonly #actions = new Set<string>();
  readonly #creditsByPeriod = new Map<string, bigint>();

  constructor(labels: GroupLabels) {
    this.labels = labels;
  }

  add(rollup: Rollup, sums: UsageSums = rollup): void {
    this.#sums = addSums(this.#sums, sums);
    this.#actions.add(JSON.stringify([rollup.feature, rollup.key]));
    const before = this.#creditsByPeriod.get(rollup.period) ?? 0n;
    this.#creditsByPeriod.set(rollup.period, before + sums.creditsMicros);
  }

  get isEmpty(): boolean {
    return this.#sums.events === 0 && this.#sums.uses === 0 && this.#sums.creditsMicros === 0n;
  }

  figures(dimension: RollupDimension, spendByPeriod: SpendByPeriod): GroupFigures {
    const { events, uses, quantityMicros, creditsMicros } = this.#sums;
    const moneyMinor = moneyMinorOf(this.#creditsByPeriod, spendByPeriod);
    if (dimension !== "action") {
      return { events, uses: null, quantityMicros: null, creditsMicros, moneyMinor };
    }
    const oneAction = this.#actions.size <= 1;
    return { events, uses, quantityMicros: oneAction ? quantityMicros : null, creditsMicros, moneyMinor };
  }
}

export function reportUsage(input: UsageReportInput): UsageReport {
  const { grouping, spendByPeriod } = input;
  const total = new Accumulator({});
  for (const rollup of input.actions) total.add(rollup);
  const groups = grouping.dimension === "action" ? byAction(input) : byConsumer(input, grouping.dimension);
  const figures = groups
    .filter((group) => !group.isEmpty)
    .map((group) => ({
      labels: group.labels,
      ...group.figures(grouping.dimension, spendByPeriod),
    }));
  return { groups: figures.sort(compareGroups), total: total.figures("action", spendByPeriod) };
}

function byAction({ grouping, actions, categories }: UsageReportInput): Accumulator[] {
  const groups = new Groups();
  for (const rollup of actions) groups.of(actionLabels(grouping.groupBy, rollup, categories)).add(rollup);
  return groups.all;
}

/** An action's name means something only within its feature, so the feature comes with it. */
function actionLabels(
  groupBy: readonly UsageGroup[],
  { day, feature, key }: Rollup,
  categories: ReadonlyMap<string, string>,
): GroupLabels {
  const byAction = groupBy.includes("action");
  return {
    ...(groupBy.includes("day") ? { day } : {}),
    ...(groupBy.includes("category") ? { category: categories.get(feature) ?? null } : {}),
    ...(byAction || groupBy.includes("feature") ? { feature } : {}),
    ...(byAction ? { action: key } : {}),
  };
}

/** What no user (or workflow) accounts for is a group of its own: all usage less the attributed. */
function byConsumer(
  { grouping, actions, consumers }: UsageReportInput,
  dimension: "user" | "workflow",
): Accumulator[] {
  const groups = new Groups();
  const labels = (day: string, consumer: string | null): GroupLabels => ({
    ...(grouping.byDay ? { day } : {}),
    ...(dimension === "user" ? { user: consumer } : { workflow: consumer }),
  });
  for (const rollup of actions) groups.of(labels(rollup.day, null)).add(rollup, { ...rollup, uses: 0 });
  for (const rollup of consumers) {
    const { day, key, events, creditsMicros } = rollup;
    groups.of(labels(day, key)).add(rollup);
    groups.of(labels(day, null)).add(rollup, {
      events: -events,
      uses: 0,
      quantityMicros: 0n,
      creditsMicros: -creditsMicros,
    });
  }
  return groups.all;
}

class Groups {
  readonly #byLabels = new Map<string, Accumulator>();

  of(labels: GroupLabels): Accumulator {
    const name = JSON.stringify(labels);
    const known = this.#byLabels.get(name);
    if (known !== undefined) return known;
    const group = new Accumulator(labels);
    this.#byLabels.set(name, group);
    return group;
  }

  get all(): Accumulator[] {
    return [...this.#byLabels.values()];
  }
}

function compareGroups(a: UsageGroupFigures, b: UsageGroupFigures): number {
  const [dayA = "", dayB = ""] = [a.labels.day, b.labels.day];
  if (dayA !== dayB) return dayA < dayB ? -1 : 1;
  if (a.creditsMicros !== b.creditsMicros) return a.creditsMicros > b.creditsMicros ? -1 : 1;
  return JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1;
}
