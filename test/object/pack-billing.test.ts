/** Packs from decision to document, with real accounts: bought, added, renewed, cancelled, converted (rules, 7.2). */
import { beforeAll, describe, expect, test } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { Invoice } from "../../shared/api/invoices.ts";
import type { AccountCommand } from "../../shared/credits/execute.ts";
import { ask, listInvoices, post } from "./billing-api.ts";
import { advance, correct, END_MS, openBilledAccount, use } from "./billing-fixtures.ts";
import { CONTEXT, CREDIT, publishOffer, type TestAccount } from "./fixtures.ts";

const DAY_MS = 86_400_000;

beforeAll(async () => {
  await publishOffer();
});

async function execute(account: TestAccount, command: AccountCommand): Promise<void> {
  const result = await account.api.execute(command, null, CONTEXT);
  if (result.kind !== "done") throw new Error(JSON.stringify(result));
}

/** Every document so far, oldest first, all facts settled. */
async function documents(account: TestAccount): Promise<readonly Invoice[]> {
  await ask(`/v1/accounts/${accountIdOf(account.key)}/billing`);
  return (await listInvoices(account, "?limit=500")).body.data.toReversed();
}

async function totals(account: TestAccount) {
  return (await documents(account)).map(({ kind, cause, total }) => [kind, cause, total.amountMinor]);
}

async function expectProved(account: TestAccount): Promise<void> {
  const path = `/v1/accounts/${accountIdOf(account.key)}/reconciliation`;
  const { body } = await ask<{ mismatches: string[] }>(path, post());
  expect(body.mismatches).toEqual([]);
}

/** Worked example 1: included 5,000 and one pack of 1,000, in auto_upgrade. */
async function openExample1(more: { readonly automaticPacksMax?: number } = {}): Promise<TestAccount> {
  const account = await openBilledAccount({ includedCredits: 5000, ...more });
  await execute(account, { kind: "buy_pack", pack: "p1000", quantity: 1 });
  return account;
}

describe("worked example 1", () => {
  test("invoices the added pack now, both packs at each reset of the term, and the bought one after it", async () => {
    const account = await openExample1();
    await use(account, 5900);
    await use(account, 600);
    expect(await totals(account)).toEqual([
      ["packs", "purchase", 1000],
      ["packs", "upgrade", 1000],
    ]);
    for (let month = 1; month <= 12; month += 1) {
      await advance(account, Date.UTC(2026, 10 + month, 14));
    }
    expect(await totals(account)).toEqual([
      ["packs", "purchase", 1000],
      ["packs", "upgrade", 1000],
      ...Array.from({ length: 11 }, () => ["packs", "renewal", 2000]),
      ["packs", "renewal", 1000],
    ]);
    await expectProved(account);
  });
});

describe("automatic packs", () => {
  test("of one local day are one invoice, of the next day another one", async () => {
    const account = await openExample1();
    await use(account, 6500);
    await documents(account);
    await use(account, 1000);
    const [, growing] = await documents(account);
    expect(growing).toMatchObject({
      number: "ACME-0002",
      growsUntil: "2026-11-15T00:00:00Z",
      lines: [{ quantity: 2 }],
    });
    await advance(account, Date.parse("2026-11-15T00:00:00Z"));
    await use(account, 1000);
    const all = await documents(account);
    expect(all.map(({ growsUntil, total }) => [growsUntil, total.amountMinor])).toEqual([
      [null, 1000],
      [null, 2000],
      ["2026-11-16T00:00:00Z", 1000],
    ]);
  });

  test("that were cancelled and added again on the same day are charged for what was added", async () => {
    const account = await openExample1({ automaticPacksMax: 20 });
    await use(account, 6500);
    await use(account, 1000);
    await documents(account);
    for (const reason of ["a runaway", "once more"]) {
      const view = await account.api.view(CONTEXT);
      const automatic =
        view.kind === "view" ? view.balance.packs.find(({ source }) => source === "automatic") : undefined;
      await execute(account, { kind: "cancel_pack", id: automatic?.id ?? "", quantity: 1, reason });
      await use(account, 1000);
      await documents(account);
    }
    await advance(account, END_MS);
    const view = await account.api.view(CONTEXT);
    const owned = view.kind === "view" ? view.balance.packsAmount.amountMinor : 0;
    const all = await documents(account);
    const november = all.filter(({ period, kind }) => period.name === "2026-11-14" && kind !== "overage");
    expect(november.reduce((sum, { total }) => sum + total.amountMinor, 0)).toBe(owned);
    expect(november.filter(({ kind }) => kind === "credit_note")).toHaveLength(2);
    await expectProved(account);
  });

  test("are final at the end of the account's own day", async () => {
    const account = await openBilledAccount({ includedCredits: 500, timeZone: "America/New_York" });
    await execute(account, { kind: "buy_pack", pack: "p1000", quantity: 1 });
    await use(account, 1600);
    // 14 November 00:00 UTC is 13 November in New York.
    expect((await documents(account))[1]).toMatchObject({ growsUntil: "2026-11-14T05:00:00Z" });
    await advance(account, Date.parse("2026-11-14T05:00:00Z"));
    expect((await documents(account))[1]).toMatchObject({ growsUntil: null });
  });
});

