/** Which days or period a report is about, and what it is compared with (rules, 10.2). */
import { describe, expect, test } from "vitest";
import {
  type AccountNow,
  type AskedRange,
  inRange,
  rangesOf,
  type StoredPeriod,
} from "../../shared/reports/range.ts";

describe("the range of a report", () => {
  const account: AccountNow = {
    nowMs: Date.parse("2026-11-20T23:30:00Z"),
    terms: {
      anchorDate: "2026-01-14",
      timeZone: "Europe/Berlin",
      currency: "USD",
      plans: [],
      overagePrice: null,
      automaticPacksMax: null,
      termPeriods: 12,
    },
    period: "2026-11-14",
    periodStartMs: Date.parse("2026-11-13T23:00:00Z"),
    resetAtMs: Date.parse("2026-12-13T23:00:00Z"),
  };

  const closed: readonly StoredPeriod[] = [
    {
      period: "2026-10-14",
      startMs: Date.parse("2026-10-13T22:00:00Z"),
      endMs: account.periodStartMs,
      timeZone: "Europe/Berlin",
    },
    {
      period: "2026-09-20",
      startMs: Date.parse("2026-09-20T00:00:00Z"),
      endMs: Date.parse("2026-10-13T22:00:00Z"),
      timeZone: "UTC",
    },
  ];

  function ranges(asked: AskedRange) {
    const found = rangesOf(asked, account, closed);
    if (found === null) throw new Error("no such period");
    return found;
  }

  const preset = (name: "current" | "previous" | "last_30_days" | "last_90_days") =>
    ranges({ kind: "preset", preset: name });

  test("of the current period is what counts in it, late events of earlier days included", () => {
    const { current } = preset("current");
    expect(current).toMatchObject({ period: "2026-11-14", days: { from: "2026-11-14", to: "2026-12-13" } });
    expect(inRange({ day: "2026-10-30", period: "2026-11-14" }, current)).toBe(true);
    expect(inRange({ day: "2026-11-20", period: "2026-10-14" }, current)).toBe(false);
    expect(current.search.from <= "2026-10-10").toBe(true);
    expect(current.search.to).toBe("2026-12-14");
  });

  test("of a period is compared with the one before it, by the names that they had", () => {
    expect(preset("current").before).toMatchObject({
      period: "2026-10-14",
      days: { from: "2026-10-14", to: "2026-11-13" },
    });
    expect(preset("previous")).toMatchObject({
      current: { period: "2026-10-14", days: { from: "2026-10-14", to: "2026-11-13" } },
      before: { period: "2026-09-20", days: { from: "2026-09-20", to: "2026-10-13" } },
    });
    expect(ranges({ kind: "period", name: "2026-10-14" })).toEqual(preset("previous"));
    expect(ranges({ kind: "period", name: "2026-11-14" })).toEqual(preset("current"));
    expect(rangesOf({ kind: "period", name: "2026-10-15" }, account, closed)).toBe(null);
  });

  test("of the period before the first is a span in which there is nothing", () => {
    const first = rangesOf({ kind: "preset", preset: "current" }, account, []);
    expect(first?.before).toMatchObject({
      period: "2026-10-14",
      days: { from: "2026-10-14", to: "2026-11-13" },
    });
  });

  test("of the last 30 days ends today in the account's time zone, and is compared with the 30 before", () => {
    expect(preset("last_30_days").current.days).toEqual({ from: "2026-10-23", to: "2026-11-21" });
    expect(preset("last_30_days").before.days).toEqual({ from: "2026-09-23", to: "2026-10-22" });
    expect(preset("last_90_days").current.days).toEqual({ from: "2026-08-24", to: "2026-11-21" });
  });

  test("of days includes both, and reaches to today where it names no end", () => {
    const { current, before } = ranges({ kind: "days", from: "2026-11-01", to: undefined });
    expect(current).toMatchObject({ period: null, days: { from: "2026-11-01", to: "2026-11-21" } });
    const days = ["2026-10-31", "2026-11-01", "2026-11-21", "2026-11-22"];
    expect(days.map((day) => inRange({ day, period: "any" }, current))).toEqual([false, true, true, false]);
    expect(before.days).toEqual({ from: "2026-10-11", to: "2026-10-31" });
  });

  test("of days beyond all calendars stays within the dates that can be named", () => {
    const { before } = ranges({ kind: "days", from: "0001-01-01", to: "9999-12-31" });
    expect(before.days).toEqual({ from: "0000-01-01", to: "0000-12-31" });
    const { current } = ranges({ kind: "days", from: "2027-01-01", to: undefined });
    expect(current.days).toEqual({ from: "2027-01-01", to: "2027-01-01" });
  });
});
