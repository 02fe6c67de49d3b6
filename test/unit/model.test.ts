/**
 * Whatever happens to an account, in whatever order, the product says what the rules say: random sequences of uses,
 * purchases, settings, terms and time are led through shared/credits and through a model of its own (model.ts), and
 * every answer, every figure and every notice is compared after each step.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { summarise } from "../../shared/credits/balance.ts";
import type { Catalog } from "../../shared/credits/catalog.ts";
import type { Notice } from "../../shared/credits/notices.ts";
import { type ClosedPeriod, changeTerms, openAccount, rollOver } from "../../shared/credits/reset.ts";
import { buyPack, type ChangeSettings, changeSettings } from "../../shared/credits/settings.ts";
import { type AccountState, packsAmountMinor, type Terms } from "../../shared/credits/state.ts";
import { decideUsage, type UsageMode } from "../../shared/credits/usage.ts";
import { credits, wordings } from "./fixtures.ts";
import { Model } from "./model.ts";
import {
  type Amount,
  anyCommand,
  anyPercentages,
  anyTerms,
  CATALOGS,
  type Command,
} from "./model-commands.ts";
import type { ModelClosed } from "./model-facts.ts";
import { PATIENT, runs } from "./property.ts";

const COMMANDS_MAX = 120;
const SEQUENCES = 1000;
const START_MS = Date.parse("2018-09-20T15:00:00Z");

/** How often each thing happened in all sequences: a property about nothing proves nothing. */
const seen = new Map<string, number>();

function count(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}

/** The product and the model, side by side. */
class Twins {
  state: AccountState;
  readonly model: Model;
  nowMs = START_MS;
  catalog: Catalog;
  told: string[] = [];
  readonly #percentages: readonly number[];

  constructor(agreed: Terms, percentages: readonly number[]) {
    this.#percentages = percentages;
    this.catalog = this.#selling("open");
    this.state = openAccount(agreed, this.catalog, this.nowMs);
    this.model = new Model(agreed, this.catalog, this.nowMs);
  }

  #selling(name: keyof typeof CATALOGS): Catalog {
    return { ...CATALOGS[name], noticePercentages: this.#percentages };
  }

  step(next: Command): void {
    count(next.kind);
    switch (next.kind) {
      case "use":
        this.#use(next.mode, this.#resolve(next.amount));
        return;
      case "buy": {
        const change = buyPack(this.state, next.command, this.catalog, this.nowMs);
        expect(this.model.buy(next.command)).toBe(change.kind);
        this.#apply(change);
        return;
      }
      case "choose": {
        const { maximum: wanted } = next;
        const maximumMicros = wanted === null || wanted === undefined ? wanted : this.#resolve(wanted);
        const chosen: ChangeSettings = { setting: next.setting, maximumMicros };
        const change = changeSettings(this.state, chosen, this.catalog, this.nowMs);
        expect(this.model.choose(chosen)).toBe(change.kind);
        this.#apply(change);
        return;
      }
      case "terms":
        this.state = changeTerms(this.state, next.change);
        this.model.changeTerms(next.change);
        return;
      case "hold":
        this.state = { ...this.state, usage: { ...this.state.usage, heldMicros: next.amount } };
        this.model.held = BigInt(next.amount);
        return;
      case "catalog":
        this.catalog = this.#selling(next.name);
        this.model.catalog = this.catalog;
        return;
      case "wait":
        this.#waitUntil(this.nowMs + next.ms);
        return;
      case "wait_for_reset":
        this.#waitUntil(Math.max(this.nowMs, this.state.period.endMs + next.plusMs));
    }
  }

