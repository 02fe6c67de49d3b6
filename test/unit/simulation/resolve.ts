/** What commands mean: amounts, moments and periods, from how the account of the core stands. */
import { summarise } from "../../../shared/credits/balance.ts";
import { upgradePack } from "../../../shared/credits/catalog.ts";
import { automaticPacksLeft } from "../../../shared/credits/state.ts";
import { nextDueMs } from "../../../shared/credits/timeline.ts";
import { dayAt, monthAround } from "../calendar.ts";
import { credits } from "../fixtures.ts";
import type { Amount } from "./commands.ts";
import type { Machine } from "./machine.ts";

/** The credits of an event, in micros. */
export function resolveUse(machine: Machine, wanted: Amount): number {
  if ("micros" in wanted) return wanted.micros;
  const { state, offer } = machine;
  const { usedMicros, limitMicros, availableMicros } = summarise(state, offer.catalog);
  const packMicros = upgradePack(offer.catalog, state.terms.currency)?.creditsMicros ?? 0;
  const targets = {
    available: usedMicros + (availableMicros ?? credits(10)),
    limit: limitMicros,
    maximum: state.maximumMicros ?? limitMicros,
    packs: limitMicros + packMicros * Math.min(5, automaticPacksLeft(state, offer.catalog) ?? 0),
  };
  const target = Math.ceil((targets[wanted.to] * wanted.percent) / 100);
  return Math.max(0, target - usedMicros + wanted.plus);
}

/** A maximum, in micros; null: none, undefined: not named. */
export function resolveMaximum(
  machine: Machine,
  wanted: Amount | null | undefined,
): number | null | undefined {
  if (wanted === null || wanted === undefined) return wanted;
  if ("micros" in wanted) return wanted.micros;
  const { usedMicros, limitMicros } = summarise(machine.state, machine.offer.catalog);
  const targets = {
    available: usedMicros,
    limit: limitMicros,
    maximum: machine.state.maximumMicros ?? limitMicros,
    packs: limitMicros + credits(500),
  };
  return Math.max(0, Math.ceil((targets[wanted.to] * wanted.percent) / 100) + wanted.plus);
}

/** When what is due next happens, or the reset that is so many ahead; now for a closed account. */
export function momentOf({ state, nowMs }: Machine, what: "due" | number): number {
  if (state.closedAtMs !== null) return nowMs;
  if (what === "due") return nextDueMs(state);
  let { endMs } = state.period;
  const { anchorDate, timeZone } = { ...state.terms, ...state.pendingTerms };
  for (let count = 1; count < what; count += 1) endMs = monthAround(anchorDate, timeZone, endMs).endMs;
  return endMs;
}

/** Name of a period to come, or of one that is closed; null: the running one. */
export function periodAhead(machine: Machine, ahead: number | "closed"): string | null {
  const { state } = machine;
  if (ahead === "closed") return machine.closed.at(-1)?.closed.period ?? "2001-01-01";
  if (ahead === 0) return null;
  const { anchorDate, timeZone } = { ...state.terms, ...state.pendingTerms };
  let { endMs } = state.period;
  for (let count = 1; count < ahead; count += 1) endMs = monthAround(anchorDate, timeZone, endMs).endMs;
  return dayAt(endMs, timeZone);
}
