/** Rate sheets and the catalogue over HTTP. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { badFields, CATALOG, call, FEATURES, keyWith } from "./api.ts";

const WITH_DEFAULTS = {
  ...CATALOG,
  conversionTables: [
    {
      edition: "default",
      sizes: [
        { size: 100, credits: 3_000 },
        { size: 1_000, credits: 15_000 },
        { size: 10_000, credits: 125_000 },
      ],
    },
  ],
};

let live = "";

beforeAll(async () => {
  live = await keyWith("live");
});

async function revision(): Promise<number> {
  const row = await env.DB.prepare("SELECT revision FROM operator").first<{ revision: number }>();
  return row?.revision ?? -1;
}

describe("rate sheets", () => {
  test("the first version may be effective at any time, later ones not before now", async () => {
    expect(await call(live, "GET", "/v1/rate-sheets/current")).toMatchObject({
      status: 404,
      body: { code: "no_rate_sheet" },
    });
    const before = await revision();
    const first = await call(live, "POST", "/v1/rate-sheets", {
      effectiveAt: "2026-01-01T00:00:00Z",
      features: [
        {
          feature: "flows",
          category: "Automation",
          actions: [
            { action: "run", credits: 13, per: 100 },
            { action: "tokens", name: "Tokens", credits: 20, per: 10_000, blocks: true },
          ],
        },
        { feature: "preview", beta: true, actions: [{ action: "try", credits: 0.000001 }] },
      ],
    });
    expect(first).toMatchObject({
      status: 201,
      body: {
        version: 1,
        effectiveAt: "2026-01-01T00:00:00Z",
        features: [
          {
            feature: "flows",
            name: "flows",
            category: "Automation",
            description: "",
            beta: false,
            actions: [
              { action: "run", name: "run", credits: 13, per: 100, blocks: false },
              { action: "tokens", name: "Tokens", credits: 20, per: 10_000, blocks: true },
            ],
          },
          { feature: "preview", category: "other", beta: true, actions: [{ credits: 0.000001, per: 1 }] },
        ],
      },
    });
    expect(await revision()).toBe(before + 1);
    expect(await call(live, "GET", "/v1/rate-sheets/current")).toMatchObject({ body: first.body });

    const past = await call(live, "POST", "/v1/rate-sheets", {
      effectiveAt: "2026-01-02T00:00:00Z",
      features: FEATURES,
    });
    expect(past.status).toBe(422);
    expect(badFields(past)).toEqual(["effectiveAt"]);
  });

  test("parallel publications take consecutive versions, in force a minute later", async () => {
    const published = await Promise.all(
      Array.from({ length: 8 }, () =>
        call<{ version: number; effectiveAt: string; publishedAt: string }>(live, "POST", "/v1/rate-sheets", {
          features: FEATURES,
        }),
      ),
    );
    expect(published.map(({ body }) => body.version).sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { body } of published) {
      expect(Date.parse(body.effectiveAt) - Date.parse(body.publishedAt)).toBe(60_000);
    }
    expect(await call(live, "GET", "/v1/rate-sheets/current")).toMatchObject({ body: { version: 1 } });
    expect(await call(live, "GET", "/v1/rate-sheets/9")).toMatchObject({ status: 200, body: { version: 9 } });
    expect(await call(live, "GET", "/v1/rate-sheets/10")).toMatchObject({ status: 404 });
    const page = await call(live, "GET", "/v1/rate-sheets?limit=2");
    expect(page.body).toMatchObject({ data: [{ version: 9 }, { version: 8 }], nextCursor: "8" });
    const rest = await call(live, "GET", "/v1/rate-sheets?cursor=3");
    expect(rest.body).toMatchObject({ data: [{ version: 2 }, { version: 1 }], nextCursor: null });
  });

  test("a bad sheet is refused field by field and publishes nothing", async () => {
    const action = { action: "a", credits: 1 };
    const answer = await call(live, "POST", "/v1/rate-sheets", {
      features: [
        { feature: "one", actions: [action, action] },
        { feature: "one", actions: [{ action: "b", credits: -1, per: 0 }] },
        { feature: "two", actions: [{ action: "c", credits: 0.0000001, color: "red" }] },
        { feature: "three", actions: [] },
      ],
    });
    expect(answer.status).toBe(422);
    expect([...badFields(answer)].sort()).toEqual([
      "features.0.actions.1.action",
      "features.1.actions.0.credits",
      "features.1.actions.0.per",
      "features.2.actions.0.color",
      "features.2.actions.0.credits",
      "features.3.actions",
    ]);
    const repeated = { features: [...FEATURES, ...FEATURES] };
    expect(badFields(await call(live, "POST", "/v1/rate-sheets", repeated))).toEqual(["features.1.feature"]);
    const large = Array.from({ length: 200 }, (_, index) => ({
      feature: `f${index}`,
      description: "x".repeat(1000),
      actions: [action],
    }));
    expect(badFields(await call(live, "POST", "/v1/rate-sheets", { features: large }))).toEqual(["features"]);
    expect(await call(live, "GET", "/v1/rate-sheets?limit=1")).toMatchObject({
      body: { data: [{ version: 9 }] },
    });
  });
});

describe("the catalogue", () => {
  test("is replaced as a whole and read back as it was put", async () => {
    const before = await revision();
    expect(await call(live, "PUT", "/v1/catalog", CATALOG)).toMatchObject({ status: 200 });
    expect(await revision()).toBe(before + 1);
    const read = await call<unknown>(live, "GET", "/v1/catalog");
    expect(read.body).toEqual(WITH_DEFAULTS);
    expect((await call<unknown>(live, "PUT", "/v1/catalog", read.body)).body).toEqual(WITH_DEFAULTS);
    const audit = await call<{ data: unknown[] }>(live, "GET", "/v1/audit?action=catalog_replaced&limit=1");
    expect(audit.body.data).toMatchObject([{ after: { plans: [{ plan: "starter" }, {}] } }]);
  });

  test("names each bad field and keeps what was there", async () => {
    const [pack] = CATALOG.packs;
    const [price] = pack?.prices ?? [];
    const answer = await call(live, "PUT", "/v1/catalog", {
      plans: [
        { plan: "a", name: "A", includedCredits: 8_000_000_001 },
        { plan: "b b", name: "", includedCredits: 1 },
      ],
      packs: [
        { ...pack, credits: 0 },
        { ...pack, pack: "other", prices: [price, { amountMinor: 1.5, currency: "usd" }] },
      ],
      overageRates: [{ currency: "USD", price: "1e-3" }],
      noticePercentages: [0, 100],
      automaticPacksMax: -1,
      seller: { name: "S", website: "none" },
    });
    expect(answer.status).toBe(422);
    expect([...badFields(answer)].sort()).toEqual([
      "automaticPacksMax",
      "noticePercentages.0",
      "noticePercentages.1",
      "overageRates.0.price",
      "packs.0.credits",
      "packs.1.prices.1.amountMinor",
      "packs.1.prices.1.currency",
      "plans.0.includedCredits",
      "plans.1.name",
      "plans.1.plan",
      "seller.website",
    ]);
    expect((await call<unknown>(live, "GET", "/v1/catalog")).body).toEqual(WITH_DEFAULTS);
  });

  test("no overage rate is so high that an invoice could not be counted", async () => {
    const overageRates = [
      { currency: "USD", price: "5000" },
      { currency: "KWD", price: "500.001" },
    ];
    expect(badFields(await call(live, "PUT", "/v1/catalog", { ...CATALOG, overageRates }))).toEqual([
      "overageRates.1.price",
    ]);
  });

  test("takes each name once, one upgrade pack and ascending percentages", async () => {
    const [plan] = CATALOG.plans;
    const [pack] = CATALOG.packs;
    const [rate] = CATALOG.overageRates;
    const answer = await call(live, "PUT", "/v1/catalog", {
      plans: [plan, plan],
      packs: [pack, pack, { ...pack, pack: "third", upgrade: false, prices: [] }],
      overageRates: [rate, rate],
      noticePercentages: [75, 75],
    });
    expect([...badFields(answer)].sort()).toEqual([
      "noticePercentages",
      "overageRates.1.currency",
      "packs.1.pack",
      "packs.1.upgrade",
      "plans.1.plan",
    ]);
  });
});
