/** The usage log as an export: NDJSON with the entries of its pages, CSV with a line per item. */
import type { UsageEntry } from "../credits/entries.ts";
import { majorUnits } from "../credits/money.ts";
import { type Column, exact } from "../reports/csv.ts";
import { entryAnswer } from "./answers.ts";
import type { LogEntry } from "./log-entries.ts";

/** An entry with one of its items; without any where it has none, such as a correction of a closed period. */
interface LogLine {
  readonly entry: LogEntry;
  readonly item: LogEntry["items"][number] | null;
  /** Amounts of the whole entry are on its first line, so that columns add up. */
  readonly isFirst: boolean;
}

function linesOf(stored: UsageEntry): readonly LogLine[] {
  const entry = entryAnswer(stored);
  const items = entry.items.length === 0 ? [null] : entry.items;
  return items.map((item, index) => ({ entry, item, isFirst: index === 0 }));
}

const COLUMNS: readonly Column<LogLine>[] = [
  { name: "seq", cell: ({ entry }) => entry.seq },
  { name: "kind", cell: ({ entry }) => entry.kind },
  { name: "id", cell: ({ entry }) => entry.id },
  // The event that a correction or a later outcome is about.
  { name: "event", cell: ({ entry }) => entry.correction?.event ?? entry.attached?.event },
  { name: "period", cell: ({ entry }) => entry.period },
  { name: "mode", cell: ({ entry }) => entry.mode },
  { name: "occurredAt", cell: ({ entry }) => entry.occurredAt },
  { name: "bookedAt", cell: ({ entry }) => entry.bookedAt },
  { name: "day", cell: ({ entry }) => entry.day },
  { name: "late", cell: ({ entry }) => entry.late },
  { name: "feature", cell: ({ entry }) => entry.feature },
  { name: "action", cell: ({ item }) => item?.action },
  { name: "quantity", cell: ({ item }) => item?.quantity },
  { name: "creditsEach", cell: ({ item }) => item?.creditsEach },
  { name: "credits", cell: ({ item }) => item?.credits ?? 0 },
  { name: "overdraft", cell: ({ entry, isFirst }) => (isFirst ? (entry.overdraft ?? 0) : null) },
  { name: "wouldDeny", cell: ({ entry }) => entry.wouldDeny },
  { name: "rateVersion", cell: ({ entry }) => entry.rateVersion },
  { name: "accountRatesVersion", cell: ({ entry }) => entry.accountRatesVersion },
  { name: "user", cell: ({ entry }) => entry.user },
  { name: "teams", cell: ({ entry }) => entry.teams?.join(";") },
  { name: "workflow", cell: ({ entry }) => entry.workflow },
  { name: "subject", cell: ({ entry }) => entry.subject },
  { name: "outcome", cell: ({ entry }) => entry.outcome?.type },
  {
    name: "outcomeValue",
    cell: ({ entry: { outcome }, isFirst }) =>
      isFirst && outcome?.value !== undefined ? exact(majorUnits(outcome.value)) : null,
  },
  { name: "outcomeCurrency", cell: ({ entry }) => entry.outcome?.value?.currency },
  { name: "outcomeQuantity", cell: ({ entry, isFirst }) => (isFirst ? entry.outcome?.quantity : null) },
  { name: "outcomeUnit", cell: ({ entry }) => entry.outcome?.unit },
  { name: "reason", cell: ({ entry }) => entry.correction?.reason },
  {
    name: "properties",
    cell: ({ entry: { properties } }) => (properties === undefined ? null : JSON.stringify(properties)),
  },
];

export const LOG_EXPORT = { lines: linesOf, columns: COLUMNS, answer: entryAnswer };
