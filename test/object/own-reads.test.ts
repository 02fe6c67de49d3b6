/** What users read by its id: their own events and their own account's invoices, of nothing else not even that it is (rules, 9). */
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, CATALOG, call, FEATURES, keyWith, type ProblemBody, sell } from "./api.ts";

const ROLES = {
  boss: ["super_admin"],
  bill: ["billing_admin"],
  owner: ["feature_owner"],
  ann: ["member"],
  contact: ["billing_contact"],
};

let key = "";

beforeAll(async () => {
  key = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  const features = [...FEATURES, { feature: "search", actions: [{ action: "query", credits: 1 }] }];
  await sell("POST", "/v1/rate-sheets", { features });
  for (const account of ["acme", "elsewhere"]) await furnish(account);
  await call(key, "PUT", "/v1/accounts/acme/features/search", { owner: "owner" });
});

async function furnish(account: string): Promise<void> {
  await call(key, "POST", "/v1/accounts", { account, plans: ["starter"] });
  for (const [user, roles] of Object.entries(ROLES)) {
    await call(key, "PUT", `/v1/accounts/${account}/users/${user}`, { name: user, roles });
  }
  const send = (path: string, event: object) =>
    call(key, "POST", path, { account, feature: "assistant", action: "answer", quantity: 1, ...event });
  await send("/v1/consume", { id: "of-ann", user: "ann" });
  await send("/v1/consume", { id: "of-boss", user: "boss" });
  await send("/v1/consume", { id: "of-nobody" });
  await send("/v1/consume", { id: "searched", feature: "search", action: "query", user: "boss" });
  await send("/v1/holds", { id: "held-by-ann", user: "ann" });
  await send("/v1/holds", { id: "held-by-boss", user: "boss" });
  const bought = await call(key, "POST", `/v1/accounts/${account}/packs`, { pack: "pack-1000" });
  expect(bought.status).toBe(201);
}

const read = <Body = ProblemBody>(user: string, path: string): Promise<Answer<Body>> =>
  call<Body>(key, "GET", `/v1/accounts/acme/${path}`, undefined, { "drawdown-actor": `user:${user}` });

describe("an event", () => {
  const ALL = ["of-ann", "of-boss", "of-nobody", "searched", "held-by-ann", "held-by-boss"];
  const SEEN = {
    boss: ALL,
    bill: ALL,
    owner: ["searched"],
    ann: ["of-ann", "held-by-ann"],
  };

  test.each(Object.entries(SEEN))("is shown to %s where it is the user's to see", async (user, seen) => {
    for (const id of ALL) {
      const { status, body } = await read(user, `events/${id}`);
      expect([id, status], JSON.stringify(body)).toEqual([id, seen.includes(id) ? 200 : 404]);
    }
  });

  test.each(["owner", "ann"])("of another is to %s as if it had never been", async (user) => {
    const answered = async (id: string) => {
      const { status, body } = await read(user, `events/${id}`);
      return [status, body.code, body.detail.replace(id, "…")];
    };
    expect(await answered("of-boss")).toEqual([404, "unknown_event", 'no event "…" of this user']);
    expect(await answered("of-boss")).toEqual(await answered("never-was"));
  });

  test("is unknown, not missing, to who sees all usage", async () => {
    expect(await read("boss", "events/never-was")).toMatchObject({
      status: 200,
      body: { status: "unknown" },
    });
  });

  test("is nothing for who only receives", async () => {
    expect(await read("contact", "events/of-ann")).toMatchObject({
      status: 403,
      body: { code: "role_missing" },
    });
  });
});

describe("an invoice", () => {
  const idOf = async (account: string) => {
    const { body } = await call<{ data: { invoice: string }[] }>(
      key,
      "GET",
      `/v1/accounts/${account}/invoices`,
    );
    return body.data[0]?.invoice ?? "";
  };

  test("is read by who sees money, as its account's", async () => {
    const id = await idOf("acme");
    const whole = await call(key, "GET", `/v1/invoices/${id}`);
    expect(whole).toMatchObject({ status: 200, body: { account: "acme" } });
    for (const user of ["boss", "bill"]) {
      expect(await read(user, `invoices/${id}`)).toMatchObject({ status: 200, body: whole.body });
    }
    expect((await call(key, "GET", `/v1/accounts/acme/invoices/${id}`)).body).toEqual(whole.body);
  });

  test.each(["owner", "ann", "contact"])("is refused to %s", async (user) => {
    const answer = await read(user, `invoices/${await idOf("acme")}`);
    expect(answer).toMatchObject({ status: 403, body: { code: "role_missing" } });
  });

  test("of another account is not found, like one that never was", async () => {
    for (const id of [await idOf("elsewhere"), "inv_none"]) {
      for (const answer of [
        await read("boss", `invoices/${id}`),
        await call<ProblemBody>(key, "GET", `/v1/accounts/acme/invoices/${id}`),
      ]) {
        expect(answer).toMatchObject({ status: 404, body: { code: "invoice_not_found" } });
        expect(answer.body.detail).toBe(`no invoice "${id}" of this account`);
      }
    }
  });
});
