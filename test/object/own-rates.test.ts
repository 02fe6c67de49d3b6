/** Rates agreed with one account, over HTTP (rules, sections 8.4 and 8.5). */
import { beforeAll, expect, test } from "vitest";
import { type Answer, badFields, CATALOG, keyWith, type ProblemBody, sell } from "./api.ts";
import { type Clocked, openClocked } from "./clocked.ts";

let sandbox = "";

beforeAll(async () => {
  sandbox = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  await sell("POST", "/v1/rate-sheets", {
    effectiveAt: "2026-01-01T00:00:00Z",
    features: [
      {
        feature: "assistant",
        actions: [
          { action: "answer", credits: 10 },
          { action: "tokens", credits: 1, per: 1000 },
        ],
      },
    ],
  });
});

const refused = (answer: Answer<unknown>) => answer as Answer<ProblemBody>;

function rate(credits: number, action = "answer", more: object = {}) {
  return { feature: "assistant", action, credits, ...more };
}

async function price({ send }: Clocked): Promise<unknown> {
  const { body } = await send<{ features: readonly { actions: readonly unknown[] }[] }>("GET", "/rates");
  return body.features[0]?.actions[0];
}

async function costOf(account: Clocked, id: string): Promise<unknown> {
  const { body } = await account.use(id, 1);
  return (body as { credits: unknown }).credits;
}

test("override the sheet from their time on, in versions", async () => {
  const account = await openClocked(sandbox);
  const { send, get, advance } = account;
  expect(await send("PUT", "/rates", { rates: [rate(8)] })).toMatchObject({
    status: 200,
    body: {
      version: 1,
      effectiveAt: "2026-11-14T09:00:00Z",
      shortNotice: false,
      inForce: true,
      rates: [{ feature: "assistant", action: "answer", credits: 8, per: 1, blocks: false }],
    },
  });
  expect(await price(account)).toMatchObject({ credits: 8, own: true });
  expect(await costOf(account, "e1")).toBe(8);
  const later = { rates: [rate(5), rate(3, "tokens", { per: 5000 })] };
  expect(await send("PUT", "/rates", { ...later, effectiveAt: "2026-11-20T00:00:00Z" })).toMatchObject({
    body: { version: 2, inForce: false },
  });
  expect(await get("/rates")).toMatchObject({ changes: [{ effectiveAt: "2026-11-20T00:00:00Z" }] });
  expect(await costOf(account, "e2")).toBe(8);
  await advance("2026-11-20T00:00:00Z");
  expect(await costOf(account, "e3")).toBe(5);
  expect(await get("/rates/versions")).toMatchObject({
    data: [
      { version: 1, inForce: false },
      { version: 2, inForce: true, rates: [{}, { action: "tokens", per: 5000, blocks: false }] },
    ],
    nextCursor: null,
  });
});

test("a price that rises needs 30 days, or an explicit short notice", async () => {
  const account = await openClocked(sandbox);
  const { send, get } = account;
  await send("PUT", "/rates", { rates: [rate(8)] });
  // Without own rates the sheet's 10 would count again, which is more.
  for (const rates of [[rate(9)], []]) {
    const answer = refused(await send("PUT", "/rates", { rates, effectiveAt: "2026-12-14T08:59:59Z" }));
    expect(answer).toMatchObject({ status: 422, body: { code: "notice_too_short" } });
    expect(badFields(answer)).toEqual(["effectiveAt"]);
    expect(answer.body.detail).toMatch(/assistant\/answer.*2026-12-14T09:00:00Z.*shortNotice/);
  }
  expect(
    await send("PUT", "/rates", { rates: [rate(9)], effectiveAt: "2026-12-14T09:00:00Z" }),
  ).toMatchObject({
    status: 200,
    body: { version: 2, shortNotice: false },
  });
  expect(await send("PUT", "/rates", { rates: [rate(9)], shortNotice: true })).toMatchObject({
    status: 200,
    body: { version: 3, shortNotice: true, inForce: true },
  });
  expect(await costOf(account, "e1")).toBe(9);
  const { data } = (await get("/notifications")) as { data: readonly { data: { kind: string } }[] };
  const told = data.filter(({ data: { kind } }) => kind === "account_rates_changed");
  expect(told).toHaveLength(3);
  expect(told).toContainEqual(
    expect.objectContaining({ data: expect.objectContaining({ shortNotice: true }) }),
  );
});

test("a version that is not in force yet can be withdrawn", async () => {
  const account = await openClocked(sandbox);
  const { send, get } = account;
  await send("PUT", "/rates", { rates: [rate(8)] });
  await send("PUT", "/rates", { rates: [rate(5)], effectiveAt: "2026-11-20T00:00:00Z" });
  const withdraw = (version: unknown) => send("DELETE", `/rates/versions/${version}`);
  expect(await withdraw(1)).toMatchObject({ status: 409, body: { code: "rates_in_force" } });
  expect(await withdraw(2)).toMatchObject({ status: 200, body: { version: 2, inForce: false } });
  expect(await withdraw(2)).toMatchObject({ status: 404, body: { code: "unknown_rates" } });
  expect(badFields(refused(await withdraw("x")))).toEqual(["version"]);
  expect(await get("/rates/versions")).toMatchObject({ data: [{ version: 1 }] });
  expect(await get("/rates")).toMatchObject({ changes: [] });
});

test("rates for what the sheet does not have, in the past or twice are refused by their field", async () => {
  const { send } = await openClocked(sandbox);
  const put = async (body: unknown) => refused(await send("PUT", "/rates", body));
  const unknown = await put({ rates: [rate(1), { ...rate(1), feature: "robot" }, rate(1, "question")] });
  expect(unknown).toMatchObject({ status: 422, body: { code: "unknown_rate" } });
  expect(badFields(unknown)).toEqual(["rates.1.feature", "rates.2.action"]);
  expect(unknown.body.detail).toContain("answer, tokens");
  const past = await put({ rates: [rate(1)], effectiveAt: "2026-11-14T08:59:59Z" });
  expect(past).toMatchObject({ status: 422, body: { code: "rates_in_past" } });
  expect(badFields(past)).toEqual(["effectiveAt"]);
  expect(badFields(await put({ rates: [rate(1), rate(2)] }))).toEqual(["rates.1.action"]);
  expect(badFields(await put({ rates: [rate(-1), rate(1, "tokens", { per: 0 })] }))).toEqual([
    "rates.0.credits",
    "rates.1.per",
  ]);
  const before = await put({ rates: [rate(1)], effectiveAt: "2025-01-01T00:00:00Z" });
  expect(before).toMatchObject({ status: 409, body: { code: "no_rate_sheet" } });
});

test("an account keeps so many versions that may still count, no more", async () => {
  const { send } = await openClocked(sandbox);
  for (let version = 1; version <= 20; version += 1) {
    const effectiveAt = `2027-01-${`${version}`.padStart(2, "0")}T00:00:00Z`;
    expect(await send("PUT", "/rates", { rates: [rate(1)], effectiveAt })).toMatchObject({ status: 200 });
  }
  const full = await send("PUT", "/rates", { rates: [rate(1)], effectiveAt: "2027-02-01T00:00:00Z" });
  expect(full).toMatchObject({ status: 409, body: { code: "too_many_versions" } });
});
