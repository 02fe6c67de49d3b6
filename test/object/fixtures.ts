/** Accounts for tests: each test opens its own. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Catalog } from "../../shared/credits/catalog.ts";
import { DEFAULT_NOTICE_PERCENTAGES } from "../../shared/credits/catalog.ts";
import type { UsageEvent } from "../../shared/credits/entries.ts";
import type { Feature } from "../../shared/credits/rates.ts";
import type { Terms } from "../../shared/credits/state.ts";
import type { AccountApi, CallContext } from "../../shared/protocol.ts";
import { accountOf } from "../../workers/account/stub.ts";

export const CREDIT = 1_000_000;

const catalog: Catalog = {
  plans: [{ plan: "starter", name: "Starter", includedCreditsMicros: 500 * CREDIT }],
  packs: [
    {
      pack: "p1000",
      name: "1,000 credits",
      creditsMicros: 1000 * CREDIT,
      prices: [{ amountMinor: 1000, currency: "USD" }],
      upgrade: true,
    },
  ],
  overageRates: [{ currency: "USD", price: "0.010" }],
  noticePercentages: DEFAULT_NOTICE_PERCENTAGES,
  automaticPacksMax: null,
  seller: { name: "Seller Ltd", address: "1 Road", taxIds: [] },
};

const features: readonly Feature[] = [
  {
    feature: "assistant",
    name: "Assistant",
    category: "customer support",
    description: "",
    beta: false,
    actions: [
      { action: "answer", name: "Answer", creditsMicros: CREDIT, perMicros: CREDIT, blocks: false },
      { action: "tokens", name: "Tokens", creditsMicros: CREDIT, perMicros: 1000 * CREDIT, blocks: false },
    ],
  },
];

/** Publishes the test offer in D1; returns the context that calls carry. */
export async function publishOffer(): Promise<CallContext> {
  await env.DB.batch([
    env.DB.prepare("UPDATE operator SET revision = 1, catalog = ?").bind(JSON.stringify(catalog)),
    env.DB.prepare(
      "INSERT INTO rate_sheets (version, effective_at_ms, published_at_ms, features) VALUES (1, 0, 0, ?) ON CONFLICT DO NOTHING",
    ).bind(JSON.stringify(features)),
  ]);
  return { offerRevision: 1 };
}

export const CONTEXT: CallContext = { offerRevision: 1 };

export interface TestAccount {
  readonly key: string;
  readonly api: AccountApi;
}

let opened = 0;

/** Opens an account with included credits only; a test clock makes its time an input. */
export async function openTestAccount(
  terms: Partial<Terms> & { readonly includedCredits?: number } = {},
  testClockNowMs: number | null = null,
): Promise<TestAccount> {
  opened += 1;
  const key = `test:account-${opened}`;
  const api = accountOf(env, key);
  const { includedCredits = 500, ...agreed } = terms;
  await api.open(
    {
      anchorDate: "2026-01-14",
      timeZone: "UTC",
      currency: "USD",
      plans: [{ plan: "starter", includedCreditsMicros: includedCredits * CREDIT }],
      overagePrice: null,
      automaticPacksMax: null,
      termPeriods: 12,
      ...agreed,
    },
    testClockNowMs,
    CONTEXT,
  );
  return { key, api };
}

/** An event of so many answers of 1 credit each. */
export function answers(id: string, credits = 1, more: Partial<UsageEvent> = {}): UsageEvent {
  return {
    id,
    feature: "assistant",
    items: [{ action: "answer", quantityMicros: Math.round(credits * CREDIT) }],
    ...more,
  };
}

/** Rows that an account has written to its storage so far, alarms included. */
export async function rowsWritten(account: TestAccount): Promise<number> {
  return runInDurableObject(env.ACCOUNT.getByName(account.key), (_instance, state) => {
    return state.storage.sql.exec<{ rows: number }>("SELECT total_changes() AS rows").one().rows;
  });
}
