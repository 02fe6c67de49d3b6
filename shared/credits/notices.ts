/**
 * What admins are told, decided in the same step as the usage (rules, section 6). A notice is a fact with
 * amounts; its words are made where it is delivered.
 */
import type { ReportInsights } from "../reports/insight-notices.ts";
import { percentOfUp } from "./amounts.ts";
import { type Budget, type BudgetSubject, budgetUsage, controlOf, named } from "./directory.ts";
import type { Money } from "./money.ts";
import { type AccountState, limitMicros, type OverageSetting, type PackRenewal, type Told } from "./state.ts";

export type NoticeContent =
  | {
      readonly kind: "usage_threshold";
      readonly subject: "limit" | "maximum";
      readonly percent: number;
      readonly usedMicros: number;
      readonly ofMicros: number;
      readonly setting: OverageSetting;
    }
  | {
      readonly kind: "limit_passed";
      readonly usedMicros: number;
      readonly limitMicros: number;
      readonly setting: OverageSetting;
    }
  | { readonly kind: "maximum_reached"; readonly usedMicros: number; readonly maximumMicros: number }
  | {
      readonly kind: "automatic_upgrade";
      readonly pack: string;
      readonly packName: string;
      readonly packs: number;
      readonly price: Money;
      readonly usedMicros: number;
      readonly limitMicros: number;
    }
  | { readonly kind: "upgrade_unavailable"; readonly currency: string }
  | { readonly kind: "setting_changed"; readonly from: OverageSetting; readonly to: OverageSetting }
  | {
      readonly kind: "setting_waiting";
      readonly from: OverageSetting;
      readonly to: OverageSetting;
      readonly effectiveAtMs: number;
    }
  | { readonly kind: "maximum_raised"; readonly fromMicros: number; readonly toMicros: number }
  | {
      readonly kind: "feature_paused" | "feature_resumed";
      readonly feature: string;
      readonly ownerUser: string | null;
    }
  | {
      readonly kind: "term_ending";
      readonly endsAtMs: number;
      readonly packs: readonly {
        readonly pack: string;
        readonly name: string;
        readonly creditsMicros: number;
        readonly quantity: number;
        /** What it becomes; a quantity of 0: it ends. */
        readonly renewal: PackRenewal;
      }[];
    }
  /** The last pack ended: back to included credits, in pause and without a maximum (5.2). */
  | { readonly kind: "packs_ended"; readonly limitMicros: number }
  | {
      readonly kind: "credits_expiring";
      readonly remainingMicros: number;
      readonly limitMicros: number;
      readonly expireAtMs: number;
    }
  | {
      readonly kind: "budget_threshold";
      readonly budget: string;
      readonly subject: BudgetSubject;
      readonly key: string;
      readonly hard: boolean;
      readonly percent: number;
      readonly usedMicros: number;
      readonly ofMicros: number;
      /** Of the budget's feature. */
      readonly ownerUser: string | null;
    }
  | { readonly kind: "account_suspended" | "account_closed"; readonly reason: string }
  | { readonly kind: "account_resumed" }
  | {
      readonly kind: "grant_added";
      readonly creditsMicros: number;
      readonly reason: string;
      /** Name of the period that it raises. */
      readonly grantPeriod: string;
    }
  | {
      /** The account's own rates change (8.4). */
      readonly kind: "account_rates_changed";
      readonly version: number;
      readonly effectiveAtMs: number;
      readonly shortNotice: boolean;
      readonly raised: readonly { readonly feature: string; readonly action: string }[];
    }
  | { readonly kind: "account_rates_withdrawn"; readonly version: number; readonly effectiveAtMs: number }
  | {
      readonly kind: "usage_report";
      readonly periods: readonly {
        readonly period: string;
        readonly usedMicros: number;
        readonly limitMicros: number;
        readonly expiredMicros: number;
        readonly overageMicros: number;
      }[];
      /** Added by the analysis of usage, which the account does not have. */
      readonly insights?: ReportInsights;
    };

export type NoticeKind = NoticeContent["kind"];

/** `number` is unique within the account and makes the notification id stable over every redelivery (6.5). */
export type Notice = NoticeContent & {
  readonly number: number;
  readonly atMs: number;
  readonly period: string;
  /** End of that period, as known then. */
  readonly resetAtMs: number;
};

