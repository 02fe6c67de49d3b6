/** Using credits as a caller does, over HTTP: one account on a test clock, its holds, corrections and outcomes. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { accountIdOf } from "../../shared/account-key.ts";
import type {
  Balance,
  CaptureDecision,
  CorrectedEvent,
  Decision,
  EventFate,
  Held,
  HoldDecision,
  LogEntry,
  Page,
} from "../../shared/client/types.ts";
import type { BillingFact } from "../../shared/credits/billing-facts.ts";
import type { AccountCommand } from "../../shared/credits/execute.ts";
import type { Terms } from "../../shared/credits/state.ts";
import { type Answer, call, keyWith, type ProblemBody } from "./api.ts";
import { CONTEXT, openTestAccount, type TestAccount } from "./fixtures.ts";

export const START = Date.parse("2026-01-20T12:00:00Z");
const MINUTE_MS = 60_000;

/** What may go wrong goes wrong as a problem. */
type Body<Good> = Good & ProblemBody;

export class UsageCaller {
  readonly account: TestAccount;
  readonly id: string;
  readonly #key: string;

  private constructor(account: TestAccount, key: string) {
    this.account = account;
    this.id = accountIdOf(account.key);
    this.#key = key;
  }

  /** An account with included credits, at `START`. */
  static async open(
    terms: Partial<Terms> & { readonly includedCredits?: number } = {},
    atMs = START,
  ): Promise<UsageCaller> {
    return new UsageCaller(await openTestAccount(terms, atMs), await keyWith("test"));
  }

  post<Good>(
    path: string,
    body: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Body<Good>>> {
    return call(this.#key, "POST", `/v1/${path}`, body, headers);
  }

  /** An event of so many answers of 1 credit each. */
  event(id: string, quantity: number, more: object = {}) {
    return { account: this.id, id, feature: "assistant", action: "answer", quantity, ...more };
  }

  consume(id: string, quantity: number, more: object = {}) {
    return this.post<Decision & { credits: number }>("consume", this.event(id, quantity, more));
  }

  async record(id: string, quantity: number, more: object = {}) {
    const events = [this.event(id, quantity, more)];
    const { body } = await this.post<{ results: Decision[] }>("events", { events });
    return body.results[0];
  }

  hold(id: string, quantity: number, more: object = {}) {
    return this.post<HoldDecision>("holds", this.event(id, quantity, more));
  }

  capture(id: string, body: object = {}) {
    return this.post<CaptureDecision>(`holds/${encodeURIComponent(id)}/capture`, {
      account: this.id,
      ...body,
    });
  }

  /** Captures so many answers. */
  captureOf(id: string, quantity: number, body: object = {}) {
    return this.capture(id, { action: "answer", quantity, ...body });
  }

  release(id: string) {
    return this.post<Held>(`holds/${encodeURIComponent(id)}/release`, { account: this.id });
  }

  readHold(id: string) {
    return this.get<Held>(`holds/${encodeURIComponent(id)}?account=${this.id}`);
  }

  correct(event: string, more: object = {}, idempotencyKey?: string) {
    const headers: Record<string, string> =
      idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    const body = { event, reason: "answered twice", ...more };
    return this.post<CorrectedEvent>(`accounts/${this.id}/corrections`, body, headers);
  }

  get<Good>(path: string): Promise<Answer<Body<Good>>> {
    return call(this.#key, "GET", `/v1/${path}`);
  }

  async fate(id: string): Promise<EventFate> {
    const { body } = await this.get<EventFate>(`accounts/${this.id}/events/${encodeURIComponent(id)}`);
    return body;
  }

  async log(): Promise<readonly LogEntry[]> {
    const { body } = await this.get<Page<LogEntry>>(`accounts/${this.id}/log`);
    return body.data;
  }

  /** The balance as a decision of the account would carry it. */
  async balance(): Promise<Pick<Balance, "limit" | "used" | "held" | "remaining" | "state">> {
    const view = await this.view();
    return {
      limit: view.limitMicros / 1e6,
      used: view.usedMicros / 1e6,
      held: view.heldMicros / 1e6,
      remaining: view.remainingMicros / 1e6,
      state: view.state,
    };
  }

  async view() {
    const view = await this.account.api.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    return view.balance;
  }

  async execute(command: AccountCommand): Promise<void> {
    const result = await this.account.api.execute(command, null, CONTEXT);
    if (result.kind !== "done") throw new Error(JSON.stringify(result));
  }

  async advanceTo(to: string | number): Promise<void> {
    const toMs = typeof to === "string" ? Date.parse(to) : to;
    const due = await this.account.api.advanceClock(toMs, CONTEXT);
    if (due.kind !== "due") throw new Error(due.kind);
  }

  async advanceMinutes(minutes: number): Promise<void> {
    const view = await this.account.api.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    await this.advanceTo(view.nowMs + minutes * MINUTE_MS);
  }

  /** What billing was told and has not confirmed. */
  async facts(): Promise<readonly BillingFact[]> {
    const due = await this.account.api.due(CONTEXT);
    if (due.kind !== "due") throw new Error(due.kind);
    return due.facts;
  }

  /** Kinds of the notices that were decided, in order. */
  async notices(): Promise<readonly string[]> {
    return runInDurableObject(env.ACCOUNT.getByName(this.account.key), (_instance, state) =>
      state.storage.sql
        .exec<{ kind: string }>(
          "SELECT body ->> '$.kind' AS kind FROM outbox WHERE topic = 'notice' ORDER BY number",
        )
        .toArray()
        .map(({ kind }) => kind),
    );
  }
}
