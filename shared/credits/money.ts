/**
 * Exact money (rules, sections 1 and 7.3): integers of the currency's minor unit; a unit price is a decimal
 * string in major units with at most 12 decimals; an amount is rounded once, half away from zero.
 */
import { MICROS_PER_UNIT } from "./amounts.ts";

export interface Money {
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

const PRICE_DECIMALS = 12;
const PRICE_SCALE = 10n ** BigInt(PRICE_DECIMALS);
export const UNIT_PRICE_PATTERN = /^\d{1,12}(\.\d{1,12})?$/;

/** ISO 4217 minor units other than 2. Intl goes by custom (0 for HUF), which changes with the runtime's version. */
const CURRENCIES_BY_DECIMALS: readonly (readonly [decimals: number, currencies: string])[] = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
  [4, "CLF UYW"],
];
const DECIMALS = new Map(
  CURRENCIES_BY_DECIMALS.flatMap(([decimals, currencies]) =>
    currencies.split(" ").map((currency) => [currency, decimals] as const),
  ),
);

/** Decimals of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyDecimals(currency: string): number {
  return DECIMALS.get(currency) ?? 2;
}

/** A unit price such as "0.010" in 10^-12 of the major unit. */
function parseUnitPrice(price: string): bigint {
  const [whole = "0", fraction = ""] = price.split(".");
  return BigInt(whole + fraction.padEnd(PRICE_DECIMALS, "0"));
}

/** Integer division, half away from zero, for a divisor above 0. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend;
  const quotient = (2n * magnitude + divisor) / (2n * divisor);
  return dividend < 0n ? -quotient : quotient;
}

/**
 * What `quantityMicros` cost at a unit price, in minor units, half up.
 * Throws RangeError where the amount leaves the safe integers.
 */
export function amountMinor(quantityMicros: number, unitPrice: string, currency: string): number {
  const minorPerMajor = 10n ** BigInt(currencyDecimals(currency));
  const exact = BigInt(quantityMicros) * parseUnitPrice(unitPrice) * minorPerMajor;
  const amount = Number(divideHalfUp(exact, BigInt(MICROS_PER_UNIT) * PRICE_SCALE));
  if (!Number.isSafeInteger(amount)) throw new RangeError("the amount is too large");
  return amount;
}

/** So many times an amount, such as packs of one price. Throws RangeError where it leaves the safe integers. */
export function multiplyMoney({ amountMinor: each, currency }: Money, count: number): Money {
  const amount = each * count;
  if (!Number.isSafeInteger(amount)) throw new RangeError("the amount is too large");
  return { amountMinor: amount, currency };
}

/** `percent` (a decimal string such as "8.875") of an amount in minor units, half up. */
export function percentOfMinor(amount: number, percent: string): number {
  return Number(divideHalfUp(BigInt(amount) * parseUnitPrice(percent), 100n * PRICE_SCALE));
}

/** An amount in major units as an exact decimal string: "2.30". */
export function majorUnits(amount: Money): string {
  const decimals = currencyDecimals(amount.currency);
  const digits = Math.abs(amount.amountMinor)
    .toString()
    .padStart(decimals + 1, "0");
  const sign = amount.amountMinor < 0 ? "-" : "";
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The price of one credit when `amount` was paid for `creditsMicros`, as a decimal string; null for no credits. */
export function pricePerCredit(amount: Money, creditsMicros: number | bigint): string | null {
  if (creditsMicros <= 0) return null;
  const minorPerMajor = 10n ** BigInt(currencyDecimals(amount.currency));
  const scaled = divideHalfUp(
    BigInt(amount.amountMinor) * PRICE_SCALE * BigInt(MICROS_PER_UNIT),
    minorPerMajor * BigInt(creditsMicros),
  );
  const whole = scaled / PRICE_SCALE;
  const fraction = (scaled % PRICE_SCALE).toString().padStart(PRICE_DECIMALS, "0").replace(/0+$/, "");
  return fraction === "" ? `${whole}` : `${whole}.${fraction}`;
}

/** The part of `amountMinor` that falls to `creditsMicros` when it was paid for `ofMicros`, half up; exact for any size. */
export function shareMinor(amountMinor: number, creditsMicros: bigint, ofMicros: bigint): number {
  return Number(divideHalfUp(BigInt(amountMinor) * creditsMicros, ofMicros));
}

/** A decimal string of major units such as "12.50" in minor units; null where it has more decimals than the currency. */
export function minorOf(major: string, currency: string): number | null {
  const [whole = "0", fraction = ""] = major.split(".");
  const decimals = currencyDecimals(currency);
  if (fraction.slice(decimals).replace(/0+$/, "") !== "") return null;
  return Number(whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
}
