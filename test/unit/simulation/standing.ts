/** How an account stands, in one form for core and model: every figure that anybody is shown (rules, 1, 5.3, 9.3, 10.1). */
import { balanceOf, summarise } from "../../../shared/credits/balance.ts";
import type { ClosedRecord } from "../../../shared/credits/corrections.ts";
import { budgetUsage } from "../../../shared/credits/directory.ts";
import { billableMicros, type OwnedPack, packsAmountMinor } from "../../../shared/credits/state.ts";
import type { Account } from "../model/account.ts";
import { budgetHeld, budgetUsed } from "../model/budgets.ts";
import type { Closed } from "../model/facts.ts";
import { balance, ceiling, openHolds } from "../model/figures.ts";
import { packsShown } from "../model/packs.ts";
import type { Machine } from "./machine.ts";

/** What the rules say of an account's state, after each step. */
export function coreStanding({ state, offer }: Machine) {
  const figures = summarise(state, offer.catalog);
  const { period, usage, term, directory } = state;
  return {
    period: period.name,
    startMs: figures.periodStartMs,
    resetAtMs: figures.resetAtMs,
    limit: BigInt(figures.limitMicros),
    used: BigInt(figures.usedMicros),
    held: BigInt(figures.heldMicros),
    remaining: BigInt(figures.remainingMicros),
    available: orNull(figures.availableMicros),
    ceiling: orNull(figures.ceilingMicros),
    overage: BigInt(figures.overageMicros),
    overdraft: BigInt(usage.overdraftMicros),
    billable: BigInt(billableMicros(state)),
    overagePrice: period.overagePrice,
    packsMinor: BigInt(packsAmountMinor(state.packs)),
    state: figures.state,
    setting: state.setting,
    pending: state.pendingSetting?.setting ?? null,
    maximum: orNull(state.maximumMicros),
    openHolds: state.holds.size,
    packs: state.packs.map(packOf),
    // The term of a closed account ends no more.
    term:
      term === null || state.closedAtMs !== null
        ? null
        : { number: term.period, periods: term.periods, endMs: term.endMs },
    budgets: directory.budgets.map(({ budget }) => {
      const { usedMicros, heldMicros } = budgetUsage(usage, budget);
      return { budget, used: BigInt(usedMicros), held: BigInt(heldMicros) };
    }),
  };
}

/** What people are shown of it besides; it costs more, and is compared now and then. */
export function coreBalance({ state, offer }: Machine) {
  const shown = balanceOf(state, offer.catalog);
  return {
    period: shown.period,
    limit: BigInt(shown.includedMicros + shown.packsMicros + shown.grantsMicros),
    overdraft: BigInt(shown.overdraftMicros),
    billable: BigInt(shown.billableMicros),
    accruedMinor: BigInt(shown.accruedOverage?.amountMinor ?? 0),
    overagePrice: shown.overagePrice,
    packsMinor: BigInt(shown.packsAmount.amountMinor),
    setting: shown.setting,
    pending: shown.pendingSetting?.setting ?? null,
    maximum: orNull(shown.maximumMicros),
    openHolds: shown.openHolds,
    paused: shown.pausedFeatures.toSorted(),
  };
}

export function modelBalance(account: Account) {
  const { period, limit, overdraft, billable, accruedMinor, overagePrice, setting, pending, maximum } =
    balance(account);
  return {
    period,
    limit,
    overdraft,
    billable,
    accruedMinor,
    overagePrice,
    packsMinor: packsShown(account).amountMinor,
    setting,
    pending,
    maximum,
    openHolds: openHolds(account).length,
    paused: [...account.paused].sort(),
  };
}

const ORIGINS = { purchase: "bought", automatic: "automatic", conversion: "converted" } as const;

function packOf({ pack, quantity, creditsMicros, price, source, renewal }: OwnedPack) {
  const isSame = renewal.pack === pack && renewal.quantity === quantity;
  const next = { pack: renewal.pack, packs: BigInt(renewal.quantity) };
  return {
    origin: ORIGINS[source],
    pack: source === "conversion" ? "earlier" : pack,
    packs: BigInt(quantity),
    credits: BigInt(creditsMicros),
    priceMinor: BigInt(price.amountMinor),
    renewal: renewal.quantity === 0 ? "none" : isSame ? "same" : next,
  };
}

export function modelStanding(account: Account) {
  const { accruedMinor: _, ...figures } = balance(account);
  const { packs, amountMinor, termNumberOfPeriod, termPeriods, termEndMs } = packsShown(account);
  return {
    ...figures,
    startMs: account.startMs,
    ceiling: ceiling(account),
    packsMinor: amountMinor,
    openHolds: openHolds(account).length,
    packs: packs.map(modelPackOf),
    term:
      termPeriods === null || account.closedAtMs !== null
        ? null
        : { number: termNumberOfPeriod, periods: termPeriods, endMs: termEndMs },
    budgets: [...account.budgets.values()]
      .sort((one, other) => (one.budget < other.budget ? -1 : 1))
      .map((budget) => ({
        budget: budget.budget,
        used: budgetUsed(account, budget),
        held: budgetHeld(account, budget),
      })),
  };
}

function modelPackOf(shown: ReturnType<typeof packsShown>["packs"][number]) {
  const { origin, pack, packs, credits, priceMinor, renewal } = shown;
  const isSame =
    renewal.kind === "same" ||
    (renewal.kind === "smaller" && renewal.pack === pack && renewal.packs === packs);
  return {
    origin,
    pack: origin === "converted" ? "earlier" : pack,
    packs,
    credits,
    priceMinor,
    renewal:
      renewal.kind === "none"
        ? "none"
        : isSame
          ? "same"
          : {
              pack: renewal.kind === "smaller" ? renewal.pack : pack,
              packs: renewal.kind === "smaller" ? renewal.packs : packs,
            },
  };
}

/** The figures of a closed period. */
export function coreClosed({ closed }: ClosedRecord): Omit<Closed, "amountMinor"> {
  const { period, startMs, endMs, setting, overagePrice, seqLast } = closed;
  return {
    period,
    startMs,
    endMs,
    setting,
    limit: BigInt(closed.limitMicros),
    used: BigInt(closed.usedMicros),
    held: BigInt(closed.heldMicros),
    overdraft: BigInt(closed.overdraftMicros),
    overage: BigInt(closed.overageMicros),
    billable: BigInt(closed.billableMicros),
    billed: BigInt(closed.billedMicros),
    expired: BigInt(closed.expiredMicros),
    overagePrice,
    seqLast,
  };
}

export function modelClosed({ amountMinor: _, ...closed }: Closed): Omit<Closed, "amountMinor"> {
  return closed;
}

function orNull(micros: number | null): bigint | null {
  return micros === null ? null : BigInt(micros);
}
