/**
 * Exports (rules, 10.3): the same lists as JSON pages, or whole as CSV or NDJSON, by what the caller accepts. A stream
 * is made as it is read, so its length needs no memory; where it fails it ends as broken, never as complete.
 */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { parseAccept } from "hono/utils/accept";
import { type Column, csvHeader, csvLines } from "../../shared/reports/csv.ts";
import { type AppEnv, ProblemError } from "../ingest/http.ts";

const MEDIA_TYPES = {
  json: "application/json",
  csv: "text/csv",
  ndjson: "application/x-ndjson",
} as const;
export type Format = keyof typeof MEDIA_TYPES;
const FORMATS = Object.keys(MEDIA_TYPES) as readonly Format[];

/** The answer of a route that exports, for its description. */
export function exportContent<Schema extends z.ZodType>(schema: Schema, description: string) {
  return {
    description: `${description}; or all of it as CSV or NDJSON`,
    content: {
      [MEDIA_TYPES.json]: { schema },
      [MEDIA_TYPES.csv]: {
        schema: z.string().openapi({ description: "RFC 4180, UTF-8, with a header line" }),
      },
      [MEDIA_TYPES.ndjson]: { schema: z.string().openapi({ description: "one JSON value per line" }) },
    },
  };
}

/** What the caller likes best of what there is; JSON where it does not mind. Throws 406 where it takes none. */
export function formatOf(context: Context<AppEnv>): Format {
  context.header("vary", "accept");
  const accepted = parseAccept(context.req.header("accept") ?? "*/*");
  const quality = (type: string): number => {
    const range = `${type.slice(0, type.indexOf("/"))}/*`;
    for (const wanted of [type, range, "*/*"]) {
      const found = accepted.find((accept) => accept.type.toLowerCase() === wanted);
      if (found !== undefined) return found.q;
    }
    return 0;
  };
  const ranked = FORMATS.map((format) => ({ format, q: quality(MEDIA_TYPES[format]) })).sort(
    (a, b) => b.q - a.q,
  );
  const [best] = ranked;
  if (best !== undefined && best.q > 0) return best.format;
  const types = Object.values(MEDIA_TYPES).join(", ");
  throw new ProblemError(406, "not_acceptable", `accept one of ${types}`);
}

/** How the rows of an export are written. */
export interface ExportShape<Row, Line = Row> {
  /** Lines of CSV that a row makes. */
  readonly lines: (row: Row) => readonly Line[];
  readonly columns: readonly Column<Line>[];
  /** The JSON value of a row, as pages show it. */
  readonly answer: (row: Row) => unknown;
}

/** An attachment of that name; `rows` may come in parts of any size. */
export function exportOf<Row, Line>(
  context: Context<AppEnv>,
  format: Exclude<Format, "json">,
  fileName: string,
  shape: ExportShape<Row, Line>,
  rows: AsyncIterable<readonly Row[]>,
): Response {
  const text = format === "csv" ? csvText(shape, rows) : ndjsonText(shape, rows);
  return context.body(streamOf(text), 200, {
    "content-type": format === "csv" ? "text/csv; charset=utf-8; header=present" : MEDIA_TYPES.ndjson,
    "content-disposition": `attachment; filename="${fileName}.${format}"`,
  });
}

async function* csvText<Row, Line>(
  { lines, columns }: ExportShape<Row, Line>,
  parts: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  yield csvHeader(columns);
  for await (const rows of parts) yield csvLines(columns, rows.flatMap(lines));
}

async function* ndjsonText<Row, Line>(
  { answer }: ExportShape<Row, Line>,
  parts: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  for await (const rows of parts) yield rows.map((row) => `${JSON.stringify(answer(row))}\n`).join("");
}

/** A part is made when the caller has taken the one before. */
function streamOf(text: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        for (;;) {
          const part = await text.next();
          if (part.done) return controller.close();
          if (part.value === "") continue;
          return controller.enqueue(encoder.encode(part.value));
        }
      } catch (error) {
        console.error("an export broke off", error);
        controller.error(error);
      }
    },
    async cancel() {
      await text.return(undefined);
    },
  });
}
