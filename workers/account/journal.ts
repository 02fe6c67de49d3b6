/**
 * The journal: one row per booked event or hold, keyed by the caller's id, which makes the row idempotency, ledger
 * and outbox at once. Rows lie in partitions that are dropped whole, which writes no row.
 */
import { OCCURRED_PAST_MAX_MS, type UsageEntry } from "../../shared/credits/entries.ts";
import { HOLD_MS_MAX, type Hold, type OpenHold } from "../../shared/credits/hold.ts";
import type { Partition } from "./checkpoint.ts";
import type { Found } from "./known.ts";

export const PARTITION_ROWS_MAX = 250_000;

/**
 * What of the entries that D1 lacks is kept in memory, in characters of JSON: an object has 128 MB, an answer over
 * RPC 32 MiB. What is beyond is read again as these are acknowledged.
 */
export const TAIL_SIZE_MAX = 12_000_000;

/** SQL functions take at most 32 arguments on the platform. */
const COALESCE_ARGUMENTS_MAX = 30;

/** Holds that were not captured have no sequence number. */
const NO_SEQ = 0;
/** Precedes what is not keyed by a caller's id, which has no control characters. */
const OWN_KEY = "\u0001";

interface HoldRow {
  readonly $hold: Hold;
  readonly $entry: UsageEntry | null;
}

function readRow(json: string): Found {
  const row: UsageEntry | HoldRow = JSON.parse(json);
  return "$hold" in row ? { entry: row.$entry, hold: row.$hold } : { entry: row, hold: null };
}

function writeRow(entry: UsageEntry | null, hold: Hold | null): string {
  return JSON.stringify(hold === null ? entry : { $hold: hold, $entry: entry });
}

/** Corrections and outcomes are booked like events, under keys that no caller can name. */
function keyOf(entry: UsageEntry): string {
  const isOwn = entry.correction !== undefined || entry.attached !== undefined;
  return isOwn ? OWN_KEY + entry.id : entry.id;
}

/** Entries in order, and how long they are as JSON. */
interface Run {
  readonly entries: readonly UsageEntry[];
  readonly size: number;
}

/** The entries after a sequence number, in order, until they reach `TAIL_SIZE_MAX`. */
function readRun(sql: SqlStorage, partitions: readonly Partition[], afterSeq: number): Run {
  const entries: UsageEntry[] = [];
  let size = 0;
  for (const [index, partition] of partitions.entries()) {
    const next = partitions[index + 1];
    if (next !== undefined && next.seqBefore <= afterSeq) continue;
    const rows = sql.exec<{ entry: string }>(
      `SELECT entry FROM entries_${partition.number} WHERE seq > ? ORDER BY seq`,
      afterSeq,
    );
    for (const { entry: json } of rows) {
      const { entry } = readRow(json);
      if (entry === null) continue;
      entries.push(entry);
      size += json.length;
      if (size >= TAIL_SIZE_MAX) return { entries, size };
    }
  }
  return { entries, size };
}

/** Every entry after a sequence number, without holding them all. */
export function* entriesAfter(
  sql: SqlStorage,
  partitions: readonly Partition[],
  afterSeq: number,
): Generator<UsageEntry> {
  let run = readRun(sql, partitions, afterSeq);
  while (run.entries.length > 0) {
    yield* run.entries;
    const last = run.entries.at(-1);
    if (last === undefined || run.size < TAIL_SIZE_MAX) return;
    run = readRun(sql, partitions, last.seq);
  }
}

/** Holds that were open at an instant or later, by id. */
export function readOpenHolds(
  sql: SqlStorage,
  partitions: readonly Partition[],
  atMs: number,
): ReadonlyMap<string, OpenHold> {
  const open = new Map<string, OpenHold>();
  for (const { number, holds, periodEndMs } of partitions) {
    if (holds !== true || periodEndMs <= atMs - HOLD_MS_MAX) continue;
    const rows = sql.exec<{ entry: string }>(`SELECT entry FROM entries_${number} WHERE seq = ${NO_SEQ}`);
    for (const { entry } of rows) {
      const { hold } = readRow(entry);
      if (hold === null || hold.settlement !== null || hold.expiresAtMs <= atMs) continue;
      const { settlement: _, ...openHold } = hold;
      open.set(hold.event.id, openHold);
    }
  }
  return open;
}

