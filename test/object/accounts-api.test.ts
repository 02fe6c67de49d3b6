/** Accounts and users over HTTP. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { accountOf } from "../../workers/account/stub.ts";
import { badFields, CATALOG, call, keyWith } from "./api.ts";

let live = "";
let sandbox = "";
let accounts = 0;

beforeAll(async () => {
  live = await keyWith("live");
  sandbox = await keyWith("test");
  await call(live, "PUT", "/v1/catalog", CATALOG);
});

/** Opens an account of its own for a test. */
async function open(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  accounts += 1;
  const account = `account-${accounts}`;
  const answer = await call(live, "POST", "/v1/accounts", { account, plans: ["starter"], ...more });
  expect(answer.status).toBe(201);
  return account;
}

describe("opening an account", () => {
  test("fills in what depends on id and time, and answers a repeat with the account", async () => {
    const body = { account: "ac-me.01", plans: ["starter"], timeZone: "Pacific/Kiritimati" };
    const first = await call<{ anchorDate: string }>(live, "POST", "/v1/accounts", body);
    expect(first).toMatchObject({
      status: 201,
      body: {
        account: "ac-me.01",
        mode: "live",
        name: "ac-me.01",
        status: "open",
        currency: "USD",
        plans: [{ plan: "starter", includedCredits: 500 }],
        termPeriods: 12,
        creditOwner: null,
        hourlyValue: null,
        timeZone: "Pacific/Kiritimati",
        invoicePrefix: "ACME01",
        buyer: { name: "ac-me.01", address: "", taxIds: [], purchaseOrder: null },
        netDays: 30,
        tax: null,
        testClock: null,
        pending: null,
      },
    });
    const today = new Date(Date.now() + 14 * 3_600_000).toISOString().slice(0, 10);
    expect(first.body.anchorDate).toBe(today);
    expect(await call(live, "POST", "/v1/accounts", body)).toMatchObject({ status: 200, body: first.body });
    expect(await call(live, "GET", "/v1/accounts/ac-me.01")).toMatchObject({ status: 200, body: first.body });
  });

  test("a repeat on another day, or after the plan has changed, is still the same body", async () => {
    const account = await open();
    await env.DB.prepare(
      "UPDATE accounts SET terms = json_set(terms, '$.anchorDate', '2026-01-31', '$.plans[0].includedCreditsMicros', 7) WHERE account_key = ?",
    )
      .bind(`live:${account}`)
      .run();
    const again = { account, plans: ["starter"] };
    expect(await call(live, "POST", "/v1/accounts", again)).toMatchObject({ status: 200 });
    expect(await call(live, "POST", "/v1/accounts", { ...again, anchorDate: "2026-02-01" })).toMatchObject({
      status: 409,
      body: { code: "account_exists" },
    });
  });

  test("another body for an id that is taken is a conflict and changes nothing", async () => {
    const account = await open();
    const before = await call(live, "GET", `/v1/accounts/${account}`);
    for (const other of [
      { plans: ["professional"] },
      { plans: ["starter"], currency: "EUR" },
      { plans: ["starter"], buyer: { name: "Somebody" } },
      { plans: ["starter"], tax: { name: "VAT", percent: "19" } },
      { plans: ["starter"], termPeriods: 6 },
      { plans: ["starter"], creditOwner: "u1" },
      { plans: ["starter"], hourlyValue: { amountMinor: 6000, currency: "USD" } },
    ]) {
      expect(await call(live, "POST", "/v1/accounts", { account, ...other })).toMatchObject({
        status: 409,
        body: { code: "account_exists" },
      });
    }
    expect(await call(live, "GET", `/v1/accounts/${account}`)).toMatchObject({ body: before.body });
  });

  test("one of many parallel requests opens it", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call(live, "POST", "/v1/accounts", { account: "raced" })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 201]);
  });

  test("goes on where a failure left the row without an open account", async () => {
    const account = await open();
    await env.DB.prepare(
      `INSERT INTO accounts SELECT 'live:half', mode, 'half', terms, json_set(profile, '$.name', 'half',
         '$.invoicePrefix', 'HALF', '$.buyer.name', 'half'), NULL, created_at_ms, period_ends_at_ms, '', 0, 0
         FROM accounts WHERE account_key = ?`,
    )
      .bind(`live:${account}`)
      .run();
    expect(await call(live, "GET", "/v1/accounts/half")).toMatchObject({ status: 404 });
    const body = { account: "half", plans: ["starter"] };
    expect(await call(live, "POST", "/v1/accounts", body)).toMatchObject({ status: 201 });
    expect(await call(live, "POST", "/v1/accounts", body)).toMatchObject({ status: 200 });
  });

  test("names unknown plans, bad fields and clocks that cannot be", async () => {
    const unknown = await call(live, "POST", "/v1/accounts", { account: "x", plans: ["starter", "gold"] });
    expect(unknown).toMatchObject({ status: 422, body: { code: "unknown_plan" } });
    expect(badFields(unknown)).toEqual(["plans.1"]);
    const bad = await call(live, "POST", "/v1/accounts", {
      account: "a b",
      currency: "usd",
      timeZone: "Mars/Olympus",
      anchorDate: "2026-02-30",
      overagePrice: "-1",
      termPeriods: 61,
      hourlyValue: { amountMinor: 1.5, currency: "USD" },
      colour: "red",
    });
    expect([...badFields(bad)].sort()).toEqual([
      "account",
      "anchorDate",
      "colour",
      "currency",
      "hourlyValue.amountMinor",
      "overagePrice",
      "termPeriods",
      "timeZone",
    ]);
    const clocked = { account: "clocked", testClock: "none" };
    for (const key of [live, sandbox]) {
      expect(badFields(await call(key, "POST", "/v1/accounts", clocked))).toEqual(["testClock"]);
    }
    expect(await call(sandbox, "GET", "/v1/accounts/clocked")).toMatchObject({ status: 404 });
  });

  test("a credit may not cost so much that an invoice could not be counted", async () => {
    const account = await open();
    for (const [overagePrice, currency] of [
      ["5000.01", "USD"],
      ["500001", "JPY"],
    ]) {
      const answer = await call(live, "POST", "/v1/accounts", { account: "dear", currency, overagePrice });
      expect(answer.status).toBe(422);
      expect(badFields(answer)).toEqual(["overagePrice"]);
    }
    const path = `/v1/accounts/${account}`;
    expect(badFields(await call(live, "PATCH", path, { overagePrice: "5000.01" }))).toEqual(["overagePrice"]);
    expect(await call(live, "PATCH", path, { overagePrice: "5000" })).toMatchObject({ status: 200 });
  });

  test("a test clock has a hundred accounts at most, and its time is theirs", async () => {
    await call(sandbox, "POST", "/v1/test-clocks", { testClock: "full", now: "2026-03-01T00:00:00Z" });
    await env.DB.prepare(
      `WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 99)
       INSERT INTO accounts SELECT 'test:full-' || n, 'test', 'full-' || n, '{}', '{}', 'full', 0, 0, '', 0, 0 FROM number`,
    ).run();
    const body = { testClock: "full" };
    expect(await call(sandbox, "POST", "/v1/accounts", { account: "last", ...body })).toMatchObject({
      status: 201,
      body: { anchorDate: "2026-03-01" },
    });
    expect(await call(sandbox, "POST", "/v1/accounts", { account: "more", ...body })).toMatchObject({
      status: 409,
      body: { code: "test_clock_full" },
    });
    expect(await call(sandbox, "POST", "/v1/accounts", { account: "last", ...body })).toMatchObject({
      status: 200,
    });
  });
});

