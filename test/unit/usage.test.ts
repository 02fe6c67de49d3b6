/** The decision on one use: allowed or denied, and what it books (rules, sections 3.1-3.3, 3.6, 3.9, 5.4, 5.8). */
import { describe, expect, test } from "vitest";
import { CREDITS_MICROS_MAX } from "../../shared/credits/amounts.ts";
import { type AccountState, availableMicros, limitMicros } from "../../shared/credits/state.ts";
import {
  accountWith,
  allowed,
  bought,
  CATALOG,
  changed,
  credits,
  decide,
  denied,
  EMPTY_CATALOG,
  packOf,
  wordings,
} from "./fixtures.ts";

function usedOf(state: AccountState): number {
  return state.usage.usedMicros / credits(1);
}

describe("in pause", () => {
  test("an event that costs more than what is left is denied whole, one that fits is allowed", () => {
    const state = accountWith({ included: 500, used: 499.5 });
    const denial = denied(state, 1);
    expect(denial).toMatchObject({
      reason: "credits_exhausted",
      resolve: ["buy_pack", "wait_for_reset"],
    });
    expect(usedOf(denial.state)).toBe(499.5);
    expect(availableMicros(denial.state)).toBe(credits(0.5));
    expect(usedOf(allowed(denial.state, 0.5).state)).toBe(500);
    expect(denied(state, 0.500001)).toMatchObject({ reason: "credits_exhausted" });
  });

  test("of 200 events of 1 credit exactly the 100 that remain are allowed", () => {
    let state = accountWith({ included: 500, used: 400 });
    let permitted = 0;
    for (let event = 0; event < 200; event += 1) {
      const decision = decide(state, 1);
      if (decision.kind === "credits_too_large") throw new Error(decision.kind);
      if (decision.kind === "allowed") permitted += 1;
      state = decision.state;
    }
    expect([permitted, usedOf(state)]).toEqual([100, 500]);
  });

  test("held credits are not there for others", () => {
    const state = accountWith({ included: 60, held: 50 });
    expect(denied(state, 20)).toMatchObject({ reason: "credits_exhausted" });
    expect(allowed(state, 10).state.usage.usedMicros).toBe(credits(10));
  });

  test("an event of 0 credits is allowed when nothing is left, and starts nothing", () => {
    const empty = accountWith({ included: 0 });
    expect(allowed(empty, 0).state.usage).toMatchObject({ usedMicros: 0, booked: false, seq: 1 });
    expect(denied(empty, 0.000001).reason).toBe("credits_exhausted");
    expect(allowed(accountWith({ included: 500, used: 500 }), 0)).toMatchObject({ upgrade: null });
  });

  test("the maximum counts where it is below the limit, and is named first", () => {
    const state = accountWith({ included: 0, packs: 1, setting: "pause", maximum: 800, used: 700 });
    expect(denied(state, 101)).toMatchObject({
      reason: "max_monthly_limit_reached",
      resolve: ["raise_maximum", "wait_for_reset"],
    });
    expect(denied(state, 500).reason).toBe("max_monthly_limit_reached");
    expect(allowed(state, 100).overdraftMicros).toBe(0);
  });
});

