/**
 * An open account in memory and in its storage, kept in step: every change is one transaction, and memory follows
 * only after it has returned, because a transaction rolls back tables, not memory. No network here.
 */
import type { Offer } from "../../shared/credits/catalog.ts";
import { OCCURRED_PAST_MAX_MS, type UsageEntry } from "../../shared/credits/entries.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import { type ClosedPeriod, openAccount, rollOver } from "../../shared/credits/reset.ts";
import type { AccountState, Terms } from "../../shared/credits/state.ts";
import {
  addToOutbox,
  type Checkpoint,
  createTables,
  findCommand,
  forgetCommands,
  type OutboxRow,
  type RememberedCommand,
  readCheckpoint,
  readOffer,
  readOutbox,
  rememberCommand,
  removeFromOutbox,
  writeCheckpoint,
  writeOffer,
} from "./checkpoint.ts";
import { foldEntries, onlyUsageDiffers } from "./fold.ts";
import { Journal } from "./journal.ts";
import { Shipping } from "./shipping.ts";

/** What one command writes, all or nothing. */
export interface Change {
  readonly state: AccountState;
  readonly entry?: UsageEntry | undefined;
  readonly notices?: readonly Notice[] | undefined;
  readonly closed?: readonly ClosedPeriod[] | undefined;
  readonly testClockNowMs?: number | undefined;
  /** The answer to remember for an Idempotency-Key. */
  readonly command?: (RememberedCommand & { readonly key: string }) | undefined;
}

/** What a change asks of the shipping that follows it. */
export interface Committed {
  readonly booked: boolean;
  readonly outbox: boolean;
}

export class Ledger {
  readonly accountKey: string;
  readonly journal: Journal;
  readonly shipping: Shipping;
  readonly #storage: DurableObjectStorage;
  #state: AccountState;
  #offer: Offer;
  #testClockNowMs: number | null;

