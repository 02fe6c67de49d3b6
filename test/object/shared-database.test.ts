/** D1 as one page sees it: reads of the same moment in one batch, answered as D1 itself answers them. */
import { env } from "cloudflare:workers";
import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { beforeEach, describe, expect, test } from "vitest";
import { accounts, testClocks, users } from "../../shared/db/schema.ts";
import { type SharedDatabase, shareDatabase } from "../../workers/dashboard/reads/shared-database.ts";
import { insertAccountRow } from "./billing-fixtures.ts";

const ALL_KEYS = "SELECT account_key AS key FROM accounts ORDER BY account_key";

let shared: SharedDatabase;
let database: D1Database;

beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare("DELETE FROM accounts"),
    env.DB.prepare("DELETE FROM test_clocks"),
    env.DB.prepare("DELETE FROM users"),
  ]);
  await insertAccountRow("test:a", 1, { clocked: true });
  await insertAccountRow("test:b", 2, { clocked: false });
  shared = shareDatabase(env.DB, () => null);
  database = shared.database;
});

const one = (value: unknown) => database.prepare("SELECT ?1 AS value").bind(value).first("value");

/** How D1 itself answers, and how the page's D1 does. */
async function both<Answer>(ask: (database: D1Database) => Promise<Answer>) {
  return { real: await ask(env.DB), shared: await ask(database) };
}

describe("reads", () => {
  test("of one moment are one batch, however each is asked", async () => {
    const db = drizzle(database);
    const asked = await Promise.all([
      one(1),
      database.prepare(ALL_KEYS).all(),
      database.prepare("SELECT 'two' AS value").run(),
      database.prepare("SELECT 3 AS value").raw(),
      database.batch([
        database.prepare("SELECT 4 AS value"),
        database.prepare("SELECT ? AS value").bind("five"),
      ]),
      db.select({ key: accounts.accountKey }).from(accounts).where(eq(accounts.accountKey, "test:a")),
      db.batch([db.select({ key: accounts.accountKey }).from(accounts), db.select().from(users)]),
    ]);
    expect(asked).toMatchObject([
      1,
      { success: true, results: [{ key: "test:a" }, { key: "test:b" }] },
      { results: [{ value: "two" }] },
      [[3]],
      [{ results: [{ value: 4 }] }, { results: [{ value: "five" }] }],
      [{ key: "test:a" }],
      [[{ key: "test:a" }, { key: "test:b" }], []],
    ]);
    expect(shared.batches()).toBe(1);
  });

  test("are one batch from wherever in a chain of promises they come", async () => {
    const after = async (ticks: number) => {
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      return one(ticks);
    };
    expect(await Promise.all([0, 1, 10, 100].map(after))).toEqual([0, 1, 10, 100]);
    expect(shared.batches()).toBe(1);
  });

  test("are one batch though some come after bodies have been read", async () => {
    const after = async (bodies: number) => {
      for (let body = 0; body < bodies; body += 1) await new Response("{}").json();
      return one(bodies);
    };
    expect(await Promise.all([0, 1, 3].map(after))).toEqual([0, 1, 3]);
    expect(shared.batches()).toBe(1);
  });

  test("that need each other are a batch after the other, with what else was asked by then", async () => {
    const chain = async (first: number, length: number) => {
      for (let step = 0; step < length; step += 1) await one(first + step);
    };
    await Promise.all([chain(10, 1), chain(20, 2), chain(30, 3)]);
    expect(shared.batches()).toBe(3);
  });

  test("wait for what may lead to more of them", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let underWay: Promise<void> | null = promise;
    const waiting = shareDatabase(env.DB, () => underWay);
    const read = (value: number) => waiting.database.prepare("SELECT ? AS value").bind(value).first("value");
    const early = read(1);
    const late = promise.then(() => read(2));
    await scheduler.wait(20);
    expect(waiting.batches()).toBe(0);
    underWay = null;
    resolve();
    expect(await Promise.all([early, late])).toEqual([1, 2]);
    expect(waiting.batches()).toBe(1);
  });

  test("are remembered by text and parameters, each kind of value for itself", async () => {
    expect(await Promise.all([one(1), one(1), one("1"), one(null), one("null")])).toEqual([
      1,
      1,
      "1",
      null,
      "null",
    ]);
    expect([await one(1), await one("1"), await one(null)]).toEqual([1, "1", null]);
    expect(shared.batches()).toBe(1);
    await one(2);
    expect(shared.batches()).toBe(2);
  });

  test("with parameters that cannot be compared are sent each time", async () => {
    const bytes = (value: number) =>
      database
        .prepare("SELECT hex(?) AS value")
        .bind(new Uint8Array([value]))
        .first("value");
    expect(await Promise.all([bytes(1), bytes(2)])).toEqual(["01", "02"]);
    expect(await bytes(1)).toBe("01");
    expect(shared.batches()).toBe(2);
  });

  test("are answered to each caller anew", async () => {
    const [first, second] = await Promise.all([
      database.prepare(ALL_KEYS).all(),
      database.prepare(ALL_KEYS).all(),
    ]);
    for (const row of first.results) row.key = "changed";
    first.results.pop();
    expect(second.results).toEqual([{ key: "test:a" }, { key: "test:b" }]);
    expect((await database.prepare(ALL_KEYS).all()).results).toEqual(second.results);
  });

  test("of a batch are of one moment: none of them is remembered from before", async () => {
    await database.prepare(ALL_KEYS).all();
    await env.DB.prepare("DELETE FROM accounts WHERE account_key = 'test:b'").run();
    const count = "SELECT count(*) AS count FROM accounts";
    const [keys, counted] = await database.batch([database.prepare(ALL_KEYS), database.prepare(count)]);
    expect([keys?.results.length, counted?.results]).toEqual([1, [{ count: 1 }]]);
  });

  test("of joins keep columns of one name, in their places", async () => {
    const ask = (of: D1Database) =>
      drizzle(of)
        .select({
          key: accounts.accountKey,
          clock: testClocks.clockId,
          now: testClocks.nowMs,
          other: users.accountKey,
        })
        .from(accounts)
        .leftJoin(testClocks, eq(testClocks.clockId, accounts.testClockId))
        .leftJoin(users, and(eq(users.accountKey, "nobody"), eq(users.userId, "x")))
        .orderBy(accounts.accountKey);
    const answers = await both(ask);
    expect(answers.shared).toEqual(answers.real);
    expect(answers.shared[1]).toEqual({ key: "test:b", clock: null, now: null, other: null });
  });

  test("that number their columns keep them in their places", async () => {
    const answers = await both((of) => of.prepare("SELECT 'a' AS b, 1").raw());
    expect(answers.shared).toEqual(answers.real);
    expect(answers.shared).toEqual([["a", 1]]);
  });

  test("answer nothing, a column and names of columns as D1 does", async () => {
    const asks: ((of: D1Database) => Promise<unknown>)[] = [
      (of) => of.prepare("SELECT 1 AS value WHERE 0").first(),
      (of) => of.prepare("SELECT 1 AS value WHERE 0").first("value"),
      (of) => of.prepare("SELECT 1 AS value WHERE 0").raw(),
      (of) => of.prepare("SELECT NULL AS value").first("value"),
      (of) => of.prepare("SELECT 1 AS value").raw({ columnNames: true }),
      (of) => of.prepare("SELECT 1 AS value").first("other").catch(String),
      (of) => of.prepare("SELECT nothing").first().catch(String),
      (of) => of.batch([]).catch(String),
    ];
    for (const ask of asks) {
      const answers = await both(ask);
      expect(answers.shared).toEqual(answers.real);
    }
  });
});

