/** Invoices and closed periods as an operator asks for them. */
import { beforeAll, describe, expect, test } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { Invoice } from "../../shared/api/invoices.ts";
import { SCOPES } from "../../shared/api-keys.ts";
import {
  ask,
  authorization,
  invoiced,
  type ListAnswer,
  listInvoices,
  readInvoice,
  send,
} from "./billing-api.ts";
import { advance, PROFILE } from "./billing-fixtures.ts";
import { publishOffer } from "./fixtures.ts";

beforeAll(async () => {
  await publishOffer();
});

describe("the invoices of an account", () => {
  test("are there for the first who asks after the end of the period", async () => {
    const { account, invoice } = await invoiced();
    expect(invoice).toMatchObject({
      number: "ACME-0002",
      account: accountIdOf(account.key),
      status: "open",
      overdue: false,
      issuedAt: "2026-12-14T00:00:00Z",
      dueAt: "2027-01-13T00:00:00Z",
      lines: [
        { quantity: 230, unit: "credits", unitPrice: "0.010", amount: { amountMinor: 230, currency: "USD" } },
      ],
      total: { amountMinor: 230, currency: "USD" },
    });
    expect(await ask(`/v1/invoices/${invoice.invoice}`)).toEqual({
      status: 200,
      body: { ...invoice, creditNotes: [] },
    });
  });

  test("come newest first, page by page", async () => {
    const { account } = await invoiced();
    const first = await listInvoices(account, "?limit=2");
    expect(first.body.data.map(({ number, kind, cause }) => [number, kind, cause])).toEqual([
      ["ACME-0003", "packs", "renewal"],
      ["ACME-0002", "overage", null],
    ]);
    const second = await listInvoices(account, `?limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body.data.map(({ number, cause }) => [number, cause])).toEqual([["ACME-0001", "purchase"]]);
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
    expect((await readInvoice(invoice.invoice)).overdue).toBe(false);
    await advance(account, Date.parse("2027-01-14T00:00:00Z"));
    expect((await readInvoice(invoice.invoice)).overdue).toBe(true);
    // The renewal of December is due too, that of January is not yet.
    expect((await listInvoices(account)).body.data.map(({ overdue }) => overdue)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});

describe("the page of an invoice", () => {
  const page = (invoice: Invoice, accept = "text/html,application/xhtml+xml,*/*;q=0.8") =>
    send(`/v1/invoices/${invoice.invoice}`, { headers: { accept } });

  test("says everything, with amounts as people write them", async () => {
    const { invoice } = await invoiced({ ...PROFILE, tax: { name: "VAT", percent: "19" } });
    const text = await (await page(invoice)).text();
    const said = [
      "ACME-0002",
      "Open",
      "Acme",
      "2 Street",
      "Seller Ltd",
      "Tax ID DE456",
      "PO-9",
      "230 credits",
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
    expect(first.body.data).toMatchObject([
      {
        period: "2026-12-14",
        used: 0,
        expired: 6000,
        effectivePrice: null,
        changeCredits: -6237.5,
        changePercent: "-100.0",
        invoice: null,
      },
    ]);
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
          packsAmount: { amountMinor: 1_000, currency: "USD" },
          effectivePrice: "0.001971943888",
          changeCredits: null,
          changePercent: null,
          corrected: null,
          invoice: invoice.invoice,
        },
      ],
      nextCursor: null,
    });
  });
});
