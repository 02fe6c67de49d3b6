/**
 * The state that the rules decide on, and the amounts that follow from it (rules, section 1). Everything is
 * immutable: a command returns a new state that shares what it did not change.
 */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import { type Catalog, upgradePack } from "./catalog.ts";
import type { Directory } from "./directory.ts";
import type { OpenHold } from "./hold.ts";
import type { Money } from "./money.ts";
import type { Anchor, PeriodSpan } from "./period.ts";

export const OVERAGE_SETTINGS = ["pause", "auto_upgrade", "pay_as_you_go"] as const;
export type OverageSetting = (typeof OVERAGE_SETTINGS)[number];

export const STATES = ["active", "overage", "exhausted", "maximum_reached", "suspended"] as const;
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
  /** Usage periods of a commitment term (5.3); a change applies from the next term. */
  readonly termPeriods: number;
}

/** Unless agreed otherwise (5.3). */
export const TERM_PERIODS_DEFAULT = 12;

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
  /** Per budget: what its subject used since the period's start and holds now, in micros (9.3). */
  readonly budgets: Readonly<Record<string, BudgetUsage>>;
}

export interface BudgetUsage {
  readonly usedMicros: number;
  readonly heldMicros: number;
}

/** The commitment term, with which all packs end (5.3). */
export interface CommitmentTerm {
  readonly startMs: number;
  /** End of its last period, by the calendar agreed for the coming ones. */
  readonly endMs: number;
  /** Which of its periods runs, counted from 1. */
  readonly period: number;
  readonly periods: number;
}

/** A pack as it is sold, per usage period. */
export interface PackTerms {
  /** The catalogue's id. */
  readonly pack: string;
  readonly name: string;
  readonly creditsMicros: number;
  /** Of one pack for one period. */
  readonly price: Money;
}

/**
 * What a holding becomes when the term ends: so many of that pack; none: it ends (5.3). The price is the one then
 * current; what stands here counts where the pack is no longer on sale.
 */
export interface PackRenewal extends PackTerms {
  readonly quantity: number;
}

export const PACK_SOURCES = ["purchase", "automatic", "conversion"] as const;
export type PackSource = (typeof PACK_SOURCES)[number];

/** The price is fixed at purchase for the term (7.2). */
export interface OwnedPack extends PackTerms {
  /** Names this holding within the account. */
  readonly id: string;
  readonly quantity: number;
  readonly source: PackSource;
  /** Of automatic packs, which join into one holding per local day: when the first was added. */
  readonly addedAtMs: number;
  /** Name of the period in which it was added. */
  readonly period: string;
  readonly renewal: PackRenewal;
}

/** One-off credits of one period (2.5). */
export interface Grant {
  readonly id: string;
  readonly creditsMicros: number;
  /** Names the period that it was granted for, as the calendar stood then. */
  readonly date: string;
  /** Start of the period that it raises; null: that has not begun, and a change of the calendar may still move it. */
  readonly periodStartMs: number | null;
  readonly reason: string;
  readonly atMs: number;
}

/** A conversion that takes effect later (11). */
export interface ScheduledConversion {
  readonly effectiveAtMs: number;
  readonly pack: OwnedPack;
  readonly termPeriods: number | null;
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
  /** The moment to tell of credits about to expire was dealt with (6.4). */
  readonly expiring: boolean;
  /** Per budget: percentages told (6.4). */
  readonly budgets: Readonly<Record<string, readonly number[]>>;
}

export interface AccountState {
  readonly terms: Terms;
  readonly pendingTerms: PendingTerms | null;
  readonly period: Period;
  readonly usage: Usage;
  readonly packs: readonly OwnedPack[];
  /** null while no packs are owned. */
  readonly term: CommitmentTerm | null;
  /** Admins know that the term ends (5.3). */
  readonly termEndTold: boolean;
  /** Of the running period and later ones. */
  readonly grants: readonly Grant[];
  readonly conversions: readonly ScheduledConversion[];
  readonly setting: OverageSetting;
  readonly pendingSetting: PendingSetting | null;
  readonly maximumMicros: number | null;
  readonly suspendedAtMs: number | null;
  /** Nothing is decided or changed any more (2.6). */
  readonly closedAtMs: number | null;
  /** Open holds by id, in the order of opening; kept in rows of their own. */
  readonly holds: ReadonlyMap<string, OpenHold>;
  /** Who may use what, budgets and the account's own rates; changes rarely. */
  readonly directory: Directory;
  /** When the local day ends on which packs were added automatically: their invoice is final then (7.2). */
  readonly upgradeDayEndMs: number | null;
  readonly told: Told;
  /** Numbers already given to packs, grants, own rates, notices, billing facts and audit records of this account. */
  readonly issued: Issued;
}

export interface Issued {
  readonly packs: number;
  readonly grants: number;
  readonly rates: number;
  readonly notices: number;
  readonly facts: number;
  readonly audit: number;
}

export const NOTHING_TOLD: Told = {
  limit: [],
  maximum: [],
  upgradeUnavailable: false,
  expiring: false,
  budgets: {},
};

/** Included credits: the plan with the most counts, they do not add up (2.1). */
export function includedMicros(plans: readonly Plan[]): number {
  return plans.reduce((most, plan) => Math.max(most, plan.includedCreditsMicros), 0);
}

/** A booking leaves packs and grants as they are, and asks for their sums several times: each is added up once. */
const packSums = new WeakMap<readonly OwnedPack[], number>();
const grantSums = new WeakMap<readonly Grant[], { readonly periodStartMs: number; readonly sum: number }>();

export function packsMicros(packs: readonly OwnedPack[]): number {
  const known = packSums.get(packs);
  if (known !== undefined) return known;
  const sum = packs.reduce((total, pack) => total + pack.creditsMicros * pack.quantity, 0);
  packSums.set(packs, sum);
  return sum;
}

/** Added in this period; its name may be that of an earlier one too, after a move to the west (2.2). */
export function isOfPeriod({ addedAtMs }: OwnedPack, { startMs }: Pick<PeriodSpan, "startMs">): boolean {
  return addedAtMs >= startMs;
}

/** What the packs cost for one period, in minor units of the account's currency. */
export function packsAmountMinor(packs: readonly OwnedPack[]): number {
  return packs.reduce((sum, pack) => sum + pack.price.amountMinor * pack.quantity, 0);
}

/** One-off grants of the running period (2.5). */
export function grantsMicros({ grants, period }: Pick<AccountState, "grants" | "period">): number {
  const known = grantSums.get(grants);
  if (known?.periodStartMs === period.startMs) return known.sum;
  const own = grants.filter(({ periodStartMs }) => periodStartMs === period.startMs);
  const sum = own.reduce((total, grant) => total + grant.creditsMicros, 0);
  grantSums.set(grants, { periodStartMs: period.startMs, sum });
  return sum;
}

/** Included credits, packs and the period's grants (1). */
export function limitMicros(state: AccountState): number {
  return includedMicros(state.terms.plans) + packsMicros(state.packs) + grantsMicros(state);
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
  if (state.suspendedAtMs !== null || state.closedAtMs !== null) return "suspended";
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