describe("in auto_upgrade", () => {
  test("the fewest packs that cover an event are added in the same decision", () => {
    const state = accountWith({ included: 5000, packs: 1, used: 5900 });
    const decision = allowed(state, 600);
    expect(decision.upgrade).toEqual({
      pack: "p1000",
      packs: 1,
      price: { amountMinor: 1000, currency: "USD" },
    });
    expect(limitMicros(decision.state)).toBe(credits(7000));
    expect(usedOf(decision.state)).toBe(6500);
    expect(decision.state.packs.map((pack) => [pack.id, pack.source, pack.quantity])).toEqual([
      ["pack_1", "purchase", 1],
      ["pack_2", "automatic", 1],
    ]);
    expect(allowed(state, 100).upgrade).toBeNull();
    expect(allowed(state, 2101).upgrade).toMatchObject({
      packs: 3,
      price: { amountMinor: 3000, currency: "USD" },
    });
  });

  test("the packs of one local day are one holding, so that thousands of upgrades stay a small state", () => {
    const terms = { timeZone: "America/New_York" };
    let state = accountWith({ included: 5000, packs: 1, used: 6000, terms });
    const upgrade = (at: string) => {
      state = allowed(state, 1000, { nowMs: Date.parse(at) }).state;
    };
    upgrade("2026-11-21T05:00:00Z");
    upgrade("2026-11-21T20:00:00Z");
    upgrade("2026-11-22T04:59:59Z");
    upgrade("2026-11-22T05:00:00Z");
    state = bought(state).state;
    state = allowed(state, 2000, { nowMs: Date.parse("2026-11-22T06:00:00Z") }).state;
    expect(state.packs.map((pack) => [pack.id, pack.source, pack.quantity])).toEqual([
      ["pack_1", "purchase", 1],
      ["pack_2", "automatic", 3],
      ["pack_3", "automatic", 2],
      ["pack_4", "purchase", 1],
    ]);
    expect(limitMicros(state)).toBe(credits(12_000));
    expect(state.period.automaticPacks).toBe(5);
  });

  test("an upgrade goes as far as the maximum lets usage go, not one micro-credit further", () => {
    const state = accountWith({ included: 5000, packs: 1, maximum: 6800, used: 5900 });
    const decision = allowed(state, 900);
    expect(decision.upgrade).toMatchObject({ packs: 1 });
    expect(limitMicros(decision.state)).toBe(credits(7000));
    expect(decision.state.maximumMicros).toBe(credits(6800));
    const denial = denied(state, 901);
    expect(denial.reason).toBe("max_monthly_limit_reached");
    expect(denial.state.packs).toHaveLength(1);
    expect(denied(decision.state, 0.000001).reason).toBe("max_monthly_limit_reached");
  });

  test("by default as many packs are added in a period as double the limit it began with", () => {
    // The period began with 2,500 included credits: three packs of 1,000 double it.
    let state = accountWith({ included: 2500, packs: 1, used: 3500 });
    state = allowed(state, 1000).state;
    expect(denied(state, 2001)).toMatchObject({
      reason: "upgrade_cap_reached",
      resolve: ["raise_upgrade_cap", "buy_pack", "wait_for_reset"],
    });
    state = allowed(state, 2000).state;
    expect(limitMicros(state)).toBe(credits(6500));
    expect(denied(state, 1).reason).toBe("upgrade_cap_reached");
  });

  test("a period that began with a limit of 0 may add one pack", () => {
    const state = accountWith({ included: 0, packs: 1, used: 1000 });
    expect(denied(state, 1001).reason).toBe("upgrade_cap_reached");
    expect(allowed(state, 1000).upgrade).toMatchObject({ packs: 1 });
  });

  test("the catalogue's cap counts, and the account's above it", () => {
    const catalog = { ...CATALOG, automaticPacksMax: 2 };
    const capped = accountWith({ included: 5000, packs: 1, used: 6000 });
    expect(allowed(capped, 2000, { catalog }).upgrade).toMatchObject({ packs: 2 });
    expect(denied(capped, 2001, { catalog }).reason).toBe("upgrade_cap_reached");
    const agreed = accountWith({ included: 5000, packs: 1, used: 6000, terms: { automaticPacksMax: 0 } });
    expect(denied(agreed, 1, { catalog }).reason).toBe("upgrade_cap_reached");
  });

  test("the smallest pack on sale is added, or the one that the catalogue marks", () => {
    const state = accountWith({ included: 5000, packs: 1, used: 6000 });
    const small = { ...CATALOG, packs: [packOf(1000), packOf(250), packOf(100, { prices: [] })] };
    expect(allowed(state, 300, { catalog: small }).upgrade).toMatchObject({ pack: "p250", packs: 2 });
    const marked = { ...CATALOG, packs: [packOf(250), packOf(1000, { upgrade: true })] };
    expect(allowed(state, 300, { catalog: marked }).upgrade).toMatchObject({ pack: "p1000", packs: 1 });
  });

  test("without a pack on sale it denies like pause, and says so once to admins and operator", () => {
    const catalog = { ...CATALOG, packs: [] };
    const state = accountWith({ included: 0, packs: 1, used: 100 });
    const first = denied(state, 901, { catalog });
    expect(first.reason).toBe("credits_exhausted");
    expect(wordings(first.notices)).toEqual(["no upgrade in USD"]);
    const second = denied(first.state, 901, { catalog });
    expect(second.notices).toEqual([]);
    expect(second.state).toBe(first.state);
    expect(allowed(state, 900, { catalog }).upgrade).toBeNull();
  });

  test("packs are never added beyond the largest limit that can be counted", () => {
    const catalog = { ...CATALOG, packs: [packOf(7_000_000_000)] };
    const pack = { pack: "p7000000000", quantity: 1 };
    const state = bought(accountWith({ included: 500_000_000 }), pack, catalog).state;
    const used = allowed(state, 7_500_000_000, { catalog }).state;
    expect(denied(used, 1, { catalog }).reason).toBe("upgrade_cap_reached");
  });

  test("held credits need no pack until they are used", () => {
    const state = accountWith({ included: 5000, packs: 1, used: 5950, held: 50 });
    expect(allowed(state, 50).upgrade).toBeNull();
    expect(allowed(state, 51).upgrade).toMatchObject({ packs: 1 });
  });
});

