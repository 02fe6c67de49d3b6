/** Withdrawing a version of the rate sheet that is not in force yet (rules, 8.1). */
import { createRoute } from "@hono/zod-openapi";
import { and, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { formatInstant } from "../../shared/api/common.ts";
import {
  rateSheetSummaryAnswer,
  rateSheetSummarySchema,
  versionParamsSchema,
  withdrawQuerySchema,
} from "../../shared/api/rate-sheets.ts";
import { newRises } from "../../shared/credits/rate-changes.ts";
import { riseNotices, withdrawalNotice } from "../../shared/credits/rate-notices.ts";
import { rateSheets } from "../../shared/db/schema.ts";
import { OPERATOR_LOG, recordChange } from "../audit/record.ts";
import { forgetGate, requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  createRouter,
  jsonContent,
  ProblemError,
  problemResponses,
  refuseTestKey,
} from "../ingest/http.ts";
import { beginTelling } from "./rate-notices.ts";
import {
  foundVersion,
  insertNotices,
  loadNotices,
  loadTimeline,
  stillAt,
  untilNotOvertaken,
} from "./rate-timeline.ts";
import { bumpRevision } from "./revision.ts";
import { refuseShortNotice } from "./short-notice.ts";

const withdraw = createRoute({
  method: "delete",
  path: "/v1/rate-sheets/{version}",
  operationId: "withdrawRateSheet",
  tags: ["Rate sheets"],
  summary: "Withdraw a version that is not in force yet",
  description:
    "It never takes effect and stays readable, with withdrawnAt; who was told of it is told of that. Withdrawing it again changes nothing. Withdraw at least a minute ahead: until every place has heard of it, some still decide with it.",
  middleware: [requireScope("admin")] as const,
  request: { params: versionParamsSchema, query: withdrawQuerySchema },
  responses: {
    200: jsonContent(rateSheetSummarySchema, "the version, withdrawn"),
    ...problemResponses(401, 403, 404, 409, 422),
  },
});

/** Withdraws it from the versions as they are; null where another publication or withdrawal came first. */
async function withdrawVersion(
  context: Context<AppEnv>,
  version: number,
  shortNotice: boolean,
  nowMs: number,
) {
  const database = context.env.DB;
  const timeline = await loadTimeline(database, nowMs);
  const sheet = await foundVersion(database, version);
  if (sheet.withdrawnAtMs !== null) return { withdrawn: sheet, notices: [] };
  if (sheet.effectiveAtMs <= nowMs) throw inForce(version, sheet.effectiveAtMs);
  const left = timeline.sheets.filter((other) => other.version !== version);
  const rises = newRises(timeline.sheets, left, nowMs);
  const cause = { kind: "withdrawn", version } as const;
  if (!shortNotice) refuseShortNotice(rises, cause, nowMs);
  const takenBack = withdrawalNotice(version, await loadNotices(database, version), nowMs);
  const db = drizzle(database);
  const notices = [...riseNotices(rises, cause, nowMs), ...(takenBack === null ? [] : [takenBack])];
  const [, [withdrawn]] = await db.batch([
    insertNotices(db, notices, stillAt(timeline)),
    db
      .update(rateSheets)
      .set({ withdrawnAtMs: nowMs })
      .where(and(eq(rateSheets.version, version), stillAt(timeline)))
      .returning(),
    bumpRevision(db),
    recordChange(
      db,
      context,
      OPERATOR_LOG,
      {
        action: "rate_sheet_withdrawn",
        target: String(version),
        before: { effectiveAtMs: sheet.effectiveAtMs },
        after: { withdrawnAtMs: nowMs, rises },
      },
      sql`EXISTS (SELECT 1 FROM rate_sheets WHERE version = ${version} AND withdrawn_at_ms = ${nowMs})`,
    ),
  ]);
  return withdrawn === undefined ? null : { withdrawn, notices };
}

function inForce(version: number, effectiveAtMs: number): ProblemError {
  const detail = `version ${version} took effect at ${formatInstant(effectiveAtMs)}; publish another version instead`;
  return new ProblemError(409, "rate_sheet_in_force", detail);
}

export const withdrawRoutes = createRouter().openapi(withdraw, async (context) => {
  refuseTestKey(context);
  const { version } = context.req.valid("param");
  const { shortNotice } = context.req.valid("query");
  const { withdrawn, notices } = await untilNotOvertaken(() =>
    withdrawVersion(context, version, shortNotice, Date.now()),
  );
  forgetGate();
  await beginTelling(context.env, notices);
  return context.json(rateSheetSummaryAnswer(withdrawn), 200);
});
