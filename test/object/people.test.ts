/** Users, features, budgets, the audit log and who may do what, through the API (rules, section 9). */
import {
  createExecutionContext,
  createMessageBatch,
  evictDurableObject,
  getQueueResult,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { AuditMessage, UsageMessage } from "../../shared/queues.ts";
import { accountOf } from "../../workers/account/stub.ts";
import { consumeUsage } from "../../workers/log/consumer.ts";
import { CAPABILITY_OF } from "../../workers/people/permissions.ts";
import { badFields, CATALOG, call, FEATURES, keyWith, sell } from "./api.ts";

let key: string;
let opened = 0;

beforeAll(async () => {
  key = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  const features = [...FEATURES, { feature: "search", actions: [{ action: "query", credits: 1 }] }];
  await sell("POST", "/v1/rate-sheets", { features });
});

async function openAccount(): Promise<string> {
  opened += 1;
  const account = `people-${opened}`;
  const { status } = await call(key, "POST", "/v1/accounts", { account, plans: ["starter"] });
  expect(status).toBe(201);
  return `/v1/accounts/${account}`;
}

function put(path: string, body: unknown, actor?: string) {
  return call(key, "PUT", path, body, actor === undefined ? {} : { "drawdown-actor": actor });
}

let events = 0;

async function consume(path: string, credits: number, more: object = {}) {
  events += 1;
  const event = { id: `e${events}`, feature: "assistant", action: "answer", quantity: credits, ...more };
  const { body } = await call<Record<string, unknown>>(key, "POST", "/v1/consume", {
    account: path.slice("/v1/accounts/".length),
    ...event,
  });
  return body;
}

describe("users", () => {
  test("are put, read, listed with their teams, and removed", async () => {
    const path = await openAccount();
    const ann = { name: "Ann", email: "ann@example.com", roles: ["super_admin"], teams: ["sales"] };
    expect(await put(`${path}/users/u1`, ann)).toMatchObject({ status: 200, body: { user: "u1", ...ann } });
    expect(await call(key, "GET", `${path}/users/u1`)).toMatchObject({ body: { ...ann, erased: false } });
    await put(`${path}/users/u2`, { name: "Bob", roles: ["member"] });
    const list = await call<{ data: unknown[] }>(key, "GET", `${path}/users`);
    expect(list.body.data).toMatchObject([
      { user: "u1", teams: ["sales"] },
      { user: "u2", teams: [] },
    ]);
    expect((await call(key, "DELETE", `${path}/users/u2`)).status).toBe(204);
    expect(await call(key, "GET", `${path}/users/u2`)).toMatchObject({
      status: 404,
      body: { code: "user_not_found" },
    });
  });

  test("are listed by role, with the credit owner beside", async () => {
    const path = await openAccount();
    await put(`${path}/users/u1`, { name: "Ann", roles: ["member", "super_admin"] });
    await put(`${path}/users/u2`, { name: "Bob", roles: ["member"] });
    type Listed = { data: { user: string }[]; nextCursor: string | null; creditOwner: string | null };
    const listed = async (query: string) => (await call<Listed>(key, "GET", `${path}/users?${query}`)).body;
    expect(await listed("role=super_admin")).toMatchObject({ data: [{ user: "u1" }], creditOwner: null });
    await call(key, "PATCH", path, { creditOwner: "u2" });
    const first = await listed("role=member&limit=1");
    expect(first).toMatchObject({ data: [{ user: "u1" }], nextCursor: "u1", creditOwner: "u2" });
    expect(await listed("role=member&cursor=u1")).toMatchObject({ data: [{ user: "u2" }], nextCursor: null });
    expect(badFields(await call(key, "GET", `${path}/users?role=king`))).toEqual(["role"]);
  });

  test("are refused with a team named twice, an unknown role, a bad address", async () => {
    const path = await openAccount();
    const bad = { name: "A", email: "nobody", roles: ["boss"], teams: ["a", "a"] };
    const answer = await put(`${path}/users/u1`, bad);
    expect(answer.status).toBe(422);
    expect(badFields(answer)).toEqual(["email", "roles.0", "teams"]);
  });

  test("that are erased leave no name or address behind, only the id and what it did", async () => {
    const path = await openAccount();
    const accountKey = `test:${path.slice("/v1/accounts/".length)}`;
    const secret = "ann.secret@example.com";
    await put(`${path}/users/u1`, { name: "Ann Secret", email: secret, roles: ["super_admin"] });
    await consume(path, 1, { user: "u1" });
    // To the user by id, and as an early version wrote it.
    for (const target of ["u1", secret]) {
      await env.DB.prepare(
        `INSERT INTO deliveries (delivery_id, mode, account_key, notification_id, channel, target, status, attempts,
           last_error, attempt_log, round_attempts, round_started_ms, next_attempt_ms, created_at_ms, updated_at_ms)
         VALUES (?1, 'test', ?2, 'n', 'email', ?3, 'pending', 1, ?4, ?5, 1, 0, 5, 0, 0)`,
      )
        .bind(
          `d-${accountKey}-${target.length}`,
          accountKey,
          target,
          `no mailbox ${secret}`,
          JSON.stringify([{ atMs: 1, error: `no mailbox ${secret}` }]),
        )
        .run();
    }
    expect(await call(key, "POST", `${path}/users/u1/erase`)).toMatchObject({
      body: { user: "u1", name: "", email: null, erased: true },
    });
    const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{
      name: string;
    }>();
    for (const { name } of tables.results) {
      if (name.startsWith("sqlite_") || name.startsWith("_cf")) continue;
      const { results } = await env.DB.prepare(`SELECT * FROM "${name}"`).all();
      expect(JSON.stringify(results), name).not.toMatch(/secret@|Ann Secret/);
    }
    const log = await call<{ data: unknown[] }>(key, "GET", `${path}/log`);
    expect(log.body.data).toMatchObject([{ user: "u1" }]);
    const rows = await env.DB.prepare("SELECT status FROM deliveries WHERE account_key = ?")
      .bind(accountKey)
      .all();
    expect(rows.results).toEqual([{ status: "failed" }, { status: "failed" }]);
  });
});

describe("features", () => {
  test("are paused and resumed, also while events are on their way", async () => {
    const path = await openAccount();
    expect(await put(`${path}/features/assistant`, { paused: true })).toMatchObject({
      body: { paused: true },
    });
    expect(await consume(path, 1)).toMatchObject({ allowed: false, reason: "feature_paused" });
    expect(await consume(path, 1, { feature: "search", action: "query" })).toMatchObject({ allowed: true });
    await put(`${path}/features/assistant`, { paused: false });
    expect(await consume(path, 1)).toMatchObject({ allowed: true });
    const notices = await call<{ data: { data: { kind: string } }[] }>(key, "GET", `${path}/notifications`);
    const kinds = notices.body.data.map(({ data }) => data.kind);
    expect(kinds).toEqual(["feature_resumed", "feature_paused"]);
  });

  test("are limited to users and teams", async () => {
    const path = await openAccount();
    await put(`${path}/users/u1`, { name: "Ann", roles: ["member"], teams: ["sales"] });
    await put(`${path}/users/u2`, { name: "Bob", roles: ["member"] });
    const access = { users: [], teams: ["sales"] };
    await put(`${path}/features/assistant`, { access, owner: "u2" });
    expect(await consume(path, 1, { user: "u1" })).toMatchObject({ allowed: true });
    expect(await consume(path, 1, { user: "u2" })).toMatchObject({ reason: "not_permitted" });
    expect(await consume(path, 1)).toMatchObject({ reason: "not_permitted", resolve: ["grant_access"] });
    expect(await call(key, "GET", `${path}/features/assistant`)).toMatchObject({
      body: { access, owner: "u2", paused: false },
    });
  });

  test("are refused with unknown names", async () => {
    const path = await openAccount();
    expect((await put(`${path}/features/nothing`, { paused: true })).status).toBe(404);
    const access = { users: ["ghost"], teams: [] };
    expect(badFields(await put(`${path}/features/assistant`, { access }))).toEqual(["access.users.0"]);
    expect(badFields(await put(`${path}/features/assistant`, { owner: "ghost" }))).toEqual(["owner"]);
    expect((await put(`${path}/features/assistant`, {})).status).toBe(422);
  });
});

describe("budgets", () => {
  test("deny in the same decision, count what was used before them, and name themselves", async () => {
    const path = await openAccount();
    await put(`${path}/users/u1`, { name: "Ann", roles: ["member"], teams: ["sales"] });
    await consume(path, 6, { user: "u1" });
    await consume(path, 50);
    const sales = { subject: "team", key: "sales", credits: 10, hard: true };
    expect(await put(`${path}/budgets/sales`, sales)).toMatchObject({ body: { used: 6, held: 0, left: 4 } });
    expect(await consume(path, 5, { user: "u1" })).toMatchObject({
      allowed: false,
      reason: "budget_exhausted",
      budget: "sales",
    });
    expect(await consume(path, 4, { user: "u1" })).toMatchObject({ allowed: true });
    expect(await consume(path, 5)).toMatchObject({ allowed: true });
    expect(await call(key, "GET", `${path}/budgets`)).toMatchObject({
      body: { data: [{ budget: "sales", used: 10, left: 0 }] },
    });
    expect((await call(key, "DELETE", `${path}/budgets/sales`)).status).toBe(204);
    expect(await consume(path, 5, { user: "u1" })).toMatchObject({ allowed: true });
    expect((await call(key, "DELETE", `${path}/budgets/sales`)).status).toBe(404);
  });

  test("survive an eviction with what they have counted", async () => {
    const path = await openAccount();
    await put(`${path}/budgets/flow`, { subject: "workflow", key: "triage", credits: 10, hard: true });
    await consume(path, 9, { workflow: "triage" });
    await evictDurableObject(env.ACCOUNT.getByName(`test:${path.slice("/v1/accounts/".length)}`));
    expect(await consume(path, 2, { workflow: "triage" })).toMatchObject({ budget: "flow" });
    expect(await consume(path, 1, { workflow: "triage" })).toMatchObject({ allowed: true });
  });
});

describe("the audit log", () => {
  interface AuditPage {
    readonly data: readonly { readonly action: string; readonly actor: string }[];
    readonly nextCursor: string | null;
  }

  /** As the queue would, twice; then the account keeps the records no more. */
  async function deliverAudit(accountKey: string) {
    const account = accountOf(env, accountKey);
    const waiting = async () => {
      const view = await account.view({ offerRevision: 1 });
      return view.kind === "view" ? view.audit : [];
    };
    const body: AuditMessage = { type: "audit", accountKey, records: await waiting() };
    expect(body.records.map(({ number }) => number)).toEqual([1, 2]);
    for (const id of ["first", "again"]) {
      const message = { id, timestamp: new Date(), attempts: 1, body };
      const batch = createMessageBatch<UsageMessage>("drawdown-usage", [message]);
      await consumeUsage(batch, env);
      expect((await getQueueResult(batch, createExecutionContext())).explicitAcks).toEqual([id]);
    }
    expect(await waiting()).toEqual([]);
  }

  test("says who changed what, from what, to what, at once and page by page", async () => {
    const path = await openAccount();
    await put(`${path}/features/assistant`, { paused: true }, "support/jane");
    await put(`${path}/budgets/b`, { subject: "user", key: "u1", credits: 5 }, "user-desk");
    const first = await call<AuditPage>(key, "GET", `${path}/audit?limit=1`);
    expect(first.body.data).toMatchObject([
      {
        action: "budget_changed",
        actor: "user-desk",
        target: "b",
        before: null,
        after: { creditsMicros: 5_000_000 },
      },
    ]);
    const second = await call<AuditPage>(key, "GET", `${path}/audit?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body.data).toMatchObject([
      {
        action: "feature_changed",
        actor: "support/jane",
        before: { paused: false },
        after: { paused: true },
      },
    ]);
    await deliverAudit(`test:${path.slice("/v1/accounts/".length)}`);
    const all = await call<AuditPage>(key, "GET", `${path}/audit`);
    expect(all.body.data.slice(0, 2)).toEqual([...first.body.data, ...second.body.data]);
    expect(all.body.data.slice(2).map(({ action }) => action)).toEqual(["account_opened"]);
    const mine = await call<AuditPage>(key, "GET", `${path}/audit?actor=support/jane`);
    expect(mine.body.data).toEqual(second.body.data);
  });
});

describe("a caller that acts for a user", () => {
  async function peopled() {
    const path = await openAccount();
    await put(`${path}/users/super`, { name: "S", roles: ["super_admin"] });
    await put(`${path}/users/billing`, { name: "B", roles: ["billing_admin"] });
    await put(`${path}/users/contact`, { name: "C", roles: ["billing_contact"] });
    await put(`${path}/users/owner`, { name: "O", roles: ["feature_owner"] });
    await put(`${path}/users/member`, { name: "M", roles: ["member"] });
    await put(`${path}/features/search`, { owner: "owner" });
    return path;
  }

  function as(user: string, method: string, path: string, body?: unknown) {
    return call(key, method, path, body, { "drawdown-actor": `user:${user}` });
  }

  const USERS = ["super", "billing", "contact", "owner", "member"];

  test.each([
    ["see the price list", "GET", "/rates", undefined, ["super", "billing", "owner", "member"]],
    ["see all usage", "GET", "/usage", undefined, ["super", "billing"]],
    ["see the log of their feature", "GET", "/log?feature=search", undefined, ["super", "billing", "owner"]],
    ["see another's feature", "GET", "/log?feature=assistant", undefined, ["super", "billing"]],
    ["see the log of one user", "GET", "/log?user=member", undefined, ["super", "billing", "member"]],
    ["see the balance", "GET", "/balance", undefined, ["super", "billing"]],
    ["see invoices", "GET", "/invoices", undefined, ["super", "billing"]],
    ["set budgets", "PUT", "/budgets/b", { subject: "user", key: "u", credits: 1 }, ["super", "billing"]],
    ["pause their feature", "PUT", "/features/search", { paused: true }, ["super", "billing", "owner"]],
    ["pause another feature", "PUT", "/features/assistant", { paused: true }, ["super", "billing"]],
    ["change who owns a feature", "PUT", "/features/search", { owner: "member" }, ["super"]],
    ["change who may use a feature", "PUT", "/features/search", { access: null }, ["super"]],
    ["manage users", "PUT", "/users/new", { name: "N", roles: ["member"] }, ["super"]],
    ["grant credits", "POST", "/grants", { credits: 1, reason: "x" }, []],
    ["suspend", "POST", "/suspend", { reason: "x" }, []],
  ] as const)("may %s by role", async (_what, method, route, body, allowed) => {
    const path = await peopled();
    for (const user of USERS) {
      const { status, body: answer } = await as(user, method, path + route, body);
      const mayDo = (allowed as readonly string[]).includes(user);
      expect([user, mayDo ? status < 300 : answer.code]).toEqual([user, mayDo ? true : "role_missing"]);
    }
  });

  test("sees what a feature used in its budgets only where it may see that usage", async () => {
    const path = await peopled();
    await put(`${path}/budgets/b`, { subject: "feature", key: "search", credits: 10 });
    await consume(path, 4, { feature: "search", action: "query", user: "owner" });
    for (const user of ["super", "billing", "owner", "member"]) {
      const one = await as(user, "GET", `${path}/features/search`);
      const list = await as(user, "GET", `${path}/features`);
      const budgets = user === "member" ? [] : [{ budget: "b", used: 4, left: 6 }];
      expect([user, one.body]).toMatchObject([user, { owner: "owner", budgets }]);
      expect(list.body).toMatchObject({ data: [{ budgets: [] }, { budgets }] });
    }
  });

  test("sees usage in money only where it may see money", async () => {
    const path = await peopled();
    await call(key, "POST", `${path}/packs`, { pack: "pack-1000" });
    await consume(path, 4, { feature: "search", action: "query", user: "member" });
    const moneyOf = async (user: string, query: string) => {
      const { body } = await as(user, "GET", `${path}/usage?${query}`);
      return (body as unknown as { total: { credits: number; money: unknown } }).total;
    };
    const shown = { credits: 4, money: { amountMinor: 1000, currency: "USD" } };
    expect(await moneyOf("billing", "user=member")).toMatchObject(shown);
    expect(await moneyOf("member", "user=member")).toMatchObject({ credits: 4, money: null });
    expect(await moneyOf("owner", "feature=search")).toMatchObject({ credits: 4, money: null });
  });

  test("sees a member's banners without amounts, and dismisses its own alone", async () => {
    const path = await peopled();
    await consume(path, 500);
    const banners = (user: string, query = "") => as(user, "GET", `${path}/banners?user=${user}${query}`);
    expect(await banners("billing")).toMatchObject({ body: { data: [{ data: { kind: "exhausted" } }] } });
    for (const query of ["", "&audience=admin"]) {
      const { body } = await banners("member", query);
      expect(body).toMatchObject({ data: [{ data: { kind: "features_paused" } }] });
      expect(JSON.stringify(body)).not.toContain("500");
    }
    const { body } = await banners("member");
    const banner = (body as unknown as { data: [{ id: string }] }).data[0].id;
    const dismissFor = (user: string) => as("member", "POST", `${path}/banners/dismiss`, { user, banner });
    expect(await dismissFor("owner")).toMatchObject({ status: 403, body: { code: "role_missing" } });
    expect((await dismissFor("member")).status).toBe(204);
    expect(await banners("member")).toMatchObject({ body: { data: [] } });
    expect(await banners("owner")).toMatchObject({ body: { data: [{ id: banner }] } });
  });

  test("is refused for a user that the account does not know, and outside the account", async () => {
    const path = await peopled();
    expect(await as("ghost", "GET", `${path}/rates`)).toMatchObject({
      status: 403,
      body: { code: "actor_unknown" },
    });
    const event = { account: "people-1", id: "x", feature: "assistant", action: "answer", quantity: 1 };
    expect(await as("super", "POST", "/v1/consume", event)).toMatchObject({ status: 403 });
    expect(await as("super", "GET", "/v1/rate-sheets")).toMatchObject({ status: 403 });
  });

  test("finds a capability for each route of an account that is not the operator's alone", async () => {
    const { body } = await call<{ paths: Record<string, Record<string, unknown>> }>(
      key,
      "GET",
      "/openapi.json",
    );
    const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      path.startsWith("/v1/accounts/{account}/")
        ? Object.keys(methods).map(
            (method) =>
              `${method.toUpperCase()} ${path.slice("/v1/accounts/{account}".length).replace(/\{(\w+)\}/g, ":$1")}`,
          )
        : [],
    );
    expect(Object.keys(CAPABILITY_OF).filter((route) => !routes.includes(route))).toEqual([]);
  });
});
