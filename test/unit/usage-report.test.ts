/** Usage by group, by range, in credits and money (rules, 7.5 and 10.2). */
import { describe, expect, test } from "vitest";
import { formatTotal } from "../../shared/api/report-answers.ts";
import { usageQuerySchema } from "../../shared/api/reports.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { foldEntries, type Rollup, withoutHeld } from "../../shared/reports/fold.ts";
import { type AccountNow, daysRange, inRange, presetRange } from "../../shared/reports/range.ts";
import type { SpendByPeriod } from "../../shared/reports/spend.ts";
import { groupingOf, reportUsage, type UsageGroup } from "../../shared/reports/usage.ts";

const CREDIT = 1_000_000;

let seq = 0;

function entry(more: Partial<UsageEntry> & { readonly credits?: number } = {}): UsageEntry {
  seq += 1;
  const { credits = 1, ...fields } = more;
  return {
    seq,
    id: `e${seq}`,
    period: "2026-11-14",
    atMs: Date.parse("2026-11-20T10:00:00Z"),
    day: "2026-11-20",
    feature: "assistant",
    items: [["answer", credits * CREDIT, credits * CREDIT]],
    creditsMicros: credits * CREDIT,
    rateVersion: 1,
    ...fields,
  };
}

function report(
  groupBy: readonly UsageGroup[],
  entries: readonly UsageEntry[],
  spendByPeriod: SpendByPeriod = new Map(),
  categories: ReadonlyMap<string, string> = new Map(),
) {
  const grouping = groupingOf(groupBy);
  if (grouping === null) throw new Error("no such grouping");
  const rollups = foldEntries(entries);
  const of = (dimension: Rollup["dimension"]) => rollups.filter((rollup) => rollup.dimension === dimension);
  return reportUsage({
    grouping,
    actions: of("action"),
    consumers: grouping.dimension === "action" ? [] : of(grouping.dimension),
    categories,
    spendByPeriod,
  });
}

/** Groups as label → credits. */
function credits({ groups }: ReturnType<typeof report>): readonly unknown[] {
  return groups.map(({ labels, creditsMicros }) => ({ ...labels, credits: Number(creditsMicros) / CREDIT }));
}

