/** Holds (rules, 3.4) and what they mean for everything else. */
import { describe, expect, test } from "vitest";
import { captureHold, openHold, withoutHold } from "../../shared/credits/holds.ts";
import {
  type AccountState,
  availableMicros,
  limitMicros,
  remainingMicros,
} from "../../shared/credits/state.ts";
import { advance } from "../../shared/credits/timeline.ts";
import {
  accountWith,
  allowed,
  CATALOG,
  changed,
  credits,
  denied,
  done,
  holding,
  holdOf,
  NOW,
  RESET,
} from "./fixtures.ts";

function capture(
  state: AccountState,
  amount: number,
  more: { overflow?: "consume" | "record"; nowMs?: number } = {},
) {
  const hold = state.holds.get("hold_1");
  if (hold === undefined) throw new Error("no hold is open");
  return captureHold(state, hold, credits(amount), more.overflow ?? "consume", CATALOG, more.nowMs ?? NOW);
}

function captured(state: AccountState, amount: number, more: Parameters<typeof capture>[2] = {}) {
  const decision = capture(state, amount, more);
  if (decision.kind !== "allowed") throw new Error(JSON.stringify(decision));
  return decision;
}

describe("a hold", () => {
  test("takes what is available from others until it is settled", () => {
    const state = holding(accountWith({ included: 500, used: 440 }), 50).state;
    expect([remainingMicros(state), availableMicros(state)]).toEqual([credits(10), credits(10)]);
    expect(denied(state, 20).reason).toBe("credits_exhausted");
    const after = captured(state, 30).state;
    expect(remainingMicros(after)).toBe(credits(30));
    expect(remainingMicros(allowed(after, 20).state)).toBe(credits(10));
  });

  test("that does not fit is denied; at the maximum it says so", () => {
    const pause = accountWith({ included: 500, used: 460 });
    expect(openHold(pause, holdOf(41), CATALOG, NOW)).toMatchObject({ reason: "credits_exhausted" });
    const capped = accountWith({ packs: 1, setting: "pay_as_you_go", maximum: 1800, used: 1790 });
    expect(openHold(capped, holdOf(11), CATALOG, NOW)).toMatchObject({ reason: "max_monthly_limit_reached" });
    expect(openHold(capped, holdOf(10), CATALOG, NOW)).toMatchObject({ kind: "held" });
  });

  test("buys no packs and is no overage in auto_upgrade, however large; its capture buys them", () => {
    const state = accountWith({ included: 5000, packs: 1, used: 5990 });
    const held = holding(state, 50).state;
    expect(limitMicros(held)).toBe(credits(6000));
    const hold = held.holds.get("hold_1");
    expect(hold && withoutHold(held, hold)).toMatchObject({ packs: state.packs, usage: state.usage });
    expect(captured(held, 50)).toMatchObject({ upgrade: { packs: 1 }, overdraftMicros: 0 });
  });

  test("of a paused feature, a suspended account or an exhausted budget is denied", () => {
    const state = accountWith();
    const paused = done(state, { kind: "change_feature", feature: "assistant", paused: true }).state;
    expect(openHold(paused, holdOf(1), CATALOG, NOW)).toMatchObject({ reason: "feature_paused" });
    const suspended = done(state, { kind: "suspend", reason: "unpaid" }).state;
    expect(openHold(suspended, holdOf(1), CATALOG, NOW)).toMatchObject({ reason: "account_suspended" });
    const budget = {
      budget: "b",
      subject: "feature",
      key: "assistant",
      creditsMicros: credits(5),
      hard: true,
    } as const;
    const capped = done(state, { kind: "put_budget", ...budget }).state;
    expect(openHold(capped, holdOf(6), CATALOG, NOW)).toMatchObject({
      reason: "budget_exhausted",
      budget: "b",
    });
    const held = holding(capped, 5).state;
    expect(denied(held, 1)).toMatchObject({ reason: "budget_exhausted", budget: "b" });
    expect(captured(held, 5).state.usage.budgets.b).toEqual({ usedMicros: credits(5), heldMicros: 0 });
  });

  test("ends by itself at its time, and gives back what it held", () => {
    const state = holding(accountWith(), 100, { expiresAtMs: NOW + 1000 }).state;
    expect(advance(state, CATALOG, NOW + 999).state.usage.heldMicros).toBe(credits(100));
    const after = advance(state, CATALOG, NOW + 1000).state;
    expect(after.usage.heldMicros).toBe(0);
    expect(after.holds.size).toBe(0);
  });

  test("makes a change of the setting wait, though nothing was used", () => {
    const state = holding(accountWith({ packs: 1 }), 0).state;
    expect(changed(state, { setting: "pause" }).state.pendingSetting).toMatchObject({ setting: "pause" });
  });
});

