/**
 * Numbers, money and times as the viewer reads them: in the browser's locale and the account's time zone.
 * The pages' texts are English, so what is a phrase ("in 5 days", "a, b and c") is English too; digits are Latin
 * and the calendar is Gregorian in every locale.
 */
import { currencyDecimals, type Money, majorUnits } from "../../shared/credits/money.ts";

/** Formats of one locale and time zone. Every function is pure and safe to pass on by itself. */
export interface Format {
  readonly locale: string;
  readonly timeZone: string;
  /** Credits for tables: at most 2 decimals; amounts below 0.01 with all their digits, never "0" for some. */
  readonly credits: (credits: number | string) => string;
  /** Credits with every decimal they have (at most 6). */
  readonly creditsExact: (credits: number | string) => string;
  /** Three significant digits for axes and small places: "1.25M". */
  readonly compact: (amount: number) => string;
  /** A whole number: "1,234". */
  readonly count: (count: number) => string;
  /** From a percentage as the API answers it, not a ratio: 12.5 or "12.5" gives "12.5%". */
  readonly percent: (percent: number | string) => string;
  /** The same, with its sign: "+12.5%", "-3%", "0%". */
  readonly change: (percent: number | string) => string;
  /** Exact at any size, with the currency's own decimals. */
  readonly money: (amount: Money) => string;
  /** A price per credit in major units, a decimal string with up to 12 decimals: "$0.0125". */
  readonly unitPrice: (price: string, currency: string) => string;
  /** A computed price, such as the effective one: four significant digits are enough to compare. */
  readonly roughPrice: (price: string, currency: string) => string;
  /** The day of an instant (ISO text or milliseconds since the epoch) in the time zone: "Nov 7, 2026". */
  readonly date: (at: string | number) => string;
  /** With hours, minutes and the zone's name: "Nov 7, 2026, 14:05 GMT+1". */
  readonly dateTime: (at: string | number) => string;
  /** A local day such as "2026-11-07", never shifted: "Nov 7, 2026". */
  readonly day: (day: string) => string;
  /** A local day without its year: "Nov 7". */
  readonly monthDay: (day: string) => string;
  /** Two local days, both included: "Nov 7 – 14, 2026". */
  readonly dateRange: (from: string, to: string) => string;
  /** Whole days from now: "in 5 days", "today", "yesterday". */
  readonly relativeDays: (days: number) => string;
  /** "a, b, and c". */
  readonly list: (items: readonly string[]) => string;
  /** A count with its noun: "1 day", "1,200 days"; `many` is `one` with an s when left out. */
  readonly plural: (count: number, one: string, many?: string) => string;
}

type Exact = Intl.StringNumericLiteral;

const PHRASES = "en";
const FALLBACK_LOCALE = "en";
const CREDIT_DECIMALS = 6;
const TABLE_DECIMALS = 2;
/** Intl's constructors are slow; one page needs one of these, an isolate serves viewers of few locales. */
const FORMATS_MAX = 64;
const formats = new Map<string, Format>();

