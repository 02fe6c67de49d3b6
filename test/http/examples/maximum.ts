/** Worked examples 7, 8 and 9: the maximum monthly limit. */
import { describe, expect, test } from "vitest";
import { inLine, inWords } from "../support/account.ts";
import type { TestServer } from "../support/server.ts";
import { openWithPack, PACK } from "./accounts.ts";

export function maximumExamples(server: TestServer): void {
  describe("the maximum", () => {
    test("7: under a maximum of 6,800 an event of 901 at 5,900 buys nothing; one of 900 adds one pack and reaches it", async () => {
      const account = await openWithPack(server, { ...PACK, maximum: 6800 });
      await account.use(5900);
      const before = await account.told();
      expect(await account.consume(901)).toMatchObject({
        allowed: false,
        reason: "max_monthly_limit_reached",
        balance: { limit: 6000, used: 5900 },
      });
      expect((await server.test.packs(account.account)).data).toHaveLength(1);
      expect(await account.told()).toEqual(before);

      expect(await account.use(900)).toMatchObject({
        upgrade: { pack: "pack-1000", packs: 1, price: { amountMinor: 1000, currency: "USD" } },
        balance: { limit: 7000, used: 6800, available: 0, state: "maximum_reached" },
      });
      const after = await account.told();
      expect(after.slice(before.length).map(inWords)).toEqual(["automatic_upgrade", "maximum_reached"]);
      await account.buy(PACK);
      expect(await account.balance()).toMatchObject({
        limit: 8000,
        maximum: 8000,
        used: 6800,
        state: "active",
      });
      expect((await account.told()).slice(after.length).map(inWords)).toEqual(["maximum_raised"]);
      expect((await account.invoices()).map(inLine)).toEqual([
        "2026-11-20 packs purchase 1000",
        "2026-11-20 packs upgrade 1000",
        "2026-11-20 packs purchase 1000",
      ]);
    });

    test("8: a pack of 1,000 bought at a limit of 6,000 leaves a maximum of 8,000 as it is", async () => {
      const account = await openWithPack(server, { ...PACK, maximum: 8000 });
      await account.buy(PACK);
      expect(await account.balance()).toMatchObject({ limit: 7000, maximum: 8000 });
      expect(await account.told()).toEqual([]);
    });

    test("9: a pack of 1,000 bought at a limit of 6,000 raises a maximum of 6,500 to 7,000, to be reviewed", async () => {
      const account = await openWithPack(server, { ...PACK, maximum: 6500 });
      expect(await account.buy(PACK)).toMatchObject({ settings: { limit: 7000, maximum: 7000 } });
      expect(await account.balance()).toMatchObject({ limit: 7000, maximum: 7000, state: "active" });
      expect(await account.told()).toMatchObject([{ kind: "maximum_raised", from: 6500, to: 7000 }]);
    });
  });
}
