/** Runs of billing: cron hands due accounts over, and the operator sees when and how many. */
import { createRoute } from "@hono/zod-openapi";
import { desc, lt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { formatInstant, pageSchema } from "../../shared/api/common.ts";
import { billingRunSchema, billingRunsQuerySchema } from "../../shared/api/status.ts";
import { billingRuns } from "../../shared/db/schema.ts";
import type { Env } from "../env.ts";
import { requireScope } from "../ingest/auth.ts";
import { createRouter, jsonContent, problemResponses } from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { dispatchDueAccounts } from "./cron.ts";

const RUNS_KEPT = 1_000;

const list = createRoute({
  method: "get",
  path: "/v1/billing-runs",
  operationId: "listBillingRuns",
  tags: ["Operations"],
  summary: "List the cron runs that handed accounts to billing, newest first",
  description: `The last ${RUNS_KEPT}. A run that found no account due is not among them; GET /v1/status says when cron last ran.`,
  middleware: [requireScope("read")] as const,
  request: { query: billingRunsQuerySchema },
  responses: {
    200: jsonContent(pageSchema(billingRunSchema, "BillingRuns"), "a page of runs"),
    ...problemResponses(401, 403, 422),
  },
});

/** A minute's run that comes twice is one. */
const NOTE = `
  INSERT INTO billing_runs (at_ms, dispatched) VALUES (?1, ?2)
  ON CONFLICT (at_ms) DO UPDATE SET dispatched = dispatched + excluded.dispatched`;

const FORGET = `
  DELETE FROM billing_runs
   WHERE at_ms < (SELECT at_ms FROM billing_runs ORDER BY at_ms DESC LIMIT 1 OFFSET ?1 - 1)`;

/** Hands the accounts that are due to the billing queue, and notes the run where there were any. */
export async function runBilling(env: Env, nowMs: number): Promise<void> {
  const dispatched = await dispatchDueAccounts(env, nowMs);
  if (dispatched === 0) return;
  await env.DB.batch([env.DB.prepare(NOTE).bind(nowMs, dispatched), env.DB.prepare(FORGET).bind(RUNS_KEPT)]);
}

export const billingRunRoutes = createRouter().openapi(list, async (context) => {
  const { limit, cursor } = context.req.valid("query");
  const rows = await drizzle(context.env.DB)
    .select()
    .from(billingRuns)
    .where(cursor === undefined ? undefined : lt(billingRuns.atMs, cursor))
    .orderBy(desc(billingRuns.atMs))
    .limit(rowsFor(limit));
  const page = pageOf(
    rows,
    limit,
    ({ atMs }) => String(atMs),
    ({ atMs, dispatched }) => ({ at: formatInstant(atMs), dispatched }),
  );
  return context.json(page, 200);
});
