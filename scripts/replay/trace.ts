/** A CSV of real usage: a time and some quantities per line, read exactly. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { parse } from "csv-parse";
import { parseMicros } from "../../shared/credits/amounts.ts";
import { type ColumnAction, ReplayRefusal } from "./options.ts";

export interface TraceLine {
  /** Among the lines of data, from 1 on. */
  readonly number: number;
  /** After the first of the trace. */
  readonly offsetMs: number;
  /** In the order of the mapped columns, in millionths. */
  readonly quantitiesMicros: readonly number[];
}

export interface Trace {
  /** In the order of their times. */
  readonly lines: readonly TraceLine[];
  readonly durationMs: number;
  /** SHA-256 of the file. */
  readonly digest: string;
}

type Row = Readonly<Record<string, string>>;

/** A date and a time, perhaps with a fraction of more digits than JavaScript keeps, perhaps with an offset. */
const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;

/** @throws {ReplayRefusal} naming the line and column that cannot be read. */
export async function readTrace(
  file: string,
  timeColumn: string,
  map: readonly ColumnAction[],
): Promise<Trace> {
  const hash = createHash("sha256");
  const source = createReadStream(file);
  source.on("data", (chunk) => hash.update(chunk));
  const rows = parse({ columns: true, bom: true, trim: true, skip_empty_lines: true });
  // What goes wrong in the source ends the rows with the same error.
  pipeline(source, rows, () => undefined);
  const read: { number: number; atMs: number; quantitiesMicros: number[] }[] = [];
  try {
    for await (const row of rows as AsyncIterable<Row>) {
      if (read.length === 0) refuseMissingColumns(row, [timeColumn, ...map.map(({ column }) => column)]);
      const number = read.length + 1;
      read.push({
        number,
        atMs: readTime(row, timeColumn, number),
        quantitiesMicros: map.map(({ column }) => readQuantity(row, column, number)),
      });
    }
  } catch (error) {
    if (error instanceof ReplayRefusal) throw error;
    throw new ReplayRefusal(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  if (read.length === 0) throw new ReplayRefusal(`${file} has no lines of data below its header`);
  return { ...fromTheFirst(read), digest: hash.digest("hex") };
}

function fromTheFirst(
  read: readonly { number: number; atMs: number; quantitiesMicros: readonly number[] }[],
): Pick<Trace, "lines" | "durationMs"> {
  const sorted = read.toSorted((a, b) => a.atMs - b.atMs || a.number - b.number);
  const firstMs = sorted[0]?.atMs ?? 0;
  const lines = sorted.map(({ number, atMs, quantitiesMicros }) => ({
    number,
    offsetMs: atMs - firstMs,
    quantitiesMicros,
  }));
  return { lines, durationMs: lines.at(-1)?.offsetMs ?? 0 };
}

function refuseMissingColumns(row: Row, needed: readonly string[]): void {
  const missing = needed.filter((column) => !Object.hasOwn(row, column));
  if (missing.length === 0) return;
  throw new ReplayRefusal(
    `the file has no column ${missing.join(", ")}, it has ${Object.keys(row).join(", ")}; see --map and --time-column`,
  );
}

function readTime(row: Row, column: string, number: number): number {
  const text = row[column] ?? "";
  const match = TIME.exec(text);
  if (match !== null) {
    const [, date, time, fraction = "", offset = "Z"] = match;
    const atMs = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`);
    if (!Number.isNaN(atMs)) return atMs;
  }
  throw new ReplayRefusal(`line ${number}, ${column}: "${text}" is not a time such as 2026-11-21 10:00:00.5`);
}

function readQuantity(row: Row, column: string, number: number): number {
  const text = row[column] ?? "";
  const micros = /^\d+(\.\d+)?$/.test(text) ? parseMicros(Number(text)) : null;
  if (micros !== null) return micros;
  throw new ReplayRefusal(
    `line ${number}, ${column}: "${text}" is not a quantity of 0 or more with at most 6 decimals`,
  );
}
