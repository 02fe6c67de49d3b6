/** Messages that failed every retry: seen by the operator, sent back onto their queue, removed. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import worker from "../../workers/index.ts";
import { badFields, call, keyWith } from "./api.ts";
import { openTestAccount, publishOffer } from "./fixtures.ts";
import { addUser, noticeMessage, statuses } from "./notification-fixtures.ts";

interface Letter {
  readonly id: string;
  readonly queue: string;
  readonly type: string | null;
  readonly account: string | null;
  readonly resentAt: string | null;
  readonly message?: unknown;
}

interface Page {
  readonly data: readonly Letter[];
  readonly nextCursor: string | null;
}

let sandbox = "";
let live = "";

beforeAll(async () => {
  await publishOffer();
  sandbox = await keyWith("test");
  live = await keyWith("live");
});

async function die(queue: string, id: string, body: unknown): Promise<void> {
  const batch = createMessageBatch(`${queue}-dead`, [{ id, timestamp: 0, attempts: 1, body }]);
  await worker.queue(batch, env);
  await getQueueResult(batch, createExecutionContext());
}

async function list(query = "", key = sandbox): Promise<Page> {
  return (await call<Page>(key, "GET", `/v1/dead-letters${query}`)).body;
}

function resend(id: string, key = sandbox) {
  return call<Letter>(key, "POST", `/v1/dead-letters/${id}/resend`);
}

describe("dead letters", () => {
  test("are seen with queue, type and account, by the keys of the account's mode", async () => {
    await die("drawdown-billing", "m-live", { type: "account_due", accountKey: "live:seen" });
    await die("drawdown-billing", "m-test", { type: "account_due", accountKey: "test:seen" });
    await die("drawdown-notifications", "m-delivery", {
      type: "delivery",
      deliveryId: "test:seen/notice/1/email/a/b",
    });
    await die("drawdown-usage", "m-odd", "not a message");

    const seen = (await list()).data.filter(({ account }) => account === "seen");
    expect(seen.map(({ id, queue, type }) => [id, queue, type]).toSorted()).toEqual([
      ["m-delivery", "drawdown-notifications", "delivery"],
      ["m-test", "drawdown-billing", "account_due"],
    ]);
    expect((await list("", live)).data.map(({ id }) => id).toSorted()).toEqual(["m-live", "m-odd"]);
    expect((await list("?queue=drawdown-billing", live)).data.map(({ id }) => id)).toEqual(["m-live"]);
    expect(await call(sandbox, "GET", "/v1/dead-letters/m-test")).toMatchObject({
      status: 200,
      body: { message: { type: "account_due", accountKey: "test:seen" } },
    });
    for (const [method, path] of [
      ["GET", "m-live"],
      ["POST", "m-live/resend"],
      ["DELETE", "m-live"],
    ] as const) {
      expect(await call(sandbox, method, `/v1/dead-letters/${path}`)).toMatchObject({
        status: 404,
        body: { code: "dead_letter_not_found" },
      });
    }
  });

  test("are paged newest first, each once", async () => {
    await env.DB.prepare(
      `INSERT INTO dead_letters (message_id, queue, body, died_at_ms, mode)
       SELECT 'p-' || value, 'drawdown-usage', '{}', 5000 - value / 2, 'test' FROM json_each('[1,2,3,4,5]')`,
    ).run();
    const ids: string[] = [];
    let query = "?queue=drawdown-usage&limit=2";
    for (let pages = 0; pages < 3; pages += 1) {
      const { data, nextCursor } = await list(query);
      ids.push(...data.map(({ id }) => id));
      if (nextCursor === null) break;
      query = `?queue=drawdown-usage&limit=2&cursor=${encodeURIComponent(nextCursor)}`;
    }
    expect(ids).toEqual(["p-1", "p-3", "p-2", "p-5", "p-4"]);
    const refused = await call(sandbox, "GET", "/v1/dead-letters?cursor=x&queue=other");
    expect(badFields(refused).toSorted()).toEqual(["cursor", "queue"]);
  });

  test("need the scope admin", async () => {
    const reader = await keyWith("test", ["read", "consume"]);
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/x"],
      ["POST", "/x/resend"],
      ["DELETE", "/x"],
    ] as const) {
      expect(await call(reader, method, `/v1/dead-letters${path}`)).toMatchObject({ status: 403 });
    }
  });

  test("resent, a message has its effect once, and its letter says when; dying again is another letter", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin");
    const message = noticeMessage(account);
    await die("drawdown-notifications", "n-1", message);
    expect(await statuses(account)).toEqual({});

    expect(await resend("n-1")).toMatchObject({
      status: 200,
      body: { resentAt: expect.stringMatching(/Z$/) },
    });
    await vi.waitFor(async () => expect(await statuses(account)).toEqual({ root: "delivered" }), 10_000);
    expect(await resend("n-1")).toMatchObject({ status: 200 });

    await die("drawdown-notifications", "n-2", message);
    const waiting = await list("?resent=false&queue=drawdown-notifications");
    expect(waiting.data.map(({ id }) => id)).toContain("n-2");
    expect(waiting.data.map(({ id }) => id)).not.toContain("n-1");
    const resent = await list("?resent=true");
    expect(resent.data.map(({ id }) => id)).toEqual(["n-1"]);
  }, 15_000);

  test("go back onto the queue that they came from", async () => {
    const sent: [string, unknown][] = [];
    const queue = (name: string) => ({
      send: async (body: unknown) => {
        sent.push([name, body]);
      },
    });
    const { resendDeadLetter, findDeadLetter } = await import("../../workers/dead-letters/store.ts");
    const recording = {
      ...env,
      USAGE_QUEUE: queue("usage"),
      NOTIFICATIONS_QUEUE: queue("notifications"),
      BILLING_QUEUE: queue("billing"),
    } as unknown as typeof env;
    for (const name of ["usage", "notifications", "billing"]) {
      const body = { type: name, accountKey: "test:back" };
      await die(`drawdown-${name}`, `b-${name}`, body);
      const letter = await findDeadLetter(env.DB, "test", `b-${name}`);
      if (letter === null) throw new Error("the letter is gone");
      expect(await resendDeadLetter(recording, letter, 1)).toBe(true);
      expect(sent.at(-1)).toEqual([name, body]);
    }
  });

  test("of a queue that is not there any more are refused, and can be removed", async () => {
    await die("drawdown-old", "o-1", { type: "x", accountKey: "test:old" });
    expect(await resend("o-1")).toMatchObject({ status: 409, body: { code: "queue_unknown" } });
    expect((await list("?resent=true")).data.map(({ id }) => id)).not.toContain("o-1");
    expect(await call(sandbox, "DELETE", "/v1/dead-letters/o-1")).toMatchObject({ status: 204 });
    expect(await call(sandbox, "DELETE", "/v1/dead-letters/o-1")).toMatchObject({ status: 404 });
  });
});
