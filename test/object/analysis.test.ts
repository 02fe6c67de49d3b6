/** What the daily analysis tells (rules, 6.4): once each, to those who asked, the same day by day and in one step. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { NoticeMessage } from "../../shared/queues.ts";
import type { Env } from "../../workers/env.ts";
import { analyseAccount } from "../../workers/insights/analyse.ts";
import { DAY_MS, idsOf, recordingEnv, rowOf } from "./analysis-fixtures.ts";
import { CATALOG, call, FEATURES, keyWith, sell } from "./api.ts";
import { type Clocked, openClocked } from "./clocked.ts";
import { CONTEXT } from "./fixtures.ts";

const MIDNIGHT = "2026-11-14T00:00:00Z";

vi.setConfig({ testTimeout: 30_000 });

let key = "";

beforeAll(async () => {
  key = await keyWith("test");
  await sell("PUT", "/v1/catalog", CATALOG);
  await sell("POST", "/v1/rate-sheets", { effectiveAt: "2026-01-01T00:00:00Z", features: FEATURES });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const accountKeyOf = ({ account }: Clocked) => `test:${account}`;

interface Told {
  readonly at: string;
  readonly period: string;
  readonly data: { readonly kind: string } & Readonly<Record<string, unknown>>;
  readonly deliveries: readonly { readonly channel: string; readonly target: string }[];
}

const INSIGHT_KINDS = ["projected_exhaustion", "spike", "waste"];

/** Notices of the account by kind, oldest first. */
async function toldOf(account: Clocked, kinds: readonly string[] = INSIGHT_KINDS): Promise<readonly Told[]> {
  const { body } = await account.send<{ data: readonly Told[] }>("GET", "/notifications?limit=500");
  return body.data.filter(({ data }) => kinds.includes(data.kind)).toReversed();
}

/** As `toldOf`, once so many were fanned out. */
async function untilTold(account: Clocked, count: number, kinds?: readonly string[]) {
  await vi.waitFor(async () => expect(await toldOf(account, kinds)).toHaveLength(count), {
    timeout: 15_000,
    interval: 100,
  });
  return toldOf(account, kinds);
}

function at(day: number, hour = 0): string {
  return new Date(Date.parse(MIDNIGHT) + day * DAY_MS + hour * 3_600_000).toISOString();
}

/** Uses at noon of each of these days, counted from the first. */
async function useDaily(account: Clocked, credits: readonly number[]): Promise<void> {
  for (const [day, amount] of credits.entries()) {
    await account.advance(at(day, 12));
    if (amount > 0) await account.use(`day-${day}`, amount);
  }
}

/** What the analysis of all days so far sends, as if none had been analysed yet. */
async function analysedAnew(account: Clocked): Promise<readonly NoticeMessage[]> {
  const { env: bindings, sent } = recordingEnv();
  await env.DB.prepare("UPDATE analyses SET analysed_day = NULL, told_period = NULL WHERE account_key = ?")
    .bind(accountKeyOf(account))
    .run();
  await analyseAccount(bindings, accountKeyOf(account), CONTEXT);
  return sent;
}

