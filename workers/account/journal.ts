/**
 * The journal: one row per booked event, keyed by the caller's id, which makes the row idempotency, ledger and
 * outbox at once. Entries lie in partitions that are dropped whole, which writes no row.
 */
import { OCCURRED_PAST_MAX_MS, type UsageEntry } from "../../shared/credits/entries.ts";
import type { Partition } from "./checkpoint.ts";

export const PARTITION_ROWS_MAX = 250_000;

/**
 * What of the entries that D1 lacks is kept in memory, in characters of JSON: an object has 128 MB, an answer over
 * RPC 32 MiB. What is beyond is read again as these are acknowledged.
 */
export const TAIL_SIZE_MAX = 12_000_000;

/** SQL functions take at most 32 arguments on the platform. */
const COALESCE_ARGUMENTS_MAX = 30;

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
    for (const { entry } of rows) {
      entries.push(JSON.parse(entry));
      size += entry.length;
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

  /** The entry that an id booked, in any live partition. */
  find(id: string): UsageEntry | null {
    if (this.#partitions.length === 0) return null;
    this.#findSql ??= `SELECT ${coalesceOf(this.#partitions)} AS entry`;
    const { entry } = this.#sql.exec<{ entry: string | null }>(this.#findSql, id).one();
    return entry === null ? null : JSON.parse(entry);
  }

  /** Writes the row and returns what memory does with it, after the transaction has returned. */
  insert(entry: UsageEntry, partition: Partition): () => void {
    const json = JSON.stringify(entry);
    this.#sql.exec(
      `INSERT INTO entries_${partition.number} (id, seq, entry) VALUES (?, ?, ?)`,
      entry.id,
      entry.seq,
      json,
    );
    return () => this.#booked(entry, json.length);
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
