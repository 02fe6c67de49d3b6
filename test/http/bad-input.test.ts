/** What no caller should send: each gets the status and the problem document that say what is wrong, and books nothing. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Problem } from "../../shared/api/common.ts";
import type { Balance, LogEntry } from "../../shared/client/client.ts";
import { TestAccount } from "./support/account.ts";
import { useServer } from "./support/server.ts";

const server = useServer();
let account: TestAccount;
let before: { readonly balance: Balance; readonly log: readonly LogEntry[] };

/** Whatever was booked by mistake would show. */
async function booked() {
  return { balance: await account.balance(), log: await account.log() };
}

beforeAll(async () => {
  account = await TestAccount.open(server.test, {
    plans: ["plan-500"],
    now: new Date().toISOString(),
    pack: { pack: "pack-1000", quantity: 1, overageSetting: "pay_as_you_go" },
  });
  await account.use(1);
  before = await booked();
});

interface Sent {
  readonly path?: string;
  /** Left out: a key that may do everything. */
  readonly key?: string | null;
  readonly contentType?: string;
}

async function send(body: string, { path = "/v1/consume", key = server.keys.test, contentType }: Sent = {}) {
  const headers = new Headers({ "content-type": contentType ?? "application/json" });
  if (key !== null) headers.set("authorization", `Bearer ${key}`);
  const response = await fetch(server.url + path, { method: "POST", headers, body });
  const problem = (await response.json()) as Problem;
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  expect(problem).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status: response.status,
  });
  expect(problem.requestId).toBe(response.headers.get("x-request-id"));
  expect(problem.detail).not.toBe("");
  return problem;
}

function pathsOf({ errors = [] }: Problem): readonly string[] {
  return errors.map(({ path }) => path);
}

/** A good event with some fields replaced; undefined takes a field away. */
function eventWith(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...account.event(1), ...fields };
}

const DAY_MS = 24 * 60 * 60 * 1000;
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();
const item = (fields: object) => ({
  action: undefined,
  quantity: undefined,
  items: [{ action: "unit", quantity: 1, ...fields }],
});

/** What is wrong, the fields, and the path that the problem names. */
const BAD_FIELDS: readonly (readonly [
  what: string,
  fields: Readonly<Record<string, unknown>>,
  path: string,
])[] = [
  ["an account that is a number", { account: 7 }, "account"],
  ["no id", { id: undefined }, "id"],
  ["an empty id", { id: "" }, "id"],
  ["an id with a line break", { id: "a\nb" }, "id"],
  ["an id of 201 characters", { id: "x".repeat(201) }, "id"],
  ["a feature that is a list", { feature: ["meter"] }, "feature"],
  ["an unknown feature", { feature: "telepathy" }, "feature"],
  ["an unknown action", { action: "read_mind" }, "items.0.action"],
  ["no action", { action: undefined }, "action"],
  ["no quantity", { quantity: undefined }, "quantity"],
  ["neither items nor action", { action: undefined, quantity: undefined }, "items"],
  ["both items and action", { items: [{ action: "unit", quantity: 1 }] }, "items"],
  ["no items", { action: undefined, quantity: undefined, items: [] }, "items"],
  ["an item without a quantity", item({ quantity: undefined }), "items.0.quantity"],
  ["a quantity as text", { quantity: "1" }, "quantity"],
  ["a quantity of NaN as text", { quantity: "NaN" }, "quantity"],
  ["a quantity of null, which JSON makes of NaN", { quantity: Number.NaN }, "quantity"],
  ["a negative quantity", { quantity: -1 }, "quantity"],
  ["a negative quantity in an item", item({ quantity: -0.000001 }), "items.0.quantity"],
  ["a quantity of 10^300", { quantity: 1e300 }, "quantity"],
  ["a quantity just above the cap", { quantity: 8_000_000_000.000_001 }, "quantity"],
  ["a quantity with 7 decimals", { quantity: 0.1234567 }, "quantity"],
  ["a quantity of a ten-millionth", { quantity: 1e-7 }, "quantity"],
  [
    "items that add up to more than the cap",
    {
      action: undefined,
      quantity: undefined,
      items: Array.from({ length: 2 }, () => ({ action: "unit", quantity: 8_000_000_000 })),
    },
    "items",
  ],
  ["credits that pass what can be counted", { quantity: 8_000_000_000 }, "items"],
  ["a time 6 minutes ahead", { occurredAt: fromNow(6 * 60_000) }, "occurredAt"],
  ["a time 36 days ago", { occurredAt: fromNow(-36 * DAY_MS) }, "occurredAt"],
  ["a time without an offset", { occurredAt: "2026-11-21T10:00:00" }, "occurredAt"],
  ["a time that does not exist", { occurredAt: "2026-02-30T10:00:00Z" }, "occurredAt"],
  ["a time as a number", { occurredAt: 1_795_000_000 }, "occurredAt"],
  [
    "an outcome in an unknown currency",
    { outcome: { type: "won", value: { amountMinor: 1, currency: "XYZ" } } },
    "outcome.value.currency",
  ],
  [
    "an outcome of half a cent",
    { outcome: { type: "won", value: { amountMinor: 0.5, currency: "USD" } } },
    "outcome.value.amountMinor",
  ],
  ["a property that is an object", { properties: { model: { name: "large" } } }, "properties.model"],
  ["an unknown field", { colour: "red" }, "colour"],
  ["an unknown field of an item", item({ colour: "red" }), "items.0.colour"],
];

