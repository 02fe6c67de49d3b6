/** Access, budgets, teams, paused features and own rates (rules, 8.4, 8.5, 9). */
import { describe, expect, test } from "vitest";
import type { AccountRate } from "../../shared/credits/account-rates.ts";
import { execute } from "../../shared/credits/execute.ts";
import { quote, type RateSheet } from "../../shared/credits/rates.ts";
import type { AccountState } from "../../shared/credits/state.ts";
import { advance } from "../../shared/credits/timeline.ts";
import {
  accountWith,
  allowed,
  CATALOG,
  command,
  credits,
  denied,
  done,
  NOW,
  RESET,
  wordings,
} from "./fixtures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

function withUser(state: AccountState, user: string, ...teams: string[]): AccountState {
  return done(state, { kind: "put_user", user, teams }).state;
}

function withBudget(
  state: AccountState,
  subject: "user" | "team" | "feature" | "workflow",
  key: string,
  amount: number,
  more: { budget?: string; hard?: boolean; usedBy?: number } = {},
) {
  const { budget = `${subject}-${key}`, hard = true, usedBy = 0 } = more;
  const given = { kind: "put_budget", budget, subject, key, creditsMicros: credits(amount), hard } as const;
  return done(state, given, { usedBy });
}

describe("access to a feature", () => {
  const access = { users: ["ann"], teams: ["sales"] };
  const limited = done(withUser(withUser(accountWith(), "ann"), "bob", "sales"), {
    kind: "change_feature",
    feature: "assistant",
    access,
  }).state;

  test("is for the named users and teams", () => {
    expect(allowed(limited, 1, { use: { user: "ann" } }).kind).toBe("allowed");
    expect(allowed(limited, 1, { use: { user: "bob", teams: ["sales"] } }).kind).toBe("allowed");
    const carl = withUser(limited, "carl", "support");
    expect(denied(carl, 1, { use: { user: "carl" } }).reason).toBe("not_permitted");
  });

  test("is for nobody else: no user, an unknown one, one that was removed, also for 0 credits", () => {
    expect(denied(limited, 1).reason).toBe("not_permitted");
    expect(denied(limited, 0, { use: { user: "dan" } }).reason).toBe("not_permitted");
    const without = done(limited, { kind: "remove_user", user: "ann" }).state;
    expect(denied(without, 1, { use: { user: "ann" } }).reason).toBe("not_permitted");
    expect(allowed(without, 1, { use: { user: "ann", feature: "search" } }).kind).toBe("allowed");
  });

  test("does not stop a record, which says so", () => {
    expect(allowed(limited, 1, { mode: "record" }).wouldDeny).toBe("not_permitted");
  });

  test("opens again", () => {
    const open = done(limited, { kind: "change_feature", feature: "assistant", access: null }).state;
    expect(allowed(open, 1).kind).toBe("allowed");
    expect(open.directory.features).toEqual({});
  });
});

test("more people than one row can keep are refused, and nothing changes", () => {
  const names = Array.from({ length: 900 }, (_, index) => `${"ü".repeat(190)}${index}`);
  const limit = (feature: string, state: AccountState) =>
    command(state, { kind: "change_feature", feature, access: { users: names, teams: names } });
  const first = limit("assistant", accountWith());
  if (first.kind !== "changed") throw new Error(first.kind);
  const second = limit("search", first.state);
  if (second.kind !== "changed") throw new Error(second.kind);
  expect(limit("more", second.state)).toMatchObject({ kind: "directory_too_large" });
});

describe.each(["constructor", "toString", "__proto__"])("%s is a name like any other", (name) => {
  test("of a budget: it counts, tells and is raised", () => {
    const { state } = withBudget(accountWith(), "feature", "assistant", 10, { budget: name });
    const told = allowed(state, 8);
    expect(wordings(told.notices)).toEqual([`budget ${name} 75 %: 8 of 10`]);
    const raised = withBudget(told.state, "feature", "assistant", 20, { budget: name, usedBy: 8 });
    expect(denied(raised.state, 13).budget).toBe(name);
    expect(done(state, { kind: "remove_budget", budget: name }).state.usage.budgets).toEqual({});
  });

  test("of a user and a feature: unknown until somebody puts it", () => {
    const removed = done(accountWith(), { kind: "remove_user", user: name });
    expect(removed.audit).toEqual([]);
    const put = done(accountWith(), { kind: "put_user", user: name, teams: [] });
    expect(put.audit).toMatchObject([{ action: "user_changed", before: null, after: { teams: [] } }]);
    const access = { users: [name], teams: [] };
    const limited = done(put.state, { kind: "change_feature", feature: "assistant", access }).state;
    expect(allowed(limited, 1, { use: { user: name } }).kind).toBe("allowed");
    const gone = done(limited, { kind: "remove_user", user: name }).state;
    expect(denied(gone, 1, { use: { user: name } }).reason).toBe("not_permitted");
    expect(allowed(gone, 1, { use: { feature: name } }).kind).toBe("allowed");
  });
});

