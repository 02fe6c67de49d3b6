/** The client and its middleware: repeated where that is safe, a problem as an error, no route without credits. */
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { Drawdown, DrawdownError } from "../../shared/client/client.ts";
import { type MeteredEnv, metered, type PaidEnv, paid } from "../../shared/client/middleware.ts";
import { TestAccount } from "./support/account.ts";
import { UNIT } from "./support/operator.ts";
import { useServer } from "./support/server.ts";

const server = useServer();

type Attempt = () => Response;

const offline: Attempt = () => {
  throw new TypeError("fetch failed");
};
const failing: Attempt = () => Response.json({ status: 500, code: "internal_error" }, problemOf(500));
const refusing: Attempt = () => Response.json({ status: 422, code: "unknown_feature" }, problemOf(422));
const proxied: Attempt = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
const answering: Attempt = () => Response.json({ allowed: true });

function problemOf(status: number): ResponseInit {
  return { status, headers: { "content-type": "application/problem+json" } };
}

/** A client whose attempts end as told, the last one again and again, and what it sent. */
function clientOf(...attempts: readonly Attempt[]) {
  const sent: unknown[] = [];
  const send: typeof fetch = async (_url, init) => {
    sent.push(JSON.parse(String(init?.body)));
    return (attempts[sent.length - 1] ?? attempts.at(-1) ?? offline)();
  };
  const drawdown = new Drawdown({
    baseUrl: "http://drawdown.test/",
    apiKey: "dd_test",
    fetch: send,
    retryForMs: 600,
  });
  return { drawdown, sent };
}

const EVENT = { account: "acme", id: "req_1", ...UNIT, quantity: 1 };

describe("the client", () => {
  test("sends the same event again while it gets no answer, and takes the first one", async () => {
    const { drawdown, sent } = clientOf(offline, failing, proxied, answering);
    expect(await drawdown.consume(EVENT)).toEqual({ allowed: true });
    expect(sent).toEqual([EVENT, EVENT, EVENT, EVENT]);
  });

  test("throws a refusal as the problem that it is, without asking again", async () => {
    const { drawdown, sent } = clientOf(refusing);
    const refused = drawdown.consume(EVENT);
    await expect(refused).rejects.toBeInstanceOf(DrawdownError);
    await expect(refused).rejects.toMatchObject({ problem: { status: 422, code: "unknown_feature" } });
    expect(sent).toHaveLength(1);
  });

  test("gives up after a while with what it was told last", async () => {
    const { drawdown, sent } = clientOf(proxied);
    await expect(drawdown.consume(EVENT)).rejects.toMatchObject({
      problem: { status: 502, code: "not_a_problem_document", detail: "<h1>Bad gateway</h1>" },
    });
    expect(sent.length).toBeGreaterThan(1);
    await expect(clientOf(offline).drawdown.consume(EVENT)).rejects.toThrow("fetch failed");
  });

  test("does not repeat what would be done twice", async () => {
    const { drawdown, sent } = clientOf(offline, answering);
    await expect(drawdown.publishRateSheet({ features: [] })).rejects.toThrow("fetch failed");
    expect(sent).toHaveLength(1);
  });

  test("walks a log of several exports' chunks without losing a line", async () => {
    const account = await TestAccount.open(server.test, { plans: ["plan-5000"] });
    const events = Array.from({ length: 1000 }, () => account.event(1, { user: "ü".repeat(50) }));
    await server.test.events(events);
    const log = await account.log();
    expect(log.map(({ id }) => id)).toEqual(events.map(({ id }) => id).reverse());
    expect(new Set(log.map(({ user }) => user))).toEqual(new Set(["ü".repeat(50)]));
  });
});

