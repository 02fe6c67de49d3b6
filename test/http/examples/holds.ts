/** Worked examples 13, 17 and 18: credits that are reserved first. */
import { describe, expect, test } from "vitest";
import { inLine, inWords } from "../support/account.ts";
import type { TestServer } from "../support/server.ts";
import { open, openWithPack } from "./accounts.ts";

export function holdExamples(server: TestServer): void {
  describe("a hold", () => {
    test("13: of 50 leaves 10 of 60, so that 20 are denied; captured at 30 it leaves 30, and they are allowed", async () => {
      const account = await open(server, { plans: ["plan-500"] });
      await account.use(440);
      const { id, balance } = await account.hold(50);
      expect(balance).toMatchObject({ used: 440, held: 50, remaining: 10, available: 10 });
      const event = account.event(20);
      expect(await server.test.consume(event)).toMatchObject({
        allowed: false,
        reason: "credits_exhausted",
        balance: { used: 440, held: 50, remaining: 10 },
      });

      expect(await account.capture(id, 30)).toMatchObject({
        credits: 30,
        hold: { status: "captured", credits: 50 },
        balance: { used: 470, held: 0, remaining: 30 },
      });
      expect(await server.test.consume(event)).toMatchObject({
        allowed: true,
        replayed: false,
        balance: { used: 490, held: 0, remaining: 10, state: "active" },
      });
      const entries = (await account.log()).map(({ id: name, credits, hold }) => [
        name,
        credits,
        hold?.credits,
      ]);
      expect(entries).toEqual([
        [event.id, 20, undefined],
        [id, 30, 50],
        ["event-1", 440, undefined],
      ]);
      expect((await account.told()).map(inWords)).toEqual([
        "usage_threshold limit 85",
        "usage_threshold limit 90",
      ]);
    });

    test("17: of 50 at 5,990 of 6,000 in auto_upgrade, then released, adds no pack and invoices none", async () => {
      const account = await openWithPack(server);
      await account.use(5990);
      const { id, balance } = await account.hold(50);
      expect(balance).toMatchObject({ limit: 6000, used: 5990, held: 50, remaining: 0, overage: 0 });
      expect(await account.release(id)).toMatchObject({
        hold: { status: "released" },
        balance: { limit: 6000, used: 5990, held: 0, remaining: 10 },
      });
      const { data: packs } = await server.test.packs(account.account);
      expect(packs).toMatchObject([{ source: "purchase", quantity: 1 }]);
      expect((await account.invoices()).map(inLine)).toEqual(["2026-11-20 packs purchase 1000"]);
      expect(await account.log()).toHaveLength(1);
      expect((await account.told()).map(inWords)).toEqual(["usage_threshold limit 90"]);
    });

    test("18: of 10 at 990 of 1,000, captured after the period ended, is booked in the new one; 10 expired", async () => {
      const account = await open(server, {
        plans: ["plan-1000"],
        anchorDate: "2026-11-14",
        now: "2026-12-13T20:00:00Z",
      });
      await account.use(990);
      const { id } = await account.hold(10);
      await account.advanceToReset();
      expect(await account.balance()).toMatchObject({ used: 0, held: 10, remaining: 990 });
      expect(await account.capture(id, 10)).toMatchObject({
        credits: 10,
        entry: { period: "2026-12-14" },
        balance: { used: 10, held: 0, remaining: 990 },
      });
      expect(await server.test.periods(account.account)).toMatchObject({
        data: [{ period: "2026-11-14", limit: 1000, used: 990, held: 10, expired: 10, overage: 0 }],
      });
      expect((await account.log()).map(({ period, credits }) => [period, credits])).toEqual([
        ["2026-12-14", 10],
        ["2026-11-14", 990],
      ]);
      expect(await account.invoices()).toEqual([]);
    });
  });
}
