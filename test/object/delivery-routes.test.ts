/** The delivery log across accounts, resending, and what an operator does with a webhook endpoint. */
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { LoggedDelivery } from "../../shared/api/deliveries.ts";
import { webhookSecret } from "../../shared/webhook-secret.ts";
import { RETRIES_MAX } from "../../workers/notifications/retry.ts";
import { badFields, call, keyWith } from "./api.ts";
import { openTestAccount, type TestAccount } from "./fixtures.ts";
import {
  addEndpoint,
  addUser,
  consume,
  deliveryLog,
  noticeMessage,
  only,
  receivers,
  recordingEnv,
  TIMEOUT,
  threshold,
} from "./notification-fixtures.ts";

interface Page {
  readonly data: readonly LoggedDelivery[];
  readonly nextCursor: string | null;
}

let sandbox = "";
let live = "";

beforeAll(async () => {
  sandbox = await keyWith("test");
  live = await keyWith("live");
});

afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.batch([
    env.DB.prepare("DELETE FROM webhook_endpoints"),
    env.DB.prepare("DELETE FROM deliveries"),
  ]);
});

/** An account whose webhook was given up and whose e-mail was taken. */
async function failedHook(number = 1, known?: TestAccount) {
  const account = known ?? (await openTestAccount());
  if (known === undefined) await addUser(account, "root", "super_admin");
  const endpoint = await addEndpoint();
  const { taken, env: bindings } = recordingEnv();
  await consume([noticeMessage(account, threshold(number))], bindings);
  await env.DB.prepare("UPDATE deliveries SET round_attempts = ? WHERE channel = 'webhook'")
    .bind(RETRIES_MAX)
    .run();
  receivers(() => 410);
  await consume(taken(), bindings);
  vi.restoreAllMocks();
  return { account, endpoint };
}

async function list(query = "", key = sandbox) {
  return (await call<Page>(key, "GET", `/v1/deliveries${query}`)).body;
}

async function listedHook(): Promise<LoggedDelivery> {
  const [delivery] = (await list("?channel=webhook")).data;
  if (delivery === undefined) throw new Error("no webhook is listed");
  return delivery;
}

describe("GET /v1/deliveries", () => {
  test("shows what was sent to whom, by status, channel, account and target", async () => {
    const { account, endpoint } = await failedHook();
    const [email, hook] = (await list()).data.toSorted((a, b) => a.channel.localeCompare(b.channel));
    expect(email).toMatchObject({ channel: "email", target: "root", status: "delivered" });
    expect(hook).toEqual({
      id: expect.stringMatching(/^dlv_/),
      account: accountIdOf(account.key),
      notification: expect.stringMatching(/^ntf_/),
      kind: "usage_threshold",
      channel: "webhook",
      target: endpoint.id,
      status: "failed",
      attempts: 1,
      lastError: "the endpoint answered 410",
      nextAttemptAt: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      log: [{ at: expect.stringMatching(/Z$/), error: "the endpoint answered 410" }],
    });
    for (const [query, found] of [
      ["?status=failed", 1],
      ["?status=pending", 0],
      ["?channel=email", 1],
      [`?target=${endpoint.id}`, 1],
      [`?account=${accountIdOf(account.key)}&status=delivered`, 1],
      ["?account=nobody", 0],
    ] as const) {
      expect((await list(query)).data, query).toHaveLength(found);
    }
    expect(await call(sandbox, "GET", `/v1/deliveries/${hook?.id}`)).toMatchObject({
      status: 200,
      body: hook,
    });
  });

  test("is of the key's mode, and pages each delivery once", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin");
    const { env: bindings } = recordingEnv();
    for (let number = 1; number <= 5; number += 1) {
      await consume([noticeMessage(account, threshold(number))], bindings);
    }
    const seen: string[] = [];
    let query = "?limit=2";
    for (let pages = 0; pages < 3; pages += 1) {
      const { data, nextCursor } = await list(query);
      seen.push(...data.map(({ id }) => id));
      query = `?limit=2&cursor=${encodeURIComponent(nextCursor ?? "")}`;
      if (nextCursor === null) break;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
    expect((await list("", live)).data).toEqual([]);
    expect(await call(live, "GET", `/v1/deliveries/${seen[0]}`)).toMatchObject({
      status: 404,
      body: { code: "delivery_not_found" },
    });
  });

  test("refuses made-up cursors, filters and ids", async () => {
    expect(badFields(await call(sandbox, "GET", "/v1/deliveries?cursor=x"))).toEqual(["cursor"]);
    expect(badFields(await call(sandbox, "GET", "/v1/deliveries?status=lost&chanel=email"))).toEqual([
      "status",
      "chanel",
    ]);
    expect(await call(sandbox, "GET", "/v1/deliveries/dlv_-")).toMatchObject({ status: 404 });
    expect(badFields(await call(sandbox, "POST", "/v1/deliveries/ntf_x/resend"))).toEqual(["id"]);
  });
});