describe("an event with", () => {
  test.each(BAD_FIELDS)("%s is refused by the name of the field", async (_what, fields, path) => {
    const problem = await send(JSON.stringify(eventWith(fields)));
    expect(problem.status).toBe(422);
    expect(pathsOf(problem)).toContain(path);
    expect(problem.detail).toContain(path);
  });

  test.each(BAD_FIELDS)("%s is refused in a batch, and in check", async (_what, fields, path) => {
    const event = eventWith(fields);
    expect(pathsOf(await send(JSON.stringify(event), { path: "/v1/check" }))).toContain(path);
    const [result] = await postEvents([event]);
    expect(result?.problem).toMatchObject({ status: 422 });
    expect(result?.problem === undefined ? [] : pathsOf(result.problem)).toContain(path);
  });

  test("an unknown account is not found, also in a batch", async () => {
    const event = eventWith({ account: "nobody" });
    expect(await send(JSON.stringify(event))).toMatchObject({ status: 404, code: "account_not_found" });
    expect(await postEvents([event])).toMatchObject([
      { problem: { status: 404, code: "account_not_found" } },
    ]);
  });

  test("several bad fields is told all of them", async () => {
    const problem = await send(JSON.stringify(eventWith({ quantity: -1, id: "", colour: "red" })));
    expect(new Set(pathsOf(problem))).toEqual(new Set(["id", "quantity", "colour"]));
  });

  test("a bad neighbour in a batch is not held up by it", async () => {
    const other = await TestAccount.open(server.test, { plans: ["plan-500"] });
    const results = await postEvents([
      other.event(1),
      eventWith({ quantity: -1 }),
      "no event",
      other.event(2),
    ]);
    expect(results).toMatchObject([
      { allowed: true },
      { problem: { status: 422 } },
      { id: null, problem: { status: 422 } },
      { allowed: true },
    ]);
    expect(await other.balance()).toMatchObject({ used: 3 });
  });
});

async function postEvents(events: readonly unknown[]) {
  const response = await fetch(`${server.url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.keys.test}`, "content-type": "application/json" },
    body: JSON.stringify({ mode: "record", events }),
  });
  expect(response.status).toBe(200);
  const { results } = (await response.json()) as { results: { allowed?: boolean; problem?: Problem }[] };
  return results;
}

