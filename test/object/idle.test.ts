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
/** So long is an idle object kept. */
const KEPT_MS = 10 * SECOND_MS;
const ANSWERED_AFTER_MS = 2 * SECOND_MS;

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
  /** What was sent is acknowledged soon, while the account is still in memory. */
  answered: boolean;
  readonly segments: readonly SegmentMessage[];
  readonly notices: readonly NotificationMessage[];
  /** Calls the account, which is in memory for it, and for some seconds more. */
  call<Answer>(run: (account: Account) => Promise<Answer>): Promise<Answer>;
  /** Nobody calls for so long; each alarm that falls due meanwhile finds the account dropped. Returns how many rang. */
  pass(ms: number): Promise<number>;
}

/** The one alarm, which outlives the process. */
interface Alarm {
  armedAtMs: number | null;
}

async function idle(testClockNowMs: number | null, run: (idle: Idle) => Promise<void>): Promise<void> {
  const opened = await openTestAccount({ includedCredits: 100 }, testClockNowMs);
  const segments: SegmentMessage[] = [];
  const notices: NotificationMessage[] = [];
  const bindings = bindingsTo(segments, notices);
  await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
    const alarm: Alarm = { armedAtMs: null };
    /** In memory for what it is started for, and until it has been idle for 10 s; alarms ring meanwhile. */
    const live = async <Answer>(work: (account: Account) => Promise<Answer>): Promise<Answer> => {
      const { account, alarms, end } = await startAccount(state, bindings);
      let seen = 0;
      const ring = async () => {
        if (alarms.length > seen) alarm.armedAtMs = alarms.at(-1) ?? null;
        seen = alarms.length;
        if (alarm.armedAtMs === null || alarm.armedAtMs > Date.now()) return false;
        alarm.armedAtMs = null;
        await account.alarm();
        return true;
      };
      const answer = await work(account);
      for (let idleMs = 0; idleMs < KEPT_MS; idleMs += SECOND_MS) {
        if (await ring()) idleMs = 0;
        await vi.advanceTimersByTimeAsync(SECOND_MS);
        if (idle.answered && idleMs === ANSWERED_AFTER_MS) await acknowledgeAll(account, segments, notices);
      }
      end();
      return answer;
    };
    const idle: Idle = {
      answered: false,
      segments,
      notices,
      call: live,
      async pass(ms) {
        const untilMs = Date.now() + ms;
        let rung = 0;
        while (alarm.armedAtMs !== null && alarm.armedAtMs <= untilMs) {
          vi.setSystemTime(Math.max(alarm.armedAtMs, Date.now()));
          alarm.armedAtMs = null;
          rung += 1;
          await live((account) => account.alarm());
        }
        vi.setSystemTime(Math.max(untilMs, Date.now()));
        return rung;
      },
    };
    await run(idle);
  });
}

async function acknowledgeAll(
  account: Account,
  segments: readonly SegmentMessage[],
  notices: readonly NotificationMessage[],
): Promise<void> {
  await account.acknowledge({
    segments: segments.map(({ firstSeq }) => firstSeq),
    notices: notices.map((_, index) => index + 1),
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
    await pass(MINUTE_MS);
    expect(segments[0]).toMatchObject({ firstSeq: 1, lastSeq: 1 });
  });
});

test("what was acknowledged is not sent again, and no alarm rings for it once it is known", async () => {
  await idle(null, async (account) => {
    const { segments, notices, call, pass } = account;
    account.answered = true;
    await call(use("a", 80));
    await pass(5 * MINUTE_MS);
    expect([segments.length, notices.length]).toEqual([1, 1]);
    expect(await pass(60 * MINUTE_MS)).toBe(0);
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
