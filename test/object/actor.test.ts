/** Who acts: the header of every route that changes something, kept with the change. */
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { accountOf } from "../../workers/account/stub.ts";
import { badFields, CATALOG, call, keyWith } from "./api.ts";

let live = "";

beforeAll(async () => {
  live = await keyWith("live");
  await call(live, "PUT", "/v1/catalog", CATALOG);
  await call(live, "POST", "/v1/accounts", { account: "acme", plans: ["starter"] });
});

const buy = (actor?: string) =>
  call(
    live,
    "POST",
    "/v1/accounts/acme/packs",
    { pack: "pack-1000" },
    actor === undefined ? {} : { "drawdown-actor": actor },
  );

/** The audit log of the account, when it has arrived. */
async function actors(): Promise<readonly string[]> {
  await accountOf(env, "live:acme").flush();
  for (let look = 0; look < 100; look += 1) {
    const { results } = await env.DB.prepare(
      "SELECT actor FROM audit WHERE account_key = 'live:acme' AND action = 'pack_bought' ORDER BY audit_id",
    ).all<{ actor: string }>();
    if (results.length === 2) return results.map(({ actor }) => actor);
    await scheduler.wait(50);
  }
  return [];
}

test("a purchase is audited as the header says, else as the key", async () => {
  expect(await buy("Zo%C3%AB 100%25")).toMatchObject({ status: 201 });
  expect(await buy()).toMatchObject({ status: 201 });
  const [zoe, key] = await actors();
  expect(zoe).toBe("Zoë 100%");
  expect(key).toMatch(/^key:key_test\d+$/);
});

test("what cannot be an actor is refused by the header's name", async () => {
  for (const actor of ["", "x".repeat(201), "system", "key:key_other", "key%3Akey_other", "100%", "a%00"]) {
    const answer = await buy(actor);
    expect(answer.status, actor).toBe(422);
    expect(badFields(answer)).toEqual(["Drawdown-Actor"]);
  }
});

test("the API's description names the header on every route that changes something", async () => {
  const response = await exports.default.fetch(new Request("https://drawdown.example/openapi.json"));
  const document: {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: unknown }>>>>;
    readonly components: { readonly parameters: unknown };
  } = await response.json();
  expect(document.components.parameters).toMatchObject({ Actor: { name: "Drawdown-Actor", in: "header" } });
  const isNamed = (path: string, method: string) =>
    JSON.stringify(document.paths[path]?.[method]?.parameters ?? []).includes(
      "#/components/parameters/Actor",
    );
  expect(isNamed("/v1/accounts/{account}/packs", "post")).toBe(true);
  expect(isNamed("/v1/accounts/{account}/packs/{pack}", "delete")).toBe(true);
  expect(isNamed("/v1/catalog", "put")).toBe(true);
  expect(isNamed("/v1/accounts/{account}/packs", "get")).toBe(false);
  expect(isNamed("/v1/consume", "post")).toBe(false);
});
