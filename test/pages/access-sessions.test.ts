/** How one gets in, and out: links, cookies, sessions that are over, and what a session's token is good for. */
import { decode } from "hono/jwt";
import { beforeAll, describe, expect, test } from "vitest";
import { mintLink, mintSession, type Session } from "../../shared/session-token.ts";
import { FILES, pathOf, VISITORS } from "./access-table.ts";
import { FORM_TYPE, SESSION_COOKIE, sessionCookie, tokenOf, useHttpPages } from "./support/http.ts";
import { type FurnishedAccount, furnish, OWNED } from "./support/two-accounts.ts";

const pages = useHttpPages();
const AN_HOUR_S = 60 * 60;

let own: FurnishedAccount;
/** An account of the same kind in test mode. */
let sandbox: FurnishedAccount;

beforeAll(async () => {
  [own, sandbox] = await Promise.all([furnish(pages.live), furnish(pages.test)]);
});

const open = (link: string) => fetch(link, { redirect: "manual" });
const linkFor = async (user = own.user.super_admin) =>
  (await pages.live.createPortalSession(own.account, user)).url;
const claimsOf = (token: string) => decode(token).payload as unknown as Session;
const nowS = () => Math.floor(Date.now() / 1000);

/** A session that is over opens no page, and its token is no credential any more. */
async function expectDead(cookie: string): Promise<void> {
  await expectNobody(cookie);
  await expect(pages.clientOf(tokenOf(cookie)).features(own.account)).rejects.toThrow();
}

/** Every page and file answers as if nobody were signed in, and says nothing of the account. */
async function expectNobody(cookie: string): Promise<void> {
  const paths = [
    ...Object.keys(VISITORS).map((route) => pathOf(route, own)),
    ...Object.keys(FILES).map((route) => `${pathOf(route, own)}?format=ndjson`),
  ];
  for (const path of paths) {
    const answer = await pages.get(path, cookie);
    expect([path, answer.status]).toEqual([path, expect.toBeOneOf([303, 403, 404])]);
    expect(await answer.text(), path).not.toContain(own.account);
  }
}

async function expectAlive(cookie: string): Promise<void> {
  const answer = await pages.get(`/accounts/${own.account}/prices`, cookie);
  expect(answer.status).toBe(200);
}

