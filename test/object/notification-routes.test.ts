import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { Notification } from "../../shared/api/notifications.ts";
import { mintKey, type Scope } from "../../shared/api-keys.ts";
import { answers, CONTEXT, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";
import { addUser } from "./notification-fixtures.ts";

beforeAll(async () => {
  await publishOffer();
});

async function call(scopes: readonly Scope[], method: string, path: string, body?: unknown) {
  const key = await mintKey(
    { keyId: `key_${scopes.join("_")}`, mode: "test", scopes },
    env.KEY_SIGNING_SECRET,
  );
  const response = await exports.default.fetch(`https://drawdown.example/v1/accounts/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

async function use(account: TestAccount, id: string, credits: number): Promise<void> {
  const [result] = await account.api.use([{ mode: "consume", event: answers(id, credits) }], CONTEXT);
  if (result?.kind !== "allowed") throw new Error(result?.kind);
}

async function notifications(account: TestAccount, query = "") {
  return call(["read"], "GET", `${accountIdOf(account.key)}/notifications${query}`);
}

describe("GET …/notifications", () => {
  test("shows a notice at once, and later once only, with its deliveries", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin");
    await use(account, "e1", 380);

    const atOnce = await notifications(account);
    expect(atOnce.status).toBe(200);
    expect(atOnce.body).toMatchObject({
      data: [
        {
          id: expect.stringMatching(/^ntf_/),
          title: "75% of the monthly credit limit is used",
          data: { kind: "usage_threshold", percent: 75, used: 380, of: 500 },
        },
      ],
      nextCursor: null,
    });

    await vi.waitFor(
      async () => {
        const later = await notifications(account);
        expect(later.body.data).toHaveLength(1);
        expect(later.body.data[0]).toMatchObject({
          id: atOnce.body.data[0].id,
          deliveries: [
            {
              id: expect.stringMatching(/^dlv_/),
              channel: "email",
              target: "root",
              status: "delivered",
              attempts: 1,
              lastError: null,
              nextAttemptAt: null,
              log: [{ at: expect.stringMatching(/Z$/), error: null }],
            },
          ],
        });
      },
      { timeout: 15_000, interval: 200 },
    );
  }, 20_000);

  test("pages newest first, also those of one moment, each once, from the outbox and from D1", async () => {
    const account = await openTestAccount({}, Date.parse("2026-11-20T00:00:00Z"));
    await account.api.execute({ kind: "buy_pack", pack: "p1000", quantity: 1 }, null, CONTEXT);
    for (let change = 1; change <= 12; change += 1) {
      const setting = change % 2 === 1 ? "pause" : "auto_upgrade";
      await account.api.execute({ kind: "change_settings", setting }, null, CONTEXT);
    }
    const view = await account.api.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    const stored = view.notices.filter(({ number }) => number % 3 === 0);
    await env.DB.batch(
      stored.map((notice) =>
        env.DB.prepare("INSERT INTO notifications VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING").bind(
          `${account.key}/notice/${notice.number}`,
          account.key,
          notice.kind,
          notice.atMs,
          JSON.stringify(notice),
        ),
      ),
    );

    const all: Notification[] = [];
    let query = "?limit=5";
    for (let pages = 0; pages < 4; pages += 1) {
      const { body } = await notifications(account, query);
      all.push(...body.data);
      if (body.nextCursor === null) break;
      query = `?limit=5&cursor=${encodeURIComponent(body.nextCursor)}`;
    }

    const numbers = all.map(({ id }) => Number(atob(id.slice(4).replace("-", "+")).split("/").at(-1)));
    expect(numbers).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  test("refuses a made-up cursor and an account that is not there", async () => {
    const account = await openTestAccount();
    expect(await notifications(account, "?cursor=next")).toMatchObject({
      status: 422,
      body: { code: "invalid_request", errors: [{ path: "cursor" }] },
    });
    expect(await call(["read"], "GET", "nobody/notifications")).toMatchObject({
      status: 404,
      body: { code: "account_not_found" },
    });
    expect(await call(["consume"], "GET", `${accountIdOf(account.key)}/notifications`)).toMatchObject({
      status: 403,
    });
  });
});

describe("banners", () => {
  async function banners(account: TestAccount, query = "") {
    const { body } = await call(["read"], "GET", `${accountIdOf(account.key)}/banners${query}`);
    return body.data;
  }

  function dismiss(account: TestAccount, user: string, banner: string, scopes: readonly Scope[] = ["admin"]) {
    return call(scopes, "POST", `${accountIdOf(account.key)}/banners/dismiss`, { user, banner });
  }

  test("follow the balance: a threshold, then exhaustion, then nothing after a purchase", async () => {
    const account = await openTestAccount();
    expect(await banners(account)).toEqual([]);
    await use(account, "e1", 455);
    expect(await banners(account)).toMatchObject([
      {
        severity: "warning",
        title: "90% of the monthly credit limit is used",
        data: { percent: 90, used: 455 },
      },
    ]);
    await use(account, "e2", 45);
    expect(await banners(account)).toMatchObject([
      { severity: "critical", data: { kind: "exhausted", limit: 500 } },
    ]);
    await account.api.execute({ kind: "buy_pack", pack: "p1000", quantity: 1 }, null, CONTEXT);
    expect(await banners(account)).toEqual([]);
  });

  test("members read that features are paused and until when, without a number of credits", async () => {
    const account = await openTestAccount();
    await use(account, "e1", 455);
    expect(await banners(account, "?audience=member")).toEqual([]);
    await use(account, "e2", 45);
    const [banner] = await banners(account, "?audience=member");
    expect(banner).toMatchObject({
      data: { kind: "features_paused" },
      until: expect.stringMatching(/T00:00:00Z$/),
    });
    expect(JSON.stringify(banner)).not.toContain("500");
  });

  test("a feature paused by hand is shown to all until it is resumed, an exhausted account to members too", async () => {
    const account = await openTestAccount();
    const pause = (paused: boolean) =>
      account.api.execute({ kind: "change_feature", feature: "assistant", paused }, null, CONTEXT);
    await pause(true);
    expect(await banners(account)).toMatchObject([
      { severity: "info", until: null, data: { kind: "feature_paused", feature: "assistant" } },
    ]);
    const [{ id, ...paused }] = await banners(account, "?audience=member");
    expect(paused).toMatchObject({
      severity: "warning",
      title: 'The feature "Assistant" is paused',
      until: null,
      data: { kind: "feature_paused" },
    });
    expect(await dismiss(account, "u_1", id)).toMatchObject({ status: 204 });
    expect(await banners(account, "?audience=member&user=u_1")).toEqual([]);
    await pause(false);
    expect(await banners(account, "?audience=member")).toEqual([]);
  });

  test("a suspended account says so to admins; members read that features are paused", async () => {
    const account = await openTestAccount();
    await use(account, "e1", 455);
    await account.api.execute({ kind: "suspend", reason: "unpaid" }, null, CONTEXT);
    expect(await banners(account)).toMatchObject([
      { severity: "critical", until: null, data: { kind: "account_suspended" } },
      { data: { kind: "usage_threshold" } },
    ]);
    expect(await banners(account, "?audience=member")).toMatchObject([
      {
        until: null,
        text: "They are back when the provider resumes the account.",
        data: { kind: "features_paused" },
      },
    ]);
    await account.api.execute({ kind: "resume" }, null, CONTEXT);
    expect(await banners(account)).toMatchObject([{ data: { kind: "usage_threshold" } }]);
    expect(await banners(account, "?audience=member")).toEqual([]);
  });

  test("dismissed by one user they stay for others, and the next percentage is shown again", async () => {
    const account = await openTestAccount();
    await use(account, "e1", 380);
    const [at75] = await banners(account, "?user=u_1");
    expect(await dismiss(account, "u_1", at75.id)).toMatchObject({ status: 204 });
    expect(await dismiss(account, "u_1", at75.id)).toMatchObject({ status: 204 });
    expect(await banners(account, "?user=u_1")).toEqual([]);
    expect(await banners(account, "?user=u_2")).toHaveLength(1);
    expect(await banners(account)).toHaveLength(1);
    await use(account, "e2", 50);
    expect(await banners(account, "?user=u_1")).toMatchObject([{ data: { percent: 85 } }]);
  });

  test("only what is true now can be dismissed, with the scope admin", async () => {
    const account = await openTestAccount();
    await use(account, "e1", 380);
    const [{ id }] = await banners(account);
    expect(await dismiss(account, "u_1", "2026-01-14/limit/90/x")).toMatchObject({
      status: 404,
      body: { code: "banner_not_found" },
    });
    expect(await dismiss(account, "u_1", id, ["read"])).toMatchObject({ status: 403 });
    expect(await banners(account, "?audience=everyone")).toBeUndefined();
  });
});

describe("a user's wishes", () => {
  test("are none by default, replaced with the user, and only those that there are", async () => {
    const account = accountIdOf((await openTestAccount()).key);
    await env.DB.prepare(
      `INSERT INTO accounts (account_key, mode, account_id, terms, profile, created_at_ms, period_ends_at_ms)
       VALUES ('test:' || ?1, 'test', ?1, '{}', '{"name":"Acme"}', 0, 0)`,
    )
      .bind(account)
      .run();
    const put = (notify?: unknown) =>
      call(["admin"], "PUT", `${account}/users/u_1`, { name: "U", roles: ["member"], notify });
    expect(await put()).toMatchObject({ status: 200, body: { notify: { optIn: [], email: true } } });
    expect(await put({ optIn: ["waste"], email: false })).toMatchObject({ status: 200 });
    expect((await call(["read"], "GET", `${account}/users`)).body.data).toMatchObject([
      { user: "u_1", notify: { optIn: ["waste"], email: false } },
    ]);
    expect(await put({})).toMatchObject({ body: { notify: { optIn: [], email: true } } });
    expect(await put({ optIn: ["gossip"] })).toMatchObject({ status: 422 });
    expect(await put({ sms: true })).toMatchObject({
      status: 422,
      body: { errors: [{ path: "notify.sms" }] },
    });
  });
});
