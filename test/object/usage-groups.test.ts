/** Usage by team and outcome, of one user, compared, on top and in money, as a caller asks for it (rules, 10.2). */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import type { usageReportSchema } from "../../shared/api/usage-report.ts";
import { groupingOf } from "../../shared/reports/grouping.ts";
import { readSource } from "../../workers/reports/usage-source.ts";
import { keyWith } from "./api.ts";
import { advance, openBilledAccount, openExample2, START_MS, use } from "./billing-fixtures.ts";
import { answers, CONTEXT, CREDIT, publishOffer, type TestAccount } from "./fixtures.ts";
import { ask, book, ship, tokens, viewOf } from "./report-fixtures.ts";

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

  test("by team counts in each team that the user was in when it was booked, in the tail as in D1", async () => {
    const account = await openBilledAccount();
    const join = (user: string, ...teams: string[]) =>
      account.api.execute({ kind: "put_user", user, teams }, null, CONTEXT);
    await join("u1", "sales", "berlin");
    await join("u2", "sales");
    await book(account, [
      answers("e1", 3, { user: "u1" }),
      answers("e2", 4, { user: "u2" }),
      answers("e3", 5),
    ]);
    await join("u2", "berlin");
    for (const stage of ["in the tail", "in D1"]) {
      const { groups, total } = await usage(account, "?groupBy=team");
      expect(
        groups.map(({ team, credits, sharePercent }) => [team, credits, sharePercent]),
        stage,
      ).toEqual([
        ["sales", 7, "58.3"],
        ["berlin", 3, "25.0"],
      ]);
      expect(total.credits).toBe(12);
      const { groups: days, total: ofSales } = await usage(account, "?team=sales&groupBy=day");
      expect([days.map(({ day, credits }) => [day, credits]), ofSales.credits]).toEqual([
        [["2026-11-14", 7]],
        7,
      ]);
      await ship(account);
    }
  });

  test("takes off what was corrected, and stays the period's used", async () => {
    const account = await openBilledAccount();
    await book(account, [answers("e1", 6, { user: "u1" }), answers("e2", 1, { user: "u2" })]);
    await ship(account);
    const correction = { eventId: "e1", creditsMicros: 2_500_000, reason: "a mistake", entry: null };
    expect((await account.api.correct(correction, null, CONTEXT)).kind).toBe("corrected");
    for (const stage of ["in the tail", "in D1"]) {
      const { groups, total } = await usage(account, "?groupBy=user");
      expect(
        groups.map(({ user, events: count, credits }) => [user, count, credits]),
        stage,
      ).toEqual([
        ["u1", 1, 3.5],
        ["u2", 1, 1],
      ]);
      const { balance } = await viewOf(account);
      expect([total.events, total.credits * CREDIT]).toEqual([2, balance.usedMicros]);
      await ship(account);
    }
  });

  test("counts an outcome that came later with what its event cost", async () => {
    const account = await openBilledAccount();
    await book(account, [answers("e1", 6, { user: "u1" }), answers("e2", 1)]);
    await ship(account);
    await advance(account, START_MS + 3 * DAY_MS);
    const value = { amountMinor: 900, currency: "USD" };
    const attached = { eventId: "e1", outcome: { type: "ticket_resolved", value }, entry: null };
    expect((await account.api.attachOutcome(attached, CONTEXT)).kind).toBe("attached");
    for (const stage of ["in the tail", "in D1"]) {
      const { groups, total } = await usage(account, "?groupBy=outcome");
      expect(
        groups.map(({ outcome, events: count, credits, value: worth }) => [
          outcome,
          count,
          credits,
          worth?.amountMinor,
        ]),
        stage,
      ).toEqual([
        ["ticket_resolved", 1, 6, 900],
        [null, 1, 1, undefined],
      ]);
      expect([total.events, total.credits]).toEqual([2, 7]);
      const onItsDay = await usage(account, "?groupBy=outcome&from=2026-11-17&to=2026-11-17");
      expect(onItsDay.groups.map(({ outcome, credits }) => [outcome, credits])).toEqual([
        ["ticket_resolved", 6],
      ]);
      await ship(account);
    }
  });

  test("by outcome counts outcomes, their quantity and value, in the tail as in D1", async () => {
    const account = await openBilledAccount();
    const resolved = { type: "ticket_resolved", value: { amountMinor: 450, currency: "USD" } };
    const saved = { type: "time_saved", quantityMicros: 1_500_000, unit: "hours" };
    await book(account, [
      answers("e1", 3, { outcome: resolved }),
      answers("e2", 4, { outcome: resolved }),
      answers("e3", 2, { outcome: saved }),
      answers("e4", 1),
    ]);
    const inTail = await usage(account, "?groupBy=outcome");
    expect(
      inTail.groups.map(({ outcome, unit, events, quantity, credits, value }) => [
        outcome,
        unit,
        events,
        quantity,
        credits,
        value?.amountMinor,
      ]),
    ).toEqual([
      ["ticket_resolved", null, 2, null, 7, 900],
      ["time_saved", "hours", 1, 1.5, 2, 0],
      [null, null, 1, null, 1, undefined],
    ]);
    expect(inTail.total).toMatchObject({ credits: 10, value: { amountMinor: 900, currency: "USD" } });
    await ship(account);
    expect(await usage(account, "?groupBy=outcome")).toEqual(inTail);
  });

  test("of one feature or user is about it alone, wherever its entries are", async () => {
    const account = await openBilledAccount();
    await book(account, events.slice(0, 2));
    await ship(account);
    await book(account, [...events.slice(2), answers("e4", 8, { user: "u2" })]);
    const ofUser = await usage(account, "?user=u2");
    expect(ofUser.groupBy).toEqual(["user"]);
    expect(ofUser.groups).toMatchObject([{ user: "u2", events: 2, credits: 10, sharePercent: "100.0" }]);
    expect([ofUser.total.credits, ofUser.denials]).toEqual([10, null]);
    expect((await usage(account, "?feature=assistant&groupBy=action")).total.credits).toBe(16);
    expect((await usage(account, "?feature=research")).groups).toEqual([]);
  });

  test("is compared with as many days before, group by group", async () => {
    const account = await openBilledAccount();
    await book(account, [answers("e1", 8, { user: "u1" }), answers("e2", 2, { user: "u2" })]);
    await ship(account);
    await advance(account, START_MS + 2 * DAY_MS);
    await book(account, [answers("e3", 10, { user: "u1" }), answers("e4", 5, { user: "u3" })]);
    const report = await usage(account, "?from=2026-11-15&to=2026-11-16&groupBy=user");
    expect(report.before).toEqual({ from: "2026-11-13", to: "2026-11-14", period: null });
    const compared = report.groups.map(
      ({ user, credits, sharePercent, previousCredits, changeCredits, changePercent }) => [
        user,
        credits,
        sharePercent,
        previousCredits,
        changeCredits,
        changePercent,
      ],
    );
    expect(compared).toEqual([
      ["u1", 10, "66.7", 8, 2, "25.0"],
      ["u3", 5, "33.3", 0, 5, null],
      ["u2", 0, "0.0", 2, -2, "-100.0"],
    ]);
    expect(report.total).toMatchObject({ previousCredits: 10, changeCredits: 5, changePercent: "50.0" });
  });

  test("shows the top consumers, and all others as one row", async () => {
    const account = await openBilledAccount();
    await book(
      account,
      [7, 9, 1, 3].map((credits, index) => answers(`e${index}`, credits, { user: `u${index}` })),
    );
    const { groups, rest, total } = await usage(account, "?groupBy=user&top=2");
    expect(groups.map(({ user, credits }) => [user, credits])).toEqual([
      ["u1", 9],
      ["u0", 7],
    ]);
    expect(rest).toMatchObject([{ groups: 2, events: 2, credits: 4, sharePercent: "20.0" }]);
    expect(total.credits).toBe(20);
  });

  test.each(["feature", "category", "action", "user", "workflow", "outcome", "day", "user,day"])(
    "in money by %s is what the period cost, to the cent",
    async (groupBy) => {
      const account = await openExample2();
      await use(account, 5_999.999999);
      await book(account, [
        tokens("m1", 333, { user: "u1", workflow: "triage" }),
        tokens("m2", 777, { user: "u2", outcome: { type: "ticket_resolved" } }),
        answers("m3", 41.7, { user: "u3", workflow: "triage" }),
      ]);
      await ship(account);
      await book(account, [answers("m4", 1.000001, { user: "u1" })]);
      const { groups, total } = await usage(account, `?groupBy=${groupBy}`);
      const { balance } = await viewOf(account);
      const spentMinor = balance.packsAmount.amountMinor + (balance.accruedOverage?.amountMinor ?? 0);
      expect(spentMinor).toBe(1_040);
      expect(groups.reduce((sum, { money }) => sum + (money?.amountMinor ?? Number.NaN), 0)).toBe(spentMinor);
      expect(total.money?.amountMinor).toBe(spentMinor);
    },
  );

  test("asks the account again where D1 has learned of later entries meanwhile", async () => {
    const account = await openBilledAccount();
    await book(account, [answers("e1", 3)]);
    const stale = await viewOf(account);
    await book(account, [answers("e2", 4)]);
    await ship(account);
    const grouping = groupingOf(["feature"], {});
    if (grouping.kind === "refused") throw new Error(grouping.message);
    const source = await readSource(env.DB, stale, {
      accountKey: account.key,
      asked: { kind: "preset", preset: "current" },
      grouping,
      view: () => viewOf(account),
      closed: [],
    });
    const creditsMicros = source?.current.actions.reduce((sum, rollup) => sum + rollup.creditsMicros, 0n);
    expect([source?.view.balance.usedMicros, creditsMicros]).toEqual([7 * CREDIT, 7n * BigInt(CREDIT)]);
  });
});
