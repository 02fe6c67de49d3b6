/** What an account costs, at any moment: so far, as billed, as expected (rules, section 7.5). */
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { accountIdOf } from "../../shared/account-key.ts";
import type { billingSchema } from "../../shared/api/billing.ts";
import { ask, listInvoices } from "./billing-api.ts";
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

beforeAll(async () => {
  await publishOffer();
});

async function billing(account: TestAccount): Promise<z.infer<typeof billingSchema>> {
  const path = `/v1/accounts/${accountIdOf(account.key)}/billing`;
  return (await ask<z.infer<typeof billingSchema>>(path)).body;
}

describe("the billing of an account", () => {
  test("shows overage so far, and the invoices that the reset will bring, with tax", async () => {
    const account = await openExample2({ ...PROFILE, tax: { name: "VAT", percent: "10" } });
    await use(account, 6237.5);
    const now = await billing(account);
    expect(now).toMatchObject({
      period: { name: "2026-11-14" },
      overage: { price: "0.010", billable: 237.5, billed: 230, accrued: { amountMinor: 230 } },
      packsAmount: { amountMinor: 1000 },
      effectivePrice: "0.001971943888",
      invoices: [{ number: "ACME-0001", cause: "purchase" }],
      adjustments: { open: { amountMinor: 0 }, data: [] },
      expected: [
        {
          kind: "overage",
          at: "2026-12-14T00:00:00Z",
          period: { name: "2026-11-14" },
          lines: [{ quantity: 230, amount: { amountMinor: 230 } }],
          total: { amountMinor: 253 },
        },
        {
          kind: "packs",
          cause: "renewal",
          at: "2026-12-14T00:00:00Z",
          dueAt: "2027-01-13T00:00:00Z",
          period: { name: "2026-12-14", end: "2027-01-14T00:00:00Z" },
          lines: [{ quantity: 1, unit: "packs", amount: { amountMinor: 1000 } }],
          total: { amountMinor: 1100 },
        },
      ],
    });
    expect(now.next).toEqual(now.expected[0]);
    await advance(account, END_MS);
    const issued = (await listInvoices(account)).body.data.slice(0, 2);
    const facts = ({ kind, lines, total }: { kind: string; lines: unknown; total: unknown }) => [
      kind,
      lines,
      total,
    ];
    expect(issued.map(facts)).toEqual(now.expected.toReversed().map(facts));
  });

  test("expects credits to be taken off, oldest invoice first, and shows them until then", async () => {
    const account = await openExample2();
    const event = await use(account, 6237.5);
    await advance(account, END_MS);
    await correct(account, event, 8);
    const now = await billing(account);
    expect(now.adjustments).toMatchObject({
      open: { amountMinor: 10 },
      data: [{ event, period: "2026-11-14", granted: { amountMinor: 10 }, open: { amountMinor: 10 } }],
    });
    expect(now.next).toMatchObject({ cause: "renewal", total: { amountMinor: 990 } });
  });

  test("shows the growing invoice first, which is final at the end of the day", async () => {
    const account = await openBilledAccount({ includedCredits: 500, automaticPacksMax: 5 });
    const first = { kind: "buy_pack", pack: "p1000", quantity: 1, setting: "auto_upgrade" } as const;
    await account.api.execute(first, null, CONTEXT);
    await use(account, 1600);
    await billing(account);
    await use(account, 1000);
    const { next, expected, invoices } = await billing(account);
    expect(next).toMatchObject({
      cause: "upgrade",
      at: "2026-11-15T00:00:00Z",
      number: "ACME-0002",
      lines: [{ quantity: 2 }],
      total: { amountMinor: 2000 },
    });
    expect(invoices[0]).toMatchObject({ invoice: next?.invoice, growsUntil: "2026-11-15T00:00:00Z" });
    // At the reset both packs, the bought one and the automatic ones, are paid again.
    expect(expected[1]).toMatchObject({ cause: "renewal", total: { amountMinor: 3000 } });
  });

  test("expects nothing of an account without packs and overage", async () => {
    const account = await openBilledAccount();
    expect(await billing(account)).toMatchObject({ next: null, expected: [], invoices: [] });
    expect((await ask("/v1/accounts/nobody/billing")).status).toBe(404);
  });
});
