/** GET /v1/status: whether what happens behind the accounts keeps up. Read from D1 in one statement, and so of one moment. */
import { createRoute } from "@hono/zod-openapi";
import type { Mode } from "../../shared/api/common.ts";
import { formatInstant } from "../../shared/api/common.ts";
import {
  COUNT_MAX,
  OVERDUE_MS,
  type PipelineFigures,
  pipelineAnswer,
  statusProblems,
  statusSchema,
} from "../../shared/api/status.ts";
import { requireScope } from "../ingest/auth.ts";
import { createRouter, jsonContent, problemResponses } from "../ingest/http.ts";

const status = createRoute({
  method: "get",
  path: "/v1/status",
  operationId: "getStatus",
  tags: ["Operations"],
  summary: "Say whether the pipeline keeps up",
  description:
    "Counts and ages of what waits: closing periods, deliveries, dead letters, cron, the log. Use is allowed or denied without all of this. It answers 200 also where something is wrong; look at ok.",
  middleware: [requireScope("read")] as const,
  responses: { 200: jsonContent(statusSchema, "the status now"), ...problemResponses(401, 403, 422) },
});

/** ?1 mode, ?2 now, ?3 when what is overdue should have happened, ?4 where counts stop. */
const FIGURES = `
  SELECT (SELECT revision FROM operator) AS revision,
         (SELECT at_ms FROM heartbeats WHERE name = 'cron') AS cronAtMs,
         (SELECT at_ms FROM heartbeats WHERE name = 'segments/' || ?1) AS storedAtMs,
         (SELECT count(*) FROM (SELECT 1 FROM accounts
           WHERE test_clock_id IS NULL AND mode = ?1 AND period_ends_at_ms < ?3 LIMIT ?4)) AS accountsOverdue,
         (SELECT min(period_ends_at_ms) FROM accounts
           WHERE test_clock_id IS NULL AND mode = ?1 AND period_ends_at_ms <= ?2) AS oldestUnsettledMs,
         (SELECT count(*) FROM (SELECT 1 FROM deliveries
           WHERE mode = ?1 AND status = 'pending' LIMIT ?4)) AS pending,
         (SELECT min(created_at_ms) FROM deliveries WHERE mode = ?1 AND status = 'pending') AS oldestPendingMs,
         (SELECT count(*) FROM (SELECT 1 FROM deliveries
           WHERE mode = ?1 AND status = 'pending' AND next_attempt_ms < ?3 LIMIT ?4)) AS overdue,
         (SELECT count(*) FROM (SELECT 1 FROM deliveries
           WHERE mode = ?1 AND status = 'failed' LIMIT ?4)) AS failed,
         (SELECT min(created_at_ms) FROM deliveries WHERE mode = ?1 AND status = 'failed') AS oldestFailedMs,
         (SELECT count(*) FROM (SELECT 1 FROM dead_letters
           WHERE mode = ?1 AND resent_at_ms IS NULL LIMIT ?4)) AS deadLetters,
         (SELECT min(died_at_ms) FROM dead_letters
           WHERE mode = ?1 AND resent_at_ms IS NULL) AS oldestDeadLetterMs`;

/** null while D1 does not answer. */
async function readFigures(database: D1Database, mode: Mode, nowMs: number): Promise<PipelineFigures | null> {
  try {
    const asked = database.prepare(FIGURES).bind(mode, nowMs, nowMs - OVERDUE_MS, COUNT_MAX);
    return await asked.first<PipelineFigures>();
  } catch (error) {
    console.error("the status could not be read", error);
    return null;
  }
}

export const operatorStatusRoutes = createRouter().openapi(status, async (context) => {
  const { mode } = context.var.caller;
  const nowMs = Date.now();
  const figures = await readFigures(context.env.DB, mode, nowMs);
  const problems = statusProblems(figures, nowMs);
  const answer = {
    ok: problems.length === 0,
    problems: [...problems],
    at: formatInstant(nowMs),
    mode,
    database: { reachable: figures !== null, answeredInMs: figures === null ? null : Date.now() - nowMs },
    pipeline: figures === null ? null : pipelineAnswer(figures, nowMs),
  };
  return context.json(answer, 200, { "cache-control": "no-store" });
});

/** Run by cron when all else of the run has ended well. */
export async function noteCronRun(env: { readonly DB: D1Database }, nowMs: number): Promise<void> {
  await env.DB.prepare(
    "INSERT INTO heartbeats (name, at_ms) VALUES ('cron', ?1) ON CONFLICT (name) DO UPDATE SET at_ms = ?1",
  )
    .bind(nowMs)
    .run();
}
