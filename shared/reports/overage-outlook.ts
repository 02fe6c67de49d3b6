/** What the overage of the running period comes to at its end, as it is projected (rules, 7.1 and 10.6). */
import type { Balance } from "../credits/balance.ts";
import { overageAmountMinor } from "../credits/overage-invoice.ts";
import { wholeIncrementsMicros } from "../credits/reset.ts";
import type { ForecastRange } from "./forecast-path.ts";

export interface OverageOutlook {
  readonly lowMinor: number;
  readonly expectedMinor: number;
  readonly highMinor: number;
}

/**
 * In minor units, before tax; null where no price is agreed. Only pay as you go makes more of it, as far as the maximum
 * lets use go; what is billable already stays.
 */
export function overageOutlook(
  balance: Pick<
    Balance,
    | "setting"
    | "limitMicros"
    | "maximumMicros"
    | "overdraftMicros"
    | "billableMicros"
    | "overagePrice"
    | "currency"
  >,
  projected: ForecastRange,
): OverageOutlook | null {
  const { overagePrice, currency } = balance;
  if (overagePrice === null) return null;
  const amountOf = (usedMicros: number) => {
    const billedMicros = wholeIncrementsMicros(billableOf(balance, usedMicros));
    return overageAmountMinor({ billedMicros, overagePrice, currency });
  };
  return {
    lowMinor: amountOf(projected.lowMicros),
    expectedMinor: amountOf(projected.expectedMicros),
    highMinor: amountOf(projected.highMicros),
  };
}

function billableOf(
  {
    setting,
    limitMicros,
    maximumMicros,
    overdraftMicros,
    billableMicros,
  }: Parameters<typeof overageOutlook>[0],
  usedMicros: number,
): number {
  if (setting !== "pay_as_you_go") return billableMicros;
  const booked = Math.min(usedMicros - overdraftMicros, maximumMicros ?? Number.POSITIVE_INFINITY);
  return Math.max(billableMicros, booked - limitMicros);
}
