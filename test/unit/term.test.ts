/** The commitment term, renewals and cancellations (rules, 5.2, 5.3, 5.10, 7.2). */
import { describe, expect, test } from "vitest";
import type { BillingFact } from "../../shared/credits/billing-facts.ts";
import { type AccountState, limitMicros, type OwnedPack } from "../../shared/credits/state.ts";
import { advance } from "../../shared/credits/timeline.ts";
import {
  accountWith,
  allowed,
  bought,
  CATALOG,
  changed,
  command,
  credits,
  done,
  packOf,
  RESET,
  withTerms,
  wordings,
} from "./fixtures.ts";

const at = (time: string) => Date.parse(`${time}T00:00:00Z`);

/** Goes on to the given instant as real time would: each thing happens by itself. */
function until(state: AccountState, nowMs: number, catalog = CATALOG) {
  return advance(state, catalog, nowMs);
}

function charges(facts: readonly BillingFact[]) {
  return facts.flatMap((fact) =>
    fact.kind === "packs_charged"
      ? [[fact.cause, fact.packs.map(({ quantity, price }) => quantity * price.amountMinor)]]
      : [],
  );
}

describe("the term", () => {
  test("begins with the period of the first pack and takes 12 periods", () => {
    const { state } = bought(accountWith());
    expect(state.term).toEqual({
      startMs: at("2026-11-14"),
      endMs: at("2027-11-14"),
      period: 1,
      periods: 12,
    });
    const { state: later } = until(state, at("2027-05-20"));
    expect(later.term).toMatchObject({ period: 7, endMs: at("2027-11-14") });
    expect(bought(later).state.term).toEqual(later.term);
  });

  test("of another length was agreed before the first pack", () => {
    const { state } = bought(accountWith({ terms: { termPeriods: 3 } }));
    expect(state.term).toMatchObject({ endMs: at("2027-02-14"), periods: 3 });
    const longer = withTerms(state, { termPeriods: 6 });
    expect(longer.term).toEqual(state.term);
    expect(until(longer, at("2027-02-14")).state.term).toMatchObject({ period: 1, periods: 6 });
  });

  test("moves with the anchor", () => {
    const { state } = bought(accountWith({ terms: { termPeriods: 3 } }));
    const moved = withTerms(state, { anchorDate: "2026-01-01" });
    expect(until(moved, RESET).state.term?.endMs).toBe(at("2027-02-01"));
  });

  test("charges all packs at each of its resets, and tells its end 30 days before, once", () => {
    const first = bought(accountWith({ terms: { termPeriods: 3 } }));
    expect(charges(first.facts)).toEqual([["purchase", [1000]]]);
    const both = allowed(first.state, 1600);
    expect(charges(both.facts)).toEqual([["upgrade", [1000]]]);
    const second = until(both.state, at("2026-12-20"));
    expect(charges(second.facts)).toEqual([["renewal", [1000, 1000]]]);
    expect(wordings(until(second.state, at("2027-01-15") - 1).notices)).not.toContain(TERM_ENDS);
    const told = until(second.state, at("2027-01-15"));
    expect(wordings(told.notices).filter((text) => text === TERM_ENDS)).toEqual([TERM_ENDS]);
    const ended = until(told.state, at("2027-02-14"));
    expect(wordings(ended.notices)).not.toContain(TERM_ENDS);
    expect(charges(ended.facts)).toEqual([["renewal", [1000]]]);
    expect(ended.state.packs.map(({ source }) => source)).toEqual(["purchase"]);
    expect(limitMicros(ended.state)).toBe(credits(1500));
  });

  const TERM_ENDS = "term ends at 2027-02-14T00:00:00.000Z";

  test("is told with like packs as one, however many days added some", () => {
    const first = bought(accountWith({ included: 0, terms: { termPeriods: 2, automaticPacksMax: 5 } }));
    let { state } = bought(first.state, { quantity: 2 });
    state = allowed(state, 2001).state;
    for (const day of ["2026-11-21", "2026-11-22", "2026-11-23"]) {
      state = allowed(until(state, at(day)).state, 1000, { nowMs: at(day) }).state;
    }
    expect(state.packs).toHaveLength(5);
    const { notices } = until(state, at("2026-12-15"));
    const ending = notices.flatMap((notice) => (notice.kind === "term_ending" ? notice.packs : []));
    expect(ending.map(({ pack, quantity, renewal }) => [pack, quantity, renewal.quantity])).toEqual([
      ["p1000", 3, 3],
      ["p1000", 3, 0],
    ]);
  });

  test("renews at the price then current, or at the last one where the pack is no longer on sale", () => {
    const { state } = bought(accountWith({ terms: { termPeriods: 1 } }));
    const dearer = {
      ...CATALOG,
      packs: [packOf(1000, { prices: [{ amountMinor: 1200, currency: "USD" }] })],
    };
    expect(charges(until(state, RESET, dearer).facts)).toEqual([["renewal", [1200]]]);
    expect(charges(until(state, RESET, { ...CATALOG, packs: [] }).facts)).toEqual([["renewal", [1000]]]);
  });

  test("keeps the price fixed until it ends", () => {
    const { state } = bought(accountWith({ terms: { termPeriods: 2 } }));
    const dearer = {
      ...CATALOG,
      packs: [packOf(1000, { prices: [{ amountMinor: 1200, currency: "USD" }] })],
    };
    expect(charges(until(state, RESET, dearer).facts)).toEqual([["renewal", [1000]]]);
  });
});

