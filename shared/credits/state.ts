/**
 * The state that the rules decide on, and the amounts that follow from it (rules, section 1). Everything is
 * immutable: a command returns a new state that shares what it did not change.
 */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import { type Catalog, upgradePack } from "./catalog.ts";
import type { Money } from "./money.ts";
import type { Anchor, PeriodSpan } from "./period.ts";

export const OVERAGE_SETTINGS = ["pause", "auto_upgrade", "pay_as_you_go"] as const;
export type OverageSetting = (typeof OVERAGE_SETTINGS)[number];

export const STATES = ["active", "overage", "exhausted", "maximum_reached"] as const;
/** For display only; decisions are arithmetic (3.6). */
export type DisplayState = (typeof STATES)[number];

export interface Plan {
  readonly plan: string;
  readonly includedCreditsMicros: number;
}

/** What operator and customer agreed on. */
export interface Terms extends Anchor {
  readonly currency: string;
  readonly plans: readonly Plan[];
  /** Price per credit that overrides the catalogue's, a decimal string; null: the catalogue's. */
  readonly overagePrice: string | null;
  /** Overrides the catalogue's cap on automatic packs per period; null: the catalogue's. */
  readonly automaticPacksMax: number | null;
}

/** Changes of the terms that wait for the reset (2.1, 2.2). */
export type PendingTerms = Partial<Pick<Terms, "plans" | "anchorDate" | "timeZone">>;

export interface Period extends PeriodSpan {
  /** Sequence number of the last entry before the period. */
  readonly seqBefore: number;
  readonly limitAtStartMicros: number;
  /** Price per credit of overage, fixed for the period (7.1); null where none is agreed. */
  readonly overagePrice: string | null;
  /** Packs added automatically so far (5.4). */
  readonly automaticPacks: number;
}

/** What every booking changes; all else changes rarely and is checkpointed with each change. */
export interface Usage {
  /** Sequence number of the last entry, counted from 1 over the account's life. */
  readonly seq: number;
  readonly usedMicros: number;
  readonly heldMicros: number;
  /** Part of used that was booked above the ceiling; never invoiced (3.2). */
  readonly overdraftMicros: number;
  /** An entry above 0 credits was booked in this period (5.7). */
  readonly booked: boolean;
}

export interface OwnedPack {
  /** Names this holding within the account. */
  readonly id: string;
  /** The catalogue's pack. */
  readonly pack: string;
  readonly name: string;
  readonly creditsMicros: number;
  readonly quantity: number;
  readonly source: "purchase" | "automatic";
  /** Price of one pack for one period, fixed at purchase (7.2). */
  readonly price: Money;
  /** Of automatic packs, which join into one holding per local day: when the first was added. */
  readonly addedAtMs: number;
  /** Name of the period in which it was added. */
  readonly period: string;
}

export interface PendingSetting {
  readonly setting: OverageSetting;
  readonly requestedAtMs: number;
}

/** Percentages already told in this period; 100 stands for "passed" (6.1, 6.2). */
export interface Told {
  readonly limit: readonly number[];
  readonly maximum: readonly number[];
  /** Admins know that no upgrade pack is on sale (5.4). */
  readonly upgradeUnavailable: boolean;
}

export interface AccountState {
  readonly terms: Terms;
  readonly pendingTerms: PendingTerms | null;
  readonly period: Period;
  readonly usage: Usage;
  readonly packs: readonly OwnedPack[];
  readonly setting: OverageSetting;
  readonly pendingSetting: PendingSetting | null;
  readonly maximumMicros: number | null;
  readonly told: Told;
  /** Numbers already given to packs and notices of this account. */
  readonly issued: { readonly packs: number; readonly notices: number };
}

export const NOTHING_TOLD: Told = { limit: [], maximum: [], upgradeUnavailable: false };

/** Included credits: the plan with the most counts, they do not add up (2.1). */
export function includedMicros(plans: readonly Plan[]): number {
  return plans.reduce((most, plan) => Math.max(most, plan.includedCreditsMicros), 0);
}

