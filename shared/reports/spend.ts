/** What the credits of a period cost: its packs and its overage over what was used (rules, 7.5). */
import type { Balance } from "../credits/balance.ts";
import { shareMinor } from "../credits/money.ts";
import { overageAmountMinor } from "../credits/overage-invoice.ts";
import type { ClosedPeriod } from "../credits/reset.ts";

/** Money of one period, in minor units of the account's currency, and the credits that it was spent on. */
export interface PeriodSpend {
  readonly spentMinor: number;
  readonly usedMicros: number;
}

/** By name of the period; a period that is missing has no known price. */
export type SpendByPeriod = ReadonlyMap<string, PeriodSpend>;

/** Credits by name of the period in which they count. */
export type CreditsByPeriod = ReadonlyMap<string, bigint>;

export function spendOf(balance: Balance): PeriodSpend {
  const overageMinor = balance.accruedOverage?.amountMinor ?? 0;
  return { spentMinor: balance.packsAmount.amountMinor + overageMinor, usedMicros: balance.usedMicros };
}

export function spendOfClosed(closed: ClosedPeriod): PeriodSpend {
  const { packsAmountMinor, usedMicros } = closed;
  return { spentMinor: packsAmountMinor + overageAmountMinor(closed), usedMicros };
}

/** Money of credits used in several periods, rounded once per period; null where the price of one is not known. */
export function moneyMinorOf(creditsByPeriod: CreditsByPeriod, spendByPeriod: SpendByPeriod): number | null {
  let minor = 0;
  for (const [period, creditsMicros] of creditsByPeriod) {
    if (creditsMicros === 0n) continue;
    const spend = priceOf(period, spendByPeriod);
    if (spend === null) return null;
    minor += shareMinor(spend.spentMinor, creditsMicros, BigInt(spend.usedMicros));
  }
  return minor;
}

function priceOf(period: string, spendByPeriod: SpendByPeriod): PeriodSpend | null {
  const spend = spendByPeriod.get(period);
  return spend === undefined || spend.usedMicros === 0 ? null : spend;
}

/**
 * Money of each group, such that per period the groups add up to `moneyMinorOf` all their credits, to the minor unit:
 * where they are all of a period's usage, to all that it cost. null for a group where a price is not known.
 */
export function allotMoney(
  groups: readonly CreditsByPeriod[],
  spendByPeriod: SpendByPeriod,
): readonly (number | null)[] {
  const money: (number | null)[] = groups.map(() => 0);
  const periods = new Set(groups.flatMap((group) => [...group.keys()]));
  for (const period of periods) {
    const credits = groups.map((group) => group.get(period) ?? 0n);
    const spend = priceOf(period, spendByPeriod);
    const shares = spend === null ? null : allotMinor(spend.spentMinor, credits, BigInt(spend.usedMicros));
    for (const [index, creditsMicros] of credits.entries()) {
      const before = money[index] ?? null;
      const share = shares?.[index] ?? null;
      if (creditsMicros !== 0n) money[index] = before === null || share === null ? null : before + share;
    }
  }
  return money;
}

/**
 * Splits what `spentMinor` for `ofMicros` makes for these credits by largest remainder: each share is its exact part
 * rounded up or down, and together they are the exact whole, rounded half up. Credits may be negative.
 */
export function allotMinor(
  spentMinor: number,
  creditsMicros: readonly bigint[],
  ofMicros: bigint,
): readonly number[] {
  const exact = creditsMicros.map((credits) => BigInt(spentMinor) * credits);
  const rests = exact.map((product) => ((product % ofMicros) + ofMicros) % ofMicros);
  const shares = exact.map((product, index) => Number((product - (rests[index] ?? 0n)) / ofMicros));
  const sum = creditsMicros.reduce((total, credits) => total + credits, 0n);
  const whole = shareMinor(spentMinor, sum, ofMicros);
  const left = whole - shares.reduce((total, share) => total + share, 0);
  const byRest = [...rests.keys()].sort((a, b) => compare(rests[b] ?? 0n, rests[a] ?? 0n) || a - b);
  for (const index of byRest.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