describe("resending", () => {
  test("a delivery that was given up is made again under the same id, and its log goes on", async () => {
    const { endpoint } = await failedHook();
    const { id, notification } = await listedHook();
    const received = receivers(() => 200);

    const resent = await call<LoggedDelivery>(sandbox, "POST", `/v1/deliveries/${id}/resend`);
    expect(resent).toMatchObject({ status: 200, body: { id, status: "pending", attempts: 1 } });
    await vi.waitFor(async () => expect((await listedHook()).status).toBe("delivered"), { timeout: 10_000 });

    expect(received).toMatchObject([{ url: endpoint.url, headers: { "webhook-id": notification } }]);
    const { attempts, lastError, log } = await listedHook();
    expect([attempts, lastError]).toEqual([2, null]);
    expect(log.map(({ error }) => error)).toEqual(["the endpoint answered 410", null]);
  }, 15_000);

  test("by filter: those that failed, oldest first, so many at a time", async () => {
    const { account } = await failedHook(1);
    await failedHook(2, account);
    await failedHook(3, account);
    receivers(() => 500);
    expect((await list("?status=failed")).data).toHaveLength(6);
    const resend = (body: unknown, key = sandbox) =>
      call<{ resent: number; more: boolean }>(key, "POST", "/v1/deliveries/resend", body);

    expect((await resend({ channel: "email" })).body).toEqual({ resent: 0, more: false });
    expect((await resend({}, live)).body).toEqual({ resent: 0, more: false });
    expect((await resend({ to: "2020-01-01T00:00:00Z" })).body).toEqual({ resent: 0, more: false });
    expect((await resend({ limit: 4 })).body).toEqual({ resent: 4, more: true });
    expect((await list("?status=failed")).data).toHaveLength(2);
    expect((await resend({ channel: "webhook", account: accountIdOf(account.key) })).body).toEqual({
      resent: 2,
      more: false,
    });
    await vi.waitFor(async () => {
      const { data } = await list("?channel=webhook");
      expect(data.map(({ status, attempts }) => [status, attempts])).toEqual(Array(6).fill(["pending", 2]));
    }, 10_000);
  }, 15_000);

  test("needs the scope admin; what was delivered is resent by its id alone", async () => {
    await failedHook();
    const reader = await keyWith("test", ["read"]);
    const { id } = await listedHook();
    for (const path of [`/v1/deliveries/${id}/resend`, "/v1/deliveries/resend"]) {
      expect(await call(reader, "POST", path, path.endsWith(`${id}/resend`) ? undefined : {})).toMatchObject({
        status: 403,
      });
    }
    expect(badFields(await call(sandbox, "POST", "/v1/deliveries/resend", { status: "delivered" }))).toEqual([
      "status",
    ]);
  });
});

