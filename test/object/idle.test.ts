/**
 * An account that nobody calls: the platform drops an idle object from memory after 10 s, and starts it again for each
 * alarm. What it has booked arrives all the same, and what has arrived is not sent again.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { NotificationMessage, SegmentMessage, UsageMessage } from "../../shared/queues.ts";
import type { Account } from "../../workers/account/account.ts";
import type { Env } from "../../workers/env.ts";
import { startAccount } from "./account-process.ts";
import { answers, CONTEXT, openTestAccount, publishOffer } from "./fixtures.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** Shorter than an idle object is kept. */
const CONFIRMED_AFTER_MS = 5 * SECOND_MS;

beforeAll(async () => {
  await publishOffer();
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Idle {
  readonly segments: readonly SegmentMessage[];
  readonly notices: readonly NotificationMessage[];
  /** Calls the account, which is in memory for it, and for some seconds more. */
  call<Answer>(run: (account: Account) => Promise<Answer>): Promise<Answer>;
  /** Nobody calls for so long; each alarm that falls due meanwhile finds the account dropped. Returns how many rang. */
  pass(ms: number): Promise<number>;
}

async function idle(testClockNowMs: number | null, run: (idle: Idle) => Promise<void>): Promise<void> {
  const opened = await openTestAccount({ includedCredits: 100 }, testClockNowMs);
  const segments: SegmentMessage[] = [];
  const notices: NotificationMessage[] = [];
  const bindings = bindingsTo(segments, notices);
  await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
    let armedAtMs: number | null = null;
    const started = async () => {
      const process = await startAccount(state, bindings);
      const drop = () => {
        // The one alarm outlives the process.
        armedAtMs = process.alarms.at(-1) ?? armedAtMs;
        process.end();
      };
      return { ...process, drop };
    };
    await run({
      segments,
      notices,
      async call(made) {
        const { account, drop } = await started();
        const answer = await made(account);
        await vi.advanceTimersByTimeAsync(2 * CONFIRMED_AFTER_MS);
        drop();
        return answer;
      },
      async pass(ms) {
        const untilMs = Date.now() + ms;
        let rung = 0;
        while (armedAtMs !== null && armedAtMs <= untilMs) {
          vi.setSystemTime(Math.max(armedAtMs, Date.now()));
          armedAtMs = null;
          rung += 1;
          const { account, drop } = await started();
          await account.alarm();
          drop();
        }
        vi.setSystemTime(untilMs);
        return rung;
      },
    });
  });
}

function bindingsTo(segments: SegmentMessage[], notices: NotificationMessage[]): Env {
  const usage = {
    send: async (message: UsageMessage) => {
      if (message.type === "segment") segments.push(message);
    },
  };
  const notifications = {
    sendBatch: async (batch: Iterable<{ body: NotificationMessage }>) => {
      for (const { body } of batch) notices.push(body);
    },
  };
  return {
    ...env,
    USAGE_QUEUE: usage as unknown as Env["USAGE_QUEUE"],
    NOTIFICATIONS_QUEUE: notifications as unknown as Env["NOTIFICATIONS_QUEUE"],
  };
}

function use(id: string, credits: number) {
  return (account: Account) => account.use([{ mode: "consume", event: answers(id, credits) }], CONTEXT);
}

test("its entries are sent within a minute or so", async () => {
  await idle(null, async ({ segments, call, pass }) => {
    await call(use("a", 1));
    await pass(MINUTE_MS);
    expect(segments).toMatchObject([{ firstSeq: 1, lastSeq: 1 }]);
  });
});

test("so are those of an account on a test clock, whatever it says", async () => {
  await idle(Date.parse("2099-01-01T00:00:00Z"), async ({ segments, call, pass }) => {
    await call(use("a", 1));
    await pass(2 * MINUTE_MS);
    expect(segments).toMatchObject([{ firstSeq: 1, lastSeq: 1 }]);
  });
});

test("what was acknowledged is not sent again, and no alarm rings for it once it is known", async () => {
  await idle(null, async ({ segments, notices, call, pass }) => {
    await call(use("a", 80));
    await pass(MINUTE_MS);
    expect(segments).toHaveLength(1);
    expect(notices).toHaveLength(1);
    await call((account) => account.acknowledge({ segments: [1], notices: [1] }));
    await pass(5 * MINUTE_MS);
    expect(segments).toHaveLength(1);
    expect(notices).toHaveLength(1);
    expect(await pass(MINUTE_MS * 60)).toBe(0);
  });
});

test("what nobody acknowledged is sent again", async () => {
  await idle(null, async ({ segments, call, pass }) => {
    await call(use("a", 1));
    await pass(10 * MINUTE_MS);
    expect(segments.length).toBeGreaterThan(2);
    expect(new Set(segments.map(({ firstSeq, lastSeq }) => `${firstSeq}-${lastSeq}`))).toEqual(
      new Set(["1-1"]),
    );
  });
});
