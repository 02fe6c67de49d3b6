/** Accounts that tell billing facts made by hand, with an environment that records, fails or waits as a test wants. */
import { env } from "cloudflare:workers";
import type { AccountProfile } from "../../shared/api/accounts.ts";
import type { BillingEvent, BillingFact } from "../../shared/credits/billing-facts.ts";
import type { DueFacts } from "../../shared/protocol.ts";
import type { NoticeMessage, NotificationMessage } from "../../shared/queues.ts";
import { accountOf } from "../../workers/account/stub.ts";
import { settleAccount } from "../../workers/billing/settle.ts";
import type { Env } from "../../workers/env.ts";
import { END_MS, insertAccountRow, PROFILE, START_MS } from "./billing-fixtures.ts";
import { CONTEXT } from "./fixtures.ts";

export interface Document {
  readonly id: string;
  readonly ordinal: number;
  readonly number: number;
  readonly series: string;
  readonly kind: string;
  readonly source: string;
  readonly status: string;
  readonly growsUntilMs: number | null;
  readonly total: number;
  readonly document: string;
}

let opened = 0;

/** What the account has told and billing has not acknowledged. */
export class ToldAccount {
  readonly key: string;
  readonly notices: NoticeMessage[] = [];
  #facts: BillingFact[] = [];
  #number = 0;
  #dueAtMs = END_MS;

  constructor(key: string) {
    this.key = key;
  }

  tell(event: BillingEvent, more: Partial<BillingFact> = {}): BillingFact {
    this.#number += 1;
    const atMs = START_MS + this.#number * 1000;
    const fact = {
      ...event,
      number: this.#number,
      atMs,
      currency: "USD",
      timeZone: "UTC",
      ...more,
    } as BillingFact;
    this.#facts.push(fact);
    return fact;
  }

  /** Tells facts again that billing has acknowledged, as a copy of an old message would. */
  tellAgain(facts: readonly BillingFact[]): void {
    this.#facts = [...facts, ...this.#facts];
  }

  dueAt(dueAtMs: number): void {
    this.#dueAtMs = dueAtMs;
  }

  get untold(): number {
    return this.#facts.length;
  }

  /** The account as its callers see it. */
  get stub() {
    return {
      due: async (): Promise<DueFacts> => ({
        kind: "due",
        facts: [...this.#facts],
        periodEndsAtMs: this.#dueAtMs,
      }),
      acknowledge: async ({ facts }: { readonly facts?: readonly number[] }) => {
        this.#facts = this.#facts.filter(({ number }) => facts?.includes(number) !== true);
      },
    };
  }

  get env(): Env {
    const queue = {
      sendBatch: async (messages: Iterable<MessageSendRequest<NotificationMessage>>) => {
        for (const { body } of messages) if (body.type === "notice") this.notices.push(body);
      },
    };
    return {
      ...env,
      ACCOUNT: { getByName: () => this.stub } as unknown as Env["ACCOUNT"],
      NOTIFICATIONS_QUEUE: queue as unknown as Env["NOTIFICATIONS_QUEUE"],
    };
  }

  settle(to: Env = this.env): Promise<void> {
    return settleAccount(to, this.key, CONTEXT);
  }

  async documents(): Promise<readonly Document[]> {
    const { results } = await env.DB.prepare(
      `SELECT invoice_id AS id, ordinal, number, series, kind, source, status, grows_until_ms AS growsUntilMs,
              document ->> '$.totalMinor' AS total, document
         FROM invoices WHERE account_key = ? ORDER BY ordinal`,
    )
      .bind(this.key)
      .all<Document>();
    return results;
  }

  /** Kind, status and total of each document. */
  async totals(): Promise<readonly (readonly [string, string, number])[]> {
    return (await this.documents()).map(({ kind, status, total }) => [kind, status, total] as const);
  }

  /** Everything that billing keeps of the account, without what is different in every run. */
  async kept(): Promise<unknown> {
    const rows = async (sql: string) => (await env.DB.prepare(sql).bind(this.key).all()).results;
    const ids = new Map((await this.documents()).map(({ id, ordinal }) => [id, `document ${ordinal}`]));
    const kept = {
      documents: await rows("SELECT * FROM invoices WHERE account_key = ? ORDER BY ordinal"),
      adjustments: await rows("SELECT * FROM adjustments WHERE account_key = ? ORDER BY source"),
      periods: await rows("SELECT * FROM periods WHERE account_key = ? ORDER BY start_ms"),
      account: await rows(
        "SELECT settled_fact, billing_closed, period_ends_at_ms FROM accounts WHERE account_key = ?",
      ),
    };
    const text = JSON.stringify(kept)
      .replaceAll(this.key, "account")
      .replaceAll(this.key.slice("test:".length), "account");
    return JSON.parse(text.replace(/inv_[\w-]+/g, (id) => ids.get(id) ?? id));
  }
}

/** An account with its row in D1 and a clock at the start of its November period. */
export async function openTold(profile: AccountProfile = PROFILE): Promise<ToldAccount> {
  opened += 1;
  const account = new ToldAccount(`test:told-${opened}`);
  await insertAccountRow(account.key, END_MS, { clocked: true, profile });
  return account;
}

export async function setClock(account: ToldAccount, nowMs: number): Promise<void> {
  await env.DB.prepare("UPDATE test_clocks SET now_ms = ? WHERE clock_id = ?")
    .bind(nowMs, `clock of ${account.key}`)
    .run();
}

/** `base`, in which the step with that number fails, before or after it did its work; steps count from 1. */
export function failingAt(base: Env, step: number, when: "before" | "after"): { readonly env: Env } {
  let steps = 0;
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    steps += 1;
    const fails = steps === step;
    if (fails && when === "before") throw new Error(`failed before step ${step}`);
    const result = await work();
    if (fails) throw new Error(`failed after step ${step}`);
    return result;
  };
  const { DB, NOTIFICATIONS_QUEUE } = base;
  const failing = {
    ...base,
    DB: {
      prepare: (sql: string) => DB.prepare(sql),
      batch: (all: D1PreparedStatement[]) => guarded(() => DB.batch(all)),
    },
    NOTIFICATIONS_QUEUE: {
      sendBatch: (all: MessageSendRequest<NotificationMessage>[]) =>
        guarded(() => NOTIFICATIONS_QUEUE.sendBatch(all)),
    },
    ACCOUNT: {
      getByName: (name: string) => {
        const stub = accountOf(base, name);
        return {
          due: (context: typeof CONTEXT) => guarded(() => stub.due(context)),
          acknowledge: (facts: { readonly facts?: readonly number[] }) =>
            guarded(() => stub.acknowledge(facts)),
        };
      },
    },
  };
  return { env: failing as unknown as Env };
}
