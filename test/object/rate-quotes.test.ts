/** What past usage would have cost under a draft, asked before it is published (rules, 8.5). */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { accountOf } from "../../workers/account/stub.ts";
import { quoteAccounts } from "../../workers/operator/quote-accounts.ts";
import { type Answer, badFields, call, keyWith, type ProblemBody } from "./api.ts";
import {
  DAY_MS,
  inDays,
  type OpenedAccount,
  openAccount,
  PUBLIC_FEATURES,
  publish,
  resetRateSheets,
} from "./rate-fixtures.ts";

let live = "";
let key = "";

beforeAll(async () => {
  [live, key] = await Promise.all([keyWith("live"), keyWith("test")]);
  await resetRateSheets(live);
});

/** Answers at 2 credits, tokens in blocks, research is no beta any more. */
const DRAFT = [
  {
    feature: "assistant",
    actions: [
      { action: "answer", credits: 2 },
      { action: "tokens", credits: 1, per: 1000, blocks: true },
    ],
  },
  { ...PUBLIC_FEATURES[1], beta: false },
];

interface QuoteBody extends ProblemBody {
  readonly total: { readonly booked: number; readonly draft: number; readonly difference: number };
  readonly accounts: readonly Record<string, unknown>[];
}

function quote(body: unknown, asKey = key): Promise<Answer<QuoteBody>> {
  return call(asKey, "POST", "/v1/rate-sheets/quote", body);
}

let used = 0;

async function use(account: OpenedAccount, feature: string, quantities: Readonly<Record<string, number>>) {
  used += 1;
  const items = Object.entries(quantities).map(([action, quantity]) => ({ action, quantity }));
  const { status, body } = await call(key, "POST", "/v1/consume", {
    account: account.id,
    id: `u${used}`,
    feature,
    items,
  });
  expect([status, body]).toMatchObject([200, { allowed: true }]);
}

/** All that was booked so far is in D1, and the account knows it. */
async function ship({ id }: OpenedAccount): Promise<void> {
  const account = accountOf(env, `test:${id}`);
  await account.flush();
  await vi.waitFor(
    async () => {
      const view = await account.view({ offerRevision: 0 });
      if (view.kind === "view") expect(view.acknowledgedSeq).toBe(view.lastSeq);
    },
    { timeout: 15_000, interval: 50 },
  );
}

const today = () => new Date().toISOString().slice(0, 10);

