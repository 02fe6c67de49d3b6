/** What an operator does with invoices over HTTP: payments, write-offs, voids, billing again (rules, 7.3 and 3.8). */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { Invoice } from "../../shared/api/invoices.ts";
import { ask, authorization, invoiced, listInvoices, post, readInvoice, send } from "./billing-api.ts";
import {
  advance,
  correct,
  END_MS,
  openBilledAccount,
  openExample2,
  PROFILE,
  use,
} from "./billing-fixtures.ts";
import { CONTEXT, publishOffer, type TestAccount } from "./fixtures.ts";

const TAXED = { ...PROFILE, tax: { name: "VAT", percent: "19" } };

beforeAll(async () => {
  await publishOffer();
});

function pay(invoice: Invoice, reference: string) {
  return ask<Invoice & { readonly code: string }>(
    `/v1/invoices/${invoice.invoice}/paid`,
    post({ reference }),
  );
}

function voidIt(invoice: Invoice, reason = "wrong price") {
  return ask<Invoice & { readonly code: string }>(`/v1/invoices/${invoice.invoice}/void`, post({ reason }));
}

function writeOff(invoice: Invoice) {
  return ask<Invoice & { readonly code: string }>(`/v1/invoices/${invoice.invoice}/uncollectible`, post());
}

function billAgain(account: TestAccount, period = "2026-11-14") {
  const path = `/v1/accounts/${accountIdOf(account.key)}/periods/${period}/reinvoice`;
  return ask<Invoice & { readonly code: string }>(path, post());
}

async function buy(account: TestAccount): Promise<Invoice> {
  await account.api.execute({ kind: "buy_pack", pack: "p1000", quantity: 1 }, null, CONTEXT);
  return newest(account);
}

/** After everything that the account has decided was billed. */
async function newest(account: TestAccount): Promise<Invoice> {
  await ask(`/v1/accounts/${accountIdOf(account.key)}/billing`);
  const [invoice] = (await listInvoices(account)).body.data;
  if (invoice === undefined) throw new Error("no invoice");
  return invoice;
}

async function notified(account: TestAccount): Promise<readonly string[]> {
  const { results } = await env.DB.prepare(
    "SELECT content ->> '$.number' AS number FROM notifications WHERE account_key = ? AND kind = 'invoice_issued'",
  )
    .bind(account.key)
    .all<{ number: string }>();
  return results.map(({ number }) => number).sort();
}

describe("paying an invoice", () => {
  test("changes its status once, and the document never", async () => {
    const { invoice } = await invoiced();
    const paid = { ...invoice, status: "paid", paymentReference: "wire 1" };
    expect(await pay(invoice, "wire 1")).toEqual({ status: 200, body: paid });
    expect(await pay(invoice, "wire 1")).toEqual({ status: 200, body: paid });
    expect(await pay(invoice, "wire 2")).toMatchObject({ status: 409, body: { code: "already_paid" } });
    expect(await writeOff(invoice)).toMatchObject({ status: 409, body: { code: "already_paid" } });
    expect(await voidIt(invoice)).toMatchObject({ status: 409, body: { code: "already_paid" } });
    expect(await readInvoice(invoice.invoice)).toEqual({ ...paid, creditNotes: [] });
  });

  test("is refused without a reference, and to keys that may only read", async () => {
    const { invoice } = await invoiced();
    const path = `/v1/invoices/${invoice.invoice}`;
    expect((await ask(`${path}/paid`, post({}))).status).toBe(422);
    const reader = await authorization("test", ["read"]);
    const asReader = (body?: unknown) => {
      const init = post(body);
      return { ...init, headers: { ...(init.headers as Record<string, string>), ...reader } };
    };
    expect((await ask(`${path}/paid`, asReader({ reference: "x" }))).status).toBe(403);
    expect((await ask(`${path}/void`, asReader({ reason: "x" }))).status).toBe(403);
    expect((await ask(`${path}/uncollectible`, asReader())).status).toBe(403);
    expect(await readInvoice(invoice.invoice)).toEqual({ ...invoice, creditNotes: [] });
  });

  test("is for invoices of the key's own mode", async () => {
    const { invoice } = await invoiced();
    const live = await authorization("live");
    const init = post({ reference: "x" });
    const answer = await ask(`/v1/invoices/${invoice.invoice}/paid`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...live },
    });
    expect(answer).toMatchObject({ status: 404, body: { code: "invoice_not_found" } });
  });

  test("is still possible after it was written off", async () => {
    const { invoice } = await invoiced();
    const off = { ...invoice, status: "uncollectible" };
    expect(await writeOff(invoice)).toEqual({ status: 200, body: off });
    expect(await writeOff(invoice)).toEqual({ status: 200, body: off });
    expect(await pay(invoice, "late")).toMatchObject({ status: 200, body: { status: "paid" } });
  });

  test("happens once, whoever is faster", async () => {
    const { account, invoice } = await invoiced();
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, (_, index) => pay(invoice, `wire ${index}`)),
      voidIt(invoice),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const { status } = await readInvoice(invoice.invoice);
    const notes = (await listInvoices(account)).body.data.filter(({ kind }) => kind === "credit_note");
    expect(notes).toHaveLength(status === "void" ? 1 : 0);
  });
});

