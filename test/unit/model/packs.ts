/** Packs: buying, cancelling, what becomes of them at the end of the term (5.2, 5.3, 5.9, 5.10, 7.2). */
import { dayAt } from "../calendar.ts";
import type { Account } from "./account.ts";
import { type Refused, refused } from "./answers.ts";
import type { CatalogPack, Line, Pack, PackTerms, Setting } from "./facts.ts";
import { activePacks, limit, periodName, used } from "./figures.ts";
import { once, type Request } from "./idempotency.ts";
import { inCredits, lower, positive, sum } from "./money.ts";
import { lookBack, termEnd } from "./notices.ts";
import { look } from "./periods.ts";
import { isPayable, useSetting } from "./settings.ts";

export interface Buy extends Request {
  readonly pack: string;
  readonly packs: bigint;
  readonly setting?: Setting;
  readonly maximum?: bigint | null;
}

export function onSale({ catalog, agreement }: Account): CatalogPack[] {
  return catalog.packs.filter((pack) => pack.prices[agreement.currency] !== undefined);
}

/** A pack of the catalogue at its price in the account's currency, or why it cannot be had. */
function offered(account: Account, name: string, packs: bigint): PackTerms | Refused {
  const pack = account.catalog.packs.find((one) => one.pack === name);
  if (pack === undefined) return refused("unknown_pack");
  const priceMinor = pack.prices[account.agreement.currency];
  if (priceMinor === undefined) return refused("pack_not_on_sale");
  return { pack: name, packs, credits: pack.credits, priceMinor };
}

function today({ nowMs, agreement }: Account): string {
  return dayAt(nowMs, agreement.timeZone);
}

/** Automatic packs of one local day, kind and price are one holding, as they are one invoice. */
export function addAutomatic(account: Account, terms: PackTerms): void {
  const same = activePacks(account).find(
    ({ origin, pack, credits, priceMinor, addedIn, addedOn }) =>
      origin === "automatic" &&
      pack === terms.pack &&
      credits === terms.credits &&
      priceMinor === terms.priceMinor &&
      addedIn === account.period &&
      addedOn === today(account),
  );
  if (same === undefined) addPack(account, "automatic", terms);
  else same.packs += terms.packs;
}

/** The first pack begins the term. */
export function addPack(
  account: Account,
  origin: Pack["origin"],
  terms: PackTerms,
  termPeriods = account.agreement.termPeriods,
): string {
  account.term ??= { first: account.period, periods: termPeriods, told: false };
  const id = `pack-${account.packs.length + 1}`;
  const fact = {
    id,
    origin,
    ...terms,
    addedIn: account.period,
    addedOn: today(account),
    from: account.period,
  };
  account.packs.push({ ...fact, until: null, renewal: { kind: "same" }, named: null });
  return id;
}

export function chargeNow(account: Account, kind: "purchase" | "renewal", lines: readonly Line[]): void {
  const priced = lines
    .filter((line) => line.priceMinor > 0n)
    .map(({ pack, packs, priceMinor }) => ({ pack, packs, priceMinor }));
  const about = { kind, atMs: account.nowMs, period: periodName(account) };
  if (priced.length > 0) account.charges.push({ ...about, lines: priced });
}

export function buy(account: Account, command: Buy, nowMs: number) {
  look(account, nowMs);
  return once(account, command, () => {
    const pack = offered(account, command.pack, command.packs);
    if ("why" in pack) return pack;
    const first = activePacks(account).length === 0;
    if (!first && (command.setting !== undefined || command.maximum !== undefined)) {
      return refused("not_first_pack");
    }
    const setting = command.setting ?? "auto_upgrade";
    if (first && !isPayable(account, setting, false)) return refused("overage_price_missing");
    const id = addPack(account, "bought", pack);
    chargeNow(account, "purchase", [pack]);
    if (first) {
      useSetting(account, setting);
      account.maximum = command.maximum ?? null;
    } else if (account.maximum !== null && limit(account) > account.maximum) {
      account.told.push(`maximum raised from ${inCredits(account.maximum)} to ${inCredits(limit(account))}`);
      account.maximum = limit(account);
    }
    lookBack(account);
    return { kind: "bought" as const, replayed: false, id, amountMinor: pack.packs * pack.priceMinor };
  });
}