describe("writes", () => {
  const insert = (of: D1Database, user: string) =>
    of
      .prepare(
        "INSERT INTO users (account_key, user_id, name, roles, notify) VALUES ('test:a', ?, '', '[]', '{}')",
      )
      .bind(user);
  const count = () => database.prepare("SELECT count(*) AS count FROM users").first("count");

  test("pass through, each a batch of its own, and later reads see them", async () => {
    expect(await count()).toBe(0);
    await insert(database, "u1").run();
    expect(await count()).toBe(1);
    await database.batch([insert(database, "u2"), insert(database, "u3")]);
    expect(await count()).toBe(3);
    await database.exec("DELETE FROM users");
    expect(await count()).toBe(0);
    expect(shared.batches()).toBe(7);
  });

  test("come after the reads that were asked before them", async () => {
    const before = count();
    const written = insert(database, "u1").run();
    expect([await before, (await written).meta.changes]).toEqual([0, 1]);
  });

  test("are known where a statement only looks like a read", async () => {
    const writes = [
      "WITH one AS (SELECT 1) INSERT INTO users SELECT 'test:a', 'with', '', NULL, '[]', '{}', 0 FROM one",
      "/* SELECT */ DELETE FROM users WHERE user_id = 'x'",
      "INSERT INTO users SELECT 'test:a', 'returned', '', NULL, '[]', '{}', 0 RETURNING user_id",
    ];
    for (const sql of writes) {
      const known = await count();
      const { meta } = await database.prepare(sql).all();
      expect(await count(), sql).toBe(Number(known) + (meta.changes ?? 0));
    }
  });

  test("that fail say so, and forget what was read all the same", async () => {
    expect(await count()).toBe(0);
    await insert(env.DB, "u1").run();
    await expect(insert(database, "u1").run()).rejects.toThrow("UNIQUE");
    expect(await count()).toBe(1);
  });
});

describe("a batch that fails", () => {
  test("fails for whom it has to: the others are answered by requests of their own", async () => {
    const [good, bad, ofBatch] = await Promise.allSettled([
      one(1),
      database.prepare("SELECT 1 FROM nowhere").first(),
      database.batch([database.prepare(ALL_KEYS), database.prepare("SELECT 2 AS value")]),
    ]);
    expect(good).toEqual({ status: "fulfilled", value: 1 });
    expect(bad).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringContaining("nowhere") },
    });
    expect(ofBatch).toMatchObject({ status: "fulfilled", value: [{}, { results: [{ value: 2 }] }] });
    expect(shared.batches()).toBe(4);
  });

  test("is asked again by the next who asks", async () => {
    let isDown = true;
    const flaky = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: (statements: D1PreparedStatement[]) =>
        isDown ? Promise.reject(new Error("D1 is down")) : env.DB.batch(statements),
    } as unknown as D1Database;
    const ofFlaky = shareDatabase(flaky, () => null);
    const ask = () => ofFlaky.database.prepare("SELECT 1 AS value").first("value");
    await expect(Promise.all([ask(), ask()])).rejects.toThrow("D1 is down");
    expect(ofFlaky.batches()).toBe(1);
    isDown = false;
    expect(await ask()).toBe(1);
  });
});

test("two pages share nothing", async () => {
  const other = shareDatabase(env.DB, () => null);
  const ask = (of: SharedDatabase) =>
    of.database.prepare("SELECT count(*) AS count FROM accounts").first("count");
  expect(await ask(shared)).toBe(2);
  await env.DB.prepare("DELETE FROM accounts").run();
  expect([await ask(shared), await ask(other)]).toEqual([2, 0]);
  expect([shared.batches(), other.batches()]).toEqual([1, 1]);
});