describe("what the analysis tells", () => {
  test("credits that will run out: once per period, at the first midnight after 20 % of it", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    await useDaily(account, Array(6).fill(20));
    await account.advance(at(6, 23));
    expect(await analysedAnew(account)).toEqual([]);
    await account.advance(at(7));
    const [first] = await untilTold(account, 1);
    expect(first).toMatchObject({
      at: "2026-11-21T00:00:00Z",
      period: "2026-11-14",
      data: { kind: "projected_exhaustion", limit: 500, resetAt: "2026-12-14T00:00:00Z" },
    });
    expect(first?.data.projected).toBeGreaterThan(500);
    await account.use("more", 200);
    await account.advance(at(9));
    await account.advance(at(9));
    const spike = `${accountKeyOf(account)}/spike/2026-11-21/assistant`;
    // Whatever is sent again is the same notice.
    expect(idsOf(await analysedAnew(account))).toEqual([
      `${accountKeyOf(account)}/projected_exhaustion/2026-11-14`,
      spike,
    ]);
    await untilTold(account, 2);
    expect(await toldOf(account, ["projected_exhaustion"])).toEqual([first]);
  });

  test("a spike: above three times the mean of the days before, and above 5 % of the limit", async () => {
    const spikesOf = async (credits: readonly number[]) => {
      const account = await openClocked(key, {}, MIDNIGHT);
      await useDaily(account, credits);
      await account.advance(at(credits.length));
      return (await analysedAnew(account)).map(({ notice }) => notice);
    };
    expect(await spikesOf([9, 9, 9, 9, 27])).toEqual([]);
    expect(await spikesOf([1, 1, 1, 1, 25])).toEqual([]);
    expect(await spikesOf([9, 9, 9, 9, 28])).toEqual([
      {
        kind: "spike",
        feature: "assistant",
        day: "2026-11-18",
        creditsMicros: 28e6,
        meanMicros: 9e6,
        atMs: Date.parse("2026-11-19T00:00:00Z"),
        period: "2026-11-14",
        resetAtMs: Date.parse("2026-12-14T00:00:00Z"),
        ownerUser: null,
      },
    ]);
  });

  test("goes by e-mail to those who asked for it, and only where it is theirs to know", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    const user = (id: string, optIn: readonly string[], role = "super_admin") =>
      account.send("PUT", `/users/${id}`, {
        name: id,
        email: `${id}@acme.example`,
        roles: [role],
        notify: { optIn, email: true },
      });
    await user("asked", ["spike"]);
    await user("silent", ["projection", "waste"]);
    await user("owner", ["spike"], "feature_owner");
    await user("other", ["spike"], "member");
    await account.send("PUT", "/features/assistant", { owner: "owner" });
    await useDaily(account, [9, 9, 9, 9, 28]);
    await account.advance(at(5));
    await untilTold(account, 1, ["spike"]);
    await vi.waitFor(async () => {
      const [spike] = await toldOf(account, ["spike"]);
      const emails = spike?.deliveries.filter(({ channel }) => channel === "email");
      expect(emails?.map(({ target }) => target).toSorted()).toEqual(["asked", "owner"]);
    });
  });

  test("waste with the report of the period, which has what else was found", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    const twice = { feature: "assistant", action: "answer", quantity: 60, subject: "ticket/1" };
    for (const [index, day] of [0, 1, 2, 3].entries()) {
      await account.advance(at(day, 9 - index));
      const event = { account: account.account, id: `e${index}`, ...twice };
      const subject = index === 3 ? "ticket/2" : twice.subject;
      await call(key, "POST", "/v1/consume", { ...event, subject });
    }
    // In one step over the day of the projection and over the reset.
    await account.advance("2026-12-20T12:00:00Z");
    const [exhaustion, waste, ...others] = await untilTold(account, 2);
    expect(others).toEqual([]);
    expect(exhaustion).toMatchObject({ at: "2026-11-21T00:00:00Z", period: "2026-11-14" });
    // The three of one ticket are 23 hours apart: two of them are duplicates.
    expect(waste).toMatchObject({
      at: "2026-12-14T00:00:00Z",
      period: "2026-11-14",
      data: {
        kind: "waste",
        duplicates: 120,
        withoutOutcome: 0,
        unownedFeatures: ["assistant"],
        resetAt: "2027-01-14T00:00:00Z",
      },
    });
    const [report] = await untilTold(account, 1, ["usage_report"]);
    expect(report?.data.insights).toMatchObject({
      topFeatures: [{ feature: "assistant", credits: 240 }],
      spikes: [],
      waste: { duplicates: 120, withoutOutcome: 0, unownedFeatures: ["assistant"] },
      projection: { limit: 500, exhaustedOn: null },
    });
    expect(idsOf(await analysedAnew(account))).toEqual([
      `${accountKeyOf(account)}/projected_exhaustion/2026-11-14`,
      `${accountKeyOf(account)}/waste/2026-11-14`,
    ]);
    expect(await toldOf(account)).toEqual([exhaustion, waste]);
  });

  test("nothing of a suspended or a closed account", async () => {
    const [suspended, closed] = [await openClocked(key, {}, MIDNIGHT), await openClocked(key, {}, MIDNIGHT)];
    for (const account of [suspended, closed]) await useDaily(account, Array(6).fill(20));
    await suspended.send("POST", "/suspend", { reason: "unpaid" });
    await closed.send("POST", "/close", { reason: "left" });
    for (const account of [suspended, closed]) {
      await account.advance(at(9));
      expect(await analysedAnew(account)).toEqual([]);
    }
    expect(await rowOf(accountKeyOf(closed))).toMatchObject({ due_at_ms: null, analysed_day: null });
  });

  test("of many days at once with as many reads as of one, and one call to the account", async () => {
    const account = await openClocked(key, {}, MIDNIGHT);
    await useDaily(account, Array(6).fill(20));
    await account.advance(at(6, 1));
    const reads = async () => {
      const { env: bindings } = recordingEnv();
      const counted = { calls: 0, batches: 0, statements: 0 };
      const DB = {
        prepare: (sql: string) => {
          counted.statements += 1;
          return env.DB.prepare(sql);
        },
        batch: (statements: D1PreparedStatement[]) => {
          counted.batches += 1;
          return env.DB.batch(statements);
        },
      };
      const ACCOUNT = {
        getByName: (name: string) => {
          counted.calls += 1;
          return env.ACCOUNT.getByName(name);
        },
      };
      await env.DB.prepare("UPDATE analyses SET analysed_day = '2026-11-18' WHERE account_key = ?")
        .bind(accountKeyOf(account))
        .run();
      await analyseAccount({ ...bindings, DB, ACCOUNT } as unknown as Env, accountKeyOf(account), CONTEXT);
      return counted;
    };
    const ofOneDay = await reads();
    expect(ofOneDay).toMatchObject({ calls: 1, batches: 1 });
    await account.advance("2026-12-13T12:00:00Z");
    expect(await reads()).toEqual(ofOneDay);
  });
});
