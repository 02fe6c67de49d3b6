/** The calls of one page: together they ask the account once and D1 a few times, and answer as each by itself. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { accountOf } from "../../workers/account/stub.ts";
import { pageEnv } from "../../workers/dashboard/reads/page-env.ts";
import type { Env } from "../../workers/env.ts";
import { app } from "../../workers/ingest/app.ts";
import { ROUTES, samplePath } from "../route-table.ts";
import { CATALOG, call, FEATURES, keyWith, sell } from "./api.ts";
import { type Clocked, openClocked } from "./clocked.ts";
import { CONTEXT } from "./fixtures.ts";
import { ship } from "./report-fixtures.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let key = "";
let account: Clocked;

beforeAll(async () => {
  key = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  const features = [...FEATURES, { feature: "search", actions: [{ action: "query", credits: 1 }] }];
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features });
  account = await openLivedIn();
});

/** With a closed period, a pack, people and a budget; entries in many segments of D1, and some that D1 lacks. */
async function openLivedIn(): Promise<Clocked> {
  const opened = await openClocked(key, {}, "2026-10-14T09:00:00Z");
  const put = async (path: string, body: unknown) =>
    expect(await opened.send("PUT", path, body), path).toMatchObject({ status: 200 });
  await put("/users/boss", { name: "Boss", roles: ["super_admin"] });
  await put("/users/owner", { name: "Owner", roles: ["feature_owner"] });
  await put("/users/ann", { name: "Ann", roles: ["member"], teams: ["sales"] });
  await put("/features/search", { owner: "owner" });
  await put("/budgets/ann", { subject: "user", key: "ann", credits: 50 });
  expect(await opened.send("POST", "/packs", { pack: "pack-1000" })).toMatchObject({ status: 201 });
  await use(opened, { id: "old", quantity: 100, user: "ann" });
  await opened.advance("2026-11-20T09:00:00Z");
  for (let segment = 0; segment < 8; segment += 1) {
    await use(opened, { id: `stored-${segment}`, quantity: 5, user: segment % 2 === 0 ? "ann" : "boss" });
    await ship(asTest(opened));
  }
  await use(opened, { id: "told", quantity: 1350, user: "boss", subject: "ticket/1" });
  await use(opened, { id: "searched", feature: "search", action: "query", quantity: 2, user: "ann" });
  return opened;
}

const asTest = (opened: Clocked) => ({
  key: `test:${opened.account}`,
  api: accountOf(env, `test:${opened.account}`),
});

async function use({ account }: Clocked, event: object): Promise<void> {
  const sent = { account, feature: "assistant", action: "answer", ...event };
  expect(await call(key, "POST", "/v1/consume", sent)).toMatchObject({ body: { allowed: true } });
}