describe("fewer or smaller packs", () => {
  const CATALOG_OF_TWO = { ...CATALOG, packs: [packOf(1000), packOf(100)] };

  test("come with the next term", () => {
    const { state } = bought(accountWith({ terms: { termPeriods: 2 } }), { quantity: 3 });
    const fewer = done(state, { kind: "change_renewal", id: "pack_1", quantity: 1 }).state;
    expect(limitMicros(fewer)).toBe(credits(3500));
    const next = until(fewer, RESET);
    expect(limitMicros(next.state)).toBe(credits(3500));
    expect(limitMicros(until(next.state, at("2027-01-14")).state)).toBe(credits(1500));
  });

  test("may be another pack; one that has left the catalogue meanwhile renews as it was chosen", () => {
    const { state } = bought(accountWith({ terms: { termPeriods: 1 } }), {}, CATALOG_OF_TWO);
    const given = { kind: "change_renewal", id: "pack_1", pack: "p100", quantity: 2 } as const;
    const smaller = done(state, given, { catalog: CATALOG_OF_TWO }).state;
    for (const catalog of [CATALOG_OF_TWO, CATALOG]) {
      const { state: renewed } = until(smaller, RESET, catalog);
      expect(limitMicros(renewed)).toBe(credits(700));
      expect(renewed.packs).toMatchObject([{ pack: "p100", quantity: 2, renewal: { pack: "p100" } }]);
    }
  });

  test("are never more; a pack is bought for that", () => {
    const { state } = bought(accountWith(), {}, CATALOG_OF_TWO);
    const more = { kind: "change_renewal", id: "pack_1", pack: "p100", quantity: 11 } as const;
    expect(command(state, more, { catalog: CATALOG_OF_TWO })).toEqual({
      kind: "renewal_too_large",
      maxMicros: credits(1000),
    });
    expect(command(state, { ...more, id: "pack_9" })).toMatchObject({ kind: "unknown_holding" });
    const automatic = allowed(state, 1600).state;
    const id = automatic.packs[1]?.id ?? "";
    expect(command(automatic, { ...more, id })).toEqual({ kind: "not_renewable", id });
  });

  test("of none: with the last pack setting, maximum and pending change end", () => {
    const named = { setting: "pay_as_you_go" as const, maximumMicros: credits(9000) };
    const { state } = bought(accountWith({ terms: { termPeriods: 1 } }), named);
    const used = changed(allowed(state, 1).state, { setting: "auto_upgrade" }).state;
    const cancelled = done(used, { kind: "change_renewal", id: "pack_1", quantity: 0 }).state;
    const { state: after, notices, facts } = until(cancelled, RESET);
    expect(after).toMatchObject({
      packs: [],
      term: null,
      setting: "pause",
      maximumMicros: null,
      pendingSetting: null,
    });
    expect(limitMicros(after)).toBe(credits(500));
    expect(wordings(notices)).toContain("packs ended: limit 500");
    expect(charges(facts)).toEqual([]);
    expect(bought(after).state).toMatchObject({ setting: "auto_upgrade", term: { period: 1 } });
  });
});

