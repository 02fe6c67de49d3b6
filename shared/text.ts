/** Amounts and times as people read them, in English: on invoices, in notices, banners and reasons. Pure. */
import { formatMicros } from "./credits/amounts.ts";
import { currencyDecimals, type Money, majorUnits } from "./credits/money.ts";

const LOCALE = "en";

const numbers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 6 });
const days = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeZone: "UTC" });

/** 1234.5 as "1,234.5", with the at most 6 decimals that credits and quantities have. */
export function numberText(amount: number): string {
  return numbers.format(amount);
}

/** 1,234,500,000 micro-credits as "1,234.5", exact. */
export function creditsText(creditsMicros: number): string {
  return numberText(formatMicros(creditsMicros));
}

/** 230 minor units of USD as "$2.30", with the currency's own decimals; exact at any size. */
export function moneyText(amount: Money): string {
  const { currency } = amount;
  const decimals = currencyDecimals(currency);
  const format = new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return format.format(majorUnits(amount) as Intl.StringNumericLiteral);
}

/** A calendar day such as "2026-11-14" as "November 14, 2026". */
export function dayText(date: string): string {
  return days.format(Date.parse(date));
}

/** An instant in the reader's time zone, which it names: "December 14, 2026 at 00:00 UTC". */
export function instantText(atMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, {
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
