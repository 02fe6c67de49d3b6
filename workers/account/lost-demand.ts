/**
 * Denials are counted without entries (rules, 3.6): in memory, sent in batches. The last minute of counts may be
 * lost in a crash.
 */
import type { DenialCount } from "../../shared/queues.ts";

export class LostDemand {
  #counts = new Map<string, DenialCount>();

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  add(count: DenialCount): void {
    const key = JSON.stringify([count.day, count.feature, count.action, count.reason]);
    const denials = (this.#counts.get(key)?.denials ?? 0) + count.denials;
    this.#counts.set(key, { ...count, denials });
  }

  /** Hands over what was counted and begins anew. */
  take(): readonly DenialCount[] {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    return counts;
  }

  /** Takes back a batch that could not be sent. */
  restore(counts: readonly DenialCount[]): void {
    for (const count of counts) this.add(count);
  }
}