describe("voiding an invoice", () => {
  test("issues a credit note for the whole in the same series, once, and tells of it", async () => {
    const { account, invoice } = await invoiced(TAXED);
    const voided = { ...invoice, status: "void", voidReason: "wrong price" };
    expect(await voidIt(invoice)).toEqual({ status: 200, body: voided });
    expect(await voidIt(invoice)).toEqual({ status: 200, body: voided });
    expect(await voidIt(invoice, "another")).toMatchObject({ status: 409, body: { code: "already_void" } });
    expect(await pay(invoice, "x")).toMatchObject({ status: 409, body: { code: "already_void" } });
    const note = await newest(account);
    expect(note).toMatchObject({
      number: "ACME-0004",
      kind: "credit_note",
      status: "paid",
      paymentReference: "offsets ACME-0002",
      overdue: false,
      credits: { invoice: invoice.invoice, number: "ACME-0002" },
      lines: [{ quantity: -230, unit: "credits", unitPrice: "0.010", amount: { amountMinor: -230 } }],
      tax: { amount: { amountMinor: -44 } },
      total: { amountMinor: -274 },
    });
    expect((await listInvoices(account)).body.data).toHaveLength(4);
    expect(await voidIt(note)).toMatchObject({ status: 409, body: { code: "not_voidable" } });
    expect(await writeOff(note)).toMatchObject({ status: 409, body: { code: "not_a_claim" } });
    await expect.poll(() => notified(account), { timeout: 10_000 }).toContain("ACME-0004");
  });

  test("removes no packs and changes no usage", async () => {
    const account = await openExample2();
    await use(account, 100);
    const invoice = await newest(account);
    const before = await account.api.view(CONTEXT);
    await voidIt(invoice);
    // What billing was told meanwhile is another matter.
    expect(await account.api.view(CONTEXT)).toEqual({ ...before, factsWaiting: expect.any(Number) });
  });

  test("is refused while packs may still join the invoice", async () => {
    const account = await openBilledAccount({ includedCredits: 500 });
    const first = { kind: "buy_pack", pack: "p1000", quantity: 1, setting: "auto_upgrade" } as const;
    await account.api.execute(first, null, CONTEXT);
    await use(account, 1600);
    const growing = await newest(account);
    expect(growing).toMatchObject({ cause: "upgrade", growsUntil: "2026-11-15T00:00:00Z" });
    expect(await voidIt(growing)).toMatchObject({ status: 409, body: { code: "not_final" } });
    expect(await pay(growing, "x")).toMatchObject({ status: 409, body: { code: "not_final" } });
    await advance(account, Date.parse("2026-11-15T00:00:00Z"));
    expect(await readInvoice(growing.invoice)).toMatchObject({ growsUntil: null });
    expect(await voidIt(growing)).toMatchObject({ status: 200, body: { status: "void" } });
  });

  test("is in the audit log, with who did it", async () => {
    const { account, invoice } = await invoiced();
    await voidIt(invoice);
    await voidIt(invoice);
    const { results } = await env.DB.prepare(
      "SELECT actor, action, target, after FROM audit WHERE account_key = ?",
    )
      .bind(account.key)
      .all<{ actor: string; action: string; target: string; after: string }>();
    const records = results.filter(({ action }) => action === "invoice_voided");
    expect(records).toMatchObject([{ target: "ACME-0002", actor: expect.stringMatching(/^key:/) }]);
    expect(JSON.parse(records[0]?.after ?? "")).toMatchObject({ status: "void", voidReason: "wrong price" });
  });
});

