/** Facts in D1: told again, with crashes between any two steps, by several runs at once (rules, section 7). */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { BillingFact } from "../../shared/credits/billing-facts.ts";
import type { Env } from "../../workers/env.ts";
import { cancellation, charge, NOVEMBER, packs } from "../unit/billing-books.ts";
import { END_MS, PROFILE, periodEndOf, START_MS } from "./billing-fixtures.ts";
import { publishOffer } from "./fixtures.ts";
import { randomOf } from "./random.ts";
import { failingAt, openTold, setClock, type ToldAccount } from "./told-account.ts";

const DAY_MS = 86_400_000;
const DAY = "upgrade:2026-11-15";
const DAY_END = START_MS + 2 * DAY_MS;
const IN_NOVEMBER = { period: { name: NOVEMBER.period, startMs: NOVEMBER.startMs, endMs: NOVEMBER.endMs } };
const PATIENT = { timeout: 60_000 };

beforeAll(async () => {
  await publishOffer();
});

function upgrade(quantity: number) {
  return charge(DAY, [packs(quantity)], { cause: "upgrade", growsUntilMs: DAY_END, ...IN_NOVEMBER });
}

function corrected(account: ToldAccount, source: string, creditMinor: number, billed: number): BillingFact {
  const micros = billed * 1_000_000;
  return account.tell({
    kind: "overage_corrected",
    source,
    periodStartMs: NOVEMBER.startMs,
    period: NOVEMBER.period,
    eventId: `event of ${source}`,
    correctedMicros: creditMinor * 1_000_000,
    creditMinor,
    corrected: {
      usedMicros: 6_000_000_000 + micros,
      overdraftMicros: 0,
      overageMicros: micros,
      billableMicros: micros,
      billedMicros: micros,
    },
  });
}

/** A fact of every kind, one after the other. */
function tellAll(account: ToldAccount): readonly BillingFact[] {
  return [
    account.tell(charge("purchase:pack_1", [packs(2)], IN_NOVEMBER)),
    account.tell(upgrade(1)),
    account.tell(upgrade(3)),
    account.tell({ kind: "charge_final", source: DAY }),
    account.tell(cancellation("purchase:pack_1", [packs(1)], "cancel:1", IN_NOVEMBER.period)),
    account.tell({ kind: "period_closed", closed: { ...NOVEMBER, packsAmountMinor: 4000 } }),
    account.tell(charge("renewal:1", [packs(4)], { cause: "renewal" })),
    corrected(account, "cor_1", 10, 220),
    corrected(account, "cor_2", 20, 200),
    account.tell(charge("purchase:pack_9", [packs(1)])),
    corrected(account, "cor_3", 30, 170),
    account.tell({ kind: "account_closed" }),
  ];
}

const ALL_TOTALS = [
  ["packs", "open", 2000],
  ["packs", "open", 3000],
  ["credit_note", "open", -1000],
  ["overage", "open", 230],
  ["packs", "open", 4000],
  ["packs", "open", 970],
  ["credit_note", "open", -30],
];

describe("facts of every kind", () => {
  test("become documents, in order, with numbers that count up", async () => {
    const account = await openTold();
    tellAll(account);
    await account.settle();
    expect(await account.totals()).toEqual(ALL_TOTALS);
    const documents = await account.documents();
    expect(documents.map(({ number, ordinal }) => [number, ordinal])).toEqual(
      documents.map((_, index) => [index + 1, index + 1]),
    );
    const note = JSON.parse(documents[2]?.document ?? "{}");
    expect(note.credited).toEqual({ invoiceId: documents[0]?.id, numberPrefix: "ACME", number: 1 });
    expect(account.notices.map(({ notice }) => "number" in notice && notice.number)).toEqual(
      documents.map((_, index) => `ACME-000${index + 1}`),
    );
    expect(account.untold).toBe(0);
  });

  test("change nothing when they are told again, whole or in part", async () => {
    const account = await openTold();
    const facts = tellAll(account);
    await account.settle();
    const kept = await account.kept();
    for (const again of [facts, facts.slice(3), facts.slice(0, 5), facts.slice(6, 7)]) {
      account.tellAgain(again);
      await account.settle();
      expect(await account.kept()).toEqual(kept);
      expect(account.untold).toBe(0);
    }
    const ids = new Set(account.notices.map(({ notificationId }) => notificationId));
    expect(ids.size).toBe(ALL_TOTALS.length);
  });

  test("one by one make what they make together", async () => {
    const together = await openTold();
    tellAll(together);
    await together.settle();
    const single = await openTold();
    const facts = tellAll(single);
    await single.stub.acknowledge({ facts: facts.map(({ number }) => number) });
    for (const fact of facts) {
      single.tellAgain([fact]);
      await single.settle();
    }
    expect(await single.kept()).toEqual(await together.kept());
  });

  test("survive a crash before and after every step", PATIENT, async () => {
    const undisturbed = await openTold();
    tellAll(undisturbed);
    await undisturbed.settle();
    const kept = await undisturbed.kept();
    let crashes = 0;
    for (const when of ["before", "after"] as const) {
      for (let step = 1; ; step += 1) {
        const account = await openTold();
        tellAll(account);
        const failing = failingAt(account.env, step, when);
        const failed = await account.settle(failing.env).then(
          () => false,
          () => true,
        );
        if (!failed) break;
        crashes += 1;
        await account.settle();
        expect(await account.kept(), `${when} step ${step}`).toEqual(kept);
        expect(account.untold).toBe(0);
        const told = new Map(account.notices.map(({ notificationId, notice }) => [notificationId, notice]));
        expect(told.size, `${when} step ${step}`).toBe(ALL_TOTALS.length);
      }
    }
    // due, read, store, tell, acknowledge
    expect(crashes).toBe(10);
  });

  test("more than a batch of them are settled in one go, and the account stays due while some are left", async () => {
    const account = await openTold();
    for (let pack = 1; pack <= 120; pack += 1) {
      account.tell(charge(`purchase:pack_${pack}`, [packs(1)], IN_NOVEMBER));
    }
    const failing = failingAt(account.env, 10, "before");
    await expect(account.settle(failing.env)).rejects.toThrow();
    const stored = (await account.documents()).length;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(120);
    expect(await periodEndOf(account)).toBeLessThan(END_MS);
    await account.settle();
    expect((await account.documents()).map(({ number }) => number)).toEqual(
      Array.from({ length: 120 }, (_, index) => index + 1),
    );
    expect(await periodEndOf(account)).toBe(END_MS);
  });
});

