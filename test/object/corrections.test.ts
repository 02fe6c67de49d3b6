/** Corrections and outcomes over HTTP (rules, 3.8 and 10.5): new entries that name an event, which never changes. */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { publishOffer } from "./fixtures.ts";
import { ship } from "./report-fixtures.ts";
import { START, UsageCaller } from "./usage-api.ts";

const MILLION = 1_000_000;
const PERIOD_END = Date.parse("2026-02-14T00:00:00Z");

beforeAll(async () => {
  await publishOffer();
});

async function payAsYouGo(maximum: number | null = null): Promise<UsageCaller> {
  const caller = await UsageCaller.open({ includedCredits: 5000 });
  const maximumMicros = maximum === null ? null : maximum * MILLION;
  await caller.execute({
    kind: "buy_pack",
    pack: "p1000",
    quantity: 1,
    setting: "pay_as_you_go",
    maximumMicros,
  });
  return caller;
}

function evict(caller: UsageCaller): Promise<void> {
  return evictDurableObject(env.ACCOUNT.getByName(caller.account.key));
}

describe("a correction in the open period", () => {
  test("gives the credits back by a new entry that names the event", async () => {
    const caller = await UsageCaller.open();
    const more = { user: "ann", workflow: "triage", subject: "ticket/1" };
    await caller.consume("a", 10, more);
    expect(await caller.correct("a", { credits: 4 })).toMatchObject({
      status: 201,
      body: {
        replayed: false,
        id: "cor_2",
        event: "a",
        credits: 4,
        overdraft: 0,
        period: { name: "2026-01-14", open: true },
        moneyCredit: null,
        entry: { seq: 2, period: "2026-01-14" },
        balance: { used: 6, remaining: 494 },
      },
    });
    expect(await caller.log()).toMatchObject([
      {
        seq: 2,
        kind: "correction",
        id: "cor_2",
        credits: -4,
        items: [{ action: "answer", quantity: 0, credits: -4 }],
        correction: { event: "a", seq: 1, period: "2026-01-14", credits: 4, reason: "answered twice" },
        ...more,
      },
      { seq: 1, kind: "use", id: "a", credits: 10, mode: "consume" },
    ]);
  });

  test("reverses all that is left where it says no credits, never more than the event", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 10);
    await caller.correct("a", { credits: 4.5 });
    expect(await caller.correct("a", { credits: 5.6 })).toMatchObject({
      status: 422,
      body: { code: "correction_too_large", detail: expect.stringContaining("5.5 credits") },
    });
    expect((await caller.correct("a")).body).toMatchObject({ credits: 5.5, balance: { used: 0 } });
    expect(await caller.correct("a")).toMatchObject({
      status: 422,
      body: { code: "correction_too_large", detail: expect.stringContaining("0 credits") },
    });
    expect((await caller.log())[0]).toMatchObject({ items: [{ quantity: 0, credits: -5.5 }] });
  });

  test("reverses the overdraft first", async () => {
    const caller = await payAsYouGo(6000);
    await caller.consume("before", 5990);
    await caller.record("a", 50);
    expect(await caller.view()).toMatchObject({ usedMicros: 6040 * MILLION, overdraftMicros: 40 * MILLION });
    expect((await caller.correct("a", { credits: 30 })).body).toMatchObject({ credits: 30, overdraft: 30 });
    expect((await caller.correct("a", { credits: 15 })).body).toMatchObject({ credits: 15, overdraft: 10 });
    await evict(caller);
    expect(await caller.view()).toMatchObject({ usedMicros: 5995 * MILLION, overdraftMicros: 0 });
    expect((await caller.correct("a")).body).toMatchObject({ credits: 5, overdraft: 0 });
  });

  test("may end a pause, and arms no threshold again", async () => {
    const caller = await UsageCaller.open({ includedCredits: 100 });
    await caller.consume("a", 100);
    expect(await caller.balance()).toMatchObject({ state: "exhausted" });
    const notices = await caller.notices();
    expect((await caller.correct("a", { credits: 30 })).body).toMatchObject({ balance: { state: "active" } });
    expect((await caller.consume("b", 30)).body).toMatchObject({ allowed: true });
    expect(await caller.notices()).toEqual(notices);
  });

  test("removes no pack", async () => {
    const caller = await UsageCaller.open();
    await caller.execute({ kind: "buy_pack", pack: "p1000", quantity: 1 });
    await caller.consume("a", 1600);
    expect((await caller.correct("a")).body).toMatchObject({ balance: { limit: 2500, used: 0 } });
  });

  test("counts in the budgets of its event", async () => {
    const caller = await UsageCaller.open();
    const budget = { subject: "user", key: "ann", creditsMicros: 10 * MILLION, hard: true } as const;
    await caller.execute({ kind: "put_budget", budget: "anns", ...budget });
    await caller.consume("a", 10, { user: "ann" });
    await caller.correct("a", { credits: 3 });
    await evict(caller);
    expect((await caller.consume("b", 3, { user: "ann" })).body).toMatchObject({ allowed: true });
    expect((await caller.consume("c", 1, { user: "ann" })).body).toMatchObject({ budget: "anns" });
  });

  test("spreads over the parts of an event, to the micro-credit", async () => {
    const caller = await UsageCaller.open();
    const items = [
      { action: "answer", quantity: 1 },
      { action: "tokens", quantity: 1000 },
      { action: "answer", quantity: 1 },
    ];
    await caller.post("consume", { account: caller.id, id: "a", feature: "assistant", items });
    await caller.correct("a", { credits: 1 });
    expect((await caller.log())[0]?.items.map(({ credits }) => credits)).toEqual([
      -0.333333, -0.333333, -0.333334,
    ]);
  });

  test("of a captured hold reverses what was booked", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 10);
    await caller.captureOf("job", 4);
    expect((await caller.correct("job")).body).toMatchObject({ credits: 4, balance: { used: 0, held: 0 } });
  });
});

