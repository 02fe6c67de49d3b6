/** Overage setting and maximum (5.1, 5.7, 5.8), what was agreed (section 2), the catalogue and grants (2.5). */
import { dayAt, monthAround } from "../calendar.ts";
import type { Account } from "./account.ts";
import { refused } from "./answers.ts";
import type { Agreement, Catalog, Setting } from "./facts.ts";
import { activePacks, included, openHolds, periodName } from "./figures.ts";
import { once, type Request } from "./idempotency.ts";
import { inCredits } from "./money.ts";
import { lookBack, timeOf } from "./notices.ts";
import { look } from "./periods.ts";

export interface Choose {
  readonly setting?: Setting;
  /** null removes it. */
  readonly maximum?: bigint | null;
}

/** The price of overage as agreed now; a period keeps the one that it began with (7.1). */
export function agreedPrice({ agreement, catalog }: Account): string | null {
  return agreement.overagePrice ?? catalog.overagePrices[agreement.currency] ?? null;
}

/** Whether there is a price for the period in which the setting would begin. */
export function isPayable(account: Account, setting: Setting, fromTheReset: boolean): boolean {
  const inForce = fromTheReset ? null : account.overagePrice;
  return setting !== "pay_as_you_go" || (inForce ?? agreedPrice(account)) !== null;
}

export function useSetting(account: Account, setting: Setting): void {
  account.setting = setting;
  if (setting === "pay_as_you_go") account.overagePrice ??= agreedPrice(account);
}

/** An entry above 0 credits was booked, corrected or not, or a hold is open (5.7). */
function wasUsed(account: Account): boolean {
  const own = account.entries.filter((entry) => entry.period === account.period);
  return own.some((entry) => entry.credits > 0n) || openHolds(account).length > 0;
}

export function choose(account: Account, { setting, maximum }: Choose, nowMs: number) {
  look(account, nowMs);
  if (account.closedAtMs !== null) return refused("account_closed");
  if (activePacks(account).length === 0) return refused("packs_required");
  const waits = wasUsed(account);
  const isNew = setting !== undefined && setting !== account.setting;
  // What waits already was agreed then.
  const isKnown = waits && setting === account.pending;
  if (isNew && !isKnown && !isPayable(account, setting, waits)) return refused("overage_price_missing");
  if (maximum !== undefined) account.maximum = maximum;
  if (setting === account.setting) account.pending = null;
  if (isNew && !waits) {
    account.told.push(`${account.setting} became ${setting}`);
    useSetting(account, setting);
    account.pending = null;
  } else if (isNew && setting !== account.pending) {
    account.told.push(`${account.setting} becomes ${setting} at ${timeOf(account.endMs)}`);
    account.pending = setting;
  }
  lookBack(account);
  return { kind: "changed" as const, effectiveAtMs: isNew && waits ? account.endMs : account.nowMs };
}

export function cancelPending(account: Account, nowMs: number) {
  look(account, nowMs);
  if (account.closedAtMs !== null) return refused("account_closed");
  if (account.pending === null) return refused("nothing_pending");
  account.pending = null;
  return { kind: "changed" as const };
}

/** More included credits count at once, fewer from the reset; so do zone and anchor; the rest when it is next asked. */
export function changeAgreement(
  account: Account,
  change: Partial<Omit<Agreement, "currency">>,
  nowMs: number,
) {
  look(account, nowMs);
  if (account.closedAtMs !== null) return refused("account_closed");
  const { included: plans, anchorDate, timeZone, ...atOnce } = change;
  account.agreement = { ...account.agreement, ...atOnce };
  if (anchorDate !== undefined) account.waiting = { ...account.waiting, anchorDate };
  if (timeZone !== undefined) account.waiting = { ...account.waiting, timeZone };
  if (plans !== undefined) {
    const { included: _replaced, ...others } = account.waiting;
    const more = included(plans) >= included(account.agreement.included);
    account.waiting = more ? others : { ...others, included: plans };
    if (more) account.agreement = { ...account.agreement, included: plans };
  }
  lookBack(account);
  return { kind: "changed" as const };
}

export function changeCatalog(account: Account, catalog: Catalog, nowMs: number): void {
  look(account, nowMs);
  account.catalog = catalog;
}

export interface Grant extends Request {
  readonly credits: bigint;
  /** The day on which the period begins; null: the current one. */
  readonly period: string | null;
}

export function grant(account: Account, command: Grant, nowMs: number) {
  look(account, nowMs);
  return once(account, command, () => {
    const current = periodName(account);
    const day = command.period ?? current;
    // After a move to the west a period may begin on the day that named an earlier one.
    const isOther = day !== current;
    if (isOther && account.closed.some(({ period }) => period === day)) return refused("period_closed");
    if (isOther && !isLaterPeriod(account, day)) return refused("unknown_period");
    account.grants.push({ credits: command.credits, day, period: day === current ? account.period : null });
    account.told.push(`granted ${inCredits(command.credits)} for ${day}`);
    lookBack(account);
    return { kind: "granted" as const, replayed: false, period: day };
  });
}

/** By the calendar as agreed for the coming periods. */
function isLaterPeriod(account: Account, day: string): boolean {
  const { anchorDate, timeZone } = { ...account.agreement, ...account.waiting };
  const first = monthAround(anchorDate, timeZone, account.endMs);
  let [name, endMs] = [dayAt(account.endMs, timeZone), first.endMs];
  while (name < day) {
    name = dayAt(endMs, timeZone);
    endMs = monthAround(anchorDate, timeZone, endMs).endMs;
  }
  return name === day;
}
