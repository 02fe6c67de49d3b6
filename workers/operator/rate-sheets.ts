/** Reading the versions of the rate sheet (rules, 8.1); withdrawn ones stay readable. */
import { createRoute, z } from "@hono/zod-openapi";
import { and, desc, isNull, lt, lte } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { CURSOR_TEXT, pageQuerySchema, pageSchema } from "../../shared/api/common.ts";
import {
  rateSheetAnswer,
  rateSheetSchema,
  rateSheetSummaryAnswer,
  rateSheetSummarySchema,
  versionParamsSchema,
} from "../../shared/api/rate-sheets.ts";
import { rateSheets } from "../../shared/db/schema.ts";
import { requireScope } from "../ingest/auth.ts";
import { createRouter, jsonContent, ProblemError, problemResponses } from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { foundVersion } from "./rate-timeline.ts";

const tags = ["Rate sheets"];
const cursorSchema = z.coerce.number({ error: "not a cursor of this list" }).int().min(1);
const listQuerySchema = pageQuerySchema.extend({
  cursor: cursorSchema.optional().openapi({ description: CURSOR_TEXT }),
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
  request: { params: versionParamsSchema },
  responses: {
    200: jsonContent(rateSheetSchema, "the version"),
    ...problemResponses(401, 403, 404, 422),
  },
});

export const rateSheetRoutes = createRouter()
  .openapi(list, async (context) => {
    const { limit, cursor } = context.req.valid("query");
    const rows = await drizzle(context.env.DB)
      .select({
        version: rateSheets.version,
        effectiveAtMs: rateSheets.effectiveAtMs,
        publishedAtMs: rateSheets.publishedAtMs,
        shortNotice: rateSheets.shortNotice,
        withdrawnAtMs: rateSheets.withdrawnAtMs,
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
      .where(and(lte(rateSheets.effectiveAtMs, Date.now()), isNull(rateSheets.withdrawnAtMs)))
      .orderBy(desc(rateSheets.effectiveAtMs), desc(rateSheets.version))
      .limit(1);
    if (row === undefined) {
      throw new ProblemError(404, "no_rate_sheet", "no version is in force; see GET /v1/rate-sheets");
    }
    return context.json(rateSheetAnswer(row), 200);
  })
  .openapi(read, async (context) => {
    const { version } = context.req.valid("param");
    return context.json(rateSheetAnswer(await foundVersion(context.env.DB, version)), 200);
  });
