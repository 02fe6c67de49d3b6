/** Publishing and reading rate sheets (rules, sections 8.1 and 8.2). A published version is never edited. */
import { createRoute, z } from "@hono/zod-openapi";
import { desc, eq, lt, lte, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { pageQuerySchema, pageSchema } from "../../shared/api/common.ts";
import {
  publishRateSheetSchema,
  rateSheetAnswer,
  rateSheetSchema,
  rateSheetSummaryAnswer,
  rateSheetSummarySchema,
  toFeatures,
} from "../../shared/api/rate-sheets.ts";
import type { Feature } from "../../shared/credits/rates.ts";
import { rateSheets } from "../../shared/db/schema.ts";
import { forgetGate, requireScope } from "../ingest/auth.ts";
import {
  createRouter,
  invalidField,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { bumpRevision } from "./revision.ts";

/** By this time every isolate has heard of a new version (GATE_STALE_MS of the gate), so all change over together. */
const PUBLISH_AHEAD_MS = 60_000;
/** Each account keeps every version that it may need, so a version stays small. */
const RATE_SHEET_BYTES_MAX = 128 * 1024;

const tags = ["Rate sheets"];
const versionParams = z.object({ version: z.coerce.number().int().min(1).openapi({ example: 1 }) });
const cursorSchema = z.coerce.number({ error: "not a cursor of this list" }).int().min(1);
const listQuerySchema = pageQuerySchema.extend({ cursor: cursorSchema.optional() });

const publish = createRoute({
  method: "post",
  path: "/v1/rate-sheets",
  operationId: "publishRateSheet",
  tags,
  summary: "Publish the next version",
  description: "Versions count up by one. Needs the scope admin.",
  middleware: [requireScope("admin")] as const,
  request: { body: jsonBody(publishRateSheetSchema) },
  responses: {
    201: jsonContent(rateSheetSchema, "the version published"),
    ...problemResponses(400, 401, 403, 413, 415, 422),
  },
});

const list = createRoute({
  method: "get",
  path: "/v1/rate-sheets",
  operationId: "listRateSheets",
  tags,
  summary: "List the versions, newest first, without their features",
  middleware: [requireScope("read")] as const,
  request: { query: listQuerySchema },
  responses: {
    200: jsonContent(pageSchema(rateSheetSummarySchema, "RateSheets"), "a page of versions"),
    ...problemResponses(401, 403, 422),
  },
});

const current = createRoute({
  method: "get",
  path: "/v1/rate-sheets/current",
  operationId: "getCurrentRateSheet",
  tags,
  summary: "Read the version in force",
  middleware: [requireScope("read")] as const,
  responses: {
    200: jsonContent(rateSheetSchema, "the version in force now"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/rate-sheets/{version}",
  operationId: "getRateSheet",
  tags,
  summary: "Read a version",
  middleware: [requireScope("read")] as const,
  request: { params: versionParams },
  responses: {
    200: jsonContent(rateSheetSchema, "the version"),
    ...problemResponses(401, 403, 404, 422),
  },
});

/** Publishes the next version; null where it is not the first and would take effect in the past. */
async function insertNextVersion(
  database: D1Database,
  features: readonly Feature[],
  effectiveAtMs: number | undefined,
  nowMs: number,
) {
  const db = drizzle(database);
  const json = JSON.stringify(features);
  if (new TextEncoder().encode(json).byteLength > RATE_SHEET_BYTES_MAX) {
    const message = `takes more than ${RATE_SHEET_BYTES_MAX} bytes in store; shorten names and descriptions`;
    throw invalidField("features", message);
  }
  const defaultMs = sql`iif(version = 1, ${nowMs}, ${nowMs + PUBLISH_AHEAD_MS})`;
  const next = sql`
    SELECT version, coalesce(${effectiveAtMs ?? null}, ${defaultMs}), ${nowMs}, ${json}
      FROM (SELECT coalesce(max(version), 0) + 1 AS version FROM rate_sheets)
     WHERE version = 1 OR ${effectiveAtMs ?? nowMs} >= ${nowMs}`;
  const [[published]] = await db.batch([db.insert(rateSheets).select(next).returning(), bumpRevision(db)]);
  return published ?? null;
}

export const rateSheetRoutes = createRouter()
  .openapi(publish, async (context) => {
    const body = context.req.valid("json");
    const { DB } = context.env;
    const published = await insertNextVersion(DB, toFeatures(body), body.effectiveAt, Date.now());
    forgetGate();
    if (published === null) {
      throw invalidField("effectiveAt", "must not be in the past: a version is already published");
    }
    return context.json(rateSheetAnswer(published), 201);
  })
  .openapi(list, async (context) => {
    const { limit, cursor } = context.req.valid("query");
    const rows = await drizzle(context.env.DB)
      .select({
        version: rateSheets.version,
        effectiveAtMs: rateSheets.effectiveAtMs,
        publishedAtMs: rateSheets.publishedAtMs,
      })
      .from(rateSheets)
      .where(cursor === undefined ? undefined : lt(rateSheets.version, cursor))
      .orderBy(desc(rateSheets.version))
      .limit(rowsFor(limit));
    return context.json(
      pageOf(rows, limit, (row) => String(row.version), rateSheetSummaryAnswer),
      200,
    );
  })
  .openapi(current, async (context) => {
    const [row] = await drizzle(context.env.DB)
      .select()
      .from(rateSheets)
      .where(lte(rateSheets.effectiveAtMs, Date.now()))
      .orderBy(desc(rateSheets.effectiveAtMs), desc(rateSheets.version))
      .limit(1);
    if (row === undefined) {
      throw new ProblemError(404, "no_rate_sheet", "no version is in force; see GET /v1/rate-sheets");
    }
    return context.json(rateSheetAnswer(row), 200);
  })
  .openapi(read, async (context) => {
    const { version } = context.req.valid("param");
    const [row] = await drizzle(context.env.DB)
      .select()
      .from(rateSheets)
      .where(eq(rateSheets.version, version));
    if (row === undefined) {
      throw new ProblemError(404, "rate_sheet_not_found", `version ${version} was never published`);
    }
    return context.json(rateSheetAnswer(row), 200);
  });