/** An operator takes back a purchase or an upgrade of the open period; the limit does not fall below `used` (5.10). */
export function cancel(account: Account, id: string, nowMs: number, quantity: bigint | "all" = "all") {
  look(account, nowMs);
  if (account.closedAtMs !== null) return refused("account_closed");
  const pack = activePacks(account).find((one) => one.id === id);
  if (pack === undefined) return refused("unknown_purchase");
  if (pack.origin === "converted" || pack.addedIn !== account.period) return refused("not_of_open_period");
  const packs = quantity === "all" ? pack.packs : quantity;
  if (packs > pack.packs) return refused("more_than_there_are");
  pack.packs -= packs;
  if (pack.renewal.kind === "smaller") pack.renewal = fitting(pack.renewal, pack);
  const kept = lower(packs * pack.credits, positive(used(account) - limit(account)));
  if (kept > 0n) account.grants.push({ credits: kept, period: account.period, day: periodName(account) });
  const amountMinor = packs * pack.priceMinor;
  const about = { kind: "cancellation" as const, atMs: account.nowMs, period: periodName(account) };
  if (amountMinor > 0n) account.charges.push({ ...about, amountMinor });
  endIfLast(account);
  lookBack(account);
  return { kind: "cancelled" as const, creditMinor: amountMinor, kept };
}

/** The next term has no more than what is left of this one (5.3). */
function fitting(renewal: PackTerms, { packs, credits }: Pack): Pack["renewal"] {
  const most = (packs * credits) / renewal.credits;
  return most === 0n ? { kind: "none" } : { kind: "smaller", ...renewal, packs: lower(renewal.packs, most) };
}

/** When the last pack ends (5.2). */
function endIfLast(account: Account): void {
  if (activePacks(account).length > 0) return;
  account.term = null;
  account.setting = "pause";
  account.pending = null;
  account.maximum = null;
}

/** What a bought pack becomes when the term ends: nothing, the same again, or fewer or smaller packs (5.3). */
export function changeRenewal(
  account: Account,
  id: string,
  wanted: "same" | "none" | { readonly pack: string; readonly packs: bigint },
  nowMs: number,
) {
  look(account, nowMs);
  if (account.closedAtMs !== null) return refused("account_closed");
  const pack = activePacks(account).find((one) => one.id === id);
  if (pack === undefined) return refused("unknown_purchase");
  if (pack.origin !== "bought") return refused("pack_ends");
  if (wanted === "same" || wanted === "none") {
    pack.renewal = { kind: wanted };
  } else {
    const next = nextTerms(account, pack, wanted);
    if ("why" in next) return next;
    if (next.packs * next.credits > pack.packs * pack.credits) return refused("not_smaller");
    pack.named = onlyTerms(next);
    pack.renewal = next.packs === 0n ? { kind: "none" } : { kind: "smaller", ...pack.named };
  }
  return { kind: "changed" as const, effectiveAtMs: termEnd(account) };
}

/** As on sale now; else as it is owned or as it was chosen before. */
function nextTerms(
  account: Account,
  pack: Pack,
  wanted: { readonly pack: string; readonly packs: bigint },
): PackTerms | Refused {
  const onSaleNow = offered(account, wanted.pack, wanted.packs);
  if (!("why" in onSaleNow)) return onSaleNow;
  const { named } = pack;
  if (named?.pack === wanted.pack) return { ...named, packs: wanted.packs };
  return pack.pack === wanted.pack ? { ...onlyTerms(pack), packs: wanted.packs } : onSaleNow;
}

function onlyTerms({ pack, packs, credits, priceMinor }: PackTerms): PackTerms {
  return { pack, packs, credits, priceMinor };
}

/** At a reset: if the term is over (then true), bought packs begin another at the price then current, the others end. */
export function turnTerm(account: Account): boolean {
  const { term } = account;
  if (term === null || account.period < term.first + term.periods) return false;
  const running = activePacks(account);
  for (const pack of running) pack.until = account.period;
  for (const { renewal, ...pack } of running) {
    if (pack.origin !== "bought" || renewal.kind === "none") continue;
    const next = renewal.kind === "smaller" ? onlyTerms(renewal) : onlyTerms(pack);
    const current = onSale(account).find((one) => one.pack === next.pack);
    const priceMinor = current?.prices[account.agreement.currency] ?? next.priceMinor;
    const from = { from: account.period, until: null, renewal: { kind: "same" as const }, named: null };
    account.packs.push({ ...pack, ...next, ...from, priceMinor });
  }
  account.term = { first: account.period, periods: account.agreement.termPeriods, told: false };
  endIfLast(account);
  return true;
}

/** The packs of the period with their term, and what they cost for one period. */
export function packsShown(account: Account) {
  const packs = activePacks(account).map(({ id, origin, pack, packs, credits, priceMinor, renewal }) => ({
    id,
    origin,
    pack,
    packs,
    credits,
    priceMinor,
    renewal: origin === "bought" ? renewal : ({ kind: "none" } as const),
  }));
  return {
    packs,
    amountMinor: sum(packs.map((pack) => pack.packs * pack.priceMinor)),
    termNumberOfPeriod: account.term === null ? null : account.period - account.term.first + 1,
    termPeriods: account.term?.periods ?? null,
    termEndMs: termEnd(account),
  };
}