describe("a feature paused by hand", () => {
  test("is denied until it is resumed, over resets too, and tells each time", () => {
    const pause = { kind: "change_feature", feature: "assistant", paused: true, owner: "ann" } as const;
    const paused = done(accountWith(), pause);
    expect(wordings(paused.notices)).toEqual(["feature_paused assistant"]);
    expect(done(paused.state, pause).notices).toEqual([]);
    expect(denied(paused.state, 0).reason).toBe("feature_paused");
    expect(denied(advance(paused.state, CATALOG, RESET).state, 1, { nowMs: RESET }).reason).toBe(
      "feature_paused",
    );
    const resumed = done(paused.state, { kind: "change_feature", feature: "assistant", paused: false });
    expect(wordings(resumed.notices)).toEqual(["feature_resumed assistant"]);
    expect(resumed.audit).toMatchObject([
      { action: "feature_changed", target: "assistant", actor: "tester" },
    ]);
    expect(allowed(resumed.state, 1).kind).toBe("allowed");
  });

  test("comes before access and budgets, suspension before all", () => {
    const access = { users: [], teams: [] };
    let { state } = withBudget(accountWith(), "feature", "assistant", 0);
    expect(denied(state, 1).reason).toBe("budget_exhausted");
    state = done(state, { kind: "change_feature", feature: "assistant", access }).state;
    expect(denied(state, 1).reason).toBe("not_permitted");
    state = done(state, { kind: "change_feature", feature: "assistant", paused: true }).state;
    expect(denied(state, 1).reason).toBe("feature_paused");
    state = done(state, { kind: "suspend", reason: "unpaid" }).state;
    expect(denied(state, 1)).toMatchObject({ reason: "account_suspended", resolve: ["contact_operator"] });
    expect(denied(done(state, { kind: "resume" }).state, 1).reason).toBe("feature_paused");
  });
});

describe("a hard budget", () => {
  test.each([
    ["user", { user: "ann" }],
    ["team", { teams: ["sales", "north"] }],
    ["feature", { feature: "search" }],
    ["workflow", { workflow: "triage" }],
  ] as const)("of a %s denies what does not fit and counts nothing else", (subject, use) => {
    const key = { user: "ann", team: "north", feature: "search", workflow: "triage" }[subject];
    const { state } = withBudget(accountWith(), subject, key, 10);
    const used = allowed(allowed(state, 10, { use }).state, 100, { use: { feature: "other" } }).state;
    expect(denied(used, 0.000001, { use })).toMatchObject({
      reason: "budget_exhausted",
      budget: `${subject}-${key}`,
      resolve: ["raise_budget", "wait_for_reset"],
    });
    expect(allowed(used, 0, { use }).kind).toBe("allowed");
    const next = advance(used, CATALOG, RESET).state;
    expect(allowed(next, 10, { use, nowMs: RESET }).kind).toBe("allowed");
  });

  test("every one that matches must allow; the denial names the one with least left", () => {
    let state = withBudget(accountWith(), "user", "ann", 10).state;
    state = withBudget(state, "feature", "assistant", 8).state;
    expect(denied(state, 11, { use: { user: "ann" } }).budget).toBe("feature-assistant");
    const used = allowed(state, 3, { use: { user: "ann", feature: "other" } }).state;
    expect(denied(used, 9, { use: { user: "ann" } }).budget).toBe("user-ann");
  });

  test("counts what was used before it existed", () => {
    const { state } = withBudget(accountWith({ used: 100 }), "user", "ann", 10, { usedBy: 9.5 });
    expect(denied(state, 1, { use: { user: "ann" } }).budget).toBe("user-ann");
    expect(allowed(state, 0.5, { use: { user: "ann" } }).kind).toBe("allowed");
  });

  test("removed no longer denies", () => {
    const { state } = withBudget(accountWith(), "user", "ann", 0);
    const removed = done(state, { kind: "remove_budget", budget: "user-ann" }).state;
    expect(allowed(removed, 1, { use: { user: "ann" } }).state.usage.budgets).toEqual({});
    expect(command(removed, { kind: "remove_budget", budget: "user-ann" })).toEqual({
      kind: "unknown_budget",
      budget: "user-ann",
    });
  });
});

describe("a soft budget", () => {
  test("denies nothing and tells at 75, 90 and 100 %, the highest of several, once", () => {
    let { state } = withBudget(accountWith(), "user", "ann", 100, { hard: false });
    const told: string[] = [];
    for (const amount of [74, 1, 16, 8, 5, 50]) {
      const decision = allowed(state, amount, { use: { user: "ann" } });
      told.push(...wordings(decision.notices).filter((text) => text.startsWith("budget")));
      state = decision.state;
    }
    expect(told).toEqual([
      "budget user-ann 75 %: 75 of 100",
      "budget user-ann 90 %: 91 of 100",
      "budget user-ann 100 %: 104 of 100",
    ]);
    const raised = withBudget(state, "user", "ann", 170, { hard: false, usedBy: 154 });
    expect(wordings(raised.notices)).toEqual([]);
    expect(wordings(allowed(raised.state, 20, { use: { user: "ann" } }).notices)).toContain(
      "budget user-ann 100 %: 174 of 170",
    );
  });
});

