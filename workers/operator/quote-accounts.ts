/** Prices the past usage of accounts again: the range of each, its entries, within what one request may read (rules, 8.5). */
import { accountKeyOf } from "../../shared/account-key.ts";
import type { Mode } from "../../shared/api/common.ts";
import type { Feature } from "../../shared/credits/rates.ts";
import type { AccountReport, CallContext } from "../../shared/protocol.ts";
import { type AskedRange, rangesOf, type UsageRange } from "../../shared/reports/range.ts";
import { type Repriced, repricing } from "../../shared/reports/reprice.ts";
import { accountOf } from "../account/stub.ts";
import type { Env } from "../env.ts";
import { found, ProblemError } from "../ingest/http.ts";
import { closedPeriodsFor } from "../reports/closed-periods.ts";
import { d1LogSource } from "../reports/log-source.ts";
import { walkRange } from "./quote-walk.ts";

/** Of all accounts of a request together. */
export interface QuoteLimits {
  readonly entries: number;
  /** Queries to D1, of which Cloudflare allows a request 1,000. */
  readonly queries: number;
}

export interface QuoteRequest {
  readonly accounts: readonly string[];
  readonly features: readonly Feature[];
  /** null: each account's last closed period, where it has none the last 30 days. */
  readonly asked: AskedRange | null;
}

export interface QuoteCaller {
  readonly mode: Mode;
  readonly callContext: CallContext;
}

export interface AccountQuote {
  readonly account: string;
  readonly range: UsageRange;
  /** Entries that were priced again. */
  readonly entries: number;
  readonly repriced: Repriced;
}

/** Throws where an account does not exist, or where the limits are passed. */
export async function quoteAccounts(
  env: Env,
  caller: QuoteCaller,
  { accounts, features, asked }: QuoteRequest,
  limits: QuoteLimits,
): Promise<readonly AccountQuote[]> {
  const quotes: AccountQuote[] = [];
  let read = 0;
  let queries = 0;
  for (const account of accounts) {
    const key = accountKeyOf(caller.mode, account);
    const view = found(await accountOf(env, key).report(caller.callContext), account);
    const range = await rangeOf(env, key, caller, view, asked);
    const prices = repricing(features, view.directory.rates);
    let entries = 0;
    for await (const step of walkRange(d1LogSource(env.DB, key), view, range)) {
      entries += step.entries.length;
      queries += step.queries;
      if (read + entries > limits.entries || queries > limits.queries) throw tooLarge(account, limits);
      prices.add(step.entries);
    }
    read += entries;
    quotes.push({ account, range, entries, repriced: prices.result() });
  }
  return quotes;
}

async function rangeOf(
  env: Env,
  key: string,
  { callContext }: QuoteCaller,
  view: AccountReport,
  asked: AskedRange | null,
): Promise<UsageRange> {
  const { period, periodStartMs, resetAtMs } = view.balance;
  const now = { nowMs: view.nowMs, terms: view.terms, period, periodStartMs, resetAtMs };
  const closed = asked === null ? await closedPeriodsFor(env, key, view, undefined, callContext) : [];
  const preset = closed.length === 0 ? "last_30_days" : "previous";
  const ranges = rangesOf(asked ?? { kind: "preset", preset }, now, closed);
  if (ranges === null) throw new Error("days and presets always make a range");
  return ranges.current;
}

function tooLarge(account: string, { entries }: QuoteLimits): ProblemError {
  const detail = `with account "${account}" it is more than one request can price, ${entries} entries in all; ask for fewer accounts or, with from and to, for fewer days`;
  return new ProblemError(422, "quote_too_large", detail);
}
