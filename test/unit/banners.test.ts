import { describe, expect, test } from "vitest";
import { balanceOf } from "../../shared/credits/balance.ts";
import { type Banner, bannersOf } from "../../shared/credits/banners.ts";
import type { Catalog } from "../../shared/credits/catalog.ts";
import type { BuyPack } from "../../shared/credits/packs.ts";
import type { ChangeSettings } from "../../shared/credits/settings.ts";
import type { AccountState } from "../../shared/credits/state.ts";
import { openAccount } from "../../shared/credits/terms.ts";
import { decideUsage, type UsageMode } from "../../shared/credits/usage.ts";
import { bought, changed, EMPTY_CATALOG } from "./fixtures.ts";

const CREDIT = 1_000_000;
const NOW_MS = Date.parse("2026-11-20T10:00:00Z");
const RESET_MS = Date.parse("2026-12-14T00:00:00Z");

const CATALOG: Catalog = {
  ...EMPTY_CATALOG,
  packs: [
    {
      pack: "p1000",
      name: "1,000 credits",
      creditsMicros: 1000 * CREDIT,
      prices: [{ amountMinor: 1000, currency: "USD" }],
      upgrade: true,
    },
  ],
  overageRates: [{ currency: "USD", price: "0.010" }],
};

function account(includedCredits: number): AccountState {
  return openAccount(
    {
      anchorDate: "2026-11-14",
      timeZone: "UTC",
      currency: "USD",
      plans: [{ plan: "starter", includedCreditsMicros: includedCredits * CREDIT }],
      overagePrice: null,
      automaticPacksMax: 1,
      termPeriods: 12,
    },
    CATALOG,
    NOW_MS,
  );
}

function use(state: AccountState, credits: number, mode: UsageMode = "consume"): AccountState {
  const decision = decideUsage(
    state,
    mode,
    { feature: "f", creditsMicros: credits * CREDIT },
    CATALOG,
    NOW_MS,
  );
  if (decision.kind !== "allowed") throw new Error(decision.kind);
  return decision.state;
}

function buy(state: AccountState, more: Partial<BuyPack> = {}): AccountState {
  return bought(state, more, CATALOG).state;
}

function change(state: AccountState, command: ChangeSettings): AccountState {
  return changed(state, command, CATALOG).state;
}

function adminBanners(state: AccountState): readonly Banner[] {
  return bannersOf(balanceOf(state, CATALOG), CATALOG.noticePercentages, "admin");
}

function memberBanners(state: AccountState): readonly Banner[] {
  return bannersOf(balanceOf(state, CATALOG), CATALOG.noticePercentages, "member");
}

function summary(state: AccountState): readonly string[] {
  return adminBanners(state).map((banner) =>
    banner.kind === "usage_threshold" ? `${banner.subject} ${banner.percent}` : banner.kind,
  );
}

describe("banners of the limit", () => {
  test("there is none below the first percentage", () => {
    expect(adminBanners(use(account(1000), 749.999999))).toEqual([]);
  });

  test("the highest percentage that is reached is shown alone, and grows graver", () => {
    const at75 = adminBanners(use(account(1000), 750));
    expect(at75).toMatchObject([
      { kind: "usage_threshold", percent: 75, severity: "info", untilMs: RESET_MS },
    ]);
    const at90 = adminBanners(use(account(1000), 910));
    expect(at90).toMatchObject([{ kind: "usage_threshold", percent: 90, severity: "warning" }]);
  });

  test("in pause, used = limit is exhausted until the reset", () => {
    expect(adminBanners(use(account(500), 500))).toMatchObject([
      {
        kind: "exhausted",
        severity: "critical",
        usedMicros: 500 * CREDIT,
        limitMicros: 500 * CREDIT,
        setting: "pause",
        untilMs: RESET_MS,
      },
    ]);
  });

  test("a pack makes the banner go", () => {
    expect(adminBanners(buy(use(account(500), 500)))).toEqual([]);
  });

  test("automatic upgrades at their cap are exhausted at the limit", () => {
    const capped = use(buy(account(1000)), 3000);
    expect(summary(capped)).toEqual(["exhausted"]);
  });

  test("a limit of 0 has none", () => {
    expect(adminBanners(account(0))).toEqual([]);
    expect(memberBanners(account(0))).toEqual([]);
  });
});