describe("a cancelled purchase", () => {
  const cancel = (state: AccountState, id = "pack_1", quantity: number | null = null) =>
    done(state, { kind: "cancel_pack", id, quantity, reason: "by mistake" });

  test("takes the credits back with a credit note", () => {
    const { state } = bought(accountWith({ packs: 1 }), { quantity: 2 });
    const cancelled = cancel(state, "pack_2");
    expect(limitMicros(cancelled.state)).toBe(credits(1500));
    expect(cancelled.facts).toMatchObject([
      { kind: "charge_cancelled", chargeSource: "purchase:pack_2", packs: [{ quantity: 2 }] },
    ]);
    expect(cancelled.audit).toMatchObject([{ action: "pack_cancelled", actor: "tester" }]);
  });

  test("in part keeps the rest, also for the next term", () => {
    const { state } = bought(accountWith(), { quantity: 3 });
    const { packs } = cancel(state, "pack_1", 2).state;
    expect(packs).toMatchObject([{ quantity: 1, renewal: { quantity: 1 } }]);
    const refused = { kind: "cancel_pack", id: "pack_1", quantity: 4, reason: "" } as const;
    expect(command(state, refused)).toEqual({ kind: "quantity_too_large", quantity: 4, max: 3 });
  });

  test("leaves used credits: the limit does not fall below them", () => {
    const { state } = bought(accountWith({ used: 500 }));
    const used = allowed(state, 300).state;
    const after = cancel(used).state;
    expect(limitMicros(after)).toBe(credits(800));
    expect(after).toMatchObject({ setting: "pause", term: null, packs: [] });
    expect(limitMicros(until(after, RESET).state)).toBe(credits(500));
  });

  test("is one of the open period, and no conversion", () => {
    const later = until(bought(accountWith()).state, RESET).state;
    const given = { kind: "cancel_pack", id: "pack_1", quantity: null, reason: "" } as const;
    expect(command(later, given)).toMatchObject({ kind: "pack_not_cancellable" });
  });

  test("may be an automatic upgrade, which may then come again", () => {
    const terms = { automaticPacksMax: 1 };
    const upgraded = allowed(accountWith({ included: 0, packs: 1, terms }), 1500);
    const id = upgraded.state.packs[1]?.id ?? "";
    const cancelled = cancel(upgraded.state, id);
    expect(cancelled.facts).toMatchObject([{ chargeSource: "upgrade:2026-11-20" }]);
    expect(limitMicros(cancelled.state)).toBe(credits(1500));
    expect(allowed(cancelled.state, 1).upgrade).toMatchObject({ packs: 1 });
  });
});

test("an upgrade charge holds all automatic packs of the local day, and is final when the day is over", () => {
  const first = allowed(accountWith({ included: 0, packs: 1 }), 1500);
  const more = withTerms(first.state, { automaticPacksMax: 9 });
  const second = allowed(more, 1000);
  const source = "upgrade:2026-11-20";
  expect(second.facts).toMatchObject([
    { source, packs: [{ quantity: 2 }] satisfies Partial<OwnedPack>[], growsUntilMs: at("2026-11-21") },
  ]);
  expect(until(second.state, at("2026-11-21") - 1).facts).toEqual([]);
  const final = until(second.state, at("2026-11-21"));
  expect(final.facts).toMatchObject([{ kind: "charge_final", source }]);
  expect(until(final.state, at("2026-11-22")).facts).toEqual([]);
});