describe("the Idempotency-Key of a correction", () => {
  test("answers again as the first time, also after an eviction", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 10);
    const first = await caller.correct("a", { credits: 4 }, "key-1");
    await evict(caller);
    await caller.consume("b", 1);
    const again = await caller.correct("a", { credits: 4 }, "key-1");
    expect(again).toMatchObject({ status: 201, body: { id: "cor_2", replayed: true, balance: { used: 7 } } });
    expect(again.body).toMatchObject({ ...first.body, replayed: true, balance: { used: 7 } });
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await caller.correct("a", { credits: 5 }, "key-1")).toMatchObject({
      status: 409,
      body: { code: "idempotency_conflict" },
    });
    expect((await caller.correct("a", { credits: 4 }, "key-2")).body).toMatchObject({ replayed: false });
  });
});

describe("a correction of a closed period", () => {
  test("credits what was billed too much, in whole increments (worked example 19)", async () => {
    const caller = await payAsYouGo();
    await caller.consume("a", 6000);
    await caller.consume("b", 237.5);
    await caller.advanceTo(PERIOD_END);
    const before = await caller.facts();
    expect(before).toContainEqual(
      expect.objectContaining({
        kind: "period_closed",
        closed: expect.objectContaining({ overageMicros: 237.5 * MILLION, billedMicros: 230 * MILLION }),
      }),
    );
    await caller.consume("now", 5);
    expect((await caller.correct("b", { credits: 7 })).body).toMatchObject({
      credits: 7,
      period: { name: "2026-01-14", open: false },
      moneyCredit: { amountMinor: 0, currency: "USD" },
      entry: { period: "2026-02-14" },
      balance: { used: 5 },
    });
    expect((await caller.correct("b", { credits: 1 })).body).toMatchObject({
      moneyCredit: { amountMinor: 10, currency: "USD" },
      balance: { used: 5 },
    });
    expect((await caller.facts()).slice(before.length)).toMatchObject([
      {
        kind: "overage_corrected",
        source: "cor_4",
        period: "2026-01-14",
        eventId: "b",
        correctedMicros: 7 * MILLION,
        creditMinor: 0,
        corrected: { overageMicros: 230.5 * MILLION, billedMicros: 230 * MILLION },
      },
      {
        kind: "overage_corrected",
        source: "cor_5",
        correctedMicros: MILLION,
        creditMinor: 10,
        corrected: { overageMicros: 229.5 * MILLION, billedMicros: 220 * MILLION },
      },
    ]);
    expect(await caller.log()).toMatchObject([
      { kind: "correction", credits: 0, items: [], correction: { event: "b", credits: 1 } },
      { kind: "correction", credits: 0, items: [], correction: { event: "b", credits: 7 } },
      { kind: "use", credits: 5 },
      { kind: "use", credits: 237.5 },
      { kind: "use", credits: 6000 },
    ]);
  });

  test("reverses overdraft first, which was never billed", async () => {
    const caller = await payAsYouGo(6000);
    await caller.consume("before", 5990);
    await caller.record("a", 50);
    await caller.advanceTo(PERIOD_END);
    expect((await caller.correct("a")).body).toMatchObject({
      credits: 50,
      overdraft: 40,
      moneyCredit: { amountMinor: 0, currency: "USD" },
    });
  });

  test("of a closed account is owed at once", async () => {
    const caller = await payAsYouGo();
    await caller.consume("a", 6100);
    await caller.advanceMinutes(1);
    await caller.execute({ kind: "close", reason: "left" });
    expect((await caller.correct("a", { credits: 60 })).body).toMatchObject({
      period: { open: false },
      moneyCredit: { amountMinor: 60, currency: "USD" },
    });
    expect((await caller.facts()).slice(-2)).toMatchObject([
      { kind: "overage_corrected", creditMinor: 60 },
      { kind: "account_closed" },
    ]);
  });
});

