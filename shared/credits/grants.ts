/** One-off grants: goodwill and make-good credits of one period (rules, section 2.5). */
import { CREDITS_MICROS_MAX } from "./amounts.ts";
import { audited, type Change } from "./change.ts";
import type { LimitTooLarge } from "./packs.ts";
import { periodFrom } from "./period.ts";
import { type AccountState, type Grant, grantsMicros, limitMicros } from "./state.ts";

export interface AddGrant {
  readonly creditsMicros: number;
  /** Name of the period; null: the running one. */
  readonly period: string | null;
  readonly reason: string;
}

export type GrantRefusal =
  | LimitTooLarge
  | { readonly kind: "unknown_period"; readonly period: string; readonly periods: readonly string[] };

/** Grants reach so many periods ahead. */
const PERIODS_AHEAD_MAX = 24;
const PERIODS_NAMED = 3;

/** Adds credits to the running or a later period; setting and maximum stay, nothing is billed. */
export function addGrant(
  state: AccountState,
  command: AddGrant,
  nowMs: number,
): Change<Grant> | GrantRefusal {
  const names = periodNames(state);
  const date = command.period ?? state.period.name;
  if (!names.includes(date)) {
    return { kind: "unknown_period", period: date, periods: names.slice(0, PERIODS_NAMED) };
  }
  if (limitThenMicros(state, date) + command.creditsMicros > CREDITS_MICROS_MAX) {
    return { kind: "limit_too_large" };
  }
  const { creditsMicros, reason } = command;
  const number = state.issued.grants + 1;
  const periodStartMs = date === state.period.name ? state.period.startMs : null;
  const grant: Grant = { id: `grant_${number}`, creditsMicros, date, periodStartMs, reason, atMs: nowMs };
  return {
    kind: "changed",
    state: { ...state, grants: [...state.grants, grant], issued: { ...state.issued, grants: number } },
    value: grant,
    notices: [{ kind: "grant_added", creditsMicros, reason, grantPeriod: date }],
    audit: audited("grant_added", grant.id, null, { creditsMicros, period: date, reason }),
  };
}

/** The limit of the period of that name, with included credits and packs as they are now. */
function limitThenMicros(state: AccountState, period: string): number {
  if (period === state.period.name) return limitMicros(state);
  const granted = state.grants.filter(({ date }) => date === period);
  const grantedMicros = granted.reduce((sum, { creditsMicros }) => sum + creditsMicros, 0);
  return limitMicros(state) - grantsMicros(state) + grantedMicros;
}

/** Names of the running period and those after it, as the terms stand now. */
function periodNames({ period, terms, pendingTerms }: AccountState): readonly string[] {
  const names = [period.name];
  let { endMs } = period;
  while (names.length <= PERIODS_AHEAD_MAX) {
    const next = periodFrom({ ...terms, ...pendingTerms }, endMs);
    names.push(next.name);
    endMs = next.endMs;
  }
  return names;
}
