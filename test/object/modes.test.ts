/** Live and test never meet (rules, section 12): what is of one mode does not exist for the keys of the other. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { Mode } from "../../shared/api/common.ts";
import { publicDeliveryId } from "../../shared/delivery-id.ts";
import { ROUTES, samplePath } from "../route-table.ts";
import { CATALOG, call, FEATURES, keyWith, send } from "./api.ts";

const MODES: readonly (readonly [of: Mode, stranger: Mode])[] = [
  ["live", "test"],
  ["test", "live"],
];

/** By which id something of the other mode is asked for, and what a stranger is told. */
const BY_ID: Readonly<Record<string, { readonly code: string }>> = {
  invoices: { code: "invoice_not_found" },
  deliveries: { code: "delivery_not_found" },
  "dead-letters": { code: "dead_letter_not_found" },
  "webhook-endpoints": { code: "webhook_endpoint_not_found" },
};

/** Lists and figures of the key's own mode. */
const OWN_MODE = [
  "GET /v1/accounts",
  "GET /v1/api-keys",
  "GET /v1/webhook-endpoints",
  "GET /v1/deliveries",
  "POST /v1/deliveries/resend",
  "GET /v1/dead-letters",
  "GET /v1/status",
];

/** Of the whole deployment, or made in the key's own mode. */
const WITHOUT_MODE = [
  "POST /v1/accounts",
  "GET /v1/catalog",
  "PUT /v1/catalog",
  "GET /v1/rate-sheets",
  "POST /v1/rate-sheets",
  "GET /v1/rate-sheets/current",
  "GET /v1/rate-sheets/{version}",
  "DELETE /v1/rate-sheets/{version}",
  "POST /v1/api-keys",
  "POST /v1/webhook-endpoints",
  "GET /v1/audit",
  "GET /v1/billing-runs",
];

const NOT_AS_OTHERS = [
  "POST /v1/events",
  "POST /v1/conversions/import",
  "POST /v1/rate-sheets/quote",
  "DELETE /v1/api-keys/{id}",
  "POST /v1/test-clocks",
  "GET /v1/test-clocks",
  "GET /v1/test-clocks/{testClock}",
  "POST /v1/test-clocks/{testClock}/advance",
];

const routes = Object.entries(ROUTES).map(([name, facts]) => {
  const [method = "", path = ""] = name.split(" ");
  return { ...facts, name, method, path };
});
const ofAccounts = routes.filter(
  ({ path, body, query }) =>
    path.includes("{account}") || query !== undefined || (Object(body).account && path !== "/v1/accounts"),
);
const byId = routes.filter(({ path }) => (/^\/v1\/([\w-]+)\/\{\w+\}/.exec(path)?.[1] ?? "") in BY_ID);

const keys = { live: "", test: "" };
/** Ids of what each mode has, by the first part of its path. */
const owned = new Map<string, string>();

function thing(mode: Mode, kind: string): string {
  const id = owned.get(`${mode} ${kind}`);
  if (id === undefined) throw new Error(`no ${kind} in ${mode}`);
  return id;
}

