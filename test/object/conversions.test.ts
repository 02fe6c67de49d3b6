/** Packs of an earlier product, converted one at a time over HTTP (rules, section 11). */
import { beforeAll, expect, test } from "vitest";
import { type Answer, badFields, CATALOG, FEATURES, keyWith, type ProblemBody, sell } from "./api.ts";
import { inLine, openClocked } from "./clocked.ts";

let sandbox = "";

beforeAll(async () => {
  sandbox = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

const refused = (answer: Answer<unknown>) => answer as Answer<ProblemBody>;

test("example 16: 2 packs of 100 are 6,000 a month until the term ends, no invoice, in pause", async () => {
  const { send, get, advance, invoices } = await openClocked(sandbox, { termPeriods: 2 });
  expect(await send("POST", "/conversions", { size: 100, quantity: 2 })).toMatchObject({
    status: 201,
    body: {
      replayed: false,
      converted: {
        id: "pack_1",
        credits: 3000,
        quantity: 2,
        source: "conversion",
        price: { amountMinor: 0, currency: "USD" },
        renewal: { quantity: 0 },
      },
      effectiveAt: "2026-11-14T09:00:00Z",
      settings: { overageSetting: "pause", maximum: null, limit: 6500 },
      balance: { remaining: 6500 },
    },
  });
  expect(await get("/packs")).toMatchObject({ term: { end: "2027-01-14T00:00:00Z", periods: 2 } });
  await advance("2027-01-13T00:00:00Z");
  expect(await get("/settings")).toMatchObject({ limit: 6500 });
  await advance("2027-01-14T00:00:00Z");
  expect(await get("/settings")).toMatchObject({ limit: 500 });
  expect(await invoices()).toEqual([]);
});

test("3 packs of 1,000 are 45,000; a maximum stays where it is, and so does the setting", async () => {
  const { send } = await openClocked(sandbox);
  await send("POST", "/packs", { pack: "pack-1000", maximum: 2000 });
  expect(await send("POST", "/conversions", { size: 1000, quantity: 3 })).toMatchObject({
    body: { settings: { overageSetting: "auto_upgrade", maximum: 2000, limit: 46_500 } },
  });
});

test("with a price they are invoiced at once and with each reset of their term", async () => {
  const { send, get, advance, invoices } = await openClocked(sandbox);
  const price = { amountMinor: 2500, currency: "USD" };
  const body = { size: 10_000, quantity: 1, price, termPeriods: 3 };
  expect(await send("POST", "/conversions", body)).toMatchObject({ body: { settings: { limit: 125_500 } } });
  expect((await invoices()).map(inLine)).toEqual(["2026-11-14 packs conversion 2500"]);
  expect(await get("/packs")).toMatchObject({ term: { periods: 3 } });
  await advance("2027-02-20T00:00:00Z");
  expect((await invoices()).map(inLine)).toEqual([
    "2026-11-14 packs conversion 2500",
    "2026-12-14 packs renewal 2500",
    "2027-01-14 packs renewal 2500",
  ]);
});

test("a later effective time waits for it", async () => {
  const { send, get, advance } = await openClocked(sandbox);
  const effectiveAt = "2026-12-01T10:00:00Z";
  expect(await send("POST", "/conversions", { size: 100, quantity: 1, effectiveAt })).toMatchObject({
    body: { effectiveAt, settings: { limit: 500 } },
  });
  expect(await get("/balance")).toMatchObject({ conversions: [{ status: "scheduled", effectiveAt }] });
  expect(await get("/packs")).toMatchObject({ data: [], term: null });
  await advance("2026-12-01T09:59:59Z");
  expect(await get("/settings")).toMatchObject({ limit: 500 });
  await advance(effectiveAt);
  expect(await get("/settings")).toMatchObject({ limit: 3500, overageSetting: "pause" });
  expect(await get("/conversions")).toMatchObject({ data: [{ status: "active", effectiveAt }] });
  expect(await get("/balance")).toMatchObject({ conversions: [], activePacks: [{ source: "conversion" }] });
});

test("an Idempotency-Key converts once, for good", async () => {
  const { send, get, advance } = await openClocked(sandbox, { termPeriods: 6 });
  const convert = (quantity: number) =>
    send("POST", "/conversions", { size: 100, quantity }, { "idempotency-key": "order-1" });
  expect(await convert(1)).toMatchObject({ status: 201, body: { replayed: false } });
  await advance("2027-03-20T00:00:00Z");
  expect(await convert(1)).toMatchObject({ body: { replayed: true, settings: { limit: 3500 } } });
  expect(await convert(2)).toMatchObject({ status: 409, body: { code: "idempotency_conflict" } });
  expect(await get("/packs")).toMatchObject({ data: [{ quantity: 1 }] });
});

test("the operator's tables count, selected by edition", async () => {
  const { send } = await openClocked(sandbox);
  const sizes = [{ size: 50, credits: 1000.5 }];
  const tables = [{ edition: "Pro 2025", sizes }];
  expect(await sell("PUT", "/v1/catalog", { ...CATALOG, conversionTables: tables })).toMatchObject({
    status: 200,
    body: { conversionTables: tables },
  });
  expect(await send("POST", "/conversions", { size: 50, quantity: 2, edition: "Pro 2025" })).toMatchObject({
    body: { settings: { limit: 2501 } },
  });
  const noDefault = refused(await send("POST", "/conversions", { size: 100, quantity: 1 }));
  expect(noDefault).toMatchObject({ status: 422, body: { code: "unknown_edition" } });
  expect(badFields(noDefault)).toEqual(["edition"]);
  expect(noDefault.body.detail).toContain("Pro 2025");
  const twice = { ...CATALOG, conversionTables: [{ edition: "a", sizes: [...sizes, ...sizes] }] };
  expect(badFields(await sell("PUT", "/v1/catalog", twice))).toEqual(["conversionTables.0.sizes.1.size"]);
  const { body } = await sell<{ conversionTables: unknown }>("PUT", "/v1/catalog", CATALOG);
  expect(body.conversionTables).toEqual([
    {
      edition: "default",
      sizes: [
        { size: 100, credits: 3000 },
        { size: 1000, credits: 15_000 },
        { size: 10_000, credits: 125_000 },
      ],
    },
  ]);
});

test("what cannot be converted is refused by its field, with the way out", async () => {
  const { send, get } = await openClocked(sandbox);
  const convert = async (body: object) =>
    refused(await send("POST", "/conversions", { size: 100, quantity: 1, ...body }));
  const unknown = await convert({ size: 500 });
  expect(unknown).toMatchObject({ status: 422, body: { code: "unknown_size" } });
  expect(unknown.body.detail).toContain("100, 1000, 10000");
  const other = { amountMinor: 1, currency: "EUR" };
  for (const [body, field] of [
    [{ size: 500 }, "size"],
    [{ size: 0 }, "size"],
    [{ quantity: 0 }, "quantity"],
    [{ price: other }, "price.currency"],
    [{ termPeriods: 61 }, "termPeriods"],
    [{ effectiveAt: "tomorrow" }, "effectiveAt"],
  ] as const) {
    const answer = await convert(body);
    expect(badFields(answer), JSON.stringify(body)).toEqual([field]);
  }
  // 1.25 billion credits each; the limit ends at 8 billion.
  for (let times = 1; times <= 6; times += 1) {
    expect(await convert({ size: 10_000, quantity: 10_000 })).toMatchObject({ status: 201 });
  }
  expect(badFields(await convert({ size: 10_000, quantity: 10_000 }))).toEqual(["quantity"]);
  const differs = await convert({ termPeriods: 6 });
  expect(differs).toMatchObject({ status: 422, body: { code: "term_differs" } });
  expect(badFields(differs)).toEqual(["termPeriods"]);
  expect(await get("/settings")).toMatchObject({ limit: 7_500_000_500 });
});