export class Journal {
  readonly #sql: SqlStorage;
  #partitions: readonly Partition[];
  #findSql: string | null = null;
  /** Entries after the acknowledged one, in order, without a gap. */
  #tail: UsageEntry[];
  #tailSize: number;
  #acknowledgedSeq: number;
  #lastSeq: number;

  constructor(sql: SqlStorage, partitions: readonly Partition[], acknowledgedSeq: number, lastSeq: number) {
    const { entries, size } = readRun(sql, partitions, acknowledgedSeq);
    this.#sql = sql;
    this.#partitions = partitions;
    this.#tail = [...entries];
    this.#tailSize = size;
    this.#acknowledgedSeq = acknowledgedSeq;
    this.#lastSeq = lastSeq;
  }

  get partitions(): readonly Partition[] {
    return this.#partitions;
  }

  /** What D1 lacks, up to `TAIL_SIZE_MAX`. */
  get tail(): readonly UsageEntry[] {
    return this.#tail;
  }

  get acknowledgedSeq(): number {
    return this.#acknowledgedSeq;
  }

  /** What an id stands for, in any live partition. */
  find(id: string): Found | null {
    if (this.#partitions.length === 0) return null;
    this.#findSql ??= `SELECT ${coalesceOf(this.#partitions)} AS entry`;
    const { entry } = this.#sql.exec<{ entry: string | null }>(this.#findSql, id).one();
    return entry === null ? null : readRow(entry);
  }

  /** A correction or outcome by its own id, in any live partition. */
  findOwn(id: string): UsageEntry | null {
    return this.find(OWN_KEY + id)?.entry ?? null;
  }

  /** The first sequence number whose entry is in a live partition. */
  get firstSeq(): number {
    const [first] = this.#partitions;
    return (first?.seqBefore ?? this.#lastSeq) + 1;
  }

  /** Writes the row of an entry and returns what memory does with it, after the transaction has returned. */
  insert(entry: UsageEntry, partition: Partition): () => void {
    const json = writeRow(entry, null);
    this.#sql.exec(
      `INSERT INTO entries_${partition.number} (id, seq, entry) VALUES (?, ?, ?)`,
      keyOf(entry),
      entry.seq,
      json,
    );
    return () => this.#booked(entry, json.length);
  }

  /** The entry of a hold: it takes the row of the hold, which lies here or in an earlier partition. */
  insertForHold(entry: UsageEntry, hold: Hold, partition: Partition): () => void {
    const from = this.partitionOfHold(entry.id);
    if (from !== null && from.number !== partition.number) {
      this.#sql.exec(`DELETE FROM entries_${from.number} WHERE id = ?`, entry.id);
    }
    const json = writeRow(entry, hold);
    this.#upsert(partition, entry.id, entry.seq, json);
    return () => this.#booked(entry, json.length);
  }

  /** Writes the row of a hold that has no entry. */
  writeHold(hold: Hold, partition: Partition): void {
    this.#upsert(partition, hold.event.id, NO_SEQ, writeRow(null, hold));
  }

  /** The partition that has the row of a hold; null where none has. */
  partitionOfHold(id: string): Partition | null {
    const found = this.#partitions
      .filter(({ holds }) => holds === true)
      .find((partition) => this.#has(partition, id));
    return found ?? null;
  }

  #has({ number }: Partition, id: string): boolean {
    return this.#sql.exec(`SELECT 1 FROM entries_${number} WHERE id = ?`, id).toArray().length > 0;
  }

  #upsert({ number }: Partition, key: string, seq: number, json: string): void {
    this.#sql.exec(
      `INSERT INTO entries_${number} (id, seq, entry) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET seq = ?2, entry = ?3`,
      key,
      seq,
      json,
    );
  }

  /** Entries after a sequence number whose JSON contains a text, in no order. */
  *containing(afterSeq: number, text: string): Generator<UsageEntry> {
    for (const [index, { number }] of this.#partitions.entries()) {
      const next = this.#partitions[index + 1];
      if (next !== undefined && next.seqBefore <= afterSeq) continue;
      const rows = this.#sql.exec<{ entry: string }>(
        `SELECT entry FROM entries_${number} WHERE seq > ? AND instr(entry, ?) > 0`,
        afterSeq,
        text,
      );
      for (const { entry: json } of rows) {
        const { entry } = readRow(json);
        if (entry !== null) yield entry;
      }
    }
  }

  #booked(entry: UsageEntry, size: number): void {
    const tailIsComplete = this.#acknowledgedSeq + this.#tail.length === this.#lastSeq;
    if (tailIsComplete && this.#tailSize < TAIL_SIZE_MAX) {
      this.#tail.push(entry);
      this.#tailSize += size;
    }
    this.#lastSeq = entry.seq;
  }

  /** D1 holds everything up to this entry. */
  acknowledged(seq: number): void {
    if (seq <= this.#acknowledgedSeq) return;
    const arrived = this.#tail.splice(0, seq - this.#acknowledgedSeq);
    this.#tailSize -= arrived.reduce((size, entry) => size + JSON.stringify(entry).length, 0);
    this.#acknowledgedSeq = seq;
    if (this.#tail.length > 0 || seq === this.#lastSeq) return;
    const { entries, size } = readRun(this.#sql, this.#partitions, seq);
    this.#tail = [...entries];
    this.#tailSize = size;
  }

  /** The partition that takes the next entry, or the one to create for it. */
  partitionFor(
    seq: number,
    period: { startMs: number; endMs: number },
  ): { partition: Partition; isNew: boolean } {
    const last = this.#partitions.at(-1);
    const fits =
      last !== undefined &&
      last.periodStartMs === period.startMs &&
      seq - last.seqBefore <= PARTITION_ROWS_MAX;
    if (fits) return { partition: last, isNew: false };
    const partition = {
      number: (last?.number ?? 0) + 1,
      seqBefore: seq - 1,
      periodStartMs: period.startMs,
      periodEndMs: period.endMs,
    };
    return { partition, isNew: true };
  }

  /** Partitions whose ids need not be known any more (rules, section 4) and whose entries D1 holds. */
  expiredPartitions(
    acknowledgedSeq: number,
    currentPeriodStartMs: number,
    nowMs: number,
  ): readonly Partition[] {
    return this.#partitions.filter((partition, index) => {
      const next = this.#partitions[index + 1];
      const followingHasClosed = currentPeriodStartMs > partition.periodEndMs;
      const oldEnough = nowMs >= partition.periodEndMs + OCCURRED_PAST_MAX_MS;
      return next !== undefined && next.seqBefore <= acknowledgedSeq && followingHasClosed && oldEnough;
    });
  }

  createTable(partition: Partition): void {
    this.#sql.exec(
      `CREATE TABLE entries_${partition.number} (
         id TEXT PRIMARY KEY, seq INTEGER NOT NULL, entry TEXT NOT NULL
       ) STRICT, WITHOUT ROWID`,
    );
  }

  dropTable(partition: Partition): void {
    this.#sql.exec(`DROP TABLE entries_${partition.number}`);
  }

  /** After the transaction that created or dropped tables. */
  usePartitions(partitions: readonly Partition[]): void {
    this.#partitions = partitions;
    this.#findSql = null;
  }
}

/** One expression that looks an id up in all partitions, newest first. */
function coalesceOf(partitions: readonly Partition[]): string {
  const lookups = partitions
    .map((partition) => `(SELECT entry FROM entries_${partition.number} WHERE id = ?1)`)
    .reverse();
  while (lookups.length > 1) {
    const group = lookups.splice(0, COALESCE_ARGUMENTS_MAX);
    lookups.unshift(`coalesce(${group.join(", ")})`);
  }
  return lookups[0] ?? "NULL";
}
