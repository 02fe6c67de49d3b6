/** Suspending, resuming and closing an account over HTTP (rules, section 2.6). */
import { beforeAll, describe, expect, test } from "vitest";
import { badFields, CATALOG, call, FEATURES, keyWith, sell } from "./api.ts";
import { inLine, openClocked } from "./clocked.ts";

let sandbox = "";

beforeAll(async () => {
  sandbox = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

const REASON = { reason: "unpaid" };

describe("a suspended account", () => {
  test("is denied everything until it is resumed, and reads go on", async () => {
    const { send, use, get } = await openClocked(sandbox);
    for (const answer of [await send("POST", "/suspend", REASON), await send("POST", "/suspend", REASON)]) {
      expect(answer).toMatchObject({ status: 200, body: { status: "suspended" } });
    }
    expect(await use("e1", 1)).toMatchObject({
      status: 200,
      body: { allowed: false, reason: "account_suspended", balance: { state: "suspended" } },
    });
    expect(await use("r1", 5, "record")).toMatchObject({
      body: { results: [{ allowed: true, wouldDeny: "account_suspended" }] },
    });
    expect(await get("/balance")).toMatchObject({
      used: 5,
      state: "suspended",
      suspendedAt: "2026-11-14T09:00:00Z",
      closedAt: null,
    });
    expect(await get("")).toMatchObject({ status: "suspended" });
    expect(await send("POST", "/packs", { pack: "pack-1000" })).toMatchObject({ status: 201 });
    for (const answer of [await send("POST", "/resume"), await send("POST", "/resume")]) {
      expect(answer).toMatchObject({ status: 200, body: { status: "open" } });
    }
    expect(await use("e1", 1)).toMatchObject({ body: { allowed: true } });
    expect(await get("/balance")).toMatchObject({ suspendedAt: null, state: "active" });
  });

  test("needs a reason, an account and the scope", async () => {
    const { send, account } = await openClocked(sandbox);
    expect(badFields((await send("POST", "/suspend", {})) as never)).toEqual(["reason"]);
    expect(badFields((await send("POST", "/close", { reason: " " })) as never)).toEqual(["reason"]);
    for (const path of ["suspend", "resume", "close"]) {
      expect(
        await call(sandbox, "POST", `/v1/accounts/nobody/${path}`, path === "resume" ? undefined : REASON),
      ).toMatchObject({ status: 404, body: { code: "account_not_found" } });
      const reader = await keyWith("test", ["read"]);
      expect(await call(reader, "POST", `/v1/accounts/${account}/${path}`, REASON)).toMatchObject({
        status: 403,
      });
    }
  });
});

describe("a closed account", () => {
  test("has its last invoices when the answer comes, and its period has ended", async () => {
    const { send, use, advance, invoices, get } = await openClocked(sandbox);
    await send("POST", "/packs", { pack: "pack-1000", overageSetting: "pay_as_you_go" });
    await use("e1", 1737.5);
    await advance("2026-11-20T12:00:00Z");
    expect(await send("POST", "/close", REASON)).toMatchObject({ status: 200, body: { status: "closed" } });
    expect((await invoices()).map(inLine)).toEqual([
      "2026-11-14 packs purchase 1000",
      "2026-11-14 overage 230",
    ]);
    const [period] = (await get("/periods")).data as readonly Record<string, unknown>[];
    expect(period).toMatchObject({ used: 1737.5, billed: 230, end: "2026-11-20T12:00:00Z" });
    expect(await get("/balance")).toMatchObject({
      state: "suspended",
      closedAt: "2026-11-20T12:00:00Z",
      stateReason: expect.stringContaining("closed"),
      money: { nextInvoice: null },
    });
    await advance("2027-03-01T00:00:00Z");
    expect(await invoices()).toHaveLength(2);
  });

  test("gives its holds back and is not opened again", async () => {
    const { send, get, account } = await openClocked(sandbox);
    const hold = { account, id: "h1", feature: "assistant", action: "answer", quantity: 7 };
    await call(sandbox, "POST", "/v1/holds", hold);
    expect(await get("/balance")).toMatchObject({ held: 7, openHolds: 1 });
    await send("POST", "/close", REASON);
    expect(await get("/balance")).toMatchObject({ held: 0, openHolds: 0 });
    const opening = { account, testClock: account, plans: ["starter"] };
    expect(await call(sandbox, "POST", "/v1/accounts", opening)).toMatchObject({
      status: 200,
      body: { status: "closed" },
    });
    expect(await call(sandbox, "POST", "/v1/holds", { ...hold, id: "h2" })).not.toMatchObject({
      body: { allowed: true },
    });
  });

  test("answers account_closed to every change, and is read as before", async () => {
    const { send, use, account } = await openClocked(sandbox);
    await send("POST", "/packs", { pack: "pack-1000" }, { "idempotency-key": "first" });
    await use("e1", 5);
    await send("POST", "/close", REASON);
    const changes: readonly (readonly [string, string, unknown?])[] = [
      ["PATCH", "", { name: "Other" }],
      ["PATCH", "", { plans: ["professional"] }],
      ["POST", "/suspend", REASON],
      ["POST", "/resume"],
      ["POST", "/close", REASON],
      ["POST", "/packs", { pack: "pack-1000" }],
      ["PATCH", "/packs/pack_1", { renewal: { quantity: 0 } }],
      ["DELETE", "/packs/pack_1"],
      ["POST", "/packs/pack_1/cancel", REASON],
      ["PUT", "/settings", { maximum: 1 }],
      ["DELETE", "/settings/pending"],
      ["POST", "/grants", { credits: 1, reason: "late" }],
      ["POST", "/conversions", { size: 100, quantity: 1 }],
      ["PUT", "/rates", { rates: [] }],
    ];
    for (const [method, path, body] of changes) {
      expect(await send(method, path, body), `${method} ${path}`).toMatchObject({
        status: 409,
        body: { code: "account_closed", detail: expect.stringContaining(account) },
      });
    }
    expect(await use("e2", 1)).not.toMatchObject({ body: { allowed: true } });
    for (const path of ["", "/packs", "/settings", "/grants", "/rates", "/rates/versions", "/invoices"]) {
      expect(await send("GET", path), path).toMatchObject({ status: 200 });
    }
    // A purchase whose answer was lost is still answered as then.
    expect(await send("POST", "/packs", { pack: "pack-1000" }, { "idempotency-key": "first" })).toMatchObject(
      { status: 201, body: { replayed: true } },
    );
  });
});
