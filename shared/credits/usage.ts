/**
 * The decision on one use (rules, sections 3 and 5.4-5.8): is it allowed, what does it book, which packs does it
 * add, whom does it tell. All or nothing, and a pure function of state, price and time.
 */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import { type Catalog, type CatalogPack, upgradePack } from "./catalog.ts";
import type { Money } from "./money.ts";
import {
  issueNotices,
  type Notice,
  type NoticeContent,
  rearm,
  type ThresholdCause,
  tellThresholds,
} from "./notices.ts";
import { localDay } from "./period.ts";
import {
  type AccountState,
  automaticPacksLeft,
  availableMicros,
  limitMicros,
  type OwnedPack,
  packsNeeded,
} from "./state.ts";

/** `consume` is a gate; `record` is a fact that is always booked (3.1, 3.2). */
export const USAGE_MODES = ["consume", "record"] as const;
export type UsageMode = (typeof USAGE_MODES)[number];

/** In order of precedence (3.6). */
export const DENIAL_REASONS = [
  "max_monthly_limit_reached",
  "upgrade_cap_reached",
  "credits_exhausted",
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

export const RESOLUTIONS = ["raise_maximum", "buy_pack", "raise_upgrade_cap", "wait_for_reset"] as const;
/** What an admin can do about a denial (3.6). */
export type Resolution = (typeof RESOLUTIONS)[number];

export interface Upgrade {
  readonly pack: string;
  readonly packs: number;
  /** Price of all of them for the running period. */
  readonly price: Money;
}

export type UsageDecision =
  | {
      readonly kind: "allowed";
      readonly creditsMicros: number;
      readonly overdraftMicros: number;
      /** Why a consume would have been denied; only for a record (3.2). */
      readonly wouldDeny: DenialReason | null;
      readonly upgrade: Upgrade | null;
      readonly state: AccountState;
      readonly notices: readonly Notice[];
    }
  | {
      readonly kind: "denied";
      readonly reason: DenialReason;
      readonly resolve: readonly Resolution[];
      readonly state: AccountState;
      readonly notices: readonly Notice[];
    }
  /** The account's total would pass what can be counted. */
  | { readonly kind: "credits_too_large" };

/** Decides one use at a price. A denial returns a state too: it may have told somebody. */
export function decideUsage(
  state: AccountState,
  mode: UsageMode,
  creditsMicros: number,
  catalog: Catalog,
  nowMs: number,
): UsageDecision {
  const taken = state.usage.usedMicros + state.usage.heldMicros;
  if (taken + creditsMicros > CREDITS_MICROS_MAX) return { kind: "credits_too_large" };
  const reason = denialReason(state, creditsMicros, catalog);
  if (reason !== null && mode === "consume") return deny(state, reason, catalog, nowMs);

  const overdraftMicros =
    mode === "record" ? Math.max(0, creditsMicros - (availableMicros(state) ?? creditsMicros)) : 0;
  return book(state, creditsMicros, overdraftMicros, reason, catalog, nowMs);
}

/** Why this use does not fit, or null where it does (3.6, 3.9, 5.4, 5.8). */
function denialReason(state: AccountState, creditsMicros: number, catalog: Catalog): DenialReason | null {
  if (creditsMicros === 0) return null;
  const taken = state.usage.usedMicros + state.usage.heldMicros;
  if (state.maximumMicros !== null && taken + creditsMicros > state.maximumMicros) {
    return "max_monthly_limit_reached";
  }
  switch (state.setting) {
    case "pay_as_you_go":
      return null;
    case "pause":
      return taken + creditsMicros > limitMicros(state) ? "credits_exhausted" : null;
    case "auto_upgrade": {
      const needed = packsNeeded(state, creditsMicros, catalog);
      if (needed === 0) return null;
      const left = automaticPacksLeft(state, catalog);
      if (left === null) return "credits_exhausted";
      return needed > left ? "upgrade_cap_reached" : null;
    }
  }
}

function book(
  state: AccountState,
  creditsMicros: number,
  overdraftMicros: number,
  wouldDeny: DenialReason | null,
  catalog: Catalog,
  nowMs: number,
): UsageDecision {
  const contents: NoticeContent[] = [];
  const upgraded = upgradeFor(state, creditsMicros - overdraftMicros, catalog, nowMs);
  const booked: AccountState = {
    ...(upgraded?.state ?? state),
    usage: bookUsage(state.usage, { creditsMicros, overdraftMicros }),
  };
  if (upgraded !== null) contents.push(upgradeNotice(booked, upgraded.upgrade, catalog));
  const armed = upgraded === null ? booked : rearm(state, booked);
  const told = tellThresholds(armed, catalog.noticePercentages, { upgraded: upgraded !== null });
  const issued = issueNotices(told.state, [...contents, ...told.contents], nowMs);
  const upgrade = upgraded?.upgrade ?? null;
  return { kind: "allowed", creditsMicros, overdraftMicros, wouldDeny, upgrade, ...issued };
}

/** What a booked entry does to the usage; also rebuilds it from the journal. */
export function bookUsage(
  usage: AccountState["usage"],
  entry: { readonly creditsMicros: number; readonly overdraftMicros: number },
): AccountState["usage"] {
  return {
    seq: usage.seq + 1,
    usedMicros: usage.usedMicros + entry.creditsMicros,
    heldMicros: usage.heldMicros,
    overdraftMicros: usage.overdraftMicros + entry.overdraftMicros,
    booked: usage.booked || entry.creditsMicros > 0,
  };
}

/** Adds the packs that a booking needs in auto_upgrade; null where it needs none or may add none (5.4). */
function upgradeFor(
  state: AccountState,
  creditsMicros: number,
  catalog: Catalog,
  nowMs: number,
): { state: AccountState; upgrade: Upgrade } | null {
  if (state.setting !== "auto_upgrade" || creditsMicros === 0) return null;
  const packs = packsNeeded(state, creditsMicros, catalog);
  const pack = upgradePack(catalog, state.terms.currency);
  if (packs === 0 || pack === null || packs > (automaticPacksLeft(state, catalog) ?? 0)) return null;
  const price = { amountMinor: pack.price.amountMinor * packs, currency: pack.price.currency };
  return {
    state: {
      ...state,
      ...withAutomaticPacks(state, pack, packs, nowMs),
      period: { ...state.period, automaticPacks: state.period.automaticPacks + packs },
    },
    upgrade: { pack: pack.pack, packs, price },
  };
}

/**
 * Automatic packs of one local day are one holding, as they are one invoice (7.2): small packs may be added
 * thousands of times, and the state has to stay small.
 */
function withAutomaticPacks(
  state: AccountState,
  pack: CatalogPack & { readonly price: Money },
  quantity: number,
  nowMs: number,
): Pick<AccountState, "packs" | "issued"> {
  const owned: OwnedPack = {
    id: `pack_${state.issued.packs + 1}`,
    pack: pack.pack,
    name: pack.name,
    creditsMicros: pack.creditsMicros,
    quantity,
    source: "automatic",
    price: pack.price,
    addedAtMs: nowMs,
    period: state.period.name,
  };
  const last = state.packs.at(-1);
  if (last !== undefined && isSameHolding(last, owned, state.terms.timeZone)) {
    const grown = { ...last, quantity: last.quantity + quantity };
    return { packs: [...state.packs.slice(0, -1), grown], issued: state.issued };
  }
  return {
    packs: [...state.packs, owned],
    issued: { ...state.issued, packs: state.issued.packs + 1 },
  };
}

function isSameHolding(held: OwnedPack, added: OwnedPack, timeZone: string): boolean {
  return (
    held.source === "automatic" &&
    held.pack === added.pack &&
    held.creditsMicros === added.creditsMicros &&
    held.price.amountMinor === added.price.amountMinor &&
    held.period === added.period &&
    localDay(held.addedAtMs, timeZone) === localDay(added.addedAtMs, timeZone)
  );
}

function upgradeNotice(state: AccountState, upgrade: Upgrade, catalog: Catalog): NoticeContent {
  const pack = catalog.packs.find((candidate) => candidate.pack === upgrade.pack);
  return {
    kind: "automatic_upgrade",
    pack: upgrade.pack,
    packName: pack?.name ?? upgrade.pack,
    packs: upgrade.packs,
    price: upgrade.price,
    usedMicros: state.usage.usedMicros,
    limitMicros: limitMicros(state),
  };
}

function deny(state: AccountState, reason: DenialReason, catalog: Catalog, nowMs: number): UsageDecision {
  const cause: ThresholdCause = { denied: reason === "max_monthly_limit_reached" ? "maximum" : "limit" };
  const told = tellThresholds(state, catalog.noticePercentages, cause);
  const unavailable = tellUpgradeUnavailable(told.state, reason, catalog);
  const issued = issueNotices(unavailable.state, [...told.contents, ...unavailable.contents], nowMs);
  return { kind: "denied", reason, resolve: resolutions(reason), ...issued };
}

/** Admins and operator learn once per period that automatic upgrades have nothing to add (5.4). */
function tellUpgradeUnavailable(
  state: AccountState,
  reason: DenialReason,
  catalog: Catalog,
): { state: AccountState; contents: readonly NoticeContent[] } {
  const missing =
    reason === "credits_exhausted" &&
    state.setting === "auto_upgrade" &&
    upgradePack(catalog, state.terms.currency) === null;
  if (!missing || state.told.upgradeUnavailable) return { state, contents: [] };
  return {
    state: { ...state, told: { ...state.told, upgradeUnavailable: true } },
    contents: [{ kind: "upgrade_unavailable", currency: state.terms.currency }],
  };
}

function resolutions(reason: DenialReason): readonly Resolution[] {
  switch (reason) {
    case "max_monthly_limit_reached":
      return ["raise_maximum", "wait_for_reset"];
    case "upgrade_cap_reached":
      return ["raise_upgrade_cap", "buy_pack", "wait_for_reset"];
    case "credits_exhausted":
      return ["buy_pack", "wait_for_reset"];
  }
}
