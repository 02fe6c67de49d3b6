/** An account in test mode on a clock of its own, and what the tests say about it in one line. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type {
  Balance,
  BuyPack,
  CreateAccount,
  Decision,
  Drawdown,
  Event,
  LogEntry,
  Notification,
} from "../../../shared/client/client.ts";
import { UNIT } from "./operator.ts";

export interface TestAccountOptions extends Partial<Omit<CreateAccount, "account" | "testClock">> {
  /** The clock's time when the account is opened. */
  readonly now?: string;
  readonly pack?: BuyPack;
}

export class TestAccount {
  readonly account: string;
  readonly #drawdown: Drawdown;
  #events = 0;

  private constructor(drawdown: Drawdown, account: string) {
    this.#drawdown = drawdown;
    this.account = account;
  }

  static async open(
    drawdown: Drawdown,
    { now = "2026-11-20T10:00:00Z", pack, ...body }: TestAccountOptions,
  ): Promise<TestAccount> {
    const account = `a-${randomUUID().slice(0, 8)}`;
    await drawdown.createTestClock(account, now);
    await drawdown.createAccount({ account, testClock: account, ...body });
    const opened = new TestAccount(drawdown, account);
    if (pack !== undefined) await opened.buy(pack);
    return opened;
  }

  /** An event under an id that was not used before. */
  event(credits: number, more: Partial<Event> = {}): Event {
    this.#events += 1;
    return { account: this.account, id: `event-${this.#events}`, ...UNIT, quantity: credits, ...more };
  }

  consume(credits: number): Promise<Decision> {
    return this.#drawdown.consume(this.event(credits));
  }

  /** Consumes what is there for certain. */
  async use(credits: number): Promise<Extract<Decision, { allowed: true }>> {
    const decision = await this.consume(credits);
    if (!decision.allowed) throw new Error(`denied: ${decision.reason}`);
    return decision;
  }

  async record(event: Event): Promise<Extract<Decision, { allowed: true }>> {
    const [result] = await this.#drawdown.events([event], "record");
    if (result === undefined || !("allowed" in result) || !result.allowed) {
      throw new Error(`not recorded: ${JSON.stringify(result)}`);
    }
    return result;
  }

  async buy(pack: BuyPack): Promise<void> {
    await this.#drawdown.buyPack(this.account, pack);
  }

  async advanceTo(now: string): Promise<void> {
    await this.#drawdown.advanceTestClock(this.account, now);
  }

  balance(): Promise<Balance> {
    return this.#drawdown.balance(this.account);
  }

  async log(): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = [];
    for await (const entry of this.#drawdown.logEntries(this.account)) entries.push(entry);
    return entries;
  }

  /** Oldest first. */
  async notices(): Promise<readonly Notification[]> {
    const { data, nextCursor } = await this.#drawdown.notifications(this.account, { limit: 500 });
    expect(nextCursor).toBeNull();
    return data.toReversed();
  }
}
