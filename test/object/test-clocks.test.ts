/** Test clocks over HTTP: what falls due on the way is done before the answer. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { badFields, CATALOG, call, FEATURES, keyWith } from "./api.ts";
import { inLine, openClocked, type ShownInvoice } from "./clocked.ts";

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

  test("are listed by name, each with its accounts", async () => {
    const now = "2026-11-14T00:00:00Z";
    for (const testClock of ["listed-b", "listed-a"]) {
      await call(sandbox, "POST", "/v1/test-clocks", { testClock, now });
    }
    for (const account of ["of-listed-2", "of-listed-1"]) {
      await call(sandbox, "POST", "/v1/accounts", { account, testClock: "listed-a" });
    }
    const first = await call(sandbox, "GET", "/v1/test-clocks?limit=1&cursor=listed");
    expect(first).toMatchObject({
      status: 200,
      body: {
        data: [{ testClock: "listed-a", now, accounts: ["of-listed-1", "of-listed-2"] }],
        nextCursor: "listed-a",
      },
    });
    expect(await call(sandbox, "GET", "/v1/test-clocks?cursor=listed-a")).toMatchObject({
      body: { data: [{ testClock: "listed-b", accounts: [] }], nextCursor: null },
    });
    expect(await call(live, "GET", "/v1/test-clocks")).toMatchObject({
      status: 403,
      body: { code: "test_key_required" },
    });
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
      const { body } = await call<{ data: readonly ShownInvoice[] }>(
        sandbox,
        "GET",
        `/v1/accounts/${account}/invoices`,
      );
      expect(body.data.map(inLine)).toEqual([
        "2027-01-14 packs renewal 1000",
        "2026-12-14 packs renewal 1000",
        "2026-11-14 overage 230",
        "2026-11-14 packs purchase 1000",
      ]);
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

  test("an advance does each thing at its own time, and the invoices of a day's packs are final", async () => {
    const { send, use, advance, get, invoices } = await openClocked(sandbox, { termPeriods: 2 });
    await send("POST", "/packs", { pack: "pack-1000" });
    await use("e1", 1200);
    await use("e2", 1000);
    await send("POST", "/grants", { credits: 300, period: "2026-12-14", reason: "goodwill" });
    await send("PUT", "/settings", { overageSetting: "pay_as_you_go" });
    const effectiveAt = "2026-12-20T10:00:00Z";
    await send("POST", "/conversions", { size: 100, quantity: 1, effectiveAt });
    const hold = {
      account: (await get("")).account,
      id: "h1",
      feature: "assistant",
      action: "answer",
      quantity: 7,
    };
    expect(await call(sandbox, "POST", "/v1/holds", hold)).toMatchObject({ status: 200 });
    expect(await get("/balance")).toMatchObject({ openHolds: 1, held: 7, limit: 2500 });

    await advance("2026-12-20T10:00:00Z");
    expect(await get("/balance")).toMatchObject({
      openHolds: 0,
      overageSetting: "pay_as_you_go",
      granted: 300,
      limit: 500 + 2000 + 300 + 3000,
      term: { period: 2, periods: 2 },
    });
    const { data } = (await get("/notifications?limit=100")) as {
      data: readonly { at: string; data: { kind: string } }[];
    };
    const timeOf = (kind: string) => data.filter((told) => told.data.kind === kind).map(({ at }) => at);
    expect(timeOf("usage_report")).toEqual(["2026-12-14T00:00:00Z"]);
    expect(timeOf("term_ending")).toEqual(["2026-12-15T00:00:00Z"]);

    await advance("2027-01-14T00:00:00Z");
    expect(await get("/balance")).toMatchObject({ limit: 1500, term: { period: 1 } });
    expect((await invoices()).map((invoice) => `${invoice.issuedAt} ${inLine(invoice)}`)).toEqual([
      "2026-11-14T09:00:00Z 2026-11-14 packs purchase 1000",
      "2026-11-14T09:00:00Z 2026-11-14 packs upgrade 1000",
      "2026-12-14T00:00:00Z 2026-12-14 packs renewal 2000",
      "2027-01-14T00:00:00Z 2027-01-14 packs renewal 1000",
    ]);
  });
});
