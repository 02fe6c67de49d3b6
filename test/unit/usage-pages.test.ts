/** What the usage, feature and price pages make of the API's answers: days of charts, prices in words. */
import { expect, test } from "vitest";
import type { PriceList, UsageReport } from "../../shared/client/types.ts";
import {
  changeText,
  perText,
  pricesInShort,
  priceText,
} from "../../workers/dashboard/account/prices/rate-words.ts";
import { dailyUse, stackedDays, totalsByDay } from "../../workers/dashboard/account/usage/usage-days.ts";
import { formatFor } from "../../workers/dashboard/format.ts";

const format = formatFor("en-US", "UTC");

type Group = UsageReport["groups"][number];
type Rest = UsageReport["rest"][number];

const FIGURES = {
  events: 1,
  uses: 1,
  quantity: 1,
  money: null,
  sharePercent: null,
  previousCredits: null,
  changeCredits: null,
  changePercent: null,
};

function report(groups: readonly Partial<Group>[], rest: readonly Partial<Rest>[] = []): UsageReport {
  const days = { from: "2026-11-08", to: "2026-11-11", period: "2026-11-08" };
  return {
    account: "acme",
    ...days,
    before: { from: "2026-10-08", to: "2026-11-07", period: "2026-10-08" },
    groupBy: ["feature", "day"],
    total: { ...FIGURES, credits: 0 },
    groups: groups.map((group) => ({ ...FIGURES, credits: 0, ...group })),
    rest: rest.map((one) => ({ ...FIGURES, groups: 1, credits: 0, ...one })),
    denials: null,
  };
}

const BY_FEATURE = {
  key: ({ feature = "" }: Group) => feature,
  name: ({ feature = "" }: Group) => `the ${feature}`,
};

test("days are stacked by feature; days to come have no values, what was left out is a series of its own", () => {
  const stacked = stackedDays(
    report(
      [
        { day: "2026-11-08", feature: "a", credits: 1 },
        { day: "2026-11-10", feature: "b", credits: 2 },
        { day: "2026-11-10", feature: "a", credits: 0.5 },
      ],
      [{ day: "2026-11-10", groups: 3, credits: 7 }],
    ),
    "2026-11-10",
    BY_FEATURE,
  );
  expect(stacked).toEqual({
    days: [
      { day: "2026-11-08", values: [1, 0, 0] },
      { day: "2026-11-09", values: [0, 0, 0] },
      { day: "2026-11-10", values: [0.5, 2, 7] },
      { day: "2026-11-11", values: [] },
    ],
    series: [{ name: "the a" }, { name: "the b" }, { name: "Other", restOf: 3 }],
    lateCredits: 0,
  });
});

test("what came late of days before the period is told apart, and counts from the first day on in the running sum", () => {
  const late = report([
    { day: "2026-11-02", feature: "a", credits: 4 },
    { day: "2026-11-08", feature: "a", credits: 1 },
    { day: "2026-11-09", feature: "b", credits: 2 },
  ]);
  const { days, lateCredits } = stackedDays(late, "2026-11-11", BY_FEATURE);
  expect([days.map(({ values }) => values), lateCredits]).toEqual([
    [
      [1, 0],
      [0, 2],
      [0, 0],
      [0, 0],
    ],
    4,
  ]);
  expect(dailyUse(late)).toEqual([
    { day: "2026-11-08", credits: 5 },
    { day: "2026-11-09", credits: 2 },
  ]);
});

test("a period before without use is nothing to compare with", () => {
  expect(totalsByDay(report([{ day: "2026-11-09", credits: 0 }]))).toEqual([]);
  expect(totalsByDay(report([{ day: "2026-11-09", credits: 3 }]))).toEqual([0, 3, 0, 0]);
});

test.each([
  [{ credits: 5, per: 1, blocks: false }, "5 credits each"],
  [{ credits: 1, per: 1000, blocks: false }, "1 credit per 1,000"],
  [{ credits: 20, per: 10_000, blocks: true }, "20 credits per started 10,000"],
  [{ credits: 0.000001, per: 1, blocks: true }, "0.000001 credits per started unit"],
])("a price in words: %o", (price, text) => {
  expect(priceText(price, format)).toBe(text);
  expect(text.endsWith(perText(price, format))).toBe(true);
});

const rate = { action: "read", name: "Pages read", credits: 8, per: 1, blocks: false, own: false };
const FEATURE: PriceList["features"][number] = {
  feature: "reader",
  name: "Reader",
  category: "Content",
  description: "",
  beta: false,
  actions: [rate, { ...rate, action: "skim", name: "Pages skimmed", credits: 13, per: 100 }],
};

test("a feature's prices in short name the cheapest one", () => {
  expect(pricesInShort(FEATURE, format)).toBe("2 prices, from 13 credits per 100");
  expect(pricesInShort({ ...FEATURE, actions: [rate] }, format)).toBe("8 credits each");
  expect(pricesInShort({ ...FEATURE, beta: true }, format)).toBe("Free while in beta");
});

test("changes ahead name what is known by its name, and what is still to come by its id", () => {
  const from = { credits: 8, per: 1, blocks: false };
  const to = { credits: 9, per: 1, blocks: false };
  const texts = (
    [
      { kind: "price_changed", feature: "reader", action: "read", from, to, raised: true },
      { kind: "action_removed", feature: "reader", action: "skim", from },
      { kind: "feature_added", feature: "writer" },
      { kind: "action_added", feature: "writer", action: "write", to },
    ] as const
  ).map((change) => changeText(change, [FEATURE], format));
  expect(texts).toEqual([
    { feature: "Reader", action: "Pages read", how: "9 credits each, 8 credits each until then" },
    { feature: "Reader", action: "Pages skimmed", how: "goes away (8 credits each now)" },
    { feature: "writer", action: undefined, how: "is new" },
    { feature: "writer", action: "write", how: "is new, 9 credits each" },
  ]);
});
