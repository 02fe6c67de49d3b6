/**
 * A usage report's figures, complete up to the last acknowledged request (rules, 10.2): D1's roll-ups and the tail of
 * the account, which together hold every entry once.
 */

import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { AccountReport } from "../../shared/protocol.ts";
import { foldEntries, type Rollup, withoutHeld } from "../../shared/reports/fold.ts";
import { type Grouping, isAsked } from "../../shared/reports/grouping.ts";
import {
  type AccountNow,
  type AskedRange,
  inRange,
  type ReportRanges,
  rangesOf,
  type UsageRange,
} from "../../shared/reports/range.ts";
import { type SpendByPeriod, spendOf, spendOfClosed } from "../../shared/reports/spend.ts";
import type { UsageRows } from "../../shared/reports/usage.ts";
import { readUsage, type UsageData } from "./usage-data.ts";

/** How often the account is asked anew where D1 has learned of later entries meanwhile. */
const READS_MAX = 3;

export interface UsageSource {
  readonly ranges: ReportRanges;
  readonly current: UsageRows;
  readonly before: UsageRows;
  readonly denials: UsageData["denials"];
  readonly spendByPeriod: SpendByPeriod;
  readonly tooLarge: boolean;
  readonly view: AccountReport;
}

export interface SourceQuestion {
  readonly accountKey: string;
  readonly asked: AskedRange;
  readonly grouping: Grouping;
  /** The account as it stands; asked again where it has moved on. */
  readonly view: () => Promise<AccountReport>;
  /** Closed periods that the range may touch. */
  readonly closed: readonly ClosedPeriod[];
}

/** null where the range names a period that the account never had. */
export async function readSource(
  database: D1Database,
  first: AccountReport,
  question: SourceQuestion,
): Promise<UsageSource | null> {
  const { accountKey, asked, grouping, closed } = question;
  for (let view = first, reads = 1; ; view = await question.view(), reads += 1) {
    const ranges = rangesOf(asked, accountNow(view), closed);
    if (ranges === null) return null;
    const { acknowledgedSeq } = view;
    const data = await readUsage(database, { accountKey, ranges, grouping, acknowledgedSeq });
    const isOfOneMoment = data.held.every(({ lastSeq }) => lastSeq <= view.lastSeq);
    if (isOfOneMoment || reads === READS_MAX) return withTail(view, ranges, grouping, data, closed);
  }
}

export function accountNow({ nowMs, terms, balance }: AccountReport): AccountNow {
  const { period, periodStartMs, resetAtMs } = balance;
  return { nowMs, terms, period, periodStartMs, resetAtMs };
}

function withTail(
  view: AccountReport,
  ranges: ReportRanges,
  grouping: Grouping,
  data: UsageData,
  closed: readonly ClosedPeriod[],
): UsageSource {
  const tail = foldEntries(withoutHeld(view.tail, data.held)).filter((rollup) => isAsked(rollup, grouping));
  const add = (rows: UsageRows, range: UsageRange, days: boolean): UsageRows => {
    const ofRange = tail.filter((rollup) => inRange(rollup, range));
    // As D1 answers: without days where the report shows none.
    const inShape = days ? ofRange : ofRange.map((rollup) => ({ ...rollup, day: "" }));
    const of = (dimension: Rollup["dimension"]) => inShape.filter((rollup) => rollup.dimension === dimension);
    const whole = grouping.dimension === "action" ? [] : of(grouping.dimension);
    return { actions: [...rows.actions, ...of("action")], whole: [...rows.whole, ...whole] };
  };
  return {
    ranges,
    current: add(data.current, ranges.current, grouping.byDay),
    before: add(data.before, ranges.before, false),
    denials: data.denials,
    spendByPeriod: spendByPeriod(view, closed),
    tooLarge: data.tooLarge,
    view,
  };
}

function spendByPeriod(view: AccountReport, closed: readonly ClosedPeriod[]): SpendByPeriod {
  const spend = new Map(closed.map((period) => [period.period, spendOfClosed(period)]));
  return spend.set(view.balance.period, spendOf(view.balance));
}
