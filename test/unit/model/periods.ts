/** Time passes: resets, one by one (2.3, 2.4), and the end of an account (2.6). */
import { dayAt, monthAround } from "../calendar.ts";
import type { Account } from "./account.ts";
import { refused } from "./answers.ts";
import { takeEffect } from "./conversions.ts";
import type { Closed } from "./facts.ts";
import { activePacks, billable, held, limit, openHolds, overdraft, periodName, used } from "./figures.ts";
import { billedOf, costOf, inCredits, positive } from "./money.ts";
import { lookBack, remindersOf, tellReport } from "./notices.ts";
import { chargeNow, turnTerm } from "./packs.ts";
import { agreedPrice, useSetting } from "./settings.ts";
import { nextSeq } from "./usage.ts";

/** What every command and every reader does first: whatever is due up to now happens, in its order. */
export function look(account: Account, nowMs: number): void {
  if (nowMs < account.nowMs) throw new Error("time goes back");
  const before = account.closed.length;
  while (account.closedAtMs === null) {
    const [first] = whatComes(account).toSorted((a, b) => a.atMs - b.atMs);
    if (first === undefined || first.atMs > nowMs) break;
    account.nowMs = Math.max(account.nowMs, first.atMs);
    first.happens(nowMs);
  }
  account.nowMs = nowMs;
  if (account.closedAtMs === null) tellReport(account, account.closed.slice(before));
}

/** What is told of a period is told in it, and what begins with one does so after its reset. */
function whatComes(account: Account) {
  const [conversion] = account.conversions.toSorted((a, b) => a.effectiveAtMs - b.effectiveAtMs);
  return [
    ...remindersOf(account),
    {
      atMs: account.endMs,
      happens: () => {
        closePeriod(account);
        openPeriod(account);
      },
    },
    {
      atMs: conversion?.effectiveAtMs ?? Number.POSITIVE_INFINITY,
      happens: () => {
        if (conversion === undefined) return;
        account.conversions.splice(account.conversions.indexOf(conversion), 1);
        takeEffect(account, conversion);
      },
    },
  ];
}

function closePeriod(account: Account): void {
  const [whole, spent, toBill] = [limit(account), used(account), billable(account)];
  const closed: Closed = {
    period: periodName(account),
    startMs: account.startMs,
    endMs: account.endMs,
    setting: account.setting,
    limit: whole,
    used: spent,
    held: held(account, account.endMs),
    overdraft: overdraft(account),
    overage: positive(spent - whole),
    billable: toBill,
    billed: billedOf(toBill),
    expired: positive(whole - spent),
    overagePrice: account.overagePrice,
    amountMinor: costOf(billedOf(toBill), account.overagePrice, account.agreement.currency),
    seqLast: nextSeq(account) - 1,
  };
  account.closed.push(closed);
  const { period, amountMinor } = closed;
  if (amountMinor > 0n) account.charges.push({ kind: "overage", atMs: account.endMs, period, amountMinor });
}

function openPeriod(account: Account): void {
  account.period += 1;
  account.agreement = { ...account.agreement, ...account.waiting };
  account.waiting = {};
  const { anchorDate, timeZone } = account.agreement;
  account.startMs = account.endMs;
  account.endMs = monthAround(anchorDate, timeZone, account.startMs).endMs;
  const packsEnd = turnTerm(account) && activePacks(account).length === 0;
  chargeNow(account, "renewal", activePacks(account));
  const nextName = dayAt(account.endMs, timeZone);
  for (const grant of account.grants) {
    if (grant.period === null && grant.day < nextName) grant.period = account.period;
  }
  account.overagePrice = agreedPrice(account) ?? account.overagePrice;
  if (account.pending !== null) useSetting(account, account.pending);
  account.pending = null;
  account.limitAtStart = limit(account);
  account.moments = [];
  account.expiryLooked = false;
  account.upgradeUnavailableTold = false;
  if (packsEnd) account.told.push(`packs ended: limit ${inCredits(limit(account))}`);
}

export function suspend(account: Account, suspended: boolean, nowMs: number, reason = "") {
  look(account, nowMs);
  if (account.closedAtMs !== null) return refused("account_closed");
  if (account.suspended !== suspended) account.told.push(suspended ? `suspended: ${reason}` : "resumed");
  account.suspended = suspended;
  lookBack(account);
  return { kind: "changed" as const };
}

/** The period ends now, holds are released, what is owed and what is given back is settled. */
export function close(account: Account, nowMs: number, reason = "") {
  look(account, nowMs);
  if (account.closedAtMs !== null) return refused("account_closed");
  for (const hold of openHolds(account)) hold.settlement = "released";
  // A period holds at least the moment of its end; one without anything is none.
  account.endMs = Math.max(nowMs, account.startMs + 1);
  const { seqLast = 0 } = account.closed.at(-1) ?? {};
  if (nowMs > account.startMs || nextSeq(account) - 1 > seqLast) closePeriod(account);
  account.charges.push({ kind: "closing", atMs: nowMs });
  account.closedAtMs = nowMs;
  account.pending = null;
  account.told.push(`closed: ${reason}`);
  return { kind: "closed" as const };
}
