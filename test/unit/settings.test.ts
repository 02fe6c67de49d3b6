/** Packs, overage setting and maximum (rules, sections 5.1, 5.2, 5.5, 5.7-5.9). */
import { describe, expect, test } from "vitest";
import { changeSettings } from "../../shared/credits/settings.ts";
import { displayState, limitMicros } from "../../shared/credits/state.ts";
import {
  accountWith,
  allowed,
  bought,
  CATALOG,
  changed,
  command,
  credits,
  done,
  EMPTY_CATALOG,
  NOW,
  packOf,
  wordings,
} from "./fixtures.ts";

describe("an account with included credits only", () => {
  test("is in pause and can choose neither setting nor maximum", () => {
    const state = accountWith();
    expect(state).toMatchObject({ setting: "pause", maximumMicros: null, packs: [] });
    for (const command of [{ setting: "pay_as_you_go" as const }, { maximumMicros: credits(100) }]) {
      expect(changeSettings(state, command, CATALOG, NOW)).toEqual({ kind: "packs_required" });
    }
  });
});

describe("the first pack", () => {
  test("makes an exhausted account active at once, in auto_upgrade", () => {
    const { state, bought: pack } = bought(accountWith({ included: 500, used: 500 }));
    expect(limitMicros(state)).toBe(credits(1500));
    expect(state.setting).toBe("auto_upgrade");
    expect(displayState(state, CATALOG)).toBe("active");
    expect(pack).toMatchObject({ id: "pack_1", source: "purchase", quantity: 1, addedAtMs: NOW });
  });

  test("may name setting and maximum, which count at once, whatever was used", () => {
    const named = { setting: "pay_as_you_go" as const, maximumMicros: credits(1200) };
    const { state } = bought(accountWith({ included: 500, used: 400 }), named);
    expect(state).toMatchObject({ ...named, pendingSetting: null });
    expect(allowed(state, 800).state.usage.usedMicros).toBe(credits(1200));
  });

  test("keeps the maximum that was named with it, also below the new limit", () => {
    const { state } = bought(accountWith(), { maximumMicros: credits(800) });
    expect(state.maximumMicros).toBe(credits(800));
  });

  test("is the only one that may name them", () => {
    const state = accountWith({ packs: 1 });
    const buy = { kind: "buy_pack", pack: "p1000", quantity: 1 } as const;
    expect(command(state, { ...buy, setting: "pause" })).toEqual({
      kind: "not_first_pack",
      field: "overageSetting",
    });
    expect(command(state, { ...buy, maximumMicros: null })).toEqual({
      kind: "not_first_pack",
      field: "maximum",
    });
  });
});

describe("a purchase", () => {
  test("leaves a maximum above the new limit as it is", () => {
    const { state, notices } = bought(accountWith({ included: 5000, packs: 1, maximum: 8000 }));
    expect([limitMicros(state), state.maximumMicros]).toEqual([credits(7000), credits(8000)]);
    expect(notices).toEqual([]);
  });

  test("raises a maximum below the new limit to it and asks admins to review", () => {
    const { state, notices } = bought(accountWith({ included: 5000, packs: 1, maximum: 6500 }));
    expect([limitMicros(state), state.maximumMicros]).toEqual([credits(7000), credits(7000)]);
    expect(wordings(notices)).toEqual(["maximum raised from 6500 to 7000"]);
  });

  test("after an upgrade to the maximum raises it, and the account goes on", () => {
    const upgraded = allowed(accountWith({ included: 5000, packs: 1, maximum: 6800, used: 5900 }), 900).state;
    expect(displayState(upgraded, CATALOG)).toBe("maximum_reached");
    const { state } = bought(upgraded);
    expect([limitMicros(state), state.maximumMicros]).toEqual([credits(8000), credits(8000)]);
    expect(displayState(state, CATALOG)).toBe("active");
  });

  test("of several counts each of them", () => {
    const { state, bought: pack } = bought(accountWith(), { quantity: 3 });
    expect(limitMicros(state)).toBe(credits(3500));
    expect(pack.price).toEqual({ amountMinor: 1000, currency: "USD" });
  });

  test("keeps its price when the catalogue changes", () => {
    const dearer = {
      ...CATALOG,
      packs: [packOf(1000, { prices: [{ amountMinor: 9999, currency: "USD" }] })],
    };
    const { state } = bought(accountWith({ packs: 1 }), {}, dearer);
    expect(state.packs.map((pack) => pack.price.amountMinor)).toEqual([1000, 9999]);
  });

  test("is refused for a pack that is unknown, not on sale in the currency, or too large", () => {
    const state = accountWith();
    expect(command(state, { kind: "buy_pack", pack: "p7", quantity: 1 })).toEqual({
      kind: "unknown_pack",
      pack: "p7",
      packs: ["p1000"],
    });
    const inEuro = accountWith({ terms: { currency: "EUR" } });
    expect(command(inEuro, { kind: "buy_pack", pack: "p1000", quantity: 1 })).toEqual({
      kind: "pack_not_on_sale",
      pack: "p1000",
      currency: "EUR",
    });
    expect(command(state, { kind: "buy_pack", pack: "p1000", quantity: 8_000_000 })).toEqual({
      kind: "limit_too_large",
    });
    expect(command(state, { kind: "buy_pack", pack: "p1000", quantity: 7_999_999 })).toMatchObject({
      kind: "changed",
    });
  });
});

