/** Terms and the reset: what a period closes with and what the next begins with (rules, 2.1-2.4, 3.2, 5.5, 7.1). */
import { describe, expect, test } from "vitest";
import { balanceOf } from "../../shared/credits/balance.ts";
import { amountMinor } from "../../shared/credits/money.ts";
import { type AccountState, limitMicros } from "../../shared/credits/state.ts";
import { advance } from "../../shared/credits/timeline.ts";
import {
  accountWith,
  allowed,
  bought,
  CATALOG,
  changed,
  credits,
  denied,
  holding,
  plansOf,
  RESET,
  withTerms,
  wordings,
} from "./fixtures.ts";

const PAY_AS_YOU_GO = { setting: "pay_as_you_go" as const };

/** Rolls over to an instant; fails where not exactly one period was closed. */
function closing(state: AccountState, nowMs = RESET, catalog = CATALOG) {
  const rolled = advance(state, catalog, nowMs);
  const [closed, ...others] = rolled.closed;
  if (closed === undefined || others.length > 0)
    throw new Error(`${rolled.closed.length} periods were closed`);
  return { ...rolled, closed };
}

describe("the reset", () => {
  test("one millisecond before the end is the old period, the end itself the new one", () => {
    const state = accountWith({ used: 100 });
    const before = advance(state, CATALOG, RESET - 1);
    expect(before.state).toMatchObject({ period: state.period, usage: state.usage });
    expect(before.closed).toEqual([]);
    expect(wordings(before.notices)).toEqual(["expiring: 400 of 500"]);
    const { state: after, closed } = closing(state);
    expect(closed).toMatchObject({
      period: "2026-11-14",
      usedMicros: credits(100),
      seqBefore: 0,
      seqLast: 1,
    });
    expect(after.period).toMatchObject({
      name: "2026-12-14",
      startMs: RESET,
      endMs: Date.parse("2027-01-14T00:00:00Z"),
      seqBefore: 1,
    });
    expect(after.usage).toEqual({
      seq: 1,
      usedMicros: 0,
      heldMicros: 0,
      overdraftMicros: 0,
      booked: false,
      budgets: {},
    });
  });

  test("bills overage in whole increments of 10 credits: 237.5 become 230, 2.30 USD", () => {
    const state = accountWith({ included: 5000, packs: 1, ...PAY_AS_YOU_GO, used: 6237.5 });
    expect(balanceOf(state, CATALOG).accruedOverage).toEqual({ amountMinor: 230, currency: "USD" });
    const { state: after, closed } = closing(state);
    expect(closed).toMatchObject({
      setting: "pay_as_you_go",
      limitMicros: credits(6000),
      overageMicros: credits(237.5),
      billableMicros: credits(237.5),
      billedMicros: credits(230),
      expiredMicros: 0,
      overagePrice: "0.010",
      packsAmountMinor: 1000,
    });
    expect(amountMinor(closed.billedMicros, "0.010", closed.currency)).toBe(230);
    expect(limitMicros(after)).toBe(credits(6000));
  });

  test.each([
    [9.999999, 0],
    [10, 10],
    [19.999999, 10],
  ])("of %d credits of overage bills %d", (overage, billed) => {
    const state = accountWith({ included: 0, packs: 1, ...PAY_AS_YOU_GO, used: 1000 + overage });
    expect(closing(state).closed.billedMicros).toBe(credits(billed));
  });

  test("does not bill overdraft: 1,240 used of 1,000 with a maximum of 1,200 are 200", () => {
    const state = accountWith({ included: 0, packs: 1, ...PAY_AS_YOU_GO, maximum: 1200, used: 1190 });
    const { closed, state: after } = closing(allowed(state, 50, { mode: "record" }).state);
    expect(closed).toMatchObject({
      usedMicros: credits(1240),
      overdraftMicros: credits(40),
      overageMicros: credits(240),
      billableMicros: credits(200),
      billedMicros: credits(200),
    });
    expect(after.usage.overdraftMicros).toBe(0);
  });

  test("does not bill what a pack bought during overage absorbs", () => {
    const state = accountWith({ included: 5000, packs: 1, ...PAY_AS_YOU_GO, used: 6400 });
    const { closed } = closing(bought(state).state);
    expect(closed).toMatchObject({ limitMicros: credits(7000), overageMicros: 0, billedMicros: 0 });
  });

  test("lets unused credits expire, held ones too, and carries open holds over", () => {
    const held = accountWith({ included: 1000, used: 990 });
    const state = holding(held, 10, { atMs: RESET - 1, expiresAtMs: RESET + 1000 }).state;
    const { closed, state: after } = closing(state);
    expect(closed).toMatchObject({ expiredMicros: credits(10), heldMicros: credits(10) });
    expect(after.usage.heldMicros).toBe(credits(10));
    expect(denied(after, 990.000001).reason).toBe("credits_exhausted");
    expect(allowed(after, 990).kind).toBe("allowed");
  });

  test("ends pauses and arms thresholds", () => {
    const exhausted = accountWith({ included: 1000, used: 1000 });
    const { state } = closing(exhausted);
    expect(wordings(allowed(state, 800).notices)).toEqual(["limit 75 %: 800 of 1000"]);
  });

  test("keeps packs, setting and maximum, and counts automatic packs from 0", () => {
    const terms = { automaticPacksMax: 1 };
    const state = allowed(
      accountWith({ included: 0, packs: 1, maximum: 9000, used: 1000, terms }),
      1000,
    ).state;
    expect(denied(state, 1).reason).toBe("upgrade_cap_reached");
    const { state: after, closed } = closing(state);
    expect(closed.packsAmountMinor).toBe(2000);
    expect(after).toMatchObject({ setting: "auto_upgrade", maximumMicros: credits(9000) });
    expect(after.packs).toHaveLength(2);
    expect(allowed(allowed(after, 2000).state, 1000).upgrade).toMatchObject({ packs: 1 });
  });

  test("closes with the old setting, then the waiting one counts", () => {
    const waiting = changed(accountWith({ packs: 1, used: 1 }), PAY_AS_YOU_GO).state;
    const { closed, state } = closing(waiting);
    expect(closed.setting).toBe("auto_upgrade");
    expect(state).toMatchObject({ setting: "pay_as_you_go", pendingSetting: null });
  });

  test("closes several missed periods one by one, in order, with one summary notice", () => {
    const waiting = changed(accountWith({ included: 0, packs: 1, used: 400 }), PAY_AS_YOU_GO).state;
    const nowMs = Date.parse("2027-02-20T00:00:00Z");
    const rolled = advance(waiting, CATALOG, nowMs);
    expect(rolled.closed.map(({ period, setting, usedMicros }) => [period, setting, usedMicros])).toEqual([
      ["2026-11-14", "auto_upgrade", credits(400)],
      ["2026-12-14", "pay_as_you_go", 0],
      ["2027-01-14", "pay_as_you_go", 0],
    ]);
    expect(rolled.state.period.name).toBe("2027-02-14");
    expect(wordings(rolled.notices)).toEqual([
      "2026-11-14: 400 of 1000, 600 expired, 0 over; 2026-12-14: 0 of 1000, 1000 expired, 0 over; 2027-01-14: 0 of 1000, 1000 expired, 0 over",
    ]);
    expect(advance(rolled.state, CATALOG, nowMs)).toMatchObject({ closed: [], notices: [], facts: [] });
  });

  test("fixes the price of overage for the whole period", () => {
    const state = accountWith({ included: 0, packs: 1, ...PAY_AS_YOU_GO, used: 1100 });
    const dearer = { ...CATALOG, overageRates: [{ currency: "USD", price: "0.02" }] };
    const agreed = withTerms(state, { overagePrice: "0.03" });
    expect(balanceOf(agreed, dearer).accruedOverage).toEqual({ amountMinor: 100, currency: "USD" });
    const { closed, state: after } = closing(agreed, RESET, dearer);
    expect(closed.overagePrice).toBe("0.010");
    expect(after.period.overagePrice).toBe("0.03");
    expect(closing(state, RESET, dearer).state.period.overagePrice).toBe("0.02");
  });

  test("keeps a price that is no longer offered, so that overage does not become free", () => {
    const state = accountWith({ included: 0, packs: 1, ...PAY_AS_YOU_GO, used: 1100 });
    const withdrawn = { ...CATALOG, overageRates: [] };
    expect(closing(state, RESET, withdrawn).state.period.overagePrice).toBe("0.010");
  });
});

