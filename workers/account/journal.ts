/**
 * The journal: one row per booked event, keyed by the caller's id, which makes the row idempotency, ledger and
 * outbox at once. Entries lie in partitions that are dropped whole, which writes no row.
 */
import { OCCURRED_PAST_MAX_MS, type UsageEntry } from "../../shared/credits/entries.ts";
import type { Partition } from "./checkpoint.ts";

export const PARTITION_ROWS_MAX = 250_000;

/** Entries that D1 lacks and that are kept in memory; what is beyond is read again as these are acknowledged. */
export const TAIL_ENTRIES_MAX = 50_000;

/** SQL functions take at most 32 arguments on the platform. */
const COALESCE_ARGUMENTS_MAX = 30;

type EntryRow = { entry: string };

/** Up to `limit` entries after a sequence number, in order. */
function readEntries(
  sql: SqlStorage,
  partitions: readonly Partition[],
  afterSeq: number,
  limit: number,
): UsageEntry[] {
  const entries: UsageEntry[] = [];
  for (const [index, partition] of partitions.entries()) {
    const next = partitions[index + 1];
    if (next !== undefined && next.seqBefore <= afterSeq) continue;
    const rows = sql.exec<EntryRow>(
      `SELECT entry FROM entries_${partition.number} WHERE seq > ? ORDER BY seq LIMIT ?`,
      afterSeq,
      limit - entries.length,
    );
    for (const row of rows) entries.push(JSON.parse(row.entry));
    if (entries.length >= limit) break;
  }
  return entries;
}

/** Every entry after a sequence number, without holding them all. */
export function* entriesAfter(
  sql: SqlStorage,
  partitions: readonly Partition[],
  afterSeq: number,
): Generator<UsageEntry> {
  let entries = readEntries(sql, partitions, afterSeq, TAIL_ENTRIES_MAX);
  while (entries.length > 0) {
    yield* entries;
    const last = entries.at(-1);
    if (last === undefined || entries.length < TAIL_ENTRIES_MAX) return;
    entries = readEntries(sql, partitions, last.seq, TAIL_ENTRIES_MAX);
  }
}

export class Journal {
  readonly #sql: SqlStorage;
  #partitions: readonly Partition[];
  #findSql: string | null = null;
  /** Entries after the acknowledged one, in order, without a gap. */
  #tail: UsageEntry[];
  #acknowledgedSeq: number;
  #lastSeq: number;

  constructor(sql: SqlStorage, partitions: readonly Partition[], acknowledgedSeq: number, lastSeq: number) {
    this.#sql = sql;
    this.#partitions = partitions;
    this.#tail = readEntries(sql, partitions, acknowledgedSeq, TAIL_ENTRIES_MAX);
    this.#acknowledgedSeq = acknowledgedSeq;
    this.#lastSeq = lastSeq;
  }

  get partitions(): readonly Partition[] {
    return this.#partitions;
  }

  /** What D1 lacks, up to `TAIL_ENTRIES_MAX` entries. */
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

  /** Writes the row: the first entry of a new partition within the caller's transaction. */
  insert(entry: UsageEntry, partition: Partition): void {
    this.#sql.exec(
      `INSERT INTO entries_${partition.number} (id, seq, entry) VALUES (?, ?, ?)`,
      entry.id,
      entry.seq,
      JSON.stringify(entry),
    );
  }

  /** After the transaction has returned: memory follows what is written. */
  booked(entry: UsageEntry): void {
    const tailIsComplete = this.#acknowledgedSeq + this.#tail.length === this.#lastSeq;
    if (tailIsComplete && this.#tail.length < TAIL_ENTRIES_MAX) this.#tail.push(entry);
    this.#lastSeq = entry.seq;
  }

  /** D1 holds everything up to this entry. */
  acknowledged(seq: number): void {
    if (seq <= this.#acknowledgedSeq) return;
    this.#tail = this.#tail.slice(seq - this.#acknowledgedSeq);
    this.#acknowledgedSeq = seq;
    if (this.#tail.length === 0 && seq < this.#lastSeq) {
      this.#tail = readEntries(this.#sql, this.#partitions, seq, TAIL_ENTRIES_MAX);
    }
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
