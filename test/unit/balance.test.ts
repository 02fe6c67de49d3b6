/** What an account has left, in which state it is and what it costs (rules, sections 1, 3.6, 7.5 and 10.1). */
import { describe, expect, test } from "vitest";
import { balanceOf, summarise } from "../../shared/credits/balance.ts";
import { type AccountState, displayState } from "../../shared/credits/state.ts";
import { accountWith, allowed, bought, CATALOG, changed, credits } from "./fixtures.ts";

const PAY_AS_YOU_GO = { included: 0, packs: 1, setting: "pay_as_you_go" } as const;

describe("the balance", () => {
  test("shows what is used, held, left and available", () => {
    const state = accountWith({ included: 500, used: 120.55, held: 9.45 });
    expect(summarise(state, CATALOG)).toEqual({
      limitMicros: credits(500),
      usedMicros: credits(120.55),
      heldMicros: credits(9.45),
      remainingMicros: credits(370),
      availableMicros: credits(370),
      ceilingMicros: credits(500),
      overageMicros: 0,
      periodStartMs: Date.parse("2026-11-14T00:00:00Z"),
      resetAtMs: Date.parse("2026-12-14T00:00:00Z"),
      state: "active",
    });
  });

  test("has no ceiling in pay_as_you_go without a maximum, and never less than nothing left", () => {
    const state = accountWith({ ...PAY_AS_YOU_GO, used: 1100 });
    expect(summarise(state, CATALOG)).toMatchObject({
      remainingMicros: 0,
      availableMicros: null,
      ceilingMicros: null,
      overageMicros: credits(100),
      state: "overage",
    });
    expect(summarise(changed(state, { maximumMicros: credits(1050) }).state, CATALOG)).toMatchObject({
      availableMicros: 0,
      ceilingMicros: credits(1050),
    });
  });

  test("shows the setting that waits and when it counts", () => {
    const waiting = changed(accountWith({ ...PAY_AS_YOU_GO, used: 1 }), { setting: "pause" }).state;
    expect(balanceOf(waiting, CATALOG)).toMatchObject({
      setting: "pay_as_you_go",
      pendingSetting: { setting: "pause", effectiveAtMs: Date.parse("2026-12-14T00:00:00Z") },
      packsMicros: credits(1000),
      includedMicros: 0,
    });
  });

  test("the effective price of a credit is (packs + overage) ÷ used", () => {
    // 10.00 USD for the pack and 2.00 USD for 200 credits of overage, for 1,205 credits.
    const state = accountWith({ ...PAY_AS_YOU_GO, used: 1205 });
    expect(balanceOf(state, CATALOG)).toMatchObject({
      accruedOverage: { amountMinor: 200, currency: "USD" },
      packsAmount: { amountMinor: 1000, currency: "USD" },
      effectivePrice: "0.009958506224",
    });
    expect(balanceOf(accountWith(), CATALOG).effectivePrice).toBeNull();
  });

  test("without an agreed price no overage is accrued in money", () => {
    const catalog = { ...CATALOG, overageRates: [] };
    expect(balanceOf(accountWith({ catalog }), catalog).accruedOverage).toBeNull();
  });
});

describe("the state", () => {
  const capped = { included: 0, packs: 1, terms: { automaticPacksMax: 1 } };
  const cases: readonly [string, string, AccountState][] = [
    ["active", "some is left", accountWith({ used: 499.999999 })],
    ["exhausted", "all is used", accountWith({ used: 500 })],
    ["exhausted", "all is used or held", accountWith({ used: 400, held: 100 })],
    ["exhausted", "there never was any", accountWith({ included: 0 })],
    ["maximum_reached", "the maximum is used", accountWith({ ...PAY_AS_YOU_GO, maximum: 900, used: 900 })],
    ["maximum_reached", "the maximum is 0", accountWith({ ...PAY_AS_YOU_GO, maximum: 0 })],
    ["overage", "usage goes on above the limit", accountWith({ ...PAY_AS_YOU_GO, used: 1000.000001 })],
    [
      "active",
      "the limit is used and packs may be added",
      accountWith({ included: 0, packs: 1, used: 1000 }),
    ],
    ["exhausted", "the cap on packs is reached", allowed(accountWith({ ...capped, used: 1000 }), 1000).state],
    [
      "exhausted",
      "a record went so far above the limit that the packs allowed cannot cover more",
      allowed(accountWith({ ...capped, used: 1000 }), 1500, { mode: "record" }).state,
    ],
    [
      "active",
      "the rest is held, which needs no pack until it is used",
      accountWith({ ...capped, terms: { automaticPacksMax: 0 }, used: 900, held: 100 }),
    ],
    ["active", "a pack was bought", bought(accountWith({ used: 500 })).state],
  ];

  test.each(cases)("is %s where %s", (expected, _, state) => {
    expect(displayState(state, CATALOG)).toBe(expected);
  });
});
