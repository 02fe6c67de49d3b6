/** GET /v1/status and GET /v1/billing-runs: what waits shows, in the mode that it belongs to, and is gone when it is done. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { COUNT_MAX, type Status } from "../../shared/api/status.ts";
import { runBilling } from "../../workers/billing/runs.ts";
import worker from "../../workers/index.ts";
import { badFields, CATALOG, call, FEATURES, keyWith } from "./api.ts";

interface Runs {
  readonly data: readonly { readonly at: string; readonly dispatched: number }[];
  readonly nextCursor: string | null;
}

const MINUTE_MS = 60_000;

let live = "";
let sandbox = "";

beforeAll(async () => {
  live = await keyWith("live");
  sandbox = await keyWith("test");
  await call(live, "PUT", "/v1/catalog", CATALOG);
  await call(live, "POST", "/v1/rate-sheets", { features: FEATURES });
});

beforeEach(async () => {
  await env.DB.batch(
    ["heartbeats", "billing_runs", "dead_letters", "deliveries"].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  );
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function statusOf(key: string): Promise<Status> {
  const answer = await call<Status>(key, "GET", "/v1/status");
  expect(answer.status).toBe(200);
  return answer.body;
}

/** As Cloudflare calls it each minute. */
function runCron(scheduledTime = Date.now()): Promise<void> {
  return worker.scheduled({ scheduledTime, cron: "* * * * *", noRetry() {} }, env);
}

function addDelivery(id: string, status: string, nextAttemptMs: number | null, createdAtMs: number) {
  return env.DB.prepare(
    `INSERT INTO deliveries (delivery_id, mode, channel, target, status, attempts, attempt_log, round_attempts,
                             round_started_ms, next_attempt_ms, created_at_ms, updated_at_ms)
     VALUES (?1, 'live', 'webhook', 'we_1', ?2, 1, '[]', 1, ?4, ?3, ?4, ?4)`,
  )
    .bind(id, status, nextAttemptMs, createdAtMs)
    .run();
}

function addDeadLetter(id: string, diedAtMs: number, resentAtMs: number | null) {
  return env.DB.prepare(
    "INSERT INTO dead_letters (message_id, queue, body, died_at_ms, mode, resent_at_ms) VALUES (?, 'drawdown-usage', '{}', ?, 'live', ?)",
  )
    .bind(id, diedAtMs, resentAtMs)
    .run();
}

