/** Billing from inside: each period is closed, figured and invoiced exactly once, whatever fails in between. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { BillingMessage } from "../../shared/queues.ts";
import { QUEUE_BACK_OFF_SECONDS, waitAfter } from "../../workers/back-off.ts";
import { dispatchDueAccounts } from "../../workers/billing/cron.ts";
import { settleAccount } from "../../workers/billing/settle.ts";
import type { Env } from "../../workers/env.ts";
import worker from "../../workers/index.ts";
import {
  advance,
  END_MS,
  factsOf,
  insertAccountRow,
  invoicesOf,
  openBilledAccount,
  openExample2,
  overageInvoicesOf,
  PROFILE,
  periodEndOf,
  periodsOf,
  recordingEnv,
  START_MS,
  use,
  withoutAcknowledgement,
  withoutNotifications,
} from "./billing-fixtures.ts";
import { CONTEXT, CREDIT, publishOffer } from "./fixtures.ts";

const MONTHS = ["2026-12-14", "2027-01-14", "2027-02-14", "2027-03-14"].map((day) => Date.parse(day));

beforeAll(async () => {
  await publishOffer();
});

function dueMessage(accountKey: string, attempts = 1) {
  const body: BillingMessage = { type: "account_due", accountKey };
  return { id: `message of ${accountKey}`, timestamp: 0, attempts, body };
}

async function deliver(messages: readonly ReturnType<typeof dueMessage>[], to: Env = env) {
  const batch = createMessageBatch<BillingMessage>("drawdown-billing", [...messages]);
  const execution = createExecutionContext();
  await worker.queue(batch, to);
  return getQueueResult(batch, execution);
}

describe("settling an account", () => {
  test("bills worked example 2: the pack at once, 2.30 USD after the reset, the pack again in advance", async () => {
    const account = await openExample2();
    await use(account, 6237.5);
    const before = recordingEnv();
    await settleAccount(before.env, account.key, CONTEXT);
    expect(await invoicesOf(account)).toMatchObject([{ number: 1, source: "purchase:pack_1", total: 1000 }]);
    expect(before.sent).toMatchObject([{ notice: { number: "ACME-0001", document: "packs" } }]);

    await advance(account, END_MS);
    const { env: recording, sent } = recordingEnv();
    await settleAccount(recording, account.key, CONTEXT);

    const [, invoice, renewal] = await invoicesOf(account);
    expect(invoice).toMatchObject({ number: 2, source: `overage:${START_MS}`, total: 230 });
    expect(renewal).toMatchObject({ number: 3, source: `renewal:${END_MS}`, total: 1000 });
    expect(sent).toHaveLength(2);
    expect(sent[0]).toEqual({
      type: "notice",
      accountKey: account.key,
      notificationId: `${account.key}/invoice/2`,
      notice: {
        kind: "invoice_issued",
        document: "overage",
        atMs: END_MS,
        period: "2026-11-14",
        invoiceId: invoice?.invoice_id,
        number: "ACME-0002",
        totalMinor: 230,
        currency: "USD",
        dueAtMs: Date.parse("2027-01-13"),
      },
    });
    expect(await periodEndOf(account)).toBe(MONTHS[1]);
    expect(await factsOf(account)).toBe(0);
    const view = await account.api.report(CONTEXT);
    expect(view).toMatchObject({ balance: { limitMicros: 6000 * CREDIT, usedMicros: 0 } });
  });

  test("changes nothing when the same message comes three times", async () => {
    const account = await openExample2();
    await use(account, 6237.5);
    await advance(account, END_MS);
    for (let delivery = 1; delivery <= 3; delivery += 1) {
      const result = await deliver([dueMessage(account.key, delivery)]);
      expect(result.explicitAcks).toEqual([`message of ${account.key}`]);
    }
    expect((await invoicesOf(account)).map(({ number, total }) => [number, total])).toEqual([
      [1, 1000],
      [2, 230],
      [3, 1000],
    ]);
    expect(await periodsOf(account)).toEqual(["2026-11-14"]);
  });

  test("goes on after a crash between storing and telling, and after one before acknowledging", async () => {
    const account = await openExample2();
    await use(account, 6237.5);
    await advance(account, END_MS);

    await expect(settleAccount(withoutNotifications(env), account.key, CONTEXT)).rejects.toThrow("notifying");
    const stored = await invoicesOf(account);
    expect(stored).toHaveLength(3);
    expect(await factsOf(account)).toBe(3);

    const first = recordingEnv();
    await expect(settleAccount(withoutAcknowledgement(first.env), account.key, CONTEXT)).rejects.toThrow(
      "acknowledging",
    );
    expect(first.sent).toHaveLength(3);
    expect(await factsOf(account)).toBe(3);

    const second = recordingEnv();
    await settleAccount(second.env, account.key, CONTEXT);
    expect(second.sent).toEqual(first.sent);
    expect(await factsOf(account)).toBe(0);
    expect(await invoicesOf(account)).toEqual(stored);
    expect(await periodsOf(account)).toEqual(["2026-11-14"]);
  });

  test("keeps the first document when the profile changes before a retry", async () => {
    const account = await openExample2();
    await use(account, 6237.5);
    await advance(account, END_MS);
    await expect(settleAccount(withoutAcknowledgement(env), account.key, CONTEXT)).rejects.toThrow();
    await env.DB.prepare("UPDATE accounts SET profile = ? WHERE account_key = ?")
      .bind(
        JSON.stringify({ ...PROFILE, invoicePrefix: "NEW", tax: { name: "VAT", percent: "19" } }),
        account.key,
      )
      .run();
    const { env: recording, sent } = recordingEnv();
    await settleAccount(recording, account.key, CONTEXT);
    expect(await overageInvoicesOf(account)).toMatchObject([{ number: 2, total: 230 }]);
    expect(sent[1]).toMatchObject({ notice: { number: "ACME-0002", totalMinor: 230 } });
  });

  test("numbers the invoices of several periods without gaps, also when many settle at once", async () => {
    const account = await openExample2();
    for (const [index, endMs] of MONTHS.entries()) {
      // The second period stays below the limit and is not invoiced.
      await use(account, index === 1 ? 10 : 6000 + 10 * (index + 1));
      await advance(account, endMs);
      if (index === 1) continue;
      await Promise.all(Array.from({ length: 5 }, () => settleAccount(env, account.key, CONTEXT)));
    }
    expect((await overageInvoicesOf(account)).map(({ total }) => total)).toEqual([10, 30, 40]);
    // The purchase, then overage and renewal of each period; the second has no overage.
    expect((await invoicesOf(account)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await periodsOf(account)).toEqual(["2026-11-14", "2026-12-14", "2027-01-14", "2027-02-14"]);
  });

  test("closes missed periods in order in one go, with an invoice for each that has overage", async () => {
    const account = await openExample2();
    await use(account, 6237.5);
    await advance(account, Date.parse("2032-11-14"));
    await Promise.all([settleAccount(env, account.key, CONTEXT), settleAccount(env, account.key, CONTEXT)]);
    const periods = await periodsOf(account);
    expect(periods).toHaveLength(72);
    expect(periods.at(-1)).toBe("2032-10-14");
    expect(await overageInvoicesOf(account)).toMatchObject([{ number: 2, total: 230 }]);
    const numbers = (await invoicesOf(account)).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 1 + 1 + 72 }, (_, index) => index + 1));
    expect(await periodEndOf(account)).toBe(Date.parse("2032-12-14"));
  });

  test("leaves an account due while it has facts left", async () => {
    const account = await openBilledAccount();
    await advance(account, Date.parse("2032-11-14"));
    await expect(settleAccount(withoutAcknowledgement(env), account.key, CONTEXT)).rejects.toThrow();
    expect(await periodsOf(account)).toHaveLength(50);
    expect(await periodEndOf(account)).toBeLessThan(Date.parse("2032-11-14"));
  });

  test("does not invoice overdraft, nor an account without a price", async () => {
    const account = await openBilledAccount({ includedCredits: 500 });
    const [record] = await account.api.use(
      [
        {
          mode: "record",
          event: {
            id: "r",
            feature: "assistant",
            items: [{ action: "answer", quantityMicros: 900 * CREDIT }],
          },
        },
      ],
      CONTEXT,
    );
    expect(record).toMatchObject({ kind: "allowed", entry: { overdraftMicros: 400 * CREDIT } });
    await advance(account, END_MS);
    await settleAccount(env, account.key, CONTEXT);
    expect(await invoicesOf(account)).toEqual([]);
    expect(await periodsOf(account)).toEqual(["2026-11-14"]);
  });
});

describe("the billing queue", () => {
  test("retries the message that fails, and settles the others", async () => {
    const good = await openExample2();
    await use(good, 6237.5);
    await advance(good, END_MS);
    // Nothing in D1 says how to invoice this one.
    const bad = await openExample2();
    await use(bad, 6237.5);
    await advance(bad, END_MS);
    await env.DB.prepare("DELETE FROM accounts WHERE account_key = ?").bind(bad.key).run();

    const first = await deliver([dueMessage(bad.key, 1), dueMessage(good.key)]);
    expect(first.explicitAcks).toEqual([`message of ${good.key}`]);
    expect(first.retryMessages).toMatchObject([{ msgId: `message of ${bad.key}` }]);
    expect(await overageInvoicesOf(good)).toMatchObject([{ number: 2, total: 230 }]);

    expect(await invoicesOf(bad)).toEqual([]);
    expect(await factsOf(bad)).toBe(3);
  });

  test("waits while D1 is away, instead of using up its attempts", async () => {
    const away = { batch: () => Promise.reject(new Error("D1 is away")), prepare: () => ({ bind() {} }) };
    const retries: unknown[] = [];
    const message = { body: { type: "account_due", accountKey: "test:x" }, attempts: 3 };
    const retry = (options: unknown) => retries.push(options);
    const batch = {
      queue: "drawdown-billing",
      messages: [
        { ...message, retry },
        { ...message, retry },
      ],
    };
    await worker.queue(batch as unknown as MessageBatch, { ...env, DB: away as unknown as D1Database });
    expect(retries).toEqual([{ delaySeconds: 20 }, { delaySeconds: 20 }]);
  });

  test("waits longer for each attempt, at most 15 minutes", () => {
    const waits = [1, 2, 3, 4, 10].map((attempt) => waitAfter(attempt, QUEUE_BACK_OFF_SECONDS));
    expect(waits).toEqual([5, 10, 20, 40, 900]);
  });

  test("lets go of a message for an account that nobody opened", async () => {
    const result = await deliver([dueMessage("test:nobody")]);
    expect(result.explicitAcks).toEqual(["message of test:nobody"]);
  });
});

describe("the cron run", () => {
  function collectingEnv(): { env: Env; batches: string[][] } {
    const batches: string[][] = [];
    const queue = {
      sendBatch: async (messages: Iterable<MessageSendRequest<BillingMessage>>) => {
        batches.push(Array.from(messages, ({ body }) => body.accountKey));
      },
    };
    return { env: { ...env, BILLING_QUEUE: queue as unknown as Env["BILLING_QUEUE"] }, batches };
  }

  test("hands every due account to the queue once, in pages, and none that is not due or on a test clock", async () => {
    const nowMs = Date.parse("2020-01-01");
    const due: string[] = [];
    for (let index = 0; index < 250; index += 1) {
      const key = `test:due-${String(index).padStart(3, "0")}`;
      // Ties, so that a page ends within one.
      await insertAccountRow(key, nowMs - Math.floor(index / 120), { clocked: false });
      due.push(key);
    }
    await insertAccountRow("test:later", nowMs + 1, { clocked: false });
    await insertAccountRow("test:clocked", nowMs - 1, { clocked: true });

    const { env: collecting, batches } = collectingEnv();
    expect(await dispatchDueAccounts(collecting, nowMs)).toBe(250);
    expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50]);
    expect(batches.flat().sort()).toEqual(due);
  });

  test("runs as the scheduled handler, at the time it was scheduled for", async () => {
    await insertAccountRow("test:scheduled", 1000, { clocked: false });
    const { env: collecting, batches } = collectingEnv();
    await worker.scheduled({ scheduledTime: 999, cron: "* * * * *", noRetry() {} }, collecting);
    expect(batches).toEqual([]);
    await worker.scheduled({ scheduledTime: 1000, cron: "* * * * *", noRetry() {} }, collecting);
    expect(batches).toEqual([["test:scheduled"]]);
  });

  test("finds them by the index", async () => {
    const { results } = await env.DB.prepare(
      `EXPLAIN QUERY PLAN SELECT account_key, period_ends_at_ms FROM accounts
        WHERE test_clock_id IS NULL AND period_ends_at_ms <= ?1
          AND (period_ends_at_ms > ?2 OR (period_ends_at_ms = ?2 AND account_key > ?3))
        ORDER BY period_ends_at_ms, account_key LIMIT 100`,
    )
      .bind(2, 1, "a")
      .all<{ detail: string }>();
    expect(results.map((row) => row.detail)).toEqual([
      expect.stringContaining("SEARCH accounts USING INDEX accounts_due"),
    ]);
  });
});

describe("dead letters", () => {
  test("wait while D1 is away", async () => {
    const away = {
      batch: () => Promise.reject(new Error("D1 is away")),
      prepare: (sql: string) => env.DB.prepare(sql),
    };
    const letter = { id: "dead-0", timestamp: new Date(), attempts: 1, body: { type: "account_due" } };
    const retries: unknown[] = [];
    const retryAll = (options: unknown) => retries.push(options);
    const batch = { queue: "drawdown-billing-dead", messages: [letter], ackAll() {}, retryAll };
    await worker.queue(batch as unknown as MessageBatch, { ...env, DB: away as unknown as D1Database });
    expect(retries).toEqual([{ delaySeconds: 900 }]);
  });

  test("are kept once, with the queue they failed in", async () => {
    const letter = {
      id: "dead-1",
      timestamp: 0,
      attempts: 1,
      body: { type: "account_due", accountKey: "test:x" },
    };
    for (let delivery = 1; delivery <= 2; delivery += 1) {
      const batch = createMessageBatch("drawdown-billing-dead", [
        letter,
        { ...letter, id: `dead-${delivery + 1}` },
      ]);
      const execution = createExecutionContext();
      await worker.queue(batch, env);
      expect((await getQueueResult(batch, execution)).ackAll).toBe(true);
    }
    const { results } = await env.DB.prepare(
      "SELECT message_id, queue, body FROM dead_letters ORDER BY 1",
    ).all();
    expect(results).toEqual(
      ["dead-1", "dead-2", "dead-3"].map((id) => ({
        message_id: id,
        queue: "drawdown-billing",
        body: JSON.stringify(letter.body),
      })),
    );
  });
});
