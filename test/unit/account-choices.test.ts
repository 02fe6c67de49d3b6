/** Choices and overage of an account, from its balance and its closed periods (rules, 7.1 and 10.6). */
import { expect, test } from "vitest";
import { balanceOf } from "../../shared/credits/balance.ts";
import { figures } from "../../shared/credits/reset.ts";
import { choicesOfClosed, runningTerms } from "../../shared/reports/account-choices.ts";
import { overageOutlook } from "../../shared/reports/overage-outlook.ts";
import { wasteOf } from "../../shared/reports/waste-notice.ts";
import { accountWith, CATALOG, credits, decide, RESET } from "./fixtures.ts";

/** Worked example 2: 5,000 included, one pack, 6,237.5 used in pay as you go. */
const ACCOUNT = accountWith({ included: 5000, packs: 1, setting: "pay_as_you_go", used: 6237.5 });

test("a closed period has the packs that were bought in it, and those that it began with", () => {
  const closed = figures(ACCOUNT, RESET);
  const stay = (period: string) =>
    choicesOfClosed(
      closed,
      ACCOUNT.packs.map((pack) => ({ ...pack, period })),
      CATALOG,
      0,
    )?.options[0];
  const pack = {
    unit: "packs",
    quantityMicros: credits(1),
    unitPrice: "10.00",
    amountMinor: 1000,
    pack: "p1000",
  };
  const overage = {
    part: "overage",
    unit: "credits",
    quantityMicros: credits(230),
    unitPrice: "0.010",
    amountMinor: 230,
  };
  expect(stay(closed.period)).toMatchObject({
    lines: [{ part: "bought", ...pack }, overage],
    total: { amountMinor: 1230 },
    limitMicros: credits(6000),
  });
  expect(stay("2026-10-14")).toMatchObject({ lines: [{ part: "committed", ...pack }, overage] });
});

test("nothing is said of a closed period whose packs are not known any more", () => {
  const closed = figures(ACCOUNT, RESET);
  expect(choicesOfClosed(closed, [], CATALOG, 0)).toBeNull();
  const later = ACCOUNT.packs.map((pack) => ({ ...pack, period: "2026-12-14" }));
  expect(choicesOfClosed(closed, later, CATALOG, 0)).toBeNull();
});

test("packs of one kind and price are one charge, and automatic ones may be added up to the cap", () => {
  const auto = accountWith({ included: 500, packs: 1, setting: "auto_upgrade", used: 1400 });
  const decision = decide(auto, 200);
  if (decision.kind !== "allowed") throw new Error(decision.kind);
  const { state } = decision;
  expect(state.packs).toHaveLength(2);
  const terms = runningTerms(balanceOf(state, CATALOG), CATALOG);
  expect(terms.committedPacks).toMatchObject([{ pack: "p1000", quantity: 2 }]);
  // The limit at the start was 500: one pack doubles it, and one was added.
  expect(terms).toMatchObject({ includedMicros: credits(500), automaticPacksLeft: 0 });
});

test("overage is projected in whole increments, up to the maximum, in pay as you go only", () => {
  const projected = { lowMicros: credits(6237.5), expectedMicros: credits(6500), highMicros: credits(9000) };
  const outlook = (more: object) => overageOutlook({ ...balanceOf(ACCOUNT, CATALOG), ...more }, projected);
  expect(outlook({})).toEqual({ lowMinor: 230, expectedMinor: 500, highMinor: 3000 });
  expect(outlook({ maximumMicros: credits(7000) })).toMatchObject({ expectedMinor: 500, highMinor: 1000 });
  // Overdraft is never invoiced; what is billable already stays.
  expect(outlook({ overdraftMicros: credits(100) })).toMatchObject({ expectedMinor: 400, highMinor: 2900 });
  expect(outlook({ setting: "auto_upgrade" })).toEqual({ lowMinor: 230, expectedMinor: 230, highMinor: 230 });
  expect(outlook({ overagePrice: null })).toBeNull();
});

test("a waste notice is silent on outcomes where none are attached at all, and where nothing was wasted", () => {
  const features = [
    { feature: "agent", period: "p", creditsMicros: 5n },
    { feature: "finder", period: "p", creditsMicros: 3n },
  ];
  const owned = new Set(["agent", "finder"]);
  const input = { features, outcomes: [], duplicatesMicros: 0n, owned };
  expect(wasteOf(input)).toBeNull();
  expect(wasteOf({ ...input, outcomes: [{ feature: "agent" }] })).toEqual({
    duplicatesMicros: 0,
    withoutOutcomeMicros: 3,
    unownedFeatures: [],
  });
  expect(wasteOf({ ...input, owned: new Set(["agent"]), duplicatesMicros: 2n })).toEqual({
    duplicatesMicros: 2,
    withoutOutcomeMicros: 0,
    unownedFeatures: ["finder"],
  });
});
