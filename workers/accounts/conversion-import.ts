/** Many conversions from a CSV file (rules, section 11): with a dry run, a report per row, and exactly once. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { FILE_ROWS_MAX, type FileRow, readConversionFile } from "../../shared/api/conversion-file.ts";
import {
  type ImportedRow,
  importQuerySchema,
  importReport,
  importReportSchema,
} from "../../shared/api/conversions.ts";
import { formatMicros } from "../../shared/credits/amounts.ts";
import { conversionTables } from "../../shared/credits/catalog.ts";
import type { CommandReport } from "../../shared/protocol.ts";
import { forEachAtOnce } from "../concurrency.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  accountStub,
  createRouter,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { withRetries } from "../ingest/retries.ts";
import { loadCatalog } from "../operator/catalog.ts";
import { type PlannedRow, planImport, refusedRow } from "./import-plan.ts";
import { commandProblem } from "./refusals.ts";
import { findRows } from "./rows.ts";

/** A Worker may hold six connections open. */
const ACCOUNTS_AT_ONCE = 6;
const CSV_CONTENT_TYPE = /^text\/csv\s*(;|$)/i;

const importFile = createRoute({
  method: "post",
  path: "/v1/conversions/import",
  operationId: "importConversions",
  tags: ["Conversions"],
  summary: "Convert packs of an earlier product for many accounts, from a CSV file",
  description: `The first line names the columns: account, size, quantity, and as needed edition, price (of one converted pack per period, in major units), currency, termPeriods, effectiveAt (a time, or a date: local midnight of the account), reference. At most ${FILE_ROWS_MAX} rows. Each row stands for itself: a refused one says why and holds up no other. A row is converted once however often the file is sent, recognised by its reference within the account, else by its content.`,
  middleware: [requireScope("admin")] as const,
  request: {
    query: importQuerySchema,
    body: {
      required: true,
      content: {
        "text/csv": {
          schema: z.string().openapi({
            example: "account,size,quantity,reference\nacme,100,2,order-4711\n",
          }),
        },
      },
    },
  },
  responses: {
    200: jsonContent(importReportSchema, "what became of each row"),
    ...problemResponses(401, 403, 413, 415, 422),
  },
});

function refuseOtherThanCsv(contentType: string | undefined): void {
  if (CSV_CONTENT_TYPE.test(contentType ?? "")) return;
  throw new ProblemError(415, "not_csv", "send the file itself as the body, with Content-Type: text/csv");
}

function rowsOf(text: string): readonly FileRow[] {
  const file = readConversionFile(text);
  switch (file.kind) {
    case "rows":
      return file.rows;
    case "bad_file": {
      const path = `line ${file.line}`;
      const { message } = file;
      throw new ProblemError(422, "bad_file", `${path}: ${message}`, [{ path, message }]);
    }
    case "too_many_rows": {
      const detail = `the file has ${file.rows} rows; send at most ${FILE_ROWS_MAX} at once, with references`;
      throw new ProblemError(413, "too_many_rows", detail);
    }
  }
}

/** Its rows in order; those that got no answer are refused: sending the file again goes on with them. */
async function convertAccount(
  context: Context<AppEnv>,
  account: string,
  planned: readonly PlannedRow[],
  dryRun: boolean,
): Promise<readonly ImportedRow[]> {
  const { requestId, callContext } = context.var;
  try {
    const ask = () => accountStub(context, account).executeAll(planned, dryRun, callContext);
    const reports = await withRetries(ask);
    return planned.map((row, index) => importedRow(row, reports[index], dryRun));
  } catch (error) {
    console.error(requestId, account, error);
    return planned.map(({ row }) => refusedRow(row, "the account did not answer; send the file again"));
  }
}

function importedRow(
  { row, command }: PlannedRow,
  report: CommandReport | undefined,
  dryRun: boolean,
): ImportedRow {
  const { line, account, reference } = row;
  if (report === undefined) throw new Error("every command has a report");
  if (report.kind === "done") {
    const done = dryRun ? ("would_convert" as const) : ("converted" as const);
    const status = report.replayed ? ("already_done" as const) : done;
    const credits = formatMicros(command.creditsMicros * command.quantity);
    return { line, account, reference, status, credits, message: null };
  }
  if (report.kind !== "idempotency_conflict") {
    return refusedRow(row, commandProblem(report, account, command.kind).message);
  }
  if (reference !== null) {
    return refusedRow(row, `reference: "${reference}" was converted with other values; take a new one`);
  }
  const message = "converted before, by the table as it was then";
  return { line, account, reference, status: "already_done", credits: null, message };
}

export const conversionImportRoutes = createRouter().openapi(importFile, async (context) => {
  const { dryRun } = context.req.valid("query");
  refuseOtherThanCsv(context.req.header("content-type"));
  const rows = rowsOf(await context.req.text());
  const { DB } = context.env;
  const ids = [...new Set(rows.map(({ account }) => account))];
  const known = await findRows(DB, context.var.caller.mode, ids);
  const agreed = new Map(known.map(({ accountId, terms }) => [accountId, terms]));
  const plan = planImport(rows, agreed, conversionTables(await loadCatalog(DB)));
  const imported: ImportedRow[] = [...plan.refused];
  await forEachAtOnce([...plan.accounts], ACCOUNTS_AT_ONCE, async ([account, planned]) => {
    imported.push(...(await convertAccount(context, account, planned, dryRun)));
  });
  return context.json(
    importReport(
      dryRun,
      imported.sort((a, b) => a.line - b.line),
    ),
    200,
  );
});
