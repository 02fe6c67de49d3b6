/**
 * The way of entries to D1 under failures: the real account on its real storage and the real D1, with a network
 * that loses, repeats, delays and refuses messages, and a process that dies between any two steps.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { BillingMessage, NotificationMessage, UsageMessage } from "../../shared/queues.ts";
import type { Account } from "../../workers/account/account.ts";
import type { Env } from "../../workers/env.ts";
import { consumeUsage } from "../../workers/log/consumer.ts";
import { startAccount } from "./account-process.ts";
import { answers, CONTEXT, CREDIT, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";
import { randomOf } from "./random.ts";

beforeAll(async () => {
  await publishOffer();
  // The failures are the point; their warnings are not.
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

/** A network between the account and D1 that does its worst, but only what the platform may do. */
class Network {
  readonly sent: UsageMessage[] = [];
  readonly #random: () => number;
  reliable = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The account's bindings: real D1, queues that end here. */
  env(): Env {
    const refuse = () => !this.reliable && this.#random() < 0.2;
    const queue = <Message>(messages: Message[]) => ({
      send: async (message: Message) => {
        if (refuse()) throw new Error("the queue refused");
        messages.push(message);
      },
      sendBatch: async (batch: Iterable<{ body: Message }>) => {
        if (refuse()) throw new Error("the queue refused");
        for (const { body } of batch) messages.push(body);
      },
    });
    return {
      ...env,
      USAGE_QUEUE: queue(this.sent) as unknown as Queue<UsageMessage>,
      NOTIFICATIONS_QUEUE: queue<NotificationMessage>([]) as unknown as Queue<NotificationMessage>,
      BILLING_QUEUE: queue<BillingMessage>([]) as unknown as Queue<BillingMessage>,
    };
  }

  /** Delivers one message, perhaps not for the last time; the acknowledgement may get lost. */
  async deliver(account: Account): Promise<void> {
    const index = Math.floor(this.#random() * this.sent.length);
    const message = this.sent[index];
    if (message === undefined) return;
    if (this.reliable || this.#random() < 0.7) this.sent.splice(index, 1);
    const hears = this.reliable || this.#random() < 0.7;
    const acknowledge = (acknowledgement: Parameters<Account["acknowledge"]>[0]) =>
      hears ? account.acknowledge(acknowledgement) : Promise.reject(new Error("the account died"));
    const body = {
      id: crypto.randomUUID(),
      timestamp: new Date(),
      attempts: 1,
      body: message,
      ack() {},
      retry() {},
    };
    const batch = { queue: "usage", messages: [body], ackAll() {}, retryAll() {} };
    const namespace = { getByName: () => ({ acknowledge }) } as unknown as Env["ACCOUNT"];
    await consumeUsage(batch as unknown as MessageBatch<UsageMessage>, { ...env, ACCOUNT: namespace });
  }
}

async function sumsInD1(account: TestAccount) {
  const [segments, rollups] = await env.DB.batch<{ credits: number; entries: number }>([
    env.DB.prepare(
      "SELECT sum(credits_micros) AS credits, sum(last_seq - first_seq + 1) AS entries FROM segments WHERE account_key = ?",
    ).bind(account.key),
    env.DB.prepare(
      "SELECT sum(credits_micros) AS credits, sum(events) AS entries FROM rollups WHERE account_key = ? AND dimension = 'action'",
    ).bind(account.key),
  ]);
  return { segments: segments?.results[0], rollups: rollups?.results[0] };
}

describe("entries reach D1 exactly once", () => {
  test.for(Array.from({ length: 12 }, (_, index) => index + 1))(
    "whatever the network does (seed %i)",
    async (seed) => {
      const opened = await openTestAccount({ includedCredits: 1_000_000 });
      const random = randomOf(seed);
      const network = new Network(random);
      await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
        let { account, end } = await startAccount(state, network.env());
        const restart = async () => {
          end();
          ({ account, end } = await startAccount(state, network.env()));
        };
        let booked = 0;
        const book = async (events: number) => {
          const calls = Array.from({ length: events }, () => {
            booked += 1;
            return {
              mode: "consume" as const,
              event: answers(`event ${booked}`, 1, { user: `u${booked % 3}` }),
            };
          });
          await account.use(calls, CONTEXT);
        };
        for (let step = 0; step < 60; step += 1) {
          const dice = random();
          if (dice < 0.35) await book(1 + Math.floor(random() * 300));
          else if (dice < 0.6) await account.flush().catch(() => {});
          else if (dice < 0.9) await network.deliver(account);
          else await restart();
        }

        network.reliable = true;
        await restart();
        await account.flush();
        while (network.sent.length > 0) await network.deliver(account);
        const view = await account.report(CONTEXT);
        if (view.kind !== "view") throw new Error(view.kind);
        expect(view.lastSeq).toBe(booked);
        expect(view.balance.usedMicros).toBe(booked * CREDIT);
        expect(view.tail).toEqual([]);
        const stored = { credits: booked * CREDIT, entries: booked };
        expect(await sumsInD1(opened)).toEqual({ segments: stored, rollups: stored });
      });
    },
  );
});

