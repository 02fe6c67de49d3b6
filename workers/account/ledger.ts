/**
 * An open account in memory and in its storage, kept in step: every change is one transaction, and memory follows
 * only after it has returned, because a transaction rolls back tables, not memory. No network here.
 */
import type { AuditRecord } from "../../shared/credits/audit.ts";
import type { BillingFact } from "../../shared/credits/billing-facts.ts";
import type { Offer } from "../../shared/credits/catalog.ts";
import { type ClosedRecord, NOTHING_REVERSED } from "../../shared/credits/corrections.ts";
import type { Step } from "../../shared/credits/effects.ts";
import { OCCURRED_PAST_MAX_MS, type UsageEntry } from "../../shared/credits/entries.ts";
import type { Hold } from "../../shared/credits/hold.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import type { ClosedPeriod } from "../../shared/credits/reset.ts";
import type { AccountState, Terms } from "../../shared/credits/state.ts";
import { openAccount } from "../../shared/credits/terms.ts";
import { advance, nextDueMs, wakeAtMs } from "../../shared/credits/timeline.ts";
import {
  addToOutbox,
  type Checkpoint,
  type CheckpointedState,
  createTables,
  findAmendment,
  findClosedPeriod,
  findCommand,
  forgetCommands,
  type OutboxRow,
  type Partition,
  type RememberedCommand,
  readCheckpoint,
  readDirectory,
  readOffer,
  readOutbox,
  rememberCommand,
  removeFromOutbox,
  writeAmendment,
  writeCheckpoint,
  writeClosedPeriod,
  writeDirectory,
  writeOffer,
} from "./checkpoint.ts";
import { foldState, onlyJournalDiffers } from "./fold.ts";
import { Journal, readOpenHolds } from "./journal.ts";
import type { Amendment } from "./known.ts";
import { Shipping } from "./shipping.ts";

/** A command of then is never forgotten. */
const FOR_GOOD = Number.MAX_SAFE_INTEGER;

