/** Publishing the next version of the rate sheet (rules, 8.1-8.4). A published version is never edited. */
import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import {
  publishRateSheetSchema,
  rateSheetAnswer,
  rateSheetSchema,
  toFeatures,
} from "../../shared/api/rate-sheets.ts";
import { newRises } from "../../shared/credits/rate-changes.ts";
import { riseNotices } from "../../shared/credits/rate-notices.ts";
import type { Feature } from "../../shared/credits/rates.ts";
import { rateSheets } from "../../shared/db/schema.ts";
import { OPERATOR_LOG, recordChange } from "../audit/record.ts";
import { forgetGate, requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  createRouter,
  invalidField,
  jsonBody,
  jsonContent,
  problemResponses,
  refuseTestKey,
} from "../ingest/http.ts";
import { beginTelling } from "./rate-notices.ts";
import { insertNotices, loadTimeline, stillAt, untilNotOvertaken } from "./rate-timeline.ts";
import { bumpRevision } from "./revision.ts";
import { refuseShortNotice } from "./short-notice.ts";

/** By this time every isolate has heard of a new version (GATE_STALE_MS of the gate), so all change over together. */
const PUBLISH_AHEAD_MS = 60_000;
/** Each account keeps every version that it may need, so a version stays small. */
const RATE_SHEET_BYTES_MAX = 128 * 1024;

const publish = createRoute({
  method: "post",
  path: "/v1/rate-sheets",
  operationId: "publishRateSheet",
  tags: ["Rate sheets"],
  summary: "Publish the next version",
  description:
    "Versions count up by one. One that raises a price, or prices a beta feature, against the version before it takes effect at least 30 days later, and the admins of accounts that used the feature in the last 90 days are told; less needs shortNotice.",
  middleware: [requireScope("admin")] as const,
  request: { body: jsonBody(publishRateSheetSchema) },
  responses: {
    201: jsonContent(rateSheetSchema, "the version published"),
    ...problemResponses(400, 401, 403, 409, 413, 415, 422),
  },
});

interface Draft {
  readonly features: readonly Feature[];
  readonly effectiveAtMs: number | undefined;
  readonly shortNotice: boolean;
}

/** Publishes against the versions as they are; null where another publication or withdrawal came first. */
async function publishNext(context: Context<AppEnv>, draft: Draft, nowMs: number) {
  const database = context.env.DB;
  const timeline = await loadTimeline(database, nowMs);
  const version = timeline.latestVersion + 1;
  const effectiveAtMs = draft.effectiveAtMs ?? (version === 1 ? nowMs : nowMs + PUBLISH_AHEAD_MS);
  if (version > 1 && effectiveAtMs < nowMs) {
    throw invalidField("effectiveAt", "must not be in the past: a version is already published");
  }
  const { features } = draft;
  const rises = newRises(timeline.sheets, [...timeline.sheets, { version, effectiveAtMs, features }], nowMs);
  const cause = { kind: "published", version } as const;
  if (!draft.shortNotice) refuseShortNotice(rises, cause, nowMs);
  const notices = riseNotices(rises, cause, nowMs);
  const isShort = notices.some(({ shortNotice }) => shortNotice);
  const db = drizzle(database);
  const [, [published]] = await db.batch([
    insertNotices(db, notices, stillAt(timeline)),
    db
      .insert(rateSheets)
      .select(
        sql`SELECT ${version}, ${effectiveAtMs}, ${nowMs}, ${JSON.stringify(features)}, ${isShort ? 1 : 0}, NULL WHERE ${stillAt(timeline)}`,
      )
      .returning(),
    bumpRevision(db),
    recordChange(
      db,
      context,
      OPERATOR_LOG,
      {
        action: "rate_sheet_published",
        target: String(version),
        before: null,
        after: { version, effectiveAtMs, shortNotice: isShort, rises },
      },
      sql`EXISTS (SELECT 1 FROM rate_sheets WHERE version = ${version} AND published_at_ms = ${nowMs})`,
    ),
  ]);
  return published === undefined ? null : { published, notices };
}

export const publishRoutes = createRouter().openapi(publish, async (context) => {
  refuseTestKey(context);
  const { features, effectiveAt, shortNotice } = context.req.valid("json");
  const draft = { features: toFeatures(features), effectiveAtMs: effectiveAt, shortNotice };
  refuseLarge(draft.features);
  const { published, notices } = await untilNotOvertaken(() => publishNext(context, draft, Date.now()));
  forgetGate();
  await beginTelling(context.env, notices);
  return context.json(rateSheetAnswer(published), 201);
});

function refuseLarge(features: readonly Feature[]): void {
  if (new TextEncoder().encode(JSON.stringify(features)).byteLength <= RATE_SHEET_BYTES_MAX) return;
  const message = `takes more than ${RATE_SHEET_BYTES_MAX} bytes in store; shorten names and descriptions`;
  throw invalidField("features", message);
}
