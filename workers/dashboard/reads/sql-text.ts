/** What the text of an SQL statement says about it, where that is certain. */

const READ = /^\s*(select|with)\b/i;
const WRITING = /\b(insert|update|delete|replace|drop|create|alter|pragma|attach|vacuum|reindex)\b/i;
const MORE_STATEMENTS = /;\s*\S/;

/** Whether it only reads. In doubt it does not: the words that write must not even stand in a WITH. */
export function isRead(sql: string): boolean {
  const [, first] = READ.exec(sql) ?? [];
  if (first === undefined || MORE_STATEMENTS.test(sql)) return false;
  return first.toLowerCase() === "select" || !WRITING.test(sql);
}

/**
 * Whether its rows, made objects by their columns' names, still have each value at its place: no name comes twice, and
 * none is a number, which objects put first. In doubt they have not.
 */
export function keepsPlaces(sql: string): boolean {
  const [head] = /^\s*select\s+(distinct\s+)?/i.exec(sql) ?? [];
  if (head === undefined) return false;
  const names = itemsOf(sql.slice(head.length)).map(nameOf);
  return new Set(names).size === names.length && names.every((name) => !/^\d+$|\*$/.test(name));
}

/** The items of a select list, up to the FROM of its own level. */
function itemsOf(sql: string): readonly string[] {
  const items = [""];
  let depth = 0;
  for (const [token] of sql.matchAll(/"[^"]*"|'[^']*'|\w+|\s+|./gs)) {
    if (depth === 0 && /^from$/i.test(token)) break;
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    if (depth === 0 && token === ",") items.push("");
    else items.push((items.pop() ?? "") + token);
  }
  return items;
}

/** As SQLite names a column: by its alias, its own name, or its text. */
function nameOf(item: string): string {
  const [, quoted, bare] = /(?:"([^"]*)"|(\w+))\s*$/s.exec(item) ?? [];
  return (quoted ?? bare ?? item.trim()).toLowerCase();
}
