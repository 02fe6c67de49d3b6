/** Versions of the rate sheet over time: notice, withdrawal, and what accounts make of them (rules, 8.1-8.6). */
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Answer, badFields, call, keyWith, type ProblemBody } from "./api.ts";
import {
  DAY_MS,
  inDays,
  openAccount,
  PUBLIC_FEATURES,
  publish,
  type RateSheetBody,
  resetRateSheets,
} from "./rate-fixtures.ts";

let live = "";
let key = "";

beforeAll(async () => {
  [live, key] = await Promise.all([keyWith("live"), keyWith("test")]);
});

beforeEach(async () => {
  await resetRateSheets(live);
});

/** The first version's features with another price for an answer. */
function answersAt(credits: number) {
  const [assistant, ...others] = PUBLIC_FEATURES;
  const actions = [{ action: "answer", credits }, ...assistant.actions.slice(1)];
  return [{ ...assistant, actions }, ...others];
}

function withdraw(version: number, query = ""): Promise<Answer<RateSheetBody & ProblemBody>> {
  return call(live, "DELETE", `/v1/rate-sheets/${version}${query}`);
}

async function versions(): Promise<readonly (readonly [number, boolean])[]> {
  const { body } = await call<{ data: readonly RateSheetBody[] }>(live, "GET", "/v1/rate-sheets");
  return body.data.map(({ version, withdrawnAt }) => [version, withdrawnAt !== null]);
}

async function consume(account: string, id: string): Promise<Answer<{ credits: number }>> {
  return call(key, "POST", "/v1/consume", {
    account,
    id,
    feature: "assistant",
    action: "answer",
    quantity: 1,
  });
}

