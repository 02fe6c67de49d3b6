/** A CSV file of conversions, read row by row (rules, section 11). Pure: what a row means for its account comes later. */
import { z } from "@hono/zod-openapi";
import { type CsvError, parse } from "csv-parse/sync";
import {
  currencySchema,
  dateSchema,
  identifierSchema,
  instantSchema,
  labelSchema,
  referenceSchema,
} from "./common.ts";
import { conversionFields } from "./conversions.ts";

export const FILE_ROWS_MAX = 1_000;

const REQUIRED = ["account", "size", "quantity"] as const;
const OPTIONAL = ["edition", "price", "currency", "termPeriods", "effectiveAt", "reference"] as const;
const COLUMNS: readonly string[] = [...REQUIRED, ...OPTIONAL];

/** A whole number as a column's text. */
function numberColumn(schema: z.ZodType<number, number>) {
  return z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number, digits only")
    .transform(Number)
    .pipe(schema);
}

const whenSchema = z.union([z.object({ atMs: instantSchema }), z.object({ date: dateSchema })]);

/** What is left empty is null. */
const rowSchema = z.object({
  account: identifierSchema,
  size: numberColumn(conversionFields.size),
  quantity: numberColumn(conversionFields.quantity),
  edition: labelSchema.nullable(),
  price: z
    .string()
    .regex(/^\d{1,12}(\.\d{1,6})?$/, "must be an amount in major units, such as 12.50")
    .nullable(),
  currency: currencySchema.nullable(),
  termPeriods: numberColumn(conversionFields.termPeriods).nullable(),
  effectiveAt: z
    .string()
    .transform((text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? { date: text } : { atMs: text }))
    .pipe(whenSchema)
    .nullable(),
  reference: referenceSchema.nullable(),
});

export type ConversionRow = z.infer<typeof rowSchema>;

export interface FileRow {
  /** In the file, counted from 1: where the row begins. */
  readonly line: number;
  /** As the file has it, also where it is no account's id. */
  readonly account: string;
  readonly reference: string | null;
  readonly read:
    | { readonly kind: "row"; readonly row: ConversionRow }
    | { readonly kind: "bad_row"; readonly message: string };
}

export type ConversionFile =
  | { readonly kind: "rows"; readonly rows: readonly FileRow[] }
  | { readonly kind: "bad_file"; readonly line: number; readonly message: string }
  | { readonly kind: "too_many_rows"; readonly rows: number };

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Reads a file with a header line. A row that cannot be read is reported as such and holds up no other. */
export function readConversionFile(text: string): ConversionFile {
  let parsed: readonly Parsed[];
  try {
    // One kind of line end: the parser would count the two characters of the other twice within quotes.
    parsed = parse(text.replaceAll(/\r\n?/g, "\n"), {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    }) as unknown as readonly Parsed[];
  } catch (error) {
    const { message, lines } = error as CsvError & { readonly lines?: number };
    return { kind: "bad_file", line: lines ?? 1, message: `is not CSV: ${message}` };
  }
  const [header, ...records] = parsed;
  const columns = header?.record.map((name) => name.trim()) ?? [];
  const problem = headerProblem(columns);
  if (problem !== null) return { kind: "bad_file", line: 1, message: problem };
  if (records.length > FILE_ROWS_MAX) return { kind: "too_many_rows", rows: records.length };
  return { kind: "rows", rows: records.map((record) => readRow(record, columns)) };
}

function headerProblem(columns: readonly string[]): string | null {
  const unknown = columns.filter((name) => !COLUMNS.includes(name));
  const missing = REQUIRED.filter((name) => !columns.includes(name));
  const twice = columns.filter((name, index) => columns.indexOf(name) !== index);
  if (unknown.length > 0) return `unknown column "${unknown[0]}"; the columns are ${COLUMNS.join(", ")}`;
  if (missing.length > 0) return `column "${missing[0]}" is missing; the first line names the columns`;
  return twice.length > 0 ? `column "${twice[0]}" stands there twice` : null;
}

function readRow({ record, info }: Parsed, columns: readonly string[]): FileRow {
  const values = record.map((value) => value.trim());
  const column = (name: string) => values[columns.indexOf(name)] || null;
  const account = column("account") ?? "";
  const reference = column("reference");
  // The parser counts the lines up to the end of the row.
  const line = info.lines - record.join("").split("\n").length + 1;
  if (values.length !== columns.length) {
    const message = `has ${values.length} values, the header names ${columns.length} columns`;
    return { line, account, reference, read: { kind: "bad_row", message } };
  }
  const required = REQUIRED.map((name) => [name, column(name) ?? ""]);
  const optional = OPTIONAL.map((name) => [name, column(name)]);
  const result = rowSchema.safeParse(Object.fromEntries([...required, ...optional]));
  if (result.success) return { line, account, reference, read: { kind: "row", row: result.data } };
  return { line, account, reference, read: { kind: "bad_row", message: issuesText(result.error) } };
}

function issuesText(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`).join("; ");
}
