/** Usage by group, by range, in credits and money (rules, 7.5 and 10.2). */
import { describe, expect, test } from "vitest";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { foldEntries, type Rollup, withoutHeld } from "../../shared/reports/fold.ts";
import { groupingOf, isAsked, type UsageFilter, type UsageGroup } from "../../shared/reports/grouping.ts";
import type { SpendByPeriod } from "../../shared/reports/spend.ts";
import { topOf } from "../../shared/reports/top.ts";
import { reportUsage } from "../../shared/reports/usage.ts";

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

interface Asked {
  readonly spendByPeriod?: SpendByPeriod;
  readonly categories?: ReadonlyMap<string, string>;
  readonly before?: readonly UsageEntry[];
  readonly filter?: UsageFilter;
}

function report(groupBy: readonly UsageGroup[], entries: readonly UsageEntry[], asked: Asked = {}) {
  const grouping = groupingOf(groupBy, asked.filter ?? {});
  if (grouping.kind === "refused") throw new Error(grouping.message);
  const rowsOf = (all: readonly UsageEntry[]) => {
    const rollups = foldEntries(all).filter((rollup) => isAsked(rollup, grouping));
    const of = (dimension: Rollup["dimension"]) => rollups.filter((rollup) => rollup.dimension === dimension);
    return {
      actions: of("action"),
      whole: grouping.dimension === "action" ? [] : of(grouping.dimension),
    };
  };
  return reportUsage({
    grouping,
    current: rowsOf(entries),
    before: rowsOf(asked.before ?? []),
    categories: asked.categories ?? new Map(),
    spendByPeriod: asked.spendByPeriod ?? new Map(),
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
      {
        categories: new Map([
          ["assistant", "support"],
          ["research", "support"],
        ]),
      },
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

  test("counts usage of a user in several teams in each, and shows nothing for usage without a team", () => {
    const result = report(
      ["team"],
      [entry({ teams: ["sales", "berlin"], credits: 3 }), entry({ teams: ["sales"] }), entry({ credits: 5 })],
    );
    expect(credits(result)).toEqual([
      { team: "sales", credits: 4 },
      { team: "berlin", credits: 3 },
    ]);
    expect(result.total.creditsMicros).toBe(9n * BigInt(CREDIT));
  });

  test("by outcome shows how many, how much of it and what it is worth, and what led to none", () => {
    const saved = (hours: number) => ({ type: "time_saved", unit: "hours", quantityMicros: hours * CREDIT });
    const result = report(
      ["outcome"],
      [
        entry({
          credits: 2,
          outcome: { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } },
        }),
        entry({
          credits: 3,
          outcome: { type: "ticket_resolved", value: { amountMinor: 50, currency: "USD" } },
        }),
        entry({ credits: 4, outcome: saved(1.5) }),
        entry({ credits: 4, outcome: saved(0.25) }),
        entry({ credits: 1 }),
      ],
    );
    expect(
      result.groups.map(({ labels, events, quantityMicros, valueMinor, creditsMicros }) => [
        labels.outcome,
        labels.unit,
        events,
        quantityMicros,
        valueMinor,
        Number(creditsMicros) / CREDIT,
      ]),
    ).toEqual([
      ["time_saved", "hours", 2, 1_750_000n, 0n, 8],
      ["ticket_resolved", null, 2, null, 500n, 5],
      [null, null, 1, null, null, 1],
    ]);
    expect(result.total).toMatchObject({ events: 5, valueMinor: 500n });
  });

  test("by outcome and feature keeps them apart, and adds one outcome of several features up", () => {
    const saved = { type: "time_saved", unit: "hours", quantityMicros: CREDIT };
    const entries = [
      entry({ credits: 2, outcome: saved }),
      entry({ credits: 1, feature: "research", outcome: saved }),
      entry({ credits: 5, feature: "research" }),
    ];
    expect(credits(report(["feature", "outcome"], entries))).toEqual([
      { feature: "research", outcome: null, unit: null, credits: 5 },
      { feature: "assistant", outcome: "time_saved", unit: "hours", credits: 2 },
      { feature: "research", outcome: "time_saved", unit: "hours", credits: 1 },
    ]);
    expect(report(["outcome"], entries).groups[1]).toMatchObject({ events: 2, quantityMicros: 2_000_000n });
    const ofResearch = report(["outcome"], entries, { filter: { feature: "research" } });
    expect(ofResearch.groups.map(({ creditsMicros }) => creditsMicros)).toEqual([5_000_000n, 1_000_000n]);
    expect(ofResearch.total.creditsMicros).toBe(6_000_000n);
  });

  test("takes off what was corrected, which is no event", () => {
    const correction = {
      eventId: "e1",
      seq: 1,
      period: "2026-11-14",
      periodStartMs: 0,
      creditsMicros: 2 * CREDIT,
      overdraftMicros: 0,
      reason: "a mistake",
    };
    const entries = [
      entry({ credits: 5, user: "u1" }),
      entry({ credits: -2, items: [["answer", 0, -2 * CREDIT]], user: "u1", correction }),
      entry({ credits: 0, items: [], user: "u1", correction: { ...correction, period: "2026-10-14" } }),
    ];
    expect(report(["action"], entries).groups).toMatchObject([
      { events: 1, uses: 1, creditsMicros: 3n * BigInt(CREDIT), quantityMicros: 5n * BigInt(CREDIT) },
    ]);
    expect(report(["user"], entries).groups).toMatchObject([
      { events: 1, creditsMicros: 3n * BigInt(CREDIT) },
    ]);
  });

  test("counts an outcome that came later with the credits of its event, and no second use", () => {
    const attached = { eventId: "e1", seq: 1, creditsMicros: 5 * CREDIT };
    const later = { credits: 0, items: [], user: "u1", attached, outcome: { type: "ticket_resolved" } };
    const both = [entry({ credits: 5, user: "u1", day: "2026-11-19" }), entry(later)];
    expect(credits(report(["outcome"], both))).toEqual([
      { outcome: "ticket_resolved", unit: null, credits: 5 },
    ]);
    expect(report(["user"], both).groups).toMatchObject([{ labels: { user: "u1" }, events: 1 }]);
    // Its event is of another span: then nothing is left that had none.
    expect(credits(report(["outcome"], [entry(later)]))).toEqual([
      { outcome: "ticket_resolved", unit: null, credits: 5 },
    ]);
  });

  test("of one user, feature or team is about its usage only, total included", () => {
    const entries = [
      entry({ user: "u1", credits: 2, day: "2026-11-20" }),
      entry({ user: "u1", credits: 4, day: "2026-11-21" }),
      entry({ user: "u2", credits: 8, feature: "research" }),
    ];
    const byDay = report(["day"], entries, { filter: { user: "u1" } });
    expect(credits(byDay)).toEqual([
      { day: "2026-11-20", credits: 2 },
      { day: "2026-11-21", credits: 4 },
    ]);
    expect(byDay.total).toMatchObject({ events: 2, uses: null, creditsMicros: 6n * BigInt(CREDIT) });
    const ofFeature = report(["action"], entries, { filter: { feature: "research" } });
    expect(credits(ofFeature)).toEqual([{ feature: "research", action: "answer", credits: 8 }]);
    expect(ofFeature.total.creditsMicros).toBe(8n * BigInt(CREDIT));
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

describe("compared with the span before", () => {
  const before = [entry({ credits: 8 }), entry({ feature: "gone", credits: 4 })];

  test("each group says what it was, and one that is no more is shown with nothing", () => {
    const result = report(["feature"], [entry({ credits: 10 }), entry({ feature: "new", credits: 1 })], {
      before,
    });
    expect(
      result.groups.map(({ labels, creditsMicros, previousMicros }) => [
        labels.feature,
        Number(creditsMicros) / CREDIT,
        Number(previousMicros) / CREDIT,
      ]),
    ).toEqual([
      ["assistant", 10, 8],
      ["new", 1, 0],
      ["gone", 0, 4],
    ]);
    expect(result.total.previousMicros).toBe(12n * BigInt(CREDIT));
  });

  test("days are not compared one by one, their total is", () => {
    const result = report(["feature", "day"], [entry()], { before });
    expect(result.groups.map(({ previousMicros }) => previousMicros)).toEqual([null]);
    expect(result.total.previousMicros).toBe(12n * BigInt(CREDIT));
  });
});

describe("the top of a report", () => {
  const users = [
    entry({ user: "u1", credits: 9 }),
    entry({ user: "u2", credits: 5, day: "2026-11-21" }),
    entry({ user: "u3", credits: 3 }),
    entry({ user: "u4", credits: 1, day: "2026-11-21" }),
  ];

  test("is those with the most credits, and all others are one row that completes the total", () => {
    const spendByPeriod = new Map([["2026-11-14", { spentMinor: 100, usedMicros: 18 * CREDIT }]]);
    const { groups, rest, total } = topOf(
      report(["user"], users, { spendByPeriod, before: [entry({ user: "u4", credits: 7 })] }),
      2,
    );
    expect(groups.map(({ labels }) => labels.user)).toEqual(["u1", "u2"]);
    expect(rest).toMatchObject([
      { groups: 2, events: 2, creditsMicros: 4n * BigInt(CREDIT), previousMicros: 7n * BigInt(CREDIT) },
    ]);
    const money = [...groups, ...rest].reduce((sum, { moneyMinor }) => sum + (moneyMinor ?? Number.NaN), 0);
    expect(money).toBe(total.moneyMinor);
  });

  test("by day, ranks over the whole range and completes each day", () => {
    const { groups, rest } = topOf(report(["user", "day"], users), 1);
    expect(groups.map(({ labels }) => [labels.day, labels.user])).toEqual([["2026-11-20", "u1"]]);
    expect(rest.map(({ day, groups: count, creditsMicros }) => [day, count, creditsMicros])).toEqual([
      ["2026-11-20", 1, 3n * BigInt(CREDIT)],
      ["2026-11-21", 2, 6n * BigInt(CREDIT)],
    ]);
  });

  test("leaves no row where all are on top, or where no top is asked for", () => {
    expect(topOf(report(["user"], users), 4).rest).toEqual([]);
    expect(topOf(report(["user"], users), undefined).groups).toHaveLength(4);
  });
});