describe("the status", () => {
  test("is well when cron ran and nothing waits", async () => {
    expect(await statusOf(live)).toMatchObject({
      ok: false,
      problems: ["cron_late"],
      pipeline: { cron: { lastRun: null } },
    });
    await runCron();
    const row = await env.DB.prepare("SELECT revision FROM operator").first<{ revision: number }>();
    expect(await statusOf(live)).toEqual({
      ok: true,
      problems: [],
      at: expect.any(String),
      mode: "live",
      database: { reachable: true, answeredInMs: expect.any(Number) },
      pipeline: {
        revision: row?.revision,
        cron: { lastRun: { at: expect.any(String), ageSeconds: expect.any(Number) } },
        log: { lastStored: null },
        billing: { accountsOverdue: 0, oldestUnsettled: null },
        deliveries: { pending: 0, oldestPending: null, overdue: 0, failed: 0, oldestFailed: null },
        deadLetters: { waiting: 0, oldest: null },
      },
    });
  });

  test("says when cron has not run for more than ten minutes", async () => {
    await runCron();
    const later = Date.now() + 10 * MINUTE_MS;
    vi.spyOn(Date, "now").mockReturnValue(later + 5_000);
    const { problems, pipeline } = await statusOf(live);
    expect(problems).toEqual(["cron_late"]);
    expect(pipeline?.cron.lastRun?.ageSeconds).toBeGreaterThan(600);
  });

  test("does not count a run in which something failed", async () => {
    vi.spyOn(env.BILLING_QUEUE, "sendBatch").mockRejectedValue(new Error("no queue"));
    await openOverdue("live", "unsent", 20 * MINUTE_MS);
    await expect(runCron()).rejects.toThrow("no queue");
    expect((await statusOf(live)).pipeline?.cron.lastRun).toBeNull();
    await settleByHand("live:unsent");
  });

  test("counts deliveries and dead letters that wait, with the age of the oldest", async () => {
    await runCron();
    const now = Date.now();
    await addDelivery("d1", "pending", now + MINUTE_MS, now - MINUTE_MS);
    await addDelivery("d2", "pending", now + MINUTE_MS, now - 5 * MINUTE_MS);
    await addDelivery("d3", "failed", null, now - 60 * MINUTE_MS);
    await addDelivery("d4", "delivered", null, now - 90 * MINUTE_MS);
    await addDeadLetter("m1", now - 2 * MINUTE_MS, null);
    await addDeadLetter("m2", now - 9 * MINUTE_MS, now);
    const { ok, problems, pipeline } = await statusOf(live);
    expect({ ok, problems }).toEqual({ ok: false, problems: ["dead_letters"] });
    expect(pipeline?.deliveries).toMatchObject({ pending: 2, overdue: 0, failed: 1 });
    expect(minutes(pipeline?.deliveries.oldestPending)).toBe(5);
    expect(minutes(pipeline?.deliveries.oldestFailed)).toBe(60);
    expect(pipeline?.deadLetters.waiting).toBe(1);
    expect(minutes(pipeline?.deadLetters.oldest)).toBe(2);
    // All of that is live; test keys see none of it.
    expect(await statusOf(sandbox)).toMatchObject({
      ok: true,
      mode: "test",
      pipeline: { deliveries: { pending: 0, failed: 0 }, deadLetters: { waiting: 0, oldest: null } },
    });
  });

  test("tells a delivery that nobody attempts from one that waits for its time", async () => {
    await runCron();
    await addDelivery("late", "pending", Date.now() - 11 * MINUTE_MS, Date.now() - 60 * MINUTE_MS);
    await addDelivery("soon", "pending", Date.now() - 9 * MINUTE_MS, Date.now() - 60 * MINUTE_MS);
    expect(await statusOf(live)).toMatchObject({
      problems: ["deliveries_overdue"],
      pipeline: { deliveries: { pending: 2, overdue: 1 } },
    });
  });

  test("counts accounts that nobody settles, and names the oldest also before it is overdue", async () => {
    await runCron();
    await openOverdue("live", "soon-due", 5 * MINUTE_MS);
    const soon = await statusOf(live);
    expect(soon).toMatchObject({ ok: true, pipeline: { billing: { accountsOverdue: 0 } } });
    expect(minutes(soon.pipeline?.billing.oldestUnsettled)).toBe(5);
    await openOverdue("live", "late-due", 11 * MINUTE_MS);
    const late = await statusOf(live);
    expect(late).toMatchObject({
      problems: ["accounts_overdue"],
      pipeline: { billing: { accountsOverdue: 1 } },
    });
    expect(minutes(late.pipeline?.billing.oldestUnsettled)).toBe(11);
    expect((await statusOf(sandbox)).pipeline?.billing).toEqual({
      accountsOverdue: 0,
      oldestUnsettled: null,
    });
    for (const id of ["soon-due", "late-due"]) await settleByHand(`live:${id}`);
  });

  test("leaves out accounts on a test clock: they wait for it", async () => {
    await runCron();
    await call(sandbox, "POST", "/v1/test-clocks", { testClock: "still", now: "2026-01-10T00:00:00Z" });
    await call(sandbox, "POST", "/v1/accounts", { account: "still", testClock: "still" });
    expect(await statusOf(sandbox)).toMatchObject({
      ok: true,
      pipeline: { billing: { accountsOverdue: 0, oldestUnsettled: null } },
    });
  });

  test("says when entries last came into the log, writing that seldom", async () => {
    await storeSegment(1);
    await env.DB.prepare("DELETE FROM heartbeats").run();
    const before = Math.floor(Date.now() / 1000) * 1000;
    const [first, second] = [await storeSegment(2), await storeSegment(3)];
    expect(first - second).toBe(1);
    const { pipeline } = await statusOf(live);
    expect(Date.parse(pipeline?.log.lastStored?.at ?? "")).toBeGreaterThanOrEqual(before);
    expect((await statusOf(sandbox)).pipeline?.log.lastStored).toBeNull();
    await env.DB.prepare("UPDATE heartbeats SET at_ms = at_ms - 11000 WHERE name = 'segments/live'").run();
    await storeSegment(4);
    expect((await statusOf(live)).pipeline?.log.lastStored?.ageSeconds).toBeLessThan(11);
  });

  test("stops counting where more changes nothing", async () => {
    const now = Date.now();
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO dead_letters (message_id, queue, body, died_at_ms, mode) SELECT 'm' || i, 'q', '{}', ?2 - i, 'live' FROM n`,
    )
      .bind(COUNT_MAX + 5, now)
      .run();
    const { pipeline } = await statusOf(live);
    expect(pipeline?.deadLetters.waiting).toBe(COUNT_MAX);
    expect(pipeline?.deadLetters.oldest?.ageSeconds).toBeGreaterThanOrEqual(10);
  });

  test("answers while the database does not, and says so", async () => {
    await statusOf(live);
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(env.DB, "prepare").mockImplementation(() => {
      throw new Error("D1 is away");
    });
    expect(await statusOf(live)).toMatchObject({
      ok: false,
      problems: ["database_unreachable"],
      database: { reachable: false, answeredInMs: null },
      pipeline: null,
    });
  });
});

describe("billing runs", () => {
  test("are those that found accounts due, newest first, in pages", async () => {
    await runCron();
    expect(await listRuns()).toEqual({ data: [], nextCursor: null });
    await openOverdue("live", "run-1", MINUTE_MS);
    await openOverdue("test", "run-2", MINUTE_MS);
    const first = Date.now();
    await runBilling(env, first);
    await runBilling(env, first + MINUTE_MS);
    const page = await listRuns("?limit=1");
    expect(page.data).toEqual([{ at: formatted(first + MINUTE_MS), dispatched: 2 }]);
    const rest = await listRuns(`?limit=1&cursor=${page.nextCursor}`);
    expect(rest).toEqual({ data: [{ at: formatted(first), dispatched: 2 }], nextCursor: null });
    for (const key of ["live:run-1", "test:run-2"]) await settleByHand(key);
  });

  test("keep the newest 1,000", async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
       INSERT INTO billing_runs (at_ms, dispatched) SELECT i, 1 FROM n`,
    ).run();
    await openOverdue("live", "run-3", MINUTE_MS);
    await runBilling(env, Date.now());
    const kept = await env.DB.prepare(
      "SELECT count(*) AS runs, min(at_ms) AS oldest FROM billing_runs",
    ).first();
    expect(kept).toEqual({ runs: 1000, oldest: 2 });
    await settleByHand("live:run-3");
  });

  test("refuse a cursor of something else by name", async () => {
    const answer = await call(live, "GET", "/v1/billing-runs?cursor=acme");
    expect(answer).toMatchObject({ status: 422 });
    expect(badFields(answer)).toEqual(["cursor"]);
  });
});