describe("banners of the maximum", () => {
  test("where maximum = limit only the maximum's is shown", () => {
    expect(summary(use(buy(account(1000), { maximumMicros: 2000 * CREDIT }), 1800))).toEqual(["maximum 90"]);
  });

  test("percentages of limit and maximum stand beside each other, gravest first", () => {
    const state = use(buy(account(1000), { maximumMicros: 2400 * CREDIT }), 1800);
    expect(summary(state)).toEqual(["limit 90", "maximum 75"]);
  });

  test("at the maximum features are paused", () => {
    const state = use(buy(account(1000), { setting: "pay_as_you_go", maximumMicros: 2500 * CREDIT }), 2500);
    expect(summary(state)).toEqual(["maximum_reached", "overage_running"]);
  });

  test("raising the maximum makes the banner go", () => {
    const reached = use(buy(account(1000), { maximumMicros: 1500 * CREDIT }), 1500);
    expect(summary(reached)).toEqual(["maximum_reached", "limit 75"]);
    expect(summary(change(reached, { maximumMicros: null }))).toEqual(["limit 75"]);
  });
});

describe("banners of money and settings", () => {
  test("running overage tells what is billed so far, in whole increments, and replaces percentages", () => {
    const state = use(buy(account(5000), { setting: "pay_as_you_go" }), 6237.5);
    expect(adminBanners(state)).toMatchObject([
      {
        kind: "overage_running",
        severity: "warning",
        billableMicros: 237.5 * CREDIT,
        limitMicros: 6000 * CREDIT,
        accrued: { amountMinor: 230, currency: "USD" },
      },
    ]);
  });

  test("overdraft is not billed, so it is no running overage", () => {
    expect(summary(use(account(500), 600, "record"))).toEqual(["exhausted"]);
  });

  test("a waiting change of setting is shown until it is cancelled", () => {
    const waiting = change(use(buy(account(1000)), 1), { setting: "pay_as_you_go" });
    expect(adminBanners(waiting)).toMatchObject([
      { kind: "setting_waiting", from: "auto_upgrade", to: "pay_as_you_go", untilMs: RESET_MS },
    ]);
    expect(adminBanners(change(waiting, { setting: "auto_upgrade" }))).toEqual([]);
  });
});

describe("banner ids", () => {
  const idOf = (state: AccountState) => adminBanners(state)[0]?.id;

  test("stay while the banner says the same", () => {
    const at75 = use(account(1000), 760);
    expect(idOf(use(at75, 10))).toBe(idOf(at75));
  });

  test("differ from one percentage to the next and to exhaustion, so that dismissing one dismisses no other", () => {
    const ids = [750, 850, 900, 1000].map((credits) => idOf(use(account(1000), credits)));
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^2026-11-14\//);
  });

  test("differ for the same percentage of a raised limit", () => {
    const before = use(account(1000), 760);
    const after = use(buy(before), 740);
    expect(adminBanners(after)).toMatchObject([{ percent: 75 }]);
    expect(idOf(after)).not.toBe(idOf(before));
  });
});

describe("banners for members", () => {
  test("say that features are paused and until when, and nothing else", () => {
    const [banner, ...others] = memberBanners(use(account(500), 500));
    expect(others).toEqual([]);
    expect(banner).toEqual({
      kind: "features_paused",
      id: expect.stringMatching(/^2026-11-14\/paused\//),
      severity: "critical",
      untilMs: RESET_MS,
    });
    expect(banner?.id).not.toContain("500");
  });

  test("are shown at the maximum too", () => {
    const reached = use(buy(account(1000), { maximumMicros: 1500 * CREDIT }), 1500);
    expect(memberBanners(reached)).toMatchObject([{ kind: "features_paused" }]);
  });

  test("tell neither percentages nor overage nor settings", () => {
    const overage = use(buy(account(1000), { setting: "pay_as_you_go" }), 2500);
    expect(memberBanners(change(overage, { setting: "pause" }))).toEqual([]);
    expect(memberBanners(use(account(1000), 900))).toEqual([]);
  });
});

describe("an account that is closed", () => {
  const closed = { ...account(1000), suspendedAtMs: NOW_MS, closedAtMs: NOW_MS };

  test("says so to all, and not that it is suspended: nothing brings it back", () => {
    const said = [{ kind: "account_closed", severity: "critical", untilMs: null }];
    expect(adminBanners(closed)).toMatchObject(said);
    expect(memberBanners(closed)).toMatchObject(said);
  });
});