describe("a usage report", () => {
  test("sums by feature, most credits first, and totals everything", () => {
    const result = report(
      ["feature"],
      [entry({ credits: 1 }), entry({ feature: "research", credits: 5 }), entry({ credits: 2 })],
    );
    expect(credits(result)).toEqual([
      { feature: "research", credits: 5 },
      { feature: "assistant", credits: 3 },
    ]);
    expect(result.total).toMatchObject({ events: 3, uses: 3, creditsMicros: 8n * BigInt(CREDIT) });
  });

  test("sums by day and feature in the order of days", () => {
    const result = report(
      ["feature", "day"],
      [entry({ day: "2026-11-21", credits: 9 }), entry({ day: "2026-11-20" }), entry({ day: "2026-11-20" })],
    );
    expect(credits(result)).toEqual([
      { day: "2026-11-20", feature: "assistant", credits: 2 },
      { day: "2026-11-21", feature: "assistant", credits: 9 },
    ]);
  });

  test("keeps actions of one name apart by their feature", () => {
    const result = report(["action"], [entry(), entry({ feature: "research", credits: 2 })]);
    expect(credits(result)).toEqual([
      { feature: "research", action: "answer", credits: 2 },
      { feature: "assistant", action: "answer", credits: 1 },
    ]);
  });

  test("puts features of one category together, and those that no sheet knows under null", () => {
    const result = report(
      ["category"],
      [entry(), entry({ feature: "research", credits: 2 }), entry({ feature: "gone", credits: 4 })],
      new Map(),
      new Map([
        ["assistant", "support"],
        ["research", "support"],
      ]),
    );
    expect(credits(result)).toEqual([
      { category: null, credits: 4 },
      { category: "support", credits: 3 },
    ]);
  });

  test("by user, what named no user is a group of its own and the groups add up to the total", () => {
    const result = report(
      ["user"],
      [
        entry({ user: "u1", credits: 2 }),
        entry({ credits: 7 }),
        entry({ user: "u2" }),
        entry({ user: "u1" }),
      ],
    );
    expect(credits(result)).toEqual([
      { user: null, credits: 7 },
      { user: "u1", credits: 3 },
      { user: "u2", credits: 1 },
    ]);
    expect(result.groups.map(({ events }) => events)).toEqual([1, 2, 1]);
    expect(result.groups.every(({ uses, quantityMicros }) => uses === null && quantityMicros === null)).toBe(
      true,
    );
  });

  test("by user, nobody stands for nothing", () => {
    expect(credits(report(["user"], [entry({ user: "u1" })]))).toEqual([{ user: "u1", credits: 1 }]);
  });

  test("adds up quantities of one action only", () => {
    const tokens = entry({
      items: [
        ["input", 374 * CREDIT, 1],
        ["output", 44 * CREDIT, 2],
      ],
      creditsMicros: 3,
    });
    const byFeature = report(["feature"], [tokens]);
    expect(byFeature.groups[0]).toMatchObject({ events: 1, uses: 2, quantityMicros: null });
    const byAction = report(["action"], [tokens, tokens]);
    expect(
      byAction.groups.map(({ labels, events, uses, quantityMicros }) => [
        labels.action,
        events,
        uses,
        quantityMicros,
      ]),
    ).toEqual([
      ["output", 0, 2, 88n * BigInt(CREDIT)],
      ["input", 2, 2, 748n * BigInt(CREDIT)],
    ]);
  });

  test("shows money at the price of each period, and none where one is not known", () => {
    const entries = [
      entry({ credits: 30 }),
      entry({ credits: 10, feature: "research" }),
      entry({ credits: 5, period: "2026-10-14" }),
    ];
    const current = { spentMinor: 1000, usedMicros: 40 * CREDIT };
    const known = report(
      ["feature"],
      entries,
      new Map([
        ["2026-11-14", current],
        ["2026-10-14", { spentMinor: 30, usedMicros: 5 * CREDIT }],
      ]),
    );
    expect(known.groups.map(({ moneyMinor }) => moneyMinor)).toEqual([780, 250]);
    expect(known.total.moneyMinor).toBe(1030);
    const partly = report(["feature"], entries, new Map([["2026-11-14", current]]));
    expect(partly.groups.map(({ moneyMinor }) => moneyMinor)).toEqual([null, 250]);
    expect(partly.total.moneyMinor).toBe(null);
  });

  test("leaves out of the tail what D1 holds already", () => {
    const tail = [5, 6, 7, 8, 9].map((number) => entry({ seq: number }));
    const rest = withoutHeld(tail, [
      { firstSeq: 8, lastSeq: 8 },
      { firstSeq: 3, lastSeq: 6 },
    ]);
    expect(rest.map((left) => left.seq)).toEqual([7, 9]);
  });
});

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
    },
    period: "2026-11-14",
    periodStartMs: Date.parse("2026-11-13T23:00:00Z"),
    resetAtMs: Date.parse("2026-12-13T23:00:00Z"),
  };

  test("of the current period is what counts in it, late events of earlier days included", () => {
    const range = presetRange("current", account);
    expect(range).toMatchObject({ period: "2026-11-14", days: { from: "2026-11-14", to: "2026-12-13" } });
    expect(inRange({ day: "2026-10-30", period: "2026-11-14" }, range)).toBe(true);
    expect(inRange({ day: "2026-11-20", period: "2026-10-14" }, range)).toBe(false);
    expect(range.search.from <= "2026-10-10").toBe(true);
    expect(range.search.to).toBe("2026-12-14");
  });

  test("of the previous period follows from the anchor and is known by its end", () => {
    const range = presetRange("previous", account);
    expect(range).toMatchObject({
      period: "2026-10-14",
      days: { from: "2026-10-14", to: "2026-11-13" },
      endedAtMs: account.periodStartMs,
    });
  });

  test("of the last 30 days ends today in the account's time zone", () => {
    expect(presetRange("last_30_days", account).days).toEqual({ from: "2026-10-23", to: "2026-11-21" });
    expect(presetRange("last_90_days", account).days).toEqual({ from: "2026-08-24", to: "2026-11-21" });
  });

  test("of days includes both, and reaches to today where it names no end", () => {
    const range = daysRange("2026-11-01", undefined, account);
    expect(range).toMatchObject({ period: null, days: { from: "2026-11-01", to: "2026-11-21" } });
    const days = ["2026-10-31", "2026-11-01", "2026-11-21", "2026-11-22"];
    expect(days.map((day) => inRange({ day, period: "any" }, range))).toEqual([false, true, true, false]);
  });
});

describe("the query of a usage report", () => {
  function badFields(query: Record<string, string>): readonly string[] {
    const result = usageQuerySchema.safeParse(query);
    return result.success ? [] : result.error.issues.map((issue) => issue.path.join("."));
  }

  test("is by feature where nothing is said", () => {
    expect(usageQuerySchema.parse({})).toEqual({ groupBy: ["feature"] });
  });

  test("groups by one or two of what the roll-ups hold together", () => {
    expect(badFields({ groupBy: "feature,day" })).toEqual([]);
    expect(badFields({ groupBy: "day,user" })).toEqual([]);
    for (const groupBy of [
      "user,feature",
      "user,workflow",
      "feature,feature",
      "team",
      "",
      "feature,day,action",
    ]) {
      expect(badFields({ groupBy }), groupBy).toEqual(["groupBy"]);
    }
  });

  test("takes days or a period, and days in their order", () => {
    expect(badFields({ period: "current", from: "2026-11-01" })).toEqual(["period"]);
    expect(badFields({ to: "2026-11-01" })).toEqual(["from"]);
    expect(badFields({ from: "2026-11-02", to: "2026-11-01" })).toEqual(["to"]);
    expect(badFields({ from: "2026-13-01" })).toEqual(["from"]);
    expect(badFields({ period: "next" })).toEqual(["period"]);
  });
});

test("totals beyond 2^53 micros keep every whole unit", () => {
  expect(formatTotal(0n)).toBe(0);
  expect(formatTotal(38_716_530_000n)).toBe(38_716.53);
  expect(formatTotal(9_007_199_254_740_991n * 1_000_000n)).toBe(Number.MAX_SAFE_INTEGER);
  expect(formatTotal(123_456_789_012_345_000_001n)).toBe(123_456_789_012_345);
});
