/** The model by hand: the term, resets, what was agreed, what the calendar tells. */
import { expect, test } from "vitest";
import type { Account } from "./account.ts";
import type { CatalogPack } from "./facts.ts";
import { balance, periodName, stateOf } from "./figures.ts";
import {
  accountWith,
  book,
  CATALOG,
  credits,
  DAY_MS,
  denial,
  heard,
  NOW,
  purchase,
  RESET,
  tryTo,
  use,
} from "./given.ts";
import { documents } from "./invoices.ts";
import { changeRenewal, packsShown } from "./packs.ts";
import { look } from "./periods.ts";
import { changeAgreement, changeCatalog, choose, grant } from "./settings.ts";

function papers(account: Account) {
  return documents(account).made.map(
    ({ kind, subtotalMinor, creditedMinor }) => `${kind} ${subtotalMinor} - ${creditedMinor}`,
  );
}

const SMALL: CatalogPack = { pack: "p250", credits: credits(250), prices: { USD: 300n }, upgrade: false };

test("at the end of the term bought packs renew at the price then current, as was chosen", () => {
  const catalog = { packs: [...CATALOG.packs, SMALL] };
  const account = accountWith({ included: 0, packs: 2, agreement: { termPeriods: 2 }, catalog });
  const { id } = purchase(account);
  const other = purchase(account);
  const now = account.nowMs;
  expect(changeRenewal(account, "pack-1", { pack: "p1000", packs: 3n }, now)).toMatchObject({
    why: "not_smaller",
  });
  expect(changeRenewal(account, "pack-1", { pack: "p1000", packs: 1n }, now)).toMatchObject({
    effectiveAtMs: Date.parse("2027-01-14T00:00:00Z"),
  });
  changeRenewal(account, id, { pack: "p250", packs: 1n }, now);
  changeRenewal(account, other.id, "none", now);
  changeCatalog(account, { ...CATALOG, packs: [{ ...SMALL, prices: { USD: 350n } }] }, RESET);
  look(account, Date.parse("2027-01-14T00:00:00Z"));
  // p1000 is no longer on sale: its last price.
  expect(packsShown(account)).toMatchObject({
    packs: [
      { pack: "p1000", packs: 1n, priceMinor: 1000n },
      { pack: "p250", packs: 1n, priceMinor: 350n },
    ],
    termNumberOfPeriod: 1,
    amountMinor: 1350n,
  });
  expect(balance(account)).toMatchObject({ limit: credits(1250) });
});

test("packs of one term end together, the first of another one begins it anew", () => {
  const account = accountWith({ packs: 1, agreement: { termPeriods: 2 } });
  changeRenewal(account, "pack-1", "none", NOW);
  purchase(account, 1, RESET);
  changeRenewal(account, "pack-2", "none", RESET);
  look(account, Date.parse("2027-01-14T00:00:00Z"));
  expect(packsShown(account).packs).toEqual([]);
  purchase(account, 1, Date.parse("2027-02-14T00:00:00Z"));
  expect(packsShown(account)).toMatchObject({
    termNumberOfPeriod: 1,
    termEndMs: Date.parse("2027-04-14T00:00:00Z"),
  });
});

test("the end of the term is told 30 days before, what will expire 7 days before, each once", () => {
  const account = accountWith({ packs: 1, used: 1125, agreement: { termPeriods: 2 } });
  const termEndMs = Date.parse("2027-01-14T00:00:00Z");
  look(account, RESET - 7 * DAY_MS);
  expect(heard(account)).toEqual([]);
  look(account, termEndMs - 30 * DAY_MS - 1);
  expect(heard(account)).toEqual(["2026-11-14: 1125 of 1500, 375 expired, 0 over"]);
  look(account, termEndMs - 30 * DAY_MS);
  look(account, termEndMs - 7 * DAY_MS - 1);
  expect(heard(account)).toEqual(["term ends at 2027-01-14T00:00:00.000Z"]);
  use(account, 1124.5, { nowMs: termEndMs - 7 * DAY_MS });
  expect(heard(account)[0]).toBe("credits expire at 2027-01-14T00:00:00.000Z: 1500 of 1500 left");
});

test("several missed periods are closed one by one and reported once", () => {
  const account = accountWith({ packs: 1 });
  look(account, Date.parse("2027-02-20T00:00:00Z"));
  expect(account.closed.map(({ period }) => period)).toEqual(["2026-11-14", "2026-12-14", "2027-01-14"]);
  expect(heard(account)).toEqual([
    ["2026-11-14", "2026-12-14", "2027-01-14"]
      .map((period) => `${period}: 0 of 1500, 1500 expired, 0 over`)
      .join("; "),
  ]);
  expect(papers(account)).toEqual(["renewal 1000 - 0", "renewal 1000 - 0", "renewal 1000 - 0"]);
});

