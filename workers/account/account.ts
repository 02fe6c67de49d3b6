/**
 * The account: one Durable Object per account, which decides every use, purchase and setting, books each exactly
 * once, and answers after the write is durable (the platform holds replies back until then). The rules are in
 * shared/credits; here state is loaded, the rules are asked, and what they say is stored.
 */
import { DurableObject } from "cloudflare:workers";
import { balanceOf, summarise } from "../../shared/credits/balance.ts";
import type { Offer } from "../../shared/credits/catalog.ts";
import { makeEntry, OCCURRED_PAST_MAX_MS, type UsageEntry } from "../../shared/credits/entries.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import {
  type ChangeTerms,
  type ClosedPeriod,
  changeTerms,
  openAccount,
  rollOver,
} from "../../shared/credits/reset.ts";
import {
  type BuyPack,
  buyPack,
  type ChangeSettings,
  cancelPendingSetting,
  changeSettings,
} from "../../shared/credits/settings.ts";
import type { AccountState, Terms } from "../../shared/credits/state.ts";
import type {
  AccountApi,
  AccountNotFound,
  AccountView,
  Acknowledgement,
  CallContext,
  DueFacts,
  EventFate,
  Opened,
  SettingsResult,
  TermsView,
  UsageCall,
  UsageResult,
} from "../../shared/protocol.ts";
import type { Env } from "../env.ts";
import { loadOffer } from "../offer.ts";
import {
  addToOutbox,
  type Checkpoint,
  createTables,
  findCommand,
  forgetCommands,
  isOpen,
  type OutboxRow,
  type Partition,
  readCheckpoint,
  readOffer,
  readOutbox,
  rememberCommand,
  removeFromOutbox,
  writeCheckpoint,
  writeOffer,
} from "./checkpoint.ts";
import { DayCache } from "./day.ts";
import { type Decided, decideCall } from "./decide.ts";
import { foldEntries, onlyUsageDiffers } from "./fold.ts";
import { Journal } from "./journal.ts";
import { LostDemand } from "./lost-demand.ts";
import { SEGMENT_ENTRIES_MAX } from "./segments.ts";
import { FLUSH_AFTER_MS, Shipping } from "./shipping.ts";

const NOT_FOUND: AccountNotFound = { kind: "account_not_found" };

/** Everything an open account holds in memory. */
interface Ledger {
  readonly accountKey: string;
  readonly journal: Journal;
  readonly shipping: Shipping;
  state: AccountState;
  offer: Offer;
  testClockNowMs: number | null;
}

/** What one command writes, all or nothing. */
interface Change {
  readonly state: AccountState;
  readonly entry?: UsageEntry | undefined;
  readonly notices?: readonly Notice[] | undefined;
  readonly closed?: readonly ClosedPeriod[] | undefined;
  readonly testClockNowMs?: number | undefined;
  /** The answer to remember for an Idempotency-Key. */
  readonly command?: { readonly key: string; readonly content: string; readonly answer: string } | undefined;
}

