/** The demo operator of `npm start`: what a newcomer finds, however often the first start broke off. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoSummary } from "../../scripts/local/first-start.ts";
import { seed } from "../../scripts/local/seed.ts";
import { type LocalServer, startServer } from "../../scripts/local/server.ts";
import { Drawdown, type Event, type LogEntry } from "../../shared/client/client.ts";
import { temporaryFolder } from "./support/folders.ts";
import { connect, type TestServer } from "./support/server.ts";

const stateFolder = temporaryFolder();
let local: LocalServer;
let server: TestServer;
let summary: DemoSummary;
const seedIt = () => seed({ url: server.url, adminKey: server.keys.live });

beforeAll(async () => {
  local = await startServer({ stateFolder, cron: false, log: () => undefined });
  server = await connect(local.url, local.signingSecret);
  summary = await seedIt();
});

afterAll(() => local.close());

function trialsOf({ keys }: DemoSummary): Drawdown {
  return new Drawdown({ baseUrl: server.url, apiKey: keys[1]?.key ?? "" });
}

function leadBy(user: string): Event {
  const lead = { feature: "prospecting_agent", action: "lead_researched", quantity: 1 };
  return { account: "acme", id: "seed test", ...lead, user };
}

async function logOf(account: string): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of server.live.logEntries(account)) entries.push(entry);
  return entries;
}

describe("the demo operator", () => {
  test("sells AI features of four categories: one of them beta, one in blocks, one by tokens", async () => {
    const { features } = await server.live.rates("acme");
    expect(new Set(features.map(({ category }) => category))).toEqual(
      new Set(["Customer support", "Prospecting", "Data enrichment", "Content"]),
    );
    expect(features.filter(({ beta }) => beta)).toHaveLength(1);
    expect(features.flatMap(({ actions }) => actions).filter(({ blocks }) => blocks)).toHaveLength(1);
    expect(features.find(({ feature }) => feature === "assistant")?.actions).toMatchObject([
      { action: "input_tokens", credits: 1, per: 1000 },
      { action: "output_tokens", credits: 4, per: 1000 },
    ]);
  });

  test("has three accounts: one mid-way, one in overage below its maximum, one exhausted", async () => {
    const [acme, globex, initech] = await Promise.all(
      ["acme", "globex", "initech"].map((account) => server.live.balance(account)),
    );
    expect(acme).toMatchObject({ state: "active", overageSetting: "auto_upgrade", overage: 0 });
    expect(acme?.used).toBeGreaterThan((acme?.limit ?? 0) / 3);
    expect(globex).toMatchObject({ state: "overage", overageSetting: "pay_as_you_go", maximum: 2500 });
    expect(globex?.money.accruedOverage).toMatchObject({ currency: "EUR" });
    expect(initech).toMatchObject({ state: "exhausted", overageSetting: "pause", used: 500, packs: 0 });
  });

  test("uses every rule in one of them: teams, budgets, limited features, own rates, holds, a correction, a grant", async () => {
    const { live } = server;
    const balance = await live.balance("acme");
    expect(balance).toMatchObject({ openHolds: 1, held: 60, granted: 250, term: { period: 1, periods: 12 } });
    expect(balance.pausedFeatures).toEqual(["document_reader"]);
    expect((await live.users("acme")).data.flatMap(({ teams }) => teams)).toContain("sales");
    const budgets = (await live.budgets("acme")).data;
    expect(budgets.map(({ subject }) => subject).sort()).toEqual(["feature", "team", "workflow"]);
    expect(budgets.every(({ used }) => used > 0)).toBe(true);
    expect((await live.feature("acme", "prospecting_agent")).access).toMatchObject({ teams: ["sales"] });
    expect(await live.check(leadBy("u_dan"))).toMatchObject({ allowed: false, reason: "not_permitted" });
    expect(await live.check(leadBy("u_12"))).toMatchObject({ allowed: true });
    const kinds = new Set((await logOf("acme")).map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(["use", "correction"]));
    const { features } = await live.rates("acme");
    const rates = features.flatMap(({ actions }) => actions);
    expect(rates.filter(({ own }) => own)).toMatchObject([{ action: "conversation_handled", credits: 8 }]);
  });

  test("has one in test mode with months of history: invoices paid, overdue and open, a conversion, a spike", async () => {
    const trials = trialsOf(summary);
    expect(await trials.balance("hooli")).toMatchObject({ limit: 4500, overageSetting: "pay_as_you_go" });
    const { data: periods } = await trials.periods("hooli");
    expect(periods).toHaveLength(3);
    for (const { billed, corrected } of periods) expect(corrected?.billed).toBeLessThan(billed);
    const { data: invoices } = await trials.invoices("hooli");
    expect(invoices.filter(({ status }) => status === "paid").length).toBeGreaterThan(1);
    expect(invoices.filter(({ overdue }) => overdue).length).toBeGreaterThan(0);
    expect(invoices.filter(({ status, overdue }) => status === "open" && !overdue).length).toBeGreaterThan(0);
    expect(invoices.flatMap(({ lines }) => lines).map(({ unit }) => unit)).toContain("adjustment");
    expect((await trials.conversions("hooli")).data).toMatchObject([{ status: "active" }]);
    const { waste } = await trials.insights("hooli");
    expect(waste.duplicates.duplicates).toBeGreaterThan(0);
    expect(waste.spikes).not.toEqual([]);
    expect((await trials.forecast("hooli")).basis.wholeDays).toBeGreaterThan(28);
    expect(await trials.reconcile("hooli")).toMatchObject({ ok: true, mismatches: [] });
  });

  test("shows usage of weeks, by day, user and workflow, less at the weekend", async () => {
    const { groups } = await server.live.usage("acme", { groupBy: "day" });
    const eventsOn = (isWeekend: boolean) =>
      groups
        .filter(({ day = "" }) => [0, 6].includes(new Date(day).getUTCDay()) === isWeekend)
        .reduce((sum, { events }) => sum + events, 0);
    expect(eventsOn(true)).toBeGreaterThan(0);
    expect(eventsOn(false)).toBeGreaterThan(5 * eventsOn(true));
    const byUser = await server.live.usage("acme", { groupBy: "user" });
    expect(byUser.groups.length).toBeGreaterThan(2);
  });

  test("is the same when it is made again", async () => {
    const figures = async (keys: DemoSummary) => [
      ...(await Promise.all(["acme", "globex", "initech"].map((name) => server.live.balance(name)))),
      await trialsOf(keys).balance("hooli"),
      (await trialsOf(keys).invoices("hooli")).data,
    ];
    const { keys: first, ...made } = summary;
    const before = await figures(summary);
    summary = await seedIt();
    const { keys, ...again } = summary;
    expect(again).toEqual(made);
    expect(keys.map(({ about }) => about)).toEqual(first.map(({ about }) => about));
    expect(await figures(summary)).toEqual(before);
    expect((await server.live.rateSheet("current")).version).toBe(1);
  });

  test("has a key for a product and one for trials; those of an earlier try are revoked", async () => {
    const [first, ...others] = summary.keys;
    expect(others).toHaveLength(1);
    const [product, trials] = (await seedIt()).keys.map(
      ({ key }) => new Drawdown({ baseUrl: server.url, apiKey: key }),
    );
    expect(await product?.check(summary.consume as Event)).toMatchObject({ allowed: true });
    await expect(product?.balance("acme")).rejects.toMatchObject({ problem: { code: "scope_missing" } });
    await expect(trials?.balance("acme")).rejects.toMatchObject({ problem: { code: "account_not_found" } });
    const earlier = new Drawdown({ baseUrl: server.url, apiKey: first?.key ?? "" });
    await expect(earlier.check(summary.consume as Event)).rejects.toMatchObject({
      problem: { code: "key_revoked" },
    });
  });

  test("shows the event of the README's first command", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [, body = ""] = /-d '(\{.*?\})'/s.exec(readme) ?? [];
    expect(JSON.parse(body)).toEqual(summary.consume);
  });

  test("answers the line that it shows: allowed, at 0.55 credits, and again", async () => {
    const event = summary.consume as unknown as Event;
    expect(await server.live.consume(event)).toMatchObject({ allowed: true, replayed: false, credits: 0.55 });
    expect(await server.live.consume(event)).toMatchObject({ allowed: true, replayed: true, credits: 0.55 });
  });
});
