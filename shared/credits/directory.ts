/**
 * What an account's admins agreed on among themselves (rules, sections 8.5 and 9): who may use a feature, budgets,
 * teams, paused features and the account's own rates. Decided on in the same step as the credits.
 */
import type { AccountRates } from "./account-rates.ts";
import type { AccountState, BudgetUsage, Usage } from "./state.ts";

/** Users and teams that alone may use a feature (9.2). */
export interface FeatureAccess {
  readonly users: readonly string[];
  readonly teams: readonly string[];
}

export interface FeatureControl {
  readonly paused: boolean;
  /** User who answers for it (9.1). */
  readonly owner: string | null;
  /** null: everybody may use it. */
  readonly access: FeatureAccess | null;
}

export const OPEN_FEATURE: FeatureControl = { paused: false, owner: null, access: null };

export const BUDGET_SUBJECTS = ["user", "team", "feature", "workflow"] as const;
export type BudgetSubject = (typeof BUDGET_SUBJECTS)[number];

/** Credits per usage period for one user, team, feature or workflow (9.3). */
export interface Budget {
  readonly budget: string;
  readonly subject: BudgetSubject;
  /** Id of that user, team, feature or workflow. */
  readonly key: string;
  readonly creditsMicros: number;
  /** Denies; else it only tells. */
  readonly hard: boolean;
}

export interface KnownUser {
  readonly teams: readonly string[];
}

export interface Directory {
  readonly users: Readonly<Record<string, KnownUser>>;
  /** Only features that differ from `OPEN_FEATURE`. */
  readonly features: Readonly<Record<string, FeatureControl>>;
  /** By name. */
  readonly budgets: readonly Budget[];
  /** By effective time (8.5). */
  readonly rates: readonly AccountRates[];
}

export const EMPTY_DIRECTORY: Directory = { users: {}, features: {}, budgets: [], rates: [] };

/** Whom a use is attributed to; teams as of booking (9.3). */
export interface Subjects {
  readonly feature: string;
  readonly user?: string | undefined;
  readonly teams?: readonly string[] | undefined;
  readonly workflow?: string | undefined;
}

const NO_TEAMS: readonly string[] = [];

/** What stands under a name, and not what every object inherits: "constructor" may name a user or a budget. */
export function named<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

export function teamsOf(directory: Directory, user: string | undefined): readonly string[] {
  return user === undefined ? NO_TEAMS : (named(directory.users, user)?.teams ?? NO_TEAMS);
}

export function controlOf(directory: Directory, feature: string): FeatureControl {
  return named(directory.features, feature) ?? OPEN_FEATURE;
}

/** False where the feature is limited and this user is not among those who may use it (9.2). */
export function isPermitted(directory: Directory, { feature, user }: Subjects): boolean {
  const { access } = controlOf(directory, feature);
  if (access === null) return true;
  if (user === undefined || named(directory.users, user) === undefined) return false;
  return access.users.includes(user) || teamsOf(directory, user).some((team) => access.teams.includes(team));
}

export function matchesBudget(
  { subject, key }: Pick<Budget, "subject" | "key">,
  subjects: Subjects,
): boolean {
  switch (subject) {
    case "user":
      return subjects.user === key;
    case "team":
      return subjects.teams?.includes(key) ?? false;
    case "feature":
      return subjects.feature === key;
    case "workflow":
      return subjects.workflow === key;
  }
}

/** Budgets by whom they are of, sorted once per list: a use looks at its own among hundreds. */
const bySubject = new WeakMap<readonly Budget[], ReadonlyMap<string, readonly Budget[]>>();

function subjectName(subject: BudgetSubject, key: string): string {
  return `${subject} ${key}`;
}

/** The budgets that count a use, by name. */
export function matchingBudgets(budgets: readonly Budget[], subjects: Subjects): readonly Budget[] {
  if (budgets.length === 0) return budgets;
  const index =
    bySubject.get(budgets) ?? Map.groupBy(budgets, ({ subject, key }) => subjectName(subject, key));
  bySubject.set(budgets, index);
  const { feature, user, workflow, teams = NO_TEAMS } = subjects;
  const names = [subjectName("feature", feature)];
  if (user !== undefined) names.push(subjectName("user", user));
  if (workflow !== undefined) names.push(subjectName("workflow", workflow));
  for (const team of new Set(teams)) names.push(subjectName("team", team));
  return names.flatMap((name) => index.get(name) ?? []).sort((a, b) => (a.budget < b.budget ? -1 : 1));
}

const UNUSED: BudgetUsage = { usedMicros: 0, heldMicros: 0 };

export function budgetUsage(usage: Usage, budget: string): BudgetUsage {
  return named(usage.budgets, budget) ?? UNUSED;
}

/** What is left of a budget; less than 0 where more was used or is held. */
export function budgetLeftMicros(usage: Usage, budget: Budget): number {
  const { usedMicros, heldMicros } = budgetUsage(usage, budget.budget);
  return budget.creditsMicros - usedMicros - heldMicros;
}

/** The hard budget that this use does not fit; of several the one with least left, of equal ones the first by name (9.3). */
export function exhaustedBudget(
  { directory, usage }: AccountState,
  subjects: Subjects,
  creditsMicros: number,
): Budget | null {
  let exhausted: Budget | null = null;
  for (const budget of matchingBudgets(directory.budgets, subjects)) {
    const left = budgetLeftMicros(usage, budget);
    if (!budget.hard || left >= creditsMicros) continue;
    if (exhausted === null || left < budgetLeftMicros(usage, exhausted)) exhausted = budget;
  }
  return exhausted;
}

/** Adds to every budget that matches; the same object where none does. */
export function countInBudgets(
  counted: Usage["budgets"],
  budgets: readonly Budget[],
  subjects: Subjects,
  added: Partial<BudgetUsage>,
): Usage["budgets"] {
  let result = counted;
  for (const budget of matchingBudgets(budgets, subjects)) {
    const { usedMicros, heldMicros } = named(counted, budget.budget) ?? UNUSED;
    const grown = {
      usedMicros: usedMicros + (added.usedMicros ?? 0),
      heldMicros: heldMicros + (added.heldMicros ?? 0),
    };
    result = { ...result, [budget.budget]: grown };
  }
  return result;
}
