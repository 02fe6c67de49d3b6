/** Usage periods: the account's own month, without gap or overlap, in every time zone (rules, section 2.2). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeZoneSchema } from "../../shared/api/common.ts";
import { isTimeZone, localDay, localDaySpan, periodAt, periodFrom } from "../../shared/credits/period.ts";
import { anchoredDay, dayAt, firstInstantOf, monthAround } from "./calendar.ts";
import { PATIENT, runs } from "./property.ts";

const timeZone = fc.oneof(
  fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
  // Clocks that change at midnight, days that were skipped, quarters of an hour.
  fc.constantFrom(
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Havana",
    "America/St_Johns",
    "America/Asuncion",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Asia/Gaza",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Atlantic/Azores",
  ),
);
const DAY_MS = 24 * 60 * 60 * 1000;

function date(minMs: number, maxMs: number) {
  return fc
    .integer({ min: minMs / DAY_MS, max: maxMs / DAY_MS })
    .map((days) => new Date(days * DAY_MS).toISOString().slice(0, 10));
}

const from = Date.UTC(1980, 0, 1);
const until = Date.UTC(2036, 0, 1);
const monthEnd = fc
  .tuple(fc.integer({ min: 1980, max: 2035 }), fc.constantFrom("01-29", "01-30", "01-31", "03-31", "12-30"))
  .map(([year, day]) => `${year}-${day}`);
const anchor = fc.record({ anchorDate: fc.oneof(date(from, until), monthEnd), timeZone });
const instant = fc.integer({ min: from, max: until });

describe("usage periods", () => {
  test("begin at the first instant of the anchor's local day and tile time", PATIENT, () => {
    fc.assert(
      fc.property(anchor, instant, (given, nowMs) => {
        const expected = monthAround(given.anchorDate, given.timeZone, nowMs);
        const period = periodAt(given, nowMs);
        expect([period.startMs, period.endMs]).toEqual([expected.startMs, expected.endMs]);
        expect(period.startMs <= nowMs && nowMs < period.endMs).toBe(true);
        expect(period.name).toBe(dayAt(period.startMs, given.timeZone));
        expect(dayAt(period.startMs - 1, given.timeZone) < period.name).toBe(true);

        const next = periodFrom(given, period.endMs);
        expect(next.startMs).toBe(period.endMs);
        expect(periodAt(given, period.endMs)).toEqual(next);
        expect(periodAt(given, period.endMs - 1)).toEqual(period);
      }),
      runs(1500),
    );
  });

  test("after a change of anchor or time zone the next one ends where the new month would", PATIENT, () => {
    fc.assert(
      fc.property(anchor, anchor, instant, (old, changed, nowMs) => {
        const { endMs } = periodAt(old, nowMs);
        const next = periodFrom(changed, endMs);
        const month = monthAround(changed.anchorDate, changed.timeZone, endMs);
        expect(next.startMs).toBe(endMs);
        expect(next.endMs).toBe(month.endMs);
        expect(month.startMs <= next.startMs && next.startMs < next.endMs).toBe(true);
        expect(next.name).toBe(dayAt(endMs, changed.timeZone));
        expect(periodFrom(changed, next.endMs)).toEqual(periodAt(changed, next.endMs));
      }),
      runs(700),
    );
  });

  function boundaries(anchorDate: string, zone: string, start: string, count: number): string[] {
    const given = { anchorDate, timeZone: zone };
    const days: string[] = [];
    let period = periodAt(given, Date.parse(start));
    for (let index = 0; index < count; index += 1) {
      days.push(new Date(period.startMs).toISOString());
      period = periodFrom(given, period.endMs);
    }
    return days;
  }

  test("an anchor on 31 January is clamped without drifting", () => {
    expect(boundaries("2026-01-31", "UTC", "2026-01-31", 4)).toEqual([
      "2026-01-31T00:00:00.000Z",
      "2026-02-28T00:00:00.000Z",
      "2026-03-31T00:00:00.000Z",
      "2026-04-30T00:00:00.000Z",
    ]);
    expect(boundaries("2027-01-31", "UTC", "2028-02-10", 3)).toEqual([
      "2028-01-31T00:00:00.000Z",
      "2028-02-29T00:00:00.000Z",
      "2028-03-31T00:00:00.000Z",
    ]);
  });

  test("an anchor on 29 February keeps the 29th, in other years the 28th", () => {
    expect(boundaries("2024-02-29", "UTC", "2025-01-30", 3)).toEqual([
      "2025-01-29T00:00:00.000Z",
      "2025-02-28T00:00:00.000Z",
      "2025-03-29T00:00:00.000Z",
    ]);
  });

  test("an anchor in the future counts backwards", () => {
    const period = periodAt(
      { anchorDate: "2027-03-31", timeZone: "UTC" },
      Date.parse("2026-03-01T00:00:00Z"),
    );
    expect(period).toEqual({
      name: "2026-02-28",
      startMs: Date.parse("2026-02-28T00:00:00Z"),
      endMs: Date.parse("2026-03-31T00:00:00Z"),
    });
  });

  test.each([
    ["where midnight does not exist: Sao Paulo", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"],
    ["where midnight does not exist: Beirut", "Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z"],
    ["where midnight does not exist: Cairo", "Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"],
    ["where midnight comes twice: Havana", "America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"],
    ["where midnight comes twice: St. John's", "America/St_Johns", "2009-11-01", "2009-11-01T02:30:00Z"],
    [
      "where half an hour around midnight is skipped",
      "America/Toronto",
      "1919-03-31",
      "1919-03-31T04:30:00Z",
    ],
    ["where the day was skipped: Apia", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"],
  ])("%s", (_, zone, day, start) => {
    const { startMs } = periodAt({ anchorDate: day, timeZone: zone }, Date.parse(start));
    expect(new Date(startMs).toISOString()).toBe(start.replace("Z", ".000Z"));
  });

  test("the day that Apia skipped shortens its period and leaves no gap", () => {
    const given = { anchorDate: "2011-01-30", timeZone: "Pacific/Apia" };
    const before = periodAt(given, Date.parse("2011-12-15T00:00:00Z"));
    const after = periodFrom(given, before.endMs);
    expect(before.name).toBe("2011-11-30");
    expect(after.name).toBe("2011-12-31");
    expect(before.endMs).toBe(Date.parse("2011-12-30T10:00:00Z"));
    expect(after.endMs).toBe(firstInstantOf("2012-01-30", "Pacific/Apia"));
  });

  test("the hour before midnight that comes a second time belongs to the period that has begun", () => {
    // St. John's put its clocks back from 00:01 to 23:01 on 1 November 2009.
    const given = { anchorDate: "2009-01-01", timeZone: "America/St_Johns" };
    const nowMs = Date.parse("2009-11-01T03:00:00Z");
    expect(localDay(nowMs, given.timeZone)).toBe("2009-10-31");
    expect(periodAt(given, nowMs).name).toBe("2009-11-01");
  });
});

describe("a local day", () => {
  test("holds its instants and ends where the next begins", PATIENT, () => {
    fc.assert(
      fc.property(timeZone, fc.integer({ min: Date.UTC(2012, 0, 1), max: until }), (zone, atMs) => {
        const span = localDaySpan(atMs, zone);
        expect(span.name).toBe(dayAt(atMs, zone));
        expect(span.startMs).toBe(firstInstantOf(span.name, zone));
        expect(span.endMs).toBe(firstInstantOf(dayAfter(span.name), zone));
        expect(span.startMs <= atMs && atMs < span.endMs).toBe(true);
      }),
      runs(500),
    );
  });

  function dayAfter(day: string): string {
    return new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
  }

  test("months of the test's own calendar are clamped too", () => {
    expect(anchoredDay("2026-01-31", 1)).toBe("2026-02-28");
    expect(anchoredDay("2026-01-31", -2)).toBe("2025-11-30");
  });
});

describe("a time zone", () => {
  test.each(["UTC", "Europe/Berlin", "europe/berlin", "Asia/Calcutta", "Etc/GMT+5"])("may be %s", (zone) => {
    expect(isTimeZone(zone)).toBe(true);
    expect(timeZoneSchema.safeParse(zone).success).toBe(true);
  });

  test.each([
    "",
    "Europe/Nowhere",
    "+05:30",
    "-00:00",
    "Z",
    "2026-01-01T00:00Z",
    "2026-01-01T00:00[Europe/Berlin]",
  ])("must not be %j", (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });
});