describe("runs at once", () => {
  test("double nothing, leave no gap and take no credit twice", PATIENT, async () => {
    for (let round = 0; round < 5; round += 1) {
      const account = await openTold();
      tellAll(account);
      await Promise.all(Array.from({ length: 8 }, () => account.settle()));
      expect(await account.totals()).toEqual(ALL_TOTALS);
      expect((await account.documents()).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const ids = new Set(account.notices.map(({ notificationId }) => notificationId));
      expect(ids.size).toBe(ALL_TOTALS.length);
    }
  });

  test("begin anew where another one was faster, and acknowledge nothing that is not stored", async () => {
    const account = await openTold();
    const first = account.tell(charge("purchase:pack_1", [packs(1)], IN_NOVEMBER));
    account.tell(charge("purchase:pack_2", [packs(1)], IN_NOVEMBER));
    const { env: base } = account;
    const early = { ...account.stub, due: async () => ({ ...(await account.stub.due()), facts: [first] }) };
    const earlier = { ...base, ACCOUNT: { getByName: () => early } as unknown as Env["ACCOUNT"] };
    let batches = 0;
    const batch = async (statements: D1PreparedStatement[]) => {
      batches += 1;
      // Between the read and the store of the slow run.
      if (batches === 2) await account.settle(earlier);
      return base.DB.batch(statements);
    };
    const DB = { prepare: (sql: string) => base.DB.prepare(sql), batch } as unknown as D1Database;
    await account.settle({ ...base, DB });
    expect(batches).toBe(4);
    expect(await account.totals()).toEqual([
      ["packs", "open", 1000],
      ["packs", "open", 1000],
    ]);
    expect(account.untold).toBe(0);
  });

  test.for([1, 2, 3, 4])(
    "and facts that come meanwhile make gapless series (seed %i)",
    PATIENT,
    async (seed) => {
      const random = randomOf(seed);
      const accounts = await Promise.all(Array.from({ length: 4 }, () => openTold()));
      let purchases = 0;
      const step = async () => {
        const account = accounts[Math.floor(random() * accounts.length)];
        if (account === undefined) return;
        purchases += 1;
        account.tell(
          charge(`purchase:pack_${purchases}`, [packs(1 + Math.floor(random() * 3))], IN_NOVEMBER),
        );
        if (random() < 0.3)
          account.tell(
            cancellation(`purchase:pack_${purchases}`, [packs(1)], `cancel:${purchases}`, IN_NOVEMBER.period),
          );
        const runs = Array.from({ length: 1 + Math.floor(random() * 3) }, () => account.settle());
        await Promise.all(runs);
      };
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          for (let count = 0; count < 6; count += 1) await step();
        }),
      );
      for (const account of accounts) {
        await account.settle();
        const documents = await account.documents();
        expect(documents.map(({ number }) => number)).toEqual(documents.map((_, index) => index + 1));
        const sources = documents.map(({ source }) => source);
        expect(new Set(sources).size).toBe(sources.length);
      }
      const bought = (await Promise.all(accounts.map((account) => account.documents()))).flat();
      expect(bought.filter(({ kind }) => kind === "packs")).toHaveLength(purchases);
    },
  );
});

