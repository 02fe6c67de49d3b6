/** Which usage the history is asked for: range and grouping, read from its address. */
import { periodAt } from "../../../../shared/credits/period.ts";
import type { AccountView } from "../../../../shared/protocol.ts";
import { PERIOD_PRESETS, rangesOf } from "../../../../shared/reports/range.ts";
import type { UsageOf } from "../log/log-scope.ts";

/** In the order of their tabs. */
export const GROUPS = [
  { group: "feature", label: "Feature", one: "feature" },
  { group: "category", label: "Category", one: "category" },
  { group: "action", label: "Action", one: "action" },
  { group: "user", label: "User", one: "user" },
  { group: "team", label: "Team", one: "team" },
  { group: "workflow", label: "Workflow", one: "workflow" },
  { group: "outcome", label: "Outcome", one: "outcome" },
  { group: "day", label: "Day", one: "day" },
] as const;
export type Group = (typeof GROUPS)[number]["group"];

export const PRESETS = [
  { period: "current", label: "This period" },
  { period: "previous", label: "Last period" },
  { period: "last_30_days", label: "30 days" },
  { period: "last_90_days", label: "90 days" },
] as const;

/** As the API takes it: days, or a preset or the name of a period. */
export type AskedRange =
  | { readonly from: string; readonly to?: string | undefined }
  | { readonly period: string };

/** Days, where the address names some; else the period, which is the running one where it names none. */
export function rangeAsked({ from, to, period }: Readonly<Record<string, string>>): AskedRange {
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

const HALF_DAY_MS = 12 * 60 * 60 * 1000;

/**
 * What the API compares with, known before it answers so that both are read at once; null where the address names no
 * days. Of a period it is the one before by the account's terms: where the account had none of that name, the API says
 * so.
 */
export function rangeBefore(asked: AskedRange, view: AccountView): AskedRange | null {
  if ("from" in asked) {
    const { from, to } = asked;
    const isDay = (day: string) => !Number.isNaN(Date.parse(day));
    return isDay(from) && isDay(to ?? from) ? daysBefore({ kind: "days", from, to }, view) : null;
  }
  const { terms, balance } = view;
  const before = (ms: number) => periodAt(terms, ms - 1);
  switch (asked.period) {
    case "last_30_days":
    case "last_90_days":
      return daysBefore({ kind: "preset", preset: asked.period }, view);
    case "current":
      return { period: "previous" };
    case "previous":
      return { period: before(before(balance.periodStartMs).startMs).name };
    default: {
      const startMs = Date.parse(asked.period);
      return Number.isNaN(startMs) ? null : { period: before(startMs - HALF_DAY_MS).name };
    }
  }
}

function daysBefore(
  asked: Parameters<typeof rangesOf>[0],
  { nowMs, terms, balance }: AccountView,
): AskedRange | null {
  const { period, periodStartMs, resetAtMs } = balance;
  return rangesOf(asked, { nowMs, terms, period, periodStartMs, resetAtMs }, [])?.before.days ?? null;
}
