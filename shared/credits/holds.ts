/**
 * Holds (rules, section 3.4): credits are reserved, then captured at the real cost, released, or given back when
 * the hold expires. What was held is always booked; only what is above it is decided.
 */
import type { Catalog } from "./catalog.ts";
import { upgradePack } from "./catalog.ts";
import { countInBudgets, type Subjects } from "./directory.ts";
import { type Step, unchanged } from "./effects.ts";
import type { OpenHold } from "./hold.ts";
import { type AccountState, automaticPacksLeft, availableMicros, limitMicros, packsNeeded } from "./state.ts";
import {
  type AllowedUse,
  aboveCeilingMicros,
  admissionDenial,
  bookUse,
  type CreditsTooLarge,
  type Denial,
  type DeniedUse,
  denialOf,
  deny,
  fitsTotals,
  type PricedUse,
  packsToAdd,
} from "./usage.ts";

/** What to do with the part of a capture that is above its hold: ask, or book as a fact. */
export const OVERFLOWS = ["consume", "record"] as const;
export type Overflow = (typeof OVERFLOWS)[number];

export type HoldDecision =
  | ({ readonly kind: "held"; readonly hold: OpenHold } & Step)
  | DeniedUse
  | CreditsTooLarge;

/** Opens a hold where it fits into what is available; it buys no packs and is never overage. */
export function openHold(state: AccountState, hold: OpenHold, catalog: Catalog, nowMs: number): HoldDecision {
  if (!fitsTotals(state, hold.heldMicros)) return { kind: "credits_too_large" };
  const denial = holdDenial(state, { ...subjectsOf(hold), creditsMicros: hold.heldMicros });
  if (denial !== null) return deny(state, denial, catalog, nowMs);
  const holds = new Map(state.holds).set(hold.event.id, hold);
  return { kind: "held", hold, ...unchanged({ ...reserve(state, hold, 1), holds }) };
}

function holdDenial(state: AccountState, use: PricedUse): Denial | null {
  const notAdmitted = admissionDenial(state, use);
  if (notAdmitted !== null) return notAdmitted;
  const available = availableMicros(state);
  if (use.creditsMicros === 0 || available === null || use.creditsMicros <= available) return null;
  const { usedMicros, heldMicros } = state.usage;
  const maximum = state.maximumMicros ?? Number.POSITIVE_INFINITY;
  const reason =
    usedMicros + heldMicros + use.creditsMicros > maximum ? "max_monthly_limit_reached" : "credits_exhausted";
  return { reason, budget: null };
}

/** Whom a hold is attributed to, teams as of its opening. */
export function subjectsOf({ event, teams }: OpenHold): Subjects {
  const { feature, user, workflow } = event;
  return { feature, user, workflow, teams };
}

/** Adds a hold to what is held, or takes it off (-1). */
export function reserve(state: AccountState, hold: OpenHold, sign: 1 | -1): AccountState {
  const { usage, directory } = state;
  const heldMicros = sign * hold.heldMicros;
  const budgets = countInBudgets(usage.budgets, directory.budgets, subjectsOf(hold), { heldMicros });
  return { ...state, usage: { ...usage, heldMicros: usage.heldMicros + heldMicros, budgets } };
}

/** Gives back what an open hold reserved: it was released, has expired, or is being captured. */
export function withoutHold(state: AccountState, hold: OpenHold): AccountState {
  const holds = new Map(state.holds);
  holds.delete(hold.event.id);
  return { ...reserve(state, hold, -1), holds };
}

/**
 * Books the real cost of an open hold. Up to what was held it is always booked: what the policy covers no more is
 * overdraft. The part above is decided as a consume, or booked as a record; denied, nothing is booked and the hold
 * stays open.
 */
export function captureHold(
  state: AccountState,
  hold: OpenHold,
  creditsMicros: number,
  overflow: Overflow,
  catalog: Catalog,
  nowMs: number,
): AllowedUse | DeniedUse | CreditsTooLarge {
  const freed = withoutHold(state, hold);
  if (!fitsTotals(freed, creditsMicros)) return { kind: "credits_too_large" };
  const subjects = subjectsOf(hold);
  const withinMicros = Math.min(creditsMicros, hold.heldMicros);
  const aboveMicros = creditsMicros - withinMicros;
  const covered = coverWithin(freed, withinMicros, catalog);
  if (aboveMicros === 0) {
    const how = { ...covered, wouldDeny: null };
    return bookUse(freed, { ...subjects, creditsMicros }, how, catalog, nowMs);
  }
  // The state that decides on the part above: the part within is booked, nobody is told yet.
  const within = { ...subjects, creditsMicros: withinMicros };
  const after = bookUse(freed, within, { ...covered, wouldDeny: null }, catalog, nowMs).state;
  const above = { ...subjects, creditsMicros: aboveMicros };
  const denial = denialOf(after, above, catalog);
  if (denial !== null && overflow === "consume") return deny(state, denial, catalog, nowMs);
  const overdraftMicros = overflow === "record" ? aboveCeilingMicros(after, aboveMicros) : 0;
  const packs = packsToAdd(after, aboveMicros - overdraftMicros, catalog);
  const how = {
    overdraftMicros: covered.overdraftMicros + overdraftMicros,
    packs: covered.packs + packs,
    wouldDeny: denial?.reason ?? null,
  };
  return bookUse(freed, { ...subjects, creditsMicros }, how, catalog, nowMs);
}

/** How the policy covers what was held: below the ceiling, and in auto_upgrade with the packs that may be added. */
function coverWithin(
  state: AccountState,
  creditsMicros: number,
  catalog: Catalog,
): { overdraftMicros: number; packs: number } {
  const aboveCeiling = aboveCeilingMicros(state, creditsMicros);
  const belowCeiling = creditsMicros - aboveCeiling;
  // What costs nothing adds nothing, however far usage is above the limit already.
  if (state.setting !== "auto_upgrade" || belowCeiling === 0) {
    return { overdraftMicros: aboveCeiling, packs: 0 };
  }
  const needed = packsNeeded(state, belowCeiling, catalog);
  const left = automaticPacksLeft(state, catalog) ?? 0;
  if (needed <= left) return { overdraftMicros: aboveCeiling, packs: needed };
  const packMicros = upgradePack(catalog, state.terms.currency)?.creditsMicros ?? 0;
  const { usedMicros, overdraftMicros } = state.usage;
  const room = limitMicros(state) + left * packMicros - (usedMicros - overdraftMicros);
  const coveredMicros = Math.min(belowCeiling, Math.max(0, room));
  return { overdraftMicros: creditsMicros - coveredMicros, packs: left };
}

/** Open holds that end at or before an instant, oldest end first. */
export function expiredHolds(state: AccountState, atMs: number): readonly OpenHold[] {
  return [...state.holds.values()]
    .filter((hold) => hold.expiresAtMs <= atMs)
    .sort((a, b) => a.expiresAtMs - b.expiresAtMs);
}

/** A booking leaves the holds as they are: the first end of the same holds is looked for once. */
const earliestExpiries = new WeakMap<AccountState["holds"], number>();

/** When the first of the open holds ends; Infinity where none is open. */
export function earliestExpiryMs({ holds }: AccountState): number {
  if (holds.size === 0) return Number.POSITIVE_INFINITY;
  const known = earliestExpiries.get(holds);
  if (known !== undefined) return known;
  let earliest = Number.POSITIVE_INFINITY;
  for (const hold of holds.values()) earliest = Math.min(earliest, hold.expiresAtMs);
  earliestExpiries.set(holds, earliest);
  return earliest;
}
