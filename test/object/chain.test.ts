/**
 * The whole way at once under failures: usage, resets, billing and notices of one account, while queues, D1 and
 * calls fail before or after they did their work, messages repeat and overtake, and the process dies.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { NoticeMessage, NotificationMessage, UsageMessage } from "../../shared/queues.ts";
import type { Account } from "../../workers/account/account.ts";
import { reconcileAccount } from "../../workers/billing/reconciliation.ts";
import { settleAccount } from "../../workers/billing/settle.ts";
import type { Env } from "../../workers/env.ts";
import { consumeUsage } from "../../workers/log/consumer.ts";
import { fanOut } from "../../workers/notifications/fan-out.ts";
import { startAccount } from "./account-process.ts";
import { END_MS, insertAccountRow, START_MS } from "./billing-fixtures.ts";
import { answers, CONTEXT, CREDIT, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";
import { randomOf } from "./random.ts";

const DAY_MS = 86_400_000;
const STEPS = 120;
const DELIVERIES_MAX = 1_000;

beforeAll(async () => {
  await publishOffer();
  // The failures are the point; their warnings are not.
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

/** Everything around the account, which fails as the platform may until it is made reliable. */
class World {
  readonly usage: UsageMessage[] = [];
  readonly notifications: NotificationMessage[] = [];
  readonly told = new Map<string, string>();
  readonly #state: DurableObjectState;
  readonly #random: () => number;
  #account: Account | null = null;
  reliable = false;

  constructor(state: DurableObjectState, random: () => number) {
    this.#state = state;
    this.#random = random;
  }

  get account(): Account {
    if (this.#account === null) throw new Error("not started");
    return this.#account;
  }

  async restart(): Promise<void> {
    ({ account: this.#account } = await startAccount(this.#state, this.env));
  }

  /** Fails before the work, or after it: then the caller does not learn that it was done. */
  async #flaky<Result>(work: () => Promise<Result>): Promise<Result> {
    const fails = () => !this.reliable && this.#random() < 0.15;
    if (fails()) throw new Error("it failed before");
    const result = await work();
    if (fails()) throw new Error("it failed after");
    return result;
  }

  #queue<Message>(messages: Message[]) {
    return {
      send: (message: Message) => this.#flaky(async () => messages.push(message)),
      sendBatch: (batch: Iterable<{ body: Message }>) =>
        this.#flaky(async () => messages.push(...[...batch].map(({ body }) => body))),
    };
  }

  get env(): Env {
    const account: Pick<Account, "due" | "acknowledge" | "flush" | "report"> = {
      due: (context) => this.#flaky(() => this.account.due(context)),
      acknowledge: (acknowledgement) => this.#flaky(() => this.account.acknowledge(acknowledgement)),
      flush: () => this.account.flush(),
      report: (context) => this.account.report(context),
    };
    return {
      ...env,
      DB: {
        prepare: (sql: string) => env.DB.prepare(sql),
        batch: (statements: D1PreparedStatement[]) => this.#flaky(() => env.DB.batch(statements)),
      } as unknown as D1Database,
      ACCOUNT: { getByName: () => account } as unknown as Env["ACCOUNT"],
      USAGE_QUEUE: this.#queue(this.usage) as unknown as Env["USAGE_QUEUE"],
      NOTIFICATIONS_QUEUE: this.#queue(this.notifications) as unknown as Env["NOTIFICATIONS_QUEUE"],
      BILLING_QUEUE: this.#queue([]) as unknown as Env["BILLING_QUEUE"],
    };
  }

  /** Takes any message that waits, and leaves a copy of some. */
  #take<Message>(messages: Message[]): Message | undefined {
    const index = Math.floor(this.#random() * messages.length);
    const stays = !this.reliable && this.#random() < 0.3;
    return stays ? messages[index] : messages.splice(index, 1)[0];
  }

  async deliverUsage(): Promise<void> {
    const body = this.#take(this.usage);
    if (body === undefined) return;
    const message = { id: "", attempts: 1, body, ack() {}, retry: () => this.usage.push(body) };
    await consumeUsage({ messages: [message] } as unknown as MessageBatch<UsageMessage>, this.env);
  }

  async deliverNotice(): Promise<void> {
    const message = this.#take(this.notifications);
    if (message?.type !== "notice") return;
    this.#sameAsBefore(message);
    await fanOut(message, this.env, 0).catch(() => this.notifications.push(message));
  }

  /** One id, one content, however often it is told. */
  #sameAsBefore({ notificationId, notice }: NoticeMessage): void {
    const content = JSON.stringify(notice);
    expect(this.told.get(notificationId) ?? content).toBe(content);
    this.told.set(notificationId, content);
  }

  async deliverAll(): Promise<void> {
    for (let deliveries = 0; this.usage.length + this.notifications.length > 0; deliveries += 1) {
      if (deliveries === DELIVERIES_MAX) throw new Error("some message never arrives");
      await this.deliverUsage();
      await this.deliverNotice();
    }
  }
}

