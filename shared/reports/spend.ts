/** What the credits of a period cost: its packs and its overage over what was used (rules, 7.5). */
import type { Balance } from "../credits/balance.ts";
import { overageAmountMinor } from "../credits/invoice.ts";
import { shareMinor } from "../credits/money.ts";
import type { ClosedPeriod } from "../credits/reset.ts";

/** Money of one period, in minor units of the account's currency, and the credits that it was spent on. */
export interface PeriodSpend {
  readonly spentMinor: number;
  readonly usedMicros: number;
}

/** By name of the period; a period that is missing has no known price. */
export type SpendByPeriod = ReadonlyMap<string, PeriodSpend>;

export function spendOf(balance: Balance): PeriodSpend {
  const overageMinor = balance.accruedOverage?.amountMinor ?? 0;
  return { spentMinor: balance.packsAmount.amountMinor + overageMinor, usedMicros: balance.usedMicros };
}

export function spendOfClosed(closed: ClosedPeriod): PeriodSpend {
  const { packsAmountMinor, usedMicros } = closed;
  return { spentMinor: packsAmountMinor + overageAmountMinor(closed), usedMicros };
}

/** Money of credits used in several periods, rounded once per period; null where the price of one is not known. */
export function moneyMinorOf(
  creditsByPeriod: ReadonlyMap<string, bigint>,
  spendByPeriod: SpendByPeriod,
): number | null {
  let minor = 0;
  for (const [period, creditsMicros] of creditsByPeriod) {
    if (creditsMicros === 0n) continue;
    const spend = spendByPeriod.get(period);
    if (spend === undefined || spend.usedMicros === 0) return null;
    minor += shareMinor(spend.spentMinor, creditsMicros, BigInt(spend.usedMicros));
  }
  return minor;
}
