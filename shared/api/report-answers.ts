/** Reports in the wire's numbers: from micros and bigints to JSON. */
import type { z } from "@hono/zod-openapi";
import { formatMicros, MICROS_PER_UNIT } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import type { Rate } from "../credits/rates.ts";
import type { DenialCount } from "../queues.ts";
import type { PriceChange, PriceList } from "../reports/price-list.ts";
import type { UsageRange } from "../reports/range.ts";
import type { GroupFigures, Grouping, UsageReport } from "../reports/usage.ts";
import { balanceSummaryAnswer } from "./answers.ts";
import { formatInstant } from "./common.ts";
import type { Invoice } from "./invoices.ts";
import { featureAnswer } from "./rate-sheets.ts";
import type { balanceSchema, priceListSchema, usageReportSchema } from "./reports.ts";
import { ownedPackAnswer, settingsAnswer } from "./settings.ts";

export function balanceAnswer(
  account: string,
  balance: Balance,
  stateReason: string,
  invoices: readonly Invoice[],
): z.infer<typeof balanceSchema> {
  const { overageSetting, pending } = settingsAnswer(balance);
  const orNull = (micros: number | null) => (micros === null ? null : formatMicros(micros));
  const { accruedOverage } = balance;
  return {
    account,
    ...balanceSummaryAnswer(balance),
    stateReason,
    included: formatMicros(balance.includedMicros),
    packs: formatMicros(balance.packsMicros),
    activePacks: balance.packs.map(ownedPackAnswer),
    ceiling: orNull(balance.ceilingMicros),
    maximum: orNull(balance.maximumMicros),
    overdraft: formatMicros(balance.overdraftMicros),
    billable: formatMicros(balance.billableMicros),
    overageSetting,
    pending,
    period: {
      name: balance.period,
      start: formatInstant(balance.periodStartMs),
      end: formatInstant(balance.resetAtMs),
    },
    money: {
      currency: balance.currency,
      overagePrice: balance.overagePrice,
      accruedOverage: accruedOverage === null ? null : { ...accruedOverage },
      packsAmount: { ...balance.packsAmount },
      effectivePrice: balance.effectivePrice,
      invoices: invoices.map(({ invoice, number, kind, status, overdue, issuedAt, dueAt, total }) => ({
        invoice,
        number,
        kind,
        status,
        overdue,
        issuedAt,
        dueAt,
        total,
      })),
      nextInvoice:
        accruedOverage === null || accruedOverage.amountMinor === 0
          ? null
          : { at: formatInstant(balance.resetAtMs), amount: { ...accruedOverage } },
    },
  };
}

export function priceListAnswer(
  account: string,
  { inForce, ahead }: PriceList,
): z.infer<typeof priceListSchema> {
  return {
    account,
    version: inForce?.version ?? null,
    effectiveAt: inForce === null ? null : formatInstant(inForce.effectiveAtMs),
    features: inForce?.features.map(featureAnswer) ?? [],
    changes: ahead.map(({ version, effectiveAtMs, changes }) => ({
      version,
      effectiveAt: formatInstant(effectiveAtMs),
      changes: changes.map(changeAnswer),
    })),
  };
}

function changeAnswer(change: PriceChange) {
  const from = "from" in change ? change.from : undefined;
  const to = "to" in change ? change.to : undefined;
  const action = (to ?? from)?.action;
  return {
    kind: change.kind,
    feature: change.feature,
    ...(action === undefined ? {} : { action }),
    ...(from === undefined ? {} : { from: priceAnswer(from) }),
    ...(to === undefined ? {} : { to: priceAnswer(to) }),
  };
}

function priceAnswer({ creditsMicros, perMicros, blocks }: Rate) {
  return { credits: formatMicros(creditsMicros), per: formatMicros(perMicros), blocks };
}

export function usageAnswer(
  account: string,
  { days, period }: UsageRange,
  grouping: Grouping,
  report: UsageReport,
  denials: readonly DenialCount[],
  currency: string,
): z.infer<typeof usageReportSchema> {
  return {
    account,
    from: days.from,
    to: days.to,
    period,
    groupBy: [...grouping.groupBy],
    total: figuresAnswer(report.total, currency),
    groups: report.groups.map((group) => ({ ...group.labels, ...figuresAnswer(group, currency) })),
    denials: denials.map(({ day, ...rest }) => ({ ...(grouping.byDay ? { day } : {}), ...rest })),
  };
}

function figuresAnswer(
  { events, uses, quantityMicros, creditsMicros, moneyMinor }: GroupFigures,
  currency: string,
) {
  return {
    events,
    uses,
    quantity: quantityMicros === null ? null : formatTotal(quantityMicros),
    credits: formatTotal(creditsMicros),
    money: moneyMinor === null ? null : { amountMinor: moneyMinor, currency },
  };
}

/** A total that may lie beyond 2^53 micros: read from its digits, so that whole units stay exact up to 2^53. */
export function formatTotal(micros: bigint): number {
  const perUnit = BigInt(MICROS_PER_UNIT);
  return Number(`${micros / perUnit}.${(micros % perUnit).toString().padStart(6, "0")}`);
}
