/** Usage by feature, day, user and so on, as a caller asks for it (rules, section 10.2). */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import type { usageReportSchema } from "../../shared/api/usage-report.ts";
import { badFields, keyWith } from "./api.ts";
import { advance, END_MS, openBilledAccount, openExample2, START_MS, use } from "./billing-fixtures.ts";
import { answers, CREDIT, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";
import { ask, book, segmentsOf, ship, storeOnly, tokens, viewOf } from "./report-fixtures.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

type Report = z.infer<typeof usageReportSchema>;

let key: string;

beforeAll(async () => {
  await publishOffer();
  key = await keyWith("test", ["read"]);
});

async function usage(account: TestAccount, query = ""): Promise<Report> {
  const { status, body } = await ask<Report>(key, account, `usage${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

describe("usage", () => {
  const events = [
    tokens("e1", 1_000, { user: "u1", workflow: "triage" }),
    answers("e2", 2, { user: "u2" }),
    answers("e3", 4),
  ];

  test("is complete at once, and the same at every stage of the way to D1", async () => {
    const account = await openBilledAccount();
    await book(account, events);
    const atOnce = await usage(account, "?groupBy=action");
    expect(atOnce.total).toEqual({
      events: 3,
      uses: 4,
      quantity: null,
      credits: 8,
      money: { amountMinor: 0, currency: "USD" },
      previousCredits: 0,
      changeCredits: 8,
      changePercent: null,
    });
    expect(
      atOnce.groups.map(({ action, events: count, uses, quantity, credits }) => [
        action,
        count,
        uses,
        quantity,
        credits,
      ]),
    ).toEqual([
      ["answer", 2, 3, 7, 7],
      ["tokens", 1, 1, 1_000, 1],
    ]);
    const { tail } = await viewOf(account);
    await storeOnly(segmentsOf(account.key, tail, 2).slice(1));
    expect(await usage(account, "?groupBy=action")).toEqual(atOnce);
    await storeOnly(segmentsOf(account.key, tail, 2));
    expect(await usage(account, "?groupBy=action")).toEqual(atOnce);
  });

  test("is the same once the whole way over the queue is done, and grows with what is booked after", async () => {
    const account = await openBilledAccount();
    await book(account, events);
    const atOnce = await usage(account, "?groupBy=user,day");
    await ship(account);
    expect((await viewOf(account)).tail).toEqual([]);
    expect(await usage(account, "?groupBy=user,day")).toEqual(atOnce);
    await book(account, [answers("e4", 10)]);
    expect((await usage(account)).total.credits).toBe(18);
  });

  test("by user and by workflow adds up to the total", async () => {
    const account = await openBilledAccount();
    await book(account, events.slice(0, 2));
    await ship(account);
    await book(account, events.slice(2));
    const byUser = await usage(account, "?groupBy=user");
    expect(byUser.groups.map(({ user, events: count, credits }) => [user, count, credits])).toEqual([
      [null, 1, 4],
      ["u1", 1, 2],
      ["u2", 1, 2],
    ]);
    const byWorkflow = await usage(account, "?groupBy=workflow,day");
    expect(byWorkflow.groups.map(({ day, workflow, credits }) => [day, workflow, credits])).toEqual([
      ["2026-11-14", null, 6],
      ["2026-11-14", "triage", 2],
    ]);
  });

  test("by category and day takes the category from the rate sheet", async () => {
    const account = await openBilledAccount();
    await book(account, events);
    await advance(account, START_MS + DAY_MS);
    await book(account, [answers("e4", 1)]);
    const { groups } = await usage(account, "?groupBy=category,day");
    expect(groups.map(({ day, category, credits }) => [day, category, credits])).toEqual([
      ["2026-11-14", "customer support", 8],
      ["2026-11-15", "customer support", 1],
    ]);
  });

  test("of a period is exactly its used, whatever day its events occurred on", async () => {
    const account = await openBilledAccount({ timeZone: "America/New_York" });
    await advance(account, START_MS + 10 * DAY_MS);
    const late = START_MS - 20 * DAY_MS;
    await book(account, [answers("now", 1.000001)]);
    await book(account, [answers("late", 2.5, { occurredAtMs: late })], "record");
    for (const stage of ["in the tail", "in D1"]) {
      const current = await usage(account, "?groupBy=day");
      const { balance } = await viewOf(account);
      expect(current.total.credits, stage).toBe(balance.usedMicros / CREDIT);
      expect(current.period).toBe("2026-11-14");
      expect(current.groups.map(({ day, credits }) => [day, credits])).toEqual([
        ["2026-10-24", 2.5],
        ["2026-11-23", 1.000001],
      ]);
      const byDays = await usage(account, "?from=2026-11-14&to=2026-11-23");
      expect(byDays.total.credits).toBe(1.000001);
      expect((await usage(account, "?from=2026-10-24&to=2026-10-24")).total.credits).toBe(2.5);
      await ship(account);
    }
  });

  test("of the previous period is what it was closed with, in credits and in money", async () => {
    const account = await openExample2();
    await use(account, 6_000);
    await ship(account);
    await use(account, 237.5);
    await advance(account, END_MS);
    await use(account, 5);
    // Nobody has billed it yet: whoever reads first sees it closed.
    const previous = await usage(account, "?period=previous");
    expect(previous).toMatchObject({ from: "2026-11-14", to: "2026-12-13", period: "2026-11-14" });
    expect(previous.total).toMatchObject({
      credits: 6_237.5,
      money: { amountMinor: 1_230, currency: "USD" },
    });
    expect(await usage(account, "?period=2026-11-14")).toEqual(previous);
    const current = await usage(account);
    expect(current.total).toMatchObject({ credits: 5, money: { amountMinor: 1_000 } });
    expect(current).toMatchObject({
      before: { from: "2026-11-14", to: "2026-12-13", period: "2026-11-14" },
      total: { previousCredits: 6_237.5, changeCredits: -6_232.5, changePercent: "-99.9" },
    });
    const both = await usage(account, "?period=last_90_days");
    expect(both.total).toMatchObject({ credits: 6_242.5, money: { amountMinor: 2_230 } });
    await ship(account);
    expect((await usage(account, "?period=previous")).total.credits).toBe(6_237.5);
  });

  test("of the previous period is found by its end, also where the anchor has changed since", async () => {
    const account = await openBilledAccount();
    await account.api.execute({ kind: "change_terms", change: { anchorDate: "2026-01-20" } }, null, {
      offerRevision: 1,
    });
    await advance(account, END_MS);
    await book(account, [answers("short", 3)]);
    await advance(account, Date.parse("2026-12-20T00:00:00Z"));
    await book(account, [answers("new", 4)]);
    const previous = await usage(account, "?period=previous");
    expect(previous).toMatchObject({ from: "2026-12-14", to: "2026-12-19", period: "2026-12-14" });
    expect(previous.total.credits).toBe(3);
    await ship(account);
    expect((await usage(account, "?period=previous")).total.credits).toBe(3);
  });

  test("by category puts a feature that is no longer on the rate sheet under none", async () => {
    const account = await openBilledAccount();
    await book(account, [answers("e1", 2)]);
    const effectiveAtMs = Date.parse("2026-11-20T00:00:00Z");
    const features = JSON.stringify([
      { feature: "research", name: "", category: "sales", description: "", beta: false, actions: [] },
    ]);
    await env.DB.prepare(
      "INSERT INTO rate_sheets (version, effective_at_ms, published_at_ms, features) VALUES (7, ?, 0, ?)",
    )
      .bind(effectiveAtMs, features)
      .run();
    const categories = async () =>
      (await usage(account, "?groupBy=category")).groups.map(({ category }) => category);
    expect(await categories()).toEqual(["customer support"]);
    await advance(account, effectiveAtMs);
    expect(await categories()).toEqual([null]);
    await env.DB.prepare("DELETE FROM rate_sheets WHERE version = 7").run();
  });

  test("adds up quantities that no database integer holds together", async () => {
    const account = await openBilledAccount();
    const insert = env.DB.prepare(
      `INSERT INTO rollups (account_key, dimension, day, feature, key, period, events, uses, quantity_micros, credits_micros)
       VALUES (?, 'action', ?, 'assistant', 'tokens', '2026-11-14', 1, 1, 9000000000000000001, 1)`,
    );
    await env.DB.batch(["2026-11-14", "2026-11-15"].map((day) => insert.bind(account.key, day)));
    await book(account, [{ ...answers("e1"), items: [{ action: "tokens", quantityMicros: CREDIT }] }]);
    const { groups } = await usage(account, "?groupBy=action");
    expect(groups).toMatchObject([{ quantity: 18_000_000_000_001, credits: 0.001002 }]);
  });

  test("lists what was denied", async () => {
    const account = await openBilledAccount({ includedCredits: 1 });
    for (const id of ["d1", "d2"]) {
      await account.api.use([{ mode: "consume", event: answers(id, 5) }], { offerRevision: 1 });
    }
    await account.api.flush();
    await expect
      .poll(async () => (await usage(account, "?groupBy=feature,day")).denials, { timeout: 15_000 })
      .toEqual([
        {
          day: "2026-11-14",
          feature: "assistant",
          action: "answer",
          reason: "credits_exhausted",
          denials: 2,
        },
      ]);
    expect((await usage(account)).denials).toEqual([
      { feature: "assistant", action: "answer", reason: "credits_exhausted", denials: 2 },
    ]);
    expect((await usage(account, "?period=previous")).denials).toEqual([]);
  });

  test("says which field of the question is wrong", async () => {
    const account = await openTestAccount();
    for (const [query, field] of [
      ["?groupBy=user,feature", "groupBy"],
      ["?groupBy=team,action", "groupBy"],
      ["?user=u1&groupBy=feature", "user"],
      ["?user=u1&feature=assistant", "user"],
      ["?period=2026-10-14", "period"],
      ["?top=0", "top"],
      ["?from=2026-11-02&to=2026-11-01", "to"],
      ["?period=current&from=2026-11-02", "period"],
      ["?from=tomorrow", "from"],
    ] as const) {
      const answer = await ask(key, account, `usage${query}`);
      expect([answer.status, badFields(answer)], query).toEqual([422, [field]]);
    }
  });
});
