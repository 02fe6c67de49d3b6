/** Prices per credit that come from a division, for tables. */
import type { Format } from "../../format.ts";

const DECIMALS = 6;
/** A smaller price keeps all of its digits. */
const SMALLEST = 0.0001;

/** The effective price of a credit with at most 6 decimals; to look at, never to bill. */
export function shortPrice(price: string, currency: string, format: Format): string {
  const value = Number(price);
  return format.unitPrice(Math.abs(value) < SMALLEST ? price : value.toFixed(DECIMALS), currency);
}