/** Stands for "passed" among the percentages already told. */
const PASSED = 100;
/** From this share of the limit on, a first denial counts as having passed it (6.1). */
const DENIAL_PASSES_FROM_PERCENT = 90;

export interface ThresholdCause {
  /** The decision added packs: that is its own notice and replaces the limit's percentages. */
  readonly upgraded?: boolean;
  /** The decision denied for want of credits, or at the maximum. */
  readonly denied?: "limit" | "maximum";
  /** Budgets that count more than before; absent: perhaps any. */
  readonly budgets?: readonly Budget[];
}

/**
 * Notices of thresholds newly reached by this state, and the state that remembers them (6.1, 6.2): the highest
 * of several only, once until re-armed; where maximum = limit only the maximum's.
 */
export function tellThresholds(
  state: AccountState,
  percentages: readonly number[],
  cause: ThresholdCause = {},
): { state: AccountState; contents: readonly NoticeContent[] } {
  const limit = limitMicros(state);
  const maximum = state.maximumMicros;
  const contents: NoticeContent[] = [];

  const ofLimit = evaluate(state, percentages, limit, state.told.limit, limitIsPassed(state, limit, cause));
  const ofMaximum =
    maximum === null
      ? null
      : evaluate(state, percentages, maximum, state.told.maximum, maximumIsPassed(state, maximum, cause));

  if (maximum !== limit && cause.upgraded !== true && ofLimit.highest !== null) {
    contents.push(limitNotice(state, limit, ofLimit.highest));
  }
  if (maximum !== null && ofMaximum !== null && ofMaximum.highest !== null) {
    contents.push(maximumNotice(state, maximum, ofMaximum.highest));
  }
  const ofBudgets = tellBudgets(state, cause.budgets ?? state.directory.budgets);
  const told = remember(state, ofLimit.told, ofMaximum?.told ?? state.told.maximum, ofBudgets.told);
  return { state: told, contents: [...contents, ...ofBudgets.contents] };
}

const BUDGET_PERCENTAGES: readonly number[] = [75, 90, 100];

/** Budgets tell at 75, 90 and 100 %, the highest of several only, once until raised (6.4). */
function tellBudgets(
  state: AccountState,
  budgets: readonly Budget[],
): { told: Told["budgets"]; contents: readonly NoticeContent[] } {
  let told = state.told.budgets;
  const contents: NoticeContent[] = [];
  for (const budget of budgets) {
    if (budget.creditsMicros === 0) continue;
    const { usedMicros } = budgetUsage(state.usage, budget.budget);
    const known = named(told, budget.budget) ?? [];
    const reached = BUDGET_PERCENTAGES.filter((percent) => isBudgetReached(usedMicros, budget, percent));
    const fresh = reached.filter((percent) => !known.includes(percent));
    if (fresh.length === 0) continue;
    const percent = Math.max(...fresh);
    told = { ...told, [budget.budget]: [...known, ...fresh] };
    if (percent > Math.max(0, ...known)) contents.push(budgetNotice(state, budget, percent, usedMicros));
  }
  return { told, contents };
}

function isBudgetReached(usedMicros: number, budget: Budget, percent: number): boolean {
  return usedMicros >= percentOfUp(budget.creditsMicros, percent);
}

function budgetNotice(
  state: AccountState,
  { budget, subject, key, hard, creditsMicros }: Budget,
  percent: number,
  usedMicros: number,
): NoticeContent {
  const ownerUser = subject === "feature" ? controlOf(state.directory, key).owner : null;
  return {
    kind: "budget_threshold",
    budget,
    subject,
    key,
    hard,
    percent,
    usedMicros,
    ofMicros: creditsMicros,
    ownerUser,
  };
}

/**
 * After a budget changed: where it was raised, steps that usage no longer reaches are armed again (6.2); one for another
 * subject begins anew; one that was removed (null) is forgotten.
 */
export function rearmBudget(state: AccountState, before: Budget | null, after: Budget | null): AccountState {
  if (before === null) return state;
  const known = named(state.told.budgets, before.budget) ?? [];
  const { [before.budget]: _, ...others } = state.told.budgets;
  const isSame = after !== null && after.subject === before.subject && after.key === before.key;
  if (!isSame) return withBudgetsTold(state, others);
  if (after.creditsMicros <= before.creditsMicros) return state;
  const { usedMicros } = budgetUsage(state.usage, after.budget);
  const kept = known.filter((percent) => isBudgetReached(usedMicros, after, percent));
  return withBudgetsTold(state, { ...others, [after.budget]: kept });
}

