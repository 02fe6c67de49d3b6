/**
 * The daily analysis of one account (rules, 6.4): the local days that have passed since the last one, together, with one
 * call to the account. Each notice has a stable id, and the last day is kept in D1, so that it may run at any time again.
 */
import { controlOf } from "../../shared/credits/directory.ts";
import { localDay, localDaySpan, localDayStartMs } from "../../shared/credits/period.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { AccountReport, CallContext } from "../../shared/protocol.ts";
import { type Analysis, analyseDays } from "../../shared/reports/daily-analysis.ts";
import { addDays, type DayRange, earliestDay, latestDay } from "../../shared/reports/days.ts";
import type { InsightNotice } from "../../shared/reports/insight-notices.ts";
import { HISTORY_DAYS } from "../../shared/reports/known-use.ts";
import type { UsageRange } from "../../shared/reports/range.ts";
import { SPIKE_MEAN_DAYS } from "../../shared/reports/spikes.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import { type AccountUse, readAccountUse } from "./account-use.ts";
import { type AnalysisState, keepAnalysed, readState } from "./analysis-state.ts";
import { periodRange, wasteIn } from "./period-waste.ts";
import { sendInsights } from "./send.ts";

/** As much as one advance of a test clock; what lies further back is not told any more. */
const DAYS_MAX = 400;
/** Denials of the day's last minute are in D1 by then. */
const AFTER_MIDNIGHT_MS = 5 * 60_000;

/** Throws where the account, D1 or the queue fails; run again, it begins with the same day. */
export async function analyseAccount(env: Env, accountKey: string, context: CallContext): Promise<void> {
  const state = await readState(env.DB, accountKey);
  if (state === null) return;
  const view = await accountOf(env, accountKey).report(context);
  if (view.kind === "account_not_found") return;
  const { nowMs, terms, balance } = view;
  if (balance.closedAtMs !== null) {
    return keepAnalysed(env.DB, accountKey, { day: null, toldPeriod: null, dueAtMs: null });
  }
  const days = daysSince(state, view);
  const found = days === null ? null : await analyse(env, accountKey, view, context, state, days);
  await sendInsights(env, accountKey, found?.notices ?? []);
  await keepAnalysed(env.DB, accountKey, {
    day: days?.to ?? null,
    toldPeriod: found?.toldPeriod ?? null,
    dueAtMs: localDaySpan(nowMs, terms.timeZone).endMs + AFTER_MIDNIGHT_MS,
  });
}

/** Whole local days that were not analysed yet; null for none. */
function daysSince(
  { analysedDay, createdAtMs }: AnalysisState,
  { nowMs, terms }: AccountReport,
): DayRange | null {
  const to = addDays(localDay(nowMs, terms.timeZone), -1);
  const next = analysedDay === null ? localDay(createdAtMs, terms.timeZone) : addDays(analysedDay, 1);
  const from = latestDay(next, addDays(to, 1 - DAYS_MAX));
  return from > to ? null : { from, to };
}

interface Findings {
  readonly notices: readonly InsightNotice[];
  readonly toldPeriod: string | null;
}

async function analyse(
  env: Env,
  accountKey: string,
  view: AccountReport,
  context: CallContext,
  { toldPeriod }: AnalysisState,
  days: DayRange,
): Promise<Findings> {
  const sinceMs = localDayStartMs(days.from, view.terms.timeZone);
  const use = await readAccountUse(env, accountKey, view, context, (closed) => ({
    history: { from: addDays(days.from, -HISTORY_DAYS), to: days.to },
    featureDays: { from: addDays(days.from, -SPIKE_MEAN_DAYS), to: days.to },
    range: rangeOfAll(
      view,
      closed.filter(({ endMs }) => endMs > sinceMs),
    ),
    consumers: 0,
  }));
  const analysis = analyseDays(
    {
      ...use,
      ...use.data,
      suspended: view.balance.suspendedAtMs !== null,
      ownerOf: (feature) => controlOf(view.directory, feature).owner,
      toldPeriod,
    },
    days,
  );
  const wastes = await wasteNotices(env, accountKey, use, analysis);
  const notices = [...analysis.spikes, ...analysis.exhaustions, ...wastes];
  return { notices: notices.sort((a, b) => a.atMs - b.atMs), toldPeriod: analysis.toldPeriod };
}

/** Days that can hold what counts in any of these periods; null for none. */
function rangeOfAll(view: AccountReport, closed: readonly ClosedPeriod[]): UsageRange | null {
  const [first, ...more] = closed.map((period) => periodRange(view, period).search);
  if (first === undefined) return null;
  const days = {
    from: earliestDay(first.from, ...more.map(({ from }) => from)),
    to: latestDay(first.to, ...more.map(({ to }) => to)),
  };
  return { days, period: null, search: days };
}

/** Monthly, with the report: of each period that ended with one of the days. */
async function wasteNotices(
  env: Env,
  accountKey: string,
  use: AccountUse,
  { ended }: Analysis,
): Promise<readonly InsightNotice[]> {
  const notices: InsightNotice[] = [];
  for (const { period, endMs } of ended) {
    const closed = use.closed.find((candidate) => candidate.endMs === endMs);
    const next = use.periods.find(({ startMs }) => startMs === endMs);
    if (closed === undefined || next === undefined) continue;
    const waste = await wasteIn(env, accountKey, use, periodRange(use.view, closed));
    if (waste !== null) notices.push({ kind: "waste", atMs: endMs, period, resetAtMs: next.endMs, ...waste });
  }
  return notices;
}
