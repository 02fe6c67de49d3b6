/** One-off grants over HTTP (rules, section 2.5). */
import { beforeAll, expect, test } from "vitest";
import { type Answer, badFields, CATALOG, FEATURES, keyWith, type ProblemBody, sell } from "./api.ts";
import { openClocked } from "./clocked.ts";

let sandbox = "";

beforeAll(async () => {
  sandbox = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

const refused = (answer: Answer<unknown>) => answer as Answer<ProblemBody>;

test("a grant raises the limit of its period, once, and leaves setting, maximum and money alone", async () => {
  const { send, get, use, advance, invoices } = await openClocked(sandbox);
  await send("POST", "/packs", { pack: "pack-1000", overageSetting: "pause", maximum: 1600 });
  expect(await send("POST", "/grants", { credits: 250.5, reason: "outage" })).toMatchObject({
    status: 201,
    body: {
      replayed: false,
      grant: {
        id: "grant_1",
        credits: 250.5,
        period: "2026-11-14",
        reason: "outage",
        grantedAt: "2026-11-14T09:00:00Z",
      },
      balance: { limit: 1750.5 },
    },
  });
  expect(await get("/settings")).toMatchObject({ overageSetting: "pause", maximum: 1600, limit: 1750.5 });
  expect(await get("/balance")).toMatchObject({ granted: 250.5, grants: [{ id: "grant_1" }] });
  expect(await use("e1", 1601)).toMatchObject({ body: { reason: "max_monthly_limit_reached" } });
  await advance("2026-12-14T00:00:00Z");
  expect(await get("/grants")).toEqual({ data: [], nextCursor: null });
  expect(await get("/settings")).toMatchObject({ limit: 1500, maximum: 1600 });
  expect((await invoices()).map(({ total }) => total.amountMinor)).toEqual([1000, 1000]);
});

test("a grant for a later period waits for it", async () => {
  const { send, get, advance } = await openClocked(sandbox);
  const answer = await send("POST", "/grants", { credits: 100, period: "2027-01-14", reason: "goodwill" });
  expect(answer).toMatchObject({ status: 201, body: { balance: { limit: 500 } } });
  await advance("2026-12-20T00:00:00Z");
  expect(await get("/grants")).toMatchObject({ data: [{ credits: 100, period: "2027-01-14" }] });
  expect(await get("/balance")).toMatchObject({ limit: 500, granted: 0 });
  await advance("2027-01-14T00:00:00Z");
  expect(await get("/balance")).toMatchObject({ limit: 600, granted: 100 });
});

test("an Idempotency-Key grants once, also where the period has ended meanwhile", async () => {
  const { send, get, advance } = await openClocked(sandbox);
  const grant = (credits: number) =>
    send("POST", "/grants", { credits, reason: "outage" }, { "idempotency-key": "ticket-1" });
  expect(await grant(10)).toMatchObject({ status: 201, body: { replayed: false } });
  const again = await grant(10);
  expect(again).toMatchObject({ status: 201, body: { replayed: true, balance: { limit: 510 } } });
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  const other = refused(await grant(11));
  expect(other).toMatchObject({ status: 409, body: { code: "idempotency_conflict" } });
  expect(badFields(other)).toEqual(["Idempotency-Key"]);
  await advance("2026-12-15T00:00:00Z");
  expect(await grant(10)).toMatchObject({ body: { replayed: true, grant: { period: "2026-11-14" } } });
  expect(await get("/settings")).toMatchObject({ limit: 500 });
});

test("what cannot be granted is refused by its field", async () => {
  const { send } = await openClocked(sandbox);
  const grant = async (body: unknown) => refused(await send("POST", "/grants", body));
  for (const [body, fields] of [
    [{ credits: 0, reason: "x" }, ["credits"]],
    [{ credits: 0.0000001, reason: "x" }, ["credits"]],
    [{ credits: 1 }, ["reason"]],
    [{ credits: 1, reason: "x", period: "soon" }, ["period"]],
    [{ credits: 8_000_000_000, reason: "x" }, ["credits"]],
  ] as const) {
    const answer = await grant(body);
    expect(answer.status).toBe(422);
    expect(badFields(answer)).toEqual(fields);
  }
  const unknown = await grant({ credits: 1, reason: "x", period: "2026-11-15" });
  expect(unknown).toMatchObject({ status: 422, body: { code: "unknown_period" } });
  expect(unknown.body.detail).toContain("2026-11-14, 2026-12-14, 2027-01-14");
  const half = { credits: 4_000_000_000, reason: "x", period: "2026-12-14" };
  expect(await grant(half)).toMatchObject({ status: 201 });
  expect(badFields(await grant(half))).toEqual(["credits"]);
});
