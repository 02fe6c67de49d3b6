/** Entries at every stage of their way to D1, and reports as a caller asks for them. */
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import type { UsageEntry, UsageEvent } from "../../shared/credits/entries.ts";
import type { UsageMode } from "../../shared/credits/usage.ts";
import type { AccountReport } from "../../shared/protocol.ts";
import { toSegmentEntry, type UsageMessage } from "../../shared/queues.ts";
import type { Env } from "../../workers/env.ts";
import { consumeUsage } from "../../workers/log/consumer.ts";
import { type Answer, call, type ProblemBody } from "./api.ts";
import { CONTEXT, CREDIT, type TestAccount } from "./fixtures.ts";

/** Runs of consecutive entries of one period, as segments. */
export function segmentsOf(
  accountKey: string,
  entries: readonly UsageEntry[],
  size: number,
): readonly UsageMessage[] {
  const runs: UsageEntry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    if (run === undefined || run.length >= size || run[0]?.period !== entry.period) runs.push([entry]);
    else run.push(entry);
  }
  return runs.map((run) => ({
    type: "segment" as const,
    accountKey,
    period: run[0]?.period ?? "",
    firstSeq: run[0]?.seq ?? 0,
    lastSeq: run.at(-1)?.seq ?? 0,
    entries: run.map(toSegmentEntry),
  }));
}

/** Puts messages into D1 without telling the account. */
export async function storeOnly(messages: readonly UsageMessage[]): Promise<void> {
  const getByName = () => ({ acknowledge: async () => {} });
  await consumeUsage(
    createMessageBatch<UsageMessage>(
      "drawdown-usage",
      messages.map((body, index) => ({ id: String(index), timestamp: 0, attempts: 1, body })),
    ),
    { DB: env.DB, ACCOUNT: { getByName } as unknown as Env["ACCOUNT"] },
  );
}

export async function viewOf(account: TestAccount): Promise<AccountReport> {
  const view = await account.api.report(CONTEXT);
  if (view.kind !== "view") throw new Error(view.kind);
  return view;
}

/** Everything booked so far is in D1, and the account knows it: the whole way over the queue. */
export async function ship(account: TestAccount): Promise<void> {
  await account.api.flush();
  await vi.waitFor(
    async () => {
      const { acknowledgedSeq, lastSeq } = await viewOf(account);
      expect(acknowledgedSeq).toBe(lastSeq);
    },
    { timeout: 15_000, interval: 100 },
  );
}

export async function book(
  account: TestAccount,
  events: readonly UsageEvent[],
  mode: UsageMode = "consume",
): Promise<void> {
  const results = await account.api.use(
    events.map((event) => ({ mode, event })),
    CONTEXT,
  );
  for (const result of results) {
    if (result.kind !== "allowed") throw new Error(`not booked: ${JSON.stringify(result)}`);
  }
}

/** Tokens at 0.001 credits each, and one answer of 1 credit. */
export function tokens(id: string, input: number, more: Partial<UsageEvent> = {}): UsageEvent {
  return {
    id,
    feature: "assistant",
    items: [
      { action: "tokens", quantityMicros: input * CREDIT },
      { action: "answer", quantityMicros: CREDIT },
    ],
    ...more,
  };
}

/** Asks for a report of the account; `rest` is what follows the account in the path. */
export function ask<Body = ProblemBody>(
  key: string,
  account: TestAccount,
  rest: string,
): Promise<Answer<Body>> {
  return call<Body>(key, "GET", `/v1/accounts/${accountIdOf(account.key)}/${rest}`);
}
