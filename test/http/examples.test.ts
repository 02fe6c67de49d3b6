/** The worked examples of the rules (section 13), by number, through the API, with test accounts on test clocks. */
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import type { Drawdown, Event } from "../../shared/client/client.ts";
import { TestAccount, type TestAccountOptions } from "./support/account.ts";
import { BLOCK_TOKEN, PRICE_RISES_AT, TOKEN } from "./support/operator.ts";
import { useServer } from "./support/server.ts";

const PACK = { pack: "pack-1000", quantity: 1 };
const MINUTE_MS = 60_000;

const server = useServer();
const open = (options: TestAccountOptions) => TestAccount.open(server.test, options);

/** Limit 6,000. */
const openWithPack = (pack: TestAccountOptions["pack"] = PACK) => open({ plans: ["plan-5000"], pack });

async function kindsOf(account: TestAccount): Promise<readonly string[]> {
  return (await account.notices()).map(({ data }) => data.kind);
}

async function percentsOf(account: TestAccount): Promise<readonly number[]> {
  return (await account.notices()).flatMap(({ data }) =>
    data.kind === "usage_threshold" ? [data.percent] : [],
  );
}

describe("overage", () => {
  test("2: 6,237.5 used in pay_as_you_go with a limit of 6,000 is 2.30 USD, and the limit is 6,000 after the reset", async () => {
    const account = await openWithPack({ ...PACK, overageSetting: "pay_as_you_go" });
    await account.use(6237.5);
    const { resetAt } = await account.balance();
    await account.advanceTo(resetAt);

    const { data: periods } = await server.test.periods(account.account);
    expect(periods).toMatchObject([
      { overage: 237.5, billed: 230, overageAmount: { amountMinor: 230, currency: "USD" } },
    ]);
    const { data: invoices } = await server.test.invoices(account.account);
    // Packs are invoiced separately: at purchase, and again in advance at the reset.
    expect(invoices.map(({ kind, cause }) => [kind, cause])).toEqual([
      ["packs", "renewal"],
      ["overage", null],
      ["packs", "purchase"],
    ]);
    expect(invoices[1]).toMatchObject({
      invoice: periods[0]?.invoice,
      status: "open",
      lines: [{ quantity: 230, unit: "credits", unitPrice: "0.010", amount: { amountMinor: 230 } }],
      total: { amountMinor: 230, currency: "USD" },
    });
    expect(await account.balance()).toMatchObject({ limit: 6000, used: 0, overageSetting: "pay_as_you_go" });
  });

  test("22: a record of 50 at 1,190 used under a maximum of 1,200 is booked with an overdraft of 40, billable 200", async () => {
    const account = await open({ pack: { ...PACK, overageSetting: "pay_as_you_go", maximum: 1200 } });
    await account.use(1190);
    const recorded = await account.record(account.event(50));
    expect(recorded).toMatchObject({ overdraft: 40, balance: { used: 1240 } });
    expect(await account.balance()).toMatchObject({ used: 1240, overdraft: 40, billable: 200 });
  });
});

describe("the limit", () => {
  test("3: with 0.5 of 500 left an event of 1 is denied and books nothing, one of 0.5 is allowed and exhausts", async () => {
    const account = await open({ plans: ["plan-500"] });
    await account.use(499.5);
    const denied = await account.consume(1);
    expect(denied).toMatchObject({
      allowed: false,
      reason: "credits_exhausted",
      balance: { remaining: 0.5 },
    });
    expect(await account.log()).toHaveLength(1);
    expect(await account.use(0.5)).toMatchObject({ balance: { used: 500, state: "exhausted" } });
  });

  test("4: a pack of 1,000 bought when exhausted is active at once: limit 1,500, auto_upgrade", async () => {
    const account = await open({ plans: ["plan-500"] });
    await account.use(500);
    expect(await account.balance()).toMatchObject({ state: "exhausted", overageSetting: "pause" });
    await account.buy(PACK);
    expect(await account.balance()).toMatchObject({
      state: "active",
      limit: 1500,
      overageSetting: "auto_upgrade",
    });
    await account.use(1);
  });

  test("12: with 100 remaining in pause exactly 100 of 200 parallel events of 1 are allowed", async () => {
    const account = await open({ plans: ["plan-500"] });
    await account.use(400);
    const decisions = await Promise.all(Array.from({ length: 200 }, () => account.consume(1)));
    expect(decisions.filter((decision) => decision.allowed)).toHaveLength(100);
    expect(await account.balance()).toMatchObject({ used: 500, remaining: 0 });
    expect(await account.log()).toHaveLength(101);
  });
});

