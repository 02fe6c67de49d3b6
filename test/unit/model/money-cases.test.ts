/** The model by hand: corrections, cancellations, invoices. */
import { expect, test } from "vitest";
import type { Account } from "./account.ts";
import { correct, corrected } from "./corrections.ts";
import { balance } from "./figures.ts";
import {
  accountWith,
  book,
  credits,
  denial,
  event,
  heard,
  NOW,
  purchase,
  RESET,
  tryTo,
  use,
} from "./given.ts";
import { documents, voidInvoice } from "./invoices.ts";
import { costOf } from "./money.ts";
import { cancel, packsShown } from "./packs.ts";
import { close, look } from "./periods.ts";
import { choose } from "./settings.ts";
import { consume, record } from "./usage.ts";

const HOUR_MS = 60 * 60 * 1000;

function reverse(account: Account, id: string, amount: number | "whole", key: string | null = null) {
  const wanted = amount === "whole" ? amount : credits(amount);
  return correct(account, { key, content: `${id} ${amount}`, event: id, credits: wanted }, account.nowMs);
}

function papers(account: Account) {
  return documents(account).made.map(
    ({ kind, subtotalMinor, creditedMinor }) => `${kind} ${subtotalMinor} - ${creditedMinor}`,
  );
}

test("amounts are rounded once, half up", () => {
  expect(costOf(credits(230), "0.010", "USD")).toBe(230n);
  expect(costOf(credits(10), "0.0004", "USD")).toBe(0n);
  expect(costOf(credits(10), "0.0005", "USD")).toBe(1n);
  expect(costOf(credits(10), "1.25", "JPY")).toBe(13n);
  expect(costOf(credits(10), "0.0005", "KWD")).toBe(5n);
});

test("in the open period credits come back, overdraft first, and arm nothing", () => {
  const account = accountWith({ included: 100 });
  const sent = event(130);
  record(account, sent, account.nowMs);
  expect(heard(account)).toEqual(["limit passed in pause: 130 of 100"]);
  expect(reverse(account, sent.id, 20)).toMatchObject({ overdraft: credits(20), creditMinor: 0n });
  expect(reverse(account, sent.id, 20, "a")).toMatchObject({ overdraft: credits(10), replayed: false });
  expect(reverse(account, sent.id, 20, "a")).toMatchObject({ overdraft: credits(10), replayed: true });
  expect(balance(account)).toMatchObject({ used: credits(90), overdraft: 0n, state: "active" });
  expect(reverse(account, sent.id, 91)).toEqual({ kind: "refused", why: "exceeds_entry" });
  use(account, 10);
  expect(heard(account)).toEqual([]);
  expect(reverse(account, sent.id, "whole")).toMatchObject({ credits: credits(90) });
  expect(reverse(account, sent.id, "whole")).toEqual({ kind: "refused", why: "nothing_to_correct" });
  expect(balance(account)).toMatchObject({ used: credits(10) });
});

test("what an upgrade added stays when its event is corrected", () => {
  const account = accountWith({ packs: 1, used: 1400 });
  const sent = event(200);
  consume(account, sent, account.nowMs);
  reverse(account, sent.id, "whole");
  expect(balance(account)).toMatchObject({ used: credits(1400), limit: credits(2500) });
  // It was used all the same: a change of the setting waits.
  expect(choose(account, { setting: "pause" }, account.nowMs)).toMatchObject({ effectiveAtMs: RESET });
});

test("a correction credits no overdraft, and what exceeds the next invoice is carried on", () => {
  // Limit 1,000, maximum 5,000: of a record of 5,100 100 are overdraft, 4,000 are billed at 0.010: 4,000 cents.
  const account = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go", maximum: 5000 });
  const sent = event(5100);
  record(account, sent, account.nowMs);
  look(account, RESET);
  expect(account.closed).toMatchObject([{ overdraft: credits(100), amountMinor: 4000n }]);
  expect(reverse(account, sent.id, 100)).toMatchObject({ overdraft: credits(100), creditMinor: 0n });
  expect(reverse(account, sent.id, 2500)).toMatchObject({ creditMinor: 2500n });
  const [closed] = account.closed;
  expect(closed && corrected(account, closed)).toMatchObject({
    used: credits(2500),
    billed: credits(1500),
    amountMinor: 1500n,
  });
  expect(closed).toMatchObject({ used: credits(5100), billed: credits(4000) });
  purchase(account);
  purchase(account);
  purchase(account);
  expect(papers(account).slice(2)).toEqual([
    "purchase 1000 - 1000",
    "purchase 1000 - 1000",
    "purchase 1000 - 500",
  ]);
});

