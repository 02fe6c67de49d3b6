/** What an account has left and why (rules, sections 1, 7.5 and 10.1). */
import type { PackCharge } from "./billing-facts.ts";
import type { Catalog } from "./catalog.ts";
import { amountMinor, type Money, pricePerCredit } from "./money.ts";
import type { PeriodSpan } from "./period.ts";
import { billedMicros, reset } from "./reset.ts";
import { type SettingChoice, settingChoices } from "./settings.ts";
import {
  type AccountState,
  automaticPacksLeft,
  availableMicros,
  billableMicros,
  type CommitmentTerm,
  ceilingMicros,
  type DisplayState,
  displayState,
  type Grant,
  grantsMicros,
  includedMicros,
  limitMicros,
  type OverageSetting,
  type OwnedPack,
  overageMicros,
  packsAmountMinor,
  packsMicros,
  remainingMicros,
  type ScheduledConversion,
} from "./state.ts";
import { packCharge } from "./upgrade.ts";

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
  /** How many more packs may be added automatically in this period; null where none is on sale (5.4). */
  readonly automaticPacksLeft: number | null;
  readonly setting: OverageSetting;
  readonly pendingSetting: { readonly setting: OverageSetting; readonly effectiveAtMs: number } | null;
  /** Every setting: whether it may be chosen, and when it would take effect (5.1, 5.7). */
  readonly settingChoices: readonly SettingChoice[];
  readonly packs: readonly OwnedPack[];
  readonly term: CommitmentTerm | null;
  /** Of the running period and later ones. */
  readonly grants: readonly Grant[];
  readonly grantsMicros: number;
  readonly conversions: readonly ScheduledConversion[];
  /** Features paused by hand. */
  readonly pausedFeatures: readonly string[];
  readonly openHolds: number;
  readonly suspendedAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly currency: string;
  readonly overagePrice: string | null;
  /** What the overage invoice would say if the period ended now; null where no price is agreed. */
  readonly accruedOverage: Money | null;
  /** What the packs of this period cost. */
  readonly packsAmount: Money;
  /** The next period and its packs, as the reset would have them if it were now; null for a closed account. */
  readonly next: { readonly period: PeriodSpan; readonly packs: readonly PackCharge[] } | null;
  /** What the packs of the next period will cost, at the prices of now. */
  readonly nextPacksAmount: Money;
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
  const next = nextOf(state, catalog);
  return {
    ...summarise(state, catalog),
    period: state.period.name,
    includedMicros: includedMicros(state.terms.plans),
    packsMicros: packsMicros(state.packs),
    maximumMicros: state.maximumMicros,
    overdraftMicros: state.usage.overdraftMicros,
    billableMicros: billableMicros(state),
    automaticPacksLeft: automaticPacksLeft(state, catalog),
    setting: state.setting,
    pendingSetting:
      state.pendingSetting === null
        ? null
        : { setting: state.pendingSetting.setting, effectiveAtMs: state.period.endMs },
    settingChoices: settingChoices(state, catalog),
    packs: state.packs,
    term: state.term,
    grants: state.grants,
    grantsMicros: grantsMicros(state),
    conversions: state.conversions,
    pausedFeatures: Object.entries(state.directory.features).flatMap(([feature, control]) =>
      control.paused ? [feature] : [],
    ),
    openHolds: state.holds.size,
    suspendedAtMs: state.suspendedAtMs,
    closedAtMs: state.closedAtMs,
    currency,
    overagePrice,
    accruedOverage: overageMinor === null ? null : { amountMinor: overageMinor, currency },
    packsAmount: { amountMinor: packsMinor, currency },
    next: next === null ? null : { period: spanOf(next.period), packs: next.packs.map(packCharge) },
    nextPacksAmount: { amountMinor: next === null ? 0 : packsAmountMinor(next.packs), currency },
    effectivePrice: pricePerCredit(spent, state.usage.usedMicros),
  };
}

/** As the reset would open it if it were now; a closed account has no next period. */
function nextOf(state: AccountState, catalog: Catalog): AccountState | null {
  return state.closedAtMs === null ? reset(state, catalog).state : null;
}

function spanOf({ name, startMs, endMs }: PeriodSpan): PeriodSpan {
  return { name, startMs, endMs };
}
