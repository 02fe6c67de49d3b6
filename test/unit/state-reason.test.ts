/** The state of an account in words (rules, section 1). */
import { describe, expect, test } from "vitest";
import { balanceOf } from "../../shared/credits/balance.ts";
import type { AccountState, OverageSetting } from "../../shared/credits/state.ts";
import { openAccount } from "../../shared/credits/terms.ts";
import { stateReason } from "../../workers/reports/state-reason.ts";
import { EMPTY_CATALOG } from "./fixtures.ts";

const CREDIT = 1_000_000;

interface Situation {
  readonly setting?: OverageSetting;
  readonly used: number;
  readonly held?: number;
  readonly maximum?: number;
  readonly overagePrice?: string;
  readonly suspendedAtMs?: number;
  readonly closedAtMs?: number;
}

function reason({ setting = "pause", used, held = 0, maximum, overagePrice, ...ended }: Situation): string {
  const opened = openAccount(
    {
      anchorDate: "2026-01-14",
      timeZone: "Europe/Berlin",
      currency: "USD",
      plans: [{ plan: "starter", includedCreditsMicros: 1_500 * CREDIT }],
      overagePrice: overagePrice ?? null,
      automaticPacksMax: null,
      termPeriods: 12,
    },
    EMPTY_CATALOG,
    Date.parse("2026-11-20T00:00:00Z"),
  );
  const state: AccountState = {
    ...opened,
    ...ended,
    setting,
    maximumMicros: maximum === undefined ? null : maximum * CREDIT,
    usage: { ...opened.usage, usedMicros: used * CREDIT, heldMicros: held * CREDIT },
  };
  return stateReason(balanceOf(state, EMPTY_CATALOG), state.terms.timeZone);
}

describe("why an account is in its state", () => {
  const reset = "the reset on December 14, 2026 at 00:00 GMT+1";

  test("active: what remains, in the account's own time", () => {
    expect(reason({ used: 120.55 })).toBe(`1,379.45 of 1,500 credits remain until ${reset}.`);
  });

  test("overage: how much, and what it costs", () => {
    expect(reason({ setting: "pay_as_you_go", used: 1_737.5, overagePrice: "0.010" })).toBe(
      `Usage is 237.5 credits above the monthly limit of 1,500; it goes on at 0.010 USD per credit until ${reset}.`,
    );
  });

  test("exhausted: what is paused, and what ends it", () => {
    expect(reason({ used: 1_490, held: 10 })).toBe(
      `All 1,500 credits of the monthly limit are used or held (10 held); features that cost credits are paused until ${reset} or until a pack is bought.`,
    );
    expect(reason({ setting: "auto_upgrade", used: 1_500 })).toContain(
      "no more packs are added automatically",
    );
  });

  test("maximum reached: whose maximum it is", () => {
    expect(reason({ setting: "pay_as_you_go", used: 2_000, maximum: 2_000 })).toBe(
      `All 2,000 credits of the account's maximum are used; features that cost credits are paused until ${reset} or until the maximum is raised.`,
    );
  });

  test("suspended or closed: since when", () => {
    const atMs = Date.parse("2026-11-21T09:00:00Z");
    expect(reason({ used: 10, suspendedAtMs: atMs })).toBe(
      "The account is suspended since November 21, 2026 at 10:00 GMT+1; everything is denied until it is resumed.",
    );
    expect(reason({ used: 10, suspendedAtMs: atMs, closedAtMs: atMs })).toBe(
      "The account was closed on November 21, 2026 at 10:00 GMT+1.",
    );
  });
});
