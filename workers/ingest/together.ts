/**
 * Calls to one busy account that arrive in one tick of an isolate travel together: one RPC and one commit instead
 * of one each. The object decides them one by one, in order, so that no call knows of the others. Calls to an
 * account that is not busy travel alone, because waiting for a tick costs more than it saves there.
 */
import type { CallContext, UsageCall, UsageResult } from "../../shared/protocol.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";

export const CALLS_PER_RPC_MAX = 500;

/** An account is busy from so many calls per window on: 200 a second from one isolate. */
const BUSY_CALLS = 4;
const BUSY_WINDOW_MS = 20;
const WINDOWS_MAX = 1_000;

/** A journey that did not answer by then is given up by those who only joined it. */
const JOINED_ANSWER_MS = 2_000;

interface Journey {
  readonly calls: UsageCall[];
  readonly results: Promise<readonly UsageResult[]>;
}

interface Window {
  startedMs: number;
  calls: number;
}

/** Journeys that have not left yet, by account and context. */
const boarding = new Map<string, Journey>();
const windows = new Map<string, Window>();

/**
 * Asks an account to decide one call. Safe because ids make it safe to repeat: whoever joined another request's
 * journey and hears nothing, because that request ended with its caller, asks alone.
 */
export async function askTogether(
  env: Env,
  execution: Pick<ExecutionContext, "waitUntil">,
  accountKey: string,
  call: UsageCall,
  context: CallContext,
): Promise<UsageResult | undefined> {
  const askAlone = async () => (await accountOf(env, accountKey).use([call], context))[0];
  if (!isBusy(accountKey)) return askAlone();

  const name = `${context.offerRevision}/${accountKey}`;
  const joined = boarding.get(name);
  if (joined !== undefined && joined.calls.length < CALLS_PER_RPC_MAX) {
    const seat = joined.calls.push(call) - 1;
    const results = await answerWithin(joined.results, JOINED_ANSWER_MS);
    return results === null ? askAlone() : results[seat];
  }
  const calls = [call];
  const journey = { calls, results: depart(env, accountKey, calls, context, name) };
  boarding.set(name, journey);
  // A caller who hangs up must not take the others' answers along.
  execution.waitUntil(journey.results.catch(() => {}));
  return (await journey.results)[0];
}

/** Counts the call. */
function isBusy(accountKey: string): boolean {
  const nowMs = Date.now();
  const window = windows.get(accountKey);
  if (window === undefined || nowMs - window.startedMs >= 2 * BUSY_WINDOW_MS) {
    if (windows.size >= WINDOWS_MAX) windows.clear();
    windows.set(accountKey, { startedMs: nowMs, calls: 1 });
    return false;
  }
  window.calls += 1;
  const busy = window.calls > BUSY_CALLS;
  if (nowMs - window.startedMs >= BUSY_WINDOW_MS) {
    // A busy account begins its next window as busy: the first calls of a window would not show it.
    window.startedMs = nowMs;
    window.calls = busy ? BUSY_CALLS : 0;
  }
  return busy;
}

async function depart(
  env: Env,
  accountKey: string,
  calls: readonly UsageCall[],
  context: CallContext,
  name: string,
): Promise<readonly UsageResult[]> {
  await scheduler.wait(0);
  boarding.delete(name);
  return accountOf(env, accountKey).use(calls, context);
}

/** null where no answer came in time. Each waiter has its own timer: a shared one would end with its request. */
async function answerWithin<Answer>(answer: Promise<Answer>, withinMs: number): Promise<Answer | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), withinMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
