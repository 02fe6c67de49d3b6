/** Worked examples 2, 19, 20 and 22: what is billed for usage above the limit. */
import { describe, expect, test } from "vitest";
import { inLine, inWords } from "../support/account.ts";
import type { TestServer } from "../support/server.ts";
import { open, openWithPack, PACK, PAYG } from "./accounts.ts";

export function overageExamples(server: TestServer): void {
  describe("overage", () => {
    test("2: 6,237.5 used in pay_as_you_go with a limit of 6,000 is 2.30 USD, and the limit is 6,000 after the reset", async () => {
      const account = await openWithPack(server, PAYG);
      await account.use(6237.5);
      expect((await account.told()).map(inWords)).toEqual(["limit_passed"]);
      await account.advanceToReset();

      const { data: periods } = await server.test.periods(account.account);
      expect(periods).toMatchObject([
        {
          limit: 6000,
          used: 6237.5,
          overage: 237.5,
          billable: 237.5,
          billed: 230,
          expired: 0,
          overageAmount: { amountMinor: 230, currency: "USD" },
        },
      ]);
      const invoices = await account.invoices();
      expect(invoices.map(inLine)).toEqual([
        "2026-11-20 packs purchase 1000",
        "2026-11-20 overage 230",
        "2026-12-20 packs renewal 1000",
      ]);
      expect(invoices[1]).toMatchObject({
        invoice: periods[0]?.invoice,
        status: "open",
        lines: [{ quantity: 230, unit: "credits", unitPrice: "0.010", amount: { amountMinor: 230 } }],
        total: { amountMinor: 230, currency: "USD" },
      });
      expect(await account.balance()).toMatchObject({
        limit: 6000,
        used: 0,
        overageSetting: "pay_as_you_go",
        state: "active",
      });
    });

    test("19: of 230 billed for an overage of 237.5, a correction of 7 gives nothing back, one of 1 more 0.10 USD on the next invoice", async () => {
      const account = await openWithPack(server, PAYG);
      await account.use(6000);
      const { id } = await account.use(237.5);
      await account.advanceToReset();
      const correct = (credits: number) =>
        server.test.correct(account.account, { event: id, credits, reason: "it failed" });

      const money = (amountMinor: number) => ({ amountMinor, currency: "USD" });
      const closed = { name: "2026-11-20", open: false };
      expect(await correct(7)).toMatchObject({ credits: 7, period: closed, moneyCredit: money(0) });
      expect(await server.test.periods(account.account)).toMatchObject({
        data: [{ billed: 230, corrected: { billable: 230.5, billed: 230 } }],
      });
      expect(await correct(1)).toMatchObject({ credits: 1, period: closed, moneyCredit: money(10) });
      expect(await server.test.periods(account.account)).toMatchObject({
        data: [{ used: 6237.5, billed: 230, corrected: { used: 6229.5, billable: 229.5, billed: 220 } }],
      });
      // They are logged now and count nothing in the running period.
      const [second, first] = await account.log();
      for (const entry of [first, second]) {
        expect(entry).toMatchObject({ kind: "correction", period: "2026-12-20", credits: 0 });
        expect(entry?.correction).toMatchObject({ event: id, period: "2026-11-20" });
      }
      expect(await account.balance()).toMatchObject({ used: 0, remaining: 6000 });
      expect(await account.invoices()).toHaveLength(3);

      await account.advanceToReset();
      const invoices = await account.invoices();
      expect(invoices.slice(3).map(inLine)).toEqual(["2027-01-20 packs renewal 990"]);
      expect(invoices[3]?.lines).toMatchObject([
        { unit: "packs", amount: money(1000) },
        { unit: "adjustment", amount: money(-10) },
      ]);
      await account.advanceToReset();
      expect((await account.invoices()).slice(4).map(inLine)).toEqual(["2027-02-20 packs renewal 1000"]);
    });

    test("20: a 1,000 pack bought at 6,400 of 6,000 absorbs the overage: at the reset there is no overage invoice", async () => {
      const account = await openWithPack(server, PAYG);
      expect(await account.use(6400)).toMatchObject({ balance: { overage: 400, state: "overage" } });
      expect(await account.buy(PACK)).toMatchObject({
        balance: { limit: 7000, used: 6400, overage: 0, state: "active" },
        settings: { overageSetting: "pay_as_you_go" },
      });
      expect(await account.balance()).toMatchObject({ money: { accruedOverage: { amountMinor: 0 } } });
      await account.advanceToReset();
      expect(await server.test.periods(account.account)).toMatchObject({
        data: [{ limit: 7000, used: 6400, overage: 0, billed: 0, invoice: null, expired: 600 }],
      });
      expect((await account.invoices()).map(inLine)).toEqual([
        "2026-11-20 packs purchase 1000",
        "2026-11-20 packs purchase 1000",
        "2026-12-20 packs renewal 2000",
      ]);
    });

    test("22: a record of 50 at 1,190 used under a maximum of 1,200 is booked with an overdraft of 40, billable 200", async () => {
      const account = await open(server, { pack: { ...PAYG, maximum: 1200 } });
      await account.use(1190);
      const recorded = await account.record(account.event(50));
      expect(recorded).toMatchObject({
        credits: 50,
        overdraft: 40,
        wouldDeny: "max_monthly_limit_reached",
        balance: { limit: 1000, used: 1240, available: 0, state: "maximum_reached" },
      });
      expect(await account.balance()).toMatchObject({
        used: 1240,
        overdraft: 40,
        overage: 240,
        billable: 200,
      });
      const [entry] = await account.log();
      expect(entry).toMatchObject({ mode: "record", credits: 50, overdraft: 40 });
      await account.advanceToReset();
      expect((await account.invoices()).map(inLine)).toContain("2026-11-20 overage 200");
    });
  });
}
