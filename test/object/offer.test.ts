/** What the account knows of the operator's offer: never less than the caller who asks. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import type { Account } from "../../workers/account/account.ts";
import { startAccount } from "./account-process.ts";
import { answers, CREDIT, openTestAccount, publishOffer } from "./fixtures.ts";

beforeAll(async () => {
  await publishOffer();
});

async function publishVersion(version: number, revision: number, creditsPerAnswer: number): Promise<void> {
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO rate_sheets (version, effective_at_ms, published_at_ms, features)
       SELECT ?1, 0, 0, json_set(features, '$[0].actions[0].creditsMicros', ?2) FROM rate_sheets WHERE version = 1`,
    ).bind(version, creditsPerAnswer * CREDIT),
    env.DB.prepare("UPDATE operator SET revision = ?").bind(revision),
  ]);
}

/** The real D1, whose first answer is held back until `release`. */
function slowDatabase() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let looks = 0;
  const batch = async (statements: D1PreparedStatement[]) => {
    looks += 1;
    const isFirst = looks === 1;
    const results = await env.DB.batch(statements);
    if (isFirst) await released;
    return results;
  };
  const database = { batch, prepare: (sql: string) => env.DB.prepare(sql) } as unknown as D1Database;
  return { database, release, looks: () => looks };
}

test("a look at D1 that began before a caller learned of a version is not enough for it", async () => {
  const opened = await openTestAccount();
  const slow = slowDatabase();
  await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
    const { account } = await startAccount(state, { ...env, DB: slow.database });
    const consume = (id: string, offerRevision: number) =>
      account.use([{ mode: "consume", event: answers(id) }], { offerRevision });
    await publishVersion(2, 2, 2);
    const early = consume("early", 2);
    await scheduler.wait(50);
    await publishVersion(3, 3, 3);
    const late = Array.from({ length: 5 }, (_, index) => consume(`late ${index}`, 3));
    slow.release();
    expect(await early).toMatchObject([{ kind: "allowed", entry: { rateVersion: 2 } }]);
    for (const result of await Promise.all(late)) {
      expect(result).toMatchObject([
        { kind: "allowed", entry: { rateVersion: 3, creditsMicros: 3 * CREDIT } },
      ]);
    }
    expect(slow.looks()).toBe(2);
  });
});

test("a renewal is priced by what is published when its reset is noticed, whatever the caller has heard", async () => {
  const start = Date.parse("2026-01-20T12:00:00Z");
  const { api } = await openTestAccount({ termPeriods: 1 }, start);
  const context = { offerRevision: 1 };
  await api.execute({ kind: "buy_pack", pack: "p1000", quantity: 1 }, null, context);
  await env.DB.exec(
    "UPDATE operator SET revision = revision + 1, catalog = json_set(catalog, '$.packs[0].prices[0].amountMinor', 1200)",
  );
  const due = await api.advanceClock(Date.parse("2026-02-14T00:00:00Z"), context);
  const charges = (due.kind === "due" ? due.facts : []).flatMap((fact) =>
    fact.kind === "packs_charged" ? [[fact.cause, fact.packs[0]?.price.amountMinor]] : [],
  );
  expect(charges).toEqual([
    ["purchase", 1000],
    ["renewal", 1200],
  ]);
});
