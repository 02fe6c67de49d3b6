/** Lines of overage: what a closed period owes for usage above its limit (rules, section 7.1). */
import { creditsText } from "../text.ts";
import type { CorrectedFigures } from "./billing-facts.ts";
import type { InvoiceLine } from "./invoice.ts";
import { amountMinor } from "./money.ts";
import type { ClosedPeriod } from "./reset.ts";

/** Names what is billed: the overage of the period with that start. */
export function overageSource(periodStartMs: number): string {
  return `overage:${periodStartMs}`;
}

/** What the overage of a closed period costs before tax, in minor units; 0 where no price is agreed (7.1). */
export function overageAmountMinor(
  closed: Pick<ClosedPeriod, "billedMicros" | "overagePrice" | "currency">,
): number {
  return closed.overagePrice === null
    ? 0
    : amountMinor(closed.billedMicros, closed.overagePrice, closed.currency);
}

/** The line of an overage invoice, with the figures as billed or as corrected; null where there is nothing to bill. */
export function overageLine(
  closed: Pick<ClosedPeriod, "limitMicros" | "overagePrice" | "currency">,
  figures: Pick<CorrectedFigures, "billableMicros" | "billedMicros">,
): InvoiceLine | null {
  const { overagePrice } = closed;
  const { billableMicros, billedMicros } = figures;
  const amount = overageAmountMinor({ ...closed, billedMicros });
  if (overagePrice === null || amount === 0) return null;
  const billable = creditsText(billableMicros);
  const limit = creditsText(closed.limitMicros);
  return {
    description: `Overage: ${billable} credits above the limit of ${limit}, billed in whole increments of 10`,
    unit: "credits",
    quantityMicros: billedMicros,
    unitPrice: overagePrice,
    amountMinor: amount,
  };
}
