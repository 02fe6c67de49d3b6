/** The reports that the history shows, read together. */
import { DrawdownError } from "../../../../shared/client/client.ts";
import type { UsageQuery, UsageReport } from "../../../../shared/client/types.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import { dayCount } from "../../../../shared/reports/days.ts";
import type { AccountNow } from "../../../../shared/reports/range.ts";
import { type RangeQuery, rangeBefore } from "../../../../shared/reports/range-before.ts";
import { FormRefused } from "../../form.ts";
import type { AccountPage } from "../../page.tsx";
import type { UsageOf } from "../log/log-scope.ts";
import type { Group } from "./history-range.ts";

/** Rows of the table; the rest is one row, and all of them are in the files. */
const ROWS_MAX = 100;
/** As many as a chart tells apart. */
const SERIES_MAX = 8;
/** A chart by day shows a year at most. */
const CHART_DAYS_MAX = 366;

export interface Reports {
  readonly groups: UsageReport;
  /** By day, and by group where parts add up to the whole; null where there are too many days to draw. */
  readonly days: UsageReport | null;
  /** By day, of the span before; null where there is none. */
  readonly daysBefore: UsageReport | null;
}

export interface ReportsAsked {
  readonly asked: RangeQuery;
  readonly of: UsageOf;
  readonly group: Group;
}

/** Throws FormRefused for a filter that usage is not added up by. */
export async function readReports(page: AccountPage, { asked, of, group }: ReportsAsked): Promise<Reports> {
  if (of.feature !== undefined && of.user !== undefined) {
    throw new FormRefused({ user: "Usage is added up by feature or by user, not by both" });
  }
  if ("from" in asked && asked.from === "") throw new FormRefused({ from: "The first day is missing" });
  const { client, account } = page;
  const query: UsageQuery = { ...asked, ...of };
  const drawn = isDrawn(asked, page);
  const [groups, days, daysBefore] = await Promise.all([
    client.usage(
      account,
      group === "day" ? { ...query, groupBy: group } : { ...query, groupBy: group, top: ROWS_MAX },
    ),
    drawn && group !== "day" ? client.usage(account, chartQuery(query, group)) : null,
    drawn ? readBefore(page, rangeBefore(asked, accountNow(page)), of) : null,
  ]);
  return { groups, days: group === "day" && drawn ? groups : days, daysBefore };
}

/** A user's teams each count in full, so they do not stack up. */
export function isStacked(group: Group): boolean {
  return group !== "day" && group !== "team";
}

function chartQuery(query: UsageQuery, group: Group): UsageQuery {
  if (!isStacked(group)) return { ...query, groupBy: "day" };
  return { ...query, groupBy: `${group},day`, top: SERIES_MAX };
}

function isDrawn(asked: RangeQuery, { view }: AccountPage): boolean {
  if (!("from" in asked)) return true;
  const to = asked.to ?? localDay(view.nowMs, view.terms.timeZone);
  const days = dayCount({ from: asked.from, to });
  return Number.isNaN(days) || days <= CHART_DAYS_MAX;
}

function accountNow({ view: { nowMs, terms, balance } }: AccountPage): AccountNow {
  const { period, periodStartMs, resetAtMs } = balance;
  return { nowMs, terms, period, periodStartMs, resetAtMs };
}

async function readBefore(
  { client, account }: AccountPage,
  before: RangeQuery | null,
  of: UsageOf,
): Promise<UsageReport | null> {
  if (before === null) return null;
  try {
    return await client.usage(account, { ...before, ...of, groupBy: "day" });
  } catch (error) {
    // The account is younger.
    if (error instanceof DrawdownError && error.problem.code === "unknown_period") return null;
    throw error;
  }
}