/** What one command writes, all or nothing. */
export interface Change {
  readonly state: AccountState;
  readonly notices?: readonly Notice[] | undefined;
  readonly facts?: readonly BillingFact[] | undefined;
  readonly audit?: readonly AuditRecord[] | undefined;
  readonly entry?: UsageEntry | undefined;
  /** Opened, settled, or captured by the entry. */
  readonly hold?: Hold | undefined;
  readonly closed?: readonly ClosedPeriod[] | undefined;
  readonly amendment?: (Amendment & { readonly eventSeq: number }) | undefined;
  /** A closed period that was corrected. */
  readonly corrected?: ClosedRecord | undefined;
  readonly testClockNowMs?: number | undefined;
  /** The answer to remember for an Idempotency-Key. */
  readonly command?: (RememberedCommand & { readonly key: string; readonly forGood?: boolean }) | undefined;
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
    // Closing released them; no row says so.
    const openHolds =
      checkpoint.state.closedAtMs === null
        ? readOpenHolds(sql, checkpoint.partitions, checkpoint.state.period.startMs)
        : new Map();
    this.#state = foldState(sql, checkpoint, readDirectory(sql), openHolds);
    this.#offer = readOffer(sql);
    this.#testClockNowMs = checkpoint.testClockNowMs;
    const { partitions, acknowledgedSeq, cuts } = checkpoint;
    this.journal = new Journal(sql, partitions, acknowledgedSeq, this.#state.usage.seq);
    this.shipping = new Shipping(this.journal, cuts, readOutbox(sql), this.#testClockNowMs === null);
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
      writeCheckpoint(storage.sql, {
        accountKey,
        state: checkpointed(state),
        testClockNowMs,
        ...shipped,
      });
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

  /** When the account has to be woken for what happens by itself; Infinity: never. A test clock wakes its accounts. */
  get wakeAtMs(): number {
    return this.#testClockNowMs === null ? wakeAtMs(this.#state) : Number.POSITIVE_INFINITY;
  }

  findAmendment(eventSeq: number): Amendment {
    return findAmendment(this.#storage.sql, eventSeq);
  }

  findClosedPeriod(seq: number): ClosedRecord | null {
    return findClosedPeriod(this.#storage.sql, seq);
  }

  findCommand(key: string): RememberedCommand | null {
    return findCommand(this.#storage.sql, key);
  }

  /** Lets happen what fell due by now, resets above all; null where nothing did (rules, 2.4). */
  advance(nowMs: number): Committed | null {
    if (nowMs < nextDueMs(this.#state)) return null;
    const { closed, ...step } = advance(this.#state, this.#offer.catalog, nowMs);
    const committed = this.commitStep(step, { closed });
    const lastClosedStartMs = closed.at(-1)?.startMs;
    if (lastClosedStartMs !== undefined) {
      forgetCommands(this.#storage.sql, Math.min(nowMs - OCCURRED_PAST_MAX_MS, lastClosedStartMs));
    }
    return committed;
  }

  commitStep(step: Step, more: Omit<Change, keyof Step> = {}): Committed {
    const { state, notices, facts, audit } = step;
    return this.commit({ state, notices, facts, audit, ...more });
  }

  /** Writes a change. One that the journal's rows alone restore writes no other: for the end of a hold none at all. */
  commit(change: Change): Committed {
    const { journal } = this;
    const { entry, hold, state } = change;
    const target = this.#target(change);
    const outbox = outboxRows(change);
    const partitions = target?.partitions ?? journal.partitions;
    const rowIsAll =
      partitions === journal.partitions &&
      outbox.length === 0 &&
      change.command === undefined &&
      change.amendment === undefined &&
      change.testClockNowMs === undefined &&
      onlyJournalDiffers(this.#state, state);

    const write = () => {
      if (target?.isNew) journal.createTable(target.partition);
      const booked = target === null ? undefined : this.#writeRow(entry, hold, target.partition);
      if (!rowIsAll) this.#writeRest(change, outbox, partitions);
      return booked;
    };
    // One statement is atomic by itself.
    const booked = rowIsAll && hold === undefined ? write() : this.#storage.transactionSync(write);
    this.#state = state;
    this.#testClockNowMs = change.testClockNowMs ?? this.#testClockNowMs;
    if (partitions !== journal.partitions) journal.usePartitions(partitions);
    booked?.();
    for (const row of outbox) this.shipping.added(row);
    return { booked: entry !== undefined, outbox: outbox.length > 0 };
  }

  /** Where the change's row goes, and the partitions then; null where it has none. */
  #target({ entry, hold, state }: Change) {
    const { journal } = this;
    if (entry === undefined && hold === undefined) return null;
    const settled = entry === undefined && hold !== undefined ? journal.partitionOfHold(hold.event.id) : null;
    if (settled !== null) return { partition: settled, isNew: false, partitions: journal.partitions };
    const seq = entry?.seq ?? state.usage.seq + 1;
    const { partition, isNew } = journal.partitionFor(seq, state.period);
    const opensHold = entry === undefined && partition.holds !== true;
    const flagged: Partition = opensHold ? { ...partition, holds: true } : partition;
    if (!isNew && !opensHold) return { partition, isNew, partitions: journal.partitions };
    const others = journal.partitions.filter((known) => known.number !== partition.number);
    return { partition: flagged, isNew, partitions: [...others, flagged] };
  }

  #writeRow(entry: UsageEntry | undefined, hold: Hold | undefined, partition: Partition) {
    const { journal } = this;
    if (entry === undefined) {
      if (hold !== undefined) journal.writeHold(hold, partition);
      return undefined;
    }
    return hold === undefined
      ? journal.insert(entry, partition)
      : journal.insertForHold(entry, hold, partition);
  }

  #writeRest(change: Change, outbox: readonly OutboxRow[], partitions: Checkpoint["partitions"]): void {
    const { sql } = this.#storage;
    for (const row of outbox) addToOutbox(sql, row);
    if (change.command !== undefined) {
      const { key, forGood, ...command } = change.command;
      rememberCommand(sql, key, command, forGood ? FOR_GOOD : this.now());
    }
    const { amendment, corrected, state } = change;
    if (amendment !== undefined) {
      const { eventSeq, ...rest } = amendment;
      writeAmendment(sql, eventSeq, rest);
    }
    for (const closed of change.closed ?? []) writeClosedPeriod(sql, { closed, reversed: NOTHING_REVERSED });
    if (corrected !== undefined) writeClosedPeriod(sql, corrected);
    if (state.directory !== this.#state.directory) writeDirectory(sql, state.directory);
    this.#writeCheckpoint({
      state: checkpointed(state),
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
      this.#writeCheckpoint({
        state: checkpointed(this.#state),
        testClockNowMs,
        partitions,
        acknowledgedSeq,
        cuts,
      });
    });
    shipping.adopt(plan, nowMs);
    if (expired.length > 0) journal.usePartitions(partitions);
  }
}

function checkpointed({ holds: _holds, directory: _directory, ...state }: AccountState): CheckpointedState {
  return state;
}

function outboxRows({ notices = [], facts = [], audit = [] }: Change): readonly OutboxRow[] {
  return [
    ...notices.map((notice) => outboxRow("notice", notice)),
    ...facts.map((fact) => outboxRow("fact", fact)),
    ...audit.map((record) => outboxRow("audit", record)),
  ];
}

function outboxRow(topic: OutboxRow["topic"], content: { readonly number: number }): OutboxRow {
  return { topic, number: content.number, body: JSON.stringify(content) };
}
