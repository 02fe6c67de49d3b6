/** Amounts and times as people read them, in English. */
import { MICROS_PER_UNIT } from "../../shared/credits/amounts.ts";
import type { Money } from "../../shared/credits/money.ts";
import { formatMoney } from "../../shared/money-text.ts";

const credits = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
const day = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" });

/** 1234.5 credits as "1,234.5", exact to the micro-credit. */
export function creditsText(creditsMicros: number): string {
  return credits.format(creditsMicros / MICROS_PER_UNIT);
}

/** "1,234.50 USD" in the currency's own way: "$1,234.50". */
export function moneyText(money: Money): string {
  return formatMoney(money);
}

/** A calendar day such as "2026-11-14" as "November 14, 2026". */
export function dayText(date: string): string {
  return day.format(Date.parse(date));
}

/** An instant in the reader's time zone, which it names: "December 14, 2026 at 00:00 UTC". */
export function instantText(atMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en", {
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
    timeZoneName: "short",
  }).format(atMs);
}