describe("a change of the setting", () => {
  test("takes effect at once where nothing was used", () => {
    const { state, notices } = changed(accountWith({ packs: 1 }), { setting: "pay_as_you_go" });
    expect(state).toMatchObject({ setting: "pay_as_you_go", pendingSetting: null });
    expect(wordings(notices)).toEqual(["auto_upgrade became pay_as_you_go"]);
  });

  test("an event of 0 credits is no use", () => {
    const state = allowed(accountWith({ packs: 1 }), 0).state;
    expect(changed(state, { setting: "pause" }).state.setting).toBe("pause");
  });

  test.each([
    ["one micro-credit was used", accountWith({ packs: 1, used: 0.000001 })],
    ["a hold is open", accountWith({ packs: 1, held: 1 })],
  ])("waits for the reset where %s", (_, state) => {
    const change = changed(state, { setting: "pay_as_you_go" });
    expect(change.state).toMatchObject({
      setting: "auto_upgrade",
      pendingSetting: { setting: "pay_as_you_go" },
    });
    expect(wordings(change.notices)).toEqual([
      "auto_upgrade becomes pay_as_you_go at 2026-12-14T00:00:00.000Z",
    ]);
  });

  test("that waits lets usage above the limit upgrade until then", () => {
    const state = changed(accountWith({ included: 0, packs: 1, used: 999 }), {
      setting: "pay_as_you_go",
    }).state;
    expect(allowed(state, 2).upgrade).toMatchObject({ packs: 1 });
  });

  test("is replaced by a newer one, cancelled by the setting in force or by itself", () => {
    const waiting = changed(accountWith({ packs: 1, used: 1 }), { setting: "pay_as_you_go" }).state;
    expect(changed(waiting, { setting: "pause" }).state.pendingSetting).toMatchObject({ setting: "pause" });
    const cancelled = changed(waiting, { setting: "auto_upgrade" });
    expect(cancelled.state.pendingSetting).toBeNull();
    expect(cancelled.notices).toEqual([]);
    expect(done(waiting, { kind: "cancel_pending_setting" }).state.pendingSetting).toBeNull();
  });

  test("asked for again while it waits tells nobody again", () => {
    const waiting = changed(accountWith({ packs: 1, used: 1 }), { setting: "pause" }).state;
    const again = changed(waiting, { setting: "pause" });
    expect(again.notices).toEqual([]);
    expect(again.state.pendingSetting).toEqual(waiting.pendingSetting);
  });

  test("to pay as you go needs a price per credit", () => {
    const free = { ...CATALOG, overageRates: [] };
    const refused = { kind: "overage_price_missing", currency: "USD" };
    const command = { setting: "pay_as_you_go" as const };
    expect(changeSettings(accountWith({ packs: 1, used: 1, catalog: free }), command, free, NOW)).toEqual(
      refused,
    );
    expect(changeSettings(accountWith({ packs: 1, catalog: free }), command, free, NOW)).toEqual(refused);
    const agreed = accountWith({ packs: 1, catalog: free, terms: { overagePrice: "0.5" } });
    expect(changed(agreed, command, free).state.period.overagePrice).toBe("0.5");
  });

  test("to pay as you go takes the price agreed now where the period began without one", () => {
    const state = accountWith({ packs: 1, catalog: { ...CATALOG, overageRates: [] } });
    expect(state.period.overagePrice).toBeNull();
    expect(changed(state, { setting: "pay_as_you_go" }).state.period.overagePrice).toBe("0.010");
  });
});

describe("the maximum", () => {
  test("applies at once, beside a change of setting that waits", () => {
    const state = accountWith({ included: 5000, packs: 1, used: 900 });
    const command = { setting: "pay_as_you_go" as const, maximumMicros: credits(950) };
    const change = changed(state, command);
    expect(change.state).toMatchObject({
      setting: "auto_upgrade",
      maximumMicros: credits(950),
      pendingSetting: { setting: "pay_as_you_go" },
    });
    expect(displayState(change.state, CATALOG)).toBe("active");
  });

  test("below used + held pauses at once, raised it goes on", () => {
    const state = accountWith({ included: 5000, packs: 1, used: 900, held: 50 });
    const lowered = changed(state, { maximumMicros: credits(940) }).state;
    expect(displayState(lowered, CATALOG)).toBe("maximum_reached");
    const raised = changed(lowered, { maximumMicros: credits(951) }).state;
    expect(allowed(raised, 1).kind).toBe("allowed");
    expect(changed(lowered, { maximumMicros: null }).state.maximumMicros).toBeNull();
  });

  test("is not changed by a refused change of setting that comes with it", () => {
    const state = accountWith({ packs: 1, catalog: EMPTY_CATALOG_WITH_PACKS });
    const command = { setting: "pay_as_you_go" as const, maximumMicros: credits(1) };
    const change = changeSettings(state, command, EMPTY_CATALOG_WITH_PACKS, NOW);
    expect(change).toEqual({ kind: "overage_price_missing", currency: "USD" });
  });
});

const EMPTY_CATALOG_WITH_PACKS = { ...EMPTY_CATALOG, packs: CATALOG.packs };
