/** The range that a usage report will be compared with, for whoever reads both at once (rules, 10.2). */
import { periodAt } from "../credits/period.ts";
import { type AccountNow, type AskedRange, rangesOf } from "./range.ts";

/** As the API takes it: days, or a preset or the name of a period. */
export type RangeQuery =
  | { readonly from: string; readonly to?: string | undefined }
  | { readonly period: string };

/** A period ends and begins at midnight of some zone: half a day before is surely in the one before. */
const HALF_DAY_MS = 12 * 60 * 60 * 1000;

/**
 * What the API compares with, known before it answers so that both are read at once; null where the address names no
 * days. Of a period it is the one before by the account's terms: where the account had none of that name, the API says
 * so.
 */
export function rangeBefore(asked: RangeQuery, account: AccountNow): RangeQuery | null {
  if ("from" in asked) {
    const { from, to } = asked;
    const isDay = (day: string) => !Number.isNaN(Date.parse(day));
    return isDay(from) && isDay(to ?? from) ? daysBefore({ kind: "days", from, to }, account) : null;
  }
  const { terms, periodStartMs } = account;
  const before = (ms: number) => periodAt(terms, ms - 1);
  switch (asked.period) {
    case "last_30_days":
    case "last_90_days":
      return daysBefore({ kind: "preset", preset: asked.period }, account);
    case "current":
      return { period: "previous" };
    case "previous":
      return { period: before(before(periodStartMs).startMs).name };
    default: {
      const startMs = Date.parse(asked.period);
      return Number.isNaN(startMs) ? null : { period: before(startMs - HALF_DAY_MS).name };
    }
  }
}

function daysBefore(asked: AskedRange, account: AccountNow): RangeQuery | null {
  return rangesOf(asked, account, [])?.before.days ?? null;
}
