/**
 * The reset of many accounts at once (rules, 2.4): 2,000 that are due in the same minute are closed by cron and queue,
 * each exactly once, while messages repeat, cron runs twice, answers and acknowledgements get lost, a consumer dies.
 * `npm run bench:billing` prints what is measured here.
 */
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { NoticeMessage } from "../../shared/queues.ts";
import { accountOf } from "../../workers/account/stub.ts";
import { dispatchDueAccounts } from "../../workers/billing/cron.ts";
import { forEachAtOnce } from "../../workers/concurrency.ts";
import { END_MS, START_MS } from "./billing-fixtures.ts";
import { type DueAccount, openAccounts } from "./billing-run-accounts.ts";
import { deliverAll } from "./billing-run-delivery.ts";
import { CONTEXT, publishOffer } from "./fixtures.ts";
import { type HeldPlatform, holdPlatform } from "./held-platform.ts";

const ACCOUNTS = 2_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NEXT_END_MS = Date.parse("2027-01-14T00:00:00Z");
/** The second cron run comes after this batch, while some hundred accounts are not settled yet. */
const CRON_AGAIN_AFTER = 80;
/** Rows written by a close, per account of the mix, alarms included. */
const OBJECT_ROWS_MAX = 8;
const D1_ROWS_MAX = 8;
const READ_AT_ONCE = 8;

let platform: HeldPlatform;
let accounts: readonly DueAccount[];

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(START_MS + 9 * HOUR_MS);
  // The failures are the point; their warnings are not.
  vi.spyOn(console, "warn").mockImplementation(() => {});
  platform = await holdPlatform();
  await publishOffer();
  accounts = await openAccounts(ACCOUNTS);
}, 600_000);

afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("closes every account once, whatever repeats and fails meanwhile", { timeout: 600_000 }, async ({
  annotate,
}) => {
  platform.billing.length = 0;
  const rowsBefore = platform.rowsWritten;
  vi.setSystemTime(END_MS + MINUTE_MS);

  const startedMs = performance.now();
  expect(await dispatchDueAccounts(env, Date.now())).toBe(ACCOUNTS);
  let dueAgain = 0;
  const delivered = await deliverAll(platform.billing, async (batch) => {
    if (batch !== CRON_AGAIN_AFTER) return;
    vi.setSystemTime(END_MS + 2 * MINUTE_MS);
    dueAgain = await dispatchDueAccounts(env, Date.now());
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const objectRows = platform.rowsWritten - rowsBefore;

  // All that was to go wrong did.
  expect(dueAgain).toBeGreaterThan(100);
  expect(delivered.repeated).toBeGreaterThan(ACCOUNTS / 7);
  expect(delivered.retried).toBeGreaterThan(40);

  expect(await periods()).toEqual(
    accounts.map(({ key, kind }) => [key, expect.objectContaining(kind.closed)]),
  );
  const invoices = await invoicesByAccount();
  expect(accounts.map(({ key }) => [key, invoices.get(key) ?? []])).toEqual(
    accounts.map(({ key, kind }) => [
      key,
      kind.invoices.map(([source, total], index) => ({ number: index + 1, source, total })),
    ]),
  );
  await expectNothingLeft();
  await expectToldOnce();
  expect(await dispatchDueAccounts(env, END_MS + HOUR_MS)).toBe(0);
  expect(await dispatchDueAccounts(env, NEXT_END_MS)).toBe(ACCOUNTS);

  const perAccount = { object: objectRows / ACCOUNTS, d1: delivered.rowsInD1 / ACCOUNTS };
  await annotate(
    `${Math.round(ACCOUNTS / seconds)} accounts/s; rows written per account: ${perAccount.object.toFixed(2)} in objects, ${perAccount.d1.toFixed(2)} in D1`,
  );
  expect(perAccount.object).toBeLessThanOrEqual(OBJECT_ROWS_MAX);
  expect(perAccount.d1).toBeLessThanOrEqual(D1_ROWS_MAX);
});

/** The closed periods of all accounts, by their keys. */
async function periods(): Promise<readonly (readonly [key: string, figures: ClosedPeriod])[]> {
  const { results } = await env.DB.prepare(
    "SELECT account_key AS key, figures FROM periods ORDER BY account_key, start_ms",
  ).all<{ key: string; figures: string }>();
  return results.map(({ key, figures }) => [key, JSON.parse(figures)]);
}

async function invoicesByAccount() {
  const { results } = await env.DB.prepare(
    `SELECT account_key AS key, number, source, document ->> '$.totalMinor' AS total
       FROM invoices ORDER BY account_key, number`,
  ).all<{ key: string; number: number; source: string; total: number }>();
  const byAccount = Map.groupBy(results, ({ key }) => key);
  return new Map([...byAccount].map(([key, rows]) => [key, rows.map(({ key: _, ...row }) => row)]));
}

/** Every account is in its next period, its facts are acknowledged, and it tells its people of one report. */
async function expectNothingLeft(): Promise<void> {
  const forgetful: string[] = [];
  await forEachAtOnce(accounts, READ_AT_ONCE, async ({ key }) => {
    const account = accountOf(env, key);
    const view = await account.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    const { balance, notices } = view;
    expect(balance).toMatchObject({ periodStartMs: END_MS, resetAtMs: NEXT_END_MS, usedMicros: 0 });
    expect(notices.filter(({ kind }) => kind === "usage_report")).toHaveLength(1);
    if ((await factsOf(key)) > 0) forgetful.push(key);
  });
  // One that ended after its last message asks for another, as its alarm would.
  expect(forgetful.length).toBeLessThan(ACCOUNTS / 100);
  for (const key of forgetful) await accountOf(env, key).flush();
  await deliverAll(platform.billing, async () => {});
  for (const key of forgetful) expect(await factsOf(key)).toBe(0);
}

/** What an account tells billing still. */
async function factsOf(key: string): Promise<number> {
  const due = await accountOf(env, key).due(CONTEXT);
  if (due.kind !== "due") throw new Error(due.kind);
  expect(due.periodEndsAtMs).toBe(NEXT_END_MS);
  return due.facts.length;
}

/** One notice per invoice; told again, it has the same id and says the same. */
async function expectToldOnce(): Promise<void> {
  const told = new Map<string, string>();
  for (const message of platform.notifications as NoticeMessage[]) {
    if (message.notice.kind !== "invoice_issued") continue;
    const content = JSON.stringify(message.notice);
    expect(told.get(message.notificationId) ?? content).toBe(content);
    told.set(message.notificationId, content);
  }
  const expected = accounts.flatMap(({ key, kind }) =>
    kind.invoices.map((_, index) => `${key}/invoice/${index + 1}`),
  );
  expect([...told.keys()].sort()).toEqual(expected.sort());
}
