/** The operator over HTTP: rate sheets, catalogue, keys, webhook endpoints, test clocks. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { webhookSecret } from "../../shared/webhook-secret.ts";
import { badFields, CATALOG, call, FEATURES, keyWith } from "./api.ts";

let live = "";
let sandbox = "";

beforeAll(async () => {
  live = await keyWith("live");
  sandbox = await keyWith("test");
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
    expect(read.body).toEqual(CATALOG);
    expect((await call<unknown>(live, "PUT", "/v1/catalog", read.body)).body).toEqual(CATALOG);
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
    expect((await call<unknown>(live, "GET", "/v1/catalog")).body).toEqual(CATALOG);
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

describe("API keys", () => {
  interface Created {
    readonly id: string;
    readonly key: string;
  }

  test("a key is shown once, works within its scopes, and is refused once revoked", async () => {
    const minted = await call<Created>(live, "POST", "/v1/api-keys", { name: "reports", scopes: ["read"] });
    expect(minted).toMatchObject({ status: 201, body: { mode: "live", scopes: ["read"], revokedAt: null } });
    const { id, key } = minted.body;
    expect(minted.headers.get("cache-control")).toBe("no-store");
    const listed = await call<{ data: readonly { id: string }[] }>(live, "GET", "/v1/api-keys");
    expect(listed.body.data.find((item) => item.id === id)).not.toHaveProperty("key");
    expect(JSON.stringify(await env.DB.prepare("SELECT * FROM api_keys").all())).not.toContain(key);

    expect(await call(key, "GET", "/v1/catalog")).toMatchObject({ status: 200 });
    expect(await call(key, "PUT", "/v1/catalog", CATALOG)).toMatchObject({
      status: 403,
      body: { code: "scope_missing" },
    });
    expect(await call(live, "DELETE", `/v1/api-keys/${id}`)).toMatchObject({ status: 204 });
    expect(await call(key, "GET", "/v1/catalog")).toMatchObject({
      status: 401,
      body: { code: "key_revoked" },
    });
    const at = await env.DB.prepare("SELECT revoked_at_ms FROM api_keys WHERE key_id = ?").bind(id).first();
    expect(await call(live, "DELETE", `/v1/api-keys/${id}`)).toMatchObject({ status: 204 });
    expect(
      await env.DB.prepare("SELECT revoked_at_ms FROM api_keys WHERE key_id = ?").bind(id).first(),
    ).toEqual(at);
  });

  test("a key that D1 has never seen can be revoked by a live key", async () => {
    const unseen = await keyWith("live");
    expect(await call(unseen, "GET", "/v1/catalog")).toMatchObject({ status: 200 });
    const [, payload = ""] = unseen.split(".");
    const { jti } = JSON.parse(atob(payload));
    expect(await call(sandbox, "DELETE", `/v1/api-keys/${jti}`)).toMatchObject({ status: 404 });
    expect(await call(live, "DELETE", `/v1/api-keys/${jti}`)).toMatchObject({ status: 204 });
    expect(await call(unseen, "GET", "/v1/catalog")).toMatchObject({ status: 401 });
  });

  test("live keys manage both modes, test keys only their own", async () => {
    const both = await call<Created>(live, "POST", "/v1/api-keys", {
      name: "sandbox",
      scopes: ["consume", "read", "admin"],
      mode: "test",
    });
    expect(both.body.key).toMatch(/^dd_test_/);
    const liveKey = await call<Created>(live, "POST", "/v1/api-keys", { name: "l", scopes: ["read"] });
    const own = await call<Created>(sandbox, "POST", "/v1/api-keys", { name: "own", scopes: ["read"] });
    expect(own.body.key).toMatch(/^dd_test_/);
    expect(
      await call(sandbox, "POST", "/v1/api-keys", { name: "x", scopes: ["read"], mode: "live" }),
    ).toMatchObject({ status: 403, body: { code: "live_key_required" } });
    const listed = await call<{ data: readonly { mode: string }[] }>(sandbox, "GET", "/v1/api-keys");
    expect(new Set(listed.body.data.map((item) => item.mode))).toEqual(new Set(["test"]));
    expect(await call(sandbox, "DELETE", `/v1/api-keys/${liveKey.body.id}`)).toMatchObject({ status: 404 });
    expect(await call(liveKey.body.key, "GET", "/v1/catalog")).toMatchObject({ status: 200 });
    expect(await call(sandbox, "DELETE", `/v1/api-keys/${own.body.id}`)).toMatchObject({ status: 204 });
  });

  test("a key with another secret, of another mode than its prefix, or cut short is refused", async () => {
    const swapped = sandbox.replace("dd_test_", "dd_live_");
    for (const bad of [swapped, live.slice(0, -2), "dd_live_x", "secret"]) {
      expect(await call(bad, "GET", "/v1/catalog")).toMatchObject({
        status: 401,
        body: { code: "key_invalid" },
      });
    }
    const wrong = await call(live, "POST", "/v1/api-keys", { name: "", scopes: ["read", "read"], mode: "x" });
    expect([...badFields(wrong)].sort()).toEqual(["mode", "name", "scopes"]);
  });
});

describe("webhook endpoints", () => {
  interface Endpoint {
    readonly id: string;
    readonly secret: string;
  }

  test("the secret is derived and shown to keys with the scope admin", async () => {
    const url = "https://example.com/hooks";
    const added = await call<Endpoint>(live, "POST", "/v1/webhook-endpoints", { url });
    expect(added).toMatchObject({ status: 201, body: { mode: "live", url } });
    const { id, secret } = added.body;
    expect(secret).toBe(await webhookSecret(id, env.KEY_SIGNING_SECRET));
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const path = `/v1/webhook-endpoints/${id}`;
    expect(await call(live, "GET", path)).toMatchObject({ status: 200, body: { secret } });
    const reader = await keyWith("live", ["read"]);
    expect((await call(reader, "GET", path)).body).not.toHaveProperty("secret");
    const listed = await call<{ data: readonly Endpoint[] }>(live, "GET", "/v1/webhook-endpoints");
    expect(listed.body.data.map((endpoint) => [endpoint.id, endpoint.secret])).toEqual([[id, undefined]]);

    for (const method of ["GET", "DELETE"]) expect((await call(sandbox, method, path)).status).toBe(404);
    expect(await call(live, "DELETE", path)).toMatchObject({ status: 204 });
    expect(await call(live, "DELETE", path)).toMatchObject({ status: 404 });
  });

  test("takes https anywhere and http only to the machine itself, up to a number", async () => {
    const add = (url: string) => call(sandbox, "POST", "/v1/webhook-endpoints", { url });
    for (const url of [
      "http://example.com/",
      "ftp://a/",
      "https://u:p@a/",
      "/hooks",
      "http://127.0.0.1.a/",
    ]) {
      expect(badFields(await add(url))).toEqual(["url"]);
    }
    const answers = await Promise.all(
      Array.from({ length: 22 }, (_, index) => add(`http://localhost:9000/${index}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(20).fill(201), 409, 409]);
  });
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
    await call(live, "PUT", "/v1/catalog", CATALOG);
    const clock = { testClock: "clock-2", now: "2026-11-14T10:00:00Z" };
    await call(sandbox, "POST", "/v1/test-clocks", clock);
    for (const account of ["clocked-1", "clocked-2"]) {
      const opened = await call(sandbox, "POST", "/v1/accounts", {
        account,
        plans: ["starter"],
        testClock: "clock-2",
      });
      expect(opened).toMatchObject({ status: 201, body: { anchorDate: "2026-11-14", testClock: "clock-2" } });
      const packs = `/v1/accounts/${account}/packs`;
      const bought = await call(sandbox, "POST", packs, {
        pack: "pack-1000",
        overageSetting: "pay_as_you_go",
      });
      expect(bought).toMatchObject({ status: 201, body: { balance: { limit: 1500 } } });
      const used = await call(sandbox, "POST", "/v1/consume", {
        account,
        id: "e1",
        feature: "flows",
        action: "run",
        quantity: 13_365,
      });
      expect(used).toMatchObject({ status: 200, body: { allowed: true, credits: 1737.45 } });
    }
    const advance = () =>
      call(sandbox, "POST", "/v1/test-clocks/clock-2/advance", { to: "2027-01-20T00:00:00Z" });
    expect(await advance()).toMatchObject({ status: 200, body: { now: "2027-01-20T00:00:00Z" } });
    expect(await advance()).toMatchObject({ status: 200 });
    for (const account of ["clocked-1", "clocked-2"]) {
      const invoices = await env.DB.prepare(
        "SELECT source, document ->> '$.totalMinor' AS total FROM invoices WHERE account_key = ?",
      )
        .bind(`test:${account}`)
        .all();
      expect(invoices.results).toEqual([{ source: "overage:2026-11-14", total: 230 }]);
      const row = await env.DB.prepare(
        "SELECT period_ends_at_ms AS endMs FROM accounts WHERE account_key = ?",
      )
        .bind(`test:${account}`)
        .first<{ endMs: number }>();
      expect(row?.endMs).toBe(Date.parse("2027-02-14T00:00:00Z"));
    }
  });
});
