/** Money for people. */
import { currencyDecimals, type Money, majorUnits } from "./credits/money.ts";

/** "$2.30", "¥1,235", exact at any size. */
export function formatMoney(amount: Money, locale = "en"): string {
  const { currency } = amount;
  const decimals = currencyDecimals(currency);
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return format.format(majorUnits(amount) as Intl.StringNumericLiteral);
}
