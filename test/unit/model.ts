/**
 * The credit rules once more, written from their text alone: an account is a list of facts, and every figure is
 * added up from them anew. Slow and plain on purpose; amounts are bigints of micro-credits, nothing is shared with
 * shared/credits but types. What the product decides is held against this, step by step.
 */
import type { Catalog } from "../../shared/credits/catalog.ts";
import type { ChangeTerms } from "../../shared/credits/reset.ts";
import type { BuyPack, ChangeSettings } from "../../shared/credits/settings.ts";
import type { OverageSetting, Terms } from "../../shared/credits/state.ts";
import type { DenialReason, UsageMode } from "../../shared/credits/usage.ts";
import { dayAt, monthAround } from "./calendar.ts";
import {
  amountOrNull,
  CREDIT,
  type Fact,
  higher,
  inCredits,
  type ModelClosed,
  type ModelUse,
  of,
  positive,
  sum,
} from "./model-facts.ts";
import { type Moment, newStep, PASSED } from "./model-notices.ts";

export class Model {
  terms: Terms;
  pendingTerms: Partial<Terms> = {};
  catalog: Catalog;
  setting: OverageSetting = "pause";
  pendingSetting: OverageSetting | null = null;
  maximum: bigint | null = null;
  held = 0n;
  startMs: number;
  endMs: number;
  overagePrice: string | null;
  readonly facts: Fact[] = [];
  readonly closed: ModelClosed[] = [];
  /** Everything that was told, in order, in the words of fixtures.ts. */
  readonly told: string[] = [];
  #period = 0;
  #limitAtStart: bigint;
  #moments: Moment[] = [];
  #toldThatNoPackIsOnSale = false;

  constructor(terms: Terms, catalog: Catalog, nowMs: number) {
    this.terms = terms;
    this.catalog = catalog;
    const month = monthAround(terms.anchorDate, terms.timeZone, nowMs);
    this.startMs = month.startMs;
    this.endMs = month.endMs;
    this.overagePrice = this.#agreedPrice();
    this.#limitAtStart = this.limit();
  }

  // The figures of section 1.

  name(): string {
    return dayAt(this.startMs, this.terms.timeZone);
  }

  used(): bigint {
    return sum(this.#uses().map((use) => use.credits));
  }

  overdraft(): bigint {
    return sum(this.#uses().map((use) => use.overdraft));
  }

  limit(): bigint {
    const included = this.terms.plans.map((plan) => BigInt(plan.includedCreditsMicros));
    return included.reduce(higher, 0n) + sum(this.packs().map((pack) => pack.packs * pack.credits));
  }

  packs() {
    return this.facts.filter((fact) => fact.kind === "pack");
  }

  /** What all packs cost for one period, in minor units. */
  packsPrice(): bigint {
    return sum(this.packs().map((pack) => pack.packs * pack.price));
  }

  ceiling(): bigint | null {
    const limit = this.setting === "pause" ? this.limit() : null;
    if (limit === null || this.maximum === null) return limit ?? this.maximum;
    return -higher(-limit, -this.maximum);
  }

  available(): bigint | null {
    const ceiling = this.ceiling();
    return ceiling === null ? null : positive(ceiling - this.used() - this.held);
  }

  /** What the smallest use would meet. */
  state(): string {
    const reason = this.whyNot(1n);
    if (reason === "max_monthly_limit_reached") return "maximum_reached";
    if (reason !== null) return "exhausted";
    return this.used() > this.limit() ? "overage" : "active";
  }

  #uses() {
    return this.facts.filter((fact) => fact.kind === "use").filter((use) => use.period === this.#period);
  }

  #agreedPrice(): string | null {
    const rates = this.catalog.overageRates.filter((rate) => rate.currency === this.terms.currency);
    return this.terms.overagePrice ?? rates.at(0)?.price ?? null;
  }

  #onSale() {
    return this.catalog.packs.flatMap((pack) => {
      const price = pack.prices.find(({ currency }) => currency === this.terms.currency);
      return price === undefined ? [] : [{ ...pack, price: BigInt(price.amountMinor) }];
    });
  }

