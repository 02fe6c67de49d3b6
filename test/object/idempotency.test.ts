/** Ids over HTTP (rules, section 4), and what a decision says (3.2, 3.6, 3.7): booked once, answered alike. */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { publishOffer } from "./fixtures.ts";
import { START, UsageCaller } from "./usage-api.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

beforeAll(async () => {
  await publishOffer();
});

const FULL = {
  user: "ann",
  workflow: "triage",
  subject: "ticket/1",
  occurredAt: "2026-01-20T11:00:00Z",
  outcome: { type: "solved", value: { amountMinor: 5, currency: "USD" } },
  properties: { model: "large", tries: 2 },
};

describe("an id", () => {
  test("sent 13 times at once is booked once, and answered alike (worked example 14)", async () => {
    const caller = await UsageCaller.open();
    const answers = await Promise.all(Array.from({ length: 13 }, () => caller.consume("a", 2)));
    const replayed = answers.filter(({ body }) => body.allowed && body.replayed);
    expect(replayed).toHaveLength(12);
    for (const { body, headers } of replayed) {
      expect(body).toMatchObject({ allowed: true, credits: 2, entry: { seq: 1, period: "2026-01-14" } });
      expect(headers.get("Idempotent-Replayed")).toBe("true");
    }
    expect(await caller.balance()).toMatchObject({ used: 2 });
  });

  test("answers with credits and entry as then, and the balance as now", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 2, FULL);
    await caller.consume("b", 3);
    await evictDurableObject(env.ACCOUNT.getByName(caller.account.key));
    expect((await caller.consume("a", 2, FULL)).body).toMatchObject({
      replayed: true,
      credits: 2,
      entry: { seq: 1 },
      balance: { used: 5 },
    });
  });

  test("is one space for consume, record and check, whose content is the same", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 2, FULL);
    expect(await caller.record("a", 2, FULL)).toMatchObject({ replayed: true, entry: { seq: 1 } });
    await caller.record("b", 1);
    expect((await caller.consume("b", 1)).body).toMatchObject({ replayed: true, entry: { seq: 2 } });
    const { action, quantity, ...event } = caller.event("a", 2, FULL);
    const reordered = { ...event, properties: { tries: 2, model: "large" }, items: [{ action, quantity }] };
    for (const path of ["check", "consume"]) {
      expect((await caller.post(path, reordered)).body).toMatchObject({ replayed: true, entry: { seq: 1 } });
    }
  });

  test.each([
    { quantity: 3 },
    { action: "tokens" },
    { feature: "assistant2" },
    { user: "bob" },
    { user: undefined },
    { workflow: "other" },
    { subject: "ticket/2" },
    { occurredAt: "2026-01-20T11:00:01Z" },
    { outcome: { type: "solved" } },
    { properties: { model: "large", tries: 3 } },
  ])("is refused with other content: %j", async (change) => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 2, FULL);
    const conflict = { code: "idempotency_conflict", errors: [{ path: "id" }] };
    const changed = { ...FULL, ...change };
    expect(await caller.consume("a", 2, changed)).toMatchObject({ status: 409, body: conflict });
    expect(await caller.record("a", 2, changed)).toMatchObject({ id: "a", problem: conflict });
    expect(await caller.balance()).toMatchObject({ used: 2 });
  });

  test("that was denied may be tried again, with other content too", async () => {
    const caller = await UsageCaller.open({ includedCredits: 5 });
    expect((await caller.consume("a", 6)).body).toMatchObject({ allowed: false, balance: { used: 0 } });
    expect((await caller.consume("a", 5, { user: "ann" })).body).toMatchObject({
      allowed: true,
      replayed: false,
    });
  });

  test("is known for 35 days, and until the following period has closed", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 2);
    await caller.advanceTo("2026-03-13T23:59:59Z");
    expect((await caller.consume("a", 2)).body).toMatchObject({
      replayed: true,
      entry: { period: "2026-01-14" },
      balance: { used: 0 },
    });
    expect(await caller.consume("a", 3)).toMatchObject({ status: 409 });
  });
});

