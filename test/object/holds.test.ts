/** Holds over HTTP (rules, 3.4, 3.9, 4 and 9.3): reserved, captured, released, expired, each exactly once. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Account } from "../../workers/account/account.ts";
import { answers, CONTEXT, openTestAccount, publishOffer, rowsWritten } from "./fixtures.ts";
import { START, UsageCaller } from "./usage-api.ts";

const RATE_CHANGE = Date.parse("2026-06-01T00:00:00Z");
const MILLION = 1_000_000;

beforeAll(async () => {
  await publishOffer();
  // From then on an answer costs 2 credits.
  await env.DB.prepare(
    `INSERT INTO rate_sheets (version, effective_at_ms, published_at_ms, features)
     SELECT 2, ?, 0, replace(features, '"creditsMicros":1000000,"perMicros":1000000,', '"creditsMicros":2000000,"perMicros":1000000,')
       FROM rate_sheets WHERE version = 1`,
  )
    .bind(RATE_CHANGE)
    .run();
});

async function withPack(setting: "auto_upgrade" | "pay_as_you_go", maximum: number | null = null) {
  const caller = await UsageCaller.open();
  const maximumMicros = maximum === null ? null : maximum * MILLION;
  await caller.execute({ kind: "buy_pack", pack: "p1000", quantity: 1, setting, maximumMicros });
  return caller;
}

function evict(caller: UsageCaller): Promise<void> {
  return evictDurableObject(env.ACCOUNT.getByName(caller.account.key));
}

describe("a hold", () => {
  test("reserves what others may not spend, and gives back what its capture leaves (worked example 13)", async () => {
    const caller = await UsageCaller.open({ includedCredits: 60 });
    expect(await caller.hold("job", 50)).toMatchObject({
      status: 200,
      body: {
        allowed: true,
        replayed: false,
        id: "job",
        credits: 50,
        balance: { used: 0, held: 50, remaining: 10, available: 10, state: "active" },
        hold: {
          status: "open",
          credits: 50,
          openedAt: "2026-01-20T12:00:00Z",
          expiresAt: "2026-01-20T12:15:00Z",
          settledAt: null,
          feature: "assistant",
          items: [{ action: "answer", quantity: 50, credits: 50 }],
          rateVersion: 1,
        },
      },
    });
    const denied = await caller.consume("event", 20);
    expect(denied.body).toMatchObject({ allowed: false, reason: "credits_exhausted" });
    expect(await caller.captureOf("job", 30)).toMatchObject({
      status: 200,
      body: {
        allowed: true,
        credits: 30,
        entry: { seq: 1, period: "2026-01-14" },
        balance: { used: 30, held: 0, remaining: 30 },
        hold: { status: "captured", credits: 50, entry: { seq: 1, credits: 30 } },
      },
    });
    expect((await caller.consume("event", 20)).body).toMatchObject({
      allowed: true,
      balance: { remaining: 10 },
    });
  });

  test("says in its header fields what is left", async () => {
    const caller = await UsageCaller.open({ includedCredits: 60 });
    const { headers } = await caller.hold("job", 50.5);
    expect(headers.get("RateLimit")).toMatch(/^"credits";r=9;t=\d+$/);
    expect(headers.get("RateLimit-Policy")).toMatch(/^"credits";q=60;w=\d+$/);
  });

  test("that does not fit is denied whole, and may be tried again under its id", async () => {
    const caller = await UsageCaller.open({ includedCredits: 60 });
    expect(await caller.hold("job", 60.000001)).toMatchObject({
      status: 200,
      body: {
        allowed: false,
        id: "job",
        reason: "credits_exhausted",
        credits: 60.000001,
        balance: { held: 0, remaining: 60 },
        resolve: ["buy_pack", "wait_for_reset"],
      },
    });
    expect((await caller.hold("job", 60)).body).toMatchObject({ allowed: true, replayed: false });
  });

  test("buys no pack and is no overage: released, nothing was added (worked example 17)", async () => {
    const caller = await withPack("auto_upgrade");
    await caller.consume("before", 1490);
    expect((await caller.hold("job", 50)).body).toMatchObject({
      allowed: true,
      balance: { limit: 1500, used: 1490, held: 50, available: null, overage: 0 },
    });
    const facts = await caller.facts();
    expect((await caller.release("job")).body).toMatchObject({
      balance: { limit: 1500, held: 0 },
      hold: { status: "released" },
    });
    expect(await caller.facts()).toEqual(facts);
  });

  test.each(["auto_upgrade", "pay_as_you_go"] as const)("fits into the ceiling in %s", async (setting) => {
    const caller = await withPack(setting, 1600);
    expect((await caller.hold("a", 1600.5)).body).toMatchObject({
      allowed: false,
      reason: "max_monthly_limit_reached",
      resolve: ["raise_maximum", "wait_for_reset"],
    });
    expect((await caller.hold("a", 1600)).body).toMatchObject({ allowed: true });
    expect((await caller.consume("b", 0.5)).body).toMatchObject({ reason: "max_monthly_limit_reached" });
  });

  test("of 0 credits is held although nothing is left", async () => {
    const caller = await UsageCaller.open({ includedCredits: 1 });
    await caller.consume("all", 1);
    expect((await caller.hold("job", 0)).body).toMatchObject({ allowed: true, credits: 0 });
  });

  test("is denied where its use would be", async () => {
    const caller = await UsageCaller.open();
    await caller.execute({ kind: "change_feature", feature: "assistant", paused: true });
    expect((await caller.hold("job", 1)).body).toMatchObject({
      reason: "feature_paused",
      resolve: ["resume_feature"],
    });
    await caller.execute({ kind: "suspend", reason: "unpaid" });
    expect((await caller.hold("job", 1)).body).toMatchObject({
      reason: "account_suspended",
      balance: { state: "suspended" },
      resolve: ["contact_operator"],
    });
  });

  test("of 0 credits counts too: 5,000 may be open at once, and one that is released makes room", async () => {
    const account = await openTestAccount();
    await runInDurableObject(env.ACCOUNT.getByName(account.key), async (instance: Account) => {
      const open = (index: number) =>
        instance.hold({ event: answers(`h${index}`, 0), holdMs: 60_000 }, CONTEXT);
      for (let index = 0; index < 5_000; index += 1) await open(index);
      expect(await open(5_000)).toEqual({ kind: "too_many_holds", max: 5_000 });
      expect(await open(0)).toMatchObject({ kind: "held", replayed: true });
      await instance.release("h7", CONTEXT);
      expect(await open(5_000)).toMatchObject({ kind: "held", replayed: false });
    });
  });

  test("lives on through an eviction, captures and releases included", async () => {
    const caller = await UsageCaller.open({ includedCredits: 100 });
    for (const id of ["captured", "released", "open"]) await caller.hold(id, 20);
    await evict(caller);
    expect(await caller.balance()).toMatchObject({ held: 60, remaining: 40 });
    expect((await caller.captureOf("captured", 5)).body).toMatchObject({ balance: { used: 5, held: 40 } });
    await caller.release("released");
    await evict(caller);
    expect(await caller.balance()).toMatchObject({ used: 5, held: 20, remaining: 75 });
    expect((await caller.readHold("open")).body).toMatchObject({ hold: { status: "open" } });
    expect((await caller.captureOf("captured", 5)).body).toMatchObject({ replayed: true, entry: { seq: 1 } });
  });
});

describe("what parallel callers hold and use", () => {
  test("never passes the ceiling", async () => {
    const caller = await UsageCaller.open({ includedCredits: 50 });
    const calls = Array.from({ length: 60 }, (_, index) =>
      index % 2 === 0 ? caller.hold(`h${index}`, 1.5) : caller.consume(`e${index}`, 1.5),
    );
    const allowed = (await Promise.all(calls)).filter(({ body }) => body.allowed);
    expect(allowed).toHaveLength(33);
    expect(await caller.balance()).toMatchObject({ remaining: 0.5 });
  });
});

describe("a capture", () => {
  test("is priced by the rates of the hold's time", async () => {
    const caller = await UsageCaller.open({}, RATE_CHANGE - 60_000);
    await caller.hold("job", 10);
    await caller.advanceMinutes(2);
    expect((await caller.captureOf("job", 8)).body).toMatchObject({ credits: 8 });
    expect((await caller.consume("later", 8)).body).toMatchObject({ credits: 16 });
    expect(await caller.fate("job")).toMatchObject({ entry: { rateVersion: 1 } });
  });

  test("without items books what was held", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 12.5);
    expect((await caller.capture("job")).body).toMatchObject({ allowed: true, credits: 12.5 });
  });

  test("may price other actions than were held, and carries outcome and properties", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 10, { user: "ann", properties: { model: "large" } });
    const items = [
      { action: "tokens", quantity: 1500 },
      { action: "answer", quantity: 2 },
    ];
    const more = { outcome: { type: "solved", value: { amountMinor: 5, currency: "USD" } } };
    expect((await caller.capture("job", { items, ...more })).body).toMatchObject({ credits: 3.5 });
    expect(await caller.log()).toMatchObject([
      {
        kind: "use",
        id: "job",
        user: "ann",
        items: [{ credits: 1.5 }, { credits: 2 }],
        outcome: more.outcome,
        properties: { model: "large" },
        hold: { credits: 10, openedAt: "2026-01-20T12:00:00Z" },
      },
    ]);
  });

  test("up to the held amount is booked whatever happened since", async () => {
    const caller = await withPack("pay_as_you_go", 1000);
    await caller.execute({ kind: "put_user", user: "ann", teams: [] });
    await caller.hold("job", 600, { user: "ann" });
    await caller.execute({ kind: "change_settings", maximumMicros: 100 * MILLION });
    await caller.execute({
      kind: "change_feature",
      feature: "assistant",
      paused: true,
      access: { users: [], teams: [] },
    });
    await caller.execute({ kind: "suspend", reason: "unpaid" });
    const { body } = await caller.captureOf("job", 600);
    // The lowered maximum covers 100 of it.
    expect(body).toMatchObject({
      allowed: true,
      credits: 600,
      overdraft: 500,
      balance: { used: 600, held: 0 },
    });
    expect(body).not.toHaveProperty("wouldDeny");
  });

  test("above the hold is decided like a consume: denied, nothing is booked and less may be captured", async () => {
    const caller = await UsageCaller.open({ includedCredits: 60 });
    await caller.hold("job", 50);
    expect(await caller.captureOf("job", 60.5)).toMatchObject({
      status: 200,
      body: {
        allowed: false,
        id: "job",
        reason: "credits_exhausted",
        credits: 60.5,
        balance: { used: 0, held: 50 },
      },
    });
    expect((await caller.readHold("job")).body).toMatchObject({ hold: { status: "open" } });
    expect((await caller.captureOf("job", 60)).body).toMatchObject({ allowed: true, credits: 60 });
  });

  test("above the hold is booked as a fact with overflow record", async () => {
    const caller = await UsageCaller.open({ includedCredits: 60 });
    await caller.hold("job", 50);
    expect((await caller.captureOf("job", 65, { overflow: "record" })).body).toMatchObject({
      allowed: true,
      credits: 65,
      overdraft: 5,
      wouldDeny: "credits_exhausted",
      balance: { used: 65, held: 0, state: "exhausted" },
    });
  });

  test("adds the packs that its use needs, which the hold did not", async () => {
    const caller = await withPack("auto_upgrade");
    await caller.consume("before", 1490);
    await caller.hold("job", 50);
    expect((await caller.capture("job")).body).toMatchObject({
      allowed: true,
      upgrade: { pack: "p1000", packs: 1 },
      balance: { limit: 2500, used: 1540 },
    });
  });

  test("after the reset counts in the new period; held counted as unused in the old (worked example 18)", async () => {
    const end = Date.parse("2026-02-14T00:00:00Z");
    const caller = await UsageCaller.open({ includedCredits: 1000 }, end - 60_000);
    await caller.consume("before", 990);
    await caller.hold("job", 10);
    await caller.advanceTo(end);
    expect(await caller.balance()).toMatchObject({ used: 0, held: 10, remaining: 990 });
    expect((await caller.capture("job")).body).toMatchObject({
      entry: { period: "2026-02-14" },
      balance: { used: 10, held: 0 },
    });
    const [fact] = await caller.facts();
    expect(fact).toMatchObject({
      kind: "period_closed",
      closed: { period: "2026-01-14", usedMicros: 990 * MILLION, expiredMicros: 10 * MILLION },
    });
  });

  test("refuses an outcome in another currency, and books nothing", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 5);
    const outcome = { type: "solved", value: { amountMinor: 5, currency: "EUR" } };
    expect(await caller.capture("job", { outcome })).toMatchObject({
      status: 422,
      body: { code: "currency_differs", errors: [{ path: "outcome.value.currency" }] },
    });
    expect(await caller.balance()).toMatchObject({ used: 0, held: 5 });
  });
});

describe("the end of a hold", () => {
  test("comes by itself, by the account's clock", async () => {
    const caller = await UsageCaller.open({ includedCredits: 60 });
    await caller.hold("job", 50, { expiresInSeconds: 300 });
    await caller.advanceTo(START + 299_999);
    expect(await caller.balance()).toMatchObject({ held: 50 });
    await caller.advanceTo(START + 300_000);
    expect((await caller.readHold("job")).body).toMatchObject({
      balance: { held: 0, remaining: 60 },
      hold: { status: "expired", settledAt: "2026-01-20T12:05:00Z" },
    });
  });

  test("makes a capture a new event under its id, at the rates of then", async () => {
    const caller = await UsageCaller.open({ includedCredits: 60 }, RATE_CHANGE - 60_000);
    await caller.hold("job", 50, { expiresInSeconds: 30 });
    await caller.advanceMinutes(2);
    expect((await caller.captureOf("job", 50)).body).toMatchObject({
      allowed: false,
      reason: "credits_exhausted",
      credits: 100,
    });
    expect((await caller.captureOf("job", 30)).body).toMatchObject({
      allowed: true,
      credits: 60,
      hold: { status: "captured" },
    });
  });

  test("leaves its id to the same content, sent as a use", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 5);
    await caller.advanceMinutes(15);
    expect(await caller.consume("job", 6)).toMatchObject({ status: 409 });
    expect((await caller.consume("job", 5)).body).toMatchObject({ allowed: true, replayed: false });
    expect(await caller.fate("job")).toMatchObject({ status: "booked", entry: { credits: 5 } });
  });

  test("by release gives it back once; what was released cannot be captured", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 5);
    const first = await caller.release("job");
    expect(first).toMatchObject({
      status: 200,
      body: { replayed: false, credits: 5, hold: { status: "released" }, balance: { held: 0 } },
    });
    const again = await caller.release("job");
    expect(again.body).toEqual({ ...first.body, replayed: true });
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await caller.capture("job")).toMatchObject({
      status: 409,
      body: { code: "hold_settled", errors: [{ path: "id", message: "released" }] },
    });
  });

  test("by capture is once: the same again answers again, other values are a conflict", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 5);
    const first = await caller.captureOf("job", 3);
    const again = await caller.captureOf("job", 3);
    expect(again.body).toEqual({ ...first.body, replayed: true });
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    for (const settle of [
      () => caller.captureOf("job", 4),
      () => caller.captureOf("job", 3, { overflow: "record" }),
      () => caller.capture("job"),
      () => caller.release("job"),
    ]) {
      expect(await settle()).toMatchObject({
        status: 409,
        body: { code: "hold_settled", errors: [{ path: "id", message: "captured" }] },
      });
    }
    expect(await caller.balance()).toMatchObject({ used: 3, held: 0 });
  });

  test("comes with the account's: it is released, for good", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 5);
    await caller.execute({ kind: "close", reason: "left" });
    expect((await caller.readHold("job")).body).toMatchObject({
      hold: { status: "released" },
      balance: { held: 0 },
    });
    await evict(caller);
    expect((await caller.readHold("job")).body).toMatchObject({ balance: { held: 0 } });
    expect((await caller.release("job")).body).toMatchObject({ replayed: true });
    expect(await caller.capture("job")).toMatchObject({ status: 409, body: { code: "account_closed" } });
    expect(await caller.hold("other", 1)).toMatchObject({ status: 409, body: { code: "account_closed" } });
  });
});

describe("the id of a hold", () => {
  test("answers again with the same content, and is refused with other content", async () => {
    const caller = await UsageCaller.open();
    const first = await caller.hold("job", 5);
    const again = await caller.hold("job", 5);
    expect(again.body).toEqual({ ...first.body, replayed: true });
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await caller.hold("job", 6)).toMatchObject({
      status: 409,
      body: { code: "idempotency_conflict" },
    });
    expect(await caller.balance()).toMatchObject({ held: 5 });
  });

  test("is refused to uses while it is open", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 5);
    expect(await caller.consume("job", 5)).toMatchObject({
      status: 409,
      body: { code: "idempotency_conflict" },
    });
    expect(await caller.record("job", 5)).toMatchObject({ problem: { code: "idempotency_conflict" } });
  });

  test("that was booked already answers with its booking", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("job", 5);
    const { body } = await caller.hold("job", 5);
    expect(body).toMatchObject({ allowed: true, replayed: true, entry: { seq: 1 }, balance: { held: 0 } });
    expect(body).not.toHaveProperty("hold");
    expect(await caller.hold("job", 6)).toMatchObject({ status: 409 });
  });

  test.each(["a/b", "a b", "100%", "%2F", "?x=1#y", "ü😀", '"\\', "+", "..."])(
    "%j travels in a path",
    async (id) => {
      const caller = await UsageCaller.open();
      expect(await caller.hold(id, 2)).toMatchObject({ status: 200 });
      expect((await caller.readHold(id)).body).toMatchObject({ id, hold: { status: "open" } });
      expect(await caller.capture(id)).toMatchObject({ status: 200, body: { id } });
      expect(await caller.fate(id)).toMatchObject({ id, status: "booked" });
    },
  );

  test.each([".", ".."])("%j cannot, and is refused", async (id) => {
    const caller = await UsageCaller.open();
    expect(await caller.hold(id, 2)).toMatchObject({ status: 422, body: { errors: [{ path: "id" }] } });
  });

  test("that nobody held is unknown", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("used", 1);
    for (const id of ["nothing", "used"]) {
      const unknown = { status: 404, body: { code: "unknown_hold" } };
      expect(await caller.readHold(id)).toMatchObject(unknown);
      expect(await caller.capture(id)).toMatchObject(unknown);
      expect(await caller.release(id)).toMatchObject(unknown);
    }
    expect(await caller.post("holds/x/release", { account: "nobody" })).toMatchObject({
      status: 404,
      body: { code: "account_not_found" },
    });
  });
});

describe("a bad field", () => {
  test.each([
    [{ expiresInSeconds: 0 }, "expiresInSeconds"],
    [{ expiresInSeconds: 86_401 }, "expiresInSeconds"],
    [{ expiresInSeconds: 1.5 }, "expiresInSeconds"],
    [{ action: undefined, quantity: undefined }, "items"],
    [{ mode: "record" }, "mode"],
  ])("of a hold is named: %j", async (more, path) => {
    const caller = await UsageCaller.open();
    expect(await caller.hold("job", 1, more)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });

  test.each([
    [{ quantity: 1 }, "action"],
    [{ action: "answer" }, "quantity"],
    [{ items: [] }, "items"],
    [{ overflow: "deny" }, "overflow"],
    [{ user: "ann" }, "user"],
  ])("of a capture is named: %j", async (more, path) => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 1);
    expect(await caller.capture("job", more)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
    expect(await caller.captureOf("job", 1, { action: "nothing" })).toMatchObject({
      status: 422,
      body: { code: "unknown_action" },
    });
  });

  test("a day is the longest", async () => {
    const caller = await UsageCaller.open();
    expect((await caller.hold("job", 1, { expiresInSeconds: 86_400 })).body).toMatchObject({
      hold: { expiresAt: "2026-01-21T12:00:00Z" },
    });
  });
});

describe("a hard budget", () => {
  const ann = { user: "ann" };

  async function withBudget(): Promise<UsageCaller> {
    const caller = await UsageCaller.open();
    const budget = { subject: "user", key: "ann", creditsMicros: 10 * MILLION, hard: true } as const;
    await caller.execute({ kind: "put_budget", budget: "anns", ...budget });
    return caller;
  }

  const denied = {
    allowed: false,
    reason: "budget_exhausted",
    budget: "anns",
    resolve: ["raise_budget", "wait_for_reset"],
  };

  test("counts what is held, and is named where it denies", async () => {
    const caller = await withBudget();
    await caller.hold("job", 8, ann);
    expect((await caller.consume("a", 3, ann)).body).toMatchObject(denied);
    expect((await caller.hold("b", 3, ann)).body).toMatchObject(denied);
    expect((await caller.post("check", caller.event("a", 3, ann))).body).toMatchObject(denied);
    expect((await caller.consume("a", 3, { user: "bob" })).body).toMatchObject({ allowed: true });
    expect((await caller.captureOf("job", 11)).body).toMatchObject(denied);
    expect((await caller.captureOf("job", 6)).body).toMatchObject({ allowed: true });
    expect((await caller.consume("c", 4, ann)).body).toMatchObject({ allowed: true });
    expect((await caller.consume("d", 0.5, ann)).body).toMatchObject(denied);
  });

  test("counts the same after an eviction", async () => {
    const caller = await withBudget();
    await caller.hold("job", 8, ann);
    await caller.hold("released", 2, ann);
    await caller.release("released");
    await caller.consume("a", 1, ann);
    await evict(caller);
    expect((await caller.consume("b", 1, ann)).body).toMatchObject({ allowed: true });
    await caller.captureOf("job", 6);
    await evict(caller);
    expect((await caller.consume("c", 2.5, ann)).body).toMatchObject(denied);
    expect((await caller.consume("c", 2, ann)).body).toMatchObject({ allowed: true });
  });
});

describe("rows written", () => {
  async function rowsOf(caller: UsageCaller, act: () => Promise<unknown>): Promise<number> {
    const before = await rowsWritten(caller.account);
    await act();
    return (await rowsWritten(caller.account)) - before;
  }

  test("one to hold, one to capture, one to release; none for a replay", async () => {
    const caller = await UsageCaller.open();
    // The first of a period makes its table.
    await caller.hold("first", 1);
    await caller.release("first");
    expect(await rowsOf(caller, () => caller.hold("a", 1))).toBe(1);
    expect(await rowsOf(caller, () => caller.hold("b", 1))).toBe(1);
    await rowsOf(caller, () => caller.consume("arms the alarm", 1));
    expect(await rowsOf(caller, () => caller.capture("a"))).toBe(1);
    expect(await rowsOf(caller, () => caller.release("b"))).toBe(1);
    const replays = async () => {
      await caller.hold("a", 1);
      await caller.capture("a");
      await caller.release("b");
    };
    expect(await rowsOf(caller, replays)).toBe(0);
  });

  test("none when it expires by itself, nor to be rebuilt without it", async () => {
    const account = await openTestAccount();
    const stub = env.ACCOUNT.getByName(account.key);
    for (const id of ["a", "b"]) await account.api.hold({ event: answers(id), holdMs: 60_000 }, CONTEXT);
    const before = await rowsWritten(account);
    const heldThen = () =>
      runInDurableObject(stub, async (instance: Account) => {
        const thenMs = Date.now() + 61_000;
        const clock = vi.spyOn(Date, "now").mockImplementation(() => thenMs);
        const view = await instance.view(CONTEXT);
        clock.mockRestore();
        return view.kind === "view" ? view.balance.heldMicros : null;
      });
    expect(await heldThen()).toBe(0);
    expect(await rowsWritten(account)).toBe(before);
    await evictDurableObject(stub);
    expect(await heldThen()).toBe(0);
  });

  test("two to capture after a reset: the row moves to the period of its entry", async () => {
    const end = Date.parse("2026-02-14T00:00:00Z");
    const caller = await UsageCaller.open({}, end - 60_000);
    await caller.hold("job", 1);
    await caller.advanceTo(end);
    await caller.consume("first of the period", 1);
    expect(await rowsOf(caller, () => caller.capture("job"))).toBe(2);
    await evict(caller);
    expect((await caller.capture("job")).body).toMatchObject({ replayed: true });
    expect(await caller.balance()).toMatchObject({ used: 2, held: 0 });
  });
});
