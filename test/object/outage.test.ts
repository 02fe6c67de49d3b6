/** The account while others are away: it goes on deciding, and neither alarms nor copies pile up. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type {
  BillingMessage,
  NotificationMessage,
  SegmentMessage,
  UsageMessage,
} from "../../shared/queues.ts";
import type { Account } from "../../workers/account/account.ts";
import type { Env } from "../../workers/env.ts";
import { type AccountProcess, startAccount } from "./account-process.ts";
import { answers, CONTEXT, openTestAccount, publishOffer } from "./fixtures.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

beforeAll(async () => {
  await publishOffer();
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Queues that take everything, or nothing, and deliver nothing by themselves. */
class Queues {
  readonly segments: SegmentMessage[] = [];
  readonly notices: NotificationMessage[] = [];
  away = false;

  env(): Env {
    const queue = <Message>(take: (message: Message) => void) => ({
      send: async (message: Message) => {
        if (this.away) throw new Error("the queue refused");
        take(message);
      },
      sendBatch: async (batch: Iterable<{ body: Message }>) => {
        if (this.away) throw new Error("the queue refused");
        for (const { body } of batch) take(body);
      },
    });
    const usage = queue((message: UsageMessage) => {
      if (message.type === "segment") this.segments.push(message);
    });
    const notifications = queue((message: NotificationMessage) => this.notices.push(message));
    return {
      ...env,
      USAGE_QUEUE: usage as unknown as Queue<UsageMessage>,
      NOTIFICATIONS_QUEUE: notifications as unknown as Queue<NotificationMessage>,
      BILLING_QUEUE: queue(() => {}) as unknown as Queue<BillingMessage>,
    };
  }

  /** Copies sent of each segment. */
  get copies(): readonly number[] {
    return [...Map.groupBy(this.segments, ({ firstSeq }) => firstSeq).values()].map(({ length }) => length);
  }
}

interface Running extends Omit<AccountProcess, "end"> {
  readonly queues: Queues;
  book(events: number): Promise<void>;
  /** Lets time pass and every alarm ring that falls due on the way; returns how many did. */
  pass(ms: number): Promise<number>;
}

async function running(includedCredits: number, run: (running: Running) => Promise<void>): Promise<void> {
  const opened = await openTestAccount({ includedCredits });
  const queues = new Queues();
  await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
    const { account, alarms } = await startAccount(state, queues.env());
    let booked = 0;
    let rung = alarms.length;
    await run({
      account,
      alarms,
      queues,
      async book(events) {
        const calls = Array.from({ length: events }, () => {
          booked += 1;
          return { mode: "consume" as const, event: answers(`event ${booked}`) };
        });
        await account.use(calls, CONTEXT);
      },
      async pass(ms) {
        const untilMs = Date.now() + ms;
        let rings = 0;
        // There is one alarm: the one set last.
        for (let dueMs = alarms.at(-1); alarms.length > rung; dueMs = alarms.at(-1)) {
          if (dueMs === undefined || dueMs > untilMs) break;
          rung = alarms.length;
          rings += 1;
          vi.setSystemTime(Math.max(dueMs, Date.now()));
          await account.alarm();
        }
        vi.setSystemTime(untilMs);
        return rings;
      },
    });
  });
}

test("an event arms no alarm of its own while as many segments are under way as may be", async () => {
  await running(1_000_000, async ({ alarms, queues, book, pass }) => {
    for (let batch = 0; batch < 42; batch += 1) {
      await book(500);
      await pass(SECOND_MS / 10);
    }
    expect(queues.segments).toHaveLength(40);
    const before = alarms.length;
    for (let event = 0; event < 20; event += 1) {
      await book(1);
      await pass(SECOND_MS / 10);
    }
    expect(alarms.length).toBe(before);
  });
});

test("acknowledgements let the segments that wait go on at once", async () => {
  await running(1_000_000, async ({ account, queues, book, pass }) => {
    for (let batch = 0; batch < 60; batch += 1) await book(500);
    await pass(SECOND_MS);
    expect(queues.segments).toHaveLength(40);
    await account.acknowledge({ segments: queues.segments.map(({ firstSeq }) => firstSeq) });
    await pass(SECOND_MS);
    expect(queues.segments.map(({ lastSeq }) => lastSeq).at(-1)).toBe(30_000);
  });
});

test("a segment that nobody acknowledges is sent again, later each time", async () => {
  await running(1_000, async ({ queues, book, pass }) => {
    await book(1);
    const rings = await pass(60 * MINUTE_MS);
    // At 1, 2, 4, 8, 16, 31 and 46 minutes.
    expect([queues.copies, rings]).toEqual([[7], 7]);
  });
});

test("a queue that refuses is asked again soon, then later each time, and as before once it is back", async () => {
  await running(1_000, async ({ queues, book, pass }) => {
    queues.away = true;
    await book(1);
    expect(await pass(61 * MINUTE_MS)).toBeLessThanOrEqual(11);
    queues.away = false;
    await pass(15 * MINUTE_MS);
    expect(queues.copies).not.toEqual([]);
    await pass(MINUTE_MS);
    expect(queues.copies[0]).toBeGreaterThanOrEqual(2);
  });
});

test("entries go out within a minute, whatever else is shipped meanwhile", async () => {
  await running(100, async ({ account, queues, book, pass }) => {
    await book(1);
    await pass(40 * SECOND_MS);
    await book(74);
    await pass(0);
    expect(queues.notices).toHaveLength(1);
    await account.acknowledge({ notices: [1] });
    // Another notice: its shipment forgets the first one.
    await book(10);
    await pass(19 * SECOND_MS);
    expect(queues.segments).toEqual([]);
    await pass(2 * SECOND_MS);
    expect(queues.segments).toMatchObject([{ firstSeq: 1, lastSeq: 85 }]);
  });
});

test("an acknowledgement of a segment that was never cut loses no later one", async () => {
  await running(10_000, async ({ account, queues, book }) => {
    await account.acknowledge({ segments: [1, 501] });
    await book(1000);
    await account.flush();
    expect(queues.segments.map(({ firstSeq }) => firstSeq)).toEqual([1, 501]);
    expect(await account.report(CONTEXT)).toMatchObject({ acknowledgedSeq: 0 });
  });
});

test("an alarm that could not do its work rings again a minute later", async () => {
  const opened = await openTestAccount();
  const queues = new Queues();
  const view = await opened.api.view(CONTEXT);
  if (view.kind !== "view") throw new Error(view.kind);
  await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
    let fails = true;
    const storage = new Proxy(state.storage, {
      get(target, property) {
        if (property === "transactionSync" && fails) return () => fail();
        const value = Reflect.get(target, property);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const fail = () => {
      throw new Error("the storage is away");
    };
    const failing = Object.create(state, { storage: { value: storage }, id: { value: state.id } });
    const { account, alarms } = await startAccount(failing, queues.env());
    vi.setSystemTime(view.balance.resetAtMs);
    await account.alarm();
    expect(alarms.at(-1)).toBe(Date.now() + 60_000);
    fails = false;
    vi.setSystemTime(Date.now() + 60_000);
    await account.alarm();
    expect(await account.due(CONTEXT)).toMatchObject({ facts: [{ kind: "period_closed" }] });
  });
});
