/** Worked examples 1, 16 and 21: packs over their term. */
import { describe, expect, test } from "vitest";
import { inLine, inWords, type TestAccount } from "../support/account.ts";
import type { TestServer } from "../support/server.ts";
import { open, openWithPack, PAYG } from "./accounts.ts";

const TERM_PERIODS = 12;
/** Over the billing queue, without anybody asking. */
const BY_ITSELF_MS = 20_000;
const TERM_ENDS = "2027-11-20T00:00:00Z";

const usd = (amountMinor: number) => ({ amountMinor, currency: "USD" });

export function packExamples(server: TestServer): void {
  describe("packs", () => {
    test("1: an event of 600 at 5,900 of 6,000 in auto_upgrade adds one pack, which is invoiced now and at each reset and ends with the term", async () => {
      const account = await openWithPack(server);
      await account.use(5900);
      expect((await account.told()).map(inWords)).toEqual(["usage_threshold limit 90"]);
      expect(await account.use(600)).toMatchObject({
        credits: 600,
        upgrade: { pack: "pack-1000", packs: 1, price: usd(1000) },
        balance: { limit: 7000, used: 6500, overage: 0, state: "active" },
      });
      expect((await account.told()).slice(1)).toMatchObject([
        { kind: "automatic_upgrade", packs: 1, price: usd(1000), used: 6500, limit: 7000 },
      ]);
      // It is there by itself, and may grow for the rest of the day.
      await expect
        .poll(async () => (await server.test.invoices(account.account)).data, { timeout: BY_ITSELF_MS })
        .toMatchObject([
          {
            kind: "packs",
            cause: "upgrade",
            lines: [{ quantity: 1, unit: "packs", unitPrice: "10.00", amount: usd(1000) }],
            total: usd(1000),
            growsUntil: "2026-11-21T00:00:00Z",
          },
          { kind: "packs", cause: "purchase", total: usd(1000), growsUntil: null },
        ]);
      const [bought, added] = (await server.test.packs(account.account)).data;
      expect(bought).toMatchObject({ source: "purchase", quantity: 1, renewal: { quantity: 1 } });
      expect(added).toMatchObject({ source: "automatic", quantity: 1, renewal: { quantity: 0 } });

      for (let reset = 1; reset < TERM_PERIODS; reset += 1) await expectRenewal(account);
      expect(await server.test.packs(account.account)).toMatchObject({
        data: [{ id: bought?.id }, { id: added?.id }],
        term: { period: TERM_PERIODS, periods: TERM_PERIODS, end: TERM_ENDS },
      });
      await account.advanceToReset();
      expect(await server.test.packs(account.account)).toMatchObject({
        data: [{ id: bought?.id, quantity: 1 }],
        term: { start: TERM_ENDS, period: 1, periods: TERM_PERIODS },
      });
      expect(await account.balance()).toMatchObject({ limit: 6000, overageSetting: "auto_upgrade" });
      const invoices = await account.invoices();
      expect(invoices).toHaveLength(1 + 1 + TERM_PERIODS);
      expect(invoices.map(inLine).at(-1)).toBe("2027-11-20 packs renewal 1000");

      const told = await account.told();
      expect(told.filter(({ kind }) => kind === "automatic_upgrade")).toHaveLength(1);
      expect(told.filter(({ kind }) => kind === "term_ending")).toMatchObject([
        { endsAt: TERM_ENDS, packs: [{ renewal: { quantity: 1 } }, { renewal: null }] },
      ]);
    });

    /** Both packs are invoiced for the period that begins, on one invoice. */
    async function expectRenewal(account: TestAccount): Promise<void> {
      const { resetAt } = await account.balance();
      await account.advanceTo(resetAt);
      expect(await account.balance()).toMatchObject({ limit: 7000, used: 0, packs: 2000 });
      const [newest] = (await server.test.invoices(account.account, { limit: 1 })).data;
      expect(newest).toMatchObject({
        cause: "renewal",
        period: { start: resetAt },
        total: usd(2000),
        status: "open",
      });
      const packs = newest?.lines.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(packs).toBe(2);
    }

    test("16: 2 earlier packs of 100 give 6,000 a month until the term ends, without an invoice, in pause", async () => {
      const account = await open(server, { plans: ["plan-500"] });
      expect(await server.test.convert(account.account, { size: 100, quantity: 2 })).toMatchObject({
        converted: { source: "conversion", credits: 3000, quantity: 2, price: usd(0) },
        settings: { overageSetting: "pause", maximum: null, limit: 6500 },
      });
      expect(await account.balance()).toMatchObject({
        limit: 6500,
        overageSetting: "pause",
        state: "active",
      });
      await account.use(6500);
      expect(await account.consume(0.1)).toMatchObject({ allowed: false, reason: "credits_exhausted" });

      await account.advanceTo("2027-11-19T23:59:59Z");
      expect(await account.balance()).toMatchObject({ limit: 6500, used: 0, remaining: 6500 });
      await account.advanceTo(TERM_ENDS);
      expect(await account.balance()).toMatchObject({ limit: 500, packs: 0, overageSetting: "pause" });
      expect((await account.told()).filter(({ kind }) => kind === "packs_ended")).toHaveLength(1);
      expect(await account.invoices()).toEqual([]);
    });

    test("16: 3 earlier packs of 1,000 give 45,000 a month", async () => {
      const account = await open(server, {});
      await server.test.convert(account.account, { size: 1000, quantity: 3 });
      expect(await account.balance()).toMatchObject({ limit: 45_000, overageSetting: "pause" });
      expect(await account.invoices()).toEqual([]);
    });

    test("21: when the last pack ends at the reset, pay_as_you_go becomes pause, and the maximum of 9,000 goes", async () => {
      const account = await openWithPack(server, { ...PAYG, maximum: 9000 }, { termPeriods: 1 });
      const [pack] = (await server.test.packs(account.account)).data;
      await server.test.changeRenewal(account.account, pack?.id ?? "", { quantity: 0 });
      await account.use(6100);
      await account.advanceToReset();
      expect(await account.balance()).toMatchObject({
        limit: 5000,
        included: 5000,
        packs: 0,
        maximum: null,
        pending: null,
        overageSetting: "pause",
        state: "active",
      });
      expect(await server.test.packs(account.account)).toMatchObject({ data: [], term: null });
      // The closed period had its own setting and limit; nothing is renewed.
      expect((await account.invoices()).map(inLine)).toEqual([
        "2026-11-20 packs purchase 1000",
        "2026-11-20 overage 100",
      ]);
      expect((await account.told()).map(inWords)).toContain("packs_ended");
      await account.use(5000);
      expect(await account.consume(1)).toMatchObject({ allowed: false, reason: "credits_exhausted" });
    });
  });
}