describe("the operator's one series", () => {
  test("has no gap over all accounts of a mode, however many are settled at once", PATIENT, async () => {
    await env.DB.prepare("UPDATE operator SET catalog = json_set(catalog, '$.invoiceSeries', json(?))")
      .bind(JSON.stringify({ scope: "operator", prefix: "INV" }))
      .run();
    const accounts = await Promise.all(Array.from({ length: 6 }, () => openTold()));
    for (const account of accounts) tellAll(account);
    await Promise.all(accounts.flatMap((account) => [account.settle(), account.settle(), account.settle()]));
    const documents = (await Promise.all(accounts.map((account) => account.documents()))).flat();
    expect(new Set(documents.map(({ series }) => series))).toEqual(new Set(["operator:test"]));
    const numbers = documents.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 6 * ALL_TOTALS.length }, (_, index) => index + 1));
    for (const account of accounts) {
      expect((await account.documents()).map(({ ordinal }) => ordinal)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const ids = new Set(account.notices.map(({ notificationId }) => notificationId));
      expect(ids.size).toBe(ALL_TOTALS.length);
    }
    await publishOffer();
    // Back to their own series: it goes on where it was, the notices' ids with it.
    const [first] = accounts;
    first?.tell(charge("purchase:later", [packs(1)]));
    await first?.settle();
    expect((await first?.documents())?.at(-1)).toMatchObject({ ordinal: 8, number: 1, series: first?.key });
    expect(first?.notices.at(-1)?.notificationId).toBe(`${first?.key}/invoice/8`);
  });
});

describe("the invoice of a day's automatic packs", () => {
  test("grows under its number and is told when the day is over", async () => {
    const account = await openTold();
    account.tell(upgrade(1));
    await account.settle();
    const [first] = await account.documents();
    expect(first).toMatchObject({ number: 1, total: 1000, growsUntilMs: DAY_END });
    expect(account.notices).toEqual([]);
    // The cron run finds it when the day ends.
    expect(await periodEndOf(account)).toBe(DAY_END);

    account.tell(upgrade(3));
    await account.settle();
    expect(await account.documents()).toMatchObject([{ id: first?.id, number: 1, total: 3000 }]);
    expect(account.notices).toEqual([]);

    account.tell({ kind: "charge_final", source: DAY });
    await account.settle();
    expect(await account.documents()).toMatchObject([{ number: 1, total: 3000, growsUntilMs: null }]);
    expect(account.notices).toMatchObject([{ notice: { number: "ACME-0001", totalMinor: 3000 } }]);
    expect(await periodEndOf(account)).toBe(END_MS);
  });

  test("is final by the clock where nobody says so, and told once", async () => {
    const account = await openTold();
    account.tell(upgrade(2));
    await account.settle();
    await setClock(account, DAY_END);
    await account.settle();
    await account.settle();
    expect(await account.documents()).toMatchObject([{ total: 2000, growsUntilMs: null }]);
    expect(account.notices).toHaveLength(1);
  });

  test("takes packs that were added in time but told late", async () => {
    const account = await openTold();
    account.tell(upgrade(1));
    await account.settle();
    await setClock(account, DAY_END + DAY_MS);
    account.tell(upgrade(2));
    account.tell({ kind: "charge_final", source: DAY });
    await account.settle();
    expect(await account.totals()).toEqual([["packs", "open", 2000]]);
  });

  test("keeps its parties when the profile changes while it grows", async () => {
    const account = await openTold();
    account.tell(upgrade(1));
    await account.settle();
    const profile = { ...PROFILE, invoicePrefix: "NEW", tax: { name: "VAT", percent: "19" } };
    await env.DB.prepare("UPDATE accounts SET profile = ? WHERE account_key = ?")
      .bind(JSON.stringify(profile), account.key)
      .run();
    account.tell(upgrade(2));
    await account.settle();
    const [document] = await account.documents();
    expect(JSON.parse(document?.document ?? "{}")).toMatchObject({
      numberPrefix: "ACME",
      tax: null,
      totalMinor: 2000,
    });
  });
});

describe("credits for corrections", () => {
  test("are carried over several invoices, to the last minor unit", async () => {
    const account = await openTold();
    account.tell({ kind: "period_closed", closed: { ...NOVEMBER, billedMicros: 250_000_000_000 } });
    corrected(account, "cor_1", 2_500_00 / 100, 247_500);
    await account.settle();
    const cheap = packs(1, { price: { amountMinor: 999, currency: "USD" } });
    const expected = [0, 0, 497];
    for (const [index, total] of expected.entries()) {
      account.tell(charge(`purchase:${index}`, [cheap]));
      await account.settle();
      expect((await account.documents()).at(-1)).toMatchObject({
        total,
        status: total === 0 ? "paid" : "open",
      });
    }
    const { results } = await env.DB.prepare("SELECT open_minor FROM adjustments WHERE account_key = ?")
      .bind(account.key)
      .all();
    expect(results).toEqual([{ open_minor: 0 }]);
  });
});
