/** Invoices, closed periods and the reconciliation as an operator asks for them. */
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { z } from "zod";
import { accountIdOf } from "../../shared/account-key.ts";
import type { Invoice } from "../../shared/api/invoices.ts";
import type { reconciliationSchema } from "../../shared/api/reconciliation.ts";
import { mintKey, SCOPES, type Scope } from "../../shared/api-keys.ts";
import { reconcileAccount } from "../../workers/billing/reconciliation.ts";
import type { Env } from "../../workers/env.ts";
import { advance, END_MS, openBilledAccount, openExample2, PROFILE, use } from "./billing-fixtures.ts";
import { answers, CONTEXT, CREDIT, publishOffer, type TestAccount } from "./fixtures.ts";

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

interface ListAnswer<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

type ReconciliationAnswer = z.infer<typeof reconciliationSchema>;

let headers: Record<string, string>;

beforeAll(async () => {
  await publishOffer();
  headers = await authorization("test", SCOPES);
});

async function authorization(mode: "live" | "test", scopes: readonly Scope[]) {
  const key = await mintKey({ keyId: crypto.randomUUID(), mode, scopes }, env.KEY_SIGNING_SECRET);
  return { authorization: `Bearer ${key}` };
}

function send(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(`https://drawdown.example${path}`, {
    ...init,
    headers: { ...headers, ...(init.headers as Record<string, string>) },
  });
}

async function ask<Body = { readonly code: string }>(
  path: string,
  init: RequestInit = {},
): Promise<Answer<Body>> {
  const response = await send(path, init);
  return { status: response.status, body: await response.json<Body>() };
}

