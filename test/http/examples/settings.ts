/** Worked examples 5 and 6: a change of the overage setting. */
import { describe, expect, test } from "vitest";
import { inLine, inWords } from "../support/account.ts";
import type { TestServer } from "../support/server.ts";
import { openWithPack } from "./accounts.ts";

export function settingExamples(server: TestServer): void {
  describe("the setting", () => {
    test("5: a change to pay_as_you_go after 1 credit was used waits for the reset; until then usage above the limit upgrades", async () => {
      const account = await openWithPack(server);
      await account.use(1);
      const changed = await server.test.changeSettings(account.account, { overageSetting: "pay_as_you_go" });
      const { resetAt } = await account.balance();
      expect(changed).toMatchObject({
        overageSetting: "auto_upgrade",
        effective: "at_reset",
        effectiveAt: resetAt,
        pending: { overageSetting: "pay_as_you_go", effectiveAt: resetAt },
      });
      expect(await account.use(6000)).toMatchObject({ upgrade: { packs: 1 }, balance: { limit: 7000 } });
      expect((await account.told()).map(inWords)).toEqual(["setting_waiting", "automatic_upgrade"]);

      await account.advanceTo(resetAt);
      expect(await account.balance()).toMatchObject({
        overageSetting: "pay_as_you_go",
        pending: null,
        used: 0,
      });
      expect(await account.use(7001)).toMatchObject({
        balance: { limit: 7000, overage: 1, state: "overage" },
      });
      expect((await account.invoices()).map(inLine)).toEqual([
        "2026-11-20 packs purchase 1000",
        "2026-11-20 packs upgrade 1000",
        "2026-12-20 packs renewal 2000",
      ]);
    });

    test("6: a change to pay_as_you_go when nothing was used is in force at once", async () => {
      const account = await openWithPack(server);
      const changed = await server.test.changeSettings(account.account, { overageSetting: "pay_as_you_go" });
      expect(changed).toMatchObject({
        overageSetting: "pay_as_you_go",
        effective: "now",
        effectiveAt: null,
        pending: null,
      });
      expect(await account.use(6001)).toMatchObject({
        balance: { limit: 6000, overage: 1, state: "overage" },
      });
      expect((await account.told()).map(inWords)).toEqual(["setting_changed", "limit_passed"]);
      expect((await account.invoices()).map(inLine)).toEqual(["2026-11-20 packs purchase 1000"]);
    });
  });
}
