/** What was probably spent for nothing, in credits and money (rules, 10.7). */
import { expect, test } from "vitest";
import { findDuplicates } from "../../shared/reports/duplicates.ts";
import { wasteReport } from "../../shared/reports/waste.ts";
import { credits } from "./fixtures.ts";

const NOON_MS = Date.parse("2026-11-20T12:00:00Z");

function spend(feature: string, amount: number) {
  return { feature, creditsMicros: BigInt(credits(amount)) };
}

const use = { feature: "agent", actions: ["handled"], subject: "t1", creditsMicros: credits(100) };
const INPUT = {
  spent: [spend("agent", 300), spend("reader", 50), spend("finder", 75), spend("beta", 0)],
  withOutcomes: new Set(["agent"]),
  owned: new Set(["reader"]),
  duplicates: findDuplicates(
    [0, 1, 2].map((hour) => ({ ...use, id: `e${hour}`, occurredAtMs: NOON_MS + hour })),
    "oldest_first",
  ),
  spikes: [
    {
      feature: "agent",
      day: "2026-11-20",
      creditsMicros: credits(200),
      meanMicros: credits(20),
      aboveMeanMicros: credits(180),
    },
  ],
  // 425 credits cost 12.75 USD: 3 cents each.
  spend: { spentMinor: 1275, usedMicros: credits(425) },
};

test("waste names what it is, what it took and what that cost", () => {
  const { duplicates, withoutOutcomes, spikes, unowned } = wasteReport(INPUT);
  expect([duplicates.duplicates, duplicates.creditsMicros, duplicates.moneyMinor]).toEqual([
    2,
    BigInt(credits(200)),
    600,
  ]);
  expect(duplicates.items).toMatchObject([{ subject: "t1", firstId: "e0", moneyMinor: 600 }]);
  expect(withoutOutcomes).toEqual({
    creditsMicros: BigInt(credits(125)),
    moneyMinor: 375,
    items: [
      { ...spend("finder", 75), moneyMinor: 225 },
      { ...spend("reader", 50), moneyMinor: 150 },
    ],
  });
  expect([spikes.creditsMicros, spikes.moneyMinor]).toEqual([BigInt(credits(180)), 540]);
  expect(unowned.items.map(({ feature }) => feature)).toEqual(["agent", "finder"]);
});

test("without a price of a credit, waste is in credits only", () => {
  for (const price of [null, { spentMinor: 1000, usedMicros: 0 }]) {
    const { withoutOutcomes } = wasteReport({ ...INPUT, spend: price });
    expect([withoutOutcomes.moneyMinor, withoutOutcomes.items[0]?.moneyMinor]).toEqual([null, null]);
  }
});