describe("cancelled packs", () => {
  test("get a credit note that names their invoice, whole or in part", async () => {
    const account = await openBilledAccount({ includedCredits: 500 });
    await execute(account, { kind: "buy_pack", pack: "p1000", quantity: 3 });
    const [invoice] = await documents(account);
    await execute(account, { kind: "cancel_pack", id: "pack_1", quantity: 1, reason: "one too many" });
    await execute(account, { kind: "cancel_pack", id: "pack_1", quantity: null, reason: "all of them" });
    const [, ...notes] = await documents(account);
    expect(notes).toMatchObject([
      { kind: "credit_note", credits: { number: invoice?.number }, total: { amountMinor: -1000 } },
      { kind: "credit_note", credits: { number: invoice?.number }, total: { amountMinor: -2000 } },
    ]);
    await advance(account, END_MS);
    await expectProved(account);
  });
});

describe("conversions", () => {
  const convert = { kind: "convert", size: 100, creditsMicros: 3000 * CREDIT, quantity: 2 } as const;
  const terms = { termPeriods: null, effectiveAtMs: null } as const;

  test("make no invoice unless a price is given, at no reset either", async () => {
    const account = await openBilledAccount({ includedCredits: 500 });
    await execute(account, { ...convert, ...terms, price: { amountMinor: 0, currency: "USD" } });
    await advance(account, END_MS);
    expect(await totals(account)).toEqual([]);
    await execute(account, { ...convert, ...terms, price: { amountMinor: 500, currency: "USD" } });
    expect(await totals(account)).toEqual([["packs", "conversion", 1000]]);
    await advance(account, END_MS + 31 * DAY_MS);
    expect(await totals(account)).toEqual([
      ["packs", "conversion", 1000],
      ["packs", "renewal", 1000],
    ]);
    await expectProved(account);
  });
});

describe("closing an account", () => {
  test("makes its last invoice at once, and a credit note of what is owed", async () => {
    const account = await openBilledAccount({ includedCredits: 5000 });
    await execute(account, { kind: "buy_pack", pack: "p1000", quantity: 1, setting: "pay_as_you_go" });
    const event = await use(account, 6400);
    await advance(account, END_MS);
    await use(account, 6100);
    await advance(account, END_MS + DAY_MS);
    await correct(account, event, 300);
    await execute(account, { kind: "close", reason: "the customer left" });
    expect(await totals(account)).toEqual([
      ["packs", "purchase", 1000],
      ["overage", null, 400],
      ["packs", "renewal", 1000],
      // 1.00 of overage, which the credit of 3.00 covers.
      ["overage", null, 0],
      ["credit_note", null, -200],
    ]);
    expect((await documents(account)).at(-2)).toMatchObject({ status: "paid" });
    await expectProved(account);
    await correct(account, event, 50);
    expect((await totals(account)).at(-1)).toEqual(["credit_note", null, -50]);
    await expectProved(account);
  });
});
