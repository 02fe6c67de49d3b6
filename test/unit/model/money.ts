/** Amounts as bigints: credits in micro-credits, money in minor units. Nothing is ever rounded but a line of money. */

export const CREDIT = 1_000_000n;
/** Overage is billed in steps of so many credits (7.1). */
const STEP = 10n * CREDIT;

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

export function higher(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

export function lower(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

export function positive(amount: bigint): bigint {
  return higher(amount, 0n);
}

/** How many parts of this size it takes to hold the whole. */
export function ceilingOf(whole: bigint, part: bigint): bigint {
  return (whole + part - 1n) / part;
}

/** Credits as people read them: "237.5". */
export function inCredits(amount: bigint): string {
  const fraction = String(positive(amount) % CREDIT)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return fraction === "" ? String(amount / CREDIT) : `${amount / CREDIT}.${fraction}`;
}

/** Which part of the billable credits is billed (7.1). */
export function billedOf(billable: bigint): bigint {
  return (billable / STEP) * STEP;
}

const digits = new Map<string, number>();

/** How many decimals the currency has. */
function digitsOf(currency: string): number {
  const known = digits.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const { maximumFractionDigits = 2 } = format.resolvedOptions();
  digits.set(currency, maximumFractionDigits);
  return maximumFractionDigits;
}

/** What credits cost at a price per credit in major units, in minor units, half up (7.1, 7.3). No price: nothing. */
export function costOf(credits: bigint, price: string | null, currency: string): bigint {
  if (price === null) return 0n;
  const [whole = "0", decimals = ""] = price.split(".");
  const exact = credits * BigInt(whole + decimals) * 10n ** BigInt(digitsOf(currency));
  const unit = CREDIT * 10n ** BigInt(decimals.length);
  return (2n * exact + unit) / (2n * unit);
}