describe("the account's own rates", () => {
  const SHEET: RateSheet = {
    version: 1,
    effectiveAtMs: 0,
    features: ["assistant", "beta"].map((feature) => ({
      feature,
      name: feature,
      category: "",
      description: "",
      beta: feature === "beta",
      actions: [{ action: "run", name: "", creditsMicros: credits(2), perMicros: credits(1), blocks: false }],
    })),
  };
  const rate = (amount: number, more: Partial<AccountRate> = {}): AccountRate => ({
    feature: "assistant",
    action: "run",
    creditsMicros: credits(amount),
    perMicros: credits(1),
    blocks: false,
    ...more,
  });
  const set = (
    state: AccountState,
    rates: readonly AccountRate[],
    atMs: number | null,
    shortNotice = false,
  ) =>
    execute(
      state,
      { kind: "set_rates", rates, effectiveAtMs: atMs, shortNotice },
      {
        offer: { revision: 1, catalog: CATALOG, rateSheets: [SHEET] },
        nowMs: NOW,
        actor: "a",
        usedBy: () => 0,
      },
    );

  test("come before the sheet's; a beta feature stays at 0", () => {
    const items = [{ action: "run", quantityMicros: credits(3) }];
    expect(quote(SHEET, "assistant", items, [rate(1)])).toMatchObject({ creditsMicros: credits(3) });
    expect(quote(SHEET, "assistant", items, [rate(1, { action: "walk" })])).toMatchObject({
      creditsMicros: credits(6),
    });
    expect(quote(SHEET, "beta", items, [rate(1, { feature: "beta" })])).toMatchObject({ creditsMicros: 0 });
  });

  test("that are lower count at once", () => {
    const result = set(accountWith(), [rate(1)], null);
    expect(result).toMatchObject({
      kind: "changed",
      value: { version: 1, effectiveAtMs: NOW, shortNotice: false },
    });
  });

  test("that rise, above the sheet or above own rates before, need 30 days or an explicit wish", () => {
    const state = accountWith();
    const tooEarly = { kind: "notice_too_short", earliestMs: NOW + 30 * DAY_MS };
    expect(set(state, [rate(3)], null)).toMatchObject({
      ...tooEarly,
      raised: [{ feature: "assistant", action: "run" }],
    });
    const lower = set(state, [rate(1)], null);
    if (lower.kind !== "changed") throw new Error(lower.kind);
    expect(set(lower.state, [], null)).toMatchObject(tooEarly);
    expect(set(lower.state, [rate(1.5)], NOW + 30 * DAY_MS - 1)).toMatchObject(tooEarly);
    expect(set(lower.state, [rate(1.5)], NOW + 30 * DAY_MS)).toMatchObject({
      kind: "changed",
      value: { version: 2, shortNotice: false },
    });
    const short = set(lower.state, [rate(1.5)], null, true);
    expect(short).toMatchObject({ value: { shortNotice: true }, notices: [{ shortNotice: true }] });
  });

  test("withdrawn before a later version may make that one a rise: then it needs the notice too", () => {
    const first = set(accountWith(), [rate(1)], null);
    if (first.kind !== "changed") throw new Error(first.kind);
    const raised = set(first.state, [rate(1.8)], NOW + 40 * DAY_MS);
    if (raised.kind !== "changed") throw new Error(raised.kind);
    const lowered = set(raised.state, [rate(1.5)], NOW + 41 * DAY_MS);
    if (lowered.kind !== "changed") throw new Error(lowered.kind);
    const withdraw = { kind: "withdraw_rates", version: 2, shortNotice: false } as const;
    const offer = { revision: 1, catalog: CATALOG, rateSheets: [SHEET] };
    const at = (nowMs: number, shortNotice: boolean) =>
      execute(lowered.state, { ...withdraw, shortNotice }, { offer, nowMs, actor: "a", usedBy: () => 0 })
        .kind;
    expect(at(NOW + 11 * DAY_MS, false)).toBe("changed");
    expect(at(NOW + 12 * DAY_MS, false)).toBe("notice_too_short");
    expect(at(NOW + 12 * DAY_MS, true)).toBe("changed");
    expect(set(lowered.state, [], null, true)).toMatchObject({ value: { version: 4 } });
  });

  test("are withdrawn before they are in force, never afterwards", () => {
    const later = set(accountWith(), [rate(1)], NOW + DAY_MS);
    if (later.kind !== "changed") throw new Error(later.kind);
    expect(
      command(
        later.state,
        { kind: "withdraw_rates", version: 1, shortNotice: false },
        { nowMs: NOW + DAY_MS },
      ),
    ).toEqual({
      kind: "rates_in_force",
      version: 1,
    });
    const withdrawn = done(
      later.state,
      { kind: "withdraw_rates", version: 1, shortNotice: false },
      { nowMs: NOW },
    );
    expect(withdrawn.state.directory.rates).toEqual([]);
    expect(wordings(withdrawn.notices)).toEqual(["account_rates_withdrawn 1"]);
    expect(command(later.state, { kind: "withdraw_rates", version: 7, shortNotice: false })).toMatchObject({
      kind: "unknown_rates",
    });
  });
});