describe("in pay_as_you_go", () => {
  test("usage goes on above the limit, up to the maximum", () => {
    const state = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go", maximum: 1200, used: 900 });
    const over = allowed(state, 300);
    expect(over).toMatchObject({ upgrade: null, overdraftMicros: 0 });
    expect(limitMicros(over.state)).toBe(credits(1000));
    expect(denied(over.state, 0.000001).reason).toBe("max_monthly_limit_reached");
    expect(denied(state, 300.000001).reason).toBe("max_monthly_limit_reached");
  });
});

describe("a record", () => {
  test("is booked above the maximum, and the part above it is overdraft", () => {
    const state = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go", maximum: 1200, used: 1190 });
    const record = allowed(state, 50, { mode: "record" });
    expect(record.overdraftMicros).toBe(credits(40));
    expect(record.state.usage).toMatchObject({ usedMicros: credits(1240), overdraftMicros: credits(40) });
  });

  test("in pause is overdraft above the limit; held credits are none until they are captured", () => {
    const state = accountWith({ included: 500, used: 300, held: 150 });
    const record = allowed(state, 120, { mode: "record" });
    expect(record).toMatchObject({ overdraftMicros: 0, wouldDeny: "credits_exhausted" });
    expect(denied(record.state, 0.000001).reason).toBe("credits_exhausted");
    const next = allowed(record.state, 100, { mode: "record" });
    expect(next.overdraftMicros).toBe(credits(20));
    expect(allowed(next.state, 5, { mode: "record" }).overdraftMicros).toBe(credits(5));
  });

  test("in auto_upgrade adds packs for the part below the maximum only", () => {
    const state = accountWith({ included: 5000, packs: 1, maximum: 6800, used: 5900 });
    const record = allowed(state, 5000, { mode: "record" });
    expect(record).toMatchObject({
      overdraftMicros: credits(4100),
      wouldDeny: "max_monthly_limit_reached",
      upgrade: { packs: 1 },
    });
    expect(usedOf(record.state)).toBe(10_900);
  });

  test("at the upgrade cap adds no pack, is billed as usual and says what a consume would have met", () => {
    const terms = { automaticPacksMax: 1 };
    const state = accountWith({ included: 5000, packs: 1, used: 5900, terms });
    const record = allowed(state, 1101, { mode: "record" });
    expect(record).toMatchObject({ overdraftMicros: 0, wouldDeny: "upgrade_cap_reached", upgrade: null });
    expect(limitMicros(record.state)).toBe(credits(6000));
    expect(usedOf(record.state)).toBe(7001);
  });

  test("overdraft needs no pack later, when the maximum is raised: it is never charged for", () => {
    const state = accountWith({ included: 5000, packs: 1, maximum: 5000, used: 4990 });
    const record = allowed(state, 510, { mode: "record" });
    expect(record.overdraftMicros).toBe(credits(500));
    const raised = changed(record.state, { maximumMicros: null }).state;
    expect(allowed(raised, 1000).upgrade).toBeNull();
    expect(allowed(raised, 1000.000001).upgrade).toMatchObject({ packs: 1 });
  });

  test("that fits is booked like a consume", () => {
    const state = accountWith({ included: 500 });
    expect(allowed(state, 20, { mode: "record" })).toEqual(allowed(state, 20));
  });
});

describe("a total beyond 8,000,000,000 credits", () => {
  test.each(["consume", "record"] as const)("is refused for a %s", (mode) => {
    const state = accountWith({
      included: 8_000_000_000,
      used: 7_999_999_999.999999,
      catalog: EMPTY_CATALOG,
    });
    expect(decide(state, 0.000002, { mode })).toEqual({ kind: "credits_too_large" });
    expect(allowed(state, 0.000001, { mode }).state.usage.usedMicros).toBe(CREDITS_MICROS_MAX);
  });
});
