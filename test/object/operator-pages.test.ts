/** Pages of the operator that need what a demo does not have: dead letters, a pipeline that is behind, many accounts. */
import { env, exports } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Mode } from "../../shared/api/common.ts";
import { SCOPES, type Scope } from "../../shared/api-keys.ts";
import { CATALOG, call, FEATURES, keyWith, sell } from "./api.ts";

const ORIGIN = "https://drawdown.example";

let live = "";
let operator = "";

/** Where nothing was sold and nobody has come yet. */
const EMPTY_PAGES: readonly (readonly [path: string, says: string])[] = [
  ["/accounts", "There is no account yet."],
  ["/open-account", "The catalogue has no plans yet"],
  ["", "No account has fallen due yet."],
  ["/rate-sheets", "Nothing is priced yet"],
  ["/rate-sheets/new", "The first version."],
  ["/deliveries", "Nothing has been sent yet."],
  ["/dead-letters", "No message has failed."],
  ["/webhooks", "Notices are posted nowhere yet."],
  ["/keys", "No key was minted here yet"],
  ["/audit", "Nothing like that was changed."],
];

const emptyAnswers: (readonly [path: string, status: number, text: string])[] = [];

beforeAll(async () => {
  live = await keyWith("live");
  operator = await signIn("live");
  for (const [path] of EMPTY_PAGES) {
    const answer = await get(operator, `/operator${path}`);
    emptyAnswers.push([path, answer.status, await answer.text()]);
  }
  await sell("PUT", "/v1/catalog", CATALOG);
  await sell("POST", "/v1/rate-sheets", { features: FEATURES });
});

beforeEach(async () => {
  await env.DB.batch(
    ["dead_letters", "deliveries", "heartbeats"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
});

async function signIn(mode: Mode, scopes: readonly Scope[] = SCOPES): Promise<string> {
  const answer = await post("", "/sign-in", { key: await keyWith(mode, scopes) });
  expect(answer.status).toBe(303);
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

function get(cookie: string, path: string): Promise<Response> {
  return exports.default.fetch(new Request(ORIGIN + path, { headers: { cookie }, redirect: "manual" }));
}

function post(
  cookie: string,
  path: string,
  fields: Readonly<Record<string, string>>,
  origin = ORIGIN,
): Promise<Response> {
  const headers = { cookie, origin, "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams(fields).toString();
  return exports.default.fetch(
    new Request(ORIGIN + path, { method: "POST", headers, body, redirect: "manual" }),
  );
}

function addDeadLetter(id: string, body: object, mode: Mode = "live") {
  return env.DB.prepare(
    `INSERT INTO dead_letters (message_id, queue, body, died_at_ms, mode, account_key)
     VALUES (?1, 'drawdown-billing', ?2, ?3, ?4, ?5)`,
  )
    .bind(id, JSON.stringify(body), Date.now(), mode, `${mode}:acme`)
    .run();
}

test.each(EMPTY_PAGES)("before anything was sold /operator%s says so", (path, says) => {
  const [, status, text] = emptyAnswers.find(([asked]) => asked === path) ?? [];
  expect(status).toBe(200);
  expect(text).toContain(says);
});

test("a dead letter is listed in its mode, shown as text, sent again and removed", async () => {
  const body = { type: "settle", accountKey: "live:acme", note: "<script>alert(1)</script>" };
  await addDeadLetter("letter-1", body);
  await addDeadLetter("letter-2", body, "test");
  const list = await (await get(operator, "/operator/dead-letters")).text();
  expect(list).toContain("/operator/dead-letters/letter-1");
  expect(list).not.toContain("letter-2");
  expect((await get(operator, "/operator/dead-letters/letter-2")).status).toBe(404);

  const shown = await get(operator, "/operator/dead-letters/letter-1");
  expect(shown.status).toBe(200);
  const text = await shown.text();
  expect(text).toContain("&lt;script&gt;alert(1)");
  expect(text).not.toContain("<script>alert");

  const resent = await post(operator, "/operator/dead-letters/letter-1", { _form: "resend" });
  expect([resent.status, resent.headers.get("location")]).toEqual([303, "/operator/dead-letters/letter-1"]);
  expect(await (await get(operator, "/operator/dead-letters?resent=false")).text()).not.toContain("letter-1");
  const removed = await post(operator, "/operator/dead-letters/letter-1", { _form: "remove" });
  expect(removed.headers.get("location")).toBe("/operator/dead-letters");
  expect((await get(operator, "/operator/dead-letters/letter-1")).status).toBe(404);
});

test("a form from another site, or of a key that may only read, changes nothing", async () => {
  await addDeadLetter("letter-3", { type: "settle" });
  const path = "/operator/dead-letters/letter-3";
  const foreign = await post(operator, path, { _form: "remove" }, "https://elsewhere.example");
  expect(foreign.status).toBe(403);
  const reader = await signIn("live", ["read"]);
  expect((await post(reader, path, { _form: "remove" })).status).toBe(403);
  expect(await (await get(reader, path)).text()).not.toContain(">Remove<");
  expect((await get(operator, path)).status).toBe(200);
});

test("health says what is behind, and what to do", async () => {
  const nowMs = Date.now();
  await env.DB.prepare("INSERT INTO heartbeats (name, at_ms) VALUES ('cron', ?1)").bind(nowMs).run();
  const well = await get(operator, "/operator");
  expect(well.headers.get("server-timing")).toMatch(/^account;desc="0", d1;desc="[0-3]"$/);
  expect(await well.text()).toContain("All is well");

  await addDeadLetter("letter-4", { type: "settle" });
  await env.DB.prepare("UPDATE heartbeats SET at_ms = ?1 WHERE name = 'cron'")
    .bind(nowMs - 3 * 60 * 60_000)
    .run();
  const behind = await (await get(operator, "/operator")).text();
  expect(behind).toContain("Something needs you");
  expect(behind).toContain("3 h ago");
  expect(behind).toContain("/operator/dead-letters?resent=false");
});

test("the list of accounts goes from page to page and keeps its search", async () => {
  await call(live, "POST", "/v1/accounts", { account: "paged-00", name: "x".repeat(200) });
  await env.DB.prepare(
    `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 50)
     INSERT INTO accounts (account_key, mode, account_id, terms, profile, created_at_ms, period_ends_at_ms)
     SELECT printf('live:paged-%02d', n), mode, printf('paged-%02d', n), terms, profile, created_at_ms, period_ends_at_ms
       FROM accounts, number WHERE account_key = 'live:paged-00'`,
  ).run();
  const answer = await get(operator, "/operator/accounts?search=PAGED-&status=");
  expect(answer.headers.get("server-timing")).toMatch(/^account;desc="0", d1;desc="[0-3]"$/);
  const first = await answer.text();
  expect(first).toContain("/operator/accounts/paged-49");
  expect(first).not.toContain("/operator/accounts/paged-50");
  const [, next = ""] = /href="([^"]*cursor=[^"]*)"/.exec(first) ?? [];
  const second = await (await get(operator, next.replaceAll("&amp;", "&"))).text();
  expect(second).toContain("/operator/accounts/paged-50");
  expect(second).not.toContain("/operator/accounts/paged-49");
  expect(second).toContain('value="PAGED-"');
});

test("the operator's audit log is for live keys that may change things", async () => {
  const path = "/operator/audit";
  expect(await (await get(operator, path)).text()).toContain("Rate sheet published");
  for (const cookie of [await signIn("test"), await signIn("live", ["read"])]) {
    const answer = await get(cookie, path);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("live keys with the scope admin");
  }
});
