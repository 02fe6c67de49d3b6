/** Wire types that every part of the API shares (conventions of the public API; rules, section 1). */
import { z } from "@hono/zod-openapi";
import { CREDITS_MAX, parseMicros, QUANTITY_MAX, QUANTITY_MICROS_MAX } from "../credits/amounts.ts";
import { currencyDecimals, UNIT_PRICE_PATTERN } from "../credits/money.ts";
import { isTimeZone } from "../credits/period.ts";

export const MODES = ["live", "test"] as const;
/** Live and test accounts never meet (rules, section 12). */
export type Mode = (typeof MODES)[number];

export const BODY_BYTES_MAX = 1024 * 1024;
export const PAGE_SIZE_DEFAULT = 50;
export const PAGE_SIZE_MAX = 500;

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const VISIBLE = /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]{1,200}$/u;

/** Names chosen by the operator: accounts, features, actions, plans, packs. */
export const identifierSchema = z
  .string()
  .regex(IDENTIFIER, "1 to 64 letters, digits, '_', '-' or '.', beginning with a letter or digit");

/** Text of the caller's that identifies something of theirs: event ids, users, workflows, subjects. */
export const referenceSchema = z
  .string()
  .regex(VISIBLE, "1 to 200 characters, without control characters and unpaired surrogates")
  // A pattern in JSON has no flags.
  .openapi({ pattern: VISIBLE.source });

export const labelSchema = z.string().trim().min(1, "must not be empty").max(200, "at most 200 characters");

function amountSchema(max: number, maxMicros: number, what: string) {
  return z
    .number({ error: `must be a number of ${what}` })
    .transform((value, context) => {
      const micros = parseMicros(value);
      if (value < 0) context.addIssue({ code: "custom", message: "must not be negative" });
      else if (value > max || (micros !== null && micros > maxMicros)) {
        context.addIssue({ code: "custom", message: `must be at most ${max}` });
      } else if (micros === null) {
        context.addIssue({ code: "custom", message: "must have at most 6 decimals" });
      } else return micros;
      return z.NEVER;
    })
    .openapi({ type: "number", minimum: 0, maximum: max, description: `${what}, at most 6 decimals` });
}

/** Credits on the wire, read as micro-credits. */
export const creditsSchema = amountSchema(CREDITS_MAX, CREDITS_MAX * 1_000_000, "credits");

/** A quantity on the wire, read in millionths. */
export const quantitySchema = amountSchema(QUANTITY_MAX, QUANTITY_MICROS_MAX, "units");

/** Credits in answers: a JSON number with at most 6 decimals. */
export const creditsOutSchema = z.number().openapi({ description: "credits", example: 379.45 });

const currencies = new Set(Intl.supportedValuesOf("currency"));

export const currencySchema = z
  .string()
  .refine((code) => currencies.has(code), "must be an ISO 4217 currency code in capitals, such as USD")
  .openapi({ example: "USD" });

export const moneySchema = z
  .strictObject({
    amountMinor: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .openapi({ description: "in the currency's minor unit" }),
    currency: currencySchema,
  })
  .openapi("Money");

export const moneyOutSchema = z.object({ amountMinor: z.number(), currency: z.string() }).openapi("Amount");

export const unitPriceSchema = z
  .string()
  .regex(UNIT_PRICE_PATTERN, "a decimal string in major units with at most 12 decimals, such as 0.010")
  .openapi({ example: "0.010" });

/** Minor units: 8,000,000,000 credits at this price, and as much tax again, stay a safe integer. */
const CREDIT_PRICE_MINOR_MAX = 500_000;

/** What is wrong with a price per credit in this currency; null where nothing is. */
export function creditPriceError(price: string, currency: string): string | null {
  const max = CREDIT_PRICE_MINOR_MAX / 10 ** currencyDecimals(currency);
  return Number(price) <= max ? null : `must be at most ${max} ${currency} per credit`;
}

/** RFC 3339 with an offset, read as milliseconds since the epoch. */
export const instantSchema = z.iso
  .datetime({ offset: true, error: "an RFC 3339 time such as 2026-11-21T10:00:00Z" })
  .transform((text) => Date.parse(text))
  .openapi({ type: "string", format: "date-time" });

export const instantOutSchema = z.string().openapi({ format: "date-time", example: "2026-12-14T00:00:00Z" });

export const dateSchema = z.iso.date("a date such as 2026-11-21").openapi({ format: "date" });

export const timeZoneSchema = z
  .string()
  .refine(isTimeZone, "must be an IANA time zone such as Europe/Berlin")
  .openapi({ example: "Europe/Berlin" });

export const fieldErrorSchema = z
  .object({ path: z.string(), message: z.string() })
  .openapi({ description: "a bad field and what is wrong with it" });

/** RFC 9457 problem document. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string().openapi({ description: "what is wrong, and the way out" }),
    code: z.string().openapi({ description: "stable, for programs", example: "account_not_found" }),
    errors: z.array(fieldErrorSchema).optional().openapi({ description: "each bad field" }),
    requestId: z.string().openapi({ description: "also in the header X-Request-Id" }),
  })
  .openapi("Problem");

export type Problem = z.infer<typeof problemSchema>;
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** As the API's description shows them: a replay says so besides `replayed` in the body. */
export const replayedHeadersSchema = z.object({
  "Idempotent-Replayed": z
    .literal("true")
    .optional()
    .openapi({ description: "the answer of an earlier call" }),
});

/** Of the routes of one account. */
export const accountParamsSchema = z.object({ account: identifierSchema });

/** Of a route without parameters: any is refused by name. */
export const noQuerySchema = z.strictObject({});

/** Says of a list's cursor what it is. */
export const CURSOR_TEXT = "nextCursor of the page before";

export const pageQuerySchema = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(PAGE_SIZE_MAX)
    .default(PAGE_SIZE_DEFAULT)
    .openapi({ description: "items of a page" }),
  cursor: z.string().max(200).optional().openapi({ description: CURSOR_TEXT }),
});

/** A list answer: `{ data, nextCursor }`. */
export function pageSchema<Item extends z.ZodType>(item: Item, name: string) {
  return z
    .object({
      data: z.array(item),
      nextCursor: z.string().nullable().openapi({ description: "null after the last page" }),
    })
    .openapi(name);
}

/** RFC 3339 in UTC, without a fraction where there is none. */
export function formatInstant(atMs: number): string {
  return new Date(atMs).toISOString().replace(".000Z", "Z");
}
