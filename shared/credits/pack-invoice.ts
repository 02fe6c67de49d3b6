/** Lines of packs, and how the invoice of a day's automatic packs grows (rules, section 7.2). */
import { creditsText } from "../text.ts";
import { MICROS_PER_UNIT } from "./amounts.ts";
import type { ChargeCause, PackCharge } from "./billing-facts.ts";
import { type InvoiceLine, safeMinor } from "./invoice.ts";
import { majorUnits } from "./money.ts";

/**
 * One line per kind of pack and price: automatic upgrades may have added equal ones on every day of the term. What
 * costs nothing is not invoiced.
 */
export function packLines(packs: readonly PackCharge[]): readonly InvoiceLine[] {
  const alike = new Map<string, PackCharge>();
  for (const charge of packs) {
    if (charge.quantity === 0 || charge.price.amountMinor === 0) continue;
    const { quantity, ...kind } = charge;
    const key = JSON.stringify([kind.pack, kind.name, kind.creditsMicros, kind.price.amountMinor]);
    alike.set(key, { ...kind, quantity: quantity + (alike.get(key)?.quantity ?? 0) });
  }
  return [...alike.values()].map(packLine);
}

export function packLine({ pack, name, creditsMicros, quantity, price }: PackCharge): InvoiceLine {
  return {
    description: `Capacity pack of ${creditsText(creditsMicros)} credits a period: ${name}`,
    unit: "packs",
    quantityMicros: quantity * MICROS_PER_UNIT,
    unitPrice: majorUnits(price),
    amountMinor: safeMinor(quantity * price.amountMinor),
    pack,
  };
}

const NOTES: Record<ChargeCause, string> = {
  purchase: "Packs bought in the usage period, charged for all of it.",
  upgrade:
    "Packs added automatically on one day, because usage went above the limit; charged for all of the usage period.",
  renewal: "Packs of the commitment term, in advance for the usage period.",
  conversion: "Packs converted from an earlier product.",
};

export function packNote(cause: ChargeCause): string {
  return NOTES[cause];
}

/** Packs of one kind and price, counted in millionths. */
export type PackCounts = ReadonlyMap<string, number>;

function keyOf(line: InvoiceLine): string {
  return `${line.pack} ${line.unitPrice}`;
}

/** How many packs of each kind and price some lines have; those of credit notes count below 0. */
export function countPacks(lines: readonly InvoiceLine[]): PackCounts {
  const counts = new Map<string, number>();
  for (const line of lines) {
    if (line.unit !== "packs") continue;
    counts.set(keyOf(line), (counts.get(keyOf(line)) ?? 0) + line.quantityMicros);
  }
  return counts;
}

/** The lines without what `counts` has already; what is left of each, none where nothing is. */
export function withoutPacks(lines: readonly InvoiceLine[], counts: PackCounts): readonly InvoiceLine[] {
  const left = new Map(counts);
  return lines.flatMap((line) => {
    const taken = Math.max(0, Math.min(line.quantityMicros, left.get(keyOf(line)) ?? 0));
    left.set(keyOf(line), (left.get(keyOf(line)) ?? 0) - taken);
    return withQuantity(line, line.quantityMicros - taken);
  });
}

/** The lines as far as `counts` has so many of each. */
export function upToPacks(lines: readonly InvoiceLine[], counts: PackCounts): readonly InvoiceLine[] {
  const left = new Map(counts);
  return lines.flatMap((line) => {
    const kept = Math.max(0, Math.min(line.quantityMicros, left.get(keyOf(line)) ?? 0));
    left.set(keyOf(line), (left.get(keyOf(line)) ?? 0) - kept);
    return withQuantity(line, kept);
  });
}

/** The packs of both, those of one kind and price in one line. */
export function joinPacks(
  lines: readonly InvoiceLine[],
  more: readonly InvoiceLine[],
): readonly InvoiceLine[] {
  const added = countPacks(more);
  const known = new Set(lines.map(keyOf));
  return [
    ...lines.flatMap((line) => withQuantity(line, line.quantityMicros + (added.get(keyOf(line)) ?? 0))),
    ...more.filter((line) => !known.has(keyOf(line))),
  ];
}

function withQuantity(line: InvoiceLine, quantityMicros: number): readonly InvoiceLine[] {
  if (quantityMicros <= 0) return [];
  const priceMinor = line.amountMinor / (line.quantityMicros / MICROS_PER_UNIT);
  const amountMinor = safeMinor(priceMinor * (quantityMicros / MICROS_PER_UNIT));
  return [{ ...line, quantityMicros, amountMinor }];
}
