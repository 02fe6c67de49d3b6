/** Gathers what the account and D1 say about its usage, for the comparison (rules, section 7.4). */
import { type Reconciliation, reconcile } from "../../shared/credits/reconciliation.ts";
import {
  type AccountSide,
  type ComparedRange,
  EVERY_PERIOD,
  isCompared,
} from "../../shared/credits/reconciliation-sides.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { AccountNotFound, AccountReport, CallContext, DueFacts } from "../../shared/protocol.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import { type ReadRange, readStored } from "./reconciliation-reads.ts";

/** No period begins before or after these. */
const BEFORE_EVERY_DAY = "0001-01-01";
const AFTER_EVERY_DAY = "9999-99-99";

/**
 * The account is asked first and D1 after it: what has left the account's tail by then is in D1, so no entry is
 * missed, and what was booked in between is told apart by its sequence number.
 */
export async function reconcileAccount(
  env: Env,
  accountKey: string,
  context: CallContext,
  range: ComparedRange = EVERY_PERIOD,
): Promise<({ readonly kind: "reconciled" } & Reconciliation) | AccountNotFound> {
  const account = accountOf(env, accountKey);
  await account.flush();
  const view = await account.report(context);
  if (view.kind === "account_not_found") return view;
  const due = await account.due(context);
  if (due.kind === "account_not_found") return due;
  const side = accountSide(view, due);
  const read = await readRangeOf(env.DB, accountKey, range, side);
  const stored = await readStored(env.DB, accountKey, read, view.lastSeq, view.acknowledgedSeq);
  return { kind: "reconciled", ...reconcile(side, stored, range) };
}

function accountSide(
  { balance, lastSeq, acknowledgedSeq, tail }: AccountReport,
  { facts }: DueFacts,
): AccountSide {
  return {
    period: balance.period,
    periodStartMs: balance.periodStartMs,
    usedMicros: balance.usedMicros,
    lastSeq,
    acknowledgedSeq,
    tail,
    unsettled: facts.flatMap((fact) => (fact.kind === "period_closed" ? fact.closed : [])),
    unsettledCorrections: facts.flatMap((fact) => (fact.kind === "overage_corrected" ? fact : [])),
  };
}

/** Sequence numbers of the periods that are asked for, so that the entries of others are not read. */
async function readRangeOf(
  database: D1Database,
  accountKey: string,
  range: ComparedRange,
  account: AccountSide,
): Promise<ReadRange> {
  const firstPeriod = range.only ?? range.from ?? BEFORE_EVERY_DAY;
  const lastPeriod = range.only ?? AFTER_EVERY_DAY;
  if (firstPeriod === BEFORE_EVERY_DAY) {
    return { afterSeq: 0, upToSeq: Number.MAX_SAFE_INTEGER, firstPeriod, lastPeriod };
  }
  const closed = [...(await readClosed(database, accountKey)), ...account.unsettled];
  const asked = closed.filter(({ period }) => isCompared(period, range));
  const closedSeq = Math.max(0, ...closed.map(({ seqLast }) => seqLast));
  const isOpenAsked = isCompared(account.period, range);
  return {
    afterSeq: Math.min(closedSeq, ...asked.map(({ seqBefore }) => seqBefore)),
    upToSeq: isOpenAsked ? Number.MAX_SAFE_INTEGER : Math.max(0, ...asked.map(({ seqLast }) => seqLast)),
    firstPeriod,
    lastPeriod,
  };
}

const CLOSED = `
  SELECT period, figures ->> '$.seqBefore' AS seqBefore, figures ->> '$.seqLast' AS seqLast
    FROM periods WHERE account_key = ?`;

async function readClosed(
  database: D1Database,
  accountKey: string,
): Promise<readonly Pick<ClosedPeriod, "period" | "seqBefore" | "seqLast">[]> {
  const { results } = await database
    .prepare(CLOSED)
    .bind(accountKey)
    .all<Pick<ClosedPeriod, "period" | "seqBefore" | "seqLast">>();
  return results;
}
