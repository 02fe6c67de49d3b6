/**
 * What the account keeps besides its entries: the checkpoint (one row), the offer it decides with, answers to
 * idempotent commands, and the outbox. Table by table in docs/storage.md.
 */
import type { Offer } from "../../shared/credits/catalog.ts";
import type { ClosedRecord } from "../../shared/credits/corrections.ts";
import { type Directory, EMPTY_DIRECTORY } from "../../shared/credits/directory.ts";
import type { AccountState } from "../../shared/credits/state.ts";
import { type Amendment, NOT_AMENDED } from "./known.ts";
import type { Cut } from "./segments.ts";

/** A table of entries: one per period, and per `PARTITION_ROWS_MAX` within it. */
export interface Partition {
  readonly number: number;
  /** Its entries come after this sequence number. */
  readonly seqBefore: number;
  /** Start of the period in which its entries count. */
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  /** Rows of holds were written to it. */
  readonly holds?: true;
}

/** What lies in rows of its own: open holds in the journal, the directory in its table. */
export type CheckpointedState = Omit<AccountState, "holds" | "directory">;

export interface Checkpoint {
  readonly accountKey: string;
  /** As of `state.usage.seq`; entries after it are folded in on start. */
  readonly state: CheckpointedState;
  /** null: real time. */
  readonly testClockNowMs: number | null;
  readonly partitions: readonly Partition[];
  /** Entries up to this one are in D1. */
  readonly acknowledgedSeq: number;
  /** Segments cut and not acknowledged, in order. */
  readonly cuts: readonly Cut[];
}

export type OutboxTopic = "notice" | "fact" | "audit";

export interface OutboxRow {
  readonly topic: OutboxTopic;
  readonly number: number;
  readonly body: string;
}

