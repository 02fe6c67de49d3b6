/** The reconciliation as an operator asks for it: while traffic goes on, after corrections and voids, and tampered with. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { z } from "zod";
import { accountIdOf } from "../../shared/account-key.ts";
import type { reconciliationSchema } from "../../shared/api/reconciliation.ts";
import { reconcileAccount } from "../../workers/billing/reconciliation.ts";
import type { Env } from "../../workers/env.ts";
import { ask, invoiced } from "./billing-api.ts";
import { advance, END_MS, openBilledAccount, openExample2, use } from "./billing-fixtures.ts";
import { answers, CONTEXT, CREDIT, publishOffer, type TestAccount } from "./fixtures.ts";

type ReconciliationAnswer = z.infer<typeof reconciliationSchema>;

beforeAll(async () => {
  await publishOffer();
});

function reconciliation(account: TestAccount, query = "") {
  const path = `/v1/accounts/${accountIdOf(account.key)}/reconciliation${query}`;
  return ask<ReconciliationAnswer>(path, { method: "POST" });
}

describe("a reconciliation", () => {
  test("agrees while entries are on their way, and when all are in D1", async () => {
    const account = await openBilledAccount();
    await use(account, 12.5);
    await use(account, 0.000001);
    const before = await reconciliation(account);
    expect(before.body).toMatchObject({ ok: true, mismatches: [], periods: [{ used: 12.500001, ok: true }] });

    await vi.waitUntil(async () => (await reconciliation(account)).body.unshipped === 0, {
      timeout: 20_000,
      interval: 200,
    });
    expect((await reconciliation(account)).body).toEqual({
      ok: true,
      unshipped: 0,
      periods: [
        {
          period: "2026-11-14",
          used: 12.500001,
          tail: 0,
          segments: 12.500001,
          rollups: 12.500001,
          later: 0,
          closedUsed: null,
          correctedUsed: null,
          ok: true,
        },
      ],
      adjustments: { granted: 0, applied: 0, open: 0, dropped: 0 },
      mismatches: [],
    });
  }, 30_000);

  test("agrees at every moment of traffic over a reset", async () => {
    const account = await openExample2();
    // Long enough for segments to reach D1 and to be acknowledged meanwhile.
    const traffic = async () => {
      for (let round = 0; round < 30; round += 1) {
        const calls = Array.from({ length: 40 }, (_, index) => ({
          mode: "consume" as const,
          event: answers(`r${round}-${index}`, 7.25),
        }));
        await account.api.use(calls, CONTEXT);
        if (round === 17) await advance(account, END_MS);
        await scheduler.wait(100);
      }
    };
    const running = traffic();
    const proofs: ReconciliationAnswer[] = [];
    for (let proof = 1; proof <= 30; proof += 1) {
      proofs.push((await reconciliation(account)).body);
      await scheduler.wait(100);
    }
    await running;
    proofs.push((await reconciliation(account)).body);
    expect(proofs.flatMap((proof) => proof.mismatches)).toEqual([]);
    expect(proofs.some((proof) => proof.unshipped > 0 && (proof.periods[0]?.segments ?? 0) > 0)).toBe(true);
    expect(proofs.at(-1)).toMatchObject({
      ok: true,
      periods: [
        { period: "2026-12-14", used: 12 * 40 * 7.25 },
        { period: "2026-11-14", used: 18 * 40 * 7.25 },
      ],
    });
  }, 30_000);

  test("leaves out what reached D1 after the account was asked", async () => {
    const account = await openBilledAccount();
    await use(account, 3);
    const isStored = async (lastSeq: number) => {
      await account.api.flush();
      const view = await account.api.report(CONTEXT);
      return view.kind === "view" && view.acknowledgedSeq === lastSeq;
    };
    const due = async () => {
      await use(account, 4);
      await vi.waitUntil(() => isStored(2), { timeout: 20_000, interval: 200 });
      return account.api.due(CONTEXT);
    };
    const asked = { report: () => account.api.report(CONTEXT), flush: () => account.api.flush(), due };
    const slow = { ...env, ACCOUNT: { getByName: () => asked } } as unknown as Env;
    expect(await reconcileAccount(slow, account.key, CONTEXT)).toMatchObject({
      ok: true,
      unshipped: 0,
      periods: [
        { usedMicros: 3 * CREDIT, tailMicros: 0, segmentsMicros: 7 * CREDIT, laterMicros: 4 * CREDIT },
      ],
      mismatches: [],
    });
  }, 30_000);

  test("finds roll-ups, segments and invoices that were tampered with", async () => {
    const { account } = await invoiced();
    await account.api.flush();
    const acknowledged = async () => {
      const view = await account.api.report(CONTEXT);
      return view.kind === "view" && view.acknowledgedSeq === view.lastSeq;
    };
    await vi.waitUntil(acknowledged, { timeout: 20_000, interval: 200 });
    expect((await reconciliation(account)).body).toMatchObject({ ok: true });
    const tamper = (statement: string) => env.DB.prepare(statement).bind(account.key).run();

    await tamper("UPDATE rollups SET credits_micros = credits_micros - 1 WHERE account_key = ?");
    expect((await reconciliation(account)).body.mismatches).toEqual([
      "period 2026-11-14: the roll-ups 6237.499999, the entries in D1 6237.5",
    ]);
    await tamper("DELETE FROM rollups WHERE account_key = ?");
    await tamper("DELETE FROM segments WHERE account_key = ?");
    await tamper("DELETE FROM invoices WHERE account_key = ?");
    const { body } = await reconciliation(account);
    expect(body.ok).toBe(false);
    expect(body.mismatches).toContain("D1 lacks entries 1 to 1, which were acknowledged");
    expect(body.mismatches).toContain("period 2026-11-14: the account's used 6237.5, its entries 0");
    expect(body.mismatches).toContain("period 2026-11-14: the invoice's quantity 0, billed 230");
  }, 30_000);

  test("is nobody's where there is no such account", async () => {
    expect((await ask("/v1/accounts/nobody/reconciliation", { method: "POST" })).status).toBe(404);
  });
});

describe("a reconciliation of some periods", () => {
  test("reads and compares no others", async () => {
    const { account } = await invoiced();
    await use(account, 5);
    await account.api.flush();
    const acknowledged = async () => {
      const view = await account.api.report(CONTEXT);
      return view.kind === "view" && view.acknowledgedSeq === view.lastSeq;
    };
    await vi.waitUntil(acknowledged, { timeout: 20_000, interval: 200 });
    const periods = async (query: string) => {
      const { body } = await reconciliation(account, query);
      return [body.ok, body.periods.map(({ period }) => period)];
    };
    expect(await periods("")).toEqual([true, ["2026-12-14", "2026-11-14"]]);
    expect(await periods("?from=2026-11-14")).toEqual([true, ["2026-12-14", "2026-11-14"]]);
    expect(await periods("?from=2026-11-15")).toEqual([true, ["2026-12-14"]]);
    expect(await periods("?period=2026-11-14")).toEqual([true, ["2026-11-14"]]);
    expect(await periods("?period=2026-12-14")).toEqual([true, ["2026-12-14"]]);
    expect(await periods("?from=2030-01-01")).toEqual([true, []]);
    // Entries that nobody could read: who does not ask for their period does not notice.
    await env.DB.prepare(
      "UPDATE segments SET credits_micros = credits_micros + 1 WHERE account_key = ? AND period = '2026-11-14'",
    )
      .bind(account.key)
      .run();
    expect(await periods("?from=2026-12-14")).toEqual([true, ["2026-12-14"]]);
    expect(await periods("?period=2026-12-14")).toEqual([true, ["2026-12-14"]]);
    expect(await periods("?period=2026-11-14")).toEqual([false, ["2026-11-14"]]);
    expect((await reconciliation(account, "?from=yesterday")).status).toBe(422);
  }, 30_000);
});
