/** What an account has left and why (rules, sections 1, 7.5 and 10.1). */
import type { Catalog } from "./catalog.ts";
import { amountMinor, type Money, pricePerCredit } from "./money.ts";
import { billedMicros } from "./reset.ts";
import {
  type AccountState,
  availableMicros,
  billableMicros,
  ceilingMicros,
  type DisplayState,
  displayState,
  includedMicros,
  limitMicros,
  type OverageSetting,
  type OwnedPack,
  overageMicros,
  packsAmountMinor,
  packsMicros,
  remainingMicros,
} from "./state.ts";

/** Carried by every answer about credits. */
export interface BalanceSummary {
  readonly limitMicros: number;
  readonly usedMicros: number;
  readonly heldMicros: number;
  readonly remainingMicros: number;
  /** null where there is no ceiling. */
  readonly availableMicros: number | null;
  /** null: nothing caps usage. */
  readonly ceilingMicros: number | null;
  readonly overageMicros: number;
  readonly periodStartMs: number;
  readonly resetAtMs: number;
  readonly state: DisplayState;
}

export function summarise(state: AccountState, catalog: Catalog): BalanceSummary {
  return {
    limitMicros: limitMicros(state),
    usedMicros: state.usage.usedMicros,
    heldMicros: state.usage.heldMicros,
    remainingMicros: remainingMicros(state),
    availableMicros: availableMicros(state),
    ceilingMicros: ceilingMicros(state),
    overageMicros: overageMicros(state),
    periodStartMs: state.period.startMs,
    resetAtMs: state.period.endMs,
    state: displayState(state, catalog),
  };
}

export interface Balance extends BalanceSummary {
  readonly period: string;
  readonly includedMicros: number;
  readonly packsMicros: number;
  readonly maximumMicros: number | null;
  readonly overdraftMicros: number;
  readonly billableMicros: number;
  readonly setting: OverageSetting;
  readonly pendingSetting: { readonly setting: OverageSetting; readonly effectiveAtMs: number } | null;
  readonly packs: readonly OwnedPack[];
  readonly currency: string;
  readonly overagePrice: string | null;
  /** What the overage invoice would say if the period ended now; null where no price is agreed. */
  readonly accruedOverage: Money | null;
  /** What the packs of this period cost. */
  readonly packsAmount: Money;
  /** (packs + overage of the period) ÷ used, per credit as a decimal string (7.5); null while nothing is used. */
  readonly effectivePrice: string | null;
}

/** The whole balance; costs more than the summary because of its money. */
export function balanceOf(state: AccountState, catalog: Catalog): Balance {
  const { currency } = state.terms;
  const { overagePrice } = state.period;
  const overageMinor =
    overagePrice === null ? null : amountMinor(billedMicros(state), overagePrice, currency);
  const packsMinor = packsAmountMinor(state.packs);
  const spent = { amountMinor: packsMinor + (overageMinor ?? 0), currency };
  return {
    ...summarise(state, catalog),
    period: state.period.name,
    includedMicros: includedMicros(state.terms.plans),
    packsMicros: packsMicros(state.packs),
    maximumMicros: state.maximumMicros,
    overdraftMicros: state.usage.overdraftMicros,
    billableMicros: billableMicros(state),
    setting: state.setting,
    pendingSetting:
      state.pendingSetting === null
        ? null
        : { setting: state.pendingSetting.setting, effectiveAtMs: state.period.endMs },
    packs: state.packs,
    currency,
    overagePrice,
    accruedOverage: overageMinor === null ? null : { amountMinor: overageMinor, currency },
    packsAmount: { amountMinor: packsMinor, currency },
    effectivePrice: pricePerCredit(spent, state.usage.usedMicros),
  };
}
