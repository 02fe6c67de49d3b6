/** Packs over their commitment term, over HTTP on test clocks (rules, sections 5.3 and 5.10). */
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, badFields, CATALOG, call, FEATURES, keyWith, type ProblemBody, sell } from "./api.ts";
import { inLine, openClocked, START } from "./clocked.ts";

let sandbox = "";

function pack(name: string, credits: number, amountMinor: number, upgrade = false) {
  const prices = [{ amountMinor, currency: "USD" }];
  return { pack: name, name: `${credits} credits`, credits, prices, upgrade };
}

const PLANS = [...CATALOG.plans, { plan: "big", name: "Big", includedCredits: 5000 }];
const SMALL = pack("pack-100", 100, 150);
const NOT_IN_USD = { ...pack("pack-chf", 100, 150), prices: [{ amountMinor: 1, currency: "CHF" }] };

async function sellAt(amountMinor: number): Promise<void> {
  const packs = [pack("pack-1000", 1000, amountMinor, true), SMALL, NOT_IN_USD];
  await sell("PUT", "/v1/catalog", { ...CATALOG, plans: PLANS, packs });
}

beforeAll(async () => {
  sandbox = await keyWith("test");
  await sellAt(1000);
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

beforeEach(() => sellAt(1000));

const refused = (answer: Answer<unknown>) => answer as Answer<ProblemBody>;

describe("the commitment term", () => {
  test("lasts 12 periods, in which every pack is paid in advance, and renews at the price then current", async () => {
    const { send, get, use, advance, invoices } = await openClocked(sandbox, { plans: ["big"] });
    await send("POST", "/packs", { pack: "pack-1000", quantity: 2 });
    expect(await get("/packs")).toMatchObject({
      data: [{ id: "pack_1", renewal: { pack: "pack-1000", quantity: 2 } }],
      term: { start: "2026-11-14T00:00:00Z", end: "2027-11-14T00:00:00Z", period: 1, periods: 12 },
    });
    // Example 1: the pack that a use adds stays for the rest of the term, and ends with it.
    expect(await use("e1", 7600)).toMatchObject({ body: { allowed: true, upgrade: { packs: 1 } } });
    await advance("2027-11-13T23:59:59Z");
    expect(await get("/packs")).toMatchObject({
      data: [{ source: "purchase" }, { source: "automatic", renewal: { quantity: 0 } }],
      term: { period: 12, periods: 12 },
    });
    expect(await get("/balance")).toMatchObject({
      limit: 8000,
      money: { nextInvoice: { packs: { amountMinor: 2000 }, overage: { amountMinor: 0 } } },
    });
    await sellAt(1200);
    expect(await get("/packs")).toMatchObject({ data: [{ price: { amountMinor: 1000 } }, {}] });
    await advance("2027-11-14T00:00:00Z");
    expect(await get("/packs")).toMatchObject({
      data: [{ id: "pack_1", quantity: 2, price: { amountMinor: 1200 } }],
      term: { start: "2027-11-14T00:00:00Z", period: 1, periods: 12 },
    });
    expect(await get("/balance")).toMatchObject({ limit: 7000 });
    expect((await invoices()).map(inLine)).toEqual([
      "2026-11-14 packs purchase 2000",
      "2026-11-14 packs upgrade 1000",
      ...[
        "2026-12",
        ...Array.from({ length: 10 }, (_, month) => `2027-${`${month + 1}`.padStart(2, "0")}`),
      ].map((month) => `${month}-14 packs renewal 3000`),
      "2027-11-14 packs renewal 2400",
    ]);
  });

  test("is one for all packs of the account, and a new length counts from the next one", async () => {
    const { send, get, advance } = await openClocked(sandbox, { termPeriods: 3 });
    await send("POST", "/packs", { pack: "pack-1000" });
    await advance("2027-01-20T00:00:00Z");
    await send("POST", "/packs", { pack: "pack-100" });
    await send("PATCH", "", { termPeriods: 1 });
    expect(await get("/packs")).toMatchObject({
      data: [{}, { period: "2027-01-14", addedAt: "2027-01-20T00:00:00Z" }],
      term: { end: "2027-02-14T00:00:00Z", period: 3, periods: 3 },
    });
    await advance("2027-02-14T00:00:00Z");
    expect(await get("/packs")).toMatchObject({
      data: [{}, {}],
      term: { start: "2027-02-14T00:00:00Z", end: "2027-03-14T00:00:00Z", period: 1, periods: 1 },
    });
  });

  test("fewer or smaller packs come with the next one", async () => {
    const { send, get, advance, invoices } = await openClocked(sandbox, { termPeriods: 2 });
    await send("POST", "/packs", { pack: "pack-1000", quantity: 3 });
    await send("POST", "/packs", { pack: "pack-1000" });
    const smaller = await send("PATCH", "/packs/pack_1", { renewal: { pack: "pack-100", quantity: 5 } });
    expect(smaller).toMatchObject({
      status: 200,
      body: {
        pack: { pack: "pack-1000", quantity: 3, renewal: { pack: "pack-100", credits: 100, quantity: 5 } },
        effectiveAt: "2027-01-14T00:00:00Z",
      },
    });
    expect(await send("DELETE", "/packs/pack_2")).toMatchObject({
      status: 200,
      body: { pack: { quantity: 1, renewal: { quantity: 0 } }, effectiveAt: "2027-01-14T00:00:00Z" },
    });
    await advance("2027-01-13T00:00:00Z");
    expect(await get("/settings")).toMatchObject({ limit: 4500 });
    await advance("2027-01-14T00:00:00Z");
    expect(await get("/packs")).toMatchObject({
      data: [{ id: "pack_1", pack: "pack-100", quantity: 5, renewal: { pack: "pack-100", quantity: 5 } }],
    });
    expect(await get("/settings")).toMatchObject({ limit: 1000 });
    expect((await invoices()).map(inLine)).toEqual([
      "2026-11-14 packs purchase 3000",
      "2026-11-14 packs purchase 1000",
      "2026-12-14 packs renewal 4000",
      "2027-01-14 packs renewal 750",
    ]);
  });

  test("a renewal that cannot be says why, in which field, and what to do", async () => {
    const { send, use, get } = await openClocked(sandbox);
    await send("POST", "/packs", { pack: "pack-1000" });
    await use("e1", 1600);
    const change = async (id: string, renewal: unknown) =>
      refused(await send("PATCH", `/packs/${id}`, { renewal }));
    for (const [renewal, code, field] of [
      [{ quantity: 2 }, "renewal_too_large", "renewal.quantity"],
      [{ pack: "pack-9", quantity: 1 }, "unknown_pack", "renewal.pack"],
      [{ pack: "pack-chf", quantity: 1 }, "pack_not_on_sale", "renewal.pack"],
      [{ quantity: -1 }, "invalid_request", "renewal.quantity"],
      [{}, "invalid_request", "renewal.quantity"],
    ] as const) {
      const answer = await change("pack_1", renewal);
      expect(answer).toMatchObject({ status: 422, body: { code } });
      expect(badFields(answer)).toEqual([field]);
    }
    const missing = await change("pack_9", { quantity: 0 });
    expect(missing).toMatchObject({ status: 404, body: { code: "unknown_holding" } });
    expect(missing.body.detail).toContain("pack_1, pack_2");
    for (const answer of [
      await change("pack_2", { quantity: 1 }),
      refused(await send("DELETE", "/packs/pack_2")),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { code: "not_renewable" } });
    }
    expect(await get("/packs")).toMatchObject({ data: [{ renewal: { quantity: 1 } }, {}] });
  });

  test("example 21: with the last pack setting and maximum end, and the limit is what is included", async () => {
    const { send, get, advance, invoices } = await openClocked(sandbox, { plans: ["big"], termPeriods: 1 });
    await send("POST", "/packs", { pack: "pack-1000", overageSetting: "pay_as_you_go", maximum: 9000 });
    await send("DELETE", "/packs/pack_1");
    await advance("2026-12-14T00:00:00Z");
    expect(await get("/settings")).toMatchObject({
      overageSetting: "pause",
      maximum: null,
      pending: null,
      limit: 5000,
    });
    expect(await get("/packs")).toMatchObject({ data: [], term: null, nextCursor: null });
    expect(await invoices()).toHaveLength(1);
  });
});

describe("cancelling", () => {
  test("a purchase of the open period comes with a credit note, and the limit falls", async () => {
    const { send, get, invoices } = await openClocked(sandbox);
    await send("POST", "/packs", { pack: "pack-1000", quantity: 3, maximum: 3000 });
    const cancel = (body: unknown, key: string) =>
      send("POST", "/packs/pack_1/cancel", body, { "idempotency-key": key });
    const one = { quantity: 1, reason: "one too many" };
    expect(await cancel(one, "c1")).toMatchObject({
      status: 200,
      body: { replayed: false, cancelled: { id: "pack_1", quantity: 1 }, settings: { limit: 2500 } },
    });
    expect(await cancel(one, "c1")).toMatchObject({ body: { replayed: true, settings: { limit: 2500 } } });
    expect(await cancel({ reason: "all of it" }, "c1")).toMatchObject({
      status: 409,
      body: { code: "idempotency_conflict" },
    });
    expect(await get("/packs")).toMatchObject({ data: [{ quantity: 2, renewal: { quantity: 2 } }] });
    expect(await cancel({ reason: "all of it" }, "c2")).toMatchObject({
      body: { cancelled: { quantity: 2 }, settings: { overageSetting: "pause", maximum: null, limit: 500 } },
    });
    expect(await get("/packs")).toMatchObject({ data: [], term: null, nextCursor: null });
    expect((await invoices()).map(({ kind, total }) => [kind, total.amountMinor])).toEqual([
      ["packs", 3000],
      ["credit_note", -1000],
      ["credit_note", -2000],
    ]);
  });

  test("an automatic upgrade: what was used stays, the limit does not fall below it", async () => {
    const { send, get, use, advance, invoices } = await openClocked(sandbox);
    await send("POST", "/packs", { pack: "pack-1000" });
    expect(await use("e1", 1700)).toMatchObject({ body: { upgrade: { packs: 1 } } });
    expect(await send("POST", "/packs/pack_2/cancel", { reason: "not wanted" })).toMatchObject({
      body: { cancelled: { source: "automatic" }, settings: { limit: 1700 }, balance: { remaining: 0 } },
    });
    expect(await get("/balance")).toMatchObject({ used: 1700, overage: 0, granted: 200 });
    await advance("2026-12-14T00:00:00Z");
    expect(await get("/settings")).toMatchObject({ limit: 1500 });
    expect((await invoices()).map(({ kind, total }) => [kind, total.amountMinor])).toEqual([
      ["packs", 1000],
      ["packs", 1000],
      ["credit_note", -1000],
      ["packs", 1000],
    ]);
  });

  test("is refused for what is of another period, converted, too many or not there", async () => {
    const { send, advance } = await openClocked(sandbox);
    await send("POST", "/packs", { pack: "pack-1000" });
    await advance("2026-12-20T00:00:00Z");
    await send("POST", "/conversions", { size: 100, quantity: 1 });
    await send("POST", "/packs", { pack: "pack-100", quantity: 2 });
    const cancel = async (id: string, body: unknown = { reason: "mistake" }) =>
      refused(await send("POST", `/packs/${id}/cancel`, body));
    for (const id of ["pack_1", "pack_2"]) {
      expect(await cancel(id)).toMatchObject({ status: 409, body: { code: "pack_not_cancellable" } });
    }
    expect(await cancel("pack_9")).toMatchObject({ status: 404, body: { code: "unknown_holding" } });
    const tooMany = await cancel("pack_3", { quantity: 3, reason: "mistake" });
    expect(tooMany).toMatchObject({ status: 422, body: { code: "quantity_too_large" } });
    expect(badFields(tooMany)).toEqual(["quantity"]);
    expect(badFields(await cancel("pack_3", {}))).toEqual(["reason"]);
  });
});

describe("worked examples", () => {
  test("5: a setting that waits for the reset upgrades until then, and goes on without afterwards", async () => {
    const { send, get, use, advance } = await openClocked(sandbox);
    await send("POST", "/packs", { pack: "pack-1000" });
    await use("e1", 1);
    const effectiveAt = "2026-12-14T00:00:00Z";
    const change = { overageSetting: "pay_as_you_go" };
    expect(await send("PUT", "/settings", change)).toMatchObject({
      body: { overageSetting: "auto_upgrade", effective: "at_reset", effectiveAt, pending: change },
    });
    expect(await use("e2", 1500)).toMatchObject({ body: { upgrade: { packs: 1 } } });
    await advance(effectiveAt);
    expect(await get("/settings")).toMatchObject({ ...change, pending: null });
    const { body } = await use("e3", 3000);
    expect(body).toMatchObject({ allowed: true, balance: { limit: 2500, overage: 500 } });
    expect(body).not.toHaveProperty("upgrade");
  });

  test("7: an upgrade goes as far as the maximum, a purchase raises it", async () => {
    const { send, get, use } = await openClocked(sandbox, { plans: ["big"] });
    await send("POST", "/packs", { pack: "pack-1000", maximum: 6800 });
    await use("e1", 5900);
    expect(await use("e2", 901)).toMatchObject({
      body: { allowed: false, reason: "max_monthly_limit_reached" },
    });
    expect(await get("/packs")).toMatchObject({ data: [{ id: "pack_1" }] });
    expect(await use("e3", 900)).toMatchObject({
      body: { allowed: true, upgrade: { packs: 1 }, balance: { limit: 7000, state: "maximum_reached" } },
    });
    expect(await send("POST", "/packs", { pack: "pack-1000" })).toMatchObject({
      body: { settings: { limit: 8000, maximum: 8000 }, balance: { state: "active" } },
    });
  });

  test.each([
    [8, 8000, 8000],
    [9, 6500, 7000],
  ])("%i: a maximum of %i is %i after a pack of 1,000 makes the limit 7,000", async (_, maximum, then) => {
    const { send } = await openClocked(sandbox, { plans: ["big"] });
    await send("POST", "/packs", { pack: "pack-1000", maximum });
    expect(await send("POST", "/packs", { pack: "pack-1000" })).toMatchObject({
      body: { settings: { limit: 7000, maximum: then } },
    });
  });

  test("20: a pack bought during overage absorbs it", async () => {
    const { send, use, advance, invoices } = await openClocked(sandbox, { plans: ["big"] });
    await send("POST", "/packs", { pack: "pack-1000", overageSetting: "pay_as_you_go" });
    await use("e1", 6400);
    expect(await send("POST", "/packs", { pack: "pack-1000" })).toMatchObject({
      body: { balance: { limit: 7000, overage: 0 } },
    });
    await advance("2026-12-14T00:00:00Z");
    expect((await invoices()).map(inLine)).toEqual([
      "2026-11-14 packs purchase 1000",
      "2026-11-14 packs purchase 1000",
      "2026-12-14 packs renewal 2000",
    ]);
  });
});

test("a purchase stands where billing cannot make its invoice at once", async () => {
  const { send, get, account } = await openClocked(sandbox, {}, START);
  const rename = (from: string, to: string) => env.DB.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();
  await rename("invoices", "invoices_away");
  try {
    expect(await send("POST", "/packs", { pack: "pack-1000" })).toMatchObject({ status: 201 });
  } finally {
    await rename("invoices_away", "invoices");
  }
  expect(await get("/packs")).toMatchObject({ data: [{ id: "pack_1" }] });
  await call(sandbox, "POST", `/v1/test-clocks/${account}/advance`, { to: START });
  expect(await get("/invoices")).toMatchObject({ data: [{ kind: "packs", total: { amountMinor: 1000 } }] });
});
