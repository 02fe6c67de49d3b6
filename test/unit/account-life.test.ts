/** Grants, conversions, suspending and closing (rules, 2.5, 2.6, 11). */
import { describe, expect, test } from "vitest";
import { displayState, limitMicros } from "../../shared/credits/state.ts";
import { advance, nextDueMs } from "../../shared/credits/timeline.ts";
import {
  accountWith,
  allowed,
  bought,
  CATALOG,
  command,
  credits,
  denied,
  done,
  holding,
  NOW,
  RESET,
  wordings,
} from "./fixtures.ts";

describe("a grant", () => {
  const grant = (amount: number, period: string | null = null) =>
    ({ kind: "add_grant", creditsMicros: credits(amount), period, reason: "sorry" }) as const;

  test("raises the limit of the running period only, and leaves setting and maximum alone", () => {
    const { state } = bought(accountWith(), { maximumMicros: credits(1500) });
    const granted = done(state, grant(200));
    expect(limitMicros(granted.state)).toBe(credits(1700));
    expect(granted.state).toMatchObject({ setting: "auto_upgrade", maximumMicros: credits(1500) });
    expect(granted.facts).toEqual([]);
    expect(limitMicros(advance(granted.state, CATALOG, RESET).state)).toBe(credits(1500));
  });

  test("is refused where one row could keep no more, and a cancellation is not", () => {
    const wordy = { ...grant(1), reason: "ü".repeat(200) };
    const { state: first } = done(bought(accountWith()).state, wordy);
    const many = (count: number) => ({ ...first, grants: Array(count).fill(first.grants[0]) });
    expect(command(many(2000), wordy).kind).toBe("changed");
    const state = many(3000);
    expect(command(state, wordy)).toEqual({ kind: "account_too_large", maxBytes: 1_200_000 });
    const cancel = { kind: "cancel_pack", id: "pack_1", quantity: null, reason: "" } as const;
    expect(command(state, cancel).kind).toBe("changed");
    const next = advance(state, CATALOG, RESET).state;
    expect(command(next, wordy).kind).toBe("changed");
  });

  test("ends an exhaustion", () => {
    const granted = done(accountWith({ used: 500 }), grant(1)).state;
    expect(displayState(granted, CATALOG)).toBe("active");
    expect(allowed(granted, 1).kind).toBe("allowed");
  });

  test("of a later period waits for it", () => {
    const granted = done(accountWith(), grant(200, "2027-01-14")).state;
    expect(limitMicros(granted)).toBe(credits(500));
    const next = advance(granted, CATALOG, RESET).state;
    expect(limitMicros(next)).toBe(credits(500));
    const then = advance(next, CATALOG, Date.parse("2027-01-14T00:00:00Z")).state;
    expect(limitMicros(then)).toBe(credits(700));
    expect(advance(then, CATALOG, Date.parse("2027-02-14T00:00:00Z")).state.grants).toEqual([]);
  });

  test("names a period that exists and fits what can be counted", () => {
    expect(command(accountWith(), grant(1, "2026-12-15"))).toEqual({
      kind: "unknown_period",
      period: "2026-12-15",
      periods: ["2026-11-14", "2026-12-14", "2027-01-14"],
    });
    expect(command(accountWith(), grant(8_000_000_000))).toEqual({ kind: "limit_too_large" });
  });
});