describe("plans", () => {
  test("do not add up: the one with the most included credits counts", () => {
    expect(limitMicros(accountWith({ terms: { plans: plansOf(500, 3000, 500) } }))).toBe(credits(3000));
    expect(limitMicros(accountWith({ terms: { plans: [] } }))).toBe(0);
  });

  test("with more credits count at once in full, and end an exhaustion", () => {
    const state = accountWith({ included: 500, used: 500 });
    const more = withTerms(state, { plans: plansOf(3000) });
    expect(limitMicros(more)).toBe(credits(3000));
    expect(more.pendingTerms).toBeNull();
    expect(wordings(allowed(more, 1750).notices)).toEqual(["limit 75 %: 2250 of 3000"]);
  });

  test("with fewer credits count from the reset", () => {
    const less = withTerms(accountWith({ included: 3000 }), { plans: plansOf(500) });
    expect(limitMicros(less)).toBe(credits(3000));
    const { closed, state } = closing(less);
    expect(closed.limitMicros).toBe(credits(3000));
    expect(limitMicros(state)).toBe(credits(500));
    expect(state.period.limitAtStartMicros).toBe(credits(500));
  });

  test("an increase drops a decrease that waits", () => {
    const less = withTerms(accountWith({ included: 3000 }), { plans: plansOf(500) });
    const more = withTerms(less, { plans: plansOf(5000) });
    expect(more.pendingTerms).toBeNull();
    expect(limitMicros(closing(more).state)).toBe(credits(5000));
  });

  test("never raise the maximum", () => {
    const state = accountWith({ included: 500, packs: 1, maximum: 1500 });
    expect(withTerms(state, { plans: plansOf(5000) }).maximumMicros).toBe(credits(1500));
  });
});

