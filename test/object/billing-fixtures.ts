/** Accounts with their row in D1, and environments that record or fail, for the tests of billing. */
import { env } from "cloudflare:workers";
import { accountIdOf } from "../../shared/account-key.ts";
import type { AccountProfile } from "../../shared/api/accounts.ts";
import type { Terms } from "../../shared/credits/state.ts";
import type { NoticeMessage, NotificationMessage } from "../../shared/queues.ts";
import { accountOf } from "../../workers/account/stub.ts";
import type { Env } from "../../workers/env.ts";
import { answers, CONTEXT, CREDIT, openTestAccount, type TestAccount } from "./fixtures.ts";

/** Half-open period [14 November, 14 December) of worked example 2. */
export const START_MS = Date.parse("2026-11-14T00:00:00Z");
export const END_MS = Date.parse("2026-12-14T00:00:00Z");

export const PROFILE: AccountProfile = {
  name: "Acme",
  invoicePrefix: "ACME",
  buyer: { name: "Acme", address: "2 Street", taxIds: ["DE456"], purchaseOrder: "PO-9" },
  netDays: 30,
  tax: null,
  creditOwner: null,
  hourlyValue: null,
};

/** Opens an account at the start of its November period, with its row in D1 and a test clock. */
export async function openBilledAccount(
  terms: Partial<Terms> & { readonly includedCredits?: number } = {},
  profile: AccountProfile = PROFILE,
): Promise<TestAccount> {
  const account = await openTestAccount(terms, START_MS);
  await insertAccountRow(account.key, END_MS, { clocked: true, profile });
  return account;
}

export async function insertAccountRow(
  accountKey: string,
  periodEndsAtMs: number,
  options: { readonly clocked: boolean; readonly profile?: AccountProfile },
): Promise<void> {
  const clockId = options.clocked ? `clock of ${accountKey}` : null;
  await env.DB.batch([
    env.DB.prepare("INSERT INTO test_clocks (clock_id, now_ms) SELECT ?1, ?2 WHERE ?1 IS NOT NULL").bind(
      clockId,
      START_MS,
    ),
    env.DB.prepare(
      `INSERT INTO accounts (account_key, mode, account_id, terms, profile, test_clock_id, created_at_ms, period_ends_at_ms)
       VALUES (?, 'test', ?, '{}', ?, ?, 0, ?)`,
    ).bind(
      accountKey,
      accountIdOf(accountKey),
      JSON.stringify(options.profile ?? PROFILE),
      clockId,
      periodEndsAtMs,
    ),
  ]);
}

/** Moves the account's clock, in D1 too, without billing anything. */
export async function advance(account: TestAccount, toMs: number): Promise<void> {
  await env.DB.prepare("UPDATE test_clocks SET now_ms = ? WHERE clock_id = ?")
    .bind(toMs, `clock of ${account.key}`)
    .run();
  await account.api.advanceClock(toMs, CONTEXT);
}

let booked = 0;

/** Books so many credits whatever the limit says; in pay as you go they are billable. Returns the event's id. */
export async function use(account: TestAccount, credits: number): Promise<string> {
  booked += 1;
  const [result] = await account.api.use(
    [{ mode: "consume", event: answers(`use-${booked}`, credits) }],
    CONTEXT,
  );
  if (result?.kind !== "allowed") throw new Error(`not allowed: ${JSON.stringify(result)}`);
  return result.entry.id;
}

/** Reverses so many credits of an event. */
export async function correct(account: TestAccount, eventId: string, credits: number): Promise<void> {
  const call = { eventId, entry: null, creditsMicros: credits * CREDIT, reason: "it failed" };
  const result = await account.api.correct(call, null, CONTEXT);
  if (result.kind !== "corrected") throw new Error(JSON.stringify(result));
}

/** An account in pay as you go with a limit of 6,000, as in worked example 2. */
export async function openExample2(profile: AccountProfile = PROFILE): Promise<TestAccount> {
  const account = await openBilledAccount({ includedCredits: 5000 }, profile);
  await account.api.execute(
    { kind: "buy_pack", pack: "p1000", quantity: 1, setting: "pay_as_you_go" },
    null,
    CONTEXT,
  );
  return account;
}

export interface InvoiceRow {
  readonly invoice_id: string;
  readonly number: number;
  readonly source: string;
  readonly total: number;
}

export async function invoicesOf(account: TestAccount): Promise<readonly InvoiceRow[]> {
  const { results } = await env.DB.prepare(
    `SELECT invoice_id, number, source, document ->> '$.totalMinor' AS total
       FROM invoices WHERE account_key = ? ORDER BY number`,
  )
    .bind(account.key)
    .all<InvoiceRow>();
  return results;
}

export async function overageInvoicesOf(account: TestAccount): Promise<readonly InvoiceRow[]> {
  return (await invoicesOf(account)).filter(({ source }) => source.startsWith("overage:"));
}

export async function periodsOf(account: TestAccount): Promise<readonly string[]> {
  const { results } = await env.DB.prepare(
    "SELECT period FROM periods WHERE account_key = ? ORDER BY start_ms",
  )
    .bind(account.key)
    .all<{ period: string }>();
  return results.map((row) => row.period);
}

export async function periodEndOf(account: Pick<TestAccount, "key">): Promise<number | undefined> {
  const row = await env.DB.prepare("SELECT period_ends_at_ms AS endMs FROM accounts WHERE account_key = ?")
    .bind(account.key)
    .first<{ endMs: number }>();
  return row?.endMs;
}

/** What the account still tells billing. */
export async function factsOf(account: TestAccount): Promise<number> {
  const due = await account.api.due(CONTEXT);
  return due.kind === "due" ? due.facts.length : 0;
}

/** The real environment, but what is sent to the notifications queue is kept in a list. */
export function recordingEnv(sent: NoticeMessage[] = []): {
  readonly env: Env;
  readonly sent: NoticeMessage[];
} {
  const queue = {
    ...env.NOTIFICATIONS_QUEUE,
    sendBatch: async (messages: Iterable<MessageSendRequest<NotificationMessage>>) => {
      for (const { body } of messages) if (body.type === "notice") sent.push(body);
    },
  };
  return { env: { ...env, NOTIFICATIONS_QUEUE: queue as unknown as Env["NOTIFICATIONS_QUEUE"] }, sent };
}

/** An environment whose accounts cannot be told that billing has stored their facts. */
export function withoutAcknowledgement(base: Env): Env {
  const getByName = (accountKey: string) => ({
    due: (context: typeof CONTEXT) => accountOf(env, accountKey).due(context),
    acknowledge: () => Promise.reject(new Error("crashed before acknowledging")),
  });
  return { ...base, ACCOUNT: { getByName } as unknown as Env["ACCOUNT"] };
}

/** An environment whose notifications queue refuses. */
export function withoutNotifications(base: Env): Env {
  const queue = { sendBatch: () => Promise.reject(new Error("crashed before notifying")) };
  return { ...base, NOTIFICATIONS_QUEUE: queue as unknown as Env["NOTIFICATIONS_QUEUE"] };
}

export { CREDIT };