describe("a conversion", () => {
  const convert = (more: object = {}) =>
    ({
      kind: "convert",
      size: 100,
      quantity: 2,
      creditsMicros: credits(3000),
      price: { amountMinor: 0, currency: "USD" },
      termPeriods: null,
      effectiveAtMs: null,
      ...more,
    }) as const;

  test("adds its credits until the term ends, without an invoice, in pause", () => {
    const { state, facts } = done(accountWith({ terms: { termPeriods: 2 } }), convert());
    expect(limitMicros(state)).toBe(credits(6500));
    expect([state.setting, facts]).toEqual(["pause", []]);
    const next = advance(state, CATALOG, RESET).state;
    expect(limitMicros(next)).toBe(credits(6500));
    expect(limitMicros(advance(next, CATALOG, Date.parse("2027-01-14T00:00:00Z")).state)).toBe(credits(500));
  });

  test("with a price is charged, and a term of its own counts where it begins the term", () => {
    const price = { amountMinor: 500, currency: "USD" };
    const { state, facts } = done(accountWith(), convert({ price, termPeriods: 3 }));
    expect(facts).toMatchObject([{ cause: "conversion", packs: [{ quantity: 2, price }] }]);
    expect(state.term).toMatchObject({ periods: 3 });
    expect(command(state, convert({ termPeriods: 4 }))).toEqual({ kind: "term_differs", periods: 3 });
    expect(command(state, convert({ price: { amountMinor: 1, currency: "EUR" } }))).toEqual({
      kind: "currency_differs",
      currency: "USD",
    });
  });

  test("with a later date takes effect then, whether anybody calls or not", () => {
    const effectiveAtMs = NOW + 1000;
    const { state } = done(accountWith(), convert({ effectiveAtMs }));
    expect(limitMicros(state)).toBe(credits(500));
    expect(nextDueMs(state)).toBe(effectiveAtMs);
    expect(limitMicros(advance(state, CATALOG, effectiveAtMs).state)).toBe(credits(6500));
    const atReset = done(accountWith(), convert({ effectiveAtMs: RESET })).state;
    const { state: after, closed } = advance(atReset, CATALOG, RESET);
    expect(closed[0]?.limitMicros).toBe(credits(500));
    expect(after.term).toMatchObject({ startMs: RESET, period: 1 });
  });
});

describe("a closed account", () => {
  test("ends its period now: holds are given back, the last figures and the credit note are asked for", () => {
    const given = { included: 0, packs: 1, setting: "pay_as_you_go" as const, used: 1100 };
    const state = holding(accountWith(given), 50).state;
    const closed = done(state, { kind: "close", reason: "left" });
    expect(closed.facts).toMatchObject([
      { kind: "period_closed", closed: { endMs: NOW, billedMicros: credits(100), heldMicros: 0 } },
      { kind: "account_closed" },
    ]);
    expect(wordings(closed.notices)).toEqual(["account_closed: left"]);
    expect(closed.state.holds.size).toBe(0);
    expect(displayState(closed.state, CATALOG)).toBe("suspended");
  });

  test("changes no more, by command or by time", () => {
    const { state } = done(accountWith({ packs: 1 }), { kind: "close", reason: "left" });
    expect(command(state, { kind: "resume" })).toEqual({ kind: "account_closed" });
    expect(denied(state, 0).reason).toBe("account_suspended");
    expect(nextDueMs(state)).toBe(Number.POSITIVE_INFINITY);
    expect(advance(state, CATALOG, RESET * 2)).toMatchObject({ state, closed: [], facts: [] });
  });

  test("ends the growing charge of its last day", () => {
    const upgraded = allowed(accountWith({ included: 0, packs: 1 }), 1500).state;
    const { facts } = done(upgraded, { kind: "close", reason: "left" });
    expect(facts.map(({ kind }) => kind)).toEqual(["charge_final", "period_closed", "account_closed"]);
  });
});

test("suspending and resuming tell once each, and time goes on", () => {
  const suspended = done(accountWith({ packs: 1 }), { kind: "suspend", reason: "unpaid" });
  expect(wordings(suspended.notices)).toEqual(["account_suspended: unpaid"]);
  expect(done(suspended.state, { kind: "suspend", reason: "again" })).toMatchObject({
    notices: [],
    audit: [],
  });
  const { state, closed } = advance(suspended.state, CATALOG, RESET);
  expect(closed).toHaveLength(1);
  expect(allowed(state, 1, { mode: "record", nowMs: RESET }).wouldDeny).toBe("account_suspended");
  expect(wordings(done(state, { kind: "resume" }).notices)).toEqual(["account_resumed"]);
});