describe("accounts of one mode", () => {
  test("take no id from the other", async () => {
    const account = await open();
    const path = `/v1/accounts/${account}`;
    expect(await call(sandbox, "POST", "/v1/accounts", { account })).toMatchObject({
      status: 201,
      body: { mode: "test" },
    });
    expect(await call(live, "GET", path)).toMatchObject({ body: { mode: "live", name: account } });
  });

  test("are listed by id in pages", async () => {
    const key = sandbox;
    for (const account of ["page-b", "page-a", "page-c"])
      await call(key, "POST", "/v1/accounts", { account });
    const page = await call(key, "GET", "/v1/accounts?limit=2&cursor=page-");
    expect(page.body).toMatchObject({
      data: [{ account: "page-a", mode: "test" }, { account: "page-b" }],
      nextCursor: "page-b",
    });
    const rest = await call<{ data: readonly { account: string; mode: string }[] }>(
      key,
      "GET",
      "/v1/accounts?cursor=page-b&limit=500",
    );
    expect(rest.body.data[0]).toMatchObject({ account: "page-c" });
    expect(rest.body).toMatchObject({ nextCursor: null });
    expect(new Set(rest.body.data.map((item) => item.mode))).toEqual(new Set(["test"]));
  });
});

describe("the list of accounts", () => {
  async function listed(query: string) {
    const { body } = await call<{ data: readonly { account: string; lastNotice: unknown }[] }>(
      live,
      "GET",
      `/v1/accounts?${query}`,
    );
    return body.data;
  }

  test("is searched by id and name, in small and capital letters, from page to page", async () => {
    await call(live, "POST", "/v1/accounts", { account: "seek-1", name: "Zebra Ltd" });
    await call(live, "POST", "/v1/accounts", { account: "seek-2", name: "Okapi 100%_" });
    await call(live, "POST", "/v1/accounts", { account: "ZEBRA-3", name: "Third" });
    expect((await listed("search=zebra")).map(({ account }) => account)).toEqual(["ZEBRA-3", "seek-1"]);
    expect((await listed("search=SEEK-&limit=1")).map(({ account }) => account)).toEqual(["seek-1"]);
    expect((await listed("search=SEEK-&cursor=seek-1")).map(({ account }) => account)).toEqual(["seek-2"]);
    // Not a pattern: each letter stands for itself.
    expect((await listed("search=0%25_")).map(({ account }) => account)).toEqual(["seek-2"]);
    expect(await listed("search=nobody-has-this")).toEqual([]);
    const bad = await call(live, "GET", "/v1/accounts?search=%20&status=late");
    expect(badFields(bad)).toEqual(["search", "status"]);
  });

  test("says status, plans, reset and the last notice about usage, from D1", async () => {
    const account = await open();
    expect(await listed(`search=${account}`)).toContainEqual(
      expect.objectContaining({
        account,
        status: "open",
        plans: [{ plan: "starter", includedCredits: 500 }],
        lastNotice: null,
      }),
    );
    const key = `live:${account}`;
    const notice = (id: string, kind: string, atMs: number) =>
      env.DB.prepare("INSERT INTO notifications VALUES (?1, ?2, ?3, ?4, ?5)").bind(
        id,
        key,
        kind,
        atMs,
        JSON.stringify({ kind, percent: 75 }),
      );
    const nowMs = Date.now();
    await env.DB.batch([
      notice(`${key}/n1`, "usage_threshold", nowMs - 2),
      notice(`${key}/n2`, "grant_added", nowMs - 1),
      notice(`${key}/n0`, "maximum_reached", nowMs - 40 * 86_400_000),
    ]);
    expect(await listed(`search=${account}`)).toContainEqual(
      expect.objectContaining({
        account,
        lastNotice: expect.objectContaining({ kind: "usage_threshold", percent: 75 }),
      }),
    );
    const isListedAs = (status: string) =>
      vi.waitFor(async () => {
        const found = await listed(`search=${account}&status=${status}`);
        expect(found.map((item) => item.account)).toContain(account);
      }, 15_000);
    await isListedAs("open");
    await call(live, "POST", `/v1/accounts/${account}/suspend`, { reason: "unpaid" });
    await accountOf(env, key).flush();
    await isListedAs("suspended");
    await call(live, "POST", `/v1/accounts/${account}/resume`);
    await accountOf(env, key).flush();
    await isListedAs("open");
    await call(live, "POST", `/v1/accounts/${account}/close`, { reason: "left" });
    await isListedAs("closed");
    expect((await listed("status=open&limit=500")).map((item) => item.account)).not.toContain(account);
    expect(await listed("status=closed&limit=500")).toContainEqual(
      expect.objectContaining({ account, resetAt: null }),
    );
  }, 40_000);
});

