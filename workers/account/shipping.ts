/**
 * How the account's facts reach D1 and the admins: at least once, in segments whose boundaries are durable before
 * they are sent, kept until they are acknowledged. Planning is apart from sending, so that the account makes the
 * plan durable in between.
 */
import type { AuditRecord } from "../../shared/credits/audit.ts";
import type { BillingFact } from "../../shared/credits/billing-facts.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import { notificationIdOf } from "../../shared/notification-id.ts";
import type { Acknowledgement } from "../../shared/protocol.ts";
import { type SegmentMessage, toSegmentEntry } from "../../shared/queues.ts";
import type { Env } from "../env.ts";
import { Attempts } from "./attempts.ts";
import { type BatchLimits, batchesOf, bytesOf } from "./batches.ts";
import type { OutboxRow, OutboxTopic } from "./checkpoint.ts";
import type { Journal } from "./journal.ts";
import { type Cut, cutSegments, SEGMENT_ENTRIES_MAX } from "./segments.ts";

/** An entry waits this long for a full segment. */
export const FLUSH_AFTER_MS = 60_000;
/** Segments under way at once; more wait in the journal. */
const CUTS_MAX = 40;
/** A queue takes 100 messages and 256 KB at once, envelopes included. */
const NOTICES_AT_ONCE: BatchLimits = { rows: 100, bytes: 200_000 };
/** A message has 128 KB, its envelope included. */
const AUDIT_MESSAGE: BatchLimits = { rows: 10, bytes: 120_000 };
/** Stands for what no message can carry. */
const OMITTED = { omitted: "too large for the audit log" };

export interface ShippingPlan {
  readonly acknowledgedSeq: number;
  readonly cuts: readonly Cut[];
  /** Some of the cuts are new. */
  readonly cutsGrew: boolean;
  /** Outbox rows that others hold: to be removed. */
  readonly removals: readonly { readonly topic: OutboxTopic; readonly number: number }[];
  /** Something has to be written before anything is sent. */
  readonly changed: boolean;
}

interface Pending {
  readonly row: OutboxRow;
  acknowledged: boolean;
}

export class Shipping {
  readonly #journal: Journal;
  #cuts: readonly Cut[];
  #durableSeq: number;
  readonly #acknowledgedCuts = new Set<number>();
  readonly #attempts = new Attempts();
  readonly #outbox = new Map<string, Pending>();
  #waitingSinceMs: number | null;

  /**
   * What an earlier life of the object left has waited since it was booked, or, where `realTime` is false and the clock
   * does not say, for long enough: an idle object is dropped from memory long before its entries have waited a minute.
   */
  constructor(journal: Journal, cuts: readonly Cut[], outbox: readonly OutboxRow[], realTime: boolean) {
    this.#journal = journal;
    this.#cuts = cuts;
    this.#durableSeq = journal.acknowledgedSeq;
    for (const row of outbox) this.added(row);
    const [oldest] = this.#uncut();
    this.#waitingSinceMs = oldest === undefined ? null : realTime ? oldest.atMs : 0;
  }

  /** Everything up to here is known to be in D1 by the checkpoint. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  get cuts(): readonly Cut[] {
    return this.#cuts;
  }

  /** Notices that nobody has confirmed yet. */
  get notices(): readonly Notice[] {
    return this.#waiting("notice").map(({ row }) => JSON.parse(row.body) as Notice);
  }

  /** Audit records that nobody has confirmed yet. */
  get audit(): readonly AuditRecord[] {
    return this.#waiting("audit").map(({ row }) => JSON.parse(row.body) as AuditRecord);
  }

  /** What billing has not stored yet, by number. */
  get facts(): readonly BillingFact[] {
    return this.#waiting("fact").map(({ row }) => JSON.parse(row.body) as BillingFact);
  }

  get factsWaiting(): number {
    return this.#waiting("fact").length;
  }

