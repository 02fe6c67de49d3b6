/** Reading a CSV file of conversions: lines, columns, values; and what its amounts and dates mean. */
import { describe, expect, test } from "vitest";
import { readConversionFile } from "../../shared/api/conversion-file.ts";
import { DEFAULT_CONVERSION_TABLE, lookUpSize } from "../../shared/credits/conversion-tables.ts";
import { minorOf } from "../../shared/credits/money.ts";
import { localDayStartMs } from "../../shared/credits/period.ts";

function rowsOf(csv: string) {
  const file = readConversionFile(csv);
  if (file.kind !== "rows") throw new Error(JSON.stringify(file));
  return file.rows;
}

describe("a file of conversions", () => {
  test("is read with any line ends, quotes, a byte order mark and empty lines; rows say where they begin", () => {
    const lines = [
      '\ufeffaccount,"size",quantity,edition',
      "a,100,2,",
      "",
      'b,100,2,"two',
      'lines"',
      ",,,",
      " c , 100 , 2 , gold ",
    ];
    for (const end of ["\n", "\r\n", "\r"]) {
      const rows = rowsOf(lines.join(end));
      expect(rows.map(({ line, account }) => [line, account])).toEqual([
        [2, "a"],
        [4, "b"],
        [7, "c"],
      ]);
      expect(rows[2]?.read).toMatchObject({ kind: "row", row: { size: 100, quantity: 2, edition: "gold" } });
    }
  });

  test("leaves null what a row leaves empty or the file has no column for", () => {
    const [row] = rowsOf("quantity,account,size,price\n2,a,100,\n");
    expect(row).toEqual({
      line: 2,
      account: "a",
      reference: null,
      read: {
        kind: "row",
        row: {
          account: "a",
          size: 100,
          quantity: 2,
          edition: null,
          price: null,
          currency: null,
          termPeriods: null,
          effectiveAt: null,
          reference: null,
        },
      },
    });
  });

  test.each([
    ["100.0", "size"],
    ["1e2", "size"],
    ["-100", "size"],
    ["0", "size"],
    ["9999999999999999", "size"],
  ])("refuses %s as a size, by its column", (size, column) => {
    const [row] = rowsOf(`account,size,quantity\na,${size},1\n`);
    expect(row?.read).toMatchObject({ kind: "bad_row", message: expect.stringMatching(`^${column}: `) });
  });

  test("tells a date from a time", () => {
    const when = (effectiveAt: string) => {
      const [row] = rowsOf(`account,size,quantity,effectiveAt\na,100,1,${effectiveAt}\n`);
      return row?.read.kind === "row" ? row.read.row.effectiveAt : row?.read.message;
    };
    expect(when("2027-02-28")).toEqual({ date: "2027-02-28" });
    expect(when("2027-02-28T00:00:00+01:00")).toEqual({ atMs: Date.parse("2027-02-27T23:00:00Z") });
    expect(when("2027-02-30")).toMatch(/^effectiveAt: /);
    expect(when("2027-02-28T00:00:00")).toMatch(/^effectiveAt: /);
  });
});

test("amounts in major units are exact minor units of their currency, or none", () => {
  expect(minorOf("12.5", "USD")).toBe(1250);
  expect(minorOf("12.500", "USD")).toBe(1250);
  expect(minorOf("12.505", "USD")).toBeNull();
  expect(minorOf("12", "JPY")).toBe(12);
  expect(minorOf("12.5", "JPY")).toBeNull();
  expect(minorOf("12.505", "KWD")).toBe(12_505);
  expect(minorOf("0.1", "USD")).toBe(10);
});

test("a local day begins at its midnight, or at its first instant", () => {
  expect(localDayStartMs("2027-01-01", "Europe/Berlin")).toBe(Date.parse("2026-12-31T23:00:00Z"));
  // Midnight was skipped.
  expect(localDayStartMs("2022-09-11", "America/Santiago")).toBe(Date.parse("2022-09-11T04:00:00Z"));
});

test("the shipped table converts 100, 1,000 and 10,000, and nothing else", () => {
  const look = (size: number, edition: string | null = null) =>
    lookUpSize([DEFAULT_CONVERSION_TABLE], edition, size);
  expect([100, 1_000, 10_000].map((size) => look(size))).toMatchObject([
    { kind: "found", creditsMicros: 3_000_000_000 },
    { kind: "found", creditsMicros: 15_000_000_000 },
    { kind: "found", creditsMicros: 125_000_000_000 },
  ]);
  expect(look(500)).toEqual({
    kind: "unknown_size",
    size: 500,
    edition: "default",
    sizes: [100, 1_000, 10_000],
  });
  expect(look(100, "gold")).toEqual({ kind: "unknown_edition", edition: "gold", editions: ["default"] });
});
