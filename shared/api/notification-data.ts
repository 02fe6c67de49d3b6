/** What a notification tells, by kind, on the wire (rules, 6.1 and 6.4). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import type { NotificationContent } from "../queues.ts";
import { creditsOutSchema, formatInstant, instantOutSchema, moneyOutSchema } from "./common.ts";

const settingSchema = z.enum(OVERAGE_SETTINGS);
const resetAt = instantOutSchema.openapi({ description: "end of the period, as known then" });

/** What a notification tells, by kind; amounts as they were when it was decided. */
export const notificationDataSchema = z
  .discriminatedUnion("kind", [
    z.object({
      kind: z.literal("usage_threshold"),
      subject: z.enum(["limit", "maximum"]),
      percent: z.number(),
      used: creditsOutSchema,
      of: creditsOutSchema,
      overageSetting: settingSchema,
      resetAt,
    }),
    z.object({
      kind: z.literal("limit_passed"),
      used: creditsOutSchema,
      limit: creditsOutSchema,
      overageSetting: settingSchema,
      resetAt,
    }),
    z.object({
      kind: z.literal("maximum_reached"),
      used: creditsOutSchema,
      maximum: creditsOutSchema,
      resetAt,
    }),
    z.object({
      kind: z.literal("automatic_upgrade"),
      pack: z.string(),
      packName: z.string(),
      packs: z.number(),
      price: moneyOutSchema,
      used: creditsOutSchema,
      limit: creditsOutSchema,
      resetAt,
    }),
    z.object({ kind: z.literal("upgrade_unavailable"), currency: z.string(), resetAt }),
    z.object({ kind: z.literal("setting_changed"), from: settingSchema, to: settingSchema, resetAt }),
    z.object({
      kind: z.literal("setting_waiting"),
      from: settingSchema,
      to: settingSchema,
      effectiveAt: instantOutSchema,
      resetAt,
    }),
    z.object({
      kind: z.literal("maximum_raised"),
      from: creditsOutSchema,
      to: creditsOutSchema,
      resetAt,
    }),
    z.object({
      kind: z.literal("usage_report"),
      periods: z.array(
        z.object({
          period: z.string(),
          used: creditsOutSchema,
          limit: creditsOutSchema,
          expired: creditsOutSchema,
          overage: creditsOutSchema,
        }),
      ),
      resetAt,
    }),
    z.object({
      kind: z.literal("invoice_issued"),
      invoice: z.string(),
      number: z.string(),
      total: moneyOutSchema,
      dueAt: instantOutSchema,
    }),
  ])
  .openapi("NotificationData");

export type NotificationData = z.infer<typeof notificationDataSchema>;

/** The amounts of a notification as the wire has them. */
export function notificationData(content: NotificationContent): NotificationData {
  if (content.kind === "invoice_issued") {
    return {
      kind: content.kind,
      invoice: content.invoiceId,
      number: content.number,
      total: { amountMinor: content.totalMinor, currency: content.currency },
      dueAt: formatInstant(content.dueAtMs),
    };
  }
  const reset = { resetAt: formatInstant(content.resetAtMs) };
  switch (content.kind) {
    case "usage_threshold": {
      const { kind, subject, percent, setting } = content;
      const of = formatMicros(content.ofMicros);
      return {
        kind,
        subject,
        percent,
        used: formatMicros(content.usedMicros),
        of,
        overageSetting: setting,
        ...reset,
      };
    }
    case "limit_passed": {
      const limit = formatMicros(content.limitMicros);
      const used = formatMicros(content.usedMicros);
      return { kind: content.kind, used, limit, overageSetting: content.setting, ...reset };
    }
    case "maximum_reached": {
      const maximum = formatMicros(content.maximumMicros);
      return { kind: content.kind, used: formatMicros(content.usedMicros), maximum, ...reset };
    }
    case "automatic_upgrade": {
      const { kind, pack, packName, packs } = content;
      const amounts = { used: formatMicros(content.usedMicros), limit: formatMicros(content.limitMicros) };
      return { kind, pack, packName, packs, price: { ...content.price }, ...amounts, ...reset };
    }
    case "upgrade_unavailable":
      return { kind: content.kind, currency: content.currency, ...reset };
    case "setting_changed":
      return { kind: content.kind, from: content.from, to: content.to, ...reset };
    case "setting_waiting": {
      const { kind, from, to, effectiveAtMs } = content;
      return { kind, from, to, effectiveAt: formatInstant(effectiveAtMs), ...reset };
    }
    case "maximum_raised": {
      const { kind, fromMicros, toMicros } = content;
      return { kind, from: formatMicros(fromMicros), to: formatMicros(toMicros), ...reset };
    }
    case "usage_report": {
      const periods = content.periods.map((closed) => ({
        period: closed.period,
        used: formatMicros(closed.usedMicros),
        limit: formatMicros(closed.limitMicros),
        expired: formatMicros(closed.expiredMicros),
        overage: formatMicros(closed.overageMicros),
      }));
      return { kind: content.kind, periods, ...reset };
    }
  }
}