describe("an event that the account has forgotten", () => {
  /** Its id is in D1 only: shipped, and dropped when it was older than 35 days and the following period had closed. */
  async function forgotten(id: string, more: object = {}): Promise<UsageCaller> {
    const caller = await payAsYouGo();
    await caller.consume("filler", 6000);
    await caller.consume(id, 100, more);
    await caller.advanceTo("2026-03-20T00:00:00Z");
    await caller.consume("later", 1, { properties: { id } });
    await ship(caller.account);
    await caller.advanceTo("2026-04-20T00:00:00Z");
    await caller.account.api.flush();
    expect(await caller.fate(id)).toEqual({ id, status: "unknown" });
    return caller;
  }

  test.each(["plain", 'with "quotes" \\ and ünicode'])("is found in D1 by its id: %j", async (id) => {
    const caller = await forgotten(id, { user: "ann" });
    expect(await caller.correct(id, { credits: 95 }, "key-1")).toMatchObject({
      status: 201,
      body: { credits: 95, period: { name: "2026-01-14", open: false }, moneyCredit: { amountMinor: 100 } },
    });
    expect((await caller.correct(id, { credits: 95 }, "key-1")).body).toMatchObject({ replayed: true });
    expect((await caller.correct(id)).body).toMatchObject({ credits: 5 });
    expect((await caller.log())[0]).toMatchObject({ kind: "correction", user: "ann" });
  });

  test("is found on the day named, and on no other", async () => {
    const caller = await forgotten("old");
    expect(await caller.correct("old", { occurredOn: "2026-02-03" })).toMatchObject({
      status: 404,
      body: { code: "unknown_event", detail: expect.stringContaining("on 2026-02-03") },
    });
    expect(await caller.correct("old", { occurredOn: "2026-01-20" })).toMatchObject({ status: 201 });
  });

  test("gets its outcome too", async () => {
    const caller = await forgotten("old");
    const outcome = { type: "solved" };
    const attach = () => caller.post(`accounts/${caller.id}/outcomes`, { event: "old", outcome });
    const first = await attach();
    expect(first).toMatchObject({ status: 201, body: { replayed: false, event: "old", outcome } });
    expect((await attach()).body).toEqual({ ...first.body, replayed: true });
  });

  test("is another than a new one under its id", async () => {
    const caller = await forgotten("old");
    await caller.correct("old");
    await caller.consume("old", 7);
    expect((await caller.correct("old")).body).toMatchObject({ credits: 7, period: { open: true } });
  });
});

describe("what cannot be corrected", () => {
  test.each(["nothing", "cor_1"])("is an event that was never booked: %s", async (event) => {
    const caller = await UsageCaller.open();
    expect(await caller.correct(event)).toMatchObject({ status: 404, body: { code: "unknown_event" } });
  });

  test("is an open hold", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 5);
    expect(await caller.correct("job")).toMatchObject({ status: 404, body: { code: "unknown_event" } });
  });

  test("is a correction itself", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 10);
    const { body } = await caller.correct("a", { credits: 4 });
    expect(await caller.correct(body.id)).toMatchObject({ status: 409, body: { code: "not_correctable" } });
    // An event of the caller's own may have that name.
    await caller.consume(body.id, 3);
    expect((await caller.correct(body.id)).body).toMatchObject({ credits: 3 });
  });

  test.each([
    [{ credits: 0 }, "credits"],
    [{ credits: -1 }, "credits"],
    [{ credits: 0.0000001 }, "credits"],
    [{ reason: " " }, "reason"],
    [{ reason: undefined }, "reason"],
    [{ occurredOn: "yesterday" }, "occurredOn"],
    [{ action: "answer" }, "action"],
  ])("is named by field: %j", async (more, path) => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 10);
    expect(await caller.correct("a", more)).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });
});