  #waiting(topic: OutboxTopic): readonly Pending[] {
    const waiting = [...this.#outbox.values()].filter(
      ({ row, acknowledged }) => row.topic === topic && !acknowledged,
    );
    return waiting.sort((a, b) => a.row.number - b.row.number);
  }

  /** An outbox row was written. */
  added(row: OutboxRow): void {
    this.#outbox.set(rowKey(row), { row, acknowledged: false });
  }

  /** An entry was written. */
  booked(nowMs: number): void {
    this.#waitingSinceMs ??= nowMs;
  }

  acknowledge(acknowledgement: Acknowledgement): void {
    for (const firstSeq of acknowledgement.segments ?? []) {
      // A number that is not cut yet may become the first of another segment.
      if (this.#cuts.some((cut) => cut.firstSeq === firstSeq)) this.#acknowledgedCuts.add(firstSeq);
    }
    for (const number of acknowledgement.notices ?? []) this.#acknowledgeRow("notice", number);
    for (const number of acknowledgement.facts ?? []) this.#acknowledgeRow("fact", number);
    for (const number of acknowledgement.audit ?? []) this.#acknowledgeRow("audit", number);
    this.#journal.acknowledged(this.#acknowledgedPrefix());
  }

  #acknowledgeRow(topic: OutboxTopic, number: number): void {
    const pending = this.#outbox.get(rowKey({ topic, number }));
    if (pending !== undefined) pending.acknowledged = true;
  }

  /** Everything up to here is in D1: segments may be acknowledged out of order. */
  #acknowledgedPrefix(): number {
    let seq = this.#durableSeq;
    for (const cut of this.#cuts) {
      if (!this.#acknowledgedCuts.has(cut.firstSeq)) break;
      seq = cut.lastSeq;
    }
    return seq;
  }

  /** Segments that are under way. */
  get #openCuts(): readonly Cut[] {
    const acknowledgedSeq = this.#acknowledgedPrefix();
    return this.#cuts.filter((cut) => cut.firstSeq > acknowledgedSeq);
  }

  /** The next shipment can cut a full segment; false while too many are under way already. */
  get canCutFull(): boolean {
    return this.#uncutEntries >= SEGMENT_ENTRIES_MAX && this.#openCuts.length < CUTS_MAX;
  }

  /** How many of the kept entries belong to no segment yet. */
  get #uncutEntries(): number {
    const { tail, acknowledgedSeq } = this.#journal;
    const cutSeq = Math.max(this.#cuts.at(-1)?.lastSeq ?? this.#durableSeq, acknowledgedSeq);
    return acknowledgedSeq + tail.length - cutSeq;
  }

  #uncut(): readonly UsageEntry[] {
    const { tail } = this.#journal;
    return tail.slice(tail.length - this.#uncutEntries);
  }

  /** What to make durable now; `all` cuts also what could still grow. */
  plan(nowMs: number, all: boolean): ShippingPlan {
    const acknowledgedSeq = this.#acknowledgedPrefix();
    const open = this.#openCuts;
    const waited = this.#waitingSinceMs !== null && nowMs - this.#waitingSinceMs >= FLUSH_AFTER_MS;
    const fresh = cutSegments(this.#uncut(), all || waited).slice(0, Math.max(0, CUTS_MAX - open.length));
    const removals = [...this.#outbox.values()]
      .filter((pending) => pending.acknowledged)
      .map(({ row }) => row);
    return {
      acknowledgedSeq,
      cuts: [...open, ...fresh],
      cutsGrew: fresh.length > 0,
      removals,
      changed: acknowledgedSeq > this.#durableSeq || fresh.length > 0 || removals.length > 0,
    };
  }

  /** The plan is durable. */
  adopt(plan: ShippingPlan, nowMs: number): void {
    this.#cuts = plan.cuts;
    this.#durableSeq = plan.acknowledgedSeq;
    for (const removed of plan.removals) {
      this.#outbox.delete(rowKey(removed));
      this.#attempts.forget(rowKey(removed));
    }
    for (const firstSeq of this.#acknowledgedCuts) {
      if (firstSeq <= plan.acknowledgedSeq) {
        this.#acknowledgedCuts.delete(firstSeq);
        this.#attempts.forget(cutKey(firstSeq));
      }
    }
    // A shipment of other things must not put off the entries that wait.
    if (plan.cutsGrew || this.#waitingSinceMs === null) {
      this.#waitingSinceMs = this.#uncutEntries > 0 ? nowMs : null;
    }
  }

  /** Sends what was not sent, or not acknowledged in time. A queue that refuses is asked again later. */
  async send(env: Env, accountKey: string, nowMs: number): Promise<void> {
    const results = await Promise.allSettled([
      ...this.#cuts
        .filter((cut) => this.#isDue(cut, nowMs))
        .map((cut) => this.#sendSegment(env, accountKey, cut, nowMs)),
      this.#sendNotices(env, accountKey, nowMs),
      this.#sendDue(env, accountKey, nowMs),
      this.#sendAudit(env, accountKey, nowMs),
    ]);
    for (const result of results) {
      if (result.status === "rejected")
        console.warn("a queue refused a message; it is sent again", result.reason);
    }
  }

  #isDue(cut: Cut, nowMs: number): boolean {
    return !this.#acknowledgedCuts.has(cut.firstSeq) && this.#attempts.isDue(cutKey(cut.firstSeq), nowMs);
  }

  async #sendSegment(env: Env, accountKey: string, cut: Cut, nowMs: number): Promise<void> {
    const message = segmentMessage(accountKey, cut, this.#journal.tail);
    if (message === null) return;
    await this.#attempt([cutKey(cut.firstSeq)], nowMs, () => env.USAGE_QUEUE.send(message));
  }

  #unsent(topic: OutboxTopic, nowMs: number): readonly OutboxRow[] {
    return this.#waiting(topic)
      .map(({ row }) => row)
      .filter((row) => this.#attempts.isDue(rowKey(row), nowMs));
  }

  async #sendNotices(env: Env, accountKey: string, nowMs: number): Promise<void> {
    const batches = batchesOf(this.#unsent("notice", nowMs), NOTICES_AT_ONCE);
    await this.#attemptEach(batches, nowMs, (batch) =>
      env.NOTIFICATIONS_QUEUE.sendBatch(
        batch.map((row) => ({
          body: {
            type: "notice" as const,
            accountKey,
            notificationId: notificationIdOf(accountKey, row.number),
            notice: JSON.parse(row.body) as Notice,
          },
        })),
      ),
    );
  }

  async #sendDue(env: Env, accountKey: string, nowMs: number): Promise<void> {
    const unsent = this.#unsent("fact", nowMs).map(rowKey);
    if (unsent.length === 0) return;
    await this.#attempt(unsent, nowMs, () => env.BILLING_QUEUE.send({ type: "account_due", accountKey }));
  }

  async #sendAudit(env: Env, accountKey: string, nowMs: number): Promise<void> {
    const batches = batchesOf(this.#unsent("audit", nowMs), AUDIT_MESSAGE);
    await this.#attemptEach(batches, nowMs, (batch) =>
      env.USAGE_QUEUE.send({ type: "audit", accountKey, records: batch.map(auditRecord) }),
    );
  }

  /** One after the other: what the queue refuses holds up no other. */
  async #attemptEach(
    batches: readonly (readonly OutboxRow[])[],
    nowMs: number,
    send: (batch: readonly OutboxRow[]) => Promise<unknown>,
  ): Promise<void> {
    const errors: unknown[] = [];
    for (const batch of batches) {
      await this.#attempt(batch.map(rowKey), nowMs, () => send(batch)).catch((error) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} were refused`);
  }

  /** One message or batch; remembers for all that it carries how it went. */
  async #attempt(keys: readonly string[], nowMs: number, send: () => Promise<unknown>): Promise<void> {
    let taken = false;
    try {
      await send();
      taken = true;
    } finally {
      for (const key of keys) this.#attempts.made(key, taken, nowMs);
    }
  }

  /** When the alarm has to ring next: at once, after a wait, or never (null). */
  nextAttemptMs(nowMs: number): number | null {
    const candidates = [
      ...this.#cuts.map(({ firstSeq }) => cutKey(firstSeq)),
      ...[...this.#outbox.values()].map(({ row }) => rowKey(row)),
    ].map((key) => this.#attempts.dueAtMs(key, nowMs));
    if (this.canCutFull) candidates.push(nowMs);
    else if (this.#uncutEntries > 0 && this.#openCuts.length < CUTS_MAX) {
      candidates.push((this.#waitingSinceMs ?? nowMs) + FLUSH_AFTER_MS);
    }
    return candidates.length === 0 ? null : Math.min(...candidates);
  }
}

function cutKey(firstSeq: number): string {
  return `segment/${firstSeq}`;
}

function rowKey({ topic, number }: Pick<OutboxRow, "topic" | "number">): string {
  return `${topic}/${number}`;
}

/** Who did what and when is kept, however large before and after are. */
function auditRecord(row: OutboxRow): AuditRecord {
  const record: AuditRecord = JSON.parse(row.body);
  return bytesOf(row) <= AUDIT_MESSAGE.bytes ? record : { ...record, before: OMITTED, after: OMITTED };
}

/** The message of a cut, or null where its entries are beyond what is kept in memory. */
function segmentMessage(accountKey: string, cut: Cut, tail: readonly UsageEntry[]): SegmentMessage | null {
  const firstSeq = tail[0]?.seq;
  if (firstSeq === undefined || cut.firstSeq < firstSeq) return null;
  const entries = tail.slice(cut.firstSeq - firstSeq, cut.lastSeq - firstSeq + 1);
  const [first] = entries;
  if (first === undefined || entries.length !== cut.lastSeq - cut.firstSeq + 1) return null;
  return {
    type: "segment",
    accountKey,
    period: first.period,
    firstSeq: cut.firstSeq,
    lastSeq: cut.lastSeq,
    entries: entries.map(toSegmentEntry),
  };
}
