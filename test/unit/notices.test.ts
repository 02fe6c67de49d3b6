/** Whom a decision tells, and that it tells them once (rules, sections 6.1 and 6.2). */
import { describe, expect, test } from "vitest";
import type { AccountState } from "../../shared/credits/state.ts";
import {
  accountWith,
  allowed,
  bought,
  CATALOG,
  changed,
  credits,
  denied,
  packOf,
  wordings,
} from "./fixtures.ts";

/** What admins read while events are consumed one after the other. */
function consuming(state: AccountState, amounts: readonly number[], catalog = CATALOG) {
  const told: string[] = [];
  let current = state;
  for (const amount of amounts) {
    const decision = allowed(current, amount, { catalog });
    told.push(...wordings(decision.notices));
    current = decision.state;
  }
  return { told, state: current };
}

function steps(of: number, count: number): readonly number[] {
  return Array.from({ length: count }, () => of);
}

describe("thresholds of the limit", () => {
  test("are told at 75, 85, 90 % and where it is passed, each once", () => {
    const { told } = consuming(accountWith({ included: 1000 }), [
      749,
      0.999999,
      0.000001,
      ...steps(10, 25),
      0,
    ]);
    expect(told).toEqual([
      "limit 75 %: 750 of 1000",
      "limit 85 %: 850 of 1000",
      "limit 90 %: 900 of 1000",
      "limit passed in pause: 1000 of 1000",
    ]);
  });

  test("an event that jumps several tells the highest, and the lower ones count as told", () => {
    const state = accountWith({ included: 1000, used: 740 });
    const { told } = consuming(state, [170, 1, 1]);
    expect(told).toEqual(["limit 90 %: 910 of 1000"]);
    expect(consuming(state, [260]).told).toEqual(["limit passed in pause: 1000 of 1000"]);
  });

  test("are armed again by a higher limit that takes usage below them", () => {
    const before = accountWith({ included: 0, packs: 1, setting: "pause", used: 760 });
    const after = bought(before);
    expect(wordings(after.notices)).toEqual([]);
    const { told } = consuming(after.state, steps(10, 74));
    expect(told).toEqual(["limit 75 %: 1500 of 2000"]);
  });

  test("that usage still reaches after a higher limit are not told again", () => {
    const catalog = { ...CATALOG, packs: [packOf(1000), packOf(50)] };
    const before = accountWith({ included: 0, packs: 1, setting: "pause", used: 950 });
    const after = bought(before, { pack: "p50" }, catalog).state;
    expect(consuming(after, [1], catalog).told).toEqual([]);
    expect(consuming(after, [100], catalog).told).toEqual(["limit passed in pause: 1050 of 1050"]);
  });

  test("held credits reach none", () => {
    const state = accountWith({ included: 1000, used: 700, held: 290 });
    expect(consuming(state, [1]).told).toEqual([]);
  });

  test("a limit of 0 has none", () => {
    const record = allowed(accountWith({ included: 0 }), 5, { mode: "record" });
    expect(record.notices).toEqual([]);
    expect(denied(accountWith({ included: 0 }), 5).notices).toEqual([]);
  });

  test("operators may choose other percentages", () => {
    const catalog = { ...CATALOG, noticePercentages: [50] };
    const { told } = consuming(accountWith({ included: 1000 }), steps(100, 10), catalog);
    expect(told).toEqual(["limit 50 %: 500 of 1000", "limit passed in pause: 1000 of 1000"]);
  });

  test("a percentage that is added below what was told already is not told any more", () => {
    const state = consuming(accountWith({ included: 1000 }), [870]).state;
    const more = { ...CATALOG, noticePercentages: [75, 80, 85, 88, 90] };
    expect(consuming(state, [1, 9], more).told).toEqual(["limit 88 %: 880 of 1000"]);
  });
});

