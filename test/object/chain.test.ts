/**
 * The whole way at once under failures: uses, holds, corrections, packs, resets, billing and notices of one account,
 * while queues, D1 and calls fail before or after they did their work, messages repeat and overtake, answers get lost,
 * and the process dies.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import type { Account } from "../../workers/account/account.ts";
import { settleAccount } from "../../workers/billing/settle.ts";
import { END_MS, insertAccountRow, START_MS } from "./billing-fixtures.ts";
import { Callers } from "./chain-callers.ts";
import { prove } from "./chain-proof.ts";
import { World } from "./chain-world.ts";
import { CONTEXT, openTestAccount, publishOffer } from "./fixtures.ts";
import { randomOf } from "./random.ts";

const DAY_MS = 86_400_000;
const STEPS = 220;
const SEEDS = 12;
/** Some seconds on a machine that does nothing else. */
const TIMEOUT_MS = 60_000;

beforeAll(async () => {
  await publishOffer();
  // The failures are the point; their warnings are not.
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

type Step = readonly [weight: number, step: () => Promise<unknown>];

function picked([[weight, step], ...others]: readonly [Step, ...Step[]], dice: number): Step[1] {
  const [next, ...rest] = others;
  return dice < weight || next === undefined ? step : picked([next, ...rest], dice - weight);
}

/** Callers, time and the machinery between account, D1 and admins, in any order. */
async function live(world: World, callers: Callers, accountKey: string): Promise<void> {
  const steps: readonly [Step, ...Step[]] = [
    [24, () => callers.use()],
    [4, () => callers.replay()],
    [5, () => callers.hold()],
    [5, () => callers.capture()],
    [2, () => callers.release()],
    [8, () => callers.correct()],
    [2, () => callers.attachOutcome()],
    [1, () => callers.buyPack()],
    [1, () => callers.cancelPack()],
    [1, () => callers.grant()],
    [0.5, () => callers.convert()],
    [7, () => callers.change()],
    [7, () => callers.passTime()],
    [12, () => settleAccount(world.env, accountKey, CONTEXT).catch(() => {})],
    [7, () => world.account.flush()],
    [4, () => world.account.alarm()],
    [4, () => world.restart()],
    [10, () => world.deliverUsage()],
    [10, () => world.deliverNotice()],
  ];
  const weights = steps.reduce((sum, [weight]) => sum + weight, 0);
  for (let taken = 0; taken < STEPS; taken += 1) {
    await picked(steps, world.random() * weights)();
  }
}

/** Nothing fails any more: two periods later all has arrived. */
async function settleDown(world: World, accountKey: string, nowMs: number): Promise<void> {
  world.reliable = true;
  const before = await world.account.view(CONTEXT);
  if (before.kind !== "view") throw new Error(before.kind);
  await world.restart();
  // What a start rebuilds from checkpoint and journal is what memory had, besides acknowledgements.
  const { balance, budgetUsage, directory, lastSeq } = before;
  expect(await world.account.view(CONTEXT)).toMatchObject({ balance, budgetUsage, directory, lastSeq });
  await world.account.advanceClock(nowMs + 70 * DAY_MS, CONTEXT);
  // What billing tells while it settles is delivered in the second round; the last shipment forgets what arrived.
  for (let round = 0; round < 2; round += 1) {
    await settleAccount(world.env, accountKey, CONTEXT);
    await world.account.flush();
    await world.deliverAll();
  }
  await world.account.flush();
}

const lives: Callers[] = [];

test.for(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  "all that callers were told arrives exactly once, whatever fails (seed %i)",
  { timeout: TIMEOUT_MS },
  async (seed) => {
    const opened = await openTestAccount({ includedCredits: 100, termPeriods: 3 }, START_MS);
    await insertAccountRow(opened.key, END_MS, { clocked: true });
    await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
      const world = new World(state, randomOf(seed));
      await world.restart();
      const callers = new Callers(world, START_MS);
      await callers.buyPack();
      await live(world, callers, opened.key);
      await settleDown(world, opened.key, callers.nowMs);
      await prove(world, callers, opened.key, state.storage.sql);
      lives.push(callers);
    });
  },
);

test("the lives had all in them that has to hold", async () => {
  const { results } = await env.DB.prepare(
    `SELECT DISTINCT kind || coalesce(' ' || nullif(document ->> '$.cause', ''), '') AS kind FROM invoices`,
  ).all<{ kind: string }>();
  expect(results.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining([
      "overage",
      "packs purchase",
      "packs upgrade",
      "packs renewal",
      "packs conversion",
      "credit_note purchase",
      "credit_note upgrade",
    ]),
  );
  const entries = lives.flatMap(({ booked }) => [...booked.values()]);
  expect(entries.filter(({ hold }) => hold !== undefined)).not.toEqual([]);
  expect(entries.filter(({ overdraftMicros = 0 }) => overdraftMicros > 0)).not.toEqual([]);
  const amended = lives.flatMap((callers) => [...callers.amended.values()]);
  expect(amended.filter(({ countsMicros }) => countsMicros < 0)).not.toEqual([]);
  expect(amended.filter(({ owedMinor }) => (owedMinor ?? 0) > 0)).not.toEqual([]);
});
