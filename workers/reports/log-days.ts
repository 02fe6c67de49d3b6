/** Days on which the roll-ups hold what is looked for, as SQL: days are the only index that filters of the log have. */
import type { RollupSeek } from "./log-seeks.ts";

/** Names a value that is bound to the statement, such as ?3. */
export type Parameter = (value: string | number) => string;

/**
 * The common table expressions `days` and `holding`, to stand in a WITH RECURSIVE; `account` is the account key's
 * parameter. Days on which the roll-ups hold all of this, or entries that no action knows of; found by seeks: from
 * each day to the next one, and in each to the rows in question. A scan would read the rows of every user.
 */
export function holdingDays(seeks: readonly RollupSeek[], account: string, parameter: Parameter): string {
  const found = seeks.map(({ dimension, feature, key }) => {
    const named = [
      feature === undefined ? "" : ` AND r.feature = ${parameter(feature)}`,
      key === undefined ? "" : ` AND r.key = ${parameter(key)}`,
    ];
    return `EXISTS (SELECT 1 FROM rollups AS r WHERE r.account_key = ${account}
      AND r.dimension = ${parameter(dimension)} AND r.day = days.day${named.join("")})`;
  });
  return `
    days (day) AS (
      SELECT min(day) FROM rollups WHERE account_key = ${account} AND dimension = 'action'
      UNION ALL
      SELECT (SELECT min(day) FROM rollups
               WHERE account_key = ${account} AND dimension = 'action' AND day > days.day)
        FROM days WHERE days.day IS NOT NULL
    ),
    holding (day) AS MATERIALIZED (
      SELECT day FROM days WHERE day IS NOT NULL AND ${found.join(" AND ")}
      UNION
      SELECT day FROM rollups WHERE account_key = ${account} AND dimension = 'no_items'
    )`;
}
