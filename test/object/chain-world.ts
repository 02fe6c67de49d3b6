/** Everything around one account, which fails as the platform may until it is made reliable. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { NoticeMessage, NotificationMessage, UsageMessage } from "../../shared/queues.ts";
import type { Account } from "../../workers/account/account.ts";
import type { Env } from "../../workers/env.ts";
import { consumeUsage } from "../../workers/log/consumer.ts";
import { fanOut } from "../../workers/notifications/fan-out.ts";
import { type AccountProcess, startAccount } from "./account-process.ts";

const FAILS_BEFORE = 0.1;
const FAILS_AFTER = 0.1;
const COMES_AGAIN = 0.3;
const DELIVERIES_MAX = 2_000;

export class World {
  readonly usage: UsageMessage[] = [];
  readonly notifications: NotificationMessage[] = [];
  /** Content of every notice, by its id. */
  readonly told = new Map<string, string>();
  readonly random: () => number;
  readonly #state: DurableObjectState;
  #process: AccountProcess | null = null;
  reliable = false;

  constructor(state: DurableObjectState, random: () => number) {
    this.#state = state;
    this.random = random;
  }

  get account(): Account {
    if (this.#process === null) throw new Error("not started");
    return this.#process.account;
  }

  /** The process died, and starts again from what it had stored. */
  async restart(): Promise<void> {
    this.#process?.end();
    this.#process = await startAccount(this.#state, this.env);
  }

  /** Fails before the work, or after it: then whoever asked does not learn that it was done. */
  async flaky<Result>(work: () => Promise<Result>): Promise<Result> {
    const fails = (chance: number) => !this.reliable && this.random() < chance;
    if (fails(FAILS_BEFORE)) throw new Error("it failed before");
    const result = await work();
    if (fails(FAILS_AFTER)) throw new Error("it failed after");
    return result;
  }

  #queue<Message>(messages: Message[]) {
    return {
      send: (message: Message) => this.flaky(async () => messages.push(message)),
      sendBatch: (batch: Iterable<{ body: Message }>) =>
        this.flaky(async () => messages.push(...[...batch].map(({ body }) => body))),
    };
  }

  get env(): Env {
    // Whatever others ask of the account may fail on the way there or back.
    const account = new Proxy({} as Account, {
      get: (_target, method: keyof Account) => {
        return (...args: readonly unknown[]) =>
          this.flaky(() => Reflect.apply(this.account[method] as () => Promise<unknown>, this.account, args));
      },
    });
    return {
      ...env,
      DB: this.#database(),
      ACCOUNT: { getByName: () => account } as unknown as Env["ACCOUNT"],
      USAGE_QUEUE: this.#queue(this.usage) as unknown as Env["USAGE_QUEUE"],
      NOTIFICATIONS_QUEUE: this.#queue(this.notifications) as unknown as Env["NOTIFICATIONS_QUEUE"],
      BILLING_QUEUE: this.#queue([]) as unknown as Env["BILLING_QUEUE"],
    };
  }

  /** Statements that run by themselves fail as batches do. */
  #database(): D1Database {
    const real = new WeakMap<object, D1PreparedStatement>();
    const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
      const run =
        (method: "all" | "first" | "raw" | "run") =>
        (...args: never[]) =>
          this.flaky(() => Reflect.apply(statement[method], statement, args) as Promise<unknown>);
      const wrapped = {
        bind: (...values: unknown[]) => wrap(statement.bind(...values)),
        all: run("all"),
        first: run("first"),
        raw: run("raw"),
        run: run("run"),
      } as unknown as D1PreparedStatement;
      real.set(wrapped, statement);
      return wrapped;
    };
    const batch = <Row>(statements: D1PreparedStatement[]) =>
      this.flaky(() => env.DB.batch<Row>(statements.map((statement) => real.get(statement) ?? statement)));
    return { prepare: (sql: string) => wrap(env.DB.prepare(sql)), batch } as unknown as D1Database;
  }

  /** Takes any message that waits, and leaves a copy of some. */
  #take<Message>(messages: Message[]): Message | undefined {
    const index = Math.floor(this.random() * messages.length);
    const stays = !this.reliable && this.random() < COMES_AGAIN;
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
