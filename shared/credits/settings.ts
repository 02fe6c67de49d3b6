/** Packs, overage setting and maximum (rules, sections 5.1, 5.2, 5.5, 5.7-5.9). */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import { type Catalog, overagePrice, packPrice } from "./catalog.ts";
import { issueNotices, type Notice, type NoticeContent, rearm, tellThresholds } from "./notices.ts";
import { type AccountState, limitMicros, type OverageSetting, type OwnedPack } from "./state.ts";

export interface BuyPack {
  readonly pack: string;
  readonly quantity: number;
  /** Only with the account's first pack (5.2). */
  readonly setting?: OverageSetting | undefined;
  /** Only with the account's first pack (5.2). */
  readonly maximumMicros?: number | null | undefined;
}

export interface ChangeSettings {
  readonly setting?: OverageSetting | undefined;
  readonly maximumMicros?: number | null | undefined;
}

export type SettingsRefusal =
  | { readonly kind: "packs_required" }
  | { readonly kind: "unknown_pack"; readonly pack: string; readonly packs: readonly string[] }
  | { readonly kind: "pack_not_on_sale"; readonly pack: string; readonly currency: string }
  | { readonly kind: "not_first_pack"; readonly field: "overageSetting" | "maximum" }
  | { readonly kind: "overage_price_missing"; readonly currency: string }
  | { readonly kind: "limit_too_large" };

export interface SettingsChange {
  readonly kind: "changed";
  readonly state: AccountState;
  readonly notices: readonly Notice[];
}

/** Buys packs: they count at once; the first sets auto_upgrade or the setting named with it (5.2, 5.9). */
export function buyPack(
  state: AccountState,
  command: BuyPack,
  catalog: Catalog,
  nowMs: number,
): (SettingsChange & { readonly bought: OwnedPack }) | SettingsRefusal {
  const pack = catalog.packs.find((candidate) => candidate.pack === command.pack);
  if (pack === undefined) {
    return { kind: "unknown_pack", pack: command.pack, packs: catalog.packs.map((known) => known.pack) };
  }
  const price = packPrice(pack, state.terms.currency);
  if (price === null) return { kind: "pack_not_on_sale", pack: pack.pack, currency: state.terms.currency };
  if (limitMicros(state) + pack.creditsMicros * command.quantity > CREDITS_MICROS_MAX) {
    return { kind: "limit_too_large" };
  }
  const first = state.packs.length === 0;
  if (!first && command.setting !== undefined) return { kind: "not_first_pack", field: "overageSetting" };
  if (!first && command.maximumMicros !== undefined) return { kind: "not_first_pack", field: "maximum" };

  const bought: OwnedPack = {
    id: `pack_${state.issued.packs + 1}`,
    pack: pack.pack,
    name: pack.name,
    creditsMicros: pack.creditsMicros,
    quantity: command.quantity,
    source: "purchase",
    price,
    addedAtMs: nowMs,
    period: state.period.name,
  };
  const withPack: AccountState = {
    ...state,
    packs: [...state.packs, bought],
    issued: { ...state.issued, packs: state.issued.packs + 1 },
  };
  const settled = first ? firstPack(withPack, command, catalog) : raiseMaximum(withPack);
  if ("kind" in settled) return settled;
  return { ...tell(state, settled.state, settled.contents, catalog, nowMs), bought };
}

interface Step {
  readonly state: AccountState;
  readonly contents: readonly NoticeContent[];
}

/** The first pack opens the settings: they apply at once, whatever was used (5.2). */
function firstPack(state: AccountState, command: BuyPack, catalog: Catalog): Step | SettingsRefusal {
  const setting = command.setting ?? "auto_upgrade";
  const priced = withOveragePrice(state, setting, catalog);
  if ("kind" in priced) return priced;
  return {
    state: { ...priced, setting, maximumMicros: command.maximumMicros ?? null },
    contents: [],
  };
}

/** Only a purchase raises the maximum: where the new limit is above it, it becomes the limit (5.9). */
function raiseMaximum(state: AccountState): Step {
  const limit = limitMicros(state);
  if (state.maximumMicros === null || limit <= state.maximumMicros) return { state, contents: [] };
  return {
    state: { ...state, maximumMicros: limit },
    contents: [{ kind: "maximum_raised", fromMicros: state.maximumMicros, toMicros: limit }],
  };
}

/** Changes setting and maximum; the maximum at once, the setting at once only where nothing was used (5.7, 5.8). */
export function changeSettings(
  state: AccountState,
  command: ChangeSettings,
  catalog: Catalog,
  nowMs: number,
): SettingsChange | SettingsRefusal {
  if (state.packs.length === 0) return { kind: "packs_required" };
  const capped: AccountState =
    command.maximumMicros === undefined ? state : { ...state, maximumMicros: command.maximumMicros };
  if (command.setting === undefined) return tell(state, capped, [], catalog, nowMs);
  const chosen = chooseSetting(capped, command.setting, catalog, nowMs);
  return "kind" in chosen ? chosen : tell(state, chosen.state, chosen.contents, catalog, nowMs);
}

function chooseSetting(
  state: AccountState,
  setting: OverageSetting,
  catalog: Catalog,
  nowMs: number,
): Step | SettingsRefusal {
  if (setting === state.setting) return { state: { ...state, pendingSetting: null }, contents: [] };
  const from = state.setting;
  if (state.usage.booked || state.usage.heldMicros > 0) {
    if (setting === state.pendingSetting?.setting) return { state, contents: [] };
    if (setting === "pay_as_you_go" && agreedOveragePrice(state, catalog) === null) {
      return { kind: "overage_price_missing", currency: state.terms.currency };
    }
    const pendingSetting = { setting, requestedAtMs: nowMs };
    const effectiveAtMs = state.period.endMs;
    return {
      state: { ...state, pendingSetting },
      contents: [{ kind: "setting_waiting", from, to: setting, effectiveAtMs }],
    };
  }
  const priced = withOveragePrice(state, setting, catalog);
  if ("kind" in priced) return priced;
  return {
    state: { ...priced, setting, pendingSetting: null },
    contents: [{ kind: "setting_changed", from, to: setting }],
  };
}

/** Drops the change of setting that waits for the reset (5.7). */
export function cancelPendingSetting(state: AccountState): AccountState {
  return { ...state, pendingSetting: null };
}

/** The price per credit of overage that a new period begins with (7.1). */
export function agreedOveragePrice(state: Pick<AccountState, "terms">, catalog: Catalog): string | null {
  return state.terms.overagePrice ?? overagePrice(catalog, state.terms.currency);
}

/** Pay as you go needs a price; a period that began without one takes the price agreed now (5.5, 7.1). */
function withOveragePrice(
  state: AccountState,
  setting: OverageSetting,
  catalog: Catalog,
): AccountState | SettingsRefusal {
  if (setting !== "pay_as_you_go" || state.period.overagePrice !== null) return state;
  const price = agreedOveragePrice(state, catalog);
  if (price === null) return { kind: "overage_price_missing", currency: state.terms.currency };
  return { ...state, period: { ...state.period, overagePrice: price } };
}

/** Arms, evaluates and numbers the notices of a change. */
function tell(
  before: AccountState,
  after: AccountState,
  contents: readonly NoticeContent[],
  catalog: Catalog,
  nowMs: number,
): SettingsChange {
  const told = tellThresholds(rearm(before, after), catalog.noticePercentages);
  return { kind: "changed", ...issueNotices(told.state, [...contents, ...told.contents], nowMs) };
}
