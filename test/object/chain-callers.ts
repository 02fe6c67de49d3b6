/**
 * The callers of the account at random, as far as its rules let them: uses, holds, corrections, outcomes, packs,
 * settings, budgets. They repeat what they got no answer to, and keep what they were told.
 */
import { expect } from "vitest";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { AccountCommand } from "../../shared/credits/execute.ts";
import type { CallContext, CommandResult } from "../../shared/protocol.ts";
import type { World } from "./chain-world.ts";
import { answers, CONTEXT, CREDIT } from "./fixtures.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Of the answers, by a process that dies too. */
const UNHEARD = 0.15;
const AS_ADA: CallContext = { ...CONTEXT, actor: "ada" };

interface OpenHold {
  readonly id: string;
  readonly credits: number;
}

export class Callers {
  /** Uses by their ids, as the first answer gave them. */
  readonly booked = new Map<string, UsageEntry>();
  /** Corrections and outcomes by their ids. */
  readonly amended = new Map<string, { readonly countsMicros: number; readonly owedMinor: number | null }>();
  /** Commands that were followed, by the action of their audit record. */
  readonly followed: { readonly action: string; readonly target: string }[] = [];
  readonly holds: OpenHold[] = [];
  nowMs: number;
  readonly #world: World;
  #made = 0;

  constructor(world: World, nowMs: number) {
    this.#world = world;
    this.nowMs = nowMs;
  }

