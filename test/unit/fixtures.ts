/** Accounts for the tests of the rules, in whole credits; each test makes its own. */
import { MICROS_PER_UNIT } from "../../shared/credits/amounts.ts";
import { type Catalog, type CatalogPack, DEFAULT_NOTICE_PERCENTAGES } from "../../shared/credits/catalog.ts";
import { type AccountCommand, execute } from "../../shared/credits/execute.ts";
import type { OpenHold } from "../../shared/credits/hold.ts";
import { openHold } from "../../shared/credits/holds.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import type { BuyPack } from "../../shared/credits/packs.ts";
import type { ChangeSettings } from "../../shared/credits/settings.ts";
import type { AccountState, OverageSetting, OwnedPack, Terms } from "../../shared/credits/state.ts";
import { type ChangeTerms, openAccount } from "../../shared/credits/terms.ts";
import { decideUsage, type PricedUse, type UsageDecision } from "../../shared/credits/usage.ts";

/** In the account's first period, which begins on 14 November and ends on 14 December. */
export const NOW = Date.parse("2026-11-20T12:00:00Z");
export const RESET = Date.parse("2026-12-14T00:00:00Z");

export function credits(amount: number): number {
  return Math.round(amount * MICROS_PER_UNIT);
}

export function packOf(amount: number, more: Partial<CatalogPack> = {}): CatalogPack {
  return {
    pack: `p${amount}`,
    name: `${amount} credits`,
    creditsMicros: credits(amount),
    prices: [{ amountMinor: amount, currency: "USD" }],
    upgrade: false,
    ...more,
  };
}

export const EMPTY_CATALOG: Catalog = {
  plans: [],
  packs: [],
  overageRates: [],
  noticePercentages: DEFAULT_NOTICE_PERCENTAGES,
  automaticPacksMax: null,
  seller: { name: "", address: "", taxIds: [] },
};

/** A pack of 1,000 credits for 10 USD, and overage at 0.010 USD. */
export const CATALOG: Catalog = {
  plans: [],
  packs: [packOf(1000)],
  overageRates: [{ currency: "USD", price: "0.010" }],
  noticePercentages: DEFAULT_NOTICE_PERCENTAGES,
  automaticPacksMax: null,
  seller: { name: "Seller Ltd", address: "1 Road", taxIds: [] },
};

export const TERMS: Terms = {
  anchorDate: "2026-11-14",
  timeZone: "UTC",
  currency: "USD",
  plans: [{ plan: "plan", includedCreditsMicros: credits(500) }],
  overagePrice: null,
  automaticPacksMax: null,
  termPeriods: 12,
};

export function plansOf(...included: readonly number[]): Terms["plans"] {
  return included.map((amount, index) => ({ plan: `plan-${index}`, includedCreditsMicros: credits(amount) }));
}

interface Given {
  readonly included?: number;
  /** Packs of 1,000, bought before anything was used. */
  readonly packs?: number;
  readonly setting?: OverageSetting;
  readonly maximum?: number;
  readonly used?: number;
  readonly held?: number;
  readonly terms?: Partial<Terms>;
  readonly catalog?: Catalog;
}

export function accountWith(given: Given = {}): AccountState {
  const { included = 500, packs = 0, setting, maximum, used = 0, held = 0, catalog = CATALOG } = given;
  let state = openAccount({ ...TERMS, plans: plansOf(included), ...given.terms }, catalog, NOW);
  if (packs > 0) {
    const maximumMicros = maximum === undefined ? undefined : credits(maximum);
    state = bought(state, { pack: "p1000", quantity: packs, setting, maximumMicros }, catalog).state;
  }
  if (used > 0) state = allowed(state, used, { catalog }).state;
  return held === 0 ? state : holding(state, held, { catalog }).state;
}

/** An open hold of so many credits; it lasts for a day. */
export function holdOf(amount: number, more: Partial<OpenHold> = {}): OpenHold {
  const items = [{ action: "run", quantityMicros: credits(amount) }];
  return {
    event: { id: "hold_1", feature: "assistant", items },
    teams: [],
    items: items.map((item) => ({ ...item, creditsMicros: credits(amount) })),
    heldMicros: credits(amount),
    atMs: NOW,
    rateVersion: 1,
    expiresAtMs: NOW + 24 * 60 * 60 * 1000,
    ...more,
  };
}

export function holding(
  state: AccountState,
  amount: number,
  more: Partial<OpenHold> & { readonly catalog?: Catalog } = {},
) {
  const { catalog = CATALOG, ...hold } = more;
  const decision = openHold(state, holdOf(amount, hold), catalog, hold.atMs ?? NOW);
  if (decision.kind !== "held") throw new Error(`a hold of ${amount}: ${decision.kind}`);
  return decision;
}

interface Circumstances {
  readonly mode?: "consume" | "record";
  readonly catalog?: Catalog;
  readonly nowMs?: number;
  /** By whom, with which feature. */
  readonly use?: Partial<PricedUse>;
}