describe("a capture within its hold", () => {
  test("is booked whatever happened since: suspended, paused, not permitted", () => {
    let state = holding(accountWith(), 100).state;
    state = done(state, { kind: "change_feature", feature: "assistant", paused: true }).state;
    state = done(state, {
      kind: "change_feature",
      feature: "assistant",
      access: { users: [], teams: [] },
    }).state;
    state = done(state, { kind: "suspend", reason: "unpaid" }).state;
    expect(captured(state, 100).state.usage).toMatchObject({ usedMicros: credits(100), heldMicros: 0 });
  });

  test("is overdraft above a maximum that was lowered since", () => {
    const held = holding(accountWith({ packs: 1, used: 900, setting: "pay_as_you_go" }), 100).state;
    const lowered = changed(held, { maximumMicros: credits(940) }).state;
    expect(captured(lowered, 100)).toMatchObject({
      overdraftMicros: credits(60),
      creditsMicros: credits(100),
    });
  });

  test("in auto_upgrade adds the packs that the cap leaves; the rest is overdraft", () => {
    const terms = { automaticPacksMax: 1 };
    const state = accountWith({ included: 0, packs: 1, used: 900, terms });
    const decision = captured(holding(state, 1500).state, 1500);
    expect(decision).toMatchObject({ upgrade: { packs: 1 }, overdraftMicros: credits(400) });
    expect(limitMicros(decision.state)).toBe(credits(2000));
  });

  test("after a reset is booked in the new period", () => {
    const opened = accountWith({ included: 1000, used: 990 });
    const state = holding(opened, 10, { atMs: RESET - 1000, expiresAtMs: RESET + 1000 }).state;
    const { state: after, closed } = advance(state, CATALOG, RESET);
    expect(closed).toMatchObject([{ expiredMicros: credits(10), heldMicros: credits(10) }]);
    expect(captured(after, 10, { nowMs: RESET }).state.usage).toMatchObject({
      usedMicros: credits(10),
      heldMicros: 0,
    });
  });
});

describe("a capture above its hold", () => {
  test("is decided as a whole: denied, nothing is booked and the hold stays open", () => {
    const state = holding(accountWith({ included: 500, used: 400 }), 50).state;
    const decision = capture(state, 101);
    expect(decision).toMatchObject({ kind: "denied", reason: "credits_exhausted" });
    expect(decision.kind === "denied" && decision.state.usage).toEqual(state.usage);
    expect(captured(state, 100).state.usage).toMatchObject({ usedMicros: credits(500), heldMicros: 0 });
  });

  test("of a paused feature is denied, and may be booked as a record", () => {
    const held = holding(accountWith(), 50).state;
    const paused = done(held, { kind: "change_feature", feature: "assistant", paused: true }).state;
    expect(capture(paused, 51)).toMatchObject({ reason: "feature_paused" });
    expect(captured(paused, 51, { overflow: "record" })).toMatchObject({
      creditsMicros: credits(51),
      wouldDeny: "feature_paused",
      overdraftMicros: 0,
    });
  });

  test("as a record is overdraft above the ceiling", () => {
    const state = holding(accountWith({ included: 500, used: 400 }), 50).state;
    expect(captured(state, 130, { overflow: "record" })).toMatchObject({
      overdraftMicros: credits(30),
      wouldDeny: "credits_exhausted",
    });
  });

  test("in auto_upgrade adds the packs for all of it in one decision", () => {
    const held = holding(accountWith({ included: 0, packs: 1, used: 900 }), 50).state;
    const terms = done(held, { kind: "change_terms", change: { automaticPacksMax: 5 } }).state;
    const decision = captured(terms, 1200);
    expect(decision.upgrade).toMatchObject({ packs: 2 });
    expect(decision.notices.map(({ kind }) => kind)).toEqual(["automatic_upgrade"]);
  });
});
