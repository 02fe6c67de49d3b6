/** Worked examples 10 and 11: which thresholds are told. */
import { describe, expect, test } from "vitest";
import { inWords } from "../support/account.ts";
import type { TestServer } from "../support/server.ts";
import { open, PACK } from "./accounts.ts";

export function noticeExamples(server: TestServer): void {
  describe("notices", () => {
    test("10: an event of 170 at 740 of 1,000 is told once, at 90 %, and not at 75 and 85", async () => {
      const account = await open(server, { plans: ["plan-1000"] });
      await account.use(740);
      expect(await account.told()).toEqual([]);
      expect(await account.use(170)).toMatchObject({ balance: { used: 910, limit: 1000 } });
      expect(await account.told()).toMatchObject([
        { kind: "usage_threshold", subject: "limit", percent: 90, used: 910, of: 1000 },
      ]);
      await account.use(1);
      expect(await account.told()).toHaveLength(1);
    });

    test("11: 75 % is told at 760 of 1,000 and, when a pack of 1,000 has made room, once more at 1,500", async () => {
      const account = await open(server, { plans: ["plan-1000"] });
      await account.use(760);
      expect((await account.told()).map(inWords)).toEqual(["usage_threshold limit 75"]);
      await account.buy(PACK);
      for (let used = 770; used <= 1490; used += 10) await account.use(10);
      expect(await account.told()).toHaveLength(1);
      await account.use(10);
      expect(await account.told()).toMatchObject([
        { percent: 75, used: 760, of: 1000 },
        { kind: "usage_threshold", subject: "limit", percent: 75, used: 1500, of: 2000 },
      ]);
    });
  });
}