describe("a paid route", () => {
  /** A route that costs 300 credits of the account, and how often it ran. */
  function appFor(account: string) {
    const ran: number[] = [];
    const app = new Hono<PaidEnv>();
    app.post(
      "/answers/:id",
      paid(server.test, (context) => ({
        account,
        id: context.req.param("id") ?? "",
        ...UNIT,
        quantity: 300,
      })),
      (context) => {
        ran.push(1);
        return context.json({ left: context.var.credits.balance.available });
      },
    );
    app.onError((error, context) => context.text(error.message, 503));
    return { ran, post: (id: string) => app.request(`/answers/${id}`, { method: "POST" }) };
  }

  test("runs when its credits are booked, once for one id", async () => {
    const account = await TestAccount.open(server.test, { plans: ["plan-500"] });
    const { post } = appFor(account.account);
    expect(await (await post("a")).json()).toEqual({ left: 200 });
    expect(await (await post("a")).json()).toEqual({ left: 200 });
    expect(await account.balance()).toMatchObject({ used: 300 });
  });

  test("does not run without credits, and says what to do and when they come back", async () => {
    const account = await TestAccount.open(server.test, {
      plans: ["plan-500"],
      now: new Date().toISOString(),
    });
    const { post, ran } = appFor(account.account);
    await post("a");
    const denied = await post("b");
    const { resetAt } = await account.balance();
    expect(denied.status).toBe(402);
    expect(denied.headers.get("content-type")).toBe("application/problem+json");
    expect(Number(denied.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await denied.json()).toMatchObject({
      status: 402,
      code: "credits_exhausted",
      resolve: ["buy_pack", "wait_for_reset"],
      resetAt,
    });
    expect(ran).toHaveLength(1);
  });

  test("does not run when nobody knows whether it is paid for", async () => {
    const { post, ran } = appFor("nobody");
    expect((await post("a")).status).toBe(503);
    expect(ran).toEqual([]);
  });
});

describe("a metered route", () => {
  /** A route that holds 300 credits of the account, costs what the request says, and may fail. */
  function appFor(account: string) {
    const app = new Hono<MeteredEnv>();
    app.post(
      "/answers/:id/:cost",
      metered(server.test, {
        hold: (context) => ({ account, id: context.req.param("id") ?? "", ...UNIT, quantity: 300 }),
        cost: (context) => {
          const quantity = Number(context.req.param("cost"));
          return quantity === 0 ? null : { action: UNIT.action, quantity };
        },
      }),
      (context) => {
        if (context.req.query("fail") !== undefined) throw new Error("the model failed");
        return context.json({ held: context.var.credits.balance.held });
      },
    );
    app.onError((error, context) => context.text(error.message, 500));
    return (path: string) => app.request(`/answers/${path}`, { method: "POST" });
  }

  async function openAccount() {
    const account = await TestAccount.open(server.test, { plans: ["plan-500"] });
    return { account, post: appFor(account.account) };
  }

  test("holds the most while it runs, and books what it did cost", async () => {
    const { account, post } = await openAccount();
    expect(await (await post("a/120")).json()).toEqual({ held: 300 });
    expect(await account.balance()).toMatchObject({ used: 120, held: 0 });
    // The work is done: more than was held is booked too, above what is left.
    await post("b/600");
    expect(await account.balance()).toMatchObject({ used: 720, overdraft: 220 });
    expect((await post("c/1")).status).toBe(402);
  });

  test("gives all back where nothing was used", async () => {
    const { account, post } = await openAccount();
    expect((await post("a/0")).status).toBe(200);
    expect(await account.balance()).toMatchObject({ used: 0, held: 0 });
  });

  test("keeps the hold of a failed request for its repetition, which is booked once", async () => {
    const { account, post } = await openAccount();
    expect((await post("a/120?fail")).status).toBe(500);
    expect(await account.balance()).toMatchObject({ used: 0, held: 300 });
    expect((await post("a/120")).status).toBe(200);
    expect((await post("a/130")).status).toBe(200);
    expect(await account.balance()).toMatchObject({ used: 120, held: 0 });
  });

  test("asks again where the hold of a failed request has expired", async () => {
    const { account, post } = await openAccount();
    await post("a/120?fail");
    await account.advanceTo("2026-11-20T10:15:00Z");
    await account.use(400);
    expect((await post("a/120")).status).toBe(402);
    expect(await account.balance()).toMatchObject({ used: 400, held: 0 });
  });
});

describe("holds, corrections and outcomes", () => {
  test("name an event, once per key", async () => {
    const account = await TestAccount.open(server.test, { plans: ["plan-500"] });
    const event = account.event(100);
    await server.test.consume(event);
    const correction = { event: event.id, credits: 30, reason: "answered twice" };
    const first = await server.test.correct(account.account, correction, "key-1");
    expect(await server.test.correct(account.account, correction, "key-1")).toEqual({
      ...first,
      replayed: true,
    });
    const outcome = { type: "solved", value: { amountMinor: 450, currency: "USD" } };
    await server.test.attachOutcome(account.account, { event: event.id, outcome });
    expect(await server.test.event(account.account, event.id)).toMatchObject({
      status: "booked",
      corrected: 30,
      corrections: [{ id: first.id }],
      outcome,
    });
    await expect(server.test.correct(account.account, { ...correction, credits: 71 })).rejects.toMatchObject({
      problem: { status: 422, code: "correction_too_large" },
    });
  });

  test("find a hold by its id, whatever is in it", async () => {
    const account = await TestAccount.open(server.test, { plans: ["plan-500"] });
    const event = { ...account.event(100), id: "a/b ?" };
    await server.test.hold(event);
    expect(await server.test.readHold(account.account, event.id)).toMatchObject({ hold: { status: "open" } });
    expect(await server.test.release(account.account, event.id)).toMatchObject({
      hold: { status: "released" },
    });
  });
});