  #use(mode: UsageMode, micros: number): void {
    const decision = decideUsage(this.state, mode, micros, this.catalog, this.nowMs);
    const expected = this.model.use(mode, BigInt(micros));
    if (decision.kind === "credits_too_large") throw new Error("no sequence is that dear");
    this.state = decision.state;
    this.#hear(decision.notices);
    if (decision.kind === "denied") {
      count(`denied ${decision.reason}`);
      expect({ kind: decision.kind, reason: decision.reason }).toEqual(expected);
      return;
    }
    if (decision.overdraftMicros > 0) count("overdraft");
    if (decision.upgrade !== null) count("upgrade");
    if (decision.wouldDeny !== null) count(`would deny ${decision.wouldDeny}`);
    expect({
      kind: decision.kind,
      overdraft: BigInt(decision.overdraftMicros),
      wouldDeny: decision.wouldDeny,
      packs: BigInt(decision.upgrade?.packs ?? 0),
    }).toEqual(expected);
  }

  #apply(change: ReturnType<typeof changeSettings>): void {
    count(`change ${change.kind}`);
    if (change.kind !== "changed") return;
    this.state = change.state;
    this.#hear(change.notices);
  }

  #waitUntil(nowMs: number): void {
    this.nowMs = nowMs;
    const rolled = rollOver(this.state, this.catalog, nowMs);
    const before = this.model.closed.length;
    this.model.at(nowMs);
    expect(rolled.closed.map(closedFigures)).toEqual(this.model.closed.slice(before));
    if (rolled.closed.length > 1) count("several periods closed");
    for (const closed of rolled.closed) if (closed.billedMicros > 0) count("overage billed");
    this.state = rolled.state;
    this.#hear(rolled.notices);
  }

  #hear(notices: readonly Notice[]): void {
    for (const notice of notices) count(`told ${notice.kind}`);
    this.told.push(...wordings(notices));
  }

  #resolve(wanted: Amount): number {
    if ("micros" in wanted) return wanted.micros;
    const { usedMicros, limitMicros, availableMicros } = summarise(this.state, this.catalog);
    const landmarks = {
      available: usedMicros + (availableMicros ?? credits(10)),
      limit: limitMicros,
      maximum: this.state.maximumMicros ?? limitMicros,
    };
    const target = Math.ceil((landmarks[wanted.to] * wanted.percent) / 100);
    return Math.max(0, target - usedMicros + wanted.plus);
  }

  compare(): void {
    const { state, model } = this;
    const summary = summarise(state, this.catalog);
    expect({
      setting: state.setting,
      pending: state.pendingSetting?.setting ?? null,
      maximum: orNull(state.maximumMicros),
      limit: BigInt(summary.limitMicros),
      used: BigInt(summary.usedMicros),
      overdraft: BigInt(state.usage.overdraftMicros),
      available: orNull(summary.availableMicros),
      state: summary.state,
      period: [state.period.name, state.period.startMs, state.period.endMs],
      overagePrice: state.period.overagePrice,
      packsPrice: BigInt(packsAmountMinor(state.packs)),
      told: this.told,
    }).toEqual({
      setting: model.setting,
      pending: model.pendingSetting,
      maximum: model.maximum,
      limit: model.limit(),
      used: model.used(),
      overdraft: model.overdraft(),
      available: model.available(),
      state: model.state(),
      period: [model.name(), model.startMs, model.endMs],
      overagePrice: model.overagePrice,
      packsPrice: model.packsPrice(),
      told: model.told,
    });
    // What was compared once need not be compared again.
    this.told = [];
    model.told.length = 0;
  }
}

function orNull(micros: number | null): bigint | null {
  return micros === null ? null : BigInt(micros);
}

function closedFigures(closed: ClosedPeriod): ModelClosed {
  return {
    period: closed.period,
    setting: closed.setting,
    limit: BigInt(closed.limitMicros),
    used: BigInt(closed.usedMicros),
    held: BigInt(closed.heldMicros),
    overdraft: BigInt(closed.overdraftMicros),
    overage: BigInt(closed.overageMicros),
    billable: BigInt(closed.billableMicros),
    billed: BigInt(closed.billedMicros),
    expired: BigInt(closed.expiredMicros),
    overagePrice: closed.overagePrice,
    packsPrice: BigInt(closed.packsAmountMinor),
    seqLast: closed.seqLast,
  };
}

test("any sequence of commands leads the product where the rules lead", PATIENT, () => {
  fc.assert(
    fc.property(
      anyTerms,
      anyPercentages,
      fc.array(anyCommand, { maxLength: COMMANDS_MAX, size: "max" }),
      (agreed, percentages, commands) => {
        const twins = new Twins(agreed, percentages);
        for (const next of commands) {
          twins.step(next);
          twins.compare();
        }
      },
    ),
    runs(SEQUENCES),
  );
  const common = [
    "denied max_monthly_limit_reached",
    "denied upgrade_cap_reached",
    "denied credits_exhausted",
    "would deny upgrade_cap_reached",
    "overdraft",
    "upgrade",
    "overage billed",
    "several periods closed",
    "told usage_threshold",
    "told limit_passed",
    "told maximum_reached",
    "told automatic_upgrade",
    "told upgrade_unavailable",
    "told setting_changed",
    "told setting_waiting",
    "told maximum_raised",
    "told usage_report",
    "change packs_required",
    "change not_first_pack",
    "change overage_price_missing",
  ];
  expect(common.filter((what) => (seen.get(what) ?? 0) < 10)).toEqual([]);
  if (process.env.PROPERTY_FACTOR !== undefined) console.info(Object.fromEntries([...seen].sort()));
});