function withBudgetsTold(state: AccountState, budgets: Told["budgets"]): AccountState {
  return { ...state, told: { ...state.told, budgets } };
}

function limitNotice(state: AccountState, limit: number, highest: number): NoticeContent {
  const { usedMicros } = state.usage;
  return highest === PASSED
    ? { kind: "limit_passed", usedMicros, limitMicros: limit, setting: state.setting }
    : thresholdNotice(state, "limit", highest, limit);
}

function maximumNotice(state: AccountState, maximum: number, highest: number): NoticeContent {
  const { usedMicros } = state.usage;
  return highest === PASSED
    ? { kind: "maximum_reached", usedMicros, maximumMicros: maximum }
    : thresholdNotice(state, "maximum", highest, maximum);
}

function thresholdNotice(
  { usage, setting }: AccountState,
  subject: "limit" | "maximum",
  percent: number,
  ofMicros: number,
): NoticeContent {
  return { kind: "usage_threshold", subject, percent, usedMicros: usage.usedMicros, ofMicros, setting };
}

function limitIsPassed(state: AccountState, limit: number, cause: ThresholdCause): boolean {
  const { usedMicros } = state.usage;
  if (cause.denied === "limit" && usedMicros >= percentOfUp(limit, DENIAL_PASSES_FROM_PERCENT)) return true;
  return state.setting === "pause" ? usedMicros >= limit : usedMicros > limit;
}

function maximumIsPassed(state: AccountState, maximum: number, cause: ThresholdCause): boolean {
  const { usedMicros } = state.usage;
  if (cause.denied === "maximum" && usedMicros >= percentOfUp(maximum, DENIAL_PASSES_FROM_PERCENT))
    return true;
  return usedMicros >= maximum;
}

function evaluate(
  state: AccountState,
  percentages: readonly number[],
  ofMicros: number,
  told: readonly number[],
  passed: boolean,
): { highest: number | null; told: readonly number[] } {
  if (ofMicros === 0) return { highest: null, told };
  const reached = percentages.filter((percent) => state.usage.usedMicros >= percentOfUp(ofMicros, percent));
  if (passed) reached.push(PASSED);
  const fresh = reached.filter((percent) => !told.includes(percent));
  if (fresh.length === 0) return { highest: null, told };
  const highest = Math.max(...fresh);
  // What lies below a step that was told counts as told: after a denial at 90 %, or where the list grew since.
  return { highest: highest > Math.max(0, ...told) ? highest : null, told: [...told, ...fresh] };
}

function remember(
  state: AccountState,
  limit: readonly number[],
  maximum: readonly number[],
  budgets: Told["budgets"],
): AccountState {
  const { told } = state;
  if (limit === told.limit && maximum === told.maximum && budgets === told.budgets) return state;
  return { ...state, told: { ...told, limit, maximum, budgets } };
}

/** After a limit or maximum rose: thresholds that usage no longer reaches are armed again (6.2). */
export function rearm(before: AccountState, after: AccountState): AccountState {
  const limit = limitMicros(after);
  const told: Told = {
    ...after.told,
    limit: limit > limitMicros(before) ? rearmedLimit(after, limit) : after.told.limit,
    maximum: rearmedMaximum(before, after),
  };
  return { ...after, told };
}

function rearmedLimit(state: AccountState, limit: number): readonly number[] {
  return stillReached(state, limit, state.told.limit, limitIsPassed(state, limit, {}));
}

function rearmedMaximum(before: AccountState, after: AccountState): readonly number[] {
  const maximum = after.maximumMicros;
  if (maximum === null) return [];
  if (before.maximumMicros !== null && maximum <= before.maximumMicros) return after.told.maximum;
  return stillReached(after, maximum, after.told.maximum, maximumIsPassed(after, maximum, {}));
}

function stillReached(
  state: AccountState,
  ofMicros: number,
  told: readonly number[],
  passed: boolean,
): readonly number[] {
  const { usedMicros } = state.usage;
  return told.filter((percent) =>
    percent === PASSED ? passed : usedMicros >= percentOfUp(ofMicros, percent),
  );
}