/** Books, replays, advances, ships, bills and delivers at random; returns micro-credits booked and the time. */
async function live(world: World, accountKey: string, random: () => number) {
  const booked: { readonly id: string; readonly credits: number }[] = [];
  let events = 0;
  let nowMs = START_MS;
  const book = async () => {
    const id = `event ${events++}`;
    const credits = Math.floor(random() * 400) + 0.5;
    const mode = random() < 0.3 ? "record" : "consume";
    const [result] = await world.account.use([{ mode, event: answers(id, credits) }], CONTEXT);
    if (result?.kind === "allowed") booked.push({ id, credits });
  };
  const replay = async () => {
    const event = booked[Math.floor(random() * booked.length)];
    if (event === undefined) return;
    // After two resets an id may be forgotten.
    const fate = await world.account.fate(event.id, CONTEXT);
    if (fate.kind !== "booked") return;
    const call = { mode: "consume" as const, event: answers(event.id, event.credits) };
    expect(await world.account.use([call], CONTEXT)).toMatchObject([{ replayed: true, entry: fate.entry }]);
  };
  const advance = async () => {
    nowMs += Math.floor(random() * 40 * DAY_MS);
    await world.account.advanceClock(nowMs, CONTEXT);
  };
  const steps: readonly (readonly [upTo: number, step: () => Promise<unknown>])[] = [
    [0.3, book],
    [0.35, replay],
    [0.42, advance],
    [0.6, () => settleAccount(world.env, accountKey, CONTEXT).catch(() => {})],
    [0.7, () => world.account.flush()],
    [0.75, () => world.account.alarm()],
    [0.8, () => world.restart()],
    [0.9, () => world.deliverUsage()],
    [1, () => world.deliverNotice()],
  ];
  for (let step = 0; step < STEPS; step += 1) {
    const dice = random();
    await steps.find(([upTo]) => dice < upTo)?.[1]();
  }
  return { nowMs, usedMicros: booked.reduce((sum, { credits }) => sum + credits * CREDIT, 0) };
}

/** Nothing fails any more: two periods later all has arrived. */
async function settleDown(world: World, accountKey: string, nowMs: number): Promise<void> {
  world.reliable = true;
  await world.restart();
  await world.account.advanceClock(nowMs + 70 * DAY_MS, CONTEXT);
  // What billing tells while it settles is delivered in the second round; the last shipment forgets what arrived.
  for (let round = 0; round < 2; round += 1) {
    await settleAccount(world.env, accountKey, CONTEXT);
    await world.account.flush();
    await world.deliverAll();
  }
  await world.account.flush();
}

async function rows<Row>(sql: string, account: TestAccount): Promise<Row[]> {
  return (await env.DB.prepare(sql).bind(account.key).all<Row>()).results;
}

test.for(Array.from({ length: 12 }, (_, index) => index + 1))(
  "every entry, period, invoice and notice arrives exactly once, whatever fails (seed %i)",
  async (seed) => {
    const opened = await openTestAccount({ includedCredits: 100 }, START_MS);
    await insertAccountRow(opened.key, END_MS, { clocked: true });
    await runInDurableObject(env.ACCOUNT.getByName(opened.key), async (_instance: Account, state) => {
      const random = randomOf(seed);
      const world = new World(state, random);
      await world.restart();
      const settings = { setting: "pay_as_you_go", maximumMicros: 3000 * CREDIT } as const;
      await world.account.execute(
        { kind: "buy_pack", pack: "p1000", quantity: 1, ...settings },
        "order",
        CONTEXT,
      );
      const { nowMs, usedMicros } = await live(world, opened.key, random);
      await settleDown(world, opened.key, nowMs);

      const reconciliation = await reconcileAccount(world.env, opened.key, CONTEXT);
      if (reconciliation.kind !== "reconciled") throw new Error(reconciliation.kind);
      expect(reconciliation).toMatchObject({ mismatches: [], unshipped: 0 });
      expect(reconciliation.periods.reduce((sum, period) => sum + period.usedMicros, 0)).toBe(usedMicros);

      const periods = await rows<{ figures: string }>(
        "SELECT figures FROM periods WHERE account_key = ? ORDER BY start_ms",
        opened,
      );
      const closed = periods.map(({ figures }) => JSON.parse(figures) as ClosedPeriod);
      const view = await world.account.view(CONTEXT);
      if (view.kind !== "view") throw new Error(view.kind);
      expect(closed.map(({ endMs }) => endMs)).toEqual([
        ...closed.slice(1).map(({ startMs }) => startMs),
        view.balance.periodStartMs,
      ]);
      expect(
        await rows("SELECT period_ends_at_ms AS ends FROM accounts WHERE account_key = ?", opened),
      ).toEqual([{ ends: view.balance.resetAtMs }]);

      const invoices = await rows<{ number: number; source: string }>(
        "SELECT number, source FROM invoices WHERE account_key = ? ORDER BY number",
        opened,
      );
      const billed = closed.filter(({ billedMicros }) => billedMicros > 0);
      expect(invoices.map(({ number }) => number)).toEqual(invoices.map((_, index) => index + 1));
      const sources = ["purchase:pack_1", ...closed.map(({ endMs }) => `renewal:${endMs}`)];
      expect(invoices.map(({ source }) => source).sort()).toEqual(
        [...sources, ...billed.map(({ startMs }) => `overage:${startMs}`)].sort(),
      );

      const notices = await rows<{ id: string }>(
        "SELECT notification_id AS id FROM notifications WHERE account_key = ?",
        opened,
      );
      expect(notices.map(({ id }) => id).sort()).toEqual([...world.told.keys()].sort());
      const numbers = notices.flatMap(({ id }) => id.match(/(?<=notice\/)\d+/)?.map(Number) ?? []);
      expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
      expect(notices.length - numbers.length).toBe(invoices.length);
      expect(state.storage.sql.exec("SELECT * FROM outbox").toArray()).toEqual([]);
    });
  },
);
