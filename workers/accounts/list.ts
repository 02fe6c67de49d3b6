/** The list of accounts (rules, section 2), for people who look for one: from D1 alone, no account is asked. */
import { createRoute, type z } from "@hono/zod-openapi";
import { and, asc, eq, getTableColumns, gt, lt, or, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { accountSummarySchema, accountsQuerySchema } from "../../shared/api/accounts.ts";
import { formatInstant, pageSchema } from "../../shared/api/common.ts";
import { periodAt } from "../../shared/credits/period.ts";
import { accounts, testClocks } from "../../shared/db/schema.ts";
import type { AccountStatus } from "../../shared/protocol.ts";
import { requireScope } from "../ingest/auth.ts";
import { accountKey, createRouter, jsonContent, problemResponses } from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { accountRowAnswer, planAnswer } from "./answers.ts";
import { completeRow } from "./rows.ts";
import type { AccountRow } from "./terms.ts";

/** Keys begin with the mode, so the accounts of one mode are a range of the primary key. */
const AFTER_EVERY_ID = "~";
/** No period lasts longer: older notices are of an earlier one. */
const PERIOD_MAX_MS = 32 * 24 * 60 * 60 * 1000;

const list = createRoute({
  method: "get",
  path: "/v1/accounts",
  operationId: "listAccounts",
  tags: ["Accounts"],
  summary: "List the accounts of the key's mode, by id",
  description:
    "Found by id or name, or by status. Status and last notice are some seconds behind the account itself.",
  middleware: [requireScope("read")] as const,
  request: { query: accountsQuerySchema },
  responses: {
    200: jsonContent(pageSchema(accountSummarySchema, "Accounts"), "a page of accounts"),
    ...problemResponses(401, 403, 422),
  },
});

interface ListedRow extends AccountRow {
  readonly clockNowMs: number | null;
  readonly status: AccountStatus;
  readonly noticeJson: string | null;
}

interface ListedNotice {
  readonly kind: NonNullable<z.infer<typeof accountSummarySchema>["lastNotice"]>["kind"];
  readonly percent: number | null;
  readonly atMs: number;
}

/** The words must be those of the index `audit_status`. */
const status = sql<AccountStatus>`CASE WHEN ${accounts.billingClosed} THEN 'closed' ELSE coalesce((
  SELECT CASE action WHEN 'account_suspended' THEN 'suspended' WHEN 'account_closed' THEN 'closed' ELSE 'open' END
    FROM audit
   WHERE account_key = ${accounts.accountKey}
     AND action IN ('account_suspended', 'account_resumed', 'account_closed')
   ORDER BY at_ms DESC, audit_id DESC LIMIT 1), 'open') END`;

function lastNotice(nowMs: number) {
  return sql<string | null>`(
  SELECT json_object('kind', kind, 'percent', content ->> '$.percent', 'atMs', at_ms)
    FROM notifications
   WHERE account_key = ${accounts.accountKey}
     AND at_ms > coalesce(${testClocks.nowMs}, ${nowMs}) - ${PERIOD_MAX_MS}
     AND kind IN ('usage_threshold', 'limit_passed', 'maximum_reached')
   ORDER BY at_ms DESC, notification_id DESC LIMIT 1)`;
}

function contains(value: SQL, search: string): SQL {
  return sql`instr(lower(${value}), lower(${search})) > 0`;
}

function summaryAnswer(row: ListedRow, realNowMs: number): z.infer<typeof accountSummarySchema> {
  const { terms } = completeRow(row);
  const period = periodAt(terms, row.clockNowMs ?? realNowMs);
  const notice: ListedNotice | null = row.noticeJson === null ? null : JSON.parse(row.noticeJson);
  const isRunning = notice !== null && notice.atMs >= period.startMs;
  return {
    ...accountRowAnswer(row),
    status: row.status,
    plans: terms.plans.map(planAnswer),
    resetAt: row.status === "closed" ? null : formatInstant(period.endMs),
    lastNotice: isRunning
      ? { kind: notice.kind, percent: notice.percent, at: formatInstant(notice.atMs) }
      : null,
  };
}

export const accountListRoutes = createRouter().openapi(list, async (context) => {
  const { limit, cursor, search, status: asked } = context.req.valid("query");
  const nowMs = Date.now();
  const rows: readonly ListedRow[] = await drizzle(context.env.DB)
    .select({
      ...getTableColumns(accounts),
      clockNowMs: testClocks.nowMs,
      status: status.as("status"),
      noticeJson: lastNotice(nowMs).as("notice_json"),
    })
    .from(accounts)
    .leftJoin(testClocks, eq(accounts.testClockId, testClocks.clockId))
    .where(
      and(
        gt(accounts.accountKey, accountKey(context, cursor ?? "")),
        lt(accounts.accountKey, accountKey(context, AFTER_EVERY_ID)),
        search === undefined
          ? undefined
          : or(
              contains(sql`${accounts.accountId}`, search),
              contains(sql`${accounts.profile} ->> '$.name'`, search),
            ),
        asked === undefined ? undefined : sql`${status} = ${asked}`,
      ),
    )
    .orderBy(asc(accounts.accountKey))
    .limit(rowsFor(limit));
  const answer = pageOf(
    rows,
    limit,
    (row) => row.accountId,
    (row) => summaryAnswer(row, nowMs),
  );
  return context.json(answer, 200);
});
