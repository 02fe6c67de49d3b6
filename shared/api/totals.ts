/** Totals that may lie beyond 2^53 micros, on the wire: as JSON numbers, and with all their digits in exports. */
import { MICROS_PER_UNIT } from "../credits/amounts.ts";

const PER_UNIT = BigInt(MICROS_PER_UNIT);
const DECIMALS = 6;

/** Micros as a decimal with exact digits: "-0.5", "12". */
export function decimalOf(micros: bigint): string {
  const magnitude = micros < 0n ? -micros : micros;
  const fraction = (magnitude % PER_UNIT).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  const sign = micros < 0n ? "-" : "";
  return `${sign}${magnitude / PER_UNIT}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The JSON number that is read from its digits, so that whole units stay exact up to 2^53. */
export function formatTotal(micros: bigint): number {
  return Number(decimalOf(micros));
}
