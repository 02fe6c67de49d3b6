/** The account started by hand on the real storage of an object: its alarms are recorded, its bindings are given. */
import { Account } from "../../workers/account/account.ts";
import type { Env } from "../../workers/env.ts";

export interface AccountProcess {
  readonly account: Account;
  /** The process is gone: what it had still planned writes nothing any more. */
  readonly end: () => void;
  /** When each alarm was to ring, in the order in which they were set. */
  readonly alarms: readonly number[];
}

/** Starts the account as the platform does after an eviction or a crash: from its storage alone. */
export async function startAccount(state: DurableObjectState, bindings: Env): Promise<AccountProcess> {
  const alarms: number[] = [];
  let ended = false;
  const storage = new Proxy(state.storage, {
    get(target, property) {
      if (ended) throw new Error("this process ended");
      if (property === "setAlarm") return async (atMs: number) => alarms.push(atMs);
      if (property === "getAlarm") return async () => null;
      const value = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const context = Object.create(state, {
    storage: { value: storage },
    id: { value: state.id },
    blockConcurrencyWhile: { value: (run: () => Promise<unknown>) => run() },
    waitUntil: { value: () => {} },
  });
  const account = new Account(context, bindings);
  await scheduler.wait(0);
  const end = () => {
    ended = true;
  };
  return { account, alarms, end };
}