const SCHEMA = `
  CREATE TABLE checkpoint (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE offer (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE rate_sheets (
    version INTEGER PRIMARY KEY,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE commands (
    idempotency_key TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    answer TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

const LATER_SCHEMA = `
  CREATE TABLE outbox (
    topic TEXT NOT NULL CHECK (topic IN ('notice', 'fact', 'audit')),
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (topic, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE directory (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE amendments (
    event_seq INTEGER PRIMARY KEY,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE closed_periods (
    start_ms INTEGER PRIMARY KEY,
    seq_last INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
`;

/** True where somebody opened this account; asking leaves an unopened object without a table. */
export function isOpen(sql: SqlStorage): boolean {
  const found = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'checkpoint'");
  return found.toArray().length > 0;
}

export function createTables(sql: SqlStorage): void {
  sql.exec(SCHEMA);
  createLaterTables(sql);
}

/** Tables that accounts of version 0.1 lack or have in another form. */
export function createLaterTables(sql: SqlStorage): void {
  sql.exec(LATER_SCHEMA);
}

export function readCheckpoint(sql: SqlStorage): Checkpoint {
  return JSON.parse(sql.exec<{ body: string }>("SELECT body FROM checkpoint").one().body);
}

export function writeCheckpoint(sql: SqlStorage, checkpoint: Checkpoint): void {
  sql.exec(
    "INSERT INTO checkpoint (singleton, body) VALUES (1, ?1) ON CONFLICT (singleton) DO UPDATE SET body = ?1",
    JSON.stringify(checkpoint),
  );
}

export function readDirectory(sql: SqlStorage): Directory {
  const [row] = sql.exec<{ body: string }>("SELECT body FROM directory").toArray();
  return row === undefined ? EMPTY_DIRECTORY : JSON.parse(row.body);
}

export function writeDirectory(sql: SqlStorage, directory: Directory): void {
  sql.exec(
    "INSERT INTO directory (singleton, body) VALUES (1, ?1) ON CONFLICT (singleton) DO UPDATE SET body = ?1",
    JSON.stringify(directory),
  );
}

/** By the event's sequence number: its id may be used again one day. */
export function findAmendment(sql: SqlStorage, eventSeq: number): Amendment {
  const rows = sql.exec<{ body: string }>("SELECT body FROM amendments WHERE event_seq = ?", eventSeq);
  const [row] = rows.toArray();
  return row === undefined ? NOT_AMENDED : JSON.parse(row.body);
}

export function writeAmendment(sql: SqlStorage, eventSeq: number, amendment: Amendment): void {
  sql.exec(
    "INSERT INTO amendments (event_seq, body) VALUES (?1, ?2) ON CONFLICT (event_seq) DO UPDATE SET body = ?2",
    eventSeq,
    JSON.stringify(amendment),
  );
}

/** The closed period in which an entry counts; periods are kept for good, one row a month. */
export function findClosedPeriod(sql: SqlStorage, seq: number): ClosedRecord | null {
  const rows = sql.exec<{ body: string }>(
    "SELECT body FROM closed_periods WHERE seq_last >= ? ORDER BY start_ms LIMIT 1",
    seq,
  );
  const [row] = rows.toArray();
  return row === undefined ? null : JSON.parse(row.body);
}

export function writeClosedPeriod(sql: SqlStorage, record: ClosedRecord): void {
  const { startMs, seqLast } = record.closed;
  sql.exec(
    `INSERT INTO closed_periods (start_ms, seq_last, body) VALUES (?1, ?2, ?3)
       ON CONFLICT (start_ms) DO UPDATE SET body = ?3`,
    startMs,
    seqLast,
    JSON.stringify(record),
  );
}

export function readOffer(sql: SqlStorage): Offer {
  const offer = JSON.parse(sql.exec<{ body: string }>("SELECT body FROM offer").one().body);
  const sheets = sql.exec<{ body: string }>("SELECT body FROM rate_sheets ORDER BY version").toArray();
  return { ...offer, rateSheets: sheets.map(({ body }) => JSON.parse(body)) };
}

/** Within a transaction. A row per version, because a value may have 2 MB at most. */
export function writeOffer(sql: SqlStorage, { rateSheets, ...offer }: Offer): void {
  sql.exec(
    "INSERT INTO offer (singleton, body) VALUES (1, ?1) ON CONFLICT (singleton) DO UPDATE SET body = ?1",
    JSON.stringify(offer),
  );
  sql.exec("DELETE FROM rate_sheets");
  for (const sheet of rateSheets) {
    sql.exec("INSERT INTO rate_sheets (version, body) VALUES (?, ?)", sheet.version, JSON.stringify(sheet));
  }
}

export interface RememberedCommand {
  readonly content: string;
  readonly answer: string;
}

export function findCommand(sql: SqlStorage, idempotencyKey: string): RememberedCommand | null {
  const rows = sql.exec<{ content: string; answer: string }>(
    "SELECT content, answer FROM commands WHERE idempotency_key = ?",
    idempotencyKey,
  );
  return rows.toArray()[0] ?? null;
}

export function rememberCommand(
  sql: SqlStorage,
  idempotencyKey: string,
  command: RememberedCommand,
  atMs: number,
): void {
  sql.exec(
    "INSERT INTO commands (idempotency_key, content, answer, at_ms) VALUES (?, ?, ?, ?)",
    idempotencyKey,
    command.content,
    command.answer,
    atMs,
  );
}

/** Forgets answers that nobody may ask for any more (rules, section 4). */
export function forgetCommands(sql: SqlStorage, beforeMs: number): void {
  sql.exec("DELETE FROM commands WHERE at_ms < ?", beforeMs);
}

export function readOutbox(sql: SqlStorage): readonly OutboxRow[] {
  return sql
    .exec<{ topic: OutboxTopic; number: number; body: string }>(
      "SELECT topic, number, body FROM outbox ORDER BY topic, number",
    )
    .toArray();
}

export function addToOutbox(sql: SqlStorage, row: OutboxRow): void {
  sql.exec("INSERT INTO outbox (topic, number, body) VALUES (?, ?, ?)", row.topic, row.number, row.body);
}

export function removeFromOutbox(sql: SqlStorage, topic: OutboxTopic, number: number): void {
  sql.exec("DELETE FROM outbox WHERE topic = ? AND number = ?", topic, number);
}
