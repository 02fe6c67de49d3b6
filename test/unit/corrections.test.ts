/** Corrections of the open period and of closed ones (rules, 3.8). */
import { describe, expect, test } from "vitest";
import { type CorrectionTarget, correctEvent, NOTHING_REVERSED } from "../../shared/credits/corrections.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import { type AccountState, displayState } from "../../shared/credits/state.ts";
import { advance } from "../../shared/credits/timeline.ts";
import { accountWith, allowed, CATALOG, credits, done, NOW, RESET } from "./fixtures.ts";

function entryOf(amount: number, more: Partial<UsageEntry> = {}): UsageEntry {
  return {
    seq: 1,
    id: "event",
    period: "2026-11-14",
    atMs: NOW,
    day: "2026-11-20",
    feature: "assistant",
    items: [["run", credits(amount), credits(amount)]],
    creditsMicros: credits(amount),
    rateVersion: 1,
    ...more,
  };
}

function correct(
  state: AccountState,
  target: Partial<CorrectionTarget> & { readonly entry: UsageEntry },
  amount: number | null,
) {
  const command = {
    eventId: "event",
    creditsMicros: amount === null ? null : credits(amount),
    reason: "broken",
  };
  const full = { reversed: NOTHING_REVERSED, closed: null, ...target };
  return correctEvent(state, full, command, "tester", NOW);
}

function corrected(...given: Parameters<typeof correct>) {
  const result = correct(...given);
  if (result.kind !== "corrected") throw new Error(JSON.stringify(result));
  return result;
}

describe("in the open period", () => {
  test("the credits come back and may end a pause; nothing is told and no pack goes", () => {
    const state = accountWith({ included: 500, used: 500 });
    const result = corrected(state, { entry: entryOf(500) }, 100);
    expect(result.state.usage).toMatchObject({ usedMicros: credits(400), seq: 2, booked: true });
    expect(displayState(result.state, CATALOG)).toBe("active");
    expect(result.notices).toEqual([]);
    expect(result).toMatchObject({ countsMicros: -credits(100), creditMinor: 0, facts: [] });
    expect(result.state.told).toEqual(state.told);
  });

  test("overdraft comes back first, over several corrections, never more than the entry", () => {
    const opened = accountWith({ included: 500, used: 480 });
    const { state } = allowed(opened, 60, { mode: "record" });
    const entry = entryOf(60, { overdraftMicros: credits(40) });
    const first = corrected(state, { entry }, 30);
    expect(first.correction).toMatchObject({ creditsMicros: credits(30), overdraftMicros: credits(30) });
    const second = corrected(first.state, { entry, reversed: first.reversed }, 20);
    expect(second.correction.overdraftMicros).toBe(credits(10));
    expect(second.state.usage).toMatchObject({ usedMicros: credits(490), overdraftMicros: 0 });
    expect(correct(second.state, { entry, reversed: second.reversed }, 11)).toEqual({
      kind: "correction_too_large",
      eventId: "event",
      maxMicros: credits(10),
    });
    const rest = corrected(second.state, { entry, reversed: second.reversed }, null);
    expect(rest.state.usage.usedMicros).toBe(credits(480));
    expect(correct(rest.state, { entry, reversed: rest.reversed }, null).kind).toBe("correction_too_large");
  });

  test("it is spread over the event's items to the micro-credit, quantities only for the whole", () => {
    const items = [
      ["in", 10, 1_000_001],
      ["out", 20, 2_000_002],
      ["free", 30, 0],
    ] as const;
    const entry = { ...entryOf(0), items, creditsMicros: 3_000_003 };
    const { state } = allowed(accountWith(), 3.000003);
    const whole = corrected(state, { entry }, null);
    expect(whole.items).toEqual([
      ["in", -10, -1_000_001],
      ["out", -20, -2_000_002],
      ["free", -30, 0],
    ]);
    const part = corrected(state, { entry }, 1);
    expect(part.items.reduce((sum, [, , micros]) => sum + micros, 0)).toBe(-credits(1));
    expect(part.items.map(([, quantity]) => quantity)).toEqual([0, 0, 0]);
  });

  test("budgets get their credits back", () => {
    const budget = {
      budget: "b",
      subject: "user",
      key: "u1",
      creditsMicros: credits(9),
      hard: true,
    } as const;
    const limited = done(accountWith(), { kind: "put_budget", ...budget }).state;
    const { state } = allowed(limited, 9, { use: { user: "u1" } });
    const result = corrected(state, { entry: entryOf(9, { user: "u1" }) }, 4);
    expect(result.state.usage.budgets.b).toEqual({ usedMicros: credits(5), heldMicros: 0 });
  });

  test("a correction cannot be corrected", () => {
    const { correction } = corrected(accountWith({ used: 5 }), { entry: entryOf(5) }, 1);
    expect(correct(accountWith({ used: 5 }), { entry: { ...entryOf(-1), correction } }, null).kind).toBe(
      "not_correctable",
    );
  });
});

describe("in a closed period", () => {
  /** Billed 230 (2.30 USD) for an overage of 237.5. */
  function billed() {
    const given = { included: 5000, packs: 1, setting: "pay_as_you_go" as const, used: 6237.5 };
    const { state, closed } = advance(accountWith(given), CATALOG, RESET);
    const [period] = closed;
    if (period === undefined) throw new Error("no period was closed");
    return {
      state,
      target: { entry: entryOf(6237.5), closed: { closed: period, reversed: NOTHING_REVERSED } },
    };
  }

  test("what was billed too much is owed: nothing for 7 credits, 0.10 USD for one more", () => {
    const { state, target } = billed();
    const first = corrected(state, target, 7);
    expect(first).toMatchObject({ countsMicros: 0, creditMinor: 0, items: [] });
    expect(first.state.usage).toMatchObject({ usedMicros: 0, seq: 2 });
    const second = corrected(first.state, { ...target, reversed: first.reversed, closed: first.closed }, 1);
    expect(second.creditMinor).toBe(10);
    expect(second.facts).toMatchObject([
      {
        kind: "overage_corrected",
        creditMinor: 10,
        corrected: {
          usedMicros: credits(6229.5),
          billableMicros: credits(229.5),
          billedMicros: credits(220),
        },
      },
    ]);
    expect(second.closed?.closed).toEqual(target.closed.closed);
  });

  test("all of it owes all that was billed, never more", () => {
    const { state, target } = billed();
    expect(corrected(state, target, null).creditMinor).toBe(230);
  });

  test("overdraft was never billed: its correction owes nothing", () => {
    const { state, target } = billed();
    const entry = { ...target.entry, overdraftMicros: credits(50) };
    const closed = {
      ...target.closed,
      closed: { ...target.closed.closed, overdraftMicros: credits(50), billableMicros: credits(187.5) },
    };
    expect(corrected(state, { entry, closed }, 50)).toMatchObject({ creditMinor: 0 });
  });
});
