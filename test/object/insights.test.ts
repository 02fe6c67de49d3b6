/** Forecast and insights as a caller asks for them (rules, 10.5 to 10.7), figures held against hand arithmetic. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { z } from "zod";
import type { forecastSchema } from "../../shared/api/forecast.ts";
import type { insightsSchema } from "../../shared/api/insights.ts";
import { accountOf } from "../../workers/account/stub.ts";
import { searchDuplicates } from "../../workers/insights/duplicates.ts";
import { badFields, CATALOG, call, FEATURES, keyWith, sell } from "./api.ts";
import { type Clocked, openClocked } from "./clocked.ts";
import { answers, openTestAccount } from "./fixtures.ts";
import { book, segmentsOf, ship, storeOnly, viewOf } from "./report-fixtures.ts";

type Forecast = z.infer<typeof forecastSchema>;
type Insights = z.infer<typeof insightsSchema>;

// Days of a test clock are requests, one by one.
vi.setConfig({ testTimeout: 30_000 });

let key = "";

beforeAll(async () => {
  key = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  const features = [...FEATURES, { feature: "search", actions: [{ action: "query", credits: 1 }] }];
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features });
});

const MIDNIGHT = "2026-11-14T00:00:00Z";
const NOTHING = { amountMinor: 0, currency: "USD" };
const usd = (amountMinor: number) => ({ amountMinor, currency: "USD" });

/** One pack of 1,000 for 10 USD and nothing included; 0.010 USD per credit above it. */
async function openPayAsYouGo(body: object = {}, settings: object = {}): Promise<Clocked> {
  const account = await openClocked(key, { plans: [], ...body }, MIDNIGHT);
  const pack = { pack: "pack-1000", overageSetting: "pay_as_you_go", ...settings };
  expect((await account.send("POST", "/packs", pack)).status).toBe(201);
  return account;
}

/** So many credits at noon of each of ten days; it is the midnight after them. */
async function tenDays(account: Clocked, credits: number): Promise<void> {
  for (let day = 14; day < 24; day += 1) {
    await account.advance(`2026-11-${day}T12:00:00Z`);
    await account.use(`day-${day}`, credits);
  }
  await account.advance("2026-11-24T00:00:00Z");
}

async function read<Body>(account: Clocked, path: string): Promise<Body> {
  const { status, body } = await account.send<Body>("GET", path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const accountKeyOf = ({ account }: Clocked) => `test:${account}`;

describe("the forecast", () => {
  test("of ten days of 20 and twenty to come: 600 of 500, which run out on the fifteenth of them", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    await tenDays(account, 20);
    const forecast = await read<Forecast>(account, "/forecast");
    expect(forecast).toMatchObject({
      at: "2026-11-24T00:00:00Z",
      period: { name: "2026-11-14", start: MIDNIGHT, end: "2026-12-14T00:00:00Z" },
      limit: 500,
      used: 200,
      projected: { expected: 600 },
      exhaustedOn: { expected: "2026-12-08" },
      maximum: null,
      expiring: { low: 0, expected: 0, high: 0 },
      basis: { since: "2026-11-14", wholeDays: 10, confidence: "medium" },
    });
    const { low, high } = forecast.projected;
    expect(low).toBeGreaterThan(200);
    expect(low).toBeLessThan(600);
    expect(high).toBeGreaterThan(600);
    const { earliest, latest } = forecast.exhaustedOn;
    expect([earliest, "2026-12-08", latest].toSorted()).toEqual([earliest, "2026-12-08", latest]);
    expect(forecast.days.map(({ day, expected }) => [day, expected])).toEqual(
      Array.from({ length: 20 }, (_, index) => [
        new Date(Date.UTC(2026, 10, 24 + index)).toISOString().slice(0, 10),
        220 + 20 * index,
      ]),
    );
    expect(forecast.assumptions.map(({ kind }) => kind)).toContain("every_day_alike");
  });

  test("says what will expire where less is used", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    await tenDays(account, 10);
    const { projected, exhaustedOn, expiring } = await read<Forecast>(account, "/forecast");
    expect([projected.expected, expiring.expected]).toEqual([300, 200]);
    expect(exhaustedOn).toMatchObject({ expected: null, latest: null });
    expect(expiring).toMatchObject({ low: expect.closeTo(500 - projected.high, 5) });
    expect(expiring).toMatchObject({ high: expect.closeTo(500 - projected.low, 5) });
  });

  test("has overage in money, as accrued and as projected, and the day of the maximum", async () => {
    const account = await openPayAsYouGo({}, { maximum: 1400 });
    await tenDays(account, 60);
    // 600 used, 1,800 wanted: the maximum stops at 1,400, 400 above the limit.
    expect(await read<Forecast>(account, "/forecast")).toMatchObject({
      projected: { expected: 1800 },
      exhaustedOn: { expected: "2026-11-30" },
      maximum: { credits: 1400, reachedOn: { expected: "2026-12-07" } },
      overage: { price: "0.010", accrued: NOTHING, projected: { expected: usd(400), high: usd(400) } },
    });
    await account.use("more", 619);
    expect(await read<Forecast>(account, "/forecast")).toMatchObject({
      used: 1219,
      overage: { accrued: usd(210), projected: { expected: usd(400) } },
    });
  });

  test("is made from the periods before too, and from the tail as from D1", async () => {
    const account = await openClocked(key, {}, "2026-11-10T00:00:00Z");
    const record = async (from: number, to: number) => {
      const events = Array.from({ length: to - from }, (_, index) => ({
        account: account.account,
        id: `day-${from + index}`,
        feature: "assistant",
        action: "answer",
        quantity: 10,
        occurredAt: new Date(Date.UTC(2026, 10, 10 + from + index, 12)).toISOString(),
      }));
      expect((await call(key, "POST", "/v1/events", { mode: "record", events })).status).toBe(200);
    };
    await account.advance("2026-12-09T23:00:00Z");
    await record(0, 30);
    await account.advance("2026-12-12T00:00:00Z");
    await record(30, 32);
    const forecast = await read<Forecast>(account, "/forecast");
    // Two days of the new period were used, 29 of it are left.
    expect(forecast).toMatchObject({
      period: { name: "2026-12-10" },
      used: 20,
      projected: { expected: 310 },
      basis: { wholeDays: 32 },
    });
    await accountOf(env, accountKeyOf(account)).flush();
    expect(await read<Forecast>(account, "/forecast")).toEqual(forecast);
  });

  test("of a closed account is what was used", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    await tenDays(account, 20);
    expect((await account.send("POST", "/close", { reason: "left" })).status).toBe(200);
    expect(await read<Forecast>(account, "/forecast")).toMatchObject({
      used: 200,
      projected: { low: 200, expected: 200, high: 200 },
    });
    expect(await read<Insights>(account, "/insights")).toMatchObject({
      choices: { running: null, past: [] },
      expiring: null,
    });
  });
});