export class Account extends DurableObject<Env> implements AccountApi {
  readonly #sql: SqlStorage;
  readonly #days = new DayCache();
  readonly #lostDemand = new LostDemand();
  #ledger: Ledger | null = null;
  #armedAtMs: number | null = null;
  #shipment: Promise<void> | null = null;
  #offerLoading: Promise<Offer> | null = null;
  #demandTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#sql = context.storage.sql;
    if (!isOpen(this.#sql)) return;
    const ledger = this.#load();
    this.#ledger = ledger;
    context.blockConcurrencyWhile(async () => {
      this.#armedAtMs = await context.storage.getAlarm();
      this.#armFor(ledger.shipping.nextAttemptMs(Date.now()));
    });
  }

  #load(): Ledger {
    const checkpoint = readCheckpoint(this.#sql);
    const { accountKey, acknowledgedSeq, cuts, partitions, testClockNowMs } = checkpoint;
    const state = foldEntries(this.#sql, checkpoint);
    const journal = new Journal(this.#sql, partitions, acknowledgedSeq, state.usage.seq);
    const shipping = new Shipping(journal, cuts, readOutbox(this.#sql), Date.now());
    return { accountKey, journal, shipping, state, offer: readOffer(this.#sql), testClockNowMs };
  }

  // ---- calls -------------------------------------------------------------------------------------------------

  async open(
    terms: Terms,
    testClockNowMs: number | null,
    _context: CallContext,
  ): Promise<Opened | { readonly kind: "terms_differ" }> {
    const accountKey = this.ctx.id.name;
    if (accountKey === undefined) throw new Error("an account is addressed by its name");
    if (this.#ledger === null) {
      const offer = await loadOffer(this.env.DB, testClockNowMs ?? Date.now());
      // Another call may have opened it while the offer was on its way.
      if (this.#ledger === null) return this.#create(accountKey, terms, testClockNowMs, offer);
    }
    const { state } = this.#ledger;
    if (JSON.stringify(state.terms) !== JSON.stringify(terms)) return { kind: "terms_differ" };
    return { kind: "opened", created: false, terms: state.terms, periodEndsAtMs: state.period.endMs };
  }

  #create(accountKey: string, terms: Terms, testClockNowMs: number | null, offer: Offer): Opened {
    const state = openAccount(terms, offer.catalog, testClockNowMs ?? Date.now());
    this.ctx.storage.transactionSync(() => {
      createTables(this.#sql);
      writeOffer(this.#sql, offer);
      writeCheckpoint(this.#sql, {
        accountKey,
        state,
        testClockNowMs,
        partitions: [],
        acknowledgedSeq: 0,
        cuts: [],
      });
    });
    this.#ledger = this.#load();
    return { kind: "opened", created: true, terms, periodEndsAtMs: state.period.endMs };
  }

  async use(calls: readonly UsageCall[], context: CallContext): Promise<readonly UsageResult[]> {
    const ledger = await this.#ready(context);
    if (ledger === null) return calls.map(() => NOT_FOUND);
    return calls.map((call) => {
      try {
        return this.#useOne(ledger, call);
      } catch (error) {
        console.error("an event could not be decided", error);
        return { kind: "internal_error" };
      }
    });
  }

  #useOne(ledger: Ledger, call: UsageCall): UsageResult {
    const { event } = call;
    const decided = decideCall(ledger, call, now(ledger));
    switch (decided.kind) {
      case "booked":
        return this.#book(ledger, call, decided);
      case "denied": {
        if (call.mode !== "check") this.#deny(ledger, call, decided);
        const balance = summarise(ledger.state, ledger.offer.catalog);
        const { reason, resolve, quote } = decided;
        return { kind: "denied", reason, resolve, creditsMicros: quote.creditsMicros, balance };
      }
      case "quoted": {
        const balance = summarise(ledger.state, ledger.offer.catalog);
        return {
          kind: "quoted",
          creditsMicros: decided.quote.creditsMicros,
          upgrade: decided.upgrade,
          balance,
        };
      }
      case "replayed": {
        const balance = summarise(ledger.state, ledger.offer.catalog);
        return { kind: "allowed", replayed: true, entry: decided.entry, upgrade: null, balance };
      }
      case "idempotency_conflict":
        return { kind: "idempotency_conflict", id: event.id };
      default:
        return decided;
    }
  }

  #book(ledger: Ledger, call: UsageCall, decided: Extract<Decided, { kind: "booked" }>): UsageResult {
    const nowMs = now(ledger);
    const { timeZone } = ledger.state.terms;
    const entry = makeEntry(call.event, {
      seq: decided.state.usage.seq,
      period: ledger.state.period.name,
      periodStartMs: ledger.state.period.startMs,
      mode: decided.mode,
      nowMs,
      day: this.#days.dayOf(call.event.occurredAtMs ?? nowMs, timeZone),
      quote: decided.quote,
      overdraftMicros: decided.overdraftMicros,
      wouldDeny: decided.wouldDeny,
    });
    this.#commit(ledger, { state: decided.state, entry, notices: decided.notices });
    const balance = summarise(ledger.state, ledger.offer.catalog);
    return { kind: "allowed", replayed: false, entry, upgrade: decided.upgrade, balance };
  }

  #deny(ledger: Ledger, call: UsageCall, decided: Extract<Decided, { kind: "denied" }>): void {
    if (decided.state !== ledger.state) {
      this.#commit(ledger, { state: decided.state, notices: decided.notices });
    }
    this.#lostDemand.add({
      day: this.#days.dayOf(now(ledger), ledger.state.terms.timeZone),
      feature: call.event.feature,
      action: call.event.items[0]?.action ?? "",
      reason: decided.reason,
      denials: 1,
    });
    this.#demandTimer ??= setTimeout(() => {
      this.#demandTimer = null;
      this.ctx.waitUntil(this.#sendLostDemand(ledger));
    }, FLUSH_AFTER_MS);
  }

  async view(context: CallContext): Promise<AccountView | AccountNotFound> {
    const ledger = await this.#ready(context);
    if (ledger === null) return NOT_FOUND;
    const { state, offer, journal, shipping } = ledger;
    return {
      kind: "view",
      nowMs: now(ledger),
      terms: state.terms,
      balance: balanceOf(state, offer.catalog),
      noticePercentages: offer.catalog.noticePercentages,
      acknowledgedSeq: journal.acknowledgedSeq,
      lastSeq: state.usage.seq,
      tail: journal.tail,
      notices: shipping.notices,
    };
  }

  async fate(eventId: string, context: CallContext): Promise<EventFate | AccountNotFound> {
    const ledger = await this.#ready(context);
    if (ledger === null) return NOT_FOUND;
    const entry = ledger.journal.find(eventId);
    return entry === null ? { kind: "unknown" } : { kind: "booked", entry };
  }

  async buyPack(
    command: BuyPack,
    idempotencyKey: string | null,
    context: CallContext,
  ): Promise<SettingsResult> {
    const ledger = await this.#ready(context);
    if (ledger === null) return NOT_FOUND;
    const content = JSON.stringify([
      "buy_pack",
      command.pack,
      command.quantity,
      command.setting,
      command.maximumMicros,
    ]);
    const known = idempotencyKey === null ? null : findCommand(this.#sql, idempotencyKey);
    if (known !== null) {
      return known.content === content
        ? JSON.parse(known.answer)
        : { kind: "idempotency_conflict", id: idempotencyKey ?? "" };
    }
    const { catalog } = ledger.offer;
    const change = buyPack(ledger.state, command, catalog, now(ledger));
    if (change.kind !== "changed") return change;
    const answer: SettingsResult = {
      kind: "settings",
      balance: balanceOf(change.state, catalog),
      bought: change.bought,
    };
    this.#commit(ledger, {
      state: change.state,
      notices: change.notices,
      command:
        idempotencyKey === null
          ? undefined
          : { key: idempotencyKey, content, answer: JSON.stringify(answer) },
    });
    return answer;
  }

  async changeSettings(command: ChangeSettings, context: CallContext): Promise<SettingsResult> {
    const ledger = await this.#ready(context);
    if (ledger === null) return NOT_FOUND;
    const change = changeSettings(ledger.state, command, ledger.offer.catalog, now(ledger));
    if (change.kind !== "changed") return change;
    this.#commit(ledger, { state: change.state, notices: change.notices });
    return this.#settings(ledger);
  }

  async cancelPendingSetting(context: CallContext): Promise<SettingsResult> {
    const ledger = await this.#ready(context);
    if (ledger === null) return NOT_FOUND;
    if (ledger.state.pendingSetting !== null)
      this.#commit(ledger, { state: cancelPendingSetting(ledger.state) });
    return this.#settings(ledger);
  }

  #settings(ledger: Ledger): SettingsResult {
    return { kind: "settings", balance: balanceOf(ledger.state, ledger.offer.catalog), bought: null };
  }

