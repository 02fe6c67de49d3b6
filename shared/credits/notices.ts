/**
 * What admins are told, decided in the same step as the usage (rules, section 6). A notice is a fact with
 * amounts; its words are made where it is delivered.
 */
import { percentOfUp } from "./amounts.ts";
import type { Money } from "./money.ts";
import { type AccountState, limitMicros, type OverageSetting, type Told } from "./state.ts";

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
      readonly kind: "usage_report";
      readonly periods: readonly {
        readonly period: string;
        readonly usedMicros: number;
        readonly limitMicros: number;
        readonly expiredMicros: number;
        readonly overageMicros: number;
      }[];
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

/** Numbers the contents as notices of this state. */
export function issueNotices(
  state: AccountState,
  contents: readonly NoticeContent[],
  atMs: number,
): { state: AccountState; notices: readonly Notice[] } {
  if (contents.length === 0) return { state, notices: [] };
  const notices = contents.map((content, index) => ({
    ...content,
    number: state.issued.notices + index + 1,
    atMs,
    period: state.period.name,
    resetAtMs: state.period.endMs,
  }));
  const issued = { ...state.issued, notices: state.issued.notices + notices.length };
  return { state: { ...state, issued }, notices };
}

export interface ThresholdCause {
  /** The decision added packs: that is its own notice and replaces the limit's percentages. */
  readonly upgraded?: boolean;
  /** The decision denied for want of credits, or at the maximum. */
  readonly denied?: "limit" | "maximum";
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
  return { state: remember(state, ofLimit.told, ofMaximum?.told ?? state.told.maximum), contents };
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

function remember(state: AccountState, limit: readonly number[], maximum: readonly number[]): AccountState {
  if (limit === state.told.limit && maximum === state.told.maximum) return state;
  return { ...state, told: { ...state.told, limit, maximum } };
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