  /** Loads an opened account: its checkpoint and the entries since. */
  constructor(storage: DurableObjectStorage) {
    const { sql } = storage;
    const checkpoint = readCheckpoint(sql);
    this.#storage = storage;
    this.accountKey = checkpoint.accountKey;
    this.#state = foldEntries(sql, checkpoint);
    this.#offer = readOffer(sql);
    this.#testClockNowMs = checkpoint.testClockNowMs;
    const { partitions, acknowledgedSeq, cuts } = checkpoint;
    this.journal = new Journal(sql, partitions, acknowledgedSeq, this.#state.usage.seq);
    this.shipping = new Shipping(this.journal, cuts, readOutbox(sql), Date.now());
  }

  /** Opens an account: writes its tables and its first checkpoint. */
  static open(
    storage: DurableObjectStorage,
    accountKey: string,
    terms: Terms,
    testClockNowMs: number | null,
    offer: Offer,
  ): Ledger {
    const state = openAccount(terms, offer.catalog, testClockNowMs ?? Date.now());
    storage.transactionSync(() => {
      createTables(storage.sql);
      writeOffer(storage.sql, offer);
      const shipped = { partitions: [], acknowledgedSeq: 0, cuts: [] };
      writeCheckpoint(storage.sql, { accountKey, state, testClockNowMs, ...shipped });
    });
    return new Ledger(storage);
  }

  get state(): AccountState {
    return this.#state;
  }

  get offer(): Offer {
    return this.#offer;
  }

  get testClockNowMs(): number | null {
    return this.#testClockNowMs;
  }

  /** The account's clock: its test clock, or real time, which never runs before the period it is in. */
  now(): number {
    return this.#testClockNowMs ?? Math.max(Date.now(), this.#state.period.startMs);
  }

  useOffer(offer: Offer): void {
    if (offer.revision <= this.#offer.revision) return;
    this.#storage.transactionSync(() => writeOffer(this.#storage.sql, offer));
    this.#offer = offer;
  }

  findCommand(key: string): RememberedCommand | null {
    return findCommand(this.#storage.sql, key);
  }

  /** Closes the periods that have ended; null where none has (rules, 2.4). */
  rollOver(nowMs: number): Committed | null {
    if (nowMs < this.#state.period.endMs) return null;
    const { state, closed, notices } = rollOver(this.#state, this.#offer.catalog, nowMs);
    const lastClosedStartMs = closed.at(-1)?.startMs ?? nowMs;
    const committed = this.commit({ state, closed, notices });
    forgetCommands(this.#storage.sql, Math.min(nowMs - OCCURRED_PAST_MAX_MS, lastClosedStartMs));
    return committed;
  }

  /** Writes a change. A booking that changes nothing but the usage writes its entry's row and no other. */
  commit(change: Change): Committed {
    const { journal } = this;
    const { entry } = change;
    const target = entry && journal.partitionFor(entry.seq, change.state.period);
    const outbox = outboxRows(change);
    const rowIsAll =
      target?.isNew === false && outbox.length === 0 && onlyUsageDiffers(this.#state, change.state);
    const partitions = target?.isNew ? [...journal.partitions, target.partition] : journal.partitions;

    const write = () => {
      if (target?.isNew) journal.createTable(target.partition);
      const booked = entry && target && journal.insert(entry, target.partition);
      if (!rowIsAll) this.#writeRest(change, outbox, partitions);
      return booked;
    };
    // One statement is atomic by itself.
    const booked = rowIsAll ? write() : this.#storage.transactionSync(write);
    this.#state = change.state;
    this.#testClockNowMs = change.testClockNowMs ?? this.#testClockNowMs;
    if (target?.isNew) journal.usePartitions(partitions);
    booked?.();
    for (const row of outbox) this.shipping.added(row);
    return { booked: entry !== undefined, outbox: outbox.length > 0 };
  }

  #writeRest(change: Change, outbox: readonly OutboxRow[], partitions: Checkpoint["partitions"]): void {
    const { sql } = this.#storage;
    for (const row of outbox) addToOutbox(sql, row);
    if (change.command !== undefined) {
      const { key, ...command } = change.command;
      rememberCommand(sql, key, command, this.now());
    }
    this.#writeCheckpoint({
      state: change.state,
      testClockNowMs: change.testClockNowMs ?? this.#testClockNowMs,
      partitions,
      acknowledgedSeq: this.shipping.durableSeq,
      cuts: this.shipping.cuts,
    });
  }

  #writeCheckpoint(checkpoint: Omit<Checkpoint, "accountKey">): void {
    writeCheckpoint(this.#storage.sql, { accountKey: this.accountKey, ...checkpoint });
  }

  /**
   * Makes durable what is about to be sent and what has arrived: boundaries of new segments, acknowledgements,
   * partitions that are no longer needed. `all` cuts also segments that could still grow.
   */
  prepareShipment(nowMs: number, all: boolean): void {
    const { journal, shipping } = this;
    const plan = shipping.plan(nowMs, all);
    if (!plan.changed) return;
    const { acknowledgedSeq, cuts, removals } = plan;
    const expired = journal.expiredPartitions(acknowledgedSeq, this.#state.period.startMs, this.now());
    const partitions = journal.partitions.filter((partition) => !expired.includes(partition));
    this.#storage.transactionSync(() => {
      for (const { topic, number } of removals) removeFromOutbox(this.#storage.sql, topic, number);
      for (const partition of expired) journal.dropTable(partition);
      const testClockNowMs = this.#testClockNowMs;
      this.#writeCheckpoint({ state: this.#state, testClockNowMs, partitions, acknowledgedSeq, cuts });
    });
    shipping.adopt(plan, nowMs);
    if (expired.length > 0) journal.usePartitions(partitions);
  }
}

function outboxRows(change: Change): readonly OutboxRow[] {
  const notices = (change.notices ?? []).map((notice) => ({
    topic: "notice" as const,
    number: notice.number,
    body: JSON.stringify(notice),
  }));
  const closed = (change.closed ?? []).map((period) => ({
    topic: "closed_period" as const,
    number: period.startMs,
    body: JSON.stringify(period),
  }));
  return [...notices, ...closed];
}
