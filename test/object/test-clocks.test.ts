/** Test clocks over HTTP: what falls due on the way is done before the answer. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { badFields, CATALOG, call, FEATURES, keyWith } from "./api.ts";

let live = "";
let sandbox = "";

beforeAll(async () => {
  live = await keyWith("live");
  sandbox = await keyWith("test");
  await call(live, "PUT", "/v1/catalog", CATALOG);
  await call(live, "POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

describe("test clocks", () => {
  test("belong to test mode", async () => {
    const body = { testClock: "clock-live", now: "2026-11-14T00:00:00Z" };
    expect(await call(live, "POST", "/v1/test-clocks", body)).toMatchObject({
      status: 403,
      body: { code: "test_key_required" },
    });
  });

  test("are created once and never go backwards, nor too far at once", async () => {
    const body = { testClock: "clock-1", now: "2026-11-14T00:00:00Z" };
    expect(await call(sandbox, "POST", "/v1/test-clocks", body)).toMatchObject({ status: 201, body });
    expect(await call(sandbox, "POST", "/v1/test-clocks", body)).toMatchObject({ status: 200, body });
    const other = { ...body, now: "2026-11-15T00:00:00Z" };
    expect(await call(sandbox, "POST", "/v1/test-clocks", other)).toMatchObject({
      status: 409,
      body: { code: "test_clock_exists" },
    });
    const advance = (to: string) => call(sandbox, "POST", "/v1/test-clocks/clock-1/advance", { to });
    expect(await advance("2026-11-20T00:00:00Z")).toMatchObject({
      status: 200,
      body: { now: "2026-11-20T00:00:00Z" },
    });
    expect(await advance("2026-11-19T23:59:59Z")).toMatchObject({
      status: 409,
      body: { code: "clock_backwards" },
    });
    expect(badFields(await advance("2028-11-20T00:00:00Z"))).toEqual(["to"]);
    expect(await call(sandbox, "GET", "/v1/test-clocks/clock-1")).toMatchObject({
      body: { now: "2026-11-20T00:00:00Z" },
    });
    expect(await call(sandbox, "GET", "/v1/test-clocks/nowhere")).toMatchObject({ status: 404 });
  });

  test("an advance closes periods and makes their invoices before it answers", async () => {
    const clock = { testClock: "clock-2", now: "2026-11-14T10:00:00Z" };
    await call(sandbox, "POST", "/v1/test-clocks", clock);
    for (const account of ["clocked-1", "clocked-2"]) {
      const opened = { account, plans: ["starter"], testClock: "clock-2" };
      expect(await call(sandbox, "POST", "/v1/accounts", opened)).toMatchObject({
        status: 201,
        body: { anchorDate: "2026-11-14", testClock: "clock-2" },
      });
      const pack = { pack: "pack-1000", overageSetting: "pay_as_you_go" };
      expect(await call(sandbox, "POST", `/v1/accounts/${account}/packs`, pack)).toMatchObject({
        body: { balance: { limit: 1500 } },
      });
      const event = { account, id: "e1", feature: "assistant", action: "answer", quantity: 1737.5 };
      expect(await call(sandbox, "POST", "/v1/consume", event)).toMatchObject({ body: { allowed: true } });
    }
    const to = "2027-01-20T00:00:00Z";
    const advance = () => call(sandbox, "POST", "/v1/test-clocks/clock-2/advance", { to });
    for (const answer of [await advance(), await advance()]) {
      expect(answer).toMatchObject({ status: 200, body: { now: to } });
    }
    for (const account of ["clocked-1", "clocked-2"]) {
      const invoices = await call<{ data: readonly unknown[] }>(
        sandbox,
        "GET",
        `/v1/accounts/${account}/invoices`,
      );
      expect(invoices.body.data).toHaveLength(1);
      expect(invoices.body.data[0]).toMatchObject({
        period: { name: "2026-11-14" },
        total: { amountMinor: 230, currency: "USD" },
      });
      expect(await call(sandbox, "GET", `/v1/accounts/${account}/settings`)).toMatchObject({
        body: { limit: 1500 },
      });
    }
  });

  test("an account that fails stops no other, and a repeat goes on with it", async () => {
    const clock = { testClock: "clock-3", now: "2026-11-14T00:00:00Z" };
    await call(sandbox, "POST", "/v1/test-clocks", clock);
    await call(sandbox, "POST", "/v1/accounts", { account: "follows", testClock: "clock-3" });
    await call(sandbox, "POST", "/v1/accounts", { account: "broken" });
    const attach = (clockId: string | null) =>
      env.DB.prepare("UPDATE accounts SET test_clock_id = ? WHERE account_key = 'test:broken'")
        .bind(clockId)
        .run();
    await attach("clock-3");
    const to = "2026-12-20T00:00:00Z";
    const advance = () => call(sandbox, "POST", "/v1/test-clocks/clock-3/advance", { to });
    const failed = await advance();
    expect(failed).toMatchObject({ status: 503, body: { code: "advance_incomplete" } });
    expect(failed.body.detail).toContain("broken");
    expect(failed.body.detail).not.toContain("follows");
    const ends = await env.DB.prepare("SELECT period_ends_at_ms AS endMs FROM accounts WHERE account_key = ?")
      .bind("test:follows")
      .first<{ endMs: number }>();
    expect(ends?.endMs).toBe(Date.parse("2027-01-14T00:00:00Z"));
    await attach(null);
    expect(await advance()).toMatchObject({ status: 200, body: { now: to } });
  });
});
