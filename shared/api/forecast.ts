/** The forecast of the running period on the wire (rules, 10.6). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import type { Forecast } from "../reports/forecast.ts";
import { CONFIDENCES } from "../reports/forecast-basis.ts";
import { FORECAST_QUANTILES, type ForecastRange } from "../reports/forecast-path.ts";
import { assumptionText } from "../reports/forecast-words.ts";
import type { OverageOutlook } from "../reports/overage-outlook.ts";
import { creditsOutSchema, formatInstant, instantOutSchema, moneyOutSchema } from "./common.ts";

const { low, high } = FORECAST_QUANTILES;
const daySchema = z.string().openapi({ format: "date", example: "2026-12-03" });

const creditsRangeSchema = z
  .object({ low: creditsOutSchema, expected: creditsOutSchema, high: creditsOutSchema })
  .openapi("CreditsRange");

const daysRangeSchema = z.object({
  earliest: daySchema.nullable(),
  expected: daySchema.nullable(),
  latest: daySchema.nullable(),
});

const moneyRangeSchema = z.object({ low: moneyOutSchema, expected: moneyOutSchema, high: moneyOutSchema });

export const forecastSchema = z
  .object({
    account: z.string(),
    at: instantOutSchema.openapi({ description: "the moment of the forecast" }),
    period: z.object({ name: z.string(), start: instantOutSchema, end: instantOutSchema }),
    overageSetting: z.enum(OVERAGE_SETTINGS),
    limit: creditsOutSchema,
    used: creditsOutSchema,
    projected: creditsRangeSchema.openapi({ description: "use of the whole period, at the reset" }),
    exhaustedOn: daysRangeSchema.openapi({
      description: "local days on which use reaches the limit; null: not before the reset",
    }),
    maximum: z
      .object({ credits: creditsOutSchema, reachedOn: daysRangeSchema })
      .nullable()
      .openapi({ description: "null where the account has set none" }),
    expiring: creditsRangeSchema.openapi({ description: "credits that will probably expire unused" }),
    overage: z.object({
      price: z.string().nullable().openapi({ description: "per credit; null where none is agreed" }),
      accrued: moneyOutSchema.nullable().openapi({ description: "so far, before tax" }),
      projected: moneyRangeSchema.nullable().openapi({ description: "at the reset, before tax" }),
    }),
    days: z
      .array(z.object({ day: daySchema, ...creditsRangeSchema.shape }))
      .openapi({ description: "use since the period's start as of the end of each day, from today on" }),
    basis: z.object({
      since: daySchema.openapi({ description: "from this day on use is known" }),
      wholeDays: z.number().openapi({ description: "whole days whose use is known and was not cut short" }),
      confidence: z.enum(CONFIDENCES),
      lowPercent: z.number().openapi({ description: "of outcomes lie below low", example: low }),
      highPercent: z.number().openapi({ description: "of outcomes lie below high", example: high }),
    }),
    assumptions: z.array(z.object({ kind: z.string(), text: z.string() })),
  })
  .openapi("Forecast");

/** What a forecast is made of, besides its figures. */
export interface ForecastContext {
  readonly account: string;
  readonly nowMs: number;
  readonly balance: Balance;
  readonly knownSince: string;
  /** The same forecast held against the maximum; null where there is none. */
  readonly ofMaximum: Forecast | null;
  readonly overage: OverageOutlook | null;
}

export function forecastAnswer(forecast: Forecast, about: ForecastContext): z.infer<typeof forecastSchema> {
  const { balance, ofMaximum, overage } = about;
  const { maximumMicros, currency } = balance;
  return {
    account: about.account,
    at: formatInstant(about.nowMs),
    period: {
      name: balance.period,
      start: formatInstant(balance.periodStartMs),
      end: formatInstant(balance.resetAtMs),
    },
    overageSetting: balance.setting,
    limit: formatMicros(balance.limitMicros),
    used: formatMicros(balance.usedMicros),
    projected: creditsRange(forecast.projected),
    exhaustedOn: { ...forecast.exhaustedOn },
    maximum:
      maximumMicros === null || ofMaximum === null
        ? null
        : { credits: formatMicros(maximumMicros), reachedOn: { ...ofMaximum.exhaustedOn } },
    expiring: creditsRange(forecast.unused),
    overage: {
      price: balance.overagePrice,
      accrued: balance.accruedOverage === null ? null : { ...balance.accruedOverage },
      projected: overage === null ? null : overageRange(overage, currency),
    },
    days: forecast.path.map(({ day, ...range }) => ({ day, ...creditsRange(range) })),
    basis: {
      since: about.knownSince,
      ...forecast.basis,
      lowPercent: FORECAST_QUANTILES.low,
      highPercent: FORECAST_QUANTILES.high,
    },
    assumptions: forecast.assumes.map((assumption) => ({
      kind: assumption.kind,
      text: assumptionText(assumption),
    })),
  };
}

function creditsRange({ lowMicros, expectedMicros, highMicros }: ForecastRange) {
  return {
    low: formatMicros(lowMicros),
    expected: formatMicros(expectedMicros),
    high: formatMicros(highMicros),
  };
}

function overageRange({ lowMinor, expectedMinor, highMinor }: OverageOutlook, currency: string) {
  const money = (amountMinor: number) => ({ amountMinor, currency });
  return { low: money(lowMinor), expected: money(expectedMinor), high: money(highMinor) };
}