/** The formats of a locale (from `localeOf`) and an IANA time zone, made once. Throws RangeError for a bad zone. */
export function formatFor(locale: string, timeZone: string): Format {
  const key = `${locale} ${timeZone}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = makeFormat(locale, timeZone);
  const [oldest] = formats.keys();
  if (oldest !== undefined && formats.size >= FORMATS_MAX) formats.delete(oldest);
  formats.set(key, made);
  return made;
}

function makeFormat(locale: string, timeZone: string): Format {
  const intlLocale = new Intl.Locale(locale, { numberingSystem: "latn", calendar: "gregory" });
  const numbers = (options: Intl.NumberFormatOptions) =>
    once(() => new Intl.NumberFormat(intlLocale, options));
  const dates = (options: Intl.DateTimeFormatOptions) =>
    once(() => new Intl.DateTimeFormat(intlLocale, options));

  const table = numbers({ maximumFractionDigits: TABLE_DECIMALS });
  const exact = numbers({ maximumFractionDigits: CREDIT_DECIMALS });
  const compact = numbers({ notation: "compact", maximumSignificantDigits: 3 });
  const percent = numbers({ style: "percent", maximumFractionDigits: 1 });
  const change = numbers({ style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" });
  const date = dates({ ...DAY, timeZone });
  const dateTime = dates({ ...DAY, hour: "2-digit", minute: "2-digit", timeZone, timeZoneName: "short" });
  // A local day is formatted as its midnight in UTC, so no zone can shift it.
  const day = dates({ ...DAY, timeZone: "UTC" });
  const monthDay = dates({ day: "numeric", month: "short", timeZone: "UTC" });
  const relative = once(() => new Intl.RelativeTimeFormat(PHRASES, { numeric: "auto" }));
  const list = once(() => new Intl.ListFormat(PHRASES));
  const moneyFormat = moneyFormats(intlLocale);

  const count = (value: number) => exact().format(value);
  return {
    locale,
    timeZone,
    credits: (credits) => (isTiny(credits) ? exact() : table()).format(credits as Exact),
    creditsExact: (credits) => exact().format(credits as Exact),
    compact: (amount) => compact().format(amount),
    count,
    percent: (value) => percent().format(ratioOf(value)),
    change: (value) => change().format(ratioOf(value)),
    money: (amount) => {
      const decimals = currencyDecimals(amount.currency);
      return moneyFormat(amount.currency, decimals, decimals).format(majorUnits(amount) as Exact);
    },
    unitPrice: (price, currency) =>
      moneyFormat(currency, currencyDecimals(currency), UNIT_PRICE_DECIMALS).format(price as Exact),
    roughPrice: (price, currency) =>
      moneyFormat(currency, currencyDecimals(currency), UNIT_PRICE_DECIMALS).format(
        Number(Number(price).toPrecision(ROUGH_DIGITS)),
      ),
    date: (at) => date().format(instantOf(at)),
    dateTime: (at) => dateTime().format(instantOf(at)),
    day: (local) => day().format(instantOf(local)),
    monthDay: (local) => monthDay().format(instantOf(local)),
    dateRange: (from, to) => day().formatRange(instantOf(from), instantOf(to)),
    relativeDays: (days) => relative().format(days, "day"),
    list: (items) => list().format(items),
    plural: (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`,
  };
}

const UNIT_PRICE_DECIMALS = 12;
const ROUGH_DIGITS = 4;
const DAY = { day: "numeric", month: "short", year: "numeric" } as const;

/** A value that is made when it is first asked for. */
function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function moneyFormats(locale: Intl.Locale) {
  const known = new Map<string, Intl.NumberFormat>();
  return (currency: string, minimumFractionDigits: number, maximumFractionDigits: number) => {
    const key = `${currency} ${maximumFractionDigits}`;
    const format =
      known.get(key) ??
      new Intl.NumberFormat(locale, {
        style: "currency",
        currency,
        minimumFractionDigits,
        maximumFractionDigits,
      });
    known.set(key, format);
    return format;
  };
}

/** Not 0, but 0.00 in a table. */
function isTiny(credits: number | string): boolean {
  const size = Math.abs(Number(credits));
  return size > 0 && size < 10 ** -TABLE_DECIMALS;
}

/** A percentage as a ratio, by its decimal digits. */
function ratioOf(percent: number | string): Exact {
  return `${percent}E-2` as Exact;
}

function instantOf(at: string | number): number {
  return typeof at === "number" ? at : Date.parse(at);
}

/** Longer headers are cut: browsers send a handful of languages. */
const HEADER_MAX = 500;

/**
 * The first locale of an Accept-Language header, by its preference, that Intl has formats for; "en" otherwise.
 * Extensions such as other digits or calendars are left out.
 */
export function localeOf(acceptLanguage: string | null | undefined): string {
  const wanted = (acceptLanguage ?? "").slice(0, HEADER_MAX).split(",").map(languageRange);
  const byPreference = wanted.filter(({ quality }) => quality > 0).toSorted((a, b) => b.quality - a.quality);
  for (const { tag } of byPreference) {
    const supported = supportedLocale(tag);
    if (supported !== null) return supported;
  }
  return FALLBACK_LOCALE;
}

function languageRange(text: string) {
  const [tag = "", ...parameters] = text.split(";").map((part) => part.trim());
  const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
  return { tag, quality: Number(quality) };
}

function supportedLocale(tag: string): string | null {
  try {
    const { language, script, region } = new Intl.Locale(tag);
    const plain = [language, script, region].filter((part) => part !== undefined).join("-");
    return Intl.NumberFormat.supportedLocalesOf(plain)[0] ?? null;
  } catch {
    return null; // not a language tag, such as "*"
  }
}
