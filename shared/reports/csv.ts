/** CSV (RFC 4180), safe to open in a spreadsheet: a text that it would take for a formula is marked as text. */
import { stringify } from "csv-stringify/sync";

/** Digits of an amount, written as they are. */
export interface ExactNumber {
  readonly digits: string;
}

/** null and undefined are empty cells. */
export type Cell = string | number | boolean | ExactNumber | null | undefined;

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => Cell;
}

/** What spreadsheets begin a formula with, also in full width, and what they skip before it. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** A decimal such as "-0.10" that has to keep its digits. */
export function exact(digits: string): ExactNumber {
  return { digits };
}

export function csvHeader<Row>(columns: readonly Column<Row>[]): string {
  return written([columns.map(({ name }) => name)]);
}

/** A line for each row. */
export function csvLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return written(rows.map((row) => columns.map(({ cell }) => cellText(cell(row)))));
}

function written(lines: readonly (readonly string[])[]): string {
  return stringify(
    lines.map((line) => [...line]),
    {
      record_delimiter: "windows",
      // By itself it quotes whole line ends only.
      quoted_match: /[\r\n]/,
    },
  );
}

function cellText(cell: Cell): string {
  switch (typeof cell) {
    case "string":
      return FORMULA.test(cell) ? `'${cell}` : cell;
    case "number":
    case "boolean":
      return String(cell);
    default:
      return cell === null || cell === undefined ? "" : cell.digits;
  }
}