/** Sends a request about the account as a user of it. */
async function ask(of: Env, path: string, user = "boss", sent: { method?: string; body?: string } = {}) {
  const request = new Request(`https://drawdown.example/v1/accounts/${account.account}${path}`, {
    headers: {
      authorization: `Bearer ${key}`,
      "drawdown-actor": `user:${user}`,
      ...(sent.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...sent,
  });
  const response = await app.fetch(request, of, createExecutionContext());
  // What names the request itself is left out.
  const text = (await response.text()).replace(/"requestId":"[^"]*"/, "");
  const headers = [...response.headers].filter(([name]) => name !== "x-request-id");
  return { path, status: response.status, headers, text };
}

const askAll = (of: Env, paths: readonly string[], user?: string) =>
  Promise.all(paths.map((path) => ask(of, path, user)));

const PAGE = [
  "/balance",
  "/billing",
  "/usage?groupBy=feature",
  "/usage?groupBy=day",
  "/usage?groupBy=day,feature&period=previous",
  "/usage?groupBy=category",
  "/log?limit=5",
  "/forecast",
  "/insights",
  "/rates",
  "/users",
  "/features",
  "/budgets",
  "/invoices",
  "/periods",
  "/notifications",
  "/banners?user=boss",
  "/audit",
];

describe("the calls of a page", () => {
  test("are answered as each by itself, from one call to the account and three requests to D1", async () => {
    const plain = await askAll(env, PAGE);
    expect(plain.filter(({ status }) => status !== 200)).toEqual([]);
    const page = pageEnv(env);
    expect(await askAll(page.env, PAGE)).toEqual(plain);
    expect(page.costs()).toEqual({ accountCalls: 1, databaseBatches: 3 });
    expect(await askAll(page.env, PAGE)).toEqual(plain);
    expect(page.costs()).toEqual({ accountCalls: 1, databaseBatches: 3 });
  });

  test.each(["owner", "ann"])("refuse %s what each by itself refuses", async (user) => {
    const asked = [...PAGE, `/usage?user=${user}`, "/log?feature=search", "/events/searched"];
    const plain = await askAll(env, asked, user);
    expect(new Set(plain.map(({ status }) => status))).toContain(403);
    const page = pageEnv(env, { eventId: "searched" });
    expect(await askAll(page.env, asked, user)).toEqual(plain);
    const { accountCalls, databaseBatches } = page.costs();
    expect([accountCalls, databaseBatches <= 3]).toEqual([1, true]);
  });

  test("share nothing with those of another page", async () => {
    const [one, other] = [pageEnv(env), pageEnv(env)];
    await askAll(one.env, PAGE);
    expect(other.costs()).toEqual({ accountCalls: 0, databaseBatches: 0 });
    await account.send("PUT", "/users/late", { name: "Late", roles: ["member"] });
    expect((await ask(one.env, "/users")).text).not.toContain("Late");
    expect((await ask(other.env, "/users")).text).toContain("Late");
    expect((await account.send("DELETE", "/users/late")).status).toBe(204);
  });
});

describe("every read of an account", () => {
  const paths = Object.keys(ROUTES)
    .filter((name) => name.startsWith("GET /v1/accounts/{account}/"))
    .map((name) => samplePath(name.slice("GET ".length), { account: "" }).slice("/v1/accounts/".length));
  const more = [
    "/log?limit=9",
    "/log?user=ann",
    "/log?feature=assistant&from=2026-11-01&to=2026-11-30",
    "/log?subject=nothing",
    "/insights?period=previous",
    "/usage?groupBy=user&from=2026-10-20&to=2026-11-20",
  ];

  test.each([...paths, ...more])(
    "makes one call to the account and three requests to D1 at most: %s",
    async (path) => {
      const page = pageEnv(env);
      await ask(page.env, path);
      const { accountCalls, databaseBatches } = page.costs();
      expect({ accountCalls, databaseBatches }).toEqual({
        accountCalls: Math.min(accountCalls, 1),
        databaseBatches: Math.min(databaseBatches, 3),
      });
    },
  );
});

describe("a page of one event", () => {
  test("has what became of it with the account's report", async () => {
    const asked = ["/events/stored-1", "/balance", "/log?limit=2", "/features"];
    const plain = await askAll(env, asked);
    const page = pageEnv(env, { eventId: "stored-1" });
    expect(await askAll(page.env, asked)).toEqual(plain);
    expect(page.costs().accountCalls).toBe(1);
    expect(await ask(page.env, "/events/stored-2")).toEqual(await ask(env, "/events/stored-2"));
    expect(page.costs().accountCalls).toBe(2);
  });

  test("knows of no account that nobody opened", async () => {
    const api = accountOf(pageEnv(env, { eventId: "x" }).env, "test:nobody");
    const notFound = { kind: "account_not_found" };
    expect(await Promise.all([api.fate("x", CONTEXT), api.view(CONTEXT)])).toEqual([notFound, notFound]);
  });
});

describe("a change", () => {
  test("is seen by the reads after it, of the account and of D1", async () => {
    const page = pageEnv(env);
    expect((await ask(page.env, "/features/search")).text).toContain('"paused":false');
    const pause = (paused: boolean) =>
      ask(page.env, "/features/search", "boss", { method: "PUT", body: JSON.stringify({ paused }) });
    expect((await pause(true)).status).toBe(200);
    expect((await ask(page.env, "/features/search")).text).toContain('"paused":true');
    expect((await pause(false)).status).toBe(200);
    expect((await ask(page.env, "/features/search")).text).toContain('"paused":false');
    const body = JSON.stringify({ name: "Ann Other", roles: ["member"], teams: ["sales"] });
    expect((await ask(page.env, "/users/ann")).text).toContain('"Ann"');
    expect((await ask(page.env, "/users/ann", "boss", { method: "PUT", body })).status).toBe(200);
    expect((await ask(page.env, "/users/ann")).text).toContain('"Ann Other"');
  });

  test("is seen where a use was booked between two reports", async () => {
    const api = accountOf(pageEnv(env).env, asTest(account).key);
    const lastSeq = async () => {
      const view = await api.report(CONTEXT);
      return view.kind === "view" ? view.lastSeq : null;
    };
    const before = await lastSeq();
    await use(account, { id: "meanwhile", quantity: 1 });
    expect(await lastSeq()).toBe(before);
    await api.acknowledge({});
    expect(await lastSeq()).toBe((before ?? 0) + 1);
  });
});

describe("a failure", () => {
  test("of the account is not kept", async () => {
    let isDown = true;
    const real = asTest(account).api;
    const down = () => Promise.reject(new Error("the account is down"));
    const getByName = () => ({ report: isDown ? down : () => real.report(CONTEXT) });
    const flaky = { ...env, ACCOUNT: { getByName } as unknown as Env["ACCOUNT"] };
    const page = pageEnv(flaky);
    const both = await askAll(page.env, ["/balance", "/budgets"]);
    expect(both.map(({ status }) => status)).toEqual([500, 500]);
    expect(page.costs().accountCalls).toBe(1);
    isDown = false;
    expect((await ask(page.env, "/budgets")).status).toBe(200);
    expect(page.costs().accountCalls).toBe(2);
  });

  test("of one statement fails its own route alone", async () => {
    const broken = {
      prepare: (sql: string) => env.DB.prepare(sql.replace('from "periods"', 'from "nowhere"')),
      batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
    };
    const page = pageEnv({ ...env, DB: broken as unknown as D1Database });
    const asked = ["/audit", "/periods", "/users", "/rates"];
    const answers = await askAll(page.env, asked);
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 200, 200]);
    const plain = await askAll(env, asked);
    expect(answers.filter(({ path }) => path !== "/periods")).toEqual(
      plain.filter(({ path }) => path !== "/periods"),
    );
  });
});