  async changeTerms(change: ChangeTerms, context: CallContext): Promise<TermsView | AccountNotFound> {
    const ledger = await this.#ready(context);
    if (ledger === null) return NOT_FOUND;
    this.#commit(ledger, { state: changeTerms(ledger.state, change) });
    return termsView(ledger.state);
  }

  async terms(context: CallContext): Promise<TermsView | AccountNotFound> {
    const ledger = await this.#ready(context);
    return ledger === null ? NOT_FOUND : termsView(ledger.state);
  }

  async due(context: CallContext): Promise<DueFacts | AccountNotFound> {
    const ledger = await this.#ready(context);
    if (ledger === null) return NOT_FOUND;
    return { kind: "due", facts: ledger.shipping.facts, periodEndsAtMs: ledger.state.period.endMs };
  }

  async advanceClock(toMs: number, context: CallContext): Promise<DueFacts | AccountNotFound> {
    const ledger = await this.#ready(context);
    if (ledger === null) return NOT_FOUND;
    if (ledger.testClockNowMs === null) throw new Error("this account follows real time");
    if (toMs > ledger.testClockNowMs) this.#commit(ledger, { state: ledger.state, testClockNowMs: toMs });
    this.#rollOver(ledger);
    return { kind: "due", facts: ledger.shipping.facts, periodEndsAtMs: ledger.state.period.endMs };
  }

