/** Changes of the directory (rules, section 9): features, users and teams, budgets. */
import { audited, type Change } from "./change.ts";
import {
  type Budget,
  type BudgetSubject,
  controlOf,
  countInBudgets,
  type Directory,
  type FeatureAccess,
  type FeatureControl,
  named,
  OPEN_FEATURE,
} from "./directory.ts";
import { subjectsOf } from "./holds.ts";
import { rearmBudget } from "./notices.ts";
import type { AccountState } from "./state.ts";

/** So many each: the directory is kept in memory and in one row. */
export const USERS_MAX = 10_000;
export const BUDGETS_MAX = 500;

export interface ChangeFeature {
  readonly feature: string;
  readonly paused?: boolean | undefined;
  readonly owner?: string | null | undefined;
  readonly access?: FeatureAccess | null | undefined;
}

/** Pauses or resumes a feature, names its owner, limits who may use it (9.1, 9.2). What is not named stays. */
export function changeFeature(state: AccountState, command: ChangeFeature): Change<FeatureControl> {
  const { feature, ...given } = command;
  const before = controlOf(state.directory, feature);
  const after: FeatureControl = {
    paused: given.paused ?? before.paused,
    owner: given.owner === undefined ? before.owner : given.owner,
    access: given.access === undefined ? before.access : given.access,
  };
  if (JSON.stringify(before) === JSON.stringify(after)) return { kind: "changed", state, value: after };
  const { [feature]: _, ...others } = state.directory.features;
  const isOpen = JSON.stringify(after) === JSON.stringify(OPEN_FEATURE);
  const kind = after.paused ? "feature_paused" : "feature_resumed";
  return {
    kind: "changed",
    state: withDirectory(state, { features: isOpen ? others : { ...others, [feature]: after } }),
    value: after,
    notices: before.paused === after.paused ? [] : [{ kind, feature, ownerUser: after.owner }],
    audit: audited("feature_changed", feature, before, after),
  };
}

export interface PutUser {
  readonly user: string;
  readonly teams: readonly string[];
}

export interface TooMany {
  readonly kind: "too_many";
  readonly what: "users" | "budgets";
  readonly max: number;
}

/** Makes a user known, with teams; what was booked before keeps the teams of then (9.3). */
export function putUser(state: AccountState, { user, teams }: PutUser): Change | TooMany {
  const { users } = state.directory;
  const before = named(users, user);
  if (before === undefined && Object.keys(users).length >= USERS_MAX) {
    return { kind: "too_many", what: "users", max: USERS_MAX };
  }
  if (before !== undefined && JSON.stringify(before.teams) === JSON.stringify(teams)) {
    return { kind: "changed", state, value: null };
  }
  return {
    kind: "changed",
    state: withDirectory(state, { users: { ...users, [user]: { teams } } }),
    value: null,
    audit: audited("user_changed", user, before === undefined ? null : { teams: before.teams }, { teams }),
  };
}

export function removeUser(state: AccountState, user: string): Change {
  const before = named(state.directory.users, user);
  const { [user]: _, ...users } = state.directory.users;
  if (before === undefined) return { kind: "changed", state, value: null };
  return {
    kind: "changed",
    state: withDirectory(state, { users }),
    value: null,
    audit: audited("user_removed", user, { teams: before.teams }, null),
  };
}

export interface PutBudget {
  readonly budget: string;
  readonly subject: BudgetSubject;
  readonly key: string;
  readonly creditsMicros: number;
  readonly hard: boolean;
}

/** Sets a budget. `usedMicros`: what its subject has used since the period's start, from the journal (9.3). */
export function putBudget(
  state: AccountState,
  command: PutBudget,
  usedMicros: number,
): Change<Budget> | TooMany {
  const { budget, subject, key, creditsMicros, hard } = command;
  const { budgets } = state.directory;
  const before = budgets.find((known) => known.budget === budget) ?? null;
  if (before === null && budgets.length >= BUDGETS_MAX) {
    return { kind: "too_many", what: "budgets", max: BUDGETS_MAX };
  }
  const after: Budget = { budget, subject, key, creditsMicros, hard };
  const others = budgets.filter((known) => known.budget !== budget);
  const changed = withDirectory(state, {
    budgets: [...others, after].sort((a, b) => (a.budget < b.budget ? -1 : 1)),
  });
  const { [budget]: _, ...counted } = state.usage.budgets;
  const used = { ...counted, [budget]: { usedMicros, heldMicros: 0 } };
  const only = [after];
  const withHeld = [...state.holds.values()].reduce(
    (usage, hold) => countInBudgets(usage, only, subjectsOf(hold), { heldMicros: hold.heldMicros }),
    used as AccountState["usage"]["budgets"],
  );
  return {
    kind: "changed",
    state: rearmBudget({ ...changed, usage: { ...state.usage, budgets: withHeld } }, before, after),
    value: after,
    audit: audited("budget_changed", budget, before, after),
  };
}

export interface UnknownBudget {
  readonly kind: "unknown_budget";
  readonly budget: string;
}

export function removeBudget(state: AccountState, budget: string): Change<Budget> | UnknownBudget {
  const before = state.directory.budgets.find((known) => known.budget === budget);
  if (before === undefined) return { kind: "unknown_budget", budget };
  const budgets = state.directory.budgets.filter((known) => known !== before);
  const { [budget]: _, ...counted } = state.usage.budgets;
  const changed = withDirectory(state, { budgets });
  return {
    kind: "changed",
    state: rearmBudget({ ...changed, usage: { ...state.usage, budgets: counted } }, before, null),
    value: before,
    audit: audited("budget_removed", budget, before, null),
  };
}

export function withDirectory(state: AccountState, change: Partial<Directory>): AccountState {
  return { ...state, directory: { ...state.directory, ...change } };
}
