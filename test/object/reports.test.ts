/** Balance, price list, usage and event fates, as a caller asks for them (rules, sections 4, 7.5, 8.6, 10.1, 10.2). */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { UsageEvent } from "../../shared/credits/entries.ts";
import { badFields, call, keyWith } from "./api.ts";
import { advance, END_MS, openBilledAccount, openExample2, START_MS, use } from "./billing-fixtures.ts";
import { answers, CREDIT, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";
import { ask, book, segmentsOf, ship, storeOnly, viewOf } from "./report-fixtures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

interface Figures {
  readonly events: number;
  readonly uses: number | null;
  readonly quantity: number | null;
  readonly credits: number;
  readonly money: { readonly amountMinor: number; readonly currency: string } | null;
}

interface Report {
  readonly from: string;
  readonly to: string;
  readonly period: string | null;
  readonly total: Figures;
  readonly groups: readonly (Figures & Record<string, unknown>)[];
  readonly denials: readonly Record<string, unknown>[];
}

let key: string;

beforeAll(async () => {
  await publishOffer();
  key = await keyWith("test", ["read"]);
});

async function usage(account: TestAccount, query = ""): Promise<Report> {
  const { status, body } = await ask<Report>(key, account, `usage${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

function tokens(id: string, input: number, more: Partial<UsageEvent> = {}): UsageEvent {
  return {
    id,
    feature: "assistant",
    items: [
      { action: "tokens", quantityMicros: input * CREDIT },
      { action: "answer", quantityMicros: CREDIT },
    ],
    ...more,
  };
}

describe("every report", () => {
  const reports = ["balance", "rates", "usage", "log", "events/e1"];

  test.each(reports)("%s refuses parameters that it does not know, by name", async (report) => {
    const account = await openTestAccount();
    const answer = await ask(key, account, `${report}?colour=red`);
    expect([answer.status, badFields(answer)]).toEqual([422, ["colour"]]);
  });

  test.each(reports)("%s is for accounts of the key's own mode", async (report) => {
    const account = await openTestAccount();
    const path = `/v1/accounts/${accountIdOf(account.key)}/${report}`;
    expect((await call(key, "GET", path)).status).toBe(200);
    const live = await call(await keyWith("live", ["read"]), "GET", path);
    expect([live.status, live.body.code]).toEqual([404, "account_not_found"]);
  });

  test.each(reports)("%s asks for a key with the scope read", async (report) => {
    const path = `/v1/accounts/nobody/${report}`;
    const answer = await call(await keyWith("test", ["consume"]), "GET", path);
    expect([answer.status, answer.body.code]).toEqual([403, "scope_missing"]);
  });
});

describe("the balance", () => {
  test("says what is left and why, to the micro-credit", async () => {
    const account = await openTestAccount({}, START_MS);
    await book(account, [answers("e1", 120.55)]);
    const { status, body, headers } = await ask<Record<string, unknown>>(key, account, "balance");
    expect(status).toBe(200);
    expect(body).toEqual({
      account: accountIdOf(account.key),
      limit: 500,
      included: 500,
      packs: 0,
      activePacks: [],
      used: 120.55,
      held: 0,
      remaining: 379.45,
      available: 379.45,
      ceiling: 500,
      maximum: null,
      overage: 0,
      overdraft: 0,
      billable: 0,
      overageSetting: "pause",
      pending: null,
      period: { name: "2026-11-14", start: "2026-11-14T00:00:00Z", end: "2026-12-14T00:00:00Z" },
      resetAt: "2026-12-14T00:00:00Z",
      state: "active",
      stateReason: "379.45 of 500 credits remain until the reset on December 14, 2026 at 00:00 UTC.",
      money: {
        currency: "USD",
        overagePrice: "0.010",
        accruedOverage: { amountMinor: 0, currency: "USD" },
        packsAmount: { amountMinor: 0, currency: "USD" },
        effectivePrice: "0",
        invoices: [],
        nextInvoice: null,
      },
    });
    expect(headers.get("RateLimit-Policy")).toBe('"credits";q=500;w=2592000');
    expect(headers.get("RateLimit")).toBe('"credits";r=379;t=2592000');
  });

  test("shows packs, a pending setting, accrued overage and the effective price of a credit", async () => {
    const account = await openExample2();
    await use(account, 6_237.5);
    const { body, headers } = await ask<Record<string, unknown>>(key, account, "balance");
    expect(body).toMatchObject({
      limit: 6_000,
      packs: 1_000,
      activePacks: [{ pack: "p1000", credits: 1_000, quantity: 1, source: "purchase" }],
      available: null,
      ceiling: null,
      overage: 237.5,
      billable: 237.5,
      overageSetting: "pay_as_you_go",
      state: "overage",
      money: {
        overagePrice: "0.010",
        accruedOverage: { amountMinor: 230, currency: "USD" },
        packsAmount: { amountMinor: 1_000, currency: "USD" },
        effectivePrice: "0.001971943888",
        nextInvoice: { at: "2026-12-14T00:00:00Z", amount: { amountMinor: 230, currency: "USD" } },
      },
    });
    expect([headers.get("RateLimit"), headers.get("RateLimit-Policy")]).toEqual([null, null]);
    await account.api.changeSettings({ setting: "auto_upgrade" }, { offerRevision: 1 });
    const { body: changed } = await ask<Record<string, unknown>>(key, account, "balance");
    expect(changed.pending).toEqual({ overageSetting: "auto_upgrade", effectiveAt: "2026-12-14T00:00:00Z" });
  });

  test("shows the invoice of the last period to whoever asks first after its end", async () => {
    const account = await openExample2();
    await use(account, 6_237.5);
    await advance(account, END_MS);
    const { body } = await ask<{ used: number; money: { invoices: unknown[] } }>(key, account, "balance");
    expect(body.used).toBe(0);
    expect(body.money.invoices).toMatchObject([
      { number: "ACME-0001", kind: "overage", status: "open", total: { amountMinor: 230, currency: "USD" } },
    ]);
    await advance(account, Date.parse("2027-01-14T00:00:00Z"));
    const { body: later } = await ask<{ money: { invoices: unknown[] } }>(key, account, "balance");
    expect(later.money.invoices).toEqual([]);
  });
});

describe("the price list", () => {
  test("names what is in force for the account's clock, and the changes ahead", async () => {
    const effectiveAtMs = Date.parse("2027-06-01T00:00:00Z");
    const dearer = [
      {
        feature: "assistant",
        name: "Assistant",
        category: "customer support",
        description: "",
        beta: false,
        actions: [
          { action: "answer", name: "Answer", creditsMicros: 2 * CREDIT, perMicros: CREDIT, blocks: false },
          {
            action: "tokens",
            name: "Tokens",
            creditsMicros: CREDIT,
            perMicros: 1000 * CREDIT,
            blocks: false,
          },
        ],
      },
    ];
    await env.DB.prepare(
      "INSERT INTO rate_sheets (version, effective_at_ms, published_at_ms, features) VALUES (2, ?, 0, ?)",
    )
      .bind(effectiveAtMs, JSON.stringify(dearer))
      .run();
    const before = await openTestAccount({}, START_MS);
    const { body } = await ask<Record<string, unknown>>(key, before, "rates");
    expect(body).toEqual({
      account: accountIdOf(before.key),
      version: 1,
      effectiveAt: "1970-01-01T00:00:00Z",
      features: [
        {
          feature: "assistant",
          name: "Assistant",
          category: "customer support",
          description: "",
          beta: false,
          actions: [
            { action: "answer", name: "Answer", credits: 1, per: 1, blocks: false },
            { action: "tokens", name: "Tokens", credits: 1, per: 1000, blocks: false },
          ],
        },
      ],
      changes: [
        {
          version: 2,
          effectiveAt: "2027-06-01T00:00:00Z",
          changes: [
            {
              kind: "price_changed",
              feature: "assistant",
              action: "answer",
              from: { credits: 1, per: 1, blocks: false },
              to: { credits: 2, per: 1, blocks: false },
            },
          ],
        },
      ],
    });
    const after = await openTestAccount({}, effectiveAtMs);
    const { body: later } = await ask<Record<string, unknown>>(key, after, "rates");
    expect(later).toMatchObject({ version: 2, changes: [] });
  });
});

describe("what became of an id", () => {
  test("is its entry where it was booked, and unknown where it was denied or never came", async () => {
    const account = await openTestAccount({ includedCredits: 2 });
    await book(account, [answers("req/7 ü", 1.5, { user: "u_12", subject: "ticket/4711" })]);
    await account.api.use([{ mode: "consume", event: answers("too-much", 5) }], { offerRevision: 1 });
    const path = `events/${encodeURIComponent("req/7 ü")}`;
    const { body } = await ask<Record<string, unknown>>(key, account, path);
    expect(body).toMatchObject({
      id: "req/7 ü",
      status: "booked",
      entry: { seq: 1, credits: 1.5, rateVersion: 1, user: "u_12", subject: "ticket/4711", mode: "consume" },
    });
    for (const id of ["too-much", "never"]) {
      const { status, body: unknown } = await ask<unknown>(key, account, `events/${id}`);
      expect([status, unknown]).toEqual([200, { id, status: "unknown" }]);
    }
  });
});

describe("usage", () => {
  const events = [
    tokens("e1", 1_000, { user: "u1", workflow: "triage" }),
    answers("e2", 2, { user: "u2" }),
    answers("e3", 4),
  ];

  test("is complete at once, and the same at every stage of the way to D1", async () => {
    const account = await openBilledAccount();
    await book(account, events);
    const atOnce = await usage(account, "?groupBy=action");
    expect(atOnce.total).toEqual({
      events: 3,
      uses: 4,
      quantity: null,
      credits: 8,
      money: { amountMinor: 0, currency: "USD" },
    });
    expect(
      atOnce.groups.map(({ action, events: count, uses, quantity, credits }) => [
        action,
        count,
        uses,
        quantity,
        credits,
      ]),
    ).toEqual([
      ["answer", 2, 3, 7, 7],
      ["tokens", 1, 1, 1_000, 1],
    ]);
    const { tail } = await viewOf(account);
    await storeOnly(segmentsOf(account.key, tail, 2).slice(1));
    expect(await usage(account, "?groupBy=action")).toEqual(atOnce);
    await storeOnly(segmentsOf(account.key, tail, 2));
    expect(await usage(account, "?groupBy=action")).toEqual(atOnce);
  });

  test("is the same once the whole way over the queue is done, and grows with what is booked after", async () => {
    const account = await openBilledAccount();
    await book(account, events);
    const atOnce = await usage(account, "?groupBy=user,day");
    await ship(account);
    expect((await viewOf(account)).tail).toEqual([]);
    expect(await usage(account, "?groupBy=user,day")).toEqual(atOnce);
    await book(account, [answers("e4", 10)]);
    expect((await usage(account)).total.credits).toBe(18);
  });

  test("by user and by workflow adds up to the total", async () => {
    const account = await openBilledAccount();
    await book(account, events.slice(0, 2));
    await ship(account);
    await book(account, events.slice(2));
    const byUser = await usage(account, "?groupBy=user");
    expect(byUser.groups.map(({ user, events: count, credits }) => [user, count, credits])).toEqual([
      [null, 1, 4],
      ["u1", 1, 2],
      ["u2", 1, 2],
    ]);
    const byWorkflow = await usage(account, "?groupBy=workflow,day");
    expect(byWorkflow.groups.map(({ day, workflow, credits }) => [day, workflow, credits])).toEqual([
      ["2026-11-14", null, 6],
      ["2026-11-14", "triage", 2],
    ]);
  });

  test("by category and day takes the category from the rate sheet", async () => {
    const account = await openBilledAccount();
    await book(account, events);
    await advance(account, START_MS + DAY_MS);
    await book(account, [answers("e4", 1)]);
    const { groups } = await usage(account, "?groupBy=category,day");
    expect(groups.map(({ day, category, credits }) => [day, category, credits])).toEqual([
      ["2026-11-14", "customer support", 8],
      ["2026-11-15", "customer support", 1],
    ]);
  });

  test("of a period is exactly its used, whatever day its events occurred on", async () => {
    const account = await openBilledAccount({ timeZone: "America/New_York" });
    await advance(account, START_MS + 10 * DAY_MS);
    const late = START_MS - 20 * DAY_MS;
    await book(account, [answers("now", 1.000001)]);
    await book(account, [answers("late", 2.5, { occurredAtMs: late })], "record");
    for (const stage of ["in the tail", "in D1"]) {
      const current = await usage(account, "?groupBy=day");
      const { balance } = await viewOf(account);
      expect(current.total.credits, stage).toBe(balance.usedMicros / CREDIT);
      expect(current.period).toBe("2026-11-14");
      expect(current.groups.map(({ day, credits }) => [day, credits])).toEqual([
        ["2026-10-24", 2.5],
        ["2026-11-23", 1.000001],
      ]);
      const byDays = await usage(account, "?from=2026-11-14&to=2026-11-23");
      expect(byDays.total.credits).toBe(1.000001);
      expect((await usage(account, "?from=2026-10-24&to=2026-10-24")).total.credits).toBe(2.5);
      await ship(account);
    }
  });

  test("of the previous period is what it was closed with, in credits and in money", async () => {
    const account = await openExample2();
    await use(account, 6_000);
    await ship(account);
    await use(account, 237.5);
    await advance(account, END_MS);
    await use(account, 5);
    const justClosed = await usage(account, "?period=previous");
    expect(justClosed).toMatchObject({ from: "2026-11-14", to: "2026-12-13", period: "2026-11-14" });
    expect(justClosed.total).toMatchObject({ credits: 6_237.5, money: null });
    await ask(key, account, "balance");
    const settled = await usage(account, "?period=previous");
    expect(settled.total).toMatchObject({ credits: 6_237.5, money: { amountMinor: 1_230, currency: "USD" } });
    const current = await usage(account);
    expect(current.total).toMatchObject({ credits: 5, money: { amountMinor: 1_000 } });
    const both = await usage(account, "?period=last_90_days");
    expect(both.total).toMatchObject({ credits: 6_242.5, money: { amountMinor: 2_230 } });
    await ship(account);
    expect((await usage(account, "?period=previous")).total.credits).toBe(6_237.5);
  });

  test("of the previous period is found by its end, also where the anchor has changed since", async () => {
    const account = await openBilledAccount();
    await account.api.changeTerms({ anchorDate: "2026-01-20" }, { offerRevision: 1 });
    await advance(account, END_MS);
    await book(account, [answers("short", 3)]);
    await advance(account, Date.parse("2026-12-20T00:00:00Z"));
    await book(account, [answers("new", 4)]);
    await ask(key, account, "balance");
    const previous = await usage(account, "?period=previous");
    expect(previous).toMatchObject({ from: "2026-12-14", to: "2026-12-19", period: "2026-12-14" });
    expect(previous.total.credits).toBe(3);
    await ship(account);
    expect((await usage(account, "?period=previous")).total.credits).toBe(3);
  });

  test("adds up quantities that no database integer holds together", async () => {
    const account = await openBilledAccount();
    const insert = env.DB.prepare(
      `INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
       VALUES (?, 'action', ?, 'assistant', 'tokens', '2026-11-14', 1, 1, 9000000000000000001, 1)`,
    );
    await env.DB.batch(["2026-11-14", "2026-11-15"].map((day) => insert.bind(account.key, day)));
    await book(account, [{ ...answers("e1"), items: [{ action: "tokens", quantityMicros: CREDIT }] }]);
    const { groups } = await usage(account, "?groupBy=action");
    expect(groups).toMatchObject([{ quantity: 18_000_000_000_001, credits: 0.001002 }]);
  });

  test("lists what was denied", async () => {
    const account = await openBilledAccount({ includedCredits: 1 });
    for (const id of ["d1", "d2"]) {
      await account.api.use([{ mode: "consume", event: answers(id, 5) }], { offerRevision: 1 });
    }
    await account.api.flush();
    await expect
      .poll(async () => (await usage(account, "?groupBy=feature,day")).denials, { timeout: 15_000 })
      .toEqual([
        {
          day: "2026-11-14",
          feature: "assistant",
          action: "answer",
          reason: "credits_exhausted",
          denials: 2,
        },
      ]);
    expect((await usage(account)).denials).toEqual([
      { feature: "assistant", action: "answer", reason: "credits_exhausted", denials: 2 },
    ]);
    expect((await usage(account, "?period=previous")).denials).toEqual([]);
  });

  test("says which field of the question is wrong", async () => {
    const account = await openTestAccount();
    for (const [query, field] of [
      ["?groupBy=user,feature", "groupBy"],
      ["?groupBy=team", "groupBy"],
      ["?from=2026-11-02&to=2026-11-01", "to"],
      ["?period=current&from=2026-11-02", "period"],
      ["?from=tomorrow", "from"],
    ] as const) {
      const answer = await ask(key, account, `usage${query}`);
      expect([answer.status, badFields(answer)], query).toEqual([422, [field]]);
    }
  });
});
