/** Accounts for the model's own tests, in whole credits, USD and cents. */
import { type Account, openAccount } from "./account.ts";
import type { Reason, UseEvent } from "./answers.ts";
import type { Agreement, Catalog, Setting } from "./facts.ts";
import { CREDIT } from "./money.ts";
import { buy } from "./packs.ts";
import { consume, record, type UseAnswer } from "./usage.ts";

/** In the first period, from 14 November to 14 December. */
export const NOW = Date.parse("2026-11-20T12:00:00Z");
export const RESET = Date.parse("2026-12-14T00:00:00Z");
export const DAY_MS = 24 * 60 * 60 * 1000;

export function credits(amount: number): bigint {
  return BigInt(Math.round(amount * Number(CREDIT)));
}

/** A pack of 1,000 credits for 10 USD, and overage at 0.010 USD. */
export const CATALOG: Catalog = {
  packs: [{ pack: "p1000", credits: credits(1000), prices: { USD: 1000n }, upgrade: false }],
  overagePrices: { USD: "0.010" },
  percentages: [75, 85, 90],
  automaticPacksMax: null,
};

const AGREEMENT: Agreement = {
  anchorDate: "2026-11-14",
  timeZone: "UTC",
  currency: "USD",
  included: [credits(500)],
  overagePrice: null,
  automaticPacksMax: null,
  termPeriods: 12,
};

interface Given {
  readonly included?: number;
  /** Packs of 1,000, bought before anything was used. */
  readonly packs?: number;
  readonly setting?: Setting;
  readonly maximum?: number;
  readonly used?: number;
  readonly agreement?: Partial<Agreement>;
  readonly catalog?: Partial<Catalog>;
  readonly nowMs?: number;
}

/** What was told and charged on the way there is forgotten. */
export function accountWith(given: Given = {}): Account {
  const { included = 500, packs = 0, setting, maximum, used = 0, nowMs = NOW } = given;
  const agreement = { ...AGREEMENT, included: [credits(included)], ...given.agreement };
  const account = openAccount(agreement, { ...CATALOG, ...given.catalog }, nowMs);
  if (packs > 0) {
    const limited = maximum === undefined ? {} : { maximum: credits(maximum) };
    const chosen = setting === undefined ? {} : { setting };
    const request = { key: null, content: "first" };
    const answer = buy(
      account,
      { ...request, pack: "p1000", packs: BigInt(packs), ...chosen, ...limited },
      nowMs,
    );
    if (answer.kind !== "bought") throw new Error(answer.why);
  }
  if (used > 0) use(account, used, { nowMs });
  account.told.length = 0;
  account.charges.length = 0;
  return account;
}

interface More extends Partial<UseEvent> {
  readonly nowMs?: number;
}

let events = 0;

export function event(amount: number, more: More = {}): UseEvent {
  events += 1;
  const { nowMs: _, ...own } = more;
  const about = { feature: "assistant", user: null, workflow: null, occurredAtMs: null };
  return { id: `event-${events}`, content: `${amount}`, credits: credits(amount), ...about, ...own };
}

export function tryTo(account: Account, amount: number, more: More = {}): UseAnswer {
  return consume(account, event(amount, more), more.nowMs ?? account.nowMs);
}

export function use(account: Account, amount: number, more: More = {}) {
  return booked(tryTo(account, amount, more));
}

export function book(account: Account, amount: number, more: More = {}) {
  return booked(record(account, event(amount, more), more.nowMs ?? account.nowMs));
}

export function booked(answer: UseAnswer) {
  if (answer.kind !== "booked") throw new Error(JSON.stringify(answer));
  return answer;
}

export function purchase(account: Account, packs = 1, nowMs = account.nowMs) {
  const request = { key: null, content: "more" };
  const answer = buy(account, { ...request, pack: "p1000", packs: BigInt(packs) }, nowMs);
  if (answer.kind !== "bought") throw new Error(answer.why);
  return answer;
}

export function denial(reason: Reason, budget: string | null = null) {
  return { kind: "denied", reason, budget };
}

/** What was told since it was last asked. */
export function heard(account: Account): string[] {
  return account.told.splice(0);
}
