/**
 * How a usage report may be grouped and filtered (rules, 10.2): what the roll-ups hold together. They are kept per
 * dimension, never as a product, so user × feature is refused, with the way out.
 */
import { type Rollup, WHOLE_DIMENSIONS, type WholeDimension } from "./fold.ts";

export const USAGE_GROUPS = [
  "feature",
  "category",
  "action",
  "user",
  "team",
  "workflow",
  "outcome",
  "day",
] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export const USAGE_FILTERS = ["feature", "user", "team", "workflow"] as const;
export type UsageFilterName = (typeof USAGE_FILTERS)[number];
export type UsageFilter = Readonly<Partial<Record<UsageFilterName, string | undefined>>>;

export interface Grouping {
  readonly kind: "grouping";
  readonly groupBy: readonly UsageGroup[];
  /** The roll-ups that hold the groups. */
  readonly dimension: "action" | WholeDimension;
  readonly byDay: boolean;
  /** Only this feature (by action or outcome) or this user, team or workflow (of its own dimension); null: all. */
  readonly only: { readonly name: UsageFilterName; readonly value: string } | null;
}

export interface GroupingRefusal {
  readonly kind: "refused";
  readonly field: "groupBy" | UsageFilterName;
  readonly message: string;
}

/** What is grouped by where nothing is said: what is filtered by, else the feature. */
export function groupingOf(
  groupBy: readonly UsageGroup[] | undefined,
  filter: UsageFilter,
): Grouping | GroupingRefusal {
  const [only = null, another] = USAGE_FILTERS.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [{ name, value }];
  });
  if (only !== null && another !== undefined) {
    return refused(another.name, `kept apart from ${only.name}: filter by one of them, ${THE_LOG}`);
  }
  const groups = groupBy ?? [only?.name ?? "feature"];
  const asked = groups.filter(isWhole);
  const whole = asked[0] ?? (only !== null && isWhole(only.name) ? only.name : undefined);
  if (whole === undefined) {
    return { kind: "grouping", groupBy: groups, dimension: "action", byDay: groups.includes("day"), only };
  }
  const beside = BESIDE[whole];
  if (groups.some((group) => group !== whole && !beside.includes(group))) {
    return asked.length === 0 && only !== null
      ? refused(only.name, `kept by day only: group by ${whole}, day or both, ${THE_LOG}`)
      : refused("groupBy", `${whole} is kept by ${beside.join(", ")} only, ${THE_LOG}`);
  }
  if (only !== null && only.name !== whole && !(beside as readonly string[]).includes(only.name)) {
    return refused(only.name, `kept apart from ${whole}: group by something else, ${THE_LOG}`);
  }
  return { kind: "grouping", groupBy: groups, dimension: whole, byDay: groups.includes("day"), only };
}

/** What the roll-ups hold together with a whole entry's key. */
const BESIDE: Readonly<Record<WholeDimension, readonly UsageGroup[]>> = {
  user: ["day"],
  team: ["day"],
  workflow: ["day"],
  outcome: ["feature", "category", "day"],
};

const THE_LOG = "or add up GET /v1/accounts/{account}/log with these filters";

function refused(field: GroupingRefusal["field"], message: string): GroupingRefusal {
  return { kind: "refused", field, message };
}

function isWhole(group: UsageGroup | UsageFilterName): group is WholeDimension {
  return (WHOLE_DIMENSIONS as readonly string[]).includes(group);
}

/** The report is about one user, team or workflow. */
export function isOfOneKey({ only }: Grouping): boolean {
  return only !== null && only.name !== "feature";
}

/** Whether a roll-up is what the report is filtered by. */
export function isAsked({ feature, key }: Pick<Rollup, "feature" | "key">, { only }: Grouping): boolean {
  if (only === null) return true;
  return only.name === "feature" ? feature === only.value : key === only.value;
}

/** Present where the report is grouped by it; null: the feature has no category, the entry no user and so on. */
export interface GroupLabels {
  readonly day?: string;
  readonly category?: string | null;
  readonly feature?: string;
  readonly action?: string;
  readonly user?: string | null;
  readonly team?: string | null;
  readonly workflow?: string | null;
  readonly outcome?: string | null;
  /** Beside `outcome`: of its quantity; null where it has none. */
  readonly unit?: string | null;
}

/** An action's name means something only within its feature, so the feature comes with it. */
export function actionLabels(
  { groupBy }: Grouping,
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

/** `key` null: what the dimension accounts for under no key. */
export function wholeLabels(
  grouping: Grouping,
  dimension: WholeDimension,
  rollup: Rollup,
  key: string | null,
  categories: ReadonlyMap<string, string>,
): GroupLabels {
  return {
    ...actionLabels(grouping, rollup, categories),
    ...(grouping.groupBy.includes(dimension) ? keyLabels(dimension, key) : {}),
  };
}

function keyLabels(dimension: WholeDimension, key: string | null): GroupLabels {
  if (dimension !== "outcome") return { [dimension]: key };
  if (key === null) return { outcome: null, unit: null };
  const [outcome, unit]: readonly [string, string] = JSON.parse(key);
  return { outcome, unit: unit === "" ? null : unit };
}

/** What tells groups apart; without the day where a group is looked at over the whole range. */
export function nameOf(labels: GroupLabels, withDay = true): string {
  return JSON.stringify(withDay ? labels : { ...labels, day: undefined });
}