describe("the limit is passed", () => {
  test("in pause with the first denial from 90 % on", () => {
    const first = denied(accountWith({ included: 1000, used: 900 }), 200);
    expect(wordings(first.notices)).toEqual(["limit passed in pause: 900 of 1000"]);
    const second = denied(first.state, 200);
    expect(second.notices).toEqual([]);
    expect(consuming(first.state, [100]).told).toEqual([]);
  });

  test("in pause with a denial, and percentages above what was used count as told", () => {
    const catalog = { ...CATALOG, noticePercentages: [75, 95] };
    const denial = denied(accountWith({ included: 1000, used: 920 }), 200, { catalog });
    expect(wordings(denial.notices)).toEqual(["limit passed in pause: 920 of 1000"]);
    expect(consuming(denial.state, [40, 40], catalog).told).toEqual([]);
  });

  test("not with a denial below 90 %", () => {
    const state = accountWith({ included: 1000, used: 899.999999 });
    const denial = denied(state, 200);
    expect(denial.notices).toEqual([]);
    expect(denial.state).toBe(state);
  });

  test("in pay_as_you_go with the first credit of overage, not at the limit", () => {
    const state = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go", used: 950 });
    expect(consuming(state, [50, 0.000001, 100]).told).toEqual([
      "limit passed in pay_as_you_go: 1000.000001 of 1000",
    ]);
  });

  test("in pay_as_you_go again with the first overage above a bought pack, be it used up exactly", () => {
    const used = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go", used: 2000 });
    const absorbed = bought(used).state;
    expect(consuming(absorbed, [1]).told).toEqual(["limit passed in pay_as_you_go: 2001 of 2000"]);
  });

  test("in auto_upgrade with each upgrading decision, whose notice replaces the percentages", () => {
    const state = accountWith({ included: 5000, packs: 1, used: 5900 });
    expect(consuming(state, [600]).told).toEqual(["upgraded by 1 p1000 for 1000: 6500 of 7000"]);
    expect(consuming(state, [600, 600]).told).toEqual([
      "upgraded by 1 p1000 for 1000: 6500 of 7000",
      "upgraded by 1 p1000 for 1000: 7100 of 8000",
    ]);
  });

  test("in auto_upgrade percentages come before and after an upgrade", () => {
    const state = accountWith({ included: 0, packs: 1, used: 700, terms: { automaticPacksMax: 5 } });
    expect(consuming(state, [60, 300, 400, 100]).told).toEqual([
      "limit 75 %: 760 of 1000",
      "upgraded by 1 p1000 for 1000: 1060 of 2000",
      "limit 75 %: 1560 of 2000",
    ]);
  });

  test("in auto_upgrade with the first denial at the cap", () => {
    const state = accountWith({ included: 0, packs: 1, used: 950, terms: { automaticPacksMax: 0 } });
    expect(wordings(denied(state, 51).notices)).toEqual(["limit passed in auto_upgrade: 950 of 1000"]);
  });
});

describe("thresholds of the maximum", () => {
  test("are the same steps", () => {
    const state = accountWith({ included: 5000, packs: 1, setting: "pay_as_you_go", maximum: 1000 });
    expect(consuming(state, [750, 100, 60, 90]).told).toEqual([
      "maximum 75 %: 750 of 1000",
      "maximum 85 %: 850 of 1000",
      "maximum 90 %: 910 of 1000",
      "maximum reached: 1000 of 1000",
    ]);
  });

  test("an upgrade that reaches it tells both", () => {
    const state = accountWith({ included: 5000, packs: 1, maximum: 6800, used: 5900 });
    expect(consuming(state, [900]).told).toEqual([
      "upgraded by 1 p1000 for 1000: 6800 of 7000",
      "maximum reached: 6800 of 6800",
    ]);
  });

  test("where maximum and limit are the same only the maximum's are told", () => {
    const state = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go", maximum: 1000 });
    expect(consuming(state, [800, 200]).told).toEqual([
      "maximum 75 %: 800 of 1000",
      "maximum reached: 1000 of 1000",
    ]);
  });

  test("a denial for it from 90 % on counts as reached, once", () => {
    const state = accountWith({ included: 5000, packs: 1, maximum: 1000, used: 900 });
    const denial = denied(state, 101);
    expect(wordings(denial.notices)).toEqual(["maximum reached: 900 of 1000"]);
    expect(denied(denial.state, 101).notices).toEqual([]);
    expect(denied(accountWith({ included: 5000, packs: 1, maximum: 1000, used: 899 }), 102).notices).toEqual(
      [],
    );
  });

  test("a maximum lowered to what was used is reached at once; raised and reached again it is told again", () => {
    const state = accountWith({ included: 5000, packs: 1, used: 800 });
    const lowered = changed(state, { maximumMicros: credits(800) });
    expect(wordings(lowered.notices)).toEqual(["maximum reached: 800 of 800"]);
    const raised = changed(lowered.state, { maximumMicros: credits(1000) });
    expect(wordings(raised.notices)).toEqual([]);
    expect(consuming(raised.state, [60, 140]).told).toEqual([
      "maximum 85 %: 860 of 1000",
      "maximum reached: 1000 of 1000",
    ]);
  });
});

describe("notices", () => {
  test("are numbered without a gap over all decisions of an account", () => {
    const first = allowed(accountWith({ included: 1000 }), 800);
    const second = allowed(first.state, 200);
    expect([...first.notices, ...second.notices].map((notice) => notice.number)).toEqual([1, 2]);
    expect(second.notices[0]).toMatchObject({
      period: "2026-11-14",
      resetAtMs: Date.parse("2026-12-14T00:00:00Z"),
    });
  });
});