  get #random() {
    return this.#world.random;
  }

  #id(what: string): string {
    this.#made += 1;
    return `${what} ${this.#made}`;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.#below(items.length)];
  }

  /** Asks again where the first answer was lost, as callers do; the process may have died meanwhile. */
  async #heard<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (this.#random() < UNHEARD) {
      await call();
      if (this.#random() < 0.5) await this.#world.restart();
    }
    return call();
  }

  #knows(entry: UsageEntry): void {
    const before = this.booked.get(entry.id);
    if (before === undefined) this.booked.set(entry.id, entry);
    else expect(entry).toEqual(before);
  }

  /** Micro-credits with decimals, so that they add up only where they are exact. */
  #event(id: string, credits: number) {
    const user = this.#pick(["u1", "u2", undefined]);
    const workflow = this.#pick(["triage", undefined]);
    return answers(id, credits, { ...(user && { user }), ...(workflow && { workflow }) });
  }

  async use(): Promise<void> {
    const event = this.#event(this.#id("event"), this.#below(1200) + 0.123456);
    const mode = this.#random() < 0.3 ? "record" : "consume";
    const [result] = await this.#heard(() => this.#world.account.use([{ mode, event }], CONTEXT));
    if (result?.kind === "allowed") this.#knows(result.entry);
    else expect(result?.kind).toBe("denied");
  }

  async replay(): Promise<void> {
    const entry = this.#pick([...this.booked.values()]);
    if (entry === undefined) return;
    // After two resets an id may be forgotten.
    const fate = await this.#world.account.fate(entry.id, CONTEXT);
    if (fate.kind === "booked") expect(fate.entry).toEqual(entry);
  }

  async hold(): Promise<void> {
    const id = this.#id("hold");
    const credits = this.#below(600) + 0.5;
    const call = { event: this.#event(id, credits), holdMs: (1 + this.#below(24 * 60)) * MINUTE_MS };
    const result = await this.#heard(() => this.#world.account.hold(call, CONTEXT));
    if (result.kind === "held") this.holds.push({ id, credits });
    else expect(result.kind).toBe("denied");
  }

  /** With less, as much or more; an expired hold is decided as a new event. */
  async capture(): Promise<void> {
    const hold = this.#pick(this.holds);
    if (hold === undefined) return;
    const credits = hold.credits + this.#below(400) - 200.25;
    const quantityMicros = Math.max(0, Math.round(credits * CREDIT));
    const items = [{ action: "answer", quantityMicros }];
    const overflow = this.#random() < 0.5 ? "record" : "consume";
    const call = { items, overflow } as const;
    const result = await this.#heard(() => this.#world.account.capture(hold.id, call, CONTEXT));
    if (result.kind === "captured") this.#knows(result.entry);
    else expect(["denied", "hold_settled", "unknown_hold"]).toContain(result.kind);
  }

  async release(): Promise<void> {
    const hold = this.#pick(this.holds);
    if (hold === undefined) return;
    const result = await this.#heard(() => this.#world.account.release(hold.id, CONTEXT));
    expect(["held", "hold_settled", "unknown_hold"]).toContain(result.kind);
  }

  async correct(): Promise<void> {
    const entry = this.#pick([...this.booked.values()]);
    if (entry === undefined) return;
    const creditsMicros = this.#random() < 0.5 ? null : 1 + this.#below(300 * CREDIT);
    // As the route finds it in D1, for an event that the account has forgotten.
    const call = { eventId: entry.id, entry, creditsMicros, reason: "it failed" };
    const key = this.#id("correction");
    const result = await this.#heard(() => this.#world.account.correct(call, key, AS_ADA));
    if (result.kind !== "corrected") {
      expect(result.kind).toBe("correction_too_large");
      return;
    }
    const countsMicros = result.entry.creditsMicros;
    const owedMinor = result.owed === null ? null : result.owed.amountMinor;
    this.amended.set(result.entry.id, { countsMicros, owedMinor });
    this.followed.push({ action: "event_corrected", target: entry.id });
  }

  async attachOutcome(): Promise<void> {
    const entry = this.#pick([...this.booked.values()]);
    if (entry === undefined) return;
    const call = { eventId: entry.id, entry, outcome: { type: this.#id("outcome") } };
    const result = await this.#heard(() => this.#world.account.attachOutcome(call, CONTEXT));
    if (result.kind !== "attached") {
      expect(result.kind).toBe("outcome_exists");
      return;
    }
    this.amended.set(`out_${result.entry.seq}`, { countsMicros: 0, owedMinor: null });
  }

  /** By a command with a key; the second answer to one is the first, told again. */
  async #follow(command: AccountCommand, action: string): Promise<void> {
    const key = this.#id(action);
    let first: CommandResult | null = null;
    const done = await this.#heard(async () => {
      const result = await this.#world.account.execute(command, key, AS_ADA);
      if (first?.kind === "done" && result.kind === "done") {
        expect(result).toMatchObject({ replayed: true, value: first.value });
      }
      first = result;
      return result;
    });
    if (done.kind !== "done") return;
    const target = done.value !== null && "id" in done.value ? done.value.id : "";
    this.followed.push({ action, target });
  }

  async buyPack(): Promise<void> {
    await this.#follow({ kind: "buy_pack", pack: "p1000", quantity: 1 }, "pack_bought");
  }

  async cancelPack(): Promise<void> {
    const view = await this.#world.account.view(CONTEXT);
    const id = view.kind === "view" ? this.#pick(view.balance.packs)?.id : undefined;
    if (id === undefined) return;
    await this.#follow({ kind: "cancel_pack", id, quantity: 1, reason: "by mistake" }, "pack_cancelled");
  }

  async grant(): Promise<void> {
    const creditsMicros = (1 + this.#below(100)) * CREDIT;
    await this.#follow({ kind: "add_grant", creditsMicros, period: null, reason: "sorry" }, "grant_added");
  }

  async convert(): Promise<void> {
    const effectiveAtMs = this.#random() < 0.5 ? null : this.nowMs + this.#below(40) * DAY_MS;
    const price = { amountMinor: this.#below(2) * 100, currency: "USD" };
    const converted = { size: 100, quantity: 1, creditsMicros: 300 * CREDIT, price };
    await this.#follow(
      { kind: "convert", ...converted, termPeriods: null, effectiveAtMs },
      "conversion_added",
    );
  }

  /** Changes that say the same however often they are made. */
  async change(): Promise<void> {
    const setting = this.#pick(["auto_upgrade", "pay_as_you_go", "pause"] as const) ?? "pause";
    const budget = { budget: "b1", subject: "user", key: "u1", creditsMicros: 2000 * CREDIT } as const;
    const command = this.#pick<AccountCommand>([
      { kind: "change_settings", setting },
      { kind: "change_settings", setting },
      { kind: "change_settings", maximumMicros: (2000 + this.#below(3000)) * CREDIT },
      { kind: "change_settings", maximumMicros: null },
      { kind: "change_settings", maximumMicros: null },
      { kind: "change_feature", feature: "assistant", paused: this.#random() < 0.2 },
      { kind: "put_user", user: "u1", teams: this.#random() < 0.5 ? ["sales"] : [] },
      { kind: "put_budget", ...budget, hard: this.#random() < 0.5 },
      { kind: "remove_budget", budget: "b1" },
      this.#random() < 0.2 ? { kind: "suspend", reason: "unpaid" } : { kind: "resume" },
      { kind: "resume" },
    ]);
    if (command !== undefined) await this.#heard(() => this.#world.account.execute(command, null, AS_ADA));
  }

  /** Minutes, or weeks: several periods may end on the way. */
  async passTime(): Promise<void> {
    const isShort = this.#random() < 0.75;
    this.nowMs += isShort ? this.#below(30 * 60) * MINUTE_MS : this.#below(40) * DAY_MS;
    await this.#world.account.advanceClock(this.nowMs, CONTEXT);
  }
}