  #upgradePack() {
    const bySize = this.#onSale().sort((a, b) => a.creditsMicros - b.creditsMicros);
    return bySize.find((pack) => pack.upgrade) ?? bySize.at(0);
  }

  // Sections 3 and 5.4.

  use(mode: UsageMode, credits: bigint): ModelUse {
    const reason = this.whyNot(credits);
    if (reason !== null && mode === "consume") {
      this.#lookBack({ reason });
      this.#tellThatNoPackIsOnSale(reason);
      return { kind: "denied", reason };
    }
    const available = this.available();
    const above = mode === "consume" || available === null ? 0n : positive(credits - available);
    const packs = this.#packsFor(credits - above);
    const mayAdd = credits > above && packs <= this.#packsLeft();
    if (mayAdd) this.#addUpgrade(packs);
    this.facts.push({ kind: "use", period: this.#period, credits, overdraft: above });
    const added = mayAdd ? packs : 0n;
    if (added > 0n) this.#tellUpgrade(added);
    this.#lookBack({ upgraded: added > 0n });
    return { kind: "allowed", overdraft: above, wouldDeny: reason, packs: added };
  }

  /** Why an event that costs this much is denied (3.6), or null. */
  whyNot(credits: bigint): DenialReason | null {
    if (credits === 0n) return null;
    const after = this.used() + this.held + credits;
    if (this.maximum !== null && after > this.maximum) return "max_monthly_limit_reached";
    if (this.setting === "pause") return after > this.limit() ? "credits_exhausted" : null;
    const packs = this.#packsFor(credits);
    if (packs === 0n) return null;
    if (this.#upgradePack() === undefined) return "credits_exhausted";
    return packs > this.#packsLeft() ? "upgrade_cap_reached" : null;
  }

  /** The fewest packs that keep what is charged for within the limit; more than anybody may add where none is sold. */
  #packsFor(credits: bigint): bigint {
    if (this.setting !== "auto_upgrade") return 0n;
    const size = BigInt(this.#upgradePack()?.creditsMicros ?? 0);
    let packs = 0n;
    while (this.used() - this.overdraft() + credits > this.limit() + packs * size) {
      packs += 1n;
      if (packs > this.#packsLeft()) return packs;
    }
    return packs;
  }

  #packsLeft(): bigint {
    const pack = this.#upgradePack();
    if (pack === undefined) return 0n;
    const own = this.packs().filter((fact) => fact.automatic && fact.period === this.#period);
    return positive(this.#packsCap(BigInt(pack.creditsMicros)) - sum(own.map((fact) => fact.packs)));
  }

  #packsCap(size: bigint): bigint {
    const agreed = this.terms.automaticPacksMax ?? this.catalog.automaticPacksMax;
    if (agreed !== null) return BigInt(agreed);
    let doubling = 1n;
    while (doubling * size < this.#limitAtStart) doubling += 1n;
    return doubling;
  }

  #addUpgrade(packs: bigint): void {
    const pack = this.#upgradePack();
    if (packs === 0n || pack === undefined) return;
    const credits = BigInt(pack.creditsMicros);
    this.facts.push({
      kind: "pack",
      period: this.#period,
      automatic: true,
      packs,
      credits,
      price: pack.price,
    });
  }

  // Section 5.

  buy(command: BuyPack): string {
    const known = this.catalog.packs.some((pack) => pack.pack === command.pack);
    if (!known) return "unknown_pack";
    const pack = this.#onSale().find((sold) => sold.pack === command.pack);
    if (pack === undefined) return "pack_not_on_sale";
    const first = this.packs().length === 0;
    const names = command.setting !== undefined || command.maximumMicros !== undefined;
    if (!first && names) return "not_first_pack";
    const setting = command.setting ?? "auto_upgrade";
    if (first && !this.#payable(setting, false)) return "overage_price_missing";
    this.facts.push({
      kind: "pack",
      period: this.#period,
      automatic: false,
      packs: BigInt(command.quantity),
      credits: BigInt(pack.creditsMicros),
      price: pack.price,
    });
    if (first) {
      this.#useSetting(setting);
      this.maximum = amountOrNull(command.maximumMicros ?? null);
    } else if (this.maximum !== null && this.limit() > this.maximum) {
      this.told.push(`maximum raised from ${inCredits(this.maximum)} to ${inCredits(this.limit())}`);
      this.maximum = this.limit();
    }
    this.#lookBack({});
    return "changed";
  }

  choose(command: ChangeSettings): string {
    if (this.packs().length === 0) return "packs_required";
    const { setting } = command;
    const waits = this.#wasUsed();
    const known = setting === this.setting || (waits && setting === this.pendingSetting);
    const news = setting !== undefined && !known;
    if (news && !this.#payable(setting, waits)) return "overage_price_missing";
    if (command.maximumMicros !== undefined) this.maximum = amountOrNull(command.maximumMicros);
    if (setting === this.setting) this.pendingSetting = null;
    if (news && waits) {
      this.pendingSetting = setting;
      this.told.push(`${this.setting} becomes ${setting} at ${new Date(this.endMs).toISOString()}`);
    } else if (news) {
      this.told.push(`${this.setting} became ${setting}`);
      this.#useSetting(setting);
      this.pendingSetting = null;
    }
    this.#lookBack({});
    return "changed";
  }

  #wasUsed(): boolean {
    return this.held > 0n || this.#uses().some((use) => use.credits > 0n);
  }

  /** Whether a price is agreed for the period in which the setting would begin. */
  #payable(setting: OverageSetting, fromTheReset: boolean): boolean {
    const inForce = fromTheReset ? null : this.overagePrice;
    return setting !== "pay_as_you_go" || (inForce ?? this.#agreedPrice()) !== null;
  }

  #useSetting(setting: OverageSetting): void {
    this.setting = setting;
    if (setting === "pay_as_you_go") this.overagePrice ??= this.#agreedPrice();
  }

  // Section 2.

  changeTerms({ plans, anchorDate, timeZone, ...atOnce }: ChangeTerms): void {
    this.terms = { ...this.terms, ...atOnce };
    if (plans !== undefined) this.#changePlans(plans);
    if (anchorDate !== undefined) this.pendingTerms = { ...this.pendingTerms, anchorDate };
    if (timeZone !== undefined) this.pendingTerms = { ...this.pendingTerms, timeZone };
    this.#moments.push({ ...this.#moment(null), telling: false });
  }

  #changePlans(plans: Terms["plans"]): void {
    const [before, old] = [this.limit(), this.terms.plans];
    const { plans: _replaced, ...others } = this.pendingTerms;
    this.terms = { ...this.terms, plans };
    this.pendingTerms = others;
    if (this.limit() >= before) return;
    this.terms = { ...this.terms, plans: old };
    this.pendingTerms = { ...others, plans };
  }

  /** Closes what ended, one by one, and tells it once. */
  at(nowMs: number): void {
    const reports: string[] = [];
    while (this.endMs <= nowMs) {
      const { period, used, limit, expired, overage } = this.#close();
      const figures = `${of(used, limit)}, ${inCredits(expired)} expired, ${inCredits(overage)} over`;
      reports.push(`${period}: ${figures}`);
      this.#open();
    }
    if (reports.length > 0) this.told.push(reports.join("; "));
  }

  #close(): ModelClosed {
    const [limit, used, overdraft] = [this.limit(), this.used(), this.overdraft()];
    const billable = positive(used - overdraft - limit);
    const closed: ModelClosed = {
      period: this.name(),
      setting: this.setting,
      limit,
      used,
      held: this.held,
      overdraft,
      overage: positive(used - limit),
      billable,
      billed: (billable / (10n * CREDIT)) * 10n * CREDIT,
      expired: positive(limit - used),
      overagePrice: this.overagePrice,
      packsPrice: this.packsPrice(),
      seqLast: this.facts.filter((fact) => fact.kind === "use").length,
    };
    this.closed.push(closed);
    return closed;
  }

  #open(): void {
    this.#period += 1;
    this.terms = { ...this.terms, ...this.pendingTerms };
    this.pendingTerms = {};
    this.setting = this.pendingSetting ?? this.setting;
    this.pendingSetting = null;
    this.startMs = this.endMs;
    this.endMs = monthAround(this.terms.anchorDate, this.terms.timeZone, this.startMs).endMs;
    this.overagePrice = this.#agreedPrice() ?? this.overagePrice;
    this.#limitAtStart = this.limit();
    this.#moments = [];
    this.#toldThatNoPackIsOnSale = false;
  }

  // Section 6.

  #tellUpgrade(packs: bigint): void {
    const pack = this.#upgradePack();
    if (pack === undefined) throw new Error("no pack to upgrade by");
    const used = of(this.used(), this.limit());
    this.told.push(`upgraded by ${packs} ${pack.pack} for ${packs * pack.price}: ${used}`);
  }

  #tellThatNoPackIsOnSale(reason: DenialReason): void {
    const missing = this.setting === "auto_upgrade" && reason === "credits_exhausted";
    if (!missing || this.#toldThatNoPackIsOnSale) return;
    this.#toldThatNoPackIsOnSale = true;
    this.told.push(`no upgrade in ${this.terms.currency}`);
  }

  /** After a decision: the highest step that is reached and was not told since it was last armed. */
  #lookBack(decision: { readonly reason?: DenialReason; readonly upgraded?: boolean }): void {
    const moment = this.#moment(decision.reason ?? null);
    this.#moments.push(moment);
    const steps = [...this.catalog.noticePercentages, PASSED];
    const limit = newStep(this.#moments, "limit", steps);
    const maximum = newStep(this.#moments, "maximum", steps);
    const same = this.maximum === this.limit();
    if (limit !== null && !same && decision.upgraded !== true) {
      const used = of(moment.used, moment.limit.of);
      this.told.push(
        limit === PASSED ? `limit passed in ${this.setting}: ${used}` : `limit ${limit} %: ${used}`,
      );
    }
    if (maximum !== null && moment.maximum !== null) {
      const used = of(moment.used, moment.maximum.of);
      this.told.push(maximum === PASSED ? `maximum reached: ${used}` : `maximum ${maximum} %: ${used}`);
    }
  }

  #moment(reason: DenialReason | null): Moment {
    const [used, limit, maximum] = [this.used(), this.limit(), this.maximum];
    const deniedAtLimit =
      reason !== null && reason !== "max_monthly_limit_reached" && used * 10n >= limit * 9n;
    const beyond = this.setting === "pause" ? used >= limit : used > limit;
    const limitPassed = beyond || deniedAtLimit;
    if (maximum === null) return { used, telling: true, limit: { of: limit, passed: limitPassed }, maximum };
    const deniedAtMaximum = reason === "max_monthly_limit_reached" && used * 10n >= maximum * 9n;
    return {
      used,
      telling: true,
      limit: { of: limit, passed: limitPassed },
      maximum: { of: maximum, passed: used >= maximum || deniedAtMaximum },
    };
  }
}