export function decide(state: AccountState, amount: number, more: Circumstances = {}): UsageDecision {
  return decideUsage(
    state,
    more.mode ?? "consume",
    { feature: "assistant", ...more.use, creditsMicros: credits(amount) },
    more.catalog ?? CATALOG,
    more.nowMs ?? NOW,
  );
}

export function allowed(state: AccountState, amount: number, more: Circumstances = {}) {
  const decision = decide(state, amount, more);
  if (decision.kind !== "allowed") throw new Error(`${amount} credits: ${JSON.stringify(decision)}`);
  return decision;
}

export function denied(state: AccountState, amount: number, more: Circumstances = {}) {
  const decision = decide(state, amount, more);
  if (decision.kind !== "denied") throw new Error(`${amount} credits were ${decision.kind}`);
  return decision;
}

interface Commanded {
  readonly catalog?: Catalog;
  readonly nowMs?: number;
  readonly usedBy?: number;
}

/** Follows a command, or says why not. */
export function command(state: AccountState, given: AccountCommand, more: Commanded = {}) {
  const { catalog = CATALOG, nowMs = NOW, usedBy = 0 } = more;
  const offer = { revision: 1, catalog, rateSheets: [] };
  return execute(state, given, { offer, nowMs, actor: "tester", usedBy: () => credits(usedBy) });
}

/** Follows a command that has to succeed. */
export function done(state: AccountState, given: AccountCommand, more: Commanded = {}) {
  const result = command(state, given, more);
  if (result.kind !== "changed") throw new Error(`${given.kind}: ${JSON.stringify(result)}`);
  return result;
}

export function bought(state: AccountState, given: Partial<BuyPack> = {}, catalog: Catalog = CATALOG) {
  const result = done(state, { kind: "buy_pack", pack: "p1000", quantity: 1, ...given }, { catalog });
  return { ...result, bought: result.value as OwnedPack };
}

export function changed(state: AccountState, given: ChangeSettings, catalog: Catalog = CATALOG) {
  return done(state, { kind: "change_settings", ...given }, { catalog });
}

export function withTerms(state: AccountState, change: ChangeTerms): AccountState {
  return done(state, { kind: "change_terms", change }).state;
}

/** What admins read, in short. Amounts are in credits. */
export function wording(notice: Notice): string {
  switch (notice.kind) {
    case "usage_threshold":
      return `${notice.subject} ${notice.percent} %: ${of(notice.usedMicros, notice.ofMicros)}`;
    case "limit_passed":
      return `limit passed in ${notice.setting}: ${of(notice.usedMicros, notice.limitMicros)}`;
    case "maximum_reached":
      return `maximum reached: ${of(notice.usedMicros, notice.maximumMicros)}`;
    case "automatic_upgrade": {
      const used = of(notice.usedMicros, notice.limitMicros);
      return `upgraded by ${notice.packs} ${notice.pack} for ${notice.price.amountMinor}: ${used}`;
    }
    case "upgrade_unavailable":
      return `no upgrade in ${notice.currency}`;
    case "setting_changed":
      return `${notice.from} became ${notice.to}`;
    case "setting_waiting":
      return `${notice.from} becomes ${notice.to} at ${new Date(notice.effectiveAtMs).toISOString()}`;
    case "maximum_raised":
      return `maximum raised from ${inCredits(notice.fromMicros)} to ${inCredits(notice.toMicros)}`;
    case "feature_paused":
    case "feature_resumed":
      return `${notice.kind} ${notice.feature}`;
    case "term_ending":
      return `term ends at ${new Date(notice.endsAtMs).toISOString()}`;
    case "packs_ended":
      return `packs ended: limit ${inCredits(notice.limitMicros)}`;
    case "credits_expiring":
      return `expiring: ${of(notice.remainingMicros, notice.limitMicros)}`;
    case "budget_threshold":
      return `budget ${notice.budget} ${notice.percent} %: ${of(notice.usedMicros, notice.ofMicros)}`;
    case "account_suspended":
    case "account_closed":
      return `${notice.kind}: ${notice.reason}`;
    case "account_resumed":
      return notice.kind;
    case "grant_added":
      return `granted ${inCredits(notice.creditsMicros)} for ${notice.grantPeriod}: ${notice.reason}`;
    case "account_rates_changed":
    case "account_rates_withdrawn":
      return `${notice.kind} ${notice.version}`;
    case "usage_report":
      return notice.periods
        .map(
          ({ period, usedMicros, limitMicros, expiredMicros, overageMicros }) =>
            `${period}: ${of(usedMicros, limitMicros)}, ${inCredits(expiredMicros)} expired, ${inCredits(overageMicros)} over`,
        )
        .join("; ");
  }
}

export function wordings(notices: readonly Notice[]): readonly string[] {
  return notices.map(wording);
}

function of(usedMicros: number, ofMicros: number): string {
  return `${inCredits(usedMicros)} of ${inCredits(ofMicros)}`;
}

function inCredits(amountMicros: number): number {
  return amountMicros / MICROS_PER_UNIT;
}