describe("audit records of any size", () => {
  async function recordsInD1({ key }: TestAccount, count: number) {
    for (let look = 0; look < 100; look += 1) {
      const { results } = await env.DB.prepare(
        "SELECT audit_id AS id, before, after FROM audit WHERE account_key = ? ORDER BY audit_id",
      )
        .bind(key)
        .all<{ id: string; before: string; after: string }>();
      if (results.length >= count) return results;
      await scheduler.wait(50);
    }
    throw new Error("the audit log has not arrived");
  }

  test("arrive; what no message can carry without before and after", async () => {
    const account = await openTestAccount();
    const limitTo = async (letter: string, length: number) => {
      const users = Array.from({ length: 1000 }, (_, index) => letter.repeat(length) + index);
      const access = { users, teams: [] };
      await account.api.execute({ kind: "change_feature", feature: "assistant", access }, null, CONTEXT);
    };
    // Two of these are more than a message may have, and the last one is by itself.
    for (const letter of ["a", "b", "c"]) await limitTo(letter, 36);
    await limitTo("d", 150);
    await account.api.execute({ kind: "suspend", reason: "unpaid" }, null, CONTEXT);
    await account.api.flush();
    const records = await recordsInD1(account, 5);
    const [, , third, last, suspended] = records.map(({ after }) => JSON.parse(after));
    expect(third).toMatchObject({ access: { users: expect.arrayContaining([`${"c".repeat(36)}999`]) } });
    expect(last).toEqual({ omitted: "too large for the audit log" });
    expect(suspended).toMatchObject({ suspended: true });
  });
});

test("denials of any number of actions fit into messages, and each is counted once", async () => {
  const long = (name: string) => name.padEnd(64, "x");
  const actions = Array.from({ length: 1000 }, (_, index) => long(`a${index}`));
  const rates = actions.map((action) => ({
    action,
    name: action,
    creditsMicros: 1,
    perMicros: 1,
    blocks: false,
  }));
  const feature = {
    feature: long("f"),
    name: "",
    category: "",
    description: "",
    beta: false,
    actions: rates,
  };
  await env.DB.prepare(
    "INSERT INTO rate_sheets (version, effective_at_ms, published_at_ms, features) VALUES (2, 0, 0, ?)",
  )
    .bind(JSON.stringify([feature]))
    .run();
  const opened = await openTestAccount();
  await opened.api.execute({ kind: "suspend", reason: "unpaid" }, null, CONTEXT);
  const network = new Network(() => 1);
  await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
    const { account } = await startAccount(state, network.env());
    const calls = actions.map((action) => ({
      mode: "consume" as const,
      event: { id: action, feature: feature.feature, items: [{ action, quantityMicros: 1 }] },
    }));
    await account.use(calls, CONTEXT);
    await account.flush();
  });
  const sent = network.sent.filter((message) => message.type === "denials");
  for (const message of sent) expect(JSON.stringify(message).length).toBeLessThan(128_000);
  expect(sent.flatMap(({ counts }) => counts.map(({ action }) => action)).sort()).toEqual(actions.toSorted());
});
