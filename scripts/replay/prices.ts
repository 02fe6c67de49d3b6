/**
 * What an event must cost, worked out by the replay itself from the published rates: the other side of the proof, so
 * it shares no code with what decides.
 */
import type { Event, RateSheet } from "../../shared/client/client.ts";
import { ReplayRefusal } from "./options.ts";

const MICROS_PER_CREDIT = 1_000_000n;
const MICRO_DIGITS = 6;

/** A JSON number in millionths, by its decimal digits. */
export function toMicros(amount: number): bigint {
  const [whole = "", fraction = ""] = amount.toFixed(MICRO_DIGITS).split(".");
  return BigInt(whole) * MICROS_PER_CREDIT + BigInt(fraction);
}

/** Credits with as many decimals as they need, thousands apart. */
export function formatCredits(micros: bigint): string {
  const sign = micros < 0n ? "-" : "";
  const digits = String(micros < 0n ? -micros : micros).padStart(MICRO_DIGITS + 1, "0");
  const whole = BigInt(digits.slice(0, -MICRO_DIGITS)).toLocaleString("en");
  const fraction = digits.slice(-MICRO_DIGITS).replace(/0+$/, "");
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** @throws {ReplayRefusal} when the sheet does not price what the replay is about to send. */
export function refuseUnpriced(sheet: RateSheet, feature: string, actions: readonly string[]): void {
  const known = sheet.features.find((candidate) => candidate.feature === feature);
  if (known === undefined) {
    const features = sheet.features.map((candidate) => candidate.feature).join(", ");
    throw new ReplayRefusal(`--feature ${feature}: the rate sheet in force has ${features}`);
  }
  const missing = actions.filter((action) => !known.actions.some((rate) => rate.action === action));
  if (missing.length === 0) return;
  const has = known.actions.map((rate) => rate.action).join(", ");
  throw new ReplayRefusal(`--map …=${missing.join(", ")}: feature ${feature} has ${has}`);
}

/** Micro-credits of one event: each item exact and rounded up by itself. */
export function priceMicros(sheet: RateSheet, { feature, items = [] }: Event): bigint {
  const known = sheet.features.find((candidate) => candidate.feature === feature);
  if (known === undefined) throw new Error(`version ${sheet.version} has no feature ${feature}`);
  if (known.beta) return 0n;
  return items.reduce((sum, { action, quantity }) => {
    const rate = known.actions.find((candidate) => candidate.action === action);
    if (rate === undefined) throw new Error(`version ${sheet.version} has no action ${action}`);
    const per = toMicros(rate.per);
    const units = toMicros(quantity);
    const credits = toMicros(rate.credits);
    return sum + (rate.blocks ? up(units, per) * credits : up(units * credits, per));
  }, 0n);
}

function up(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
