/** Packs, overage setting and maximum over HTTP. */
import { beforeAll, describe, expect, test } from "vitest";
import { badFields, CATALOG, call, FEATURES, keyWith } from "./api.ts";

let live = "";
let accounts = 0;

beforeAll(async () => {
  live = await keyWith("live");
  await call(live, "PUT", "/v1/catalog", CATALOG);
  await call(live, "POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

/** Opens an account of its own for a test. */
async function open(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  accounts += 1;
  const account = `account-${accounts}`;
  const answer = await call(live, "POST", "/v1/accounts", { account, plans: ["starter"], ...more });
  expect(answer.status).toBe(201);
  return account;
}

async function consume(account: string, id: string, quantity: number): Promise<void> {
  const event = { account, id, feature: "assistant", action: "answer", quantity };
  expect(await call(live, "POST", "/v1/consume", event)).toMatchObject({ body: { allowed: true } });
}

describe("packs and settings", () => {
  test("an account without packs cannot choose", async () => {
    const settings = `/v1/accounts/${await open()}/settings`;
    for (const body of [{ overageSetting: "pay_as_you_go" }, { maximum: 100 }]) {
      expect(await call(live, "PUT", settings, body)).toMatchObject({
        status: 409,
        body: { code: "packs_required" },
      });
    }
    expect(await call(live, "GET", settings)).toMatchObject({
      body: { overageSetting: "pause", maximum: null, pending: null, limit: 500 },
    });
    expect(await call(live, "PUT", settings, {})).toMatchObject({ status: 422 });
    expect(badFields(await call(live, "PUT", settings, { overageSetting: "x", maximum: -1 }))).toEqual([
      "overageSetting",
      "maximum",
    ]);
  });

  test("example 4: an exhausted account buys a pack and is active at once", async () => {
    const account = await open();
    await consume(account, "e1", 500);
    const bought = await call(live, "POST", `/v1/accounts/${account}/packs`, { pack: "pack-1000" });
    expect(bought).toMatchObject({
      status: 201,
      body: {
        bought: { id: "pack_1", pack: "pack-1000", credits: 1000, quantity: 1, source: "purchase" },
        settings: { overageSetting: "auto_upgrade", maximum: null, limit: 1500 },
        balance: { state: "active", remaining: 1000 },
      },
    });
    expect(await call(live, "GET", `/v1/accounts/${account}/packs`)).toMatchObject({
      body: {
        data: [{ id: "pack_1", price: { amountMinor: 1000, currency: "USD" } }],
        nextCursor: null,
      },
    });
  });

  test("examples 5 and 6: a setting waits for the reset where something was used", async () => {
    const account = await open();
    const path = `/v1/accounts/${account}`;
    await call(live, "POST", `${path}/packs`, { pack: "pack-1000" });
    const change = (body: unknown) => call(live, "PUT", `${path}/settings`, body);
    expect(await change({ overageSetting: "pay_as_you_go" })).toMatchObject({
      body: { overageSetting: "pay_as_you_go", effective: "now", effectiveAt: null, pending: null },
    });
    await consume(account, "e1", 1);
    const waiting = await call<{ effectiveAt: string; pending: { effectiveAt: string } }>(
      live,
      "PUT",
      `${path}/settings`,
      { overageSetting: "auto_upgrade", maximum: 2000.5 },
    );
    expect(waiting.body).toMatchObject({
      overageSetting: "pay_as_you_go",
      maximum: 2000.5,
      effective: "at_reset",
      pending: { overageSetting: "auto_upgrade" },
    });
    expect(waiting.body.effectiveAt).toBe(waiting.body.pending.effectiveAt);
    expect(await change({ maximum: null })).toMatchObject({
      body: {
        maximum: null,
        effective: "now",
        effectiveAt: null,
        pending: { overageSetting: "auto_upgrade" },
      },
    });
    expect(await call(live, "DELETE", `${path}/settings/pending`)).toMatchObject({
      status: 200,
      body: { overageSetting: "pay_as_you_go", pending: null },
    });
  });

  test("an Idempotency-Key buys once, and refuses another purchase", async () => {
    const path = `/v1/accounts/${await open()}`;
    const buy = (body: unknown) =>
      call(live, "POST", `${path}/packs`, body, { "Idempotency-Key": "order-1" });
    const body = { pack: "pack-1000", quantity: 2, overageSetting: "pause", maximum: 9000 };
    const first = await buy(body);
    expect(first).toMatchObject({
      status: 201,
      body: { replayed: false, settings: { overageSetting: "pause", maximum: 9000, limit: 2500 } },
    });
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    await call(live, "PUT", `${path}/settings`, { maximum: 8000 });
    const again = await buy(body);
    expect(again).toMatchObject({
      status: 201,
      body: { replayed: true, bought: { quantity: 2 }, settings: { maximum: 8000, limit: 2500 } },
    });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await buy({ pack: "pack-1000" })).toMatchObject({
      status: 409,
      body: { code: "idempotency_conflict" },
    });
    expect(await call(live, "GET", `${path}/settings`)).toMatchObject({ body: { limit: 2500 } });
  });

  test("a purchase that cannot be says why and in which field", async () => {
    const path = `/v1/accounts/${await open()}/packs`;
    const buy = (body: unknown) => call(live, "POST", path, body);
    const unknown = await buy({ pack: "pack-9" });
    expect(unknown).toMatchObject({ status: 422, body: { code: "unknown_pack" } });
    expect(unknown.body.errors).toEqual([
      { path: "pack", message: 'unknown pack "pack-9"; the catalogue has: pack-1000' },
    ]);
    for (const quantity of [0, 1.5, 10_001, "1"]) {
      expect(badFields(await buy({ pack: "pack-1000", quantity }))).toEqual(["quantity"]);
    }
    await buy({ pack: "pack-1000" });
    const second = await buy({ pack: "pack-1000", maximum: 5000 });
    expect(second).toMatchObject({ status: 422, body: { code: "not_first_pack" } });
    expect(badFields(second)).toEqual(["maximum"]);

    const euros = `/v1/accounts/${await open({ currency: "EUR" })}/packs`;
    const notSold = await call(live, "POST", euros, { pack: "pack-1000" });
    expect(notSold).toMatchObject({ status: 422, body: { code: "pack_not_on_sale" } });
    expect(badFields(notSold)).toEqual(["pack"]);
  });

  test("pay as you go needs a price, and the limit has an end", async () => {
    const [pack] = CATALOG.packs;
    const huge = { pack: "huge", name: "Huge", credits: 8_000_000_000, upgrade: false };
    const prices = [{ amountMinor: 900, currency: "CHF" }];
    await call(live, "PUT", "/v1/catalog", {
      ...CATALOG,
      packs: [
        { ...pack, prices },
        { ...huge, prices },
      ],
    });
    const path = `/v1/accounts/${await open({ currency: "CHF" })}`;
    expect(
      await call(live, "POST", `${path}/packs`, { pack: "pack-1000", overageSetting: "pay_as_you_go" }),
    ).toMatchObject({ status: 409, body: { code: "overage_price_missing" } });
    const tooMuch = await call(live, "POST", `${path}/packs`, { pack: "huge" });
    expect(tooMuch).toMatchObject({ status: 422, body: { code: "limit_too_large" } });
    expect(badFields(tooMuch)).toEqual(["quantity"]);
    expect(await call(live, "GET", `${path}/packs`)).toMatchObject({ body: { data: [] } });
    await call(live, "PUT", "/v1/catalog", CATALOG);
  });
});
