/** An account in test mode on a clock of its own, and what the tests say about it in one line. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type {
  Balance,
  BoughtPack,
  BuyPack,
  CaptureHold,
  CreateAccount,
  Decision,
  Drawdown,
  Event,
  Held,
  Invoice,
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

  /** Holds what is there for certain; settled by the hold's id. */
  async hold(credits: number, expiresInSeconds = 86_400): Promise<Held> {
    const held = await this.#drawdown.hold({ ...this.event(credits), expiresInSeconds });
    if (!held.allowed || held.hold === undefined) throw new Error(`not held: ${JSON.stringify(held)}`);
    return { ...held, hold: held.hold };
  }

  async capture(id: string, credits: number, more: CaptureHold = {}): Promise<Held> {
    const { action } = UNIT;
    const captured = await this.#drawdown.capture(this.account, id, { action, quantity: credits, ...more });
    if (!captured.allowed) throw new Error(`not captured: ${captured.reason}`);
    return captured;
  }

  release(id: string): Promise<Held> {
    return this.#drawdown.release(this.account, id);
  }

  buy(pack: BuyPack): Promise<BoughtPack> {
    return this.#drawdown.buyPack(this.account, pack);
  }

  async advanceTo(now: string): Promise<void> {
    await this.#drawdown.advanceTestClock(this.account, now);
  }

  /** To the first instant of the next period. */
  async advanceToReset(): Promise<void> {
    await this.advanceTo((await this.balance()).resetAt);
  }

  balance(): Promise<Balance> {
    return this.#drawdown.balance(this.account);
  }

  /** Oldest first, with all that the account has been charged by now. */
  async invoices(): Promise<readonly Invoice[]> {
    await this.#drawdown.billing(this.account);
    const { data, nextCursor } = await this.#drawdown.invoices(this.account, { limit: 500 });
    expect(nextCursor).toBeNull();
    return data.toReversed();
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

  /** What the account's people were told about its credits, oldest first. Invoices are told when they are final. */
  async told(): Promise<readonly Notification["data"][]> {
    const data = (await this.notices()).map((notice) => notice.data);
    return data.filter(({ kind }) => kind !== "invoice_issued");
  }
}

/** An invoice in a line: "2026-11-14 packs purchase 1000". */
export function inLine({ kind, cause, period, total }: Invoice): string {
  return [period.name, kind, ...(cause === null ? [] : [cause]), total.amountMinor].join(" ");
}

/** A notice in a word or two: "usage_threshold limit 90". */
export function inWords(data: Notification["data"]): string {
  return data.kind === "usage_threshold" ? `${data.kind} ${data.subject} ${data.percent}` : data.kind;
}
