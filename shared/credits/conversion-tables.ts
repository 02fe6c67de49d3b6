/** What packs of an earlier product become (rules, section 11): the operator's tables, and the one that is shipped. */

/** Monthly credits that one pack of an earlier product becomes. */
export interface ConversionSize {
  readonly size: number;
  readonly creditsMicros: number;
}

export interface ConversionTable {
  /** Selected by a row's edition. */
  readonly edition: string;
  readonly sizes: readonly ConversionSize[];
}

/** The table of a row that names no edition. */
export const DEFAULT_EDITION = "default";

/** The one that is shipped. */
export const DEFAULT_CONVERSION_TABLE: ConversionTable = {
  edition: DEFAULT_EDITION,
  sizes: [
    { size: 100, creditsMicros: 3_000_000_000 },
    { size: 1_000, creditsMicros: 15_000_000_000 },
    { size: 10_000, creditsMicros: 125_000_000_000 },
  ],
};

export type LookUpRefusal =
  | { readonly kind: "unknown_edition"; readonly edition: string; readonly editions: readonly string[] }
  | {
      readonly kind: "unknown_size";
      readonly size: number;
      readonly edition: string;
      readonly sizes: readonly number[];
    };

/** The row of the tables for a size; a size that is not in the table is refused. */
export function lookUpSize(
  tables: readonly ConversionTable[],
  edition: string | null,
  size: number,
): ({ readonly kind: "found" } & ConversionSize) | LookUpRefusal {
  const name = edition ?? DEFAULT_EDITION;
  const table = tables.find((known) => known.edition === name);
  if (table === undefined) {
    return { kind: "unknown_edition", edition: name, editions: tables.map((known) => known.edition) };
  }
  const found = table.sizes.find((known) => known.size === size);
  if (found === undefined) {
    return { kind: "unknown_size", size, edition: name, sizes: table.sizes.map((known) => known.size) };
  }
  return { kind: "found", ...found };
}