describe("a webhook endpoint", () => {
  interface Endpoint {
    readonly id: string;
    readonly secret: string;
    readonly previousSecretUntil: string | null;
  }

  async function created(): Promise<Endpoint> {
    const url = "https://receiver.example/hook";
    return (await call<Endpoint>(sandbox, "POST", "/v1/webhook-endpoints", { url })).body;
  }

  function act<Body = Endpoint>(id: string, action: string, body?: unknown, key = sandbox) {
    return call<Body>(key, "POST", `/v1/webhook-endpoints/${id}/${action}`, body);
  }

  test("a ping is sent at once, signed, and kept in the log whether it was taken or not", async () => {
    const { id, secret } = await created();
    const received = receivers(() => 204);
    const pinged = await act<LoggedDelivery>(id, "ping");
    expect(pinged).toMatchObject({
      status: 200,
      body: { kind: "ping", account: null, notification: null, target: id, status: "delivered", attempts: 1 },
    });
    const [hook] = received;
    if (hook === undefined) throw new Error("nothing was sent");
    expect(new Webhook(secret).verify(hook.body, hook.headers)).toMatchObject({
      type: "drawdown.ping",
      id: pinged.body.id,
      data: { endpoint: id, mode: "test" },
    });
    vi.restoreAllMocks();
    receivers(() => TIMEOUT);
    expect((await act<LoggedDelivery>(id, "ping")).body).toMatchObject({
      status: "failed",
      lastError: "the endpoint did not answer within 10 s",
    });
    expect((await list("?channel=webhook")).data.map(({ status }) => status)).toEqual([
      "failed",
      "delivered",
    ]);
    expect(await call(sandbox, "GET", `/v1/webhook-endpoints/${id}`)).toMatchObject({
      body: { restsUntil: expect.stringMatching(/Z$/) },
    });
    expect(await act(id, "ping", undefined, live)).toMatchObject({ status: 404 });
    expect(await act("we_none", "ping")).toMatchObject({ status: 404 });
  });

  test("a rotated secret signs beside the one before it until the grace time is over", async () => {
    const { id, secret: old } = await created();
    const nowMs = Date.now();
    const rotated = await act(id, "rotate-secret", { graceHours: 2 });
    expect(rotated.headers.get("cache-control")).toBe("no-store");
    const { secret, previousSecretUntil } = rotated.body;
    expect(secret).not.toBe(old);
    expect(secret).toBe(await webhookSecret(id, env.KEY_SIGNING_SECRET, 2));
    expect(Date.parse(previousSecretUntil ?? "") - nowMs).toBeGreaterThanOrEqual(2 * 3_600_000);
    const received = receivers(() => 200);

    await act(id, "ping");
    await env.DB.prepare("UPDATE webhook_endpoints SET previous_secret_until_ms = ?").bind(Date.now()).run();
    await act(id, "ping");

    const [during, after] = received;
    if (during === undefined || after === undefined) throw new Error("two pings were asked for");
    for (const good of [old, secret])
      expect(new Webhook(good).verify(during.body, during.headers)).toBeTruthy();
    expect(new Webhook(secret).verify(after.body, after.headers)).toBeTruthy();
    expect(() => new Webhook(old).verify(after.body, after.headers)).toThrow("No matching signature");
    expect(await call(sandbox, "GET", `/v1/webhook-endpoints/${id}`)).toMatchObject({
      body: { secret, previousSecretUntil: null },
    });
  });

  test("without a grace time the old secret ends at once; a secret before the last never signs", async () => {
    const { id, secret: first } = await created();
    const received = receivers(() => 200);
    const second = (await act(id, "rotate-secret", {})).body.secret;
    const third = (await act(id, "rotate-secret", {})).body.secret;
    await act(id, "ping");
    await act(id, "rotate-secret", { graceHours: 0 });
    await act(id, "ping");
    const [twice, once] = received;
    if (twice === undefined || once === undefined) throw new Error("two pings were asked for");
    for (const good of [second, third])
      expect(new Webhook(good).verify(twice.body, twice.headers)).toBeTruthy();
    expect(() => new Webhook(first).verify(twice.body, twice.headers)).toThrow();
    expect(() => new Webhook(third).verify(once.body, once.headers)).toThrow();
    expect(
      badFields(
        await call(sandbox, "POST", `/v1/webhook-endpoints/${id}/rotate-secret`, { graceHours: 999 }),
      ),
    ).toEqual(["graceHours"]);
  });

  test("disabled it gets no notices, only pings; enabled it gets what is resent", async () => {
    const { id } = await created();
    const account = await openTestAccount();
    const { taken, env: bindings } = recordingEnv();
    await consume([noticeMessage(account)], bindings);
    const message = only(taken(), id);
    const disabled = await act<{ disabledAt: string }>(id, "disable");
    expect(disabled.body.disabledAt).toMatch(/Z$/);
    expect((await act<{ disabledAt: string }>(id, "disable")).body.disabledAt).toBe(disabled.body.disabledAt);
    const received = receivers(() => 200);

    await consume([message], bindings);
    await consume([noticeMessage(account, threshold(2))], bindings);
    expect(received).toEqual([]);
    expect((await deliveryLog(account)).map(({ status }) => status)).toEqual(["failed"]);
    expect((await act<LoggedDelivery>(id, "ping")).body.status).toBe("delivered");

    expect((await act<{ disabledAt: null }>(id, "enable")).body.disabledAt).toBeNull();
    await call(sandbox, "POST", "/v1/deliveries/resend", { target: id });
    await vi.waitFor(async () => {
      expect((await deliveryLog(account)).map(({ status }) => status)).toEqual(["delivered"]);
    }, 10_000);
    for (const action of ["disable", "enable"]) {
      expect(await act(id, action, undefined, live)).toMatchObject({ status: 404 });
    }
  }, 15_000);
});
