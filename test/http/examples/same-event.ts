/** Worked example 14: the same event again and again. */
import { request } from "node:http";
import { describe, expect, test } from "vitest";
import type { Drawdown, Event } from "../../../shared/client/client.ts";
import type { TestServer } from "../support/server.ts";
import { open } from "./accounts.ts";

const TIMES = 12;
const WITHIN_MS = 10_000;

export function sameEventExamples(server: TestServer): void {
  describe("the same event", () => {
    test("14: sent 13 times within 10 s, the first reply lost, is booked once and answered 12 times as replayed", async () => {
      const account = await open(server, { plans: ["plan-500"] });
      const event = account.event(7);
      const beganMs = performance.now();
      await sendWithoutReply(server.url, server.keys.test, event);
      await isBooked(server.test, event);
      const replies = await Promise.all(Array.from({ length: TIMES }, () => server.test.consume(event)));
      expect(performance.now() - beganMs).toBeLessThan(WITHIN_MS);

      const [log, ...others] = await account.log();
      expect(others).toEqual([]);
      expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
      expect(replies[0]).toMatchObject({
        allowed: true,
        replayed: true,
        credits: 7,
        entry: { seq: log?.seq, period: log?.period },
        balance: { used: 7 },
      });
    });
  });
}

/** Sends an event and breaks off as soon as it is on its way. */
function sendWithoutReply(url: string, key: string, event: Event): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(`${url}/v1/consume`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    });
    sent.on("error", () => undefined);
    sent.on("close", resolve);
    sent.end(JSON.stringify(event), () => sent.destroy());
  });
}

/** Resolves when it is in the log: nothing else tells of it. */
async function isBooked(drawdown: Drawdown, { account, id }: Event): Promise<void> {
  await expect.poll(async () => (await drawdown.event(account, id)).status).toBe("booked");
}