describe("a body that", () => {
  /** A good event, as text. */
  const good = () => JSON.stringify(account.event(1));

  test.each([
    ["is cut off", () => good().slice(0, -1)],
    ["is empty", () => ""],
    ["has NaN for a quantity", () => good().replace('"quantity":1', '"quantity":NaN')],
    ["has Infinity for a quantity", () => good().replace('"quantity":1', '"quantity":Infinity')],
    ["is a form", () => "account=acme&quantity=1"],
  ])("%s is not JSON", async (_what, body) => {
    expect(await send(body())).toMatchObject({ status: 400, code: "malformed_body" });
  });

  test("has a number beyond all numbers is refused by the field", async () => {
    const problem = await send(good().replace('"quantity":1', '"quantity":1e999'));
    expect(problem.status).toBe(422);
    expect(pathsOf(problem)).toContain("quantity");
  });

  test.each([["[]"], ["null"], ["7"], ['"event"']])("is %s instead of an object is refused", async (body) => {
    expect(await send(body)).toMatchObject({ status: 422, code: "invalid_request" });
  });

  test.each([["text/plain"], ["application/x-www-form-urlencoded"], ["application/xml"]])(
    "comes as %s is refused for that",
    async (contentType) => {
      expect(await send(good(), { contentType })).toMatchObject({ status: 415, code: "not_json" });
    },
  );

  test.each([["/v1/consume"], ["/v1/check"], ["/v1/events"]])(
    "has 2 MB is too large for %s",
    async (path) => {
      const body = JSON.stringify({ ...account.event(1), subject: "x".repeat(2_000_000) });
      expect(await send(body, { path })).toMatchObject({ status: 413, code: "body_too_large" });
    },
  );

  test("has 2 MB and does not say so is too large all the same", async () => {
    const chunk = new TextEncoder().encode("x".repeat(100_000));
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 20) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const response = await fetch(`${server.url}/v1/consume`, {
      method: "POST",
      headers: { authorization: `Bearer ${server.keys.test}`, "content-type": "application/json" },
      body,
      duplex: "half",
    } as RequestInit);
    expect(response.status).toBe(413);
  });

  test("has 1,001 events is refused as a whole", async () => {
    const events = Array.from({ length: 1001 }, () => account.event(1));
    const problem = await send(JSON.stringify({ events }), { path: "/v1/events" });
    expect(problem).toMatchObject({ status: 413, code: "too_many_events" });
    expect(pathsOf(problem)).toEqual(["events"]);
  });

  test.each([
    ["has no events", { events: [] }, "events"],
    ["has events that are no list", { events: {} }, "events"],
    ["has an unknown mode", { mode: "guess", events: [{}] }, "mode"],
    ["has an unknown field beside the events", { events: [{}], colour: "red" }, "colour"],
  ])("%s is refused by the name of the field", async (_what, body, path) => {
    const problem = await send(JSON.stringify(body), { path: "/v1/events" });
    expect(problem.status).toBe(422);
    expect(pathsOf(problem)).toContain(path);
  });
});

describe("a key that", () => {
  const sendAs = (key: string | null) => send(JSON.stringify(account.event(1)), { key });

  test("is missing is asked for", async () => {
    expect(await sendAs(null)).toMatchObject({ status: 401, code: "key_missing" });
  });

  test("is made up, or signed by another deployment, is invalid", async () => {
    expect(await sendAs("dd_test_made-up")).toMatchObject({ status: 401, code: "key_invalid" });
    const [head = "", claims = "", signature = ""] = server.keys.test.split(".");
    const forged = `${head}.${claims}.${signature.split("").reverse().join("")}`;
    expect(await sendAs(forged)).toMatchObject({ status: 401, code: "key_invalid" });
  });

  test("was revoked is told so", async () => {
    const { id, key } = await server.test.createApiKey({ name: "short-lived", scopes: ["consume"] });
    expect((await check(key)).status).toBe(200);
    await server.test.revokeApiKey(id);
    expect(await sendAs(key)).toMatchObject({ status: 401, code: "key_revoked" });
  });

  test.each([
    ["/v1/consume", ["read", "admin"] as const, "consume"],
    ["/v1/check", ["read"] as const, "consume"],
    ["/v1/events", ["read"] as const, "consume"],
    ["/v1/accounts", ["consume", "read"] as const, "admin"],
  ])("lacks the scope for %s is refused", async (path, scopes, missing) => {
    const { key } = await server.test.createApiKey({ name: "narrow", scopes: [...scopes] });
    const problem = await send(JSON.stringify(account.event(1)), { key, path });
    expect(problem).toMatchObject({ status: 403, code: "scope_missing" });
    expect(problem.detail).toContain(missing);
  });

  test("is of the other mode finds no such account", async () => {
    expect(await sendAs(server.keys.live)).toMatchObject({ status: 404, code: "account_not_found" });
  });
});

/** A good request that books nothing. */
function check(key: string): Promise<Response> {
  return fetch(`${server.url}/v1/check`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(account.event(1)),
  });
}

test("after all this balance and log are as they were", async () => {
  expect(await booked()).toEqual(before);
});
