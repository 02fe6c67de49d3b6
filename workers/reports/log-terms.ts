/** The log's filter as SQL, on an entry of a segment's JSON; `matchesLog` says the same. */
import type { LogBound, LogFilter, LogTerms } from "../../shared/reports/log-filter.ts";
import type { Parameter } from "./log-days.ts";

/** Each on `entry.value`; `wanted` is the parameter. */
const TERMS: { readonly [Term in keyof LogTerms]-?: (wanted: string) => string } = {
  feature: (wanted) => `entry.value ->> '$.feature' = ${wanted}`,
  action: (wanted) =>
    `EXISTS (SELECT 1 FROM json_each(entry.value, '$.items') AS item WHERE item.value ->> '$[0]' = ${wanted})`,
  user: (wanted) => `entry.value ->> '$.user' = ${wanted}`,
  team: (wanted) =>
    `EXISTS (SELECT 1 FROM json_each(entry.value, '$.teams') AS team WHERE team.value = ${wanted})`,
  workflow: (wanted) => `entry.value ->> '$.workflow' = ${wanted}`,
  subject: (wanted) => `entry.value ->> '$.subject' = ${wanted}`,
  outcome: (wanted) => `(entry.value -> '$.outcome' IS NOT NULL) = (${wanted} = 'with')`,
  outcomeType: (wanted) => `entry.value ->> '$.outcome.type' = ${wanted}`,
};
const NAMES = Object.keys(TERMS) as readonly (keyof LogTerms)[];

const OCCURRED_AT_MS = "coalesce(entry.value ->> '$.occurredAtMs', entry.value ->> '$.atMs')";

/** All of them hold for an entry that matches, and for no other. */
export function entryTerms(filter: LogFilter, parameter: Parameter): readonly string[] {
  const named = NAMES.flatMap((name) => {
    const wanted = filter[name];
    return wanted === undefined ? [] : [TERMS[name](parameter(wanted))];
  });
  return [...named, ...bound(filter.from, ">=", ">=", parameter), ...bound(filter.to, "<=", "<", parameter)];
}

function bound(
  asked: LogBound | undefined,
  ofDays: string,
  ofInstants: string,
  parameter: Parameter,
): readonly string[] {
  if (asked === undefined) return [];
  return asked.kind === "day"
    ? [`entry.value ->> '$.day' ${ofDays} ${parameter(asked.day)}`]
    : [`${OCCURRED_AT_MS} ${ofInstants} ${parameter(asked.atMs)}`];
}

/** Texts that the JSON of a segment with a matching entry contains: quicker to look for than entries are to read. */
export function neededTexts(filter: LogFilter): readonly string[] {
  const { outcome: _presence, from: _from, to: _to, ...texts } = filter;
  return Object.values(texts).flatMap((text) => (text === undefined ? [] : [JSON.stringify(text)]));
}
