/** Who is analysed and when (rules, 6.4): found by cron, handed over in pages, each day once, whatever fails. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { BillingQueueMessage } from "../../shared/queues.ts";
import { accountOf } from "../../workers/account/stub.ts";
import type { Env } from "../../workers/env.ts";
import { dispatchAnalyses, handOverAnalyses } from "../../workers/insights/schedule.ts";
import { consume } from "../../workers/queues.ts";
import { DAY_MS, idsOf, recordingEnv, rowOf } from "./analysis-fixtures.ts";
import { CATALOG, call, FEATURES, keyWith, sell } from "./api.ts";

const PAGE = 100;

vi.setConfig({ testTimeout: 30_000 });

let key = "";

beforeAll(async () => {
  key = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("who is analysed", () => {
  const NOW = Date.parse("2026-06-15T00:05:00Z");

  /** Accounts whose day has passed, and how many days ago each used something; null: never. */
  async function dueAccounts(daysAgo: Readonly<Record<string, number | null>>): Promise<void> {
    const used = Object.entries(daysAgo).flatMap(([account, days]) =>
      days === null ? [] : [[account, new Date(NOW - days * DAY_MS).toISOString().slice(0, 10)]],
    );
    await env.DB.batch([
      env.DB.prepare("DELETE FROM analyses"),
      env.DB.prepare(
        `INSERT INTO accounts (account_key, mode, account_id, terms, profile, created_at_ms, period_ends_at_ms)
         SELECT value, substr(value, 1, 4), substr(value, 6), '{"timeZone":"UTC"}', '{"name":"Acme"}', ?2, 1e13
           FROM json_each(?1)`,
      ).bind(JSON.stringify(Object.keys(daysAgo)), NOW - DAY_MS),
      env.DB.prepare(
        `INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
         SELECT value ->> '$[0]', 'action', value ->> '$[1]', 'assistant', 'answer', '2026-06-14', 1, 1, 1000000, 1000000
           FROM json_each(?1)`,
      ).bind(JSON.stringify(used)),
    ]);
  }

  test("accounts with use in the last 35 days, each handed over once however often cron comes", async () => {
    await dueAccounts({ "live:daily": 0, "live:lately": 35, "live:long-ago": 40, "test:never": null });
    const { env: bindings, jobs } = recordingEnv();
    await dispatchAnalyses(bindings, NOW - 1);
    expect(jobs).toEqual([]);
    await dispatchAnalyses(bindings, NOW);
    await dispatchAnalyses(bindings, NOW);
    expect(jobs).toEqual([{ type: "analyses_due" }, { type: "analyses_due" }]);
    jobs.length = 0;
    await handOverAnalyses(bindings, NOW);
    await handOverAnalyses(bindings, NOW);
    expect(jobs).toEqual([
      { type: "analysis_due", accountKey: "live:daily" },
      { type: "analysis_due", accountKey: "live:lately" },
    ]);
    // Those left out are looked at after their next day; those handed over are due again where they are lost.
    expect((await rowOf("test:never"))?.due_at_ms).toBe(NOW + DAY_MS);
    expect((await rowOf("live:daily"))?.due_at_ms).toBe(NOW + 2 * 60 * 60_000);
  });

  test("goes page by page, the next by another message, and leaves out nobody where the queue fails", async () => {
    const names = Array.from(
      { length: 2 * PAGE + 30 },
      (_, index) => `live:p${String(index).padStart(3, "0")}`,
    );
    await dueAccounts(Object.fromEntries(names.map((name) => [name, 1])));
    const { env: bindings, jobs } = recordingEnv();
    let pages = 1;
    for (let waiting = 1; waiting > 0; waiting -= 1) {
      const before = jobs.length;
      await handOverAnalyses(bindings, NOW);
      const next = jobs.slice(before).filter(({ type }) => type === "analyses_due").length;
      waiting += next;
      pages += next;
    }
    expect(pages).toBe(3);
    const handedOver = jobs.flatMap((job) => (job.type === "analysis_due" ? [job.accountKey] : []));
    expect(handedOver.toSorted()).toEqual(names);

    await dueAccounts({ "live:lost": 1 });
    const failing = {
      ...bindings,
      BILLING_QUEUE: { sendBatch: () => Promise.reject(new Error("the queue is away")) },
    } as unknown as Env;
    await expect(handOverAnalyses(failing, NOW)).rejects.toThrow("the queue is away");
    jobs.length = 0;
    await handOverAnalyses(bindings, NOW);
    expect(jobs).toEqual([]);
    await handOverAnalyses(bindings, NOW + 2 * 60 * 60_000);
    expect(jobs).toEqual([{ type: "analysis_due", accountKey: "live:lost" }]);
  });

  test("finds them by the index", async () => {
    const { results } = await env.DB.prepare(
      "EXPLAIN QUERY PLAN SELECT account_key FROM analyses WHERE due_at_ms <= 1 ORDER BY due_at_ms LIMIT 100",
    ).all<{ detail: string }>();
    expect(results.map(({ detail }) => detail)).toEqual([
      "SEARCH analyses USING COVERING INDEX analyses_due (due_at_ms<?)",
    ]);
  });
});

