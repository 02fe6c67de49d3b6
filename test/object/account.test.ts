/** The account object from inside: exactly once, durable, cheap. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { AccountNotFound, DueFacts, UsageResult } from "../../shared/protocol.ts";
import type { Account } from "../../workers/account/account.ts";
import {
  answers,
  CONTEXT,
  CREDIT,
  openTestAccount,
  publishOffer,
  rowsWritten,
  type TestAccount,
} from "./fixtures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

beforeAll(async () => {
  await publishOffer();
});

async function consume(account: TestAccount, id: string, credits = 1): Promise<UsageResult> {
  const [result] = await account.api.use([{ mode: "consume", event: answers(id, credits) }], CONTEXT);
  if (result === undefined) throw new Error("no result");
  return result;
}

async function used(account: TestAccount): Promise<number> {
  const view = await account.api.report(CONTEXT);
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

  test("answers a replay with the packs that the first decision added", async () => {
    const account = await openTestAccount();
    await account.api.execute({ kind: "buy_pack", pack: "p1000", quantity: 1 }, null, CONTEXT);
    const first = await consume(account, "a", 1600);
    const upgrade = { pack: "p1000", packs: 1, price: { amountMinor: 1000, currency: "USD" } };
    expect(first).toMatchObject({ replayed: false, entry: { upgrade } });
    await evictDurableObject(env.ACCOUNT.getByName(account.key));
    expect(await consume(account, "a", 1600)).toMatchObject({
      replayed: true,
      entry: { upgrade },
      balance: { limitMicros: 2500 * CREDIT },
    });
  });

  test("refuses plans that, with its packs, are more than can be counted", async () => {
    const account = await openTestAccount();
    await account.api.execute({ kind: "buy_pack", pack: "p1000", quantity: 1 }, null, CONTEXT);
    const plansOf = (credits: number) => [{ plan: "all", includedCreditsMicros: credits * CREDIT }];
    expect(
      await account.api.execute(
        { kind: "change_terms", change: { plans: plansOf(8e9 - 999) } },
        null,
        CONTEXT,
      ),
    ).toEqual({
      kind: "limit_too_large",
    });
    expect(
      await account.api.execute(
        { kind: "change_terms", change: { plans: plansOf(8e9 - 1000) } },
        null,
        CONTEXT,
      ),
    ).toMatchObject({
      kind: "done",
    });
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

  test("reports one moment, whatever other calls do in the same turn", async () => {
    const account = await openTestAccount();
    await runInDurableObject(env.ACCOUNT.getByName(account.key), async (instance: Account) => {
      const [report] = await Promise.all([
        instance.report(CONTEXT),
        instance.use([{ mode: "consume", event: answers("a") }], CONTEXT),
      ]);
      expect(report).toMatchObject({ lastSeq: 0, balance: { usedMicros: 0 }, tail: [] });
    });
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

describe("a reset", () => {
  const START = Date.parse("2026-01-20T12:00:00Z");

  async function tables(account: TestAccount): Promise<unknown[]> {
    return runInDurableObject(env.ACCOUNT.getByName(account.key), (_instance, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name LIKE 'entries_%' ORDER BY name")
        .toArray(),
    );
  }

  function closedPeriods(due: DueFacts | AccountNotFound) {
    if (due.kind !== "due") throw new Error(due.kind);
    return due.facts.flatMap((fact) => (fact.kind === "period_closed" ? [fact.closed] : []));
  }

  test("of an advanced test clock comes at its own time, as real time would bring it", async () => {
    const account = await openTestAccount({}, START);
    await consume(account, "a", 120);
    await account.api.advanceClock(Date.parse("2026-04-20T00:00:00Z"), CONTEXT);
    const due = await account.api.due(CONTEXT);
    expect(
      closedPeriods(due).map((closed) => [
        closed.period,
        closed.usedMicros / CREDIT,
        closed.expiredMicros / CREDIT,
      ]),
    ).toEqual([
      ["2026-01-14", 120, 380],
      ["2026-02-14", 0, 500],
      ["2026-03-14", 0, 500],
    ]);
    expect(due).toMatchObject({ periodEndsAtMs: Date.parse("2026-05-14T00:00:00Z") });
    expect(await used(account)).toBe(0);

    await evictDurableObject(env.ACCOUNT.getByName(account.key));
    expect(await account.api.due(CONTEXT)).toEqual(due);
    await account.api.acknowledge({ facts: [1, 2, 3] });
    expect(await account.api.due(CONTEXT)).toMatchObject({ facts: [] });
    const view = await account.api.report(CONTEXT);
    expect(
      view.kind === "view" && view.notices.map(({ kind, atMs }) => [kind, new Date(atMs).toISOString()]),
    ).toEqual([
      ["credits_expiring", "2026-02-07T00:00:00.000Z"],
      ["usage_report", "2026-02-14T00:00:00.000Z"],
      ["credits_expiring", "2026-03-07T00:00:00.000Z"],
      ["usage_report", "2026-03-14T00:00:00.000Z"],
      ["credits_expiring", "2026-04-07T00:00:00.000Z"],
      ["usage_report", "2026-04-14T00:00:00.000Z"],
    ]);
  });

  test("that was missed is made up for, period by period, in order, with one report", async () => {
    const account = await openTestAccount({ anchorDate: "2026-01-14" });
    await consume(account, "a", 120);
    const view = await account.api.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    const stub = env.ACCOUNT.getByName(account.key);
    await runInDurableObject(stub, async (instance: Account) => {
      const clock = vi.spyOn(Date, "now").mockImplementation(() => view.balance.resetAtMs + 65 * DAY_MS);
      const due = await instance.due(CONTEXT);
      const report = await instance.report(CONTEXT);
      clock.mockRestore();
      expect(closedPeriods(due).map(({ usedMicros }) => usedMicros / CREDIT)).toEqual([120, 0, 0]);
      expect(report).toMatchObject({ notices: [{ kind: "usage_report", periods: [{}, {}, {}] }] });
    });
  });

  test("is made by the alarm where nobody calls", async () => {
    const account = await openTestAccount();
    await consume(account, "a");
    const view = await account.api.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    const stub = env.ACCOUNT.getByName(account.key);
    const armedAtMs = await runInDurableObject(stub, (_instance, state) => state.storage.getAlarm());
    expect(armedAtMs).not.toBeNull();
    await runInDurableObject(stub, async (instance: Account) => {
      const clock = vi.spyOn(Date, "now").mockImplementation(() => view.balance.resetAtMs);
      await instance.alarm();
      clock.mockRestore();
    });
    const due = await account.api.due(CONTEXT);
    expect(closedPeriods(due)).toHaveLength(1);
  });

  test("divides a batch where the clock passes the period's end in the middle of it", async () => {
    const account = await openTestAccount({ anchorDate: "2026-01-01" });
    const view = await account.api.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    const endMs = view.balance.resetAtMs;
    await runInDurableObject(env.ACCOUNT.getByName(account.key), async (instance: Account) => {
      let nowMs = endMs - 4;
      // A clock that goes on while the batch is decided, as it does locally.
      const clock = vi.spyOn(Date, "now").mockImplementation(() => nowMs++);
      const calls = ["a", "b", "c", "d"].map((id) => ({ mode: "consume" as const, event: answers(id) }));
      const results = await instance.use(calls, CONTEXT);
      clock.mockRestore();
      for (const result of results) {
        if (result.kind !== "allowed") throw new Error(result.kind);
        const isOld = result.entry.period === view.balance.period;
        expect(isOld, `booked ${result.entry.atMs - endMs} ms after the end`).toBe(result.entry.atMs < endMs);
      }
    });
  });

  test("keeps ids at least until the following period has closed, then drops their table whole", async () => {
    const account = await openTestAccount({}, START);
    await consume(account, "a");
    await account.api.advanceClock(Date.parse("2026-03-13T00:00:00Z"), CONTEXT);
    expect(await consume(account, "a")).toMatchObject({ replayed: true, entry: { period: "2026-01-14" } });
    await consume(account, "b");
    await account.api.flush();
    await account.api.acknowledge({ segments: [1, 2] });

    await account.api.advanceClock(Date.parse("2026-03-22T00:00:00Z"), CONTEXT);
    await account.api.flush();
    expect(await tables(account)).toEqual([{ name: "entries_2" }]);
    expect(await consume(account, "b")).toMatchObject({ replayed: true });
    expect(await account.api.fate("a", CONTEXT)).toEqual({ kind: "unknown" });
  });

  test("keeps a table that D1 has not acknowledged, however old it is", async () => {
    const account = await openTestAccount({}, START);
    await consume(account, "a");
    await account.api.advanceClock(Date.parse("2026-08-01T00:00:00Z"), CONTEXT);
    await consume(account, "b");
    const view = await account.api.report(CONTEXT);
    expect(view).toMatchObject({ acknowledgedSeq: 0, tail: [{ id: "a" }, { id: "b" }] });
    expect(await tables(account)).toEqual([{ name: "entries_1" }, { name: "entries_2" }]);
  });
});

describe("a purchase", () => {
  test("with the same Idempotency-Key is made once, and answers the same after an eviction", async () => {
    const account = await openTestAccount();
    const buy = () =>
      account.api.execute({ kind: "buy_pack", pack: "p1000", quantity: 2 }, "order-1", CONTEXT);
    const first = await buy();
    await evictDurableObject(env.ACCOUNT.getByName(account.key));
    expect(await buy()).toEqual({ ...first, replayed: true });
    expect(first).toMatchObject({
      kind: "done",
      balance: { limitMicros: 2500 * CREDIT, setting: "auto_upgrade" },
    });
    expect(
      await account.api.execute({ kind: "buy_pack", pack: "p1000", quantity: 3 }, "order-1", CONTEXT),
    ).toEqual({
      kind: "idempotency_conflict",
      id: "order-1",
    });
  });
});

describe("fifty callers at once", () => {
  test("never take more than is left", async () => {
    const account = await openTestAccount({ includedCredits: 100 });
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, index) => consume(account, `e${index % 150}`)),
    );
    const booked = results.filter((result) => result.kind === "allowed" && !result.replayed);
    expect(booked).toHaveLength(100);
    expect(await used(account)).toBe(100);
  });
});
