/** What a page asks for beside a usage report is what the report itself is compared with (rules, 10.2). */
import { expect, test } from "vitest";
import { type AccountNow, type AskedRange, rangesOf } from "../../shared/reports/range.ts";
import { type RangeQuery, rangeBefore } from "../../shared/reports/range-before.ts";

const ACCOUNT: AccountNow = {
  nowMs: Date.parse("2026-11-20T23:30:00Z"),
  terms: {
    anchorDate: "2026-01-31",
    timeZone: "Europe/Berlin",
    currency: "USD",
    plans: [],
    overagePrice: null,
    automaticPacksMax: null,
    termPeriods: 12,
  },
  period: "2026-10-31",
  periodStartMs: Date.parse("2026-10-30T23:00:00Z"),
  resetAtMs: Date.parse("2026-11-29T23:00:00Z"),
};

const ASKED: readonly (readonly [RangeQuery, AskedRange])[] = [
  [{ period: "current" }, { kind: "preset", preset: "current" }],
  [{ period: "previous" }, { kind: "preset", preset: "previous" }],
  [{ period: "last_30_days" }, { kind: "preset", preset: "last_30_days" }],
  [{ period: "last_90_days" }, { kind: "preset", preset: "last_90_days" }],
  [{ period: "2026-10-31" }, { kind: "period", name: "2026-10-31" }],
  [
    { from: "2026-11-01", to: "2026-11-07" },
    { kind: "days", from: "2026-11-01", to: "2026-11-07" },
  ],
  [{ from: "2026-11-01" }, { kind: "days", from: "2026-11-01", to: undefined }],
];

test.each(ASKED)("before %o lies what its report is compared with", (query, asked) => {
  const compared = rangesOf(asked, ACCOUNT, [])?.before;
  const before = rangeBefore(query, ACCOUNT);
  const found =
    before === null || "from" in before
      ? before
      : before.period === "previous"
        ? rangesOf({ kind: "preset", preset: "previous" }, ACCOUNT, [])?.current.period
        : before.period;
  expect(found).toEqual(compared?.period ?? compared?.days);
});

test("of a closed period it is the one before by the account's terms", () => {
  expect(rangeBefore({ period: "2026-09-30" }, ACCOUNT)).toEqual({ period: "2026-08-31" });
  expect(rangeBefore({ period: "2026-03-31" }, ACCOUNT)).toEqual({ period: "2026-02-28" });
});

test.each([{ from: "" }, { from: "soon" }, { from: "2026-11-01", to: "later" }, { period: "mine" }])(
  "of %o there is none",
  (query) => {
    expect(rangeBefore(query, ACCOUNT)).toBe(null);
  },
);
