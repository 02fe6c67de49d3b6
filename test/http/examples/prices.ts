/** Worked examples 23 and 24: what an event costs. */
import { describe, expect, test } from "vitest";
import type { Event } from "../../../shared/client/client.ts";
import { BLOCK_TOKEN, PRICE_RISES_AT, TOKEN } from "../support/operator.ts";
import type { TestServer } from "../support/server.ts";
import { open } from "./accounts.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function priceExamples(server: TestServer): void {
  describe("prices", () => {
    test("23: 5,000 tokens of 30 November, recorded on 2 December when they cost twice as much, are 5 credits", async () => {
      const now = new Date(Date.parse(PRICE_RISES_AT) + DAY_MS).toISOString();
      const account = await open(server, { plans: ["plan-500"], now });
      const tokens = (occurredAt: string): Event => account.event(5000, { ...TOKEN, occurredAt });
      const dayBefore = new Date(Date.parse(PRICE_RISES_AT) - MINUTE_MS).toISOString();
      expect(await account.record(tokens(dayBefore))).toMatchObject({ credits: 5 });
      expect(await account.record(tokens(PRICE_RISES_AT))).toMatchObject({ credits: 10 });
      expect(await account.log()).toMatchObject([
        { rateVersion: 2, items: [{ quantity: 5000, credits: 10 }] },
        {
          rateVersion: 1,
          items: [{ quantity: 5000, credits: 5 }],
          occurredAt: dayBefore.replace(".000", ""),
        },
      ]);
      // What is decided now has the price of now, whenever it occurred.
      expect(await server.test.consume(tokens(dayBefore))).toMatchObject({ credits: 10 });
    });

    test("24: 10,001 tokens at 20 credits per started 10,000 are 40 credits", async () => {
      const account = await open(server, { plans: ["plan-500"] });
      const event = account.event(10_001, BLOCK_TOKEN);
      expect(await server.test.check(event)).toMatchObject({ allowed: true, credits: 40 });
      expect(await server.test.consume(event)).toMatchObject({ credits: 40, balance: { used: 40 } });
    });
  });
}
