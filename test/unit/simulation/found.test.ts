/** What the simulation has found, each as the shortest example of it. */
import { describe, expect, test } from "vitest";
import { correctEvent, NOTHING_REVERSED } from "../../../shared/credits/corrections.ts";
import type { PutBudget } from "../../../shared/credits/directory-changes.ts";
import type { UsageEntry } from "../../../shared/credits/entries.ts";
import { captureHold } from "../../../shared/credits/holds.ts";
import { type AccountState, limitMicros } from "../../../shared/credits/state.ts";
import { advance } from "../../../shared/credits/timeline.ts";
import {
  accountWith,
  allowed,
  bought,
  CATALOG,
  credits,
  done,
  holding,
  holdOf,
  NOW,
  packOf,
  RESET,
  TERMS,
  withTerms,
  wordings,
} from "../fixtures.ts";

import { lead } from "./lead.ts";

const at = (time: string) => Date.parse(`${time}T00:00:00Z`);

describe("a term whose calendar will change (2.2, 5.3)", () => {
  const { state } = bought(accountWith({ terms: { termPeriods: 2 } }));
  // The second period ends on 1 January instead of 14 January.
  const moved = withTerms(state, { anchorDate: "2026-01-01" });

  test("ends by the new calendar, as it will", () => {
    expect(moved.term?.endMs).toBe(at("2027-01-01"));
    expect(advance(moved, CATALOG, RESET).state.term?.endMs).toBe(at("2027-01-01"));
  });

  test("is told 30 days before that, not at the reset", () => {
    const { notices } = advance(moved, CATALOG, at("2026-12-02"));
    expect(wordings(notices)).toEqual(["term ends at 2027-01-01T00:00:00.000Z"]);
  });
});

describe("a grant for the next period, when the time zone changes with it (2.5)", () => {
  function granted(from: string, to: string, period: string) {
    const opened = accountWith({ included: 0, terms: { timeZone: from } });
    const moved = withTerms(opened, { timeZone: to });
    const given = { kind: "add_grant", creditsMicros: credits(5), period, reason: "" } as const;
    return done(moved, given).state;
  }

  test.each([
    ["to the west", "UTC", "America/Sao_Paulo", "2026-12-13"],
    ["to the east", "Pacific/Honolulu", "Pacific/Kiritimati", "2026-12-15"],
  ])("%s raises that period, once", (_, from, to, period) => {
    const state = granted(from, to, period);
    const next = advance(state, CATALOG, state.period.endMs);
    const afterNext = advance(next.state, CATALOG, next.state.period.endMs);
    const limits = [state, next.state, afterNext.state].map(limitMicros);
    expect(limits).toEqual([0, credits(5), 0]);
  });

  test("is not lost where that period turns out to begin a day later", () => {
    const opened = accountWith({ included: 0, terms: { timeZone: "Pacific/Honolulu" } });
    const given = { kind: "add_grant", creditsMicros: credits(5), period: "2026-12-14", reason: "" } as const;
    const moved = withTerms(done(opened, given).state, { timeZone: "Pacific/Kiritimati" });
    const { state } = advance(moved, CATALOG, moved.period.endMs);
    expect([state.period.name, limitMicros(state)]).toEqual(["2026-12-15", credits(5)]);
  });
});

test("a grant counts until the account is closed, also on the first day of its period", () => {
  const first = advance(accountWith({ included: 0 }), CATALOG, RESET + 1).state;
  const given = { kind: "add_grant", creditsMicros: credits(5), period: null, reason: "" } as const;
  const granted = done(first, given, { nowMs: RESET + 1 }).state;
  const closed = done(granted, { kind: "close", reason: "" }, { nowMs: RESET + 2 });
  expect(limitMicros(closed.state)).toBe(credits(5));
});

test("what is used in the very first instant of a period is billed when the account is closed in it (2.6)", () => {
  const given = { included: 0, packs: 1, setting: "pay_as_you_go" as const };
  const opened = advance(accountWith(given), CATALOG, RESET).state;
  const used = allowed(opened, 1100, { nowMs: RESET }).state;
  const { facts } = done(used, { kind: "close", reason: "" }, { nowMs: RESET });
  expect(facts).toMatchObject([
    { kind: "period_closed", closed: { startMs: RESET, endMs: RESET + 1, billedMicros: credits(100) } },
    { kind: "account_closed" },
  ]);
  const unused = done(opened, { kind: "close", reason: "" }, { nowMs: RESET });
  expect(unused.facts.map(({ kind }) => kind)).toEqual(["account_closed"]);
});

