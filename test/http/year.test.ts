/** A year of one account on a test clock, through the API: it takes seconds, and everything adds up. */
import { expect, test } from "vitest";
import type { Event, Invoice } from "../../shared/client/client.ts";
import { TestAccount } from "./support/account.ts";
import { useServer } from "./support/server.ts";

const server = useServer();

const DAY_MS = 24 * 60 * 60 * 1000;
const START_MS = Date.parse("2026-01-05T00:00:00Z");
const WEEKS = 50;
const EVENTS_PER_WEEK = 200;
const CREDITS_PER_EVENT = 4;
/** It took 6 s on two cores with nine other processes at work; half of it the events, half the advances. */
const YEAR_MS_MAX = 30_000;

const at = (days: number) => new Date(START_MS + days * DAY_MS).toISOString();

async function invoicesOf(account: string): Promise<readonly Invoice[]> {
  const { data, nextCursor } = await server.test.invoices(account, { limit: 500 });
  expect(nextCursor).toBeNull();
  return data.toReversed();
}

async function useWeekly(account: TestAccount, week: number): Promise<void> {
  await account.advanceTo(at(7 * week + 1));
  const events = Array.from({ length: EVENTS_PER_WEEK }, (): Event => account.event(CREDITS_PER_EVENT));
  const results = await server.test.events(events, "consume");
  expect(results.every((result) => "allowed" in result && result.allowed)).toBe(true);
}

test("10,000 events, resets, upgrades, renewals and invoices of a year", { timeout: 120_000 }, async () => {
  const account = await TestAccount.open(server.test, {
    now: at(0),
    plans: ["plan-500"],
    termPeriods: 6,
    automaticPacksMax: 10,
    pack: { pack: "pack-1000", quantity: 2 },
  });
  const beganMs = performance.now();
  for (let week = 0; week < WEEKS; week += 1) await useWeekly(account, week);
  await account.advanceTo(at(366));
  const tookMs = performance.now() - beganMs;

  const { data: periods } = await server.test.periods(account.account, { limit: 100 });
  expect(periods).toHaveLength(12);
  const used = periods.reduce((sum, period) => sum + period.used, 0);
  expect(used).toBe(WEEKS * EVENTS_PER_WEEK * CREDITS_PER_EVENT);
  expect(periods.every((period) => period.overage === 0)).toBe(true);

  const invoices = await invoicesOf(account.account);
  const of = (cause: Invoice["cause"]) => invoices.filter((invoice) => invoice.cause === cause);
  expect(of("purchase")).toHaveLength(1);
  // 2,500 a month are not enough for four weeks of 800, and 3,500 not for five.
  expect(of("upgrade").length).toBeGreaterThanOrEqual(4);
  expect(of("renewal")).toHaveLength(12);
  const [july] = of("renewal").filter(({ period }) => period.name === "2026-07-05");
  expect(july?.total).toEqual({ amountMinor: 2000, currency: "USD" });
  expect(new Set(invoices.map(({ number }) => number)).size).toBe(invoices.length);
  expect(invoices.every(({ growsUntil }) => growsUntil === null)).toBe(true);

  expect(await server.test.reconcile(account.account)).toMatchObject({ ok: true });
  expect(tookMs).toBeLessThan(YEAR_MS_MAX);
});

test("a whole year in one advance", async () => {
  const account = await TestAccount.open(server.test, {
    now: at(0),
    plans: ["plan-500"],
    pack: { pack: "pack-1000", overageSetting: "pay_as_you_go" },
  });
  await account.use(1737.5);
  const beganMs = performance.now();
  await account.advanceTo(at(400));
  const tookMs = performance.now() - beganMs;
  const invoices = await invoicesOf(account.account);
  expect(invoices.filter(({ cause }) => cause === "renewal")).toHaveLength(13);
  expect(invoices.filter(({ kind }) => kind === "overage").map(({ total }) => total.amountMinor)).toEqual([
    230,
  ]);
  expect(tookMs).toBeLessThan(YEAR_MS_MAX);
});
