/** What the calls of one page share: their calls to the account, and their reads of D1. */
import type { Env } from "../../env.ts";
import { shareAccounts } from "./shared-account.ts";
import { shareDatabase } from "./shared-database.ts";

/** What the calls of one page have cost. */
export interface PageCosts {
  /** Calls to account objects. */
  readonly accountCalls: number;
  /** Requests to D1, each a batch of statements or a single one. */
  readonly databaseBatches: number;
}

/** What is known of a page before its first call. */
export interface PageAbout {
  /** The event that it explains: what became of it comes with the account's report. */
  readonly eventId?: string | undefined;
}

/**
 * An Env for the API calls of one page, and what they have cost so far. Reads see the state of the page's first look,
 * until one of its calls changes something. One page, one env: nothing is kept beyond it.
 */
export function pageEnv(
  env: Env,
  { eventId }: PageAbout = {},
): { readonly env: Env; readonly costs: () => PageCosts } {
  // A new report needs new reads of D1: what the account says D1 holds must be there when it is read.
  const accounts = shareAccounts(env, eventId, () => reads.forget());
  const reads = shareDatabase(env.DB, accounts.underWay);
  return {
    env: { ...env, ACCOUNT: accounts.namespace, DB: reads.database },
    costs: () => ({ accountCalls: accounts.calls(), databaseBatches: reads.batches() }),
  };
}
