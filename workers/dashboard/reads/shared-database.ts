/** D1 as one page sees it: what its calls read at the same time goes there together, what they read again does not. */
import { isRead, keepsPlaces } from "./sql-text.ts";

/** Between two questions of a page lie a few: each body that is read on the way takes one. */
const QUIET_TURNS = 10;

type Row = Record<string, unknown>;

interface Query {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** Reads that one caller wants answered as of one moment. */
interface Ask {
  readonly queries: readonly Query[];
  readonly resolve: (results: readonly D1Result<Row>[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface SharedDatabase {
  readonly database: D1Database;
  /** Requests that went to D1. */
  readonly batches: () => number;
  /** Reads from now on are sent again. */
  readonly forget: () => void;
}

/**
 * A D1 that waits until nothing can go on without it, then sends all reads that were asked as one batch, one batch
 * after the other: a page takes as many as its longest chain of reads that need each other. `underWay`: what else may
 * lead to more reads. Writes pass straight through, after the reads that were asked before them.
 */
export function shareDatabase(real: D1Database, underWay: () => Promise<unknown> | null): SharedDatabase {
  let batches = 0;
  let waiting: Ask[] = [];
  let isGathering = false;
  const kept = new Map<string, Promise<readonly D1Result<Row>[]>>();
  const queryOf = new WeakMap<D1PreparedStatement, Query>();

  const realOf = ({ sql, params }: Query): D1PreparedStatement => {
    const statement = real.prepare(sql);
    return params.length === 0 ? statement : statement.bind(...params);
  };
  const request = <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    batches += 1;
    return ask();
  };
  const forget = () => kept.clear();

  async function send(asks: readonly Ask[]): Promise<void> {
    const distinct = new Map<string | Query, Query>();
    for (const query of asks.flatMap(({ queries }) => queries)) distinct.set(keyOf(query) ?? query, query);
    const places = new Map([...distinct.keys()].map((key, place) => [key, place]));
    try {
      const results = await request(() => real.batch<Row>([...distinct.values()].map(realOf)));
      for (const { queries, resolve } of asks) {
        resolve(queries.flatMap((query) => results[places.get(keyOf(query) ?? query) ?? -1] ?? []));
      }
    } catch (error) {
      const [only, ...others] = asks;
      if (others.length === 0) return only?.reject(error);
      // One bad statement fails the whole batch; it must fail its own caller only.
      await Promise.all(asks.map((ask) => send([ask])));
    }
  }

  async function sendWaiting(): Promise<void> {
    const asks = waiting;
    waiting = [];
    if (asks.length > 0) await send(asks);
  }

  /** Until nobody has asked for some turns. */
  async function quiet(): Promise<void> {
    for (let turns = 0, asked = waiting.length; turns < QUIET_TURNS; turns += 1) {
      await turn();
      if (waiting.length === asked) continue;
      asked = waiting.length;
      turns = 0;
    }
  }

  async function gather(): Promise<void> {
    if (isGathering) return;
    isGathering = true;
    while (waiting.length > 0) {
      await quiet();
      for (let more = underWay(); more !== null; more = underWay()) {
        await more;
        await quiet();
      }
      await sendWaiting();
    }
    isGathering = false;
  }

  function read(queries: readonly Query[]): Promise<readonly D1Result<Row>[]> {
    const key = keyOfAll(queries);
    const known = key === null ? undefined : kept.get(key);
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<readonly D1Result<Row>[]>();
    waiting.push({ queries, resolve, reject });
    if (key !== null) {
      kept.set(key, promise);
      promise.catch(() => kept.get(key) === promise && kept.delete(key));
    }
    void gather();
    return promise;
  }

  async function write<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    forget();
    const before = sendWaiting();
    try {
      await before;
      return await request(ask);
    } finally {
      // What was read meanwhile may not know of it.
      forget();
    }
  }

  function statementOf(query: Query): D1PreparedStatement {
    const { sql } = query;
    const readOne = async () => copyOf((await read([query]))[0]);
    const passThrough = <Answer>(ask: (statement: D1PreparedStatement) => Promise<Answer>) => {
      const asked = () => ask(realOf(query));
      return isRead(sql) ? request(asked) : write(asked);
    };
    const all = () => (isRead(sql) ? readOne() : passThrough((statement) => statement.all<Row>()));
    const statement = {
      bind: (...params: readonly unknown[]) => statementOf({ sql, params }),
      all,
      run: () => (isRead(sql) ? readOne() : passThrough((statement) => statement.run<Row>())),
      first: async (column?: string) => columnOf((await all()).results[0], column),
      raw: async (options?: { readonly columnNames?: boolean }) => {
        if (options?.columnNames === true)
          return passThrough((statement) => statement.raw({ columnNames: true }));
        if (!isRead(sql) || !keepsPlaces(sql)) return passThrough((statement) => statement.raw());
        return (await readOne()).results.map((row) => Object.values(row));
      },
    } as unknown as D1PreparedStatement;
    queryOf.set(statement, query);
    return statement;
  }

  const database = {
    prepare: (sql: string) => statementOf({ sql, params: [] }),
    batch: async (statements: readonly D1PreparedStatement[]) => {
      const queries = statements.map((statement) => {
        const query = queryOf.get(statement);
        if (query === undefined) throw new Error("a statement of another database");
        return query;
      });
      if (queries.every(({ sql }) => isRead(sql))) return (await read(queries)).map(copyOf);
      return write(() => real.batch(queries.map(realOf)));
    },
    exec: (sql: string) => write(() => real.exec(sql)),
    dump: () => request(() => real.dump()),
    withSession: () => {
      throw new Error("a page's reads are gathered; sessions are not");
    },
  } as unknown as D1Database;
  return { database, batches: () => batches, forget };
}

/** A turn of the event loop, in which bodies are read and keys are verified. A timer would take a millisecond. */
async function turn(): Promise<void> {
  await new Response(".").text();
}

/** Same key, same answer; null where a parameter cannot be compared. */
function keyOf({ sql, params }: Query): string | null {
  if (params.some((param) => typeof param === "object" && param !== null)) return null;
  return JSON.stringify([sql, ...params.map((param) => `${typeof param} ${param}`)]);
}

function keyOfAll(queries: readonly Query[]): string | null {
  const keys = queries.map(keyOf);
  return keys.includes(null) ? null : JSON.stringify(keys);
}

/** Callers may change what they are answered. */
function copyOf(result: D1Result<Row> | undefined): D1Result<Row> {
  if (result === undefined) throw new Error("D1 answered fewer statements than it was asked");
  return { ...result, results: result.results.map((row) => ({ ...row })) };
}

/** As D1's own `first`. */
function columnOf(row: Row | undefined, column: string | undefined): unknown {
  if (row === undefined) return null;
  if (column === undefined) return row;
  const value = row[column];
  if (value === undefined) throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`);
  return value;
}