test("a credit that still waits at closing becomes a credit note", () => {
  const account = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go" });
  const sent = event(1100);
  consume(account, sent, account.nowMs);
  look(account, RESET);
  reverse(account, sent.id, 50);
  close(account, RESET + HOUR_MS);
  expect(papers(account)).toEqual(["overage 100 - 0", "renewal 1000 - 0", "credit_note 50 - 0"]);
});

test("a voided invoice is credited as a whole; corrections of its period then credit nothing", () => {
  const account = accountWith({ included: 0, packs: 1, setting: "pay_as_you_go" });
  const sent = event(1100);
  consume(account, sent, account.nowMs);
  look(account, RESET);
  voidInvoice(account, 0, RESET);
  expect(voidInvoice(account, 0, RESET)).toEqual({ kind: "refused", why: "already_voided" });
  expect(reverse(account, sent.id, "whole")).toMatchObject({ creditMinor: 0n });
  expect(papers(account)).toEqual(["overage 100 - 0", "renewal 1000 - 0", "credit_note 100 - 0"]);
});

test("automatic packs of one local day are one invoice, which grows until the day is over", () => {
  const account = accountWith({
    packs: 1,
    used: 1500,
    agreement: { timeZone: "America/New_York", automaticPacksMax: 2 },
  });
  use(account, 1000, { nowMs: Date.parse("2026-11-21T06:00:00Z") });
  expect(papers(account)).toEqual(["upgrade 1000 - 0"]);
  use(account, 1000, { nowMs: Date.parse("2026-11-22T04:59:59Z") });
  expect(papers(account)).toEqual(["upgrade 2000 - 0"]);
  look(account, Date.parse("2026-11-22T05:00:00Z"));
  expect(papers(account)).toEqual(["upgrade 2000 - 0"]);
  expect(tryTo(account, 1)).toEqual(denial("upgrade_cap_reached"));
});

test("at closing the day's automatic packs are invoiced before the overage", () => {
  const account = accountWith({ packs: 1, used: 1500 });
  use(account, 1000);
  book(account, 1010);
  close(account, NOW + HOUR_MS);
  expect(papers(account)).toEqual(["upgrade 1000 - 0", "overage 1010 - 0"]);
});

test("a cancelled purchase is credited in full, and the limit does not fall below what was used", () => {
  const account = accountWith({ packs: 1 });
  const { id } = purchase(account);
  use(account, 1800);
  heard(account);
  expect(cancel(account, id, account.nowMs)).toEqual({
    kind: "cancelled",
    creditMinor: 1000n,
    kept: credits(300),
  });
  expect(balance(account)).toMatchObject({ limit: credits(1800), setting: "auto_upgrade" });
  expect(heard(account)).toEqual(["limit 90 %: 1800 of 1800"]);
  expect(papers(account)).toEqual(["purchase 1000 - 0", "credit_note 1000 - 0"]);
  look(account, RESET);
  expect(balance(account)).toMatchObject({ limit: credits(1500) });
  expect(cancel(account, "pack-1", account.nowMs)).toMatchObject({ why: "not_of_open_period" });
});

test("an upgrade can be cancelled too; with the last pack the setting becomes pause", () => {
  const account = accountWith({ packs: 1, maximum: 9000, used: 1500 });
  use(account, 1);
  const [bought, added] = packsShown(account).packs;
  cancel(account, added?.id ?? "", account.nowMs);
  cancel(account, bought?.id ?? "", account.nowMs);
  expect(balance(account)).toMatchObject({
    limit: credits(1501),
    setting: "pause",
    maximum: null,
    state: "exhausted",
  });
  expect(packsShown(account).termPeriods).toBe(null);
});