/** 1,250 credits for 12.50 USD, a cent each: the pack, and 250 credits above it. */
async function openExample(): Promise<Clocked> {
  const account = await openPayAsYouGo({ hourlyValue: usd(6000) });
  const consume = async (at: string, event: object) => {
    await account.advance(at);
    const sent = { account: account.account, feature: "assistant", action: "answer", ...event };
    expect((await call(key, "POST", "/v1/consume", sent)).body).toMatchObject({ allowed: true });
  };
  const outcome = { type: "ticket_resolved", value: usd(900) };
  const saved = { type: "time_saved", quantity: 0.5, unit: "hours" };
  const first = { quantity: 300, user: "u1", workflow: "triage", subject: "ticket/1" };
  await consume("2026-11-14T10:00:00Z", { id: "a1", ...first, outcome });
  await consume("2026-11-15T09:00:00Z", { id: "a2", ...first });
  await consume("2026-11-15T10:00:00Z", { id: "a3", quantity: 400, user: "u2", outcome: saved });
  const search = { feature: "search", action: "query", user: "u2" };
  await consume("2026-11-16T10:00:00Z", { id: "s1", quantity: 250, ...search });
  return account;
}

describe("insights", () => {
  test("value outcomes, find waste and name who used most, each in credits and in money", async () => {
    const account = await openExample();
    const insights = await read<Insights>(account, "/insights?period=current");
    expect(insights).toMatchObject({ from: "2026-11-14", to: "2026-12-13", period: "2026-11-14" });
    expect(insights.total).toEqual({ credits: 1250, money: usd(1250), effectivePrice: "0.01" });
    const { value, waste, top } = insights;
    expect(value).toMatchObject({
      // 9.00 and half an hour at 60.00.
      total: {
        outcomes: 2,
        credits: 1250,
        creditsPerOutcome: 625,
        value: usd(3900),
        valuePerCredit: "0.0312",
      },
      types: [
        { type: "ticket_resolved", outcomes: 1, credits: 300, money: usd(300), valuePerCredit: "0.03" },
        {
          type: "time_saved",
          credits: 400,
          value: usd(3000),
          quantities: [{ unit: "hours", quantity: 0.5 }],
        },
      ],
      features: [
        { feature: "assistant", outcomes: 2, credits: 1000, money: usd(1000), valuePerCredit: "0.039" },
        { feature: "search", outcomes: 0, credits: 250, value: null, valuePerCredit: null },
      ],
    });
    expect(waste.duplicates).toMatchObject({
      duplicates: 1,
      credits: 300,
      money: usd(300),
      truncated: false,
      entriesSearched: 4,
      groups: [
        { feature: "assistant", actions: ["answer"], subject: "ticket/1", firstId: "a1", credits: 300 },
      ],
    });
    expect(waste.withoutOutcomes).toEqual({
      credits: 250,
      money: usd(250),
      features: [{ feature: "search", credits: 250, money: usd(250) }],
    });
    expect(waste.spikes.days).toEqual([
      { feature: "search", day: "2026-11-16", credits: 250, money: usd(250), used: 250, mean: 0 },
    ]);
    expect(waste.unowned.features.map(({ feature }) => feature)).toEqual(["assistant", "search"]);
    expect(top).toEqual({
      features: [
        { name: "assistant", credits: 1000, money: usd(1000), sharePercent: "80.0" },
        { name: "search", credits: 250, money: usd(250), sharePercent: "20.0" },
      ],
      users: [
        { name: "u2", credits: 650, money: usd(650), sharePercent: "52.0" },
        { name: "u1", credits: 600, money: usd(600), sharePercent: "48.0" },
      ],
      teams: [],
      workflows: [{ name: "triage", credits: 600, money: usd(600), sharePercent: "48.0" }],
    });
    await account.send("PUT", "/users/u2", { name: "Uma", roles: ["feature_owner"] });
    expect((await account.send("PUT", "/features/search", { owner: "u2" })).status).toBe(200);
    const owned = await read<Insights>(account, "/insights?period=current");
    expect(owned.waste.unowned).toEqual({
      credits: 1000,
      money: usd(1000),
      features: [{ feature: "assistant", credits: 1000, money: usd(1000) }],
    });
    // By days the same, at every stage of the way to D1.
    const byDays = await read<Insights>(account, "/insights");
    expect(byDays).toEqual({ ...owned, from: "2026-10-18", to: "2026-11-16", period: null });
    await ship({ key: accountKeyOf(account), api: accountOf(env, accountKeyOf(account)) });
    expect(await read<Insights>(account, "/insights?period=current")).toEqual(owned);
  });

  test("credits that were taken back are no duplicates", async () => {
    const account = await openExample();
    const duplicates = async () => (await read<Insights>(account, "/insights")).waste.duplicates;
    await account.send("POST", "/corrections", { event: "a2", credits: 100, reason: "half done" });
    expect(await duplicates()).toMatchObject({ duplicates: 1, credits: 200 });
    await account.send("POST", "/corrections", { event: "a2", reason: "asked twice" });
    expect(await duplicates()).toMatchObject({ duplicates: 0, credits: 0, groups: [] });
  });

  test("show what a closed period came to, and what each other choice would have, line by line", async () => {
    const account = await openExample();
    await account.advance("2026-12-15T00:00:00Z");
    const { choices } = await read<Insights>(account, "/insights");
    expect(choices.past).toHaveLength(1);
    const [past] = choices.past;
    expect(past).toMatchObject({ period: "2026-11-14", used: 1250 });
    const bought = (quantity: number) => ({
      part: "bought",
      unit: "packs",
      quantity,
      unitPrice: "10.00",
      amount: usd(1000 * quantity),
      pack: "pack-1000",
    });
    const overage = { part: "overage", unit: "credits", quantity: 250, unitPrice: "0.010", amount: usd(250) };
    expect(past?.choices?.needed).toBe(1250);
    expect(
      past?.choices?.options.map(({ choice, lines, total, uncovered, covers }) => ({
        choice,
        lines,
        total: total.amountMinor,
        uncovered,
        covers,
      })),
    ).toEqual([
      {
        choice: { kind: "stay", overageSetting: "pay_as_you_go" },
        lines: [bought(1), overage],
        total: 1250,
        uncovered: 0,
        covers: true,
      },
      {
        choice: { kind: "packs", pack: "pack-1000", packs: 1, beyond: "pause" },
        lines: [bought(1)],
        total: 1000,
        uncovered: 250,
        covers: false,
      },
      {
        choice: { kind: "packs", pack: "pack-1000", packs: 1, beyond: "pay_as_you_go" },
        lines: [bought(1), overage],
        total: 1250,
        uncovered: 0,
        covers: true,
      },
      {
        choice: { kind: "packs", pack: "pack-1000", packs: 2, beyond: "pause" },
        lines: [bought(2)],
        total: 2000,
        uncovered: 0,
        covers: true,
      },
    ]);
    expect(past?.choices?.cheapest).toEqual({
      choice: { kind: "stay", overageSetting: "pay_as_you_go" },
      total: usd(1250),
    });
    // In the new period the pack is committed: nothing was used yet, staying costs just it.
    const running = choices.running;
    expect(running?.expected.options[0]?.lines[0]).toEqual({ ...bought(1), part: "committed" });
    expect(await read<Insights>(account, "/insights?period=previous")).toMatchObject({
      period: "2026-11-14",
      total: { credits: 1250, money: usd(1250) },
      waste: { duplicates: { credits: 300 } },
    });
  });

  test("compare the choices for the use that is projected", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    await tenDays(account, 20);
    const { choices, expiring } = await read<Insights>(account, "/insights");
    // 600 wanted, 500 included: one pack covers it; staying leaves 100 denied.
    expect(choices.running?.expected).toMatchObject({
      needed: 600,
      cheapest: { choice: { kind: "packs", packs: 1 }, total: usd(1000) },
      payAsYouGoRefused: "packs_required",
      options: [{ choice: { kind: "stay" }, total: NOTHING, uncovered: 100, covers: false }, { limit: 1500 }],
    });
    expect(choices.past).toEqual([]);
    expect(expiring).toMatchObject({ at: "2026-12-14T00:00:00Z", expected: { credits: 0, money: NOTHING } });
  });

  test("price what will expire by what its packs cost", async () => {
    const account = await openPayAsYouGo();
    await tenDays(account, 20);
    const { expiring } = await read<Insights>(account, "/insights");
    // 600 of 1,000 projected: 400 of a pack of 10 USD.
    expect(expiring?.expected).toEqual({ credits: 400, money: usd(400) });
  });

  test("counts denials of a closed period against staying", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    await account.use("a", 500);
    await account.use("b", 1);
    const count = { day: "2026-11-14", feature: "assistant", action: "answer", reason: "credits_exhausted" };
    await storeOnly([
      {
        type: "denials",
        accountKey: accountKeyOf(account),
        batch: "lost",
        counts: [{ ...count, denials: 1 }],
      },
    ]);
    await account.advance("2026-12-15T00:00:00Z");
    const { choices } = await read<Insights>(account, "/insights");
    expect(choices.past[0]?.choices).toMatchObject({
      needed: 500,
      cheapest: null,
      options: [{ total: NOTHING, denials: 1, covers: false }],
    });
  });

  test("stop at a bound when they look for duplicates, and say so", async () => {
    const account = await openTestAccount({}, Date.parse("2026-01-20T12:00:00Z"));
    await book(
      account,
      Array.from({ length: 6 }, (_, index) => answers(`e${index}`, 1, { subject: "s" })),
    );
    const days = { from: "2026-01-01", to: "2026-01-31" };
    const range = { days, period: null, search: days };
    const view = await viewOf(account);
    const search = (entriesMax?: number) =>
      searchDuplicates(env.DB, account.key, view, range, entriesMax).then(({ report, ...rest }) => ({
        ...rest,
        duplicates: report.duplicates,
      }));
    const whole = { entries: 6, truncated: false, duplicates: 5 };
    expect(await search()).toEqual(whole);
    expect(await search(6)).toEqual(whole);
    expect(await search(4)).toEqual({ entries: 4, truncated: true, duplicates: 3 });
    await storeOnly(segmentsOf(account.key, view.tail, 2));
    const inD1 = { ...view, tail: [], acknowledgedSeq: view.lastSeq };
    expect((await searchDuplicates(env.DB, account.key, inD1, range, 5)).truncated).toBe(true);
  });
});

test("only who may see money sees forecast and insights", async () => {
  const account = await openClocked(key, {}, MIDNIGHT);
  const user = (id: string, roles: readonly string[]) =>
    account.send("PUT", `/users/${id}`, { name: id, email: `${id}@acme.example`, roles });
  await user("bill", ["billing_admin"]);
  await user("mem", ["member"]);
  const live = await keyWith("live");
  for (const path of ["/forecast", "/insights"]) {
    const as = (id: string) => account.send("GET", path, undefined, { "drawdown-actor": `user:${id}` });
    expect((await as("bill")).status).toBe(200);
    expect(await as("mem")).toMatchObject({ status: 403, body: { code: "role_missing" } });
    expect((await call(live, "GET", `/v1/accounts/${account.account}${path}`)).status).toBe(404);
  }
  expect(badFields(await call(key, "GET", `/v1/accounts/${account.account}/insights?period=never`))).toEqual([
    "period",
  ]);
});