export function packsMicros(packs: readonly OwnedPack[]): number {
  return packs.reduce((sum, pack) => sum + pack.creditsMicros * pack.quantity, 0);
}

/** What the packs cost for one period, in minor units of the account's currency. */
export function packsAmountMinor(packs: readonly OwnedPack[]): number {
  return packs.reduce((sum, pack) => sum + pack.price.amountMinor * pack.quantity, 0);
}

export function limitMicros(state: Pick<AccountState, "terms" | "packs">): number {
  return includedMicros(state.terms.plans) + packsMicros(state.packs);
}

/** The lower of the maximum and, in pause, the limit; null where nothing caps usage. */
export function ceilingMicros(state: AccountState): number | null {
  if (state.setting !== "pause") return state.maximumMicros;
  return Math.min(limitMicros(state), state.maximumMicros ?? Number.POSITIVE_INFINITY);
}

export function remainingMicros(state: AccountState): number {
  return Math.max(0, limitMicros(state) - state.usage.usedMicros - state.usage.heldMicros);
}

/** null where there is no ceiling. */
export function availableMicros(state: AccountState): number | null {
  const ceiling = ceilingMicros(state);
  if (ceiling === null) return null;
  return Math.max(0, ceiling - state.usage.usedMicros - state.usage.heldMicros);
}

export function overageMicros(state: AccountState): number {
  return Math.max(0, state.usage.usedMicros - limitMicros(state));
}

/** Overage without overdraft. */
export function billableMicros(state: AccountState): number {
  return Math.max(0, state.usage.usedMicros - state.usage.overdraftMicros - limitMicros(state));
}

/** Packs that may be added automatically in this period: agreed, the catalogue's, or what doubles the limit (5.4). */
export function automaticPacksMax(state: AccountState, catalog: Catalog, packMicros: number): number {
  const agreed = state.terms.automaticPacksMax ?? catalog.automaticPacksMax;
  return agreed ?? Math.max(1, Math.ceil(state.period.limitAtStartMicros / packMicros));
}

/** How many more packs an automatic upgrade may add now; null where none is on sale. */
export function automaticPacksLeft(state: AccountState, catalog: Catalog): number | null {
  const pack = upgradePack(catalog, state.terms.currency);
  if (pack === null) return null;
  const room = Math.floor((CREDITS_MICROS_MAX - limitMicros(state)) / pack.creditsMicros);
  const left = automaticPacksMax(state, catalog, pack.creditsMicros) - state.period.automaticPacks;
  return Math.max(0, Math.min(left, room));
}

/** The fewest upgrade packs that keep used within the limit (5.4); Infinity where none is on sale. */
export function packsNeeded(state: AccountState, creditsMicros: number, catalog: Catalog): number {
  const { usedMicros, overdraftMicros } = state.usage;
  const short = usedMicros - overdraftMicros + creditsMicros - limitMicros(state);
  if (short <= 0) return 0;
  const pack = upgradePack(catalog, state.terms.currency);
  return pack === null ? Number.POSITIVE_INFINITY : Math.ceil(short / pack.creditsMicros);
}

/** The state shown to people (1, 3.6): it says what the smallest use would meet. */
export function displayState(state: AccountState, catalog: Catalog): DisplayState {
  const { usedMicros, heldMicros } = state.usage;
  if (state.maximumMicros !== null && usedMicros + heldMicros >= state.maximumMicros) {
    return "maximum_reached";
  }
  if (isExhausted(state, catalog)) return "exhausted";
  return usedMicros > limitMicros(state) ? "overage" : "active";
}

function isExhausted(state: AccountState, catalog: Catalog): boolean {
  switch (state.setting) {
    case "pay_as_you_go":
      return false;
    case "pause":
      return remainingMicros(state) === 0;
    case "auto_upgrade":
      return packsNeeded(state, 1, catalog) > (automaticPacksLeft(state, catalog) ?? 0);
  }
}