test("an upgrade replaces the percentages that its decision reaches", () => {
  const account = accountWith({ included: 100, packs: 1, used: 800 });
  use(account, 900);
  use(account, 1);
  expect(heard(account)).toEqual(["upgraded by 1 p1000 for 1000: 1700 of 2100"]);
});

test("below 90 % a denial is not the limit's being passed; thresholds begin anew with a period", () => {
  const account = accountWith({ included: 1000 });
  use(account, 800);
  tryTo(account, 201);
  expect(heard(account)).toEqual(["limit 75 %: 800 of 1000"]);
  use(account, 800, { nowMs: RESET });
  expect(heard(account)[1]).toBe("limit 75 %: 800 of 1000");
});

test("a grant raises the limit of its period only, and nothing else", () => {
  const account = accountWith({ packs: 1, maximum: 1500 });
  const request = { key: null, content: "", credits: credits(100) };
  expect(grant(account, { ...request, period: null }, NOW)).toMatchObject({ period: "2026-11-14" });
  expect(grant(account, { ...request, period: "2027-01-14" }, NOW)).toMatchObject({ kind: "granted" });
  expect(grant(account, { ...request, period: "2027-01-15" }, NOW)).toMatchObject({ why: "unknown_period" });
  expect(balance(account)).toMatchObject({ limit: credits(1600), maximum: credits(1500) });
  look(account, RESET);
  expect(balance(account)).toMatchObject({ limit: credits(1500) });
  expect(grant(account, { ...request, period: "2026-11-14" }, RESET)).toMatchObject({ why: "period_closed" });
  look(account, Date.parse("2027-01-14T00:00:00Z"));
  expect(balance(account)).toMatchObject({ limit: credits(1600) });
});

test("more included credits count at once, fewer, a zone and an anchor from the reset, in a shorter period", () => {
  const account = accountWith({ included: 500 });
  changeAgreement(account, { included: [credits(300), credits(800)] }, NOW);
  expect(balance(account)).toMatchObject({ limit: credits(800) });
  const change = { included: [credits(300)], anchorDate: "2026-01-05", timeZone: "Asia/Tokyo" };
  changeAgreement(account, change, NOW);
  expect(balance(account)).toMatchObject({ limit: credits(800), resetAtMs: RESET });
  look(account, RESET);
  expect(balance(account)).toMatchObject({
    limit: credits(300),
    resetAtMs: Date.parse("2027-01-05T00:00:00+09:00"),
  });
  expect(periodName(account)).toBe("2026-12-14");
});

test("pay as you go needs a price, keeps it for the period, and goes on when it is withdrawn", () => {
  const account = accountWith({ packs: 1, catalog: { overagePrices: {} } });
  expect(choose(account, { setting: "pay_as_you_go" }, NOW)).toMatchObject({ why: "overage_price_missing" });
  changeAgreement(account, { overagePrice: "0.02" }, NOW);
  choose(account, { setting: "pay_as_you_go" }, NOW);
  changeAgreement(account, { overagePrice: "0.05" }, NOW);
  expect(balance(account)).toMatchObject({ overagePrice: "0.02" });
  look(account, RESET);
  changeAgreement(account, { overagePrice: null }, RESET);
  look(account, Date.parse("2027-01-14T00:00:00Z"));
  expect(balance(account)).toMatchObject({ overagePrice: "0.05" });
});

test("without a pack on sale auto_upgrade denies like pause, and says so once per period", () => {
  const account = accountWith({ packs: 1, used: 1400 });
  changeCatalog(account, { ...CATALOG, packs: [] }, NOW);
  expect(tryTo(account, 101)).toEqual(denial("credits_exhausted"));
  expect(tryTo(account, 102)).toEqual(denial("credits_exhausted"));
  // The first denial from 90 % on is the limit's being passed.
  expect(heard(account)).toEqual(["limit passed in auto_upgrade: 1400 of 1500", "no upgrade in USD"]);
  // A record is booked without packs; what is above the limit is overage to bill.
  expect(book(account, 120)).toMatchObject({ overdraft: 0n, upgrade: null });
  expect(balance(account)).toMatchObject({ billable: credits(20), accruedMinor: 20n });
  expect(stateOf(account)).toBe("exhausted");
});

test("a maximum below what was used pauses at once and says so", () => {
  const account = accountWith({ packs: 1, used: 700 });
  choose(account, { maximum: credits(600) }, NOW);
  expect(heard(account)).toEqual(["maximum reached: 700 of 600"]);
  expect(tryTo(account, 1)).toEqual(denial("max_monthly_limit_reached"));
  choose(account, { maximum: null }, NOW);
  expect(tryTo(account, 1)).toMatchObject({ kind: "booked" });
});