describe("an account by real time", () => {
  /** Used daily, most yesterday; analysed up to the day before. */
  async function openReal(account: string): Promise<string> {
    const opened = { account, plans: ["starter"], anchorDate: dayAgo(10) };
    expect((await call(key, "POST", "/v1/accounts", opened)).status).toBe(201);
    const accountKey = `test:${account}`;
    const events = Array.from({ length: 5 }, (_, ago) => ({
      account,
      id: `e${ago}`,
      feature: "assistant",
      action: "answer",
      quantity: ago === 1 ? 90 : 1,
      occurredAt: new Date(Date.now() - ago * DAY_MS).toISOString(),
    }));
    expect((await call(key, "POST", "/v1/events", { mode: "record", events })).status).toBe(200);
    await env.DB.batch([
      env.DB.prepare("UPDATE accounts SET created_at_ms = ? WHERE account_key = ?").bind(
        Date.now() - 30 * DAY_MS,
        accountKey,
      ),
      env.DB.prepare("UPDATE analyses SET due_at_ms = 1, analysed_day = ? WHERE account_key = ?").bind(
        dayAgo(2),
        accountKey,
      ),
    ]);
    await accountOf(env, accountKey).flush();
    return accountKey;
  }

  const dayAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

  async function deliver(bodies: readonly BillingQueueMessage[], bindings: Env) {
    const messages = bodies.map((body, index) => ({
      id: `${index}`,
      timestamp: new Date(),
      attempts: 1,
      body,
    }));
    const batch = createMessageBatch<BillingQueueMessage>("drawdown-billing", messages);
    await consume(batch, bindings);
    const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
    return { acks: explicitAcks, retries: retryMessages.map(({ msgId }) => msgId) };
  }

  test("is told of yesterday's spike once, although its message comes twice", async () => {
    const accountKey = await openReal("real-1");
    const { env: bindings, sent } = recordingEnv();
    const due = { type: "analysis_due", accountKey } as const;
    expect(await deliver([due], bindings)).toEqual({ acks: ["0"], retries: [] });
    expect(idsOf(sent)).toEqual([`${accountKey}/spike/${dayAgo(1)}/assistant`]);
    const row = await rowOf(accountKey);
    expect(row?.analysed_day).toBe(dayAgo(1));
    const nextMidnight = Date.parse(dayAgo(0)) + DAY_MS;
    expect(row?.due_at_ms).toBe(nextMidnight + 5 * 60_000);
    expect(await deliver([due], bindings)).toEqual({ acks: ["0"], retries: [] });
    expect(sent).toHaveLength(1);
  });

  test("that fails is tried again and stops nobody else", async () => {
    const [broken, fine] = [await openReal("real-2"), await openReal("real-3")];
    const { env: recording, sent } = recordingEnv();
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    let away = true;
    const getByName = (name: string) => {
      if (away && name === broken) throw new Error("the account is away");
      return env.ACCOUNT.getByName(name);
    };
    const bindings = { ...recording, ACCOUNT: { getByName } } as unknown as Env;
    const due = [broken, fine].map((accountKey) => ({ type: "analysis_due", accountKey }) as const);
    expect(await deliver(due, bindings)).toEqual({ acks: ["1"], retries: ["0"] });
    expect(warned).toHaveBeenCalledOnce();
    expect(idsOf(sent)).toEqual([`${fine}/spike/${dayAgo(1)}/assistant`]);
    away = false;
    expect(await deliver(due, bindings)).toEqual({ acks: ["0", "1"], retries: [] });
    expect(idsOf(sent).slice(1)).toEqual([`${broken}/spike/${dayAgo(1)}/assistant`]);
  });

  test("keeps its day where the notices could not be sent, and sends them then", async () => {
    const accountKey = await openReal("real-4");
    const due = { type: "analysis_due", accountKey } as const;
    const { env: recording, sent } = recordingEnv();
    vi.spyOn(console, "warn").mockReturnValue();
    const refusing = { sendBatch: () => Promise.reject(new Error("the queue is away")) };
    const failing = { ...recording, NOTIFICATIONS_QUEUE: refusing } as unknown as Env;
    expect(await deliver([due], failing)).toEqual({ acks: [], retries: ["0"] });
    expect((await rowOf(accountKey))?.analysed_day).toBe(dayAgo(2));
    await deliver([due], recording);
    expect(sent).toHaveLength(1);
  });
});
