/**
 * The statements that store entries and denials in D1. Each takes one JSON parameter with any number of rows. The
 * key makes a second delivery change nothing, and the AFTER INSERT triggers do the roll-ups. Never OR IGNORE: it
 * would reach into the triggers and swallow their conflicts too.
 */
import type { AuditMessage, DenialsMessage, SegmentMessage } from "../../shared/queues.ts";

const INSERT_SEGMENTS = `
  INSERT INTO segments (account_key, first_seq, last_seq, period, from_ms, to_ms, credits_micros, entries)
  SELECT value ->> '$.accountKey', value ->> '$.firstSeq', value ->> '$.lastSeq', value ->> '$.period',
         value ->> '$.fromMs', value ->> '$.toMs', value ->> '$.creditsMicros', value -> '$.entries'
    FROM json_each(?1)
   WHERE true
  ON CONFLICT (account_key, first_seq) DO NOTHING`;

const INSERT_DENIALS = `
  INSERT INTO denial_batches (account_key, batch, received_at_ms, counts)
  SELECT value ->> '$.accountKey', value ->> '$.batch', unixepoch() * 1000, value -> '$.counts'
    FROM json_each(?1)
   WHERE true
  ON CONFLICT (account_key, batch) DO NOTHING`;

const INSERT_AUDIT = `
  INSERT INTO audit (account_key, at_ms, audit_id, actor, action, target, before, after)
  SELECT message.value ->> '$.accountKey', record.value ->> '$.atMs', record.value ->> '$.auditId',
         record.value ->> '$.actor', record.value ->> '$.action', record.value ->> '$.target',
         record.value -> '$.before', record.value -> '$.after'
    FROM json_each(?1) AS message, json_each(message.value, '$.records') AS record
   WHERE true
  ON CONFLICT (account_key, at_ms, audit_id) DO NOTHING`;

/** No queue keeps a message for longer. */
const QUEUE_RETENTION_SECONDS = 14 * 24 * 60 * 60;

const FORGET_DENIALS = `
  DELETE FROM denial_batches
   WHERE account_key IN (SELECT value ->> '$.accountKey' FROM json_each(?1))
     AND received_at_ms < (unixepoch() - ${QUEUE_RETENTION_SECONDS}) * 1000`;

const COUNT_HELD_SEGMENTS = `
  SELECT count(*) AS held
    FROM json_each(?1) AS sent
    JOIN segments ON segments.account_key = sent.value ->> '$[0]'
                 AND segments.first_seq = sent.value ->> '$[1]'
                 AND segments.last_seq = sent.value ->> '$[2]'`;

/** A segment as the row that D1 keeps; its span is that of the times at which its entries occurred. */
export function segmentRow(segment: SegmentMessage): string {
  const { accountKey, period, firstSeq, lastSeq, entries } = segment;
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  let creditsMicros = 0;
  for (const entry of entries) {
    const occurredAtMs = entry.occurredAtMs ?? entry.atMs;
    fromMs = Math.min(fromMs, occurredAtMs);
    toMs = Math.max(toMs, occurredAtMs);
    creditsMicros += entry.creditsMicros;
  }
  return JSON.stringify({ accountKey, firstSeq, lastSeq, period, fromMs, toMs, creditsMicros, entries });
}

export function denialsRow({ accountKey, batch, counts }: DenialsMessage): string {
  return JSON.stringify({ accountKey, batch, counts });
}

const AUDIT_NUMBER_DIGITS = 9;

/** In the order of the account's numbers. */
export function auditIdOf(number: number): string {
  return `a${String(number).padStart(AUDIT_NUMBER_DIGITS, "0")}`;
}

export function auditRow({ accountKey, records }: AuditMessage): string {
  const rows = records.map(({ number, ...record }) => ({ ...record, auditId: auditIdOf(number) }));
  return JSON.stringify({ accountKey, records: rows });
}

/** `rows` is a JSON array of `auditRow`s. */
export function insertAudit(database: D1Database, rows: string): D1PreparedStatement {
  return database.prepare(INSERT_AUDIT).bind(rows);
}

/** `rows` is a JSON array of `segmentRow`s. */
export function insertSegments(database: D1Database, rows: string): D1PreparedStatement {
  return database.prepare(INSERT_SEGMENTS).bind(rows);
}

/** `rows` is a JSON array of `denialsRow`s. */
export function insertDenials(database: D1Database, rows: string): D1PreparedStatement {
  return database.prepare(INSERT_DENIALS).bind(rows);
}

/** Drops the batches of the same accounts that cannot come again; their totals stay. */
export function forgetDenials(database: D1Database, rows: string): D1PreparedStatement {
  return database.prepare(FORGET_DENIALS).bind(rows);
}

/** How many of these segments D1 holds, cut as they were sent; one row with the column `held`. */
export function countHeldSegments(
  database: D1Database,
  segments: readonly SegmentMessage[],
): D1PreparedStatement {
  const keys = segments.map(({ accountKey, firstSeq, lastSeq }) => [accountKey, firstSeq, lastSeq]);
  return database.prepare(COUNT_HELD_SEGMENTS).bind(JSON.stringify(keys));
}
