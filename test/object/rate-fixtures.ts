/** The rate sheet as each test begins with it, and accounts as callers open them. */
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { type Answer, CATALOG, call, type ProblemBody } from "./api.ts";

export const DAY_MS = 24 * 60 * 60 * 1000;

export const PUBLIC_FEATURES = [
  {
    feature: "assistant",
    name: "Assistant",
    actions: [
      { action: "answer", name: "Answer", credits: 1 },
      { action: "tokens", name: "Tokens", credits: 1, per: 1000 },
    ],
  },
  { feature: "research", name: "Research", beta: true, actions: [{ action: "report", credits: 5 }] },
] as const;

export interface RateSheetBody {
  readonly version: number;
  readonly effectiveAt: string;
  readonly publishedAt: string;
  readonly shortNotice: boolean;
  readonly withdrawnAt: string | null;
  readonly features: readonly { readonly actions: readonly { readonly credits: number }[] }[];
}

/** So many days from now, as the wire has it. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString();
}

export function publish(
  key: string,
  body: { features: readonly unknown[]; effectiveAt?: string | undefined; shortNotice?: boolean },
): Promise<Answer<RateSheetBody & ProblemBody>> {
  return call(key, "POST", "/v1/rate-sheets", body);
}

/** Every notice of a change has reached all accounts: no message is on its way that belongs to a test before. */
export async function everybodyIsTold(): Promise<void> {
  await vi.waitFor(
    async () => {
      const open = await env.DB.prepare("SELECT notice FROM rate_notices WHERE done = 0").all();
      expect(open.results).toEqual([]);
    },
    { timeout: 15_000, interval: 50 },
  );
}

/** Forgets all versions and what was told of them; publishes the first one. Accounts learn of it by the revision. */
export async function resetRateSheets(key: string): Promise<void> {
  await everybodyIsTold();
  await env.DB.batch([env.DB.prepare("DELETE FROM rate_sheets"), env.DB.prepare("DELETE FROM rate_notices")]);
  await call(key, "PUT", "/v1/catalog", CATALOG);
  const first = await publish(key, { features: PUBLIC_FEATURES, effectiveAt: "2026-01-01T00:00:00Z" });
  if (first.status !== 201) throw new Error(first.body.detail);
}

export interface OpenedAccount {
  readonly id: string;
  /** Only of an account on a test clock. */
  advance(to: string): Promise<void>;
}

let opened = 0;

/** Opens an account with 3,000 credits a month; `now` puts it on a test clock. */
export async function openAccount(
  key: string,
  options: { readonly now?: string; readonly id?: string } = {},
): Promise<OpenedAccount> {
  opened += 1;
  const { now, id = `rated-${opened}` } = options;
  const clock = now === undefined ? {} : { testClock: `clock-${opened}` };
  if (now !== undefined) await expectDone(call(key, "POST", "/v1/test-clocks", { ...clock, now }));
  await expectDone(
    call(key, "POST", "/v1/accounts", { account: id, currency: "USD", plans: ["professional"], ...clock }),
  );
  return {
    id,
    advance: (to) => expectDone(call(key, "POST", `/v1/test-clocks/${clock.testClock}/advance`, { to })),
  };
}

async function expectDone(answering: Promise<Answer<ProblemBody>>): Promise<void> {
  const { status, body } = await answering;
  if (status >= 300) throw new Error(`${status}: ${body.detail}`);
}
