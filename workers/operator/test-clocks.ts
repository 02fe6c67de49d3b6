/**
 * Test clocks (rules, section 12): test accounts attached to one live by its time, and advancing it runs what falls
 * due on the way, so that when the answer comes, resets and invoices exist.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { and, asc, eq, gt, lte, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { accountIdOf } from "../../shared/account-key.ts";
import { formatInstant, identifierSchema, pageQuerySchema, pageSchema } from "../../shared/api/common.ts";
import {
  advanceTestClockSchema,
  createTestClockSchema,
  listedTestClockSchema,
  testClockSchema,
} from "../../shared/api/operator.ts";
import { accounts, testClocks } from "../../shared/db/schema.ts";
import { accountOf } from "../account/stub.ts";
import { settleAccount } from "../billing/settle.ts";
import { forEachAtOnce } from "../concurrency.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  createRouter,
  invalidField,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { analyseAccount } from "../insights/analyse.ts";

/** One advance closes about a year of periods for each account, which one request can carry. */
const ADVANCE_MAX_DAYS = 400;
const DAY_MS = 86_400_000;
/** Accounts advanced at the same time: a Worker may hold six connections open. */
const ACCOUNTS_AT_ONCE = 6;

const tags = ["Test clocks"];
const clockParams = z.object({ testClock: identifierSchema });

/** After `requireScope`. */
const requireTestKey = createMiddleware<AppEnv>(async (context, next) => {
  if (context.var.caller.mode !== "test") {
    throw new ProblemError(403, "test_key_required", "test clocks belong to test mode; use a test key");
  }
  await next();
});

