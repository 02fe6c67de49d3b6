/** Stores queue messages in D1 jointly, and one by one where that fails, so that a bad one holds up no other. */
import type { AuditMessage, DenialsMessage, SegmentMessage } from "../../shared/queues.ts";
import {
  auditRow,
  countHeldSegments,
  denialsRow,
  forgetDenials,
  insertAudit,
  insertDenials,
  insertSegments,
  segmentRow,
} from "./statements.ts";

/** D1 takes 2 MB per value; the rows of one statement are one JSON value. */
const STATEMENT_BYTES_MAX = 1_500_000;

/** What became of each message: `failed` ones are not in D1 for certain. */
export interface Stored<Item> {
  readonly stored: readonly Item[];
  readonly failed: readonly Failure<Item>[];
}

interface Failure<Item> {
  readonly item: Item;
  readonly error: unknown;
}

interface Row<Item> {
  readonly item: Item;
  readonly json: string;
  readonly bytes: number;
}

interface HasBody<Body> {
  readonly body: Body;
}

/** A segment whose number D1 holds cut differently fails too: to acknowledge it would lose its rest. */
export function storeSegments<Item extends HasBody<SegmentMessage>>(
  database: D1Database,
  items: readonly Item[],
): Promise<Stored<Item>> {
  return store(
    items,
    ({ body }) => segmentRow(body),
    async (rows, json) => {
      const segments = rows.map(({ item }) => item.body);
      const [, counted] = await database.batch<{ held: number }>([
        insertSegments(database, json),
        countHeldSegments(database, segments),
      ]);
      const held = counted?.results[0]?.held ?? 0;
      if (held !== rows.length)
        throw new Error(`D1 holds ${held} of ${rows.length} segments as they were sent`);
    },
  );
}

export function storeDenials<Item extends HasBody<DenialsMessage>>(
  database: D1Database,
  items: readonly Item[],
): Promise<Stored<Item>> {
  return store(
    items,
    ({ body }) => denialsRow(body),
    async (_rows, json) => {
      await database.batch([insertDenials(database, json), forgetDenials(database, json)]);
    },
  );
}

export function storeAudit<Item extends HasBody<AuditMessage>>(
  database: D1Database,
  items: readonly Item[],
): Promise<Stored<Item>> {
  return store(
    items,
    ({ body }) => auditRow(body),
    async (_rows, json) => {
      await insertAudit(database, json).run();
    },
  );
}

async function store<Item>(
  items: readonly Item[],
  encode: (item: Item) => string,
  write: (rows: readonly Row<Item>[], json: string) => Promise<void>,
): Promise<Stored<Item>> {
  const { rows, failed } = encodeRows(items, encode);
  const stored: Item[] = [];
  const pending = chunks(rows);
  for (let chunk = pending.shift(); chunk !== undefined; chunk = pending.shift()) {
    try {
      await write(chunk, `[${chunk.map(({ json }) => json).join(",")}]`);
      stored.push(...chunk.map(({ item }) => item));
    } catch (error) {
      const [only, ...others] = chunk;
      if (only !== undefined && others.length === 0) failed.push({ item: only.item, error });
      else pending.unshift(...chunk.map((row) => [row]));
    }
  }
  return { stored, failed };
}

function encodeRows<Item>(
  items: readonly Item[],
  encode: (item: Item) => string,
): { readonly rows: readonly Row<Item>[]; readonly failed: Failure<Item>[] } {
  const encoder = new TextEncoder();
  const rows: Row<Item>[] = [];
  const failed: Failure<Item>[] = [];
  for (const item of items) {
    try {
      const json = encode(item);
      rows.push({ item, json, bytes: encoder.encode(json).byteLength + 1 });
    } catch (error) {
      failed.push({ item, error });
    }
  }
  return { rows, failed };
}

function chunks<Item>(rows: readonly Row<Item>[]): Row<Item>[][] {
  const all: Row<Item>[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const current = all.at(-1);
    if (current !== undefined && bytes + row.bytes <= STATEMENT_BYTES_MAX) {
      current.push(row);
      bytes += row.bytes;
    } else {
      all.push([row]);
      bytes = row.bytes;
    }
  }
  return all;
}