describe("an outcome attached later", () => {
  const outcome = { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } };

  async function attach(caller: UsageCaller, event: string, more: object = outcome) {
    return caller.post<object>(`accounts/${caller.id}/outcomes`, { event, outcome: more });
  }

  test("is an entry of its own that costs nothing", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 10, { user: "ann" });
    expect(await attach(caller, "a")).toMatchObject({
      status: 201,
      body: { replayed: false, event: "a", outcome, entry: { seq: 2 }, balance: { used: 10 } },
    });
    expect((await caller.log())[0]).toMatchObject({
      kind: "outcome",
      id: "out_2",
      credits: 0,
      items: [],
      outcome,
      attached: { event: "a", seq: 1, credits: 10 },
      user: "ann",
    });
    expect(await caller.fate("a")).toMatchObject({ status: "booked", outcome });
  });

  test("again changes nothing; another one is refused", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 10);
    const first = await attach(caller, "a");
    await evict(caller);
    const again = await attach(caller, "a", { value: outcome.value, type: outcome.type });
    expect(again.body).toEqual({ ...first.body, replayed: true });
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await attach(caller, "a", { type: "other" })).toMatchObject({
      status: 409,
      body: { code: "outcome_exists" },
    });
  });

  test("is refused where the event came with another, and a replay where it came with this one", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 10, { outcome });
    expect((await attach(caller, "a")).body).toMatchObject({ replayed: true, entry: { seq: 1 } });
    expect(await attach(caller, "a", { type: "other" })).toMatchObject({ status: 409 });
  });

  test("is worth an amount in the account's currency", async () => {
    const caller = await UsageCaller.open();
    await caller.consume("a", 10);
    const inEuro = { type: "solved", value: { amountMinor: 450, currency: "EUR" } };
    expect(await attach(caller, "a", inEuro)).toMatchObject({
      status: 422,
      body: { code: "currency_differs", errors: [{ path: "outcome.value.currency" }] },
    });
    expect(await attach(caller, "a", { type: "hours_saved", quantity: 1.5 })).toMatchObject({
      status: 422,
      body: { errors: [{ path: "outcome.unit" }] },
    });
  });

  test("needs an event", async () => {
    const caller = await UsageCaller.open();
    expect(await attach(caller, "nothing")).toMatchObject({ status: 404, body: { code: "unknown_event" } });
  });
});

describe("what became of an id", () => {
  test("says by which rates it was booked, and what was said of it since", async () => {
    const caller = await UsageCaller.open();
    const items = [
      { action: "tokens", quantity: 1500 },
      { action: "answer", quantity: 2 },
    ];
    await caller.post("consume", { account: caller.id, id: "a", feature: "assistant", items });
    await caller.correct("a", { credits: 1 });
    await caller.correct("a", { credits: 0.5 });
    const answers = { credits: 1, blocks: false, own: false };
    expect(await caller.fate("a")).toMatchObject({
      id: "a",
      status: "booked",
      entry: { seq: 1, credits: 3.5, rateVersion: 1, items: [{ credits: 1.5 }, { credits: 2 }] },
      rates: [
        { action: "tokens", rate: { ...answers, per: 1000 } },
        { action: "answer", rate: { ...answers, per: 1 } },
      ],
      corrections: [
        { id: "cor_2", credits: -1 },
        { id: "cor_3", credits: -0.5 },
      ],
      corrected: 1.5,
    });
  });

  test("names the account's own rates", async () => {
    const caller = await UsageCaller.open();
    const own = {
      feature: "assistant",
      action: "answer",
      creditsMicros: MILLION / 2,
      perMicros: 3 * MILLION,
    };
    await caller.execute({
      kind: "set_rates",
      rates: [{ ...own, blocks: true }],
      effectiveAtMs: START,
      shortNotice: true,
    });
    await caller.consume("a", 4);
    const rates = [{ action: "answer", rate: { credits: 0.5, per: 3, blocks: true, own: true } }];
    expect(await caller.fate("a")).toMatchObject({
      entry: { credits: 1, rateVersion: 1, accountRatesVersion: 1 },
      rates,
    });
    await caller.hold("job", 4);
    expect(await caller.fate("job")).toMatchObject({ status: "held", hold: { credits: 1 }, rates });
  });

  test("is held, released, expired or unknown where it has no entry", async () => {
    const caller = await UsageCaller.open();
    for (const id of ["held", "released"]) await caller.hold(id, 5);
    await caller.hold("expired", 5, { expiresInSeconds: 60 });
    await caller.release("released");
    await caller.consume("denied", 1000);
    await caller.advanceMinutes(2);
    for (const status of ["held", "released", "expired"]) {
      const fate = await caller.fate(status);
      expect(fate).toMatchObject({ id: status, status, hold: { credits: 5 } });
      expect(fate).not.toHaveProperty("entry");
    }
    for (const id of ["denied", "nothing"]) expect(await caller.fate(id)).toEqual({ id, status: "unknown" });
  });

  test("is booked with its hold after a capture", async () => {
    const caller = await UsageCaller.open();
    await caller.hold("job", 5);
    await caller.captureOf("job", 3);
    expect(await caller.fate("job")).toMatchObject({
      status: "booked",
      entry: { credits: 3, hold: { credits: 5 } },
      hold: { status: "captured", credits: 5 },
    });
  });
});