const create = createRoute({
  method: "post",
  path: "/v1/test-clocks",
  operationId: "createTestClock",
  tags,
  summary: "Create a test clock",
  description: "Creating it again with the same time answers 200. Only for test keys with the scope admin.",
  middleware: [requireScope("admin"), requireTestKey] as const,
  request: { body: jsonBody(createTestClockSchema) },
  responses: {
    200: jsonContent(testClockSchema, "the clock exists already, at this time"),
    201: jsonContent(testClockSchema, "the clock"),
    ...problemResponses(400, 401, 403, 409, 413, 415, 422),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/test-clocks",
  operationId: "listTestClocks",
  tags,
  summary: "List the test clocks with their accounts, by name",
  middleware: [requireScope("read"), requireTestKey] as const,
  request: { query: pageQuerySchema },
  responses: {
    200: jsonContent(pageSchema(listedTestClockSchema, "TestClocks"), "a page of test clocks"),
    ...problemResponses(401, 403, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/test-clocks/{testClock}",
  operationId: "getTestClock",
  tags,
  summary: "Read a test clock",
  middleware: [requireScope("read"), requireTestKey] as const,
  request: { params: clockParams },
  responses: { 200: jsonContent(testClockSchema, "the clock"), ...problemResponses(401, 403, 404, 422) },
});

const advance = createRoute({
  method: "post",
  path: "/v1/test-clocks/{testClock}/advance",
  operationId: "advanceTestClock",
  tags,
  summary: "Advance a test clock",
  description: `At most ${ADVANCE_MAX_DAYS} days at once. Resets and invoices of its accounts exist when the answer comes. Where it names accounts that failed (503), repeat the request: it goes on with them and changes nothing for the others.`,
  middleware: [requireScope("admin"), requireTestKey] as const,
  request: { params: clockParams, body: jsonBody(advanceTestClockSchema) },
  responses: {
    200: jsonContent(testClockSchema, "the clock, all its accounts advanced"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422, 503),
  },
});

type ClockRow = typeof testClocks.$inferSelect;

function clockAnswer(row: ClockRow) {
  return { testClock: row.clockId, now: formatInstant(row.nowMs) };
}

export async function findClock(database: D1Database, clockId: string): Promise<ClockRow | undefined> {
  const [row] = await drizzle(database).select().from(testClocks).where(eq(testClocks.clockId, clockId));
  return row;
}

async function foundClock(database: D1Database, clockId: string): Promise<ClockRow> {
  const row = await findClock(database, clockId);
  if (row === undefined) {
    throw new ProblemError(404, "test_clock_not_found", `no test clock "${clockId}"; POST /v1/test-clocks`);
  }
  return row;
}

/** Moves the clock's own time, never backwards; the same time again is allowed, so that a repeat can go on. */
async function moveClock(database: D1Database, clockId: string, toMs: number): Promise<ClockRow> {
  const clock = await foundClock(database, clockId);
  if (toMs - clock.nowMs > ADVANCE_MAX_DAYS * DAY_MS) {
    const message = `at most ${ADVANCE_MAX_DAYS} days after the clock's time ${formatInstant(clock.nowMs)}`;
    throw invalidField("to", message);
  }
  const [moved] = await drizzle(database)
    .update(testClocks)
    .set({ nowMs: toMs })
    .where(and(eq(testClocks.clockId, clockId), lte(testClocks.nowMs, toMs)))
    .returning();
  if (moved === undefined) {
    const detail = `the clock is at ${formatInstant(clock.nowMs)} already; it never goes back`;
    throw new ProblemError(409, "clock_backwards", detail);
  }
  return moved;
}

/** Advances the accounts of a clock, a few at a time; returns those that failed, none of which stops another. */
async function advanceAccounts(context: Context<AppEnv>, clock: ClockRow): Promise<readonly string[]> {
  const { env, var: variables } = context;
  const rows = await drizzle(env.DB)
    .select({ accountKey: accounts.accountKey })
    .from(accounts)
    .where(eq(accounts.testClockId, clock.clockId));
  const failed: string[] = [];
  await forEachAtOnce(rows, ACCOUNTS_AT_ONCE, async ({ accountKey }) => {
    try {
      await accountOf(env, accountKey).advanceClock(clock.nowMs, variables.callContext);
      await settleAccount(env, accountKey, variables.callContext);
      await analyseAccount(env, accountKey, variables.callContext);
    } catch (error) {
      console.error(variables.requestId, accountKey, error);
      failed.push(accountIdOf(accountKey));
    }
  });
  return failed;
}

export const testClockRoutes = createRouter()
  .openapi(create, async (context) => {
    const { testClock, now } = context.req.valid("json");
    const row = { clockId: testClock, nowMs: now };
    const created = await drizzle(context.env.DB)
      .insert(testClocks)
      .values(row)
      .onConflictDoNothing()
      .returning();
    if (created.length > 0) return context.json(clockAnswer(row), 201);
    const existing = await foundClock(context.env.DB, testClock);
    if (existing.nowMs === now) return context.json(clockAnswer(existing), 200);
    const detail = `test clock "${testClock}" exists, at ${formatInstant(existing.nowMs)}; advance it instead`;
    throw new ProblemError(409, "test_clock_exists", detail);
  })
  .openapi(list, async (context) => {
    const { limit, cursor } = context.req.valid("query");
    const rows = await drizzle(context.env.DB)
      .select({
        clockId: testClocks.clockId,
        nowMs: testClocks.nowMs,
        accountIds: sql<string>`(SELECT json_group_array(account_id ORDER BY account_id)
          FROM accounts WHERE test_clock_id = clock_id)`.as("account_ids"),
      })
      .from(testClocks)
      .where(cursor === undefined ? undefined : gt(testClocks.clockId, cursor))
      .orderBy(asc(testClocks.clockId))
      .limit(rowsFor(limit));
    const answer = pageOf(
      rows,
      limit,
      (row) => row.clockId,
      (row) => ({ ...clockAnswer(row), accounts: JSON.parse(row.accountIds) as string[] }),
    );
    return context.json(answer, 200);
  })
  .openapi(read, async (context) => {
    const { testClock } = context.req.valid("param");
    return context.json(clockAnswer(await foundClock(context.env.DB, testClock)), 200);
  })
  .openapi(advance, async (context) => {
    const { testClock } = context.req.valid("param");
    const clock = await moveClock(context.env.DB, testClock, context.req.valid("json").to);
    const failed = await advanceAccounts(context, clock);
    if (failed.length === 0) return context.json(clockAnswer(clock), 200);
    const detail = `not advanced: ${failed.join(", ")}; repeat the request`;
    throw new ProblemError(503, "advance_incomplete", detail);
  });
