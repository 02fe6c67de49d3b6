/** What every route under /v1 has in common: who may call it, and what it refuses before it looks at anything. */
import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { SCOPES, type Scope } from "../../shared/api-keys.ts";
import { app } from "../../workers/ingest/app.ts";
import { badFields, call, FEATURES, keyWith } from "./api.ts";

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly scope: Scope;
}

/** Reads that are no GET, and what a product's own key has to do. */
const SCOPE_OF_POST: Readonly<Record<string, Scope>> = {
  "/v1/check": "consume",
  "/v1/consume": "consume",
  "/v1/events": "consume",
  "/v1/holds": "consume",
  "/v1/holds/{id}/capture": "consume",
  "/v1/holds/{id}/release": "consume",
  "/v1/accounts/{account}/outcomes": "consume",
  "/v1/accounts/{account}/reconciliation": "read",
};

/** What a path lacks without. */
const QUERY_OF: Readonly<Record<string, string>> = { "/v1/holds/{id}": "account=key_1" };

const routes: readonly Route[] = app.openAPIRegistry.definitions.flatMap((definition) => {
  if (definition.type !== "route") return [];
  const { method, path } = definition.route;
  return [
    {
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path: path.replace("{version}", "1").replaceAll(/\{\w+\}/g, "key_1"),
      query: QUERY_OF[path] ?? "",
      scope: method === "get" ? "read" : (SCOPE_OF_POST[path] ?? "admin"),
    },
  ];
});

const keys = new Map<string, string>();

beforeAll(async () => {
  for (const scope of SCOPES) {
    keys.set(scope, await keyWith("test", [scope]));
    const others = SCOPES.filter((other) => other !== scope);
    keys.set(`all but ${scope}`, await keyWith("test", others));
  }
});

function key(name: string): string {
  const known = keys.get(name);
  if (known === undefined) throw new Error(`no key ${name}`);
  return known;
}

describe.each(routes)("$name", ({ method, path, query, scope }) => {
  const body = method === "GET" || method === "DELETE" ? undefined : {};

  test("asks for a key", async () => {
    const response = await exports.default.fetch(new Request(`https://drawdown.example${path}`, { method }));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ code: "key_missing" });
  });

  test(`needs the scope ${scope}, and no other`, async () => {
    expect(await call(key(`all but ${scope}`), method, path, body)).toMatchObject({
      status: 403,
      body: { code: "scope_missing", detail: expect.stringContaining(`"${scope}"`) },
    });
    expect((await call(key(scope), method, path, body)).body).not.toMatchObject({ code: "scope_missing" });
  });

  test("refuses an unknown query parameter by name", async () => {
    const answer = await call(key(scope), method, `${path}?${query}&surprise=1`, body);
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_request" } });
    expect(badFields(answer)).toEqual(["surprise"]);
  });
});

test.each([undefined, "text/plain", "application/x-www-form-urlencoded"])(
  "a body that is sent as %s is refused as no JSON",
  async (contentType) => {
    const response = await exports.default.fetch(
      new Request("https://drawdown.example/v1/consume", {
        method: "POST",
        headers: {
          authorization: `Bearer ${key("consume")}`,
          ...(contentType === undefined ? {} : { "content-type": contentType }),
        },
        body: new TextEncoder().encode("{}"),
      }),
    );
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({
      code: "not_json",
      detail: expect.stringContaining("Content-Type: application/json"),
    });
  },
);

describe("an account of the other mode", () => {
  const REQUESTS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
    ...routes
      .filter(({ name }) => /^GET .*\{account\}/.test(name))
      .map(({ path }) => ["GET", path.replace("key_1", "elsewhere")] as const),
    ["PATCH", "/v1/accounts/elsewhere", { name: "x" }],
    ["PUT", "/v1/accounts/elsewhere/users/u", { name: "x", roles: ["member"] }],
    ["DELETE", "/v1/accounts/elsewhere/users/u"],
    ["POST", "/v1/accounts/elsewhere/suspend", { reason: "x" }],
    ["POST", "/v1/accounts/elsewhere/resume"],
    ["POST", "/v1/accounts/elsewhere/close", { reason: "x" }],
    ["POST", "/v1/accounts/elsewhere/packs", { pack: "pack-1000" }],
    ["PATCH", "/v1/accounts/elsewhere/packs/pack_1", { renewal: { quantity: 0 } }],
    ["DELETE", "/v1/accounts/elsewhere/packs/pack_1"],
    ["POST", "/v1/accounts/elsewhere/packs/pack_1/cancel", { reason: "x" }],
    ["POST", "/v1/accounts/elsewhere/grants", { credits: 1, reason: "x" }],
    ["POST", "/v1/accounts/elsewhere/conversions", { size: 100, quantity: 1 }],
    ["PUT", "/v1/accounts/elsewhere/rates", { rates: [] }],
    ["DELETE", "/v1/accounts/elsewhere/rates/versions/1"],
    ["PUT", "/v1/accounts/elsewhere/settings", { overageSetting: "pause" }],
    ["DELETE", "/v1/accounts/elsewhere/settings/pending"],
    ["POST", "/v1/accounts/elsewhere/banners/dismiss", { user: "u", banner: "x" }],
    ["POST", "/v1/accounts/elsewhere/reconciliation"],
    ["POST", "/v1/accounts/elsewhere/corrections", { event: "a", reason: "x" }],
    ["POST", "/v1/accounts/elsewhere/outcomes", { event: "a", outcome: { type: "x" } }],
    ["GET", "/v1/holds/a?account=elsewhere"],
    ["POST", "/v1/holds/a/capture", { account: "elsewhere" }],
    ["POST", "/v1/holds/a/release", { account: "elsewhere" }],
    [
      "POST",
      "/v1/holds",
      { account: "elsewhere", id: "a", feature: "assistant", action: "answer", quantity: 1 },
    ],
    [
      "POST",
      "/v1/check",
      { account: "elsewhere", id: "a", feature: "assistant", action: "answer", quantity: 1 },
    ],
    [
      "POST",
      "/v1/consume",
      { account: "elsewhere", id: "a", feature: "assistant", action: "answer", quantity: 1 },
    ],
  ];
  let stranger = "";

  beforeAll(async () => {
    const live = await keyWith("live");
    stranger = await keyWith("test");
    expect(await call(live, "POST", "/v1/rate-sheets", { features: FEATURES })).toMatchObject({
      status: 201,
    });
    expect(await call(live, "POST", "/v1/accounts", { account: "elsewhere" })).toMatchObject({ status: 201 });
    expect(await call(live, "GET", "/v1/accounts/elsewhere/balance")).toMatchObject({ status: 200 });
  });

  test.each(REQUESTS.map(([method, path, body]) => ({ method, path, body })))(
    "is not there for $method $path",
    async ({ method, path, body }) => {
      expect(await call(stranger, method, path, body)).toMatchObject({
        status: 404,
        body: { code: "account_not_found" },
      });
    },
  );
});
