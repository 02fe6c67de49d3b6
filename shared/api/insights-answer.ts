/** Insights in the wire's numbers. */
import type { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import { type Money, pricePerCredit, shareMinor } from "../credits/money.ts";
import type { Choices } from "../reports/choices.ts";
import type { DuplicateReport } from "../reports/duplicates.ts";
import type { Forecast } from "../reports/forecast.ts";
import { type Consumer, type Insights, moneyOf } from "../reports/insights.ts";
import { percentText } from "../reports/percent.ts";
import type { UsageRange } from "../reports/range.ts";
import type { ValueFigures } from "../reports/value.ts";
import type { FeatureSpend, Found, WasteReport } from "../reports/waste.ts";
import { cheapestAnswer, choicesAnswer } from "./choices.ts";
import { formatInstant } from "./common.ts";
import type { insightsSchema } from "./insights.ts";
import { formatTotal } from "./totals.ts";

type Answer = z.infer<typeof insightsSchema>;

export interface InsightsContext {
  readonly account: string;
  readonly nowMs: number;
  readonly balance: Balance;
  readonly range: UsageRange;
  /** Of the running period; null for a closed account. */
  readonly forecast: Forecast | null;
  readonly running: Readonly<Record<"low" | "expected" | "high", Choices>> | null;
  readonly past: readonly {
    readonly period: string;
    readonly usedMicros: number;
    readonly choices: Choices | null;
  }[];
  readonly search: {
    readonly report: DuplicateReport;
    readonly entries: number;
    readonly truncated: boolean;
  };
}

export function insightsAnswer(insights: Insights, about: InsightsContext): Answer {
  const { balance, range, running, forecast } = about;
  const { currency, period } = balance;
  const { creditsMicros, spend, value } = insights;
  const money = moneyIn(currency);
  const pricedValue = (figures: ValueFigures) => ({
    ...valueAnswer(figures),
    money: money(moneyOf(figures.creditsMicros, spend)),
  });
  return {
    account: about.account,
    at: formatInstant(about.nowMs),
    from: range.days.from,
    to: range.days.to,
    period: range.period,
    total: {
      credits: formatTotal(creditsMicros),
      money: money(moneyOf(creditsMicros, spend)),
      effectivePrice:
        spend === null ? null : pricePerCredit({ amountMinor: spend.spentMinor, currency }, spend.usedMicros),
    },
    choices: {
      running:
        running === null
          ? null
          : {
              period,
              low: cheapestAnswer(running.low),
              expected: choicesAnswer(running.expected),
              high: cheapestAnswer(running.high),
            },
      past: about.past.map(({ usedMicros, choices, ...past }) => ({
        ...past,
        used: formatMicros(usedMicros),
        choices: choices === null ? null : choicesAnswer(choices),
      })),
    },
    value: {
      total: pricedValue(value.total),
      types: value.types.map((figures) => ({ type: figures.type, ...pricedValue(figures) })),
      features: value.features.map((figures) => ({ feature: figures.feature, ...pricedValue(figures) })),
    },
    waste: wasteAnswer(insights.waste, about),
    top: topAnswer(insights, currency),
    expiring: forecast === null ? null : expiringAnswer(forecast, balance),
  };
}

function moneyIn(currency: string): (amountMinor: number | null) => Money | null {
  return (amountMinor) => (amountMinor === null ? null : { amountMinor, currency });
}

function valueAnswer(figures: ValueFigures) {
  const { outcomes, creditsMicros, creditsPerOutcomeMicros, value, valuePerCredit, quantities } = figures;
  return {
    outcomes,
    credits: formatTotal(creditsMicros),
    creditsPerOutcome: creditsPerOutcomeMicros === null ? null : formatTotal(creditsPerOutcomeMicros),
    value: value === null ? null : { ...value },
    valuePerCredit,
    quantities: quantities.map(({ unit, quantityMicros }) => ({
      unit,
      quantity: formatTotal(quantityMicros),
    })),
  };
}

function wasteAnswer(
  { duplicates, withoutOutcomes, spikes, unowned }: WasteReport,
  { balance, search }: InsightsContext,
): Answer["waste"] {
  const money = moneyIn(balance.currency);
  const priced = (found: { readonly creditsMicros: bigint; readonly moneyMinor: number | null }) => ({
    credits: formatTotal(found.creditsMicros),
    money: money(found.moneyMinor),
  });
  const features = (found: Found<FeatureSpend>) => ({
    ...priced(found),
    features: found.items.map((item) => ({ feature: item.feature, ...priced(item) })),
  });
  return {
    duplicates: {
      ...priced(duplicates),
      duplicates: duplicates.duplicates,
      entriesSearched: search.entries,
      truncated: search.truncated,
      features: search.report.features.map(({ creditsMicros, ...feature }) => ({
        ...feature,
        credits: formatTotal(creditsMicros),
      })),
      groups: duplicates.items.map((group) => ({
        feature: group.feature,
        actions: [...group.actions],
        subject: group.subject,
        firstId: group.firstId,
        firstAt: formatInstant(group.firstAtMs),
        lastAt: formatInstant(group.lastAtMs),
        duplicates: group.duplicates,
        ...priced(group),
      })),
    },
    withoutOutcomes: features(withoutOutcomes),
    spikes: {
      ...priced(spikes),
      days: spikes.items.map((spike) => ({
        feature: spike.feature,
        day: spike.day,
        credits: formatMicros(spike.aboveMeanMicros),
        money: money(spike.moneyMinor),
        used: formatMicros(spike.creditsMicros),
        mean: formatMicros(spike.meanMicros),
      })),
    },
    unowned: features(unowned),
  };
}

function topAnswer({ top, creditsMicros: total }: Insights, currency: string): Answer["top"] {
  const money = moneyIn(currency);
  const answers = (consumers: readonly Consumer[]) =>
    consumers.map(({ name, creditsMicros, moneyMinor }) => ({
      name,
      credits: formatTotal(creditsMicros),
      money: money(moneyMinor),
      sharePercent: percentText(creditsMicros, total),
    }));
  return {
    features: answers(top.feature),
    users: answers(top.user),
    teams: answers(top.team),
    workflows: answers(top.workflow),
  };
}

/** What expires was paid for with the packs: its share of the limit. Included credits and grants cost nothing. */
function expiringAnswer({ unused }: Forecast, balance: Balance): NonNullable<Answer["expiring"]> {
  const { limitMicros, packsAmount, currency, resetAtMs } = balance;
  const of = (micros: number) => ({
    credits: formatMicros(micros),
    money: {
      amountMinor:
        limitMicros === 0 ? 0 : shareMinor(packsAmount.amountMinor, BigInt(micros), BigInt(limitMicros)),
      currency,
    },
  });
  return {
    at: formatInstant(resetAtMs),
    low: of(unused.lowMicros),
    expected: of(unused.expectedMicros),
    high: of(unused.highMicros),
  };
}