describe("a portal link", () => {
  test("signs in once", async () => {
    const link = await linkFor();
    const first = await open(link);
    expect([first.status, first.headers.get("location")]).toEqual([303, `/accounts/${own.account}`]);
    expect(first.headers.get("cache-control")).toBe("private, no-store");
    await expectAlive(sessionCookie(first));
    const second = await open(link);
    expect([second.status, second.headers.getSetCookie()]).toEqual([404, []]);
  });

  test("is not used up by a program that only looks at it", async () => {
    const link = await linkFor();
    const looked = await fetch(link, { method: "HEAD", redirect: "manual" });
    expect([looked.status, looked.headers.getSetCookie()]).toEqual([200, []]);
    await expectAlive(sessionCookie(await open(link)));
  });

  test("sets a cookie that scripts and other sites cannot use", async () => {
    const answer = await open(await linkFor());
    const [cookie = "", ...others] = answer.headers.getSetCookie();
    expect(others).toEqual([]);
    const [pair = "", ...attributes] = cookie.split("; ");
    expect(pair.startsWith(`${SESSION_COOKIE}=dd_session_`)).toBe(true);
    const named = attributes.map((attribute) => attribute.split("=")[0]);
    expect(named.toSorted()).toEqual(["Expires", "HttpOnly", "Path", "SameSite", "Secure"]);
    expect(attributes).toContain("Path=/");
    expect(attributes).toContain("SameSite=Lax");
    const expires = attributes
      .find((attribute) => attribute.startsWith("Expires="))
      ?.slice("Expires=".length);
    expect(Date.parse(expires ?? "") - Date.now()).toBeLessThanOrEqual(8 * AN_HOUR_S * 1000);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("ends after its time", async () => {
    const link = await linkFor();
    const token = new URL(link).pathname.slice("/portal/".length);
    const late = await mintLink({ ...claimsOf(token), exp: nowS() - 1 }, pages.signingSecret);
    expect((await open(`${pages.url}/portal/${late}`)).status).toBe(404);
    // The link itself was not used up by that.
    expect((await open(link)).status).toBe(303);
  });

  test("of another secret, a session's token or a key opens nothing", async () => {
    const token = new URL(await linkFor()).pathname.slice("/portal/".length);
    const forged = await mintLink(claimsOf(token), "another secret of thirty-two bytes or more");
    const session = tokenOf(await pages.cookieOf(own.account, own.user.super_admin));
    for (const wrong of [forged, session, session.replace("dd_session_", ""), pages.keys.live, `${token}x`]) {
      const answer = await open(`${pages.url}/portal/${wrong}`);
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([404, []]);
    }
  });
});

describe("a session is over", () => {
  test("when its time is over", async () => {
    const cookie = await pages.cookieOf(own.account, own.user.super_admin);
    const claims = claimsOf(tokenOf(cookie).replace("dd_session_", ""));
    const late = await mintSession({ ...claims, exp: nowS() - 1 }, pages.signingSecret);
    await expectDead(`${SESSION_COOKIE}=${late}`);
    await expectAlive(cookie);
  });

  test("before its link was opened", async () => {
    const token = new URL(await linkFor()).pathname.slice("/portal/".length);
    await expectDead(`${SESSION_COOKIE}=${token}`);
    const early = await mintSession({ ...claimsOf(token), exp: nowS() + AN_HOUR_S }, pages.signingSecret);
    await expectDead(`${SESSION_COOKIE}=${early}`);
  });

  test.each(["super_admin", "member", "billing_contact"] as const)(
    "of a %s who signed out",
    async (person) => {
      const cookie = await pages.cookieOf(own.account, own.user[person]);
      const answer = await pages.post("/sign-out", cookie, {});
      expect([answer.status, answer.headers.get("location")]).toEqual([303, "/signed-out"]);
      expect(answer.headers.getSetCookie().join()).toMatch(new RegExp(`^${SESSION_COOKIE}=;.*Max-Age=0`));
      await expectDead(cookie);
    },
  );

  test("of an operator who signed out", async () => {
    const cookie = await pages.operatorCookie(pages.keys.live);
    await expectAlive(cookie);
    await pages.post("/sign-out", cookie, {});
    await expectDead(cookie);
  });

  test.each(["remove", "erase"] as const)("of a user after %s", async (how) => {
    const user = `${own.account}.${how}`;
    await pages.live.putUser(own.account, user, { name: how, roles: ["super_admin"] });
    const cookie = await pages.cookieOf(own.account, user);
    const link = await linkFor(user);
    await expectAlive(cookie);
    if (how === "remove") await pages.live.removeUser(own.account, user);
    else await pages.live.eraseUser(own.account, user);
    await expectDead(cookie);
    // Also once the id is there again, whoever has it then.
    await pages.live.putUser(own.account, user, { name: "again", roles: ["super_admin"] });
    await expectDead(cookie);
    const opened = await open(link);
    expect([opened.status, opened.headers.getSetCookie()]).toEqual([404, []]);
  });

  test("when the key behind it is revoked", async () => {
    const { key, id } = await pages.live.createApiKey({
      name: own.account,
      scopes: ["read", "admin"],
      mode: "live",
    });
    const user = await pages.cookieOf(own.account, own.user.super_admin, pages.clientOf(key));
    const operator = await pages.operatorCookie(key);
    await Promise.all([expectAlive(user), expectAlive(operator)]);
    await pages.live.revokeApiKey(id);
    await expectDead(user);
    await expectDead(operator);
    const again = await pages.post("/sign-in", "", { key });
    expect([again.status, again.headers.getSetCookie()]).toEqual([422, []]);
  });
});

describe("a session's token", () => {
  const use = (id: string) => ({ account: own.account, id, user: own.user.member, ...OWNED });

  test("consumes nothing, whoever is signed in", async () => {
    const before = await pages.live.balance(own.account);
    const cookies = [
      await pages.cookieOf(own.account, own.user.super_admin),
      await pages.cookieOf(own.account, own.user.member),
      await pages.operatorCookie(pages.keys.live),
    ];
    for (const cookie of cookies) {
      const client = pages.clientOf(tokenOf(cookie));
      const refused = { problem: { status: 403, code: "scope_missing" } };
      await expect(client.consume(use("stolen-1"))).rejects.toMatchObject(refused);
      await expect(client.events([use("stolen-2")])).rejects.toMatchObject(refused);
      await expect(client.hold(use("stolen-3"))).rejects.toMatchObject(refused);
      await expect(client.check(use("stolen-4"))).rejects.toMatchObject(refused);
    }
    expect(await pages.live.balance(own.account)).toEqual(before);
  });

  test("of a user does nothing that is the operator's, and reaches no other account", async () => {
    const client = pages.clientOf(tokenOf(await pages.cookieOf(own.account, own.user.super_admin)));
    const forbidden = { problem: { status: 403 } };
    await expect(client.createPortalSession(own.account, own.user.member)).rejects.toMatchObject(forbidden);
    await expect(client.createApiKey({ name: "mine", scopes: ["consume"] })).rejects.toMatchObject(forbidden);
    await expect(client.accounts()).rejects.toMatchObject(forbidden);
    await expect(client.grant(own.account, { credits: 1, reason: "me" })).rejects.toMatchObject(forbidden);
    await expect(client.features("acme")).rejects.toMatchObject({ problem: { status: 404 } });
  });

  test("signs nobody in as a key", async () => {
    const token = tokenOf(await pages.operatorCookie(pages.keys.live));
    const answer = await pages.post("/sign-in", "", { key: token });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([422, []]);
  });

  test("is no session without the cookie's prefix, and a key is no cookie", async () => {
    const cookie = await pages.cookieOf(own.account, own.user.super_admin);
    await expectNobody(cookie.replace("__Host-", ""));
    await expectNobody(`${SESSION_COOKIE}=${pages.keys.live}`);
  });
});

describe("live and test mode", () => {
  const paths = (ids: FurnishedAccount) =>
    Object.keys(VISITORS)
      .filter((route) => route.includes(":account"))
      .map((route) => pathOf(route, ids));

  test("see nothing of each other's accounts", async () => {
    const live = await pages.operatorCookie(pages.keys.live);
    const test = await pages.operatorCookie(pages.keys.test);
    for (const path of paths(sandbox))
      expect([path, (await pages.get(path, live)).status]).toEqual([path, 404]);
    for (const path of paths(own)) expect([path, (await pages.get(path, test)).status]).toEqual([path, 404]);
    expect((await pages.get(`/accounts/${sandbox.account}`, test)).status).toBe(200);
    const search = (ids: FurnishedAccount) => `/operator/accounts?q=${ids.account}`;
    const names = (ids: FurnishedAccount) => `href="/accounts/${ids.account}`;
    expect(await (await pages.get(search(sandbox), live)).text()).not.toContain(names(sandbox));
    expect(await (await pages.get(search(own), test)).text()).not.toContain(names(own));
  });

  test("of the same account id are two accounts", async () => {
    await furnish(pages.test, own.account);
    await pages.test.putUser(own.account, own.user.member, {
      name: "Only in test mode",
      roles: ["super_admin"],
    });
    const cookie = await pages.cookieOf(own.account, own.user.super_admin);
    const html = await (await pages.get(`/accounts/${own.account}/people`, cookie)).text();
    expect(html).toContain(own.user.member);
    expect(html).not.toContain("Only in test mode");
  });
});

test("a form of another site signs nobody out and nobody in", async () => {
  const cookie = await pages.cookieOf(own.account, own.user.super_admin);
  const headers = { cookie, origin: "https://evil.example", "content-type": FORM_TYPE };
  expect((await pages.send("/sign-out", { headers, body: "" })).status).toBe(403);
  await expectAlive(cookie);
  const body = new URLSearchParams({ key: pages.keys.live }).toString();
  const forged = await pages.send("/sign-in", { headers, body });
  expect([forged.status, forged.headers.getSetCookie()]).toEqual([403, []]);
});