describe("a check", () => {
  test("answers as consume would, and takes nothing", async () => {
    const caller = await UsageCaller.open({ includedCredits: 5 });
    const check = (quantity: number) => caller.post<object>("check", caller.event("a", quantity));
    const { body } = await check(5);
    expect(body).toMatchObject({ allowed: true, replayed: false, credits: 5, balance: { used: 0 } });
    expect(body).not.toHaveProperty("entry");
    expect((await check(5.5)).body).toMatchObject({
      allowed: false,
      reason: "credits_exhausted",
      credits: 5.5,
    });
    expect(await caller.log()).toEqual([]);
  });
});

describe("a denial", () => {
  test("names what stops it before what it costs", async () => {
    const caller = await UsageCaller.open({ includedCredits: 1 });
    const reasonOf = async () => (await caller.consume("a", 5, { user: "ann" })).body;
    expect(await reasonOf()).toMatchObject({ reason: "credits_exhausted" });
    const access = { users: ["bob"], teams: [] };
    await caller.execute({ kind: "change_feature", feature: "assistant", access });
    expect(await reasonOf()).toMatchObject({ reason: "not_permitted", resolve: ["grant_access"] });
    await caller.execute({ kind: "change_feature", feature: "assistant", paused: true });
    expect(await reasonOf()).toMatchObject({ reason: "feature_paused" });
    await caller.execute({ kind: "suspend", reason: "unpaid" });
    expect(await reasonOf()).toMatchObject({
      reason: "account_suspended",
      resolve: ["contact_operator"],
      balance: { state: "suspended" },
    });
  });

  test("of a closed account is one of a suspended one; a record is refused", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("before", 1);
    await caller.execute({ kind: "close", reason: "left" });
    expect((await caller.consume("a", 1)).body).toMatchObject({ reason: "account_suspended" });
    expect(await caller.record("a", 1)).toMatchObject({
      id: "a",
      problem: { status: 409, code: "account_closed" },
    });
    expect((await caller.consume("before", 1)).body).toMatchObject({ allowed: true, replayed: true });
  });
});

describe("an event", () => {
  test("is refused with an outcome in another currency", async () => {
    const caller = await UsageCaller.open();
    const more = { outcome: { type: "solved", value: { amountMinor: 5, currency: "EUR" } } };
    const problem = {
      code: "currency_differs",
      detail: expect.stringContaining("USD"),
      errors: [{ path: "outcome.value.currency" }],
    };
    expect(await caller.consume("a", 1, more)).toMatchObject({ status: 422, body: problem });
    expect(await caller.record("a", 1, more)).toMatchObject({ problem });
  });

  test("of a closed period is booked into the open one, and marked late", async () => {
    const caller = await UsageCaller.open({}, START + 30 * DAY_MS);
    const occurredAt = "2026-02-01T10:00:00Z";
    expect(await caller.record("a", 2, { occurredAt })).toMatchObject({ entry: { period: "2026-02-14" } });
    await caller.record("b", 2, { occurredAt: "2026-02-14T00:00:00Z" });
    await caller.hold("job", 2, { occurredAt });
    await caller.capture("job");
    expect(await caller.log()).toMatchObject([
      { id: "job", late: true, occurredAt, day: "2026-02-01" },
      { id: "b", late: false },
      { id: "a", late: true, occurredAt, day: "2026-02-01", bookedAt: "2026-02-19T12:00:00Z" },
    ]);
    expect(await caller.balance()).toMatchObject({ used: 6 });
  });

  test.each(["2026-01-15T11:59:59.999Z", "2026-02-19T12:05:00.001Z"])(
    "that occurred at %s is out of bounds",
    async (occurredAt) => {
      const caller = await UsageCaller.open({}, START + 30 * DAY_MS);
      for (const path of ["consume", "check", "holds"]) {
        expect(await caller.post(path, caller.event("a", 1, { occurredAt }))).toMatchObject({
          status: 422,
          body: { errors: [{ path: "occurredAt" }] },
        });
      }
    },
  );
});
