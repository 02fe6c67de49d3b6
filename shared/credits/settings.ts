/** Overage setting and maximum (rules, sections 5.1, 5.2, 5.5, 5.7, 5.8). */
import { type Catalog, overagePrice } from "./catalog.ts";
import { audited, type Change } from "./change.ts";
import { type AccountState, OVERAGE_SETTINGS, type OverageSetting } from "./state.ts";

export interface ChangeSettings {
  readonly setting?: OverageSetting | undefined;
  readonly maximumMicros?: number | null | undefined;
}

export interface OveragePriceMissing {
  readonly kind: "overage_price_missing";
  readonly currency: string;
}

export type SettingsRefusal = { readonly kind: "packs_required" } | OveragePriceMissing;

/** What choosing a setting would come to, before it is chosen. */
export interface SettingChoice {
  readonly setting: OverageSetting;
  /** Why it cannot be chosen now; null: it can. */
  readonly refused: SettingsRefusal["kind"] | null;
  /** When it would be in force; null: at once, or it is already. */
  readonly effectiveAtMs: number | null;
}

/** Every setting, as an account would be answered that chose it now (5.1, 5.5, 5.7). */
export function settingChoices(state: AccountState, catalog: Catalog): readonly SettingChoice[] {
  return OVERAGE_SETTINGS.map((setting) => ({
    setting,
    refused: settingRefusal(state, setting, catalog)?.kind ?? null,
    effectiveAtMs: setting === state.setting ? null : changeWaitsUntilMs(state),
  }));
}

/** When a change of the setting takes effect: at once where nothing was used, else at the reset (5.7). null: at once. */
function changeWaitsUntilMs({ usage, holds, period }: AccountState): number | null {
  return usage.booked || holds.size > 0 ? period.endMs : null;
}

/** Why a setting cannot be chosen now: packs come first (5.1), and pay as you go needs a price (5.5). */
function settingRefusal(
  state: AccountState,
  setting: OverageSetting,
  catalog: Catalog,
): SettingsRefusal | null {
  if (state.packs.length === 0) return { kind: "packs_required" };
  if (setting === state.setting) return null;
  if (changeWaitsUntilMs(state) === null) {
    const priced = withOveragePrice(state, setting, catalog);
    return "kind" in priced ? priced : null;
  }
  if (setting !== "pay_as_you_go" || setting === state.pendingSetting?.setting) return null;
  if (agreedOveragePrice(state, catalog) !== null) return null;
  return { kind: "overage_price_missing", currency: state.terms.currency };
}

/** Changes setting and maximum; the maximum at once, the setting at once only where nothing was used (5.7, 5.8). */
export function changeSettings(
  state: AccountState,
  command: ChangeSettings,
  catalog: Catalog,
  nowMs: number,
): Change | SettingsRefusal {
  if (state.packs.length === 0) return { kind: "packs_required" };
  const { maximumMicros = state.maximumMicros } = command;
  const capped: AccountState = { ...state, maximumMicros };
  const maximum =
    maximumMicros === state.maximumMicros
      ? []
      : audited("maximum_changed", "", { maximumMicros: state.maximumMicros }, { maximumMicros });
  if (command.setting === undefined) return { kind: "changed", state: capped, value: null, audit: maximum };
  const chosen = chooseSetting(capped, command.setting, catalog, nowMs);
  if (chosen.kind !== "changed") return chosen;
  return { ...chosen, audit: [...maximum, ...(chosen.audit ?? [])] };
}

function chooseSetting(
  state: AccountState,
  setting: OverageSetting,
  catalog: Catalog,
  nowMs: number,
): Change | SettingsRefusal {
  if (setting === state.setting) return cancelPendingSetting(state);
  const refusal = settingRefusal(state, setting, catalog);
  if (refusal !== null) return refusal;
  const from = state.setting;
  const effectiveAtMs = changeWaitsUntilMs(state);
  if (effectiveAtMs !== null) {
    if (setting === state.pendingSetting?.setting) return { kind: "changed", state, value: null };
    return {
      kind: "changed",
      state: { ...state, pendingSetting: { setting, requestedAtMs: nowMs } },
      value: null,
      notices: [{ kind: "setting_waiting", from, to: setting, effectiveAtMs }],
      audit: audited(
        "setting_scheduled",
        "",
        { setting: from, pending: state.pendingSetting?.setting ?? null },
        { setting: from, pending: setting, effectiveAtMs },
      ),
    };
  }
  const priced = withOveragePrice(state, setting, catalog);
  if ("kind" in priced) return priced;
  return {
    kind: "changed",
    state: { ...priced, setting, pendingSetting: null },
    value: null,
    notices: [{ kind: "setting_changed", from, to: setting }],
    audit: audited("setting_changed", "", { setting: from }, { setting }),
  };
}

/** Drops the change of setting that waits for the reset (5.7). */
export function cancelPendingSetting(state: AccountState): Change {
  if (state.pendingSetting === null) return { kind: "changed", state, value: null };
  const { setting } = state.pendingSetting;
  return {
    kind: "changed",
    state: { ...state, pendingSetting: null },
    value: null,
    audit: audited("pending_setting_cancelled", "", { pending: setting }, { pending: null }),
  };
}

/** The price per credit of overage that a new period begins with (7.1). */
export function agreedOveragePrice(state: Pick<AccountState, "terms">, catalog: Catalog): string | null {
  return state.terms.overagePrice ?? overagePrice(catalog, state.terms.currency);
}

/** Pay as you go needs a price; a period that began without one takes the price agreed now (5.5, 7.1). */
export function withOveragePrice(
  state: AccountState,
  setting: OverageSetting,
  catalog: Catalog,
): AccountState | OveragePriceMissing {
  if (setting !== "pay_as_you_go" || state.period.overagePrice !== null) return state;
  const price = agreedOveragePrice(state, catalog);
  if (price === null) return { kind: "overage_price_missing", currency: state.terms.currency };
  return { ...state, period: { ...state.period, overagePrice: price } };
}
