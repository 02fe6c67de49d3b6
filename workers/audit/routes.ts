/** Reading the audit log: of an account, with what D1 does not hold yet, and of the operator (rules, section 9.4). */
import { createRoute, type z } from "@hono/zod-openapi";
import { and, desc, eq, gte, lt, or, type SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { auditQuerySchema, auditRecordSchema } from "../../shared/api/audit.ts";
import { accountParamsSchema, formatInstant, pageSchema } from "../../shared/api/common.ts";
import type { AuditRecord } from "../../shared/credits/audit.ts";
import { audit } from "../../shared/db/schema.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  accountKey,
  accountStub,
  createRouter,
  found,
  invalidField,
  jsonContent,
  problemResponses,
  refuseTestKey,
} from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { auditIdOf } from "../log/statements.ts";
import { OPERATOR_LOG } from "./record.ts";

const tags = ["Audit"];

const ofAccount = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/audit",
  operationId: "listAudit",
  tags,
  summary: "Read who changed what of an account, newest first",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema, query: auditQuerySchema },
  responses: {
    200: jsonContent(pageSchema(auditRecordSchema, "Audit"), "a page of records"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const ofOperator = createRoute({
  method: "get",
  path: "/v1/audit",
  operationId: "listOperatorAudit",
  tags,
  summary: "Read who changed rate sheets, catalogue, keys and webhook endpoints, newest first",
  middleware: [requireScope("admin")] as const,
  request: { query: auditQuerySchema },
  responses: {
    200: jsonContent(pageSchema(auditRecordSchema, "OperatorAudit"), "a page of records"),
    ...problemResponses(401, 403, 422),
  },
});

type Query = z.output<typeof auditQuerySchema>;
type Row = typeof audit.$inferSelect;

interface Place {
  readonly atMs: number;
  readonly auditId: string;
}

function readCursor(cursor: string): Place {
  const [, atMs, auditId] = /^(\d+)\.([ad][\w-]+)$/.exec(cursor) ?? [];
  if (atMs === undefined || auditId === undefined) throw invalidField("cursor", "not a cursor of this list");
  return { atMs: Number(atMs), auditId };
}

function isBefore(a: Place, b: Place): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.auditId < b.auditId);
}

async function readPage(database: D1Database, key: string, query: Query, waiting: readonly Row[]) {
  const { limit, cursor, actor, action, from, to } = query;
  const after = cursor === undefined ? null : readCursor(cursor);
  const conditions: (SQL | undefined)[] = [
    eq(audit.accountKey, key),
    actor === undefined ? undefined : eq(audit.actor, actor),
    action === undefined ? undefined : eq(audit.action, action),
    from === undefined ? undefined : gte(audit.atMs, from),
    to === undefined ? undefined : lt(audit.atMs, to),
    after === null
      ? undefined
      : or(lt(audit.atMs, after.atMs), and(eq(audit.atMs, after.atMs), lt(audit.auditId, after.auditId))),
  ];
  const rows = await drizzle(database)
    .select()
    .from(audit)
    .where(and(...conditions))
    .orderBy(desc(audit.atMs), desc(audit.auditId))
    .limit(rowsFor(limit));
  const stored = new Set(rows.map((row) => row.auditId));
  const others = waiting.filter(
    (row) =>
      !stored.has(row.auditId) &&
      (after === null || isBefore(row, after)) &&
      (actor === undefined || row.actor === actor) &&
      (action === undefined || row.action === action) &&
      (from === undefined || row.atMs >= from) &&
      (to === undefined || row.atMs < to),
  );
  const all = [...rows, ...others].sort((a, b) => (isBefore(a, b) ? 1 : -1));
  return pageOf(all.slice(0, rowsFor(limit)), limit, (row) => `${row.atMs}.${row.auditId}`, recordAnswer);
}

function recordAnswer({ auditId, atMs, actor, action, target, before, after }: Row) {
  return { id: auditId, at: formatInstant(atMs), actor, action, target, before, after };
}

/** What the account has not shipped yet, as the rows it will be. */
function waitingRow(key: string, { number, ...record }: AuditRecord): Row {
  return { accountKey: key, auditId: auditIdOf(number), ...record };
}

export const auditRoutes = createRouter()
  .openapi(ofAccount, async (context) => {
    const { account } = context.req.valid("param");
    const key = accountKey(context, account);
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const waiting = view.audit.map((record) => waitingRow(key, record));
    return context.json(await readPage(context.env.DB, key, context.req.valid("query"), waiting), 200);
  })
  .openapi(ofOperator, async (context) => {
    refuseTestKey(context);
    return context.json(await readPage(context.env.DB, OPERATOR_LOG, context.req.valid("query"), []), 200);
  });
