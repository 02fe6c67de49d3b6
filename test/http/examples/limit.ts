/** Worked examples 3, 4 and 12: at the limit. */
import { describe, expect, test } from "vitest";
import { inLine, inWords } from "../support/account.ts";
import type { TestServer } from "../support/server.ts";
import { open, PACK } from "./accounts.ts";

export function limitExamples(server: TestServer): void {
  describe("the limit", () => {
    test("3: with 0.5 of 500 left an event of 1 is denied and books nothing, one of 0.5 is allowed and exhausts", async () => {
      const account = await open(server, { plans: ["plan-500"] });
      await account.use(499.5);
      const denied = await account.consume(1);
      expect(denied).toMatchObject({
        allowed: false,
        reason: "credits_exhausted",
        credits: 1,
        resolve: ["buy_pack", "wait_for_reset"],
        balance: { limit: 500, used: 499.5, remaining: 0.5, available: 0.5, state: "active" },
      });
      expect(denied).not.toHaveProperty("entry");
      expect(await account.log()).toHaveLength(1);
      expect(await account.use(0.5)).toMatchObject({
        balance: { used: 500, remaining: 0, overage: 0, state: "exhausted" },
      });
      expect((await account.log()).map(({ credits }) => credits)).toEqual([0.5, 499.5]);
      // The first denial from 90 % on says that the limit is passed; reaching it says nothing more.
      expect((await account.told()).map(inWords)).toEqual(["usage_threshold limit 90", "limit_passed"]);
      expect(await account.invoices()).toEqual([]);
    });

    test("4: a pack of 1,000 bought when exhausted is active at once: limit 1,500, auto_upgrade", async () => {
      const account = await open(server, { plans: ["plan-500"] });
      await account.use(500);
      expect(await account.balance()).toMatchObject({ state: "exhausted", overageSetting: "pause" });
      expect(await account.buy(PACK)).toMatchObject({
        bought: { pack: "pack-1000", quantity: 1, source: "purchase" },
        balance: { limit: 1500, used: 500, remaining: 1000, state: "active" },
        settings: { overageSetting: "auto_upgrade", pending: null, maximum: null },
      });
      expect((await account.invoices()).map(inLine)).toEqual(["2026-11-20 packs purchase 1000"]);
      expect(await account.use(1)).toMatchObject({ balance: { used: 501, limit: 1500 } });
      expect((await account.told()).map(inWords)).toEqual(["limit_passed"]);
    });

    test("12: with 100 remaining in pause exactly 100 of 200 parallel events of 1 are allowed", async () => {
      const account = await open(server, { plans: ["plan-500"] });
      await account.use(400);
      const decisions = await Promise.all(Array.from({ length: 200 }, () => account.consume(1)));
      expect(decisions.filter((decision) => decision.allowed)).toHaveLength(100);
      const reasons = decisions.flatMap((decision) => (decision.allowed ? [] : [decision.reason]));
      expect(new Set(reasons)).toEqual(new Set(["credits_exhausted"]));
      expect(await account.balance()).toMatchObject({
        used: 500,
        remaining: 0,
        overage: 0,
        state: "exhausted",
      });
      expect(await account.log()).toHaveLength(101);
    });
  });
}
