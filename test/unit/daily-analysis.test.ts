/** The daily analysis (rules, 6.4): a span of days at once says what each day by itself would have said. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localDayStartMs } from "../../shared/credits/period.ts";
import { type AnalysisInput, analyseDays } from "../../shared/reports/daily-analysis.ts";
import { addDays } from "../../shared/reports/days.ts";
import type { KnownPeriod } from "../../shared/reports/known-use.ts";
import { credits } from "./fixtures.ts";
import { PATIENT, runs } from "./property.ts";

const FIRST = "2026-10-05";
const ZONE = "America/New_York";
const startOf = (day: string) => localDayStartMs(day, ZONE);

function period(name: string, next: string, limit: number): KnownPeriod {
  return { period: name, startMs: startOf(name), endMs: startOf(next), limitMicros: credits(limit) };
}

/** Over the end of summer time. */
const PERIODS = [
  period("2026-10-05", "2026-11-05", 500),
  period("2026-11-05", "2026-12-05", 400),
  period("2026-12-05", "2027-01-05", 600),
];

/** Credits of two features on each day from the first on. */
function inputOf(
  use: readonly (readonly [number, number])[],
  more: Partial<AnalysisInput> = {},
): AnalysisInput {
  const days = use.map((amounts, index) => ({ day: addDays(FIRST, index), amounts }));
  const periodOf = (day: string) => PERIODS.findLast(({ period: name }) => name <= day)?.period ?? "";
  return {
    known: {
      timeZone: ZONE,
      knownSince: { day: FIRST, passed: 0 },
      days: days.flatMap(({ day, amounts }) =>
        amounts.map((amount) => ({ day, period: periodOf(day), creditsMicros: credits(amount) })),
      ),
      cutShort: new Set(),
    },
    featureDays: days.flatMap(({ day, amounts: [agent, finder] }) => [
      { feature: "agent", day, creditsMicros: credits(agent) },
      { feature: "finder", day, creditsMicros: credits(finder) },
    ]),
    featureDaysFrom: FIRST,
    periods: PERIODS,
    suspended: false,
    ownerOf: (feature) => (feature === "agent" ? "ada" : null),
    toldPeriod: null,
    ...more,
  };
}

const flat = (days: number, amount: number) => Array.from({ length: days }, () => [amount, 0] as const);

describe("projected exhaustion", () => {
  test("is told at the first midnight after 20 % of the period, once in it", () => {
    const input = inputOf(flat(60, 20));
    const { exhaustions, toldPeriod } = analyseDays(input, { from: FIRST, to: addDays(FIRST, 59) });
    // 31 days: 20 % are 6.2 of them. 30 days: 6, and it is to be more.
    expect(exhaustions.map(({ atMs, period: name, exhaustedOn }) => [atMs, name, exhaustedOn])).toEqual([
      [startOf("2026-10-12"), "2026-10-05", "2026-10-29"],
      [startOf("2026-11-12"), "2026-11-05", "2026-11-24"],
    ]);
    expect(exhaustions[0]).toMatchObject({ limitMicros: credits(500), resetAtMs: startOf("2026-11-05") });
    expect(toldPeriod).toBe("2026-11-05");
    const told = analyseDays({ ...input, toldPeriod }, { from: addDays(FIRST, 40), to: addDays(FIRST, 59) });
    expect(told).toMatchObject({ exhaustions: [], toldPeriod });
  });

  test("is not told of a suspended account, nor where nothing is used or everything is", () => {
    const days = { from: FIRST, to: addDays(FIRST, 20) };
    expect(analyseDays(inputOf(flat(21, 20), { suspended: true }), days).exhaustions).toEqual([]);
    expect(analyseDays(inputOf(flat(21, 0)), days).exhaustions).toEqual([]);
    expect(analyseDays(inputOf(flat(21, 100)), days).exhaustions).toEqual([]);
  });
});

test("a spike is held against the limit of its own period, and told of with its feature's owner", () => {
  // 5 % are 25 credits in the first period, 20 in the second.
  const use = [...flat(30, 5), [22, 24] as const, [22, 0] as const];
  const { spikes } = analyseDays(inputOf(use), { from: FIRST, to: addDays(FIRST, 31) });
  expect(spikes).toEqual([
    {
      kind: "spike",
      feature: "agent",
      day: "2026-11-05",
      creditsMicros: credits(22),
      meanMicros: expect.any(Number),
      ownerUser: "ada",
      atMs: startOf("2026-11-06"),
      period: "2026-11-05",
      resetAtMs: startOf("2026-12-05"),
    },
  ]);
});

test("a period has ended with the day that its end belongs to", () => {
  const ended = (from: string, to: string) =>
    analyseDays(inputOf([]), { from, to }).ended.map(({ period: name }) => name);
  expect(ended("2026-11-03", "2026-11-03")).toEqual([]);
  expect(ended("2026-11-04", "2026-11-04")).toEqual(["2026-10-05"]);
  expect(ended("2026-11-05", "2026-11-05")).toEqual([]);
  expect(ended("2026-10-20", "2026-12-04")).toEqual(["2026-10-05", "2026-11-05"]);
});

test("a span says what day by day says, each without what came later", PATIENT, () => {
  const amount = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 30 }) }, fc.constantFrom(0, 80, 200));
  const anyUse = fc.array(fc.tuple(amount, amount), { minLength: 1, maxLength: 75 });
  fc.assert(
    fc.property(anyUse, fc.nat({ max: 74 }), (use, begin) => {
      const last = addDays(FIRST, use.length - 1);
      const first = addDays(FIRST, Math.min(begin, use.length - 1));
      const whole = analyseDays(inputOf(use), { from: first, to: last });
      const daily = { spikes: [], exhaustions: [], ended: [] } as Record<string, unknown[]>;
      let toldPeriod: string | null = null;
      for (let day = first; day <= last; day = addDays(day, 1)) {
        const known = use.slice(0, Math.round((Date.parse(day) - Date.parse(FIRST)) / 86_400_000) + 1);
        const analysis = analyseDays(inputOf(known, { toldPeriod }), { from: day, to: day });
        for (const kind of ["spikes", "exhaustions", "ended"] as const) daily[kind]?.push(...analysis[kind]);
        toldPeriod = analysis.toldPeriod;
      }
      expect({ ...daily, toldPeriod }).toEqual(whole);
    }),
    runs(60),
  );
});