describe("changing an account", () => {
  test("the profile changes field by field, also to null", async () => {
    const account = await open({ tax: { name: "VAT", percent: "19" }, buyer: { name: "Buyer" } });
    const path = `/v1/accounts/${account}`;
    const [renamed] = await Promise.all([
      call(live, "PATCH", path, { name: "Acme", invoicePrefix: "ZETA" }),
      call(live, "PATCH", path, { netDays: 14 }),
      call(live, "PATCH", path, { tax: null }),
    ]);
    expect(renamed).toMatchObject({ status: 200, body: { name: "Acme" } });
    expect(await call(live, "GET", path)).toMatchObject({
      body: {
        name: "Acme",
        invoicePrefix: "ZETA",
        netDays: 14,
        tax: null,
        buyer: { name: "Buyer", purchaseOrder: null },
      },
    });
    expect(badFields(await call(live, "PATCH", path, { currency: "EUR" }))).toEqual(["currency"]);
  });

  test("more credits count at once; fewer, a new anchor and time zone wait for the reset", async () => {
    const account = await open();
    const path = `/v1/accounts/${account}`;
    expect(await call(live, "PATCH", path, { plans: ["starter", "professional"] })).toMatchObject({
      body: { plans: [{ plan: "starter" }, { plan: "professional", includedCredits: 3000 }], pending: null },
    });
    const less = await call<{ pending: { effectiveAt: string } }>(live, "PATCH", path, {
      plans: ["starter"],
      timeZone: "Europe/Berlin",
      overagePrice: "0.02",
    });
    expect(less).toMatchObject({
      body: {
        plans: [{ plan: "starter" }, { plan: "professional" }],
        timeZone: "UTC",
        overagePrice: "0.02",
        pending: {
          plans: [{ plan: "starter", includedCredits: 500 }],
          timeZone: "Europe/Berlin",
        },
      },
    });
    expect(Date.parse(less.body.pending.effectiveAt)).toBeGreaterThan(Date.now());
    expect(await call(live, "GET", `${path}/settings`)).toMatchObject({ body: { limit: 3000 } });
    expect(badFields(await call(live, "PATCH", path, { plans: ["gold"] }))).toEqual(["plans.0"]);
  });

  test("credit owner, hourly value and the length of the next term are part of it", async () => {
    const account = await open({ hourlyValue: { amountMinor: 6000, currency: "USD" } });
    const path = `/v1/accounts/${account}`;
    const change = { creditOwner: "u/7", hourlyValue: null, termPeriods: 6 };
    expect(await call(live, "PATCH", path, change)).toMatchObject({ status: 200, body: change });
    expect(await call(live, "GET", path)).toMatchObject({ body: change });
    const euros = { hourlyValue: { amountMinor: 1, currency: "EUR" } };
    expect(badFields(await call(live, "PATCH", path, euros))).toEqual(["hourlyValue.currency"]);
    expect(badFields(await call(live, "POST", "/v1/accounts", { account: "e", ...euros }))).toEqual([
      "hourlyValue.currency",
    ]);
    for (const termPeriods of [0, 61, 1.5]) {
      expect(badFields(await call(live, "PATCH", path, { termPeriods }))).toEqual(["termPeriods"]);
    }
  });

  test("a row that an earlier version wrote has the defaults of what has come since", async () => {
    const account = await open();
    await env.DB.prepare(
      `UPDATE accounts SET profile = json_remove(profile, '$.creditOwner', '$.hourlyValue'),
         terms = json_remove(terms, '$.termPeriods') WHERE account_key = ?`,
    )
      .bind(`live:${account}`)
      .run();
    expect(await call(live, "GET", `/v1/accounts/${account}`)).toMatchObject({
      body: { creditOwner: null, hourlyValue: null, termPeriods: 12 },
    });
    const again = { account, plans: ["starter"] };
    expect(await call(live, "POST", "/v1/accounts", again)).toMatchObject({ status: 200 });
  });

  test("opening it and each change of its profile is in the audit log, with who did it", async () => {
    const account = await open();
    const actor = { "drawdown-actor": "ada@operator" };
    await call(live, "PATCH", `/v1/accounts/${account}`, { netDays: 7 }, actor);
    await call(live, "PATCH", `/v1/accounts/${account}`, { netDays: 7 });
    const { results } = await env.DB.prepare(
      "SELECT actor, action, before, after FROM audit WHERE account_key = ? ORDER BY at_ms, action",
    )
      .bind(`live:${account}`)
      .all<{ actor: string; action: string; before: string; after: string }>();
    expect(results.map(({ action }) => action)).toEqual([
      "account_opened",
      "profile_changed",
      "profile_changed",
    ]);
    expect(results[1]).toMatchObject({
      actor: "ada@operator",
      before: '{"netDays":30}',
      after: '{"netDays":7}',
    });
    expect(results[2]?.actor).toMatch(/^key:key_test\d+$/);
  });
});