/** An account and one of everything that is asked for by id. */
async function furnish(mode: Mode): Promise<void> {
  const key = keys[mode];
  const account = `of-${mode}`;
  const own = (kind: string, id: string) => owned.set(`${mode} ${kind}`, id);
  await call(key, "POST", "/v1/accounts", { account, plans: ["starter"] });
  await call(key, "POST", `/v1/accounts/${account}/packs`, { pack: "pack-1000" });
  const event = { account, feature: "assistant", action: "answer", quantity: 1 };
  expect(await call(key, "POST", "/v1/consume", { ...event, id: "req_1" })).toMatchObject({ status: 200 });
  expect(await call(key, "POST", "/v1/holds", { ...event, id: "key_1" })).toMatchObject({ status: 200 });
  const { body } = await call<{ data: { invoice: string }[] }>(
    key,
    "GET",
    `/v1/accounts/${account}/invoices`,
  );
  own("invoices", body.data[0]?.invoice ?? "");
  const hook = { url: `https://example.com/${mode}` };
  own("webhook-endpoints", (await call<{ id: string }>(key, "POST", "/v1/webhook-endpoints", hook)).body.id);
  const minted = await call<{ id: string }>(key, "POST", "/v1/api-keys", { name: mode, scopes: ["read"] });
  own("api-keys", minted.body.id);
  const deliveryId = `${mode}:${account}/notice/1/webhook/we_1`;
  own("deliveries", publicDeliveryId(deliveryId));
  own("dead-letters", `m-${mode}`);
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO deliveries (delivery_id, mode, channel, target, status, attempts, attempt_log, round_attempts,
                               round_started_ms, created_at_ms, updated_at_ms)
       VALUES (?1, ?2, 'webhook', 'we_1', 'failed', 1, '[]', 1, 0, 0, 0)`,
    ).bind(deliveryId, mode),
    env.DB.prepare(
      "INSERT INTO dead_letters (message_id, queue, body, died_at_ms, mode) VALUES (?1, 'drawdown-billing', '{}', 0, ?2)",
    ).bind(`m-${mode}`, mode),
  ]);
}

beforeAll(async () => {
  keys.live = await keyWith("live");
  keys.test = await keyWith("test");
  await call(keys.live, "PUT", "/v1/catalog", CATALOG);
  await call(keys.live, "POST", "/v1/rate-sheets", { features: FEATURES });
  for (const [mode] of MODES) await furnish(mode);
});

test("every route is looked at below, in one way", () => {
  const looked = [
    ...ofAccounts.map(({ name }) => name),
    ...byId.map(({ name }) => name),
    ...OWN_MODE,
    ...WITHOUT_MODE,
    ...NOT_AS_OTHERS,
  ];
  expect(looked.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
});

describe.each(MODES)("what is %s, asked for with a %s key,", (mode, stranger) => {
  const account = `of-${mode}`;

  test.each(ofAccounts)("is not there: $name", async ({ method, path, query, body }) => {
    const at = samplePath(path, { account });
    const asked = query === undefined ? at : `${at}?${query.replace("acme", account)}`;
    const answer = await call(
      keys[stranger],
      method,
      asked,
      Object(body).account === undefined ? body : { ...Object(body), account },
    );
    expect(answer).toMatchObject({ status: 404, body: { code: "account_not_found" } });
  });

  test.each(byId)("is not there: $name", async ({ method, path, body }) => {
    const [, kind = ""] = /^\/v1\/([\w-]+)\//.exec(path) ?? [];
    const id = thing(mode, kind);
    const at = samplePath(path, { id, invoice: id });
    expect(await call(keys[stranger], method, at, body)).toMatchObject({ status: 404, body: BY_ID[kind] });
  });

  test("is in none of a stranger's lists", async () => {
    for (const path of ["accounts", "webhook-endpoints", "deliveries", "dead-letters"]) {
      const { status, body } = await call<{ data: readonly unknown[] }>(keys[stranger], "GET", `/v1/${path}`);
      expect(status).toBe(200);
      expect(body.data).toHaveLength(1);
      const text = JSON.stringify(body);
      expect(text).not.toContain(path === "accounts" ? account : thing(mode, path));
    }
    expect(await call(keys[stranger], "GET", "/v1/status")).toMatchObject({
      body: { mode: stranger, pipeline: { deliveries: { failed: 1 }, deadLetters: { waiting: 1 } } },
    });
  });

  test("is a problem of one event, one row, one account among others", async () => {
    const event = { account, id: "x", feature: "assistant", action: "answer", quantity: 1 };
    expect(await call(keys[stranger], "POST", "/v1/events", { events: [event] })).toMatchObject({
      status: 200,
      body: { results: [{ problem: { status: 404, code: "account_not_found" } }] },
    });
    const file = `account,size,quantity\n${account},100,1\n`;
    const csv = { "content-type": "text/csv" };
    expect(await send(keys[stranger], "POST", "/v1/conversions/import", file, csv)).toMatchObject({
      status: 200,
      body: { refused: 1, converted: 0 },
    });
    const quote = { accounts: [`of-${stranger}`, account], version: 1 };
    expect(await call(keys[stranger], "POST", "/v1/rate-sheets/quote", quote)).toMatchObject({
      status: 404,
      body: { code: "account_not_found" },
    });
  });

  test("resends only what is its own", async () => {
    expect(await call(keys[stranger], "POST", "/v1/deliveries/resend", { target: "we_1" })).toMatchObject({
      body: { resent: 1, more: false },
    });
    const row = await env.DB.prepare("SELECT status FROM deliveries WHERE mode = ?").bind(mode).first();
    expect(row).toEqual({ status: "failed" });
    await env.DB.prepare("UPDATE deliveries SET status = 'failed', next_attempt_ms = NULL WHERE mode = ?")
      .bind(stranger)
      .run();
  });

  test("is as it was", async () => {
    expect(await call(keys[mode], "GET", `/v1/accounts/${account}/balance`)).toMatchObject({
      body: { used: 1, held: 1, limit: 1500, state: "active", overageSetting: "auto_upgrade" },
    });
    for (const kind of Object.keys(BY_ID)) {
      const answer = await call(keys[mode], "GET", `/v1/${kind}/${thing(mode, kind)}`);
      expect(answer, kind).toMatchObject({ status: 200 });
    }
  });
});

test("keys: a live key manages both modes, a test key only test keys", async () => {
  const live = thing("live", "api-keys");
  expect(await call(keys.test, "DELETE", `/v1/api-keys/${live}`)).toMatchObject({
    status: 404,
    body: { code: "api_key_not_found" },
  });
  const ids = async (key: string) =>
    (await call<{ data: readonly { id: string }[] }>(key, "GET", "/v1/api-keys")).body.data.map(
      ({ id }) => id,
    );
  expect(await ids(keys.test)).toEqual([thing("test", "api-keys")]);
  expect(new Set(await ids(keys.live))).toEqual(new Set([live, thing("test", "api-keys")]));
});

test("clocks: there are none for a live key", async () => {
  for (const name of NOT_AS_OTHERS.filter((route) => route.includes("test-clocks"))) {
    const [method = "", path = ""] = name.split(" ");
    expect(await call(keys.live, method, samplePath(path), ROUTES[name]?.body), name).toMatchObject({
      status: 403,
      body: { code: "test_key_required" },
    });
  }
});
