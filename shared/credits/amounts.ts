/**
 * Exact amounts (rules, section 1): credits and quantities are integers of millionths (micros), never floating
 * point. A number from the wire is read by its decimal digits, so that 0.1 is exactly 100,000 micros.
 */

export const MICROS_PER_UNIT = 1_000_000;

/** Largest credit amount, totals included: 8,000,000,000 credits, whose micros stay below 2^53. */
export const CREDITS_MAX = 8_000_000_000;
export const CREDITS_MICROS_MAX = CREDITS_MAX * MICROS_PER_UNIT;

/** Largest sum of the quantities of one event, in units; the sum over a segment of 500 events fits an int64. */
export const QUANTITY_MAX = 8_000_000_000;
export const QUANTITY_MICROS_MAX = QUANTITY_MAX * MICROS_PER_UNIT;

const PLAIN_DECIMAL = /^(-?)(\d+)(?:\.(\d{1,6}))?$/;

/**
 * Reads a JSON number as micros. Returns null where it does not fit: more than 6 decimals, NaN, infinite or
 * beyond 2^53 micros. The caller checks sign and cap.
 */
export function parseMicros(value: number): number | null {
  const match = PLAIN_DECIMAL.exec(String(value));
  if (match === null) return null;
  const [, sign, whole = "", fraction = ""] = match;
  const micros = Number(whole + fraction.padEnd(6, "0"));
  if (!Number.isSafeInteger(micros)) return null;
  return sign === "-" ? -micros : micros;
}

/** Micros as the JSON number that is read back as the same micros. */
export function formatMicros(micros: number): number {
  return micros / MICROS_PER_UNIT;
}

/** a × b ÷ divisor, rounded up; exact for integers of any size below 2^53. */
export function multiplyDivideUp(a: number, b: number, divisor: number): bigint {
  const product = BigInt(a) * BigInt(b);
  const by = BigInt(divisor);
  return (product + by - 1n) / by;
}

/** The smallest amount that is at least `percent` % of `amountMicros`, without leaving the safe integers. */
export function percentOfUp(amountMicros: number, percent: number): number {
  const hundreds = Math.floor(amountMicros / 100);
  const rest = amountMicros % 100;
  return hundreds * percent + Math.ceil((rest * percent) / 100);
}
