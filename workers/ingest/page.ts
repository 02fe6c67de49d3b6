/** Pages of a list: rows are asked for in order, one more than the page shows. */

export function rowsFor(limit: number): number {
  return limit + 1;
}

/** `cursorOf` names the last row shown; the next page begins after it. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  itemOf: (row: Row) => Item,
): { data: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(itemOf), nextCursor: last === undefined ? null : cursorOf(last) };
}
