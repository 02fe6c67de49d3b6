/** Balance, price list and event fates, as a caller asks for them (rules, sections 4, 7.5, 8.6, 10.1). */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import { badFields, call, keyWith } from "./api.ts";
import { advance, END_MS, openExample2, START_MS, use } from "./billing-fixtures.ts";
import { answers, CREDIT, openTestAccount, publishOffer } from "./fixtures.ts";
import { ask, book } from "./report-fixtures.ts";

let key: string;

beforeAll(async () => {
  await publishOffer();
  key = await keyWith("test", ["read"]);
});

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
      term: null,
      granted: 0,
      grants: [],
      conversions: [],
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
      pausedFeatures: [],
      openHolds: 0,
      suspendedAt: null,
      closedAt: null,
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
        nextInvoice: {
          at: "2026-12-14T00:00:00Z",
          amount: { amountMinor: 1_230, currency: "USD" },
          overage: { amountMinor: 230, currency: "USD" },
          packs: { amountMinor: 1_000, currency: "USD" },
        },
      },
    });
    expect([headers.get("RateLimit"), headers.get("RateLimit-Policy")]).toEqual([null, null]);
    await account.api.execute({ kind: "change_settings", setting: "auto_upgrade" }, null, {
      offerRevision: 1,
    });
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
      { number: "ACME-0003", kind: "packs", status: "open", total: { amountMinor: 1_000, currency: "USD" } },
      { number: "ACME-0002", kind: "overage", status: "open", total: { amountMinor: 230, currency: "USD" } },
    ]);
    await advance(account, Date.parse("2027-01-14T00:00:00Z"));
    const { body: later } = await ask<{ money: { invoices: unknown[] } }>(key, account, "balance");
    expect(later.money.invoices).toMatchObject([{ number: "ACME-0004", kind: "packs" }]);
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
            { action: "answer", name: "Answer", credits: 1, per: 1, blocks: false, own: false },
            { action: "tokens", name: "Tokens", credits: 1, per: 1000, blocks: false, own: false },
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
              raised: true,
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