describe("corrections around a void", () => {
  /** Worked example 19: billed 230, then 8 credits less: 220. */
  async function corrected() {
    const account = await openExample2();
    const event = await use(account, 6237.5);
    await advance(account, END_MS);
    const overage = (await listInvoices(account)).body.data.find(({ kind }) => kind === "overage");
    if (overage === undefined) throw new Error("no overage invoice");
    await correct(account, event, 7);
    await correct(account, event, 1);
    return { account, event, overage };
  }

  test("are −0.10 USD on the next invoice of any kind", async () => {
    const { account } = await corrected();
    const pack = await buy(account);
    expect(pack.lines.map(({ unit, unitPrice, amount }) => [unit, unitPrice, amount.amountMinor])).toEqual([
      ["packs", "10.00", 1000],
      ["adjustment", "-0.10", -10],
    ]);
    expect(pack.total).toEqual({ amountMinor: 990, currency: "USD" });
    expect((await buy(account)).total.amountMinor).toBe(1000);
  });

  test("are taken back with the whole, and billed again as corrected", async () => {
    const { account, event, overage } = await corrected();
    await buy(account);
    expect(await billAgain(account)).toMatchObject({ status: 409, body: { code: "already_invoiced" } });
    await voidIt(overage);
    const again = await billAgain(account);
    expect(again).toMatchObject({
      status: 201,
      body: { kind: "overage", number: "ACME-0006", status: "open" },
    });
    // 2.20 for the period, and the 0.10 that the pack's invoice had taken.
    expect(again.body.lines.map(({ amount }) => amount.amountMinor)).toEqual([220, 10]);
    expect(await billAgain(account)).toEqual({ status: 200, body: again.body });
    const { body } = await ask<{ data: { invoice: string; corrected: { billed: number } }[] }>(
      `/v1/accounts/${accountIdOf(account.key)}/periods`,
    );
    expect(body.data).toMatchObject([
      { invoice: again.body.invoice, billed: 230, corrected: { billed: 220, used: 6229.5 } },
    ]);
    await correct(account, event, 10);
    const pack = await buy(account);
    expect(pack.total.amountMinor).toBe(990);
  });

  test("of a voided period give nothing", async () => {
    const { account, event, overage } = await corrected();
    await newest(account);
    await voidIt(overage);
    await correct(account, event, 50);
    expect((await buy(account)).total.amountMinor).toBe(1000);
    expect(await billAgain(account)).toMatchObject({ status: 201, body: { total: { amountMinor: 170 } } });
  });

  test("billing again is refused for what was never billed or closed", async () => {
    const { account } = await invoiced();
    await advance(account, Date.parse("2027-01-14"));
    expect(await billAgain(account, "2026-12-14")).toMatchObject({
      status: 409,
      body: { code: "never_invoiced" },
    });
    expect(await billAgain(account, "2027-01-14")).toMatchObject({
      status: 404,
      body: { code: "period_not_found" },
    });
    expect(await billAgain({ ...account, key: "test:nobody" })).toMatchObject({ status: 404 });
    expect((await billAgain(account, "yesterday")).status).toBe(422);
  });

  test("are proved by the reconciliation, before and after", async () => {
    const { account, event, overage } = await corrected();
    const proof = async () => {
      const path = `/v1/accounts/${accountIdOf(account.key)}/reconciliation`;
      const { body } = await ask<{ mismatches: string[]; adjustments: object; periods: object[] }>(
        path,
        post(),
      );
      expect(body.mismatches).toEqual([]);
      return body;
    };
    await newest(account);
    expect(await proof()).toMatchObject({
      adjustments: { granted: 10, applied: 0, open: 10, dropped: 0 },
      periods: [{}, { used: 6237.5, closedUsed: 6237.5, correctedUsed: 6229.5 }],
    });
    await buy(account);
    await voidIt(overage);
    await correct(account, event, 20);
    await proof();
    await billAgain(account);
    await correct(account, event, 10);
    await buy(account);
    await proof();
  });
});

describe("the pages of credit notes and void invoices", () => {
  const page = async ({ invoice }: Invoice) =>
    (await send(`/v1/invoices/${invoice}`, { headers: { accept: "text/html" } })).text();

  test("say what they are", async () => {
    const { account, invoice } = await invoiced(TAXED);
    await voidIt(invoice, "wrong <price>");
    const voided = await page(invoice);
    expect(voided).toContain(">Void<");
    expect(voided).toContain('class="stamp"');
    expect(voided).toContain("wrong &lt;price&gt;");
    const note = await page(await newest(account));
    for (const said of [
      "<h1>Credit note</h1>",
      "ACME-0004",
      "ACME-0002",
      "-230 credits",
      "-$2.30",
      "-$2.74",
    ]) {
      expect(note).toContain(said);
    }
    expect(note).not.toContain("<dt>Due</dt>");
    expect(note).not.toContain('class="stamp"');
  });

  test("a growing invoice says until when", async () => {
    const account = await openBilledAccount({ includedCredits: 500 });
    const first = { kind: "buy_pack", pack: "p1000", quantity: 1, setting: "auto_upgrade" } as const;
    await account.api.execute(first, null, CONTEXT);
    await use(account, 1600);
    expect(await page(await newest(account))).toContain(
      "join this invoice until November 15, 2026 at 00:00 UTC",
    );
  });
});