  async acknowledge(acknowledgement: Acknowledgement): Promise<void> {
    this.#ledger?.shipping.acknowledge(acknowledgement);
  }

  async flush(): Promise<void> {
    if (this.#ledger !== null) await this.#ship(this.#ledger, true);
  }

  /** Never throws: after its retries the platform drops an alarm, and with it the sign that something is unshipped. */
  override async alarm(): Promise<void> {
    this.#armedAtMs = null;
    const ledger = this.#ledger;
    if (ledger === null) return;
    try {
      await this.#ship(ledger, false);
    } catch (error) {
      console.error("the outbox was not shipped; the next alarm tries again", error);
      this.#armFor(Date.now() + FLUSH_AFTER_MS);
    }
  }

  // ---- keeping ------------------------------------------------------------------------------------------------

  /** The open account with the newest offer, after any reset that is due; null where nobody opened it. */
  async #ready(context: CallContext): Promise<Ledger | null> {
    const ledger = this.#ledger;
    if (ledger === null) return null;
    if (context.offerRevision > ledger.offer.revision) await this.#refreshOffer(ledger);
    this.#rollOver(ledger);
    return ledger;
  }

  /** Calls that find the offer outdated share one look at D1. Without D1 the account decides with what it has. */
  async #refreshOffer(ledger: Ledger): Promise<void> {
    this.#offerLoading ??= loadOffer(this.env.DB, now(ledger)).finally(() => {
      this.#offerLoading = null;
    });
    try {
      const offer = await this.#offerLoading;
      if (offer.revision <= ledger.offer.revision) return;
      writeOffer(this.#sql, offer);
      ledger.offer = offer;
    } catch (error) {
      console.warn("the newest offer could not be read", error);
    }
  }

  #rollOver(ledger: Ledger): void {
    const nowMs = now(ledger);
    if (nowMs < ledger.state.period.endMs) return;
    const { state, closed, notices } = rollOver(ledger.state, ledger.offer.catalog, nowMs);
    this.#commit(ledger, { state, closed, notices });
    forgetCommands(this.#sql, Math.min(nowMs - OCCURRED_PAST_MAX_MS, closed.at(-1)?.startMs ?? nowMs));
  }

  /** Writes a change and then, not before, lets memory follow: a transaction rolls back tables, not memory. */
  #commit(ledger: Ledger, change: Change): void {
    const { journal } = ledger;
    const target = change.entry && journal.partitionFor(change.entry.seq, change.state.period);
    const outbox = outboxRows(change);
    const rowOnly =
      target !== undefined &&
      !target.isNew &&
      outbox.length === 0 &&
      onlyUsageDiffers(ledger.state, change.state);
    const partitions = target?.isNew ? [...journal.partitions, target.partition] : journal.partitions;

    if (rowOnly && change.entry !== undefined) journal.insert(change.entry, target.partition);
    else {
      this.ctx.storage.transactionSync(() => {
        if (target?.isNew) journal.createTable(target.partition);
        if (change.entry !== undefined && target !== undefined)
          journal.insert(change.entry, target.partition);
        for (const row of outbox) addToOutbox(this.#sql, row);
        if (change.command !== undefined) {
          rememberCommand(this.#sql, change.command.key, change.command, now(ledger));
        }
        this.#writeCheckpoint(ledger, { ...change, partitions });
      });
    }
    ledger.state = change.state;
    ledger.testClockNowMs = change.testClockNowMs ?? ledger.testClockNowMs;
    if (target?.isNew) journal.usePartitions(partitions);
    if (change.entry !== undefined) journal.booked(change.entry);
    for (const row of outbox) ledger.shipping.added(row);
    this.#armAfter(ledger, change.entry !== undefined, outbox.length > 0);
  }

  #writeCheckpoint(
    ledger: Ledger,
    changed: {
      readonly state: AccountState;
      readonly testClockNowMs?: number | undefined;
      readonly partitions?: readonly Partition[];
      readonly acknowledgedSeq?: number;
      readonly cuts?: Checkpoint["cuts"];
    },
  ): void {
    writeCheckpoint(this.#sql, {
      accountKey: ledger.accountKey,
      state: changed.state,
      testClockNowMs: changed.testClockNowMs ?? ledger.testClockNowMs,
      partitions: changed.partitions ?? ledger.journal.partitions,
      acknowledgedSeq: changed.acknowledgedSeq ?? ledger.shipping.durableSeq,
      cuts: changed.cuts ?? ledger.shipping.cuts,
    });
  }

  // ---- shipping -----------------------------------------------------------------------------------------------

  #armAfter(ledger: Ledger, booked: boolean, outbox: boolean): void {
    const nowMs = Date.now();
    if (booked) ledger.shipping.booked(nowMs);
    const full = ledger.shipping.uncutEntries >= SEGMENT_ENTRIES_MAX;
    if (outbox || full) this.#armFor(nowMs);
    else if (booked && this.#armedAtMs === null) this.#armFor(nowMs + FLUSH_AFTER_MS);
  }

  /** Arms the one alarm, unless it rings as early already: arming writes a row. */
  #armFor(atMs: number | null): void {
    if (atMs === null || (this.#armedAtMs !== null && this.#armedAtMs <= atMs)) return;
    this.#armedAtMs = atMs;
    this.ctx.storage.setAlarm(atMs);
  }

  /** One shipment at a time: makes the plan durable, then sends; `all` also cuts segments that could still grow. */
  async #ship(ledger: Ledger, all: boolean): Promise<void> {
    while (this.#shipment !== null) await this.#shipment;
    this.#shipment = this.#shipOnce(ledger, all).finally(() => {
      this.#shipment = null;
    });
    await this.#shipment;
  }

  async #shipOnce(ledger: Ledger, all: boolean): Promise<void> {
    const nowMs = Date.now();
    const { shipping, journal } = ledger;
    const plan = shipping.plan(nowMs, all);
    if (plan.changed) {
      const expired = journal.expiredPartitions(
        plan.acknowledgedSeq,
        ledger.state.period.startMs,
        now(ledger),
      );
      const partitions = journal.partitions.filter((partition) => !expired.includes(partition));
      this.ctx.storage.transactionSync(() => {
        for (const { topic, number } of plan.removals) removeFromOutbox(this.#sql, topic, number);
        for (const partition of expired) journal.dropTable(partition);
        this.#writeCheckpoint(ledger, { state: ledger.state, partitions, ...plan });
      });
      shipping.adopt(plan, nowMs);
      if (expired.length > 0) journal.usePartitions(partitions);
    }
    await Promise.all([shipping.send(this.env, ledger.accountKey, nowMs), this.#sendLostDemand(ledger)]);
    this.#armFor(shipping.nextAttemptMs(Date.now()));
  }

  async #sendLostDemand(ledger: Ledger): Promise<void> {
    if (this.#lostDemand.isEmpty) return;
    const counts = this.#lostDemand.take();
    try {
      const { accountKey } = ledger;
      await this.env.USAGE_QUEUE.send({ type: "denials", accountKey, batch: crypto.randomUUID(), counts });
    } catch (error) {
      console.warn("denials were not sent; the next shipment takes them", error);
      this.#lostDemand.restore(counts);
    }
  }
}

/** The account's clock: real time, never before its period, or its test clock. */
function now(ledger: Pick<Ledger, "state" | "testClockNowMs">): number {
  return ledger.testClockNowMs ?? Math.max(Date.now(), ledger.state.period.startMs);
}

function outboxRows(change: Change): readonly OutboxRow[] {
  const notices = change.notices ?? [];
  const closed = change.closed ?? [];
  return [
    ...notices.map((notice) => ({
      topic: "notice" as const,
      number: notice.number,
      body: JSON.stringify(notice),
    })),
    ...closed.map((period) => ({
      topic: "closed_period" as const,
      number: period.startMs,
      body: JSON.stringify(period),
    })),
  ];
}

function termsView(state: AccountState): TermsView {
  return {
    kind: "terms",
    terms: state.terms,
    pendingTerms: state.pendingTerms,
    resetAtMs: state.period.endMs,
  };
}
