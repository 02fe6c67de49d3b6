/** An account with what is known of its use: the one reading that forecast, insights and the daily analysis share. */
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { AccountReport, CallContext } from "../../shared/protocol.ts";
import type { DayMoment } from "../../shared/reports/demand-days.ts";
import type { Forecast } from "../../shared/reports/forecast.ts";
import {
  dayMoment,
  forecastAt,
  type KnownPeriod,
  type KnownUse,
  notBefore,
} from "../../shared/reports/known-use.ts";
import type { Env } from "../env.ts";
import { closedPeriodsFor } from "../reports/closed-periods.ts";
import { readUse } from "./reads.ts";
import type { UseData, UseQuestion } from "./use-data.ts";

export interface AccountUse {
  readonly view: AccountReport;
  /** Newest first. */
  readonly closed: readonly ClosedPeriod[];
  readonly data: UseData;
  readonly known: KnownUse;
  /** Closed periods and the running one, oldest first. */
  readonly periods: readonly KnownPeriod[];
  readonly running: KnownPeriod;
}

type Asked = Pick<UseQuestion, "history" | "featureDays" | "range" | "consumers">;

/** `ask` says what is wanted of an account as it stands. Periods that are over are settled first (2.4). */
export async function readAccountUse(
  env: Env,
  accountKey: string,
  view: AccountReport,
  context: CallContext,
  ask: (closed: readonly ClosedPeriod[]) => Asked,
): Promise<AccountUse> {
  const closed = await earlierPeriods(env, accountKey, view, context);
  return readUseAfter(env, accountKey, view, closed, ask(closed));
}

/** The closed periods before the one that the account stands in, newest first. */
export async function earlierPeriods(
  env: Env,
  accountKey: string,
  view: AccountReport,
  context: CallContext,
): Promise<readonly ClosedPeriod[]> {
  const all = await closedPeriodsFor(env, accountKey, view, undefined, context);
  // The last period of a closed account is both closed and the one that it stands in.
  return all.filter(({ startMs }) => startMs < view.balance.periodStartMs);
}

/** `closed`: as `earlierPeriods` has found them. */
export async function readUseAfter(
  env: Env,
  accountKey: string,
  view: AccountReport,
  closed: readonly ClosedPeriod[],
  asked: Asked,
): Promise<AccountUse> {
  const { tail, acknowledgedSeq, balance, terms } = view;
  const data = await readUse(env.DB, { accountKey, tail, acknowledgedSeq, ...asked });
  const running = {
    period: balance.period,
    startMs: balance.periodStartMs,
    endMs: balance.resetAtMs,
    limitMicros: balance.limitMicros,
  };
  const periods = [...closed.toReversed(), running];
  const known = {
    timeZone: terms.timeZone,
    knownSince: knownSince(data, periods, view, asked.history.from),
    days: data.days,
    cutShort: new Set(data.shortages.keys()),
  };
  return { view, closed, data, known, periods, running };
}

/** Opened, or used first where earlier facts were recorded (3.2); not before the first day that was read. */
function knownSince(
  { createdAtMs, days }: UseData,
  [first]: readonly KnownPeriod[],
  { nowMs, terms }: AccountReport,
  readFrom: string,
): DayMoment {
  // By real time where the account, opened by an early version, is on a test clock: then by its first period.
  const isKnown = createdAtMs !== null && createdAtMs <= nowMs;
  const openedAtMs = isKnown ? createdAtMs : (first?.startMs ?? nowMs);
  const opened = dayMoment(openedAtMs, terms.timeZone);
  const [earlier] = days
    .map(({ day }) => day)
    .filter((day) => day < opened.day)
    .sort();
  return notBefore(earlier === undefined ? opened : { day: earlier, passed: 0 }, readFrom);
}

/** Of the running period, as of now; a closed account uses no more. `limitMicros`: where not the limit is asked about. */
export function runningForecast({ view, known, running }: AccountUse, limitMicros?: number): Forecast {
  const { nowMs, balance } = view;
  const moment = { nowMs, period: running, usedMicros: balance.usedMicros };
  const lived = balance.closedAtMs === null ? known : { ...known, days: [], cutShort: new Set<string>() };
  return forecastAt(lived, moment, limitMicros);
}

/** Features that name an owner of their own (9.1). */
export function ownedFeatures({ directory }: AccountReport): ReadonlySet<string> {
  const owned = Object.entries(directory.features).filter(([, { owner }]) => owner !== null);
  return new Set(owned.map(([feature]) => feature));
}