describe("the setting", () => {
  test("5: a change to pay_as_you_go after 1 credit was used waits for the reset; until then usage above the limit upgrades", async () => {
    const account = await openWithPack();
    await account.use(1);
    const changed = await server.test.changeSettings(account.account, { overageSetting: "pay_as_you_go" });
    const { resetAt } = await account.balance();
    expect(changed).toMatchObject({
      overageSetting: "auto_upgrade",
      effective: "at_reset",
      effectiveAt: resetAt,
      pending: { overageSetting: "pay_as_you_go", effectiveAt: resetAt },
    });
    expect(await account.use(6000)).toMatchObject({ upgrade: { packs: 1 }, balance: { limit: 7000 } });

    await account.advanceTo(resetAt);
    expect(await account.balance()).toMatchObject({ overageSetting: "pay_as_you_go", pending: null });
    expect(await account.use(7001)).toMatchObject({ balance: { limit: 7000, overage: 1 } });
  });

  test("6: a change to pay_as_you_go when nothing was used is in force at once", async () => {
    const account = await openWithPack();
    const changed = await server.test.changeSettings(account.account, { overageSetting: "pay_as_you_go" });
    expect(changed).toMatchObject({ overageSetting: "pay_as_you_go", effective: "now", pending: null });
    expect(await account.use(6001)).toMatchObject({ balance: { limit: 6000, overage: 1 } });
  });
});

describe("the maximum", () => {
  test("7: under a maximum of 6,800 an event of 901 at 5,900 buys nothing; one of 900 adds one pack and reaches it", async () => {
    const account = await openWithPack({ ...PACK, maximum: 6800 });
    await account.use(5900);
    const before = await kindsOf(account);
    expect(await account.consume(901)).toMatchObject({
      allowed: false,
      reason: "max_monthly_limit_reached",
      balance: { limit: 6000, used: 5900 },
    });
    expect((await server.test.packs(account.account)).data).toHaveLength(1);

    expect(await account.use(900)).toMatchObject({
      upgrade: { pack: "pack-1000", packs: 1, price: { amountMinor: 1000, currency: "USD" } },
      balance: { limit: 7000, used: 6800, state: "maximum_reached" },
    });
    expect((await kindsOf(account)).slice(before.length)).toEqual(["automatic_upgrade", "maximum_reached"]);
    await account.buy(PACK);
    expect(await account.balance()).toMatchObject({ limit: 8000, maximum: 8000, state: "active" });
  });

  test("8: a pack of 1,000 bought at a limit of 6,000 leaves a maximum of 8,000 as it is", async () => {
    const account = await openWithPack({ ...PACK, maximum: 8000 });
    await account.buy(PACK);
    expect(await account.balance()).toMatchObject({ limit: 7000, maximum: 8000 });
    expect(await kindsOf(account)).toEqual([]);
  });
});

describe("notices", () => {
  test("10: an event of 170 at 740 of 1,000 is told once, at 90 %, and not at 75 and 85", async () => {
    const account = await open({ plans: ["plan-1000"] });
    await account.use(740);
    expect(await account.notices()).toEqual([]);
    await account.use(170);
    const notices = await account.notices();
    expect(notices.map(({ data }) => data)).toMatchObject([
      { kind: "usage_threshold", subject: "limit", percent: 90, used: 910, of: 1000 },
    ]);
  });

  test("11: 75 % is told at 760 of 1,000 and, when a pack of 1,000 has made room, once more at 1,500", async () => {
    const account = await open({ plans: ["plan-1000"] });
    await account.use(760);
    expect(await percentsOf(account)).toEqual([75]);
    await account.buy(PACK);
    for (let used = 770; used <= 1490; used += 10) await account.use(10);
    expect(await percentsOf(account)).toEqual([75]);
    await account.use(10);
    expect(await percentsOf(account)).toEqual([75, 75]);
    const told = (await account.notices()).filter(({ data }) => data.kind === "usage_threshold");
    expect(told.at(-1)?.data).toMatchObject({ used: 1500, of: 2000 });
  });
});

