/** CSV as spreadsheets and programs read it (RFC 4180), without formulas from outside. */
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cell, type Column, csvHeader, csvLines, exact } from "../../shared/reports/csv.ts";

const columnsOf = (count: number): readonly Column<readonly Cell[]>[] =>
  Array.from({ length: count }, (_, index) => ({ name: `c${index}`, cell: (row) => row[index] }));

const line = (...cells: Cell[]) => csvLines(columnsOf(cells.length), [cells]);

describe("a line of CSV", () => {
  test("ends as RFC 4180 says, and quotes what would be read as structure", () => {
    expect(line("a", "b,c", 'say "hi"', "two\nlines", "")).toBe('a,"b,c","say ""hi""","two\nlines",\r\n');
    expect(csvHeader(columnsOf(3))).toBe("c0,c1,c2\r\n");
  });

  test("keeps numbers and truth as they are, and nothing as an empty cell", () => {
    expect(line(1.5, -0.000001, true, null, undefined, exact("-0.10"))).toBe(
      "1.5,-0.000001,true,,,-0.10\r\n",
    );
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"])(
    "marks the text %j as text",
    (text) => {
      const [[cell = ""] = []]: string[][] = parse(line(text), { relax_column_count: true });
      expect(cell).toBe(`'${text}`);
    },
  );

  test("leaves other text alone", () => {
    const texts = ["a=b", " =", "'quoted'", "ticket/4711", "2026-11-14", "ünï 😀", "{}"];
    const [cells]: string[][] = parse(line(...texts));
    expect(cells).toEqual(texts);
  });

  test("is read back as it was written, whatever it holds", () => {
    const safe = fc.string({ unit: "grapheme" }).filter((text) => !/^[=+\-@\t\r\n＝＋－＠]/.test(text));
    fc.assert(
      fc.property(fc.array(safe, { minLength: 2, maxLength: 6 }), (texts) => {
        const parsed: string[][] = parse(line(...texts), { record_delimiter: "\r\n" });
        expect(parsed).toEqual([texts]);
      }),
      { seed: 20261114 },
    );
  });
});