test("the capture of nothing adds no pack, however far usage is above the limit (5.4)", () => {
  const terms = { automaticPacksMax: 1 };
  const held = holding(accountWith({ packs: 1, terms }), 0).state;
  // Two packs would be needed: it is booked without one.
  const above = allowed(held, 3000, { mode: "record" }).state;
  const captured = captureHold(above, holdOf(0), 0, "consume", CATALOG, NOW);
  expect(captured).toMatchObject({ kind: "allowed", upgrade: null, overdraftMicros: 0 });
});

test("the charge of a day's automatic packs names all of them, also where an older holding has grown (7.2)", () => {
  const cheaper = { ...CATALOG, packs: [packOf(1000, { prices: [{ amountMinor: 900, currency: "USD" }] })] };
  const terms = { automaticPacksMax: 3 };
  const first = allowed(accountWith({ included: 0, packs: 1, terms }), 1500).state;
  const second = allowed(first, 1000, { catalog: cheaper }).state;
  const { facts } = allowed(second, 1000);
  const charged = facts.flatMap((fact) => (fact.kind === "packs_charged" ? fact.packs : []));
  expect(charged.map(({ quantity, price }) => [quantity, price.amountMinor])).toEqual([
    [2, 1000],
    [1, 900],
  ]);
});

test("packs of one local day in two periods are credited where they were charged (5.10, 7.2)", () => {
  // The second period begins at midnight UTC, which is 21:00 of the day before in Sao Paulo.
  const run = {
    shape: "runs",
    agoMs: undefined,
    who: { feature: "search", user: undefined, workflow: undefined },
  } as const;
  const consume = { kind: "use", mode: "consume", ...run } as const;
  lead(
    {
      terms: { ...TERMS, anchorDate: "2018-09-20", plans: [], termPeriods: 4 },
      percentages: [75, 85, 90],
      start: "2018-10-19T23:00:00Z",
      commands: [
        { kind: "buy", pack: "p1000", quantity: 1 },
        { kind: "terms", change: { timeZone: "America/Sao_Paulo" } },
        { ...consume, amount: { to: "limit", percent: 100, plus: 1 } },
        { kind: "wait_for", what: 1, plusMs: 0 },
        { ...consume, amount: { to: "limit", percent: 100, plus: 1 } },
        { kind: "cancel", pack: 0, quantity: null },
      ],
    },
    new Map(),
  );
});

test("a bought pack that is cancelled in part renews to as many smaller ones as fit what is left (5.3)", () => {
  const catalog = { ...CATALOG, packs: [...CATALOG.packs, packOf(250)] };
  const { state } = bought(accountWith(), { quantity: 2 });
  const renewal = { kind: "change_renewal", id: "pack_1", pack: "p250", quantity: 6 } as const;
  const smaller = done(state, renewal, { catalog }).state;
  const cancelled = done(smaller, { kind: "cancel_pack", id: "pack_1", quantity: 1, reason: "" }).state;
  expect(cancelled.packs).toMatchObject([{ quantity: 1, renewal: { pack: "p250", quantity: 4 } }]);
});

describe("the notices of a budget (3.8, 6.2, 6.4)", () => {
  const ofAnn = {
    budget: "b",
    subject: "user",
    key: "ann",
    creditsMicros: credits(100),
    hard: false,
  } as const;
  const ofBob = { ...ofAnn, budget: "other", key: "bob" };
  const put = (state: AccountState, budget: PutBudget, usedBy: number) =>
    done(state, { kind: "put_budget", ...budget }, { usedBy });
  const { state } = put(accountWith(), ofAnn, 0);
  const used = allowed(state, 80, { use: { user: "ann" } });

  test("are not armed by a correction and the change of another budget", () => {
    expect(wordings(used.notices)).toEqual(["budget b 75 %: 80 of 100"]);
    const entry: UsageEntry = {
      seq: 1,
      id: "e",
      period: "2026-11-14",
      atMs: NOW,
      day: "2026-11-20",
      feature: "assistant",
      user: "ann",
      items: [["run", credits(80), credits(80)]],
      creditsMicros: credits(80),
      rateVersion: 1,
    };
    const target = { entry, reversed: NOTHING_REVERSED, closed: null };
    const wanted = { eventId: "e", creditsMicros: credits(40), reason: "" };
    const corrected = correctEvent(used.state, target, wanted, "tester", NOW);
    if (corrected.kind !== "corrected") throw new Error(corrected.kind);
    const changed = put(corrected.state, ofBob, 0).state;
    expect(wordings(allowed(changed, 40, { use: { user: "ann" } }).notices)).toEqual([]);
  });

  test("begin anew where it is for another subject", () => {
    const other = put(used.state, { ...ofAnn, subject: "feature", key: "assistant" }, 80);
    expect(wordings(other.notices)).toEqual(["budget b 75 %: 80 of 100"]);
  });
});