describe("notice of a price that rises", () => {
  test("is at least 30 days; else the problem names what rises, and the ways out, and nothing is published", async () => {
    const [assistant, research] = PUBLIC_FEATURES;
    const features = [
      {
        ...assistant,
        actions: [
          { action: "answer", credits: 2 },
          { action: "tokens", credits: 1, per: 1000, blocks: true },
        ],
      },
      { ...research, beta: false },
    ];
    for (const effectiveAt of [undefined, inDays(1), inDays(29.9)]) {
      const refused = await publish(live, { features, effectiveAt });
      expect(refused).toMatchObject({ status: 422, body: { code: "notice_too_short" } });
      expect(badFields(refused)).toEqual(["effectiveAt"]);
      expect(refused.body.detail).toContain(
        "raises assistant/answer, assistant/tokens and prices research/report",
      );
      expect(refused.body.detail).toContain("shortNotice: true");
      const [earliest = ""] = /20\d\d-[\d-]+T[\d:.]+Z/.exec(refused.body.detail) ?? [];
      expect(Date.parse(earliest) - Date.now()).toBeGreaterThan(29.99 * DAY_MS);
    }
    expect(await versions()).toEqual([[1, false]]);
    expect(await publish(live, { features, effectiveAt: inDays(30.01) })).toMatchObject({
      status: 201,
      body: { version: 2, shortNotice: false, withdrawnAt: null },
    });
  });

  test("may be shorter where that is asked for, and the version says so", async () => {
    const answer = await publish(live, { features: answersAt(2), shortNotice: true });
    expect(answer).toMatchObject({ status: 201, body: { version: 2, shortNotice: true } });
    // Asked for, but not needed.
    expect(
      await publish(live, { features: answersAt(3), effectiveAt: inDays(40), shortNotice: true }),
    ).toMatchObject({
      body: { version: 3, shortNotice: false },
    });
  });

  test("is not needed for what falls, is new, or goes", async () => {
    const fresh = { feature: "fresh", actions: [{ action: "go", credits: 1000 }] };
    expect(await publish(live, { features: [...answersAt(0.5), fresh] })).toMatchObject({ status: 201 });
    expect(await publish(live, { features: [fresh] })).toMatchObject({ status: 201 });
  });

  test("counts against the version in force just before, not against the one in force today", async () => {
    expect(await publish(live, { features: answersAt(5), effectiveAt: inDays(31) })).toMatchObject({
      status: 201,
    });
    expect(await publish(live, { features: answersAt(5), effectiveAt: inDays(32) })).toMatchObject({
      status: 201,
    });
    expect(await publish(live, { features: answersAt(4), effectiveAt: inDays(20) })).toMatchObject({
      status: 422,
      body: { code: "notice_too_short" },
    });
  });

  test("a lower price put before a version makes that one rise: it needs the notice, too", async () => {
    await publish(live, { features: answersAt(1), effectiveAt: inDays(10) });
    const refused = await publish(live, { features: answersAt(0.5), effectiveAt: inDays(5) });
    expect(refused).toMatchObject({ status: 422, body: { code: "notice_too_short" } });
    expect(refused.body.detail).toMatch(
      /version 2, which takes effect at .* raises assistant\/answer.*withdraw version 2/,
    );
    expect(await withdraw(2)).toMatchObject({ status: 200 });
    expect(await publish(live, { features: answersAt(0.5), effectiveAt: inDays(5) })).toMatchObject({
      status: 201,
      body: { version: 3 },
    });
  });

  test("publications at the same moment judge each other: one rise after the other", async () => {
    const answers = await Promise.all(
      [0.5, 1, 0.5, 1, 0.5, 1].map((credits) => publish(live, { features: answersAt(credits) })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThan(0);
    expect(statuses.every((status) => status === 201 || status === 422)).toBe(true);
    // As they take effect, no price rises: each was compared with the one before it.
    const { body } = await call<{ data: readonly RateSheetBody[] }>(live, "GET", "/v1/rate-sheets");
    const inOrder = body.data.toSorted(
      (a, b) => Date.parse(a.effectiveAt) - Date.parse(b.effectiveAt) || a.version - b.version,
    );
    const prices = await Promise.all(
      inOrder.map(async ({ version, effectiveAt }) => {
        const sheet = await call<RateSheetBody>(live, "GET", `/v1/rate-sheets/${version}`);
        return { effectiveAt, credits: sheet.body.features[0]?.actions[0]?.credits ?? Number.NaN };
      }),
    );
    const last = new Map(prices.map(({ effectiveAt, credits }) => [effectiveAt, credits]));
    const inForce = [...last.values()];
    expect(inForce).toEqual(inForce.toSorted((a, b) => b - a));
  });
});

describe("withdrawal", () => {
  test("before it takes effect: it stays readable, and accounts drop it from their prices", async () => {
    const account = await openAccount(key, { now: inDays(0) });
    await publish(live, { features: answersAt(2), effectiveAt: inDays(40) });
    await account.advance(inDays(41));
    expect(await consume(account.id, "before")).toMatchObject({ body: { allowed: true, credits: 2 } });

    const withdrawn = await withdraw(2);
    expect(withdrawn).toMatchObject({ status: 200, body: { version: 2, withdrawnAt: expect.any(String) } });
    expect(await consume(account.id, "after")).toMatchObject({ body: { allowed: true, credits: 1 } });
    expect(await call(live, "GET", "/v1/rate-sheets/2")).toMatchObject({
      status: 200,
      body: { ...withdrawn.body, features: [{ feature: "assistant" }, { feature: "research" }] },
    });
    expect(await versions()).toEqual([
      [2, true],
      [1, false],
    ]);
    expect(await publish(live, { features: answersAt(1) })).toMatchObject({ body: { version: 3 } });
  });

  test("a version in force or never published cannot be withdrawn; a second withdrawal changes nothing", async () => {
    expect(await withdraw(1)).toMatchObject({ status: 409, body: { code: "rate_sheet_in_force" } });
    expect(await withdraw(9)).toMatchObject({ status: 404, body: { code: "rate_sheet_not_found" } });
    await publish(live, { features: answersAt(1), effectiveAt: inDays(1) });
    const all = await Promise.all(Array.from({ length: 5 }, () => withdraw(2)));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(all.map(({ body }) => body.withdrawnAt)).size).toBe(1);
    expect(
      await call(await keyWith("live", ["read", "consume"]), "DELETE", "/v1/rate-sheets/2"),
    ).toMatchObject({
      status: 403,
    });
  });

  test("of the version between two prices makes the later one rise: it needs the notice", async () => {
    await publish(live, { features: answersAt(2), effectiveAt: inDays(31) });
    await publish(live, { features: answersAt(2), effectiveAt: inDays(31.5) });
    expect(await withdraw(2)).toMatchObject({ status: 200 });
    await publish(live, { features: answersAt(3), effectiveAt: inDays(1), shortNotice: true });
    await publish(live, { features: answersAt(3), effectiveAt: inDays(2) });
    const refused = await withdraw(4);
    expect(refused).toMatchObject({ status: 422, body: { code: "notice_too_short" } });
    expect(refused.body.detail).toContain("?shortNotice=true");
    expect(await withdraw(4, "?shortNotice=true")).toMatchObject({ status: 200 });
  });

  test("at the same moment as publications leaves one order of versions", async () => {
    await publish(live, { features: answersAt(2), effectiveAt: inDays(31) });
    const [gone, next] = await Promise.all([
      withdraw(2),
      publish(live, { features: answersAt(2), effectiveAt: inDays(32) }),
    ]);
    expect([gone.status, next.status]).toEqual([200, 201]);
    const { results } = await env.DB.prepare("SELECT notice FROM rate_notices ORDER BY notice").all<{
      notice: string;
    }>();
    // Whoever came second saw the other: somebody told that the price rises with version 3.
    expect(results.filter(({ notice }) => notice.startsWith("rate_change/3"))).toHaveLength(1);
  });

  test("the version in force is never a withdrawn one, whose time has come", async () => {
    await publish(live, { features: answersAt(1), effectiveAt: inDays(1) });
    await withdraw(2);
    await env.DB.prepare(
      "UPDATE rate_sheets SET effective_at_ms = ?1, withdrawn_at_ms = ?1 - 1 WHERE version = 2",
    )
      .bind(Date.now() - 1000)
      .run();
    expect(await call(live, "GET", "/v1/rate-sheets/current")).toMatchObject({ body: { version: 1 } });
  });
});

describe("an account's price list", () => {
  test("shows beta marks and the changes ahead in order, without what was withdrawn", async () => {
    const account = await openAccount(key);
    const [, research] = PUBLIC_FEATURES;
    await publish(live, { features: answersAt(3), effectiveAt: inDays(50) });
    await publish(live, { features: answersAt(2), effectiveAt: inDays(40) });
    await publish(live, { features: answersAt(9), effectiveAt: inDays(45) });
    await publish(live, {
      features: [...answersAt(3).slice(0, 1), { ...research, beta: false }],
      effectiveAt: inDays(60),
    });
    await withdraw(4);
    const list = await call(key, "GET", `/v1/accounts/${account.id}/rates`);
    expect(list.body).toMatchObject({
      version: 1,
      features: [
        {
          feature: "assistant",
          beta: false,
          actions: [{ action: "answer", credits: 1, own: false }, { action: "tokens" }],
        },
        { feature: "research", beta: true },
      ],
      changes: [
        {
          version: 3,
          changes: [
            {
              kind: "price_changed",
              action: "answer",
              from: { credits: 1 },
              to: { credits: 2 },
              raised: true,
            },
          ],
        },
        { version: 2, changes: [{ kind: "price_changed", from: { credits: 2 }, to: { credits: 3 } }] },
        {
          version: 5,
          changes: [
            { kind: "beta_ended", feature: "research" },
            { kind: "price_changed", feature: "research", from: { credits: 0 }, to: { credits: 5 } },
          ],
        },
      ],
    });
  });
});
