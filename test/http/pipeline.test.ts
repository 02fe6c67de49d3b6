/** The way of an event, and what is left of it when the server is killed: everything that was answered. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Event, LogEntry, LogFilter } from "../../shared/client/client.ts";
import { temporaryFolder } from "./support/folders.ts";
import { makeOperator, TOKEN, UNIT } from "./support/operator.ts";
import { ServerProcess } from "./support/process.ts";
import type { TestServer } from "./support/server.ts";

const ACCOUNT = "acme";
const EVENTS = 1200;
const TO_D1_TIMEOUT_MS = 90_000;

const stateFolder = temporaryFolder();
let serving: ServerProcess;
let server: TestServer;

beforeAll(async () => {
  serving = new ServerProcess(stateFolder, 0);
  server = await serving.ready();
  await makeOperator(server.live);
  await server.live.createAccount({ account: ACCOUNT, plans: ["plan-5000"], timeZone: "Europe/Berlin" });
});

afterAll(() => serving.kill());

async function log(filter: LogFilter = {}): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of server.live.logEntries(ACCOUNT, filter)) entries.push(entry);
  return entries;
}

function eventNumber(number: number): Event {
  const user = `u_${number % 7}`;
  return number % 2 === 0
    ? { account: ACCOUNT, id: `event-${number}`, ...UNIT, quantity: 1.5, user }
    : { account: ACCOUNT, id: `event-${number}`, ...TOKEN, quantity: 250, user, workflow: "triage" };
}

const HOLD = "job-1";
const HELD = 10;
const CAPTURED = 4;
const CORRECTED = 0.5;
/** Half of the events cost 1.5 credits, half 0.25. */
const USED = (EVENTS / 2) * 1.75 + CAPTURED - CORRECTED;
/** The uses, the capture and the correction. */
const ENTRIES = EVENTS + 2;

describe("an event", () => {
  test("is in balance, log, usage, and known by its id, as soon as it is answered", async () => {
    const event = { ...eventNumber(0), occurredAt: new Date().toISOString() };
    const decision = await server.live.consume(event);
    expect(decision).toMatchObject({ allowed: true, replayed: false, credits: 1.5, entry: { seq: 1 } });

    expect(await server.live.balance(ACCOUNT)).toMatchObject({ used: 1.5, remaining: 4998.5 });
    const [entry, ...others] = await log();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      seq: 1,
      id: event.id,
      occurredAt: event.occurredAt,
      feature: "meter",
      items: [{ action: "unit", quantity: 1.5, creditsEach: 1, credits: 1.5 }],
      credits: 1.5,
      user: "u_0",
    });
    expect(await server.live.event(ACCOUNT, event.id)).toMatchObject({
      id: event.id,
      status: "booked",
      entry,
      rates: [{ action: "unit", rate: { credits: 1, per: 1 } }],
      corrections: [],
    });
    expect(await server.live.usage(ACCOUNT, { groupBy: "feature,day" })).toMatchObject({
      total: { events: 1, credits: 1.5 },
      groups: [{ feature: "meter", day: entry?.day, events: 1, quantity: 1.5, credits: 1.5 }],
    });
  });
});

describe("a server that is killed", () => {
  test("has lost nothing that it had answered, when it starts again", async () => {
    const numbers = Array.from({ length: EVENTS - 1 }, (_, index) => index + 1);
    const half = numbers.splice(0, EVENTS / 2);
    const results = await server.live.events(half.map(eventNumber), "consume");
    const answered = results.filter((result) => "allowed" in result && result.allowed);
    expect(answered).toHaveLength(half.length);
    await server.live.hold({ account: ACCOUNT, id: HOLD, ...UNIT, quantity: HELD, user: "u_3" });
    const correction = { event: "event-0", credits: CORRECTED, reason: "it failed" };
    const corrected = await server.live.correct(ACCOUNT, correction, "correct-1");

    await serving.kill();
    serving = new ServerProcess(stateFolder, Number(new URL(server.url).port));
    server = await serving.ready();

    const entries = half.length + 2;
    expect((await log()).map(({ seq }) => seq)).toEqual(
      Array.from({ length: entries }, (_, index) => entries - index),
    );
    expect(await server.live.correct(ACCOUNT, correction, "correct-1")).toEqual({
      ...corrected,
      replayed: true,
    });
    expect(await server.live.balance(ACCOUNT)).toMatchObject({ held: HELD, openHolds: 1 });
    const used = { action: UNIT.action, quantity: CAPTURED };
    expect(await server.live.capture(ACCOUNT, HOLD, used)).toMatchObject({
      allowed: true,
      credits: CAPTURED,
    });
    const again = await server.live.events(half.map(eventNumber), "consume");
    expect(again.filter((result) => "replayed" in result && result.replayed)).toHaveLength(half.length);
    const rest = await server.live.events(numbers.map(eventNumber), "consume");
    expect(rest.filter((result) => "replayed" in result && !result.replayed)).toHaveLength(numbers.length);
    expect(await server.live.balance(ACCOUNT)).toMatchObject({ used: USED, held: 0 });
  });

  test(
    "ships every entry to D1 once, where log, roll-ups and balance agree",
    async () => {
      await expect
        .poll(() => server.live.reconcile(ACCOUNT), { timeout: TO_D1_TIMEOUT_MS, interval: 300 })
        .toMatchObject({
          ok: true,
          unshipped: 0,
          mismatches: [],
          periods: [{ used: USED, tail: 0, segments: USED, rollups: USED, ok: true }],
        });
      expect(await log()).toHaveLength(ENTRIES);
    },
    TO_D1_TIMEOUT_MS,
  );

  test("reports the same from D1 as from the account", async () => {
    const usage = await server.live.usage(ACCOUNT, { groupBy: "user" });
    expect(usage.total).toMatchObject({ events: EVENTS + 1, credits: USED });
    const byUser = Map.groupBy(await log(), ({ user }) => user);
    expect(usage.groups).toHaveLength(byUser.size);
    for (const { user, events, credits } of usage.groups) {
      const entries = byUser.get(user ?? undefined) ?? [];
      const micros = entries.reduce((sum, entry) => sum + Math.round(entry.credits * 1_000_000), 0);
      const uses = entries.filter(({ kind }) => kind === "use");
      expect([user, events, credits]).toEqual([user, uses.length, micros / 1_000_000]);
    }
    const ofThree = (byUser.get("u_3") ?? []).filter(({ feature }) => feature === "model");
    expect(await log({ user: "u_3", feature: "model" })).toEqual(ofThree);
  });
});
