/** Which usage the history is asked for: range and grouping, read from its address. */
import { PERIOD_PRESETS } from "../../../../shared/reports/range.ts";
import type { RangeQuery } from "../../../../shared/reports/range-before.ts";
import type { UsageOf } from "../log/log-scope.ts";

/** In the order of their tabs. */
export const GROUPS = [
  { group: "feature", label: "Feature" },
  { group: "category", label: "Category" },
  { group: "action", label: "Action" },
  { group: "user", label: "User" },
  { group: "team", label: "Team" },
  { group: "workflow", label: "Workflow" },
  { group: "outcome", label: "Outcome" },
  { group: "day", label: "Day" },
] as const;
export type Group = (typeof GROUPS)[number]["group"];

export const PRESETS = [
  { period: "current", label: "This period" },
  { period: "previous", label: "Last period" },
  { period: "last_30_days", label: "30 days" },
  { period: "last_90_days", label: "90 days" },
] as const;

/** Days, where the address names some; else the period, which is the running one where it names none. */
export function rangeAsked({ from, to, period }: Readonly<Record<string, string>>): RangeQuery {
  if (from) return { from, to: to || undefined };
  // Only an end: the form says what is missing.
  if (to) return { from: "", to };
  return { period: period || PERIOD_PRESETS[0] };
}

/** Groups that are kept together with what is filtered by (see the API's `groupBy`). */
export function groupsFor({ feature, user }: UsageOf): readonly Group[] {
  if (user !== undefined) return ["day"];
  if (feature !== undefined) return ["action", "outcome", "day"];
  return GROUPS.map(({ group }) => group);
}

/** What is asked for, or the first that there is for this filter. */
export function groupAsked(asked: string | undefined, of: UsageOf): Group {
  const groups = groupsFor(of);
  return groups.find((group) => group === asked) ?? groups[0] ?? "day";
}