describe("a quote", () => {
  test("prices every entry again, in D1 and in the account's tail, by account and in all", async () => {
    const [first, second] = [await openAccount(key), await openAccount(key)];
    await use(first, "assistant", { answer: 3, tokens: 1500 });
    await use(first, "assistant", { tokens: 1500 });
    await ship(first);
    await use(first, "research", { report: 2 });
    await use(first, "assistant", { tokens: 0.000001 });
    await use(second, "assistant", { answer: 0.5 });

    const answer = await quote({
      features: DRAFT,
      accounts: [first.id, second.id],
      from: today(),
      to: today(),
    });
    expect(answer.body).toEqual({
      version: null,
      // 3 × 1 + 1.5 + 1.5 + 0.000001 + 0.5 against 3 × 2 + 2 + 2 + 1 + 1 + 2 × 5.
      total: { booked: 6.500001, draft: 22, difference: 15.499999 },
      actions: [
        {
          feature: "assistant",
          action: "answer",
          uses: 2,
          quantity: 3.5,
          booked: 3.5,
          draft: 7,
          difference: 3.5,
        },
        {
          feature: "assistant",
          action: "tokens",
          uses: 3,
          quantity: 3000.000001,
          booked: 3.000001,
          draft: 5,
          difference: 1.999999,
        },
        { feature: "research", action: "report", uses: 1, quantity: 2, booked: 0, draft: 10, difference: 10 },
      ],
      unpriced: [],
      accounts: [
        expect.objectContaining({
          account: first.id,
          from: today(),
          to: today(),
          period: null,
          entries: 4,
          total: { booked: 6.000001, draft: 21, difference: 14.999999 },
        }),
        expect.objectContaining({
          account: second.id,
          entries: 1,
          total: { booked: 0.5, draft: 1, difference: 0.5 },
        }),
      ],
    });
  });

  test("is about each account's last closed period, and about 30 days where there is none", async () => {
    const opened = inDays(-60);
    const account = await openAccount(key, { now: opened });
    await use(account, "assistant", { answer: 4 });
    expect((await quote({ features: DRAFT, accounts: [account.id] })).body).toMatchObject({
      accounts: [{ period: null, entries: 1, total: { booked: 4 } }],
    });
    await account.advance(inDays(-27));
    await use(account, "assistant", { answer: 1 });
    const { body } = await quote({ features: DRAFT, accounts: [account.id] });
    expect(body.accounts).toMatchObject([
      {
        period: opened.slice(0, 10),
        from: opened.slice(0, 10),
        entries: 1,
        total: { booked: 4, draft: 8, difference: 4 },
      },
    ]);
  });

  test("under the version that booked it differs by nothing; what a version lacks is counted by name", async () => {
    const account = await openAccount(key);
    await use(account, "assistant", { answer: 3, tokens: 333 });
    expect((await quote({ version: 1, accounts: [account.id] })).body).toMatchObject({
      version: 1,
      total: { booked: 3.333, draft: 3.333, difference: 0 },
    });
    const features = [{ feature: "assistant", actions: [{ action: "tokens", credits: 0 }] }];
    await publish(live, { features, effectiveAt: inDays(1) });
    await call(live, "DELETE", "/v1/rate-sheets/2");
    expect((await quote({ version: 2, accounts: [account.id] })).body).toMatchObject({
      version: 2,
      total: { booked: 0.333, draft: 0, difference: -0.333 },
      actions: [{ action: "tokens", difference: -0.333 }],
      unpriced: [{ feature: "assistant", action: "answer", uses: 1, quantity: 3, booked: 3 }],
    });
  });

  test("of a corrected event prices the share that is left", async () => {
    const account = await openAccount(key);
    await use(account, "assistant", { answer: 4 });
    const correction = { eventId: `u${used}`, creditsMicros: 3_000_000, reason: "wrong", entry: null };
    const corrected = await accountOf(env, `test:${account.id}`).correct(correction, null, {
      offerRevision: 0,
    });
    expect(corrected.kind).toBe("corrected");
    await use(account, "assistant", { answer: 1 });
    expect((await quote({ features: DRAFT, accounts: [account.id] })).body).toMatchObject({
      total: { booked: 2, draft: 4, difference: 2 },
      actions: [{ action: "answer", uses: 2 }],
      unpriced: [],
    });
  });

  test("publishes nothing, needs only to read, and sees no account of the other mode", async () => {
    const account = await openAccount(key);
    const reader = await keyWith("test", ["read"]);
    expect(await quote({ features: DRAFT, accounts: [account.id] }, reader)).toMatchObject({ status: 200 });
    expect(
      await quote({ features: DRAFT, accounts: [account.id] }, await keyWith("test", ["consume"])),
    ).toMatchObject({ status: 403 });
    expect(await quote({ features: DRAFT, accounts: [account.id] }, live)).toMatchObject({ status: 404 });
    expect(await quote({ features: DRAFT, accounts: [account.id, "nobody"] })).toMatchObject({
      status: 404,
      body: { code: "account_not_found", detail: expect.stringContaining('"nobody"') },
    });
    expect(await call(live, "GET", "/v1/rate-sheets/current")).toMatchObject({ body: { version: 1 } });
  });

  test.each<[string, object, readonly string[]]>([
    ["neither draft nor version", {}, ["features"]],
    ["draft and version", { features: DRAFT, version: 1 }, ["features"]],
    ["an account twice", { version: 1, accounts: ["a", "a"] }, ["accounts"]],
    [
      "too many accounts",
      { version: 1, accounts: Array.from({ length: 21 }, (_, index) => `a${index}`) },
      ["accounts"],
    ],
    ["to without from", { version: 1, to: "2026-11-01" }, ["from"]],
    ["to before from", { version: 1, from: "2026-11-02", to: "2026-11-01" }, ["to"]],
    ["a bad draft", { features: [{ feature: "a", actions: [] }] }, ["features.0.actions"]],
  ])("refuses %s", async (_, body, fields) => {
    const refused = await quote({ accounts: ["a"], ...body });
    expect(refused.status).toBe(422);
    expect(badFields(refused)).toEqual(fields);
  });

  test("an unknown version is not found", async () => {
    expect(await quote({ version: 99, accounts: ["a"] })).toMatchObject({
      status: 404,
      body: { code: "rate_sheet_not_found" },
    });
  });

  test("of more than a request can price is refused, with the way out", async () => {
    const [first, second] = [await openAccount(key), await openAccount(key)];
    for (const account of [first, first, second]) await use(account, "assistant", { answer: 1 });
    const caller = { mode: "test", callContext: { offerRevision: 0 } } as const;
    const asked = {
      kind: "days",
      from: new Date(Date.now() - DAY_MS).toISOString().slice(0, 10),
      to: undefined,
    } as const;
    const request = { accounts: [first.id, second.id], features: [], asked };
    expect(await quoteAccounts(env, caller, request, { entries: 3, queries: 9 })).toHaveLength(2);
    for (const limits of [
      { entries: 2, queries: 9 },
      { entries: 3, queries: 1 },
    ]) {
      await expect(quoteAccounts(env, caller, request, limits)).rejects.toMatchObject({
        status: 422,
        code: "quote_too_large",
        message: expect.stringMatching(/fewer accounts or, with from and to, for fewer days/),
      });
    }
  });
});