function listRuns(query = ""): Promise<Runs> {
  return call<Runs>(live, "GET", `/v1/billing-runs${query}`).then(({ body }) => body);
}

/** An account that was due so long ago, as D1 has it; nobody opened it. */
async function openOverdue(mode: "live" | "test", id: string, agoMs: number): Promise<void> {
  await env.DB.prepare(
    "INSERT INTO accounts (account_key, mode, account_id, terms, profile, created_at_ms, period_ends_at_ms) VALUES (?1, ?2, ?3, '{}', '{}', 0, ?4)",
  )
    .bind(`${mode}:${id}`, mode, id, Date.now() - agoMs)
    .run();
}

async function settleByHand(accountKey: string): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM accounts WHERE account_key = ?").bind(accountKey),
    env.DB.prepare("DELETE FROM analyses WHERE account_key = ?").bind(accountKey),
  ]);
}

/** Returns the rows that it wrote. */
async function storeSegment(seq: number): Promise<number> {
  const { meta } = await env.DB.prepare(
    "INSERT INTO segments (account_key, first_seq, last_seq, period, from_ms, to_ms, credits_micros, entries) VALUES ('live:logged', ?1, ?1, '2026-01-01', 0, 0, 0, ?2)",
  )
    .bind(seq, JSON.stringify([{ id: `e${seq}`, day: "2026-01-01", items: [] }]))
    .run();
  return meta.rows_written;
}

function minutes(moment: { readonly ageSeconds: number } | null | undefined): number {
  return Math.floor((moment?.ageSeconds ?? Number.NaN) / 60);
}

function formatted(atMs: number): string {
  return new Date(atMs).toISOString().replace(".000Z", "Z");
}