describe("a new anchor or time zone", () => {
  test("applies from the reset, and the period after it is shorter", () => {
    const state = withTerms(accountWith(), { anchorDate: "2026-01-01" });
    expect(state.period.endMs).toBe(RESET);
    const { state: after } = closing(state);
    expect(after.period).toMatchObject({
      name: "2026-12-14",
      startMs: RESET,
      endMs: Date.parse("2027-01-01T00:00:00Z"),
    });
    expect(closing(after, after.period.endMs).state.period.endMs).toBe(Date.parse("2027-02-01T00:00:00Z"));
  });

  test("begins at local midnight of the new zone", () => {
    const state = withTerms(accountWith(), { timeZone: "America/New_York" });
    const { closed, state: after } = closing(state);
    expect(closed.timeZone).toBe("UTC");
    expect(after.period).toMatchObject({ name: "2026-12-13", endMs: Date.parse("2026-12-14T05:00:00Z") });
  });

  test("waits beside a decrease of the plans, each once", () => {
    const both = withTerms(withTerms(accountWith(), { timeZone: "Asia/Tokyo" }), { plans: plansOf(1) });
    expect(both.pendingTerms).toEqual({ timeZone: "Asia/Tokyo", plans: plansOf(1) });
    const { state } = closing(both);
    expect(state.terms).toMatchObject({ timeZone: "Asia/Tokyo", plans: plansOf(1) });
    expect(state.pendingTerms).toBeNull();
  });
});
