/** API keys and webhook endpoints over HTTP. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { webhookSecret } from "../../shared/webhook-secret.ts";
import { badFields, CATALOG, call, keyWith } from "./api.ts";

let live = "";
let sandbox = "";

beforeAll(async () => {
  live = await keyWith("live");
  sandbox = await keyWith("test");
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