describe("the same event", () => {
  test("14: sent 13 times, the first reply lost, is booked once and answered 12 times as replayed", async () => {
    const account = await open({ plans: ["plan-500"] });
    const event = account.event(7);
    await sendWithoutReply(server.url, server.keys.test, event);
    await isBooked(server.test, event);

    const replies = await Promise.all(Array.from({ length: 12 }, () => server.test.consume(event)));
    const [log, ...others] = await account.log();
    expect(others).toEqual([]);
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(replies[0]).toMatchObject({
      allowed: true,
      replayed: true,
      credits: 7,
      entry: { seq: log?.seq, period: log?.period },
      balance: { used: 7 },
    });
  });
});

/** Sends an event and breaks off as soon as it is on its way. */
function sendWithoutReply(url: string, key: string, event: Event): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(`${url}/v1/consume`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    });
    sent.on("error", () => undefined);
    sent.on("close", resolve);
    sent.end(JSON.stringify(event), () => sent.destroy());
  });
}

/** Resolves when it is in the log: nothing else tells of it. */
async function isBooked(drawdown: Drawdown, { account, id }: Event): Promise<void> {
  await expect.poll(async () => (await drawdown.event(account, id)).status).toBe("booked");
}

describe("periods", () => {
  /** Names of the periods from 31 January on, as one after the other begins. */
  async function periodsFrom(year: number): Promise<readonly (readonly [start: string, end: string])[]> {
    const account = await open({ now: `${year}-01-31T12:00:00Z`, anchorDate: `${year}-01-31` });
    for (let month = 0; month < 3; month += 1) await account.advanceTo((await account.balance()).resetAt);
    const { data } = await server.test.periods(account.account);
    return data.toReversed().map(({ start, end }) => [start, end] as const);
  }

  test("15: anchored to 31 January they begin on 31 January, 28 February, 31 March and 30 April", async () => {
    expect(await periodsFrom(2026)).toEqual([
      ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"],
      ["2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"],
      ["2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"],
    ]);
  });

  test("15: in a leap year the second begins on 29 February", async () => {
    expect(await periodsFrom(2024)).toEqual([
      ["2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z"],
      ["2024-02-29T00:00:00Z", "2024-03-31T00:00:00Z"],
      ["2024-03-31T00:00:00Z", "2024-04-30T00:00:00Z"],
    ]);
  });
});

describe("prices", () => {
  test("23: 5,000 tokens of 30 November, recorded on 2 December when they cost twice as much, are 5 credits", async () => {
    const dayAfterMs = Date.parse(PRICE_RISES_AT) + 24 * 60 * MINUTE_MS;
    const account = await open({ plans: ["plan-500"], now: new Date(dayAfterMs).toISOString() });
    const tokens = (more: Partial<Event>) => account.event(5000, { ...TOKEN, ...more });
    const dayBefore = new Date(Date.parse(PRICE_RISES_AT) - MINUTE_MS).toISOString();
    expect(await account.record(tokens({ occurredAt: dayBefore }))).toMatchObject({ credits: 5 });
    expect(await account.record(tokens({ occurredAt: PRICE_RISES_AT }))).toMatchObject({ credits: 10 });
  });

  test("24: 10,001 tokens at 20 credits per started 10,000 are 40 credits", async () => {
    const account = await open({ plans: ["plan-500"] });
    const event = account.event(10_001, BLOCK_TOKEN);
    expect(await server.test.check(event)).toMatchObject({ allowed: true, credits: 40 });
    expect(await server.test.consume(event)).toMatchObject({ credits: 40, balance: { used: 40 } });
  });
});
