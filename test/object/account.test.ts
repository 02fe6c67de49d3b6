/** The account object from inside: exactly once, durable, cheap. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { UsageResult } from "../../shared/protocol.ts";
import {
  answers,
  CONTEXT,
  CREDIT,
  openTestAccount,
  publishOffer,
  rowsWritten,
  type TestAccount,
} from "./fixtures.ts";

beforeAll(async () => {
  await publishOffer();
});

async function consume(account: TestAccount, id: string, credits = 1): Promise<UsageResult> {
  const [result] = await account.api.use([{ mode: "consume", event: answers(id, credits) }], CONTEXT);
  if (result === undefined) throw new Error("no result");
  return result;
}

async function used(account: TestAccount): Promise<number> {
  const view = await account.api.view(CONTEXT);
  if (view.kind !== "view") throw new Error(view.kind);
  return view.balance.usedMicros / CREDIT;
}

describe("an account", () => {
  test("answers nobody before it is opened, and keeps no table", async () => {
    const stub = env.ACCOUNT.getByName("live:nobody");
    expect(await stub.use([{ mode: "consume", event: answers("a") }], CONTEXT)).toEqual([
      { kind: "account_not_found" },
    ]);
    const tables = await runInDurableObject(stub, (_instance, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("books once and answers a replay with the first decision", async () => {
    const account = await openTestAccount();
    const first = await consume(account, "a", 2);
    expect(first).toMatchObject({
      kind: "allowed",
      replayed: false,
      entry: { seq: 1, creditsMicros: 2 * CREDIT },
    });
    await consume(account, "b", 1);
    const again = await consume(account, "a", 2);
    expect(again).toMatchObject({
      kind: "allowed",
      replayed: true,
      entry: { seq: 1 },
      balance: { usedMicros: 3 * CREDIT },
    });
    expect(await consume(account, "a", 3)).toEqual({ kind: "idempotency_conflict", id: "a" });
    expect(await used(account)).toBe(3);
  });

  test("remembers everything after an eviction without a checkpoint", async () => {
    const account = await openTestAccount();
    await consume(account, "a", 2.5);
    await consume(account, "b", 1);
    await evictDurableObject(env.ACCOUNT.getByName(account.key));
    expect(await used(account)).toBe(3.5);
    expect(await consume(account, "a", 2.5)).toMatchObject({ replayed: true, entry: { seq: 1 } });
    expect(await consume(account, "c", 1)).toMatchObject({ replayed: false, entry: { seq: 3 } });
  });

  test("writes one row per consumed event, and none for a replay or a denial that tells nobody", async () => {
    const account = await openTestAccount({ includedCredits: 1000 });
    await consume(account, "first");
    const before = await rowsWritten(account);
    for (let index = 0; index < 100; index += 1) await consume(account, `e${index}`);
    expect((await rowsWritten(account)) - before).toBe(100);
    for (let index = 0; index < 100; index += 1) await consume(account, `e${index}`);
    await consume(account, "too much", 5000);
    expect((await rowsWritten(account)) - before).toBe(100);
  });

  test("ships 500 events with a handful of rows besides their own", async () => {
    const account = await openTestAccount({ includedCredits: 10_000 });
    await consume(account, "first");
    const stub = env.ACCOUNT.getByName(account.key);
    const before = await rowsWritten(account);
    const calls = Array.from({ length: 500 }, (_, index) => ({
      mode: "consume" as const,
      event: answers(`e${index}`),
    }));
    await account.api.use(calls, CONTEXT);
    await runDurableObjectAlarm(stub);
    await account.api.acknowledge({ segments: [1] });
    await runDurableObjectAlarm(stub);
    expect((await rowsWritten(account)) - before).toBeLessThanOrEqual(508);
  });
});
