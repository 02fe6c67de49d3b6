/** The billing queue as the platform may be at its worst: messages repeated, answers lost, a consumer that dies. */
import {
  createExecutionContext,
  createMessageBatch,
  evictDurableObject,
  getQueueResult,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { CallContext } from "../../shared/protocol.ts";
import type { BillingMessage } from "../../shared/queues.ts";
import { accountOf } from "../../workers/account/stub.ts";
import type { Env } from "../../workers/env.ts";
import worker from "../../workers/index.ts";

/** As in wrangler.toml. */
const BATCH_MAX = 20;
const BATCHES_AT_ONCE = 5;
/** Every so many messages that were acknowledged come once more, most of them to an account that has forgotten. */
const REPEATED_EVERY = 7;

/** What happens to a batch, by its number. */
const FAILURES: ReadonlyMap<number, "answers lost" | "acknowledgements lost" | "consumer dies"> = new Map([
  [10, "answers lost"],
  [25, "acknowledgements lost"],
  [40, "consumer dies"],
]);
/** Calls of D1 after which the consumer is gone, in the middle of its batch. */
const CALLS_UNTIL_DEATH = 25;

export interface Delivered {
  readonly batches: number;
  readonly repeated: number;
  readonly retried: number;
  /** Of the repeated ones, those whose account had forgotten the first time. */
  readonly ended: number;
  /** Rows written in D1, indexes included, as D1 counts them. */
  readonly rowsInD1: number;
}

interface Waiting {
  readonly body: BillingMessage;
  readonly attempts: number;
}

/** Delivers until nothing waits; `afterBatch` may send more. */
export async function deliverAll(
  sent: BillingMessage[],
  afterBatch: (batch: number) => Promise<void>,
): Promise<Delivered> {
  const again: Waiting[] = [];
  const counted = { batches: 0, acknowledged: 0, repeated: 0, retried: 0, ended: 0, rowsInD1: 0 };
  const next = (): Waiting[] => {
    const fresh = sent.splice(0, BATCH_MAX).map((body) => ({ body, attempts: 1 }));
    return fresh.length > 0 ? fresh : again.splice(0, BATCH_MAX);
  };
  const countRows = (rows: number) => {
    counted.rowsInD1 += rows;
  };
  const lane = async () => {
    for (let batch = next(); batch.length > 0; batch = next()) {
      counted.batches += 1;
      const number = counted.batches;
      const isLeft = await deliver(batch, number, countRows);
      const settled = batch.filter((message) => !isLeft(message));
      for (const message of batch.filter(isLeft)) {
        counted.retried += 1;
        again.push({ ...message, attempts: message.attempts + 1 });
      }
      await Promise.all(
        settled.map(async (message) => {
          const { accountKey } = message.body;
          counted.acknowledged += 1;
          if (counted.acknowledged % REPEATED_EVERY !== 0) return accountOf(env, accountKey).flush();
          counted.repeated += 1;
          if (await end(accountKey)) counted.ended += 1;
          again.push(message);
        }),
      );
      await afterBatch(number);
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, lane));
  const { acknowledged: _, ...delivered } = counted;
  return delivered;
}

/**
 * The account's process ends before it has made durable what billing acknowledged; the others ship, as their alarm
 * does. Where the runtime finds that it is still in use, it goes on.
 */
async function end(accountKey: string): Promise<boolean> {
  try {
    await evictDurableObject(env.ACCOUNT.getByName(accountKey));
    return true;
  } catch {
    return false;
  }
}

/** Returns which messages of the batch the queue keeps. */
async function deliver(
  waiting: readonly Waiting[],
  number: number,
  countRows: (rows: number) => void,
): Promise<(message: Waiting) => boolean> {
  const ids = new Map(waiting.map((message, index) => [message, `${number}/${index}`]));
  const messages = waiting.map((message) => ({ ...message, id: ids.get(message) ?? "", timestamp: 0 }));
  const batch = createMessageBatch<BillingMessage>("drawdown-billing", messages);
  const failure = FAILURES.get(number);
  await worker.queue(batch, failing(failure, countRows));
  const { explicitAcks } = await getQueueResult(batch, createExecutionContext());
  // Of a consumer that died no acknowledgement counts.
  const acknowledged = new Set(failure === "consumer dies" ? [] : explicitAcks);
  return (message) => !acknowledged.has(ids.get(message) ?? "");
}

function failing(failure: ReturnType<typeof FAILURES.get>, countRows: (rows: number) => void): Env {
  let calls = 0;
  const counting: Pick<D1Database, "prepare" | "batch"> = {
    prepare: (sql) => {
      if (failure === "consumer dies" && calls++ > CALLS_UNTIL_DEATH) throw new Error("the consumer died");
      return env.DB.prepare(sql);
    },
    batch: async <Row>(statements: D1PreparedStatement[]) => {
      const results = await env.DB.batch<Row>(statements);
      countRows(results.reduce((sum, { meta }) => sum + meta.rows_written, 0));
      if (failure === "answers lost" && calls++ % 2 === 1) throw new Error("D1's answer was lost");
      return results;
    },
  };
  const getByName = (accountKey: string) => ({
    due: (context: CallContext) => accountOf(env, accountKey).due(context),
    acknowledge: () => Promise.reject(new Error("the account was not reached")),
  });
  return {
    ...env,
    DB: counting as D1Database,
    ...(failure === "acknowledgements lost" ? { ACCOUNT: { getByName } as unknown as Env["ACCOUNT"] } : {}),
  };
}
