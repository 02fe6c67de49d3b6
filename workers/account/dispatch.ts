/**
 * When the account's facts are shipped: one alarm for many events, one shipment at a time, and a timer for the
 * denials, which are counted in memory only.
 */
import type { Acknowledgement } from "../../shared/protocol.ts";
import type { DenialCount } from "../../shared/queues.ts";
import type { Env } from "../env.ts";
import type { Committed, Ledger } from "./ledger.ts";
import { LostDemand } from "./lost-demand.ts";
import { FLUSH_AFTER_MS } from "./shipping.ts";

/** A message has 128 KB; a count with the longest names takes a quarter of a KB. */
const DENIALS_PER_MESSAGE_MAX = 400;
/**
 * Acknowledgements are in memory only until the next shipment. The platform drops an idle object after 10 s, and with it
 * what would otherwise be sent again every minute.
 */
const CONFIRM_AFTER_MS = 5_000;

export class Dispatch {
  readonly #context: DurableObjectState;
  readonly #env: Env;
  readonly #ledger: Ledger;
  readonly #lostDemand = new LostDemand();
  #armedAtMs: number | null;
  #shipment: Promise<void> | null = null;
  #demandTimer: ReturnType<typeof setTimeout> | null = null;
  #confirmTimer: ReturnType<typeof setTimeout> | null = null;

  /** `armedAtMs` is when the alarm that storage remembers rings. */
  constructor(context: DurableObjectState, env: Env, ledger: Ledger, armedAtMs: number | null) {
    this.#context = context;
    this.#env = env;
    this.#ledger = ledger;
    this.#armedAtMs = armedAtMs;
    this.#armForNext();
  }

  /** The next attempt to ship, or the next thing that happens by itself. */
  #armForNext(): void {
    this.#armFor(this.#ledger.shipping.nextAttemptMs(Date.now()));
    this.#armFor(this.#ledger.wakeAtMs);
  }

  /** Sees to it that what was committed is shipped in time. */
  committed({ booked, outbox }: Committed): void {
    const { shipping } = this.#ledger;
    const nowMs = Date.now();
    if (booked) shipping.booked(nowMs);
    if (outbox || shipping.canCutFull) this.#armFor(nowMs);
    else if (booked) this.#armFor(nowMs + FLUSH_AFTER_MS);
    this.#armFor(this.#ledger.wakeAtMs);
  }

  /** Goes on at once where only the segments under way held up the next ones; else makes it durable soon. */
  acknowledged(acknowledgement: Acknowledgement): void {
    const { shipping } = this.#ledger;
    shipping.acknowledge(acknowledgement);
    if (shipping.canCutFull) this.#armFor(Date.now());
    if (this.#armedAtMs !== null && this.#armedAtMs <= Date.now() + CONFIRM_AFTER_MS) return;
    this.#confirmTimer ??= setTimeout(() => {
      this.#confirmTimer = null;
      this.#context.waitUntil(this.#confirm());
    }, CONFIRM_AFTER_MS);
  }

  async #confirm(): Promise<void> {
    try {
      await this.ship(false);
    } catch (error) {
      console.warn("what was acknowledged is not durable yet; the next shipment tries again", error);
    }
  }

  /** Counts a denial and sends the counts within a minute; that writes no row. */
  denied(denial: DenialCount): void {
    this.#lostDemand.add(denial);
    this.#demandTimer ??= setTimeout(() => {
      this.#demandTimer = null;
      this.#context.waitUntil(this.#sendLostDemand());
    }, FLUSH_AFTER_MS);
  }

  /**
   * Lets happen what fell due, then ships. Never throws: after its retries the platform drops an alarm, and with it the
   * sign that something is unshipped.
   */
  async alarmRang(happen: () => Promise<void>): Promise<void> {
    try {
      await happen();
      this.#armedAtMs = null;
      await this.ship(false);
    } catch (error) {
      console.error("the alarm's work was not done; the next alarm tries again", error);
      this.#armedAtMs = null;
      this.#armFor(Date.now() + FLUSH_AFTER_MS);
    }
  }

  /** Ships what is due; `all` also what would wait for a fuller segment. */
  async ship(all: boolean): Promise<void> {
    while (this.#shipment !== null) await this.#shipment.catch(() => {});
    this.#shipment = this.#shipOnce(all);
    try {
      await this.#shipment;
    } finally {
      this.#shipment = null;
    }
  }

  async #shipOnce(all: boolean): Promise<void> {
    const { accountKey, shipping } = this.#ledger;
    const nowMs = Date.now();
    this.#ledger.prepareShipment(nowMs, all);
    await Promise.all([shipping.send(this.#env, accountKey, nowMs), this.#sendLostDemand()]);
    this.#armForNext();
  }

  async #sendLostDemand(): Promise<void> {
    if (this.#lostDemand.isEmpty) return;
    const { accountKey } = this.#ledger;
    const all = this.#lostDemand.take();
    for (let start = 0; start < all.length; start += DENIALS_PER_MESSAGE_MAX) {
      const counts = all.slice(start, start + DENIALS_PER_MESSAGE_MAX);
      try {
        await this.#env.USAGE_QUEUE.send({ type: "denials", accountKey, batch: crypto.randomUUID(), counts });
      } catch (error) {
        console.warn("denials were not sent; the next shipment takes them", error);
        this.#lostDemand.restore(counts);
      }
    }
  }

  /** Arms the one alarm, unless it rings as early already: arming writes a row. */
  #armFor(atMs: number | null): void {
    if (
      atMs === null ||
      atMs === Number.POSITIVE_INFINITY ||
      (this.#armedAtMs !== null && this.#armedAtMs <= atMs)
    )
      return;
    this.#armedAtMs = atMs;
    this.#context.storage.setAlarm(atMs);
  }
}