function post(body: unknown): RequestInit {
  return { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

function listInvoices(account: TestAccount, query = "") {
  return ask<ListAnswer<Invoice>>(`/v1/accounts/${accountIdOf(account.key)}/invoices${query}`);
}

function reconciliation(account: TestAccount) {
  const path = `/v1/accounts/${accountIdOf(account.key)}/reconciliation`;
  return ask<ReconciliationAnswer>(path, { method: "POST" });
}

/** An account with the overage invoice of worked example 2. */
async function invoiced(
  profile = PROFILE,
): Promise<{ readonly account: TestAccount; readonly invoice: Invoice }> {
  const account = await openExample2(profile);
  await use(account, 6237.5);
  await advance(account, END_MS);
  const { body } = await listInvoices(account);
  const [invoice] = body.data;
  if (invoice === undefined) throw new Error("no invoice");
  return { account, invoice };
}

describe("the invoices of an account", () => {
  test("are there for the first who asks after the end of the period", async () => {
    const { account, invoice } = await invoiced();
    expect(invoice).toMatchObject({
      number: "ACME-0001",
      account: accountIdOf(account.key),
      status: "open",
      overdue: false,
      issuedAt: "2026-12-14T00:00:00Z",
      dueAt: "2027-01-13T00:00:00Z",
      lines: [{ quantity: 230, unitPrice: "0.010", amount: { amountMinor: 230, currency: "USD" } }],
      total: { amountMinor: 230, currency: "USD" },
    });
    expect(await ask(`/v1/invoices/${invoice.invoice}`)).toEqual({ status: 200, body: invoice });
  });

  test("come newest first, page by page", async () => {
    const account = await openExample2();
    for (const month of ["2026-12-14", "2027-01-14", "2027-02-14"]) {
      await use(account, 6010);
      await advance(account, Date.parse(month));
    }
    const first = await listInvoices(account, "?limit=2");
    expect(first.body.data.map((invoice) => invoice.number)).toEqual(["ACME-0003", "ACME-0002"]);
    const second = await listInvoices(account, `?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body.data.map((invoice) => invoice.number)).toEqual(["ACME-0001"]);
    expect(second.body.nextCursor).toBeNull();
    expect((await listInvoices(account, "?cursor=nonsense")).status).toBe(422);
  });

  test("are nobody's where there is no such account, or for a key of the other mode", async () => {
    const { account, invoice } = await invoiced();
    expect(await ask("/v1/accounts/nobody/invoices")).toMatchObject({
      status: 404,
      body: { code: "account_not_found" },
    });
    const live = { headers: await authorization("live", SCOPES) };
    expect(await ask(`/v1/accounts/${accountIdOf(account.key)}/invoices`, live)).toMatchObject({
      status: 404,
    });
    expect(await ask(`/v1/invoices/${invoice.invoice}`, live)).toMatchObject({
      status: 404,
      body: { code: "invoice_not_found" },
    });
  });

  test("are overdue from the day after the due date of the account's own clock", async () => {
    const { account, invoice } = await invoiced();
    await advance(account, Date.parse("2027-01-13T23:59:59Z"));
    expect((await ask<Invoice>(`/v1/invoices/${invoice.invoice}`)).body.overdue).toBe(false);
    await advance(account, Date.parse("2027-01-14T00:00:00Z"));
    expect((await ask<Invoice>(`/v1/invoices/${invoice.invoice}`)).body.overdue).toBe(true);
    expect((await listInvoices(account)).body.data.map((each) => each.overdue)).toEqual([true]);
  });
});

describe("paying an invoice", () => {
  test("changes its status once, and the document never", async () => {
    const { invoice } = await invoiced();
    const path = `/v1/invoices/${invoice.invoice}/paid`;
    const paid = { ...invoice, status: "paid", paymentReference: "wire 1" };
    expect(await ask(path, post({ reference: "wire 1" }))).toEqual({ status: 200, body: paid });
    expect(await ask(path, post({ reference: "wire 1" }))).toEqual({ status: 200, body: paid });
    expect(await ask(path, post({ reference: "wire 2" }))).toMatchObject({
      status: 409,
      body: { code: "already_paid" },
    });
    expect((await ask(`/v1/invoices/${invoice.invoice}`)).body).toEqual(paid);
  });

  test("is refused without a reference, for a void invoice, and to keys that may only read", async () => {
    const { invoice } = await invoiced();
    const path = `/v1/invoices/${invoice.invoice}/paid`;
    expect((await ask(path, post({}))).status).toBe(422);
    const reader = await authorization("test", ["read"]);
    const asReader = {
      ...post({ reference: "x" }),
      headers: { ...reader, "content-type": "application/json" },
    };
    expect((await ask(path, asReader)).status).toBe(403);
    expect((await ask(`/v1/invoices/${invoice.invoice}`)).body).toEqual(invoice);
    await env.DB.prepare("UPDATE invoices SET status = 'void' WHERE invoice_id = ?")
      .bind(invoice.invoice)
      .run();
    expect(await ask(path, post({ reference: "x" }))).toMatchObject({
      status: 409,
      body: { code: "not_payable" },
    });
  });
});

describe("the page of an invoice", () => {
  const page = (invoice: Invoice, accept = "text/html,application/xhtml+xml,*/*;q=0.8") =>
    send(`/v1/invoices/${invoice.invoice}`, { headers: { accept } });

  test("says everything, with amounts as people write them", async () => {
    const { invoice } = await invoiced({ ...PROFILE, tax: { name: "VAT", percent: "19" } });
    const text = await (await page(invoice)).text();
    const said = [
      "ACME-0001",
      "Open",
      "Acme",
      "2 Street",
      "Seller Ltd",
      "Tax ID DE456",
      "PO-9",
      "230",
      "0.010 USD",
    ];
    const dates = ["December 14, 2026", "January 13, 2027", "November 14, 2026 to December 13, 2026"];
    for (const part of [...said, ...dates, "$2.30", "VAT 19 %", "$0.44", "$2.74"])
      expect(text).toContain(part);
  });

  test("runs no script and fetches nothing, whatever the buyer is called", async () => {
    const name = `<script>alert("x")</script><img src=x onerror=alert(1)>`;
    const { invoice } = await invoiced({ ...PROFILE, buyer: { ...PROFILE.buyer, name } });
    const response = await page(invoice);
    expect(response.headers.get("content-type")).toContain("text/html");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'nonce-[\w-]+'; base-uri 'none'; form-action 'none'/,
    );
    const text = await response.text();
    expect(text).toContain("&lt;script&gt;alert(");
    expect(text).not.toMatch(/<(script|img|link|iframe)/i);
    const [, nonce] = /nonce-([\w-]+)/.exec(policy) ?? [];
    expect(text).toContain(`<style nonce="${nonce}">`);
    // The style is not escaped, so it must not hold what escaping is for.
    expect(text).toContain(":root { color-scheme: light;");
  });

  test("is only for who prefers it", async () => {
    const { invoice } = await invoiced();
    for (const accept of ["application/json", "*/*", "application/json, text/html;q=0.5"]) {
      expect((await page(invoice, accept)).headers.get("content-type")).toContain("application/json");
    }
  });
});

describe("closed periods", () => {
  test("show what was used, billed and invoiced, newest first", async () => {
    const { account, invoice } = await invoiced();
    await advance(account, Date.parse("2027-01-14T00:00:00Z"));
    const path = `/v1/accounts/${accountIdOf(account.key)}/periods`;
    const first = await ask<ListAnswer<Record<string, unknown>>>(`${path}?limit=1`);
    expect(first.body.data).toMatchObject([{ period: "2026-12-14", used: 0, expired: 6000, invoice: null }]);
    const second = await ask<ListAnswer<Record<string, unknown>>>(`${path}?cursor=${first.body.nextCursor}`);
    expect(second.body).toEqual({
      data: [
        {
          period: "2026-11-14",
          start: "2026-11-14T00:00:00Z",
          end: "2026-12-14T00:00:00Z",
          overageSetting: "pay_as_you_go",
          limit: 6000,
          used: 6237.5,
          held: 0,
          overdraft: 0,
          overage: 237.5,
          billable: 237.5,
          billed: 230,
          expired: 0,
          overagePrice: "0.010",
          overageAmount: { amountMinor: 230, currency: "USD" },
          invoice: invoice.invoice,
        },
      ],
      nextCursor: null,
    });
  });
});

describe("a reconciliation", () => {
  test("agrees while entries are on their way, and when all are in D1", async () => {
    const account = await openBilledAccount();
    await use(account, 12.5);
    await use(account, 0.000001);
    const before = await reconciliation(account);
    expect(before.body).toMatchObject({ ok: true, mismatches: [], periods: [{ used: 12.500001, ok: true }] });

    await vi.waitUntil(async () => (await reconciliation(account)).body.unshipped === 0, {
      timeout: 20_000,
      interval: 200,
    });
    expect((await reconciliation(account)).body).toEqual({
      ok: true,
      unshipped: 0,
      periods: [
        {
          period: "2026-11-14",
          used: 12.500001,
          tail: 0,
          segments: 12.500001,
          rollups: 12.500001,
          later: 0,
          closedUsed: null,
          ok: true,
        },
      ],
      mismatches: [],
    });
  }, 30_000);

  test("agrees at every moment of traffic over a reset", async () => {
    const account = await openExample2();
    // Long enough for segments to reach D1 and to be acknowledged meanwhile.
    const traffic = async () => {
      for (let round = 0; round < 30; round += 1) {
        const calls = Array.from({ length: 40 }, (_, index) => ({
          mode: "consume" as const,
          event: answers(`r${round}-${index}`, 7.25),
        }));
        await account.api.use(calls, CONTEXT);
        if (round === 17) await advance(account, END_MS);
        await scheduler.wait(100);
      }
    };
    const running = traffic();
    const proofs: ReconciliationAnswer[] = [];
    for (let proof = 1; proof <= 30; proof += 1) {
      proofs.push((await reconciliation(account)).body);
      await scheduler.wait(100);
    }
    await running;
    proofs.push((await reconciliation(account)).body);
    expect(proofs.flatMap((proof) => proof.mismatches)).toEqual([]);
    expect(proofs.some((proof) => proof.unshipped > 0 && (proof.periods[0]?.segments ?? 0) > 0)).toBe(true);
    expect(proofs.at(-1)).toMatchObject({
      ok: true,
      periods: [
        { period: "2026-12-14", used: 12 * 40 * 7.25 },
        { period: "2026-11-14", used: 18 * 40 * 7.25 },
      ],
    });
  }, 30_000);

  test("leaves out what reached D1 after the account was asked", async () => {
    const account = await openBilledAccount();
    await use(account, 3);
    const isStored = async (lastSeq: number) => {
      await account.api.flush();
      const view = await account.api.report(CONTEXT);
      return view.kind === "view" && view.acknowledgedSeq === lastSeq;
    };
    const due = async () => {
      await use(account, 4);
      await vi.waitUntil(() => isStored(2), { timeout: 20_000, interval: 200 });
      return account.api.due(CONTEXT);
    };
    const asked = { report: () => account.api.report(CONTEXT), flush: () => account.api.flush(), due };
    const slow = { ...env, ACCOUNT: { getByName: () => asked } } as unknown as Env;
    expect(await reconcileAccount(slow, account.key, CONTEXT)).toMatchObject({
      ok: true,
      unshipped: 0,
      periods: [
        { usedMicros: 3 * CREDIT, tailMicros: 0, segmentsMicros: 7 * CREDIT, laterMicros: 4 * CREDIT },
      ],
      mismatches: [],
    });
  }, 30_000);

  test("finds roll-ups, segments and invoices that were tampered with", async () => {
    const { account } = await invoiced();
    await account.api.flush();
    const acknowledged = async () => {
      const view = await account.api.report(CONTEXT);
      return view.kind === "view" && view.acknowledgedSeq === view.lastSeq;
    };
    await vi.waitUntil(acknowledged, { timeout: 20_000, interval: 200 });
    expect((await reconciliation(account)).body).toMatchObject({ ok: true });
    const tamper = (statement: string) => env.DB.prepare(statement).bind(account.key).run();

    await tamper("UPDATE rollups SET credits_micros = credits_micros - 1 WHERE account_key = ?");
    expect((await reconciliation(account)).body.mismatches).toEqual([
      "period 2026-11-14: the roll-ups 6237.499999, the entries in D1 6237.5",
    ]);
    await tamper("DELETE FROM rollups WHERE account_key = ?");
    await tamper("DELETE FROM segments WHERE account_key = ?");
    await tamper("DELETE FROM invoices WHERE account_key = ?");
    const { body } = await reconciliation(account);
    expect(body.ok).toBe(false);
    expect(body.mismatches).toContain("D1 lacks entries 1 to 1, which were acknowledged");
    expect(body.mismatches).toContain("period 2026-11-14: the account's used 6237.5, its entries 0");
    expect(body.mismatches).toContain("period 2026-11-14: the invoice's quantity 0, billed 230");
  }, 30_000);

  test("is nobody's where there is no such account", async () => {
    expect((await ask("/v1/accounts/nobody/reconciliation", { method: "POST" })).status).toBe(404);
  });
});
