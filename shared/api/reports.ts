/** Reports on the wire (rules, sections 8.6 and 10.1-10.3). */
import { z } from "@hono/zod-openapi";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import type { LogBound } from "../reports/log-filter.ts";
import { PERIOD_PRESETS } from "../reports/range.ts";
import { groupingOf, USAGE_GROUPS, type UsageGroup } from "../reports/usage.ts";
import {
  accountParamsSchema,
  creditsOutSchema,
  dateSchema,
  identifierSchema,
  instantOutSchema,
  instantSchema,
  moneyOutSchema,
  PAGE_SIZE_DEFAULT,
  PAGE_SIZE_MAX,
  pageSchema,
  referenceSchema,
} from "./common.ts";
import { invoiceSchema } from "./invoices.ts";
import { rateSchema, sheetFeatureSchema } from "./rate-sheets.ts";
import { ownedPackSchema } from "./settings.ts";
import { balanceSummarySchema, logEntrySchema } from "./usage.ts";

const GROUPS_MAX = 2;

export const eventParamsSchema = accountParamsSchema.extend({ id: referenceSchema });

// ---- balance ----------------------------------------------------------------------------------------------------

const balanceMoneySchema = z.object({
  currency: z.string(),
  overagePrice: z.string().nullable().openapi({ description: "per credit; null where none is agreed" }),
  accruedOverage: moneyOutSchema
    .nullable()
    .openapi({ description: "what the overage invoice would say now; null where no price is agreed" }),
  packsAmount: moneyOutSchema.openapi({ description: "what the packs of the period cost" }),
  effectivePrice: z
    .string()
    .nullable()
    .openapi({ description: "(packs + overage) / used, per credit; null while nothing is used" }),
  invoices: z
    .array(
      invoiceSchema.pick({
        invoice: true,
        number: true,
        kind: true,
        status: true,
        overdue: true,
        issuedAt: true,
        dueAt: true,
        total: true,
      }),
    )
    .openapi({ description: "issued in this period, newest first" }),
  nextInvoice: z
    .object({ at: instantOutSchema, amount: moneyOutSchema })
    .nullable()
    .openapi({ description: "expected as of now, before tax; null where nothing would be billed" }),
});

export const balanceSchema = balanceSummarySchema
  .extend({
    account: z.string(),
    included: creditsOutSchema.openapi({ description: "of the plan" }),
    packs: creditsOutSchema.openapi({ description: "of all active packs" }),
    activePacks: z.array(ownedPackSchema),
    ceiling: creditsOutSchema.nullable().openapi({ description: "null: nothing caps usage" }),
    maximum: creditsOutSchema.nullable().openapi({ description: "the account's own hard cap" }),
    overdraft: creditsOutSchema.openapi({ description: "part of used that is never invoiced" }),
    billable: creditsOutSchema.openapi({ description: "overage without overdraft" }),
    overageSetting: z.enum(OVERAGE_SETTINGS),
    pending: z.object({ overageSetting: z.enum(OVERAGE_SETTINGS), effectiveAt: instantOutSchema }).nullable(),
    period: z.object({ name: z.string(), start: instantOutSchema, end: instantOutSchema }),
    stateReason: z.string().openapi({ description: "why the state is what it is, for people" }),
    money: balanceMoneySchema,
  })
  .openapi("Balance");

// ---- price list -------------------------------------------------------------------------------------------------

const priceSchema = rateSchema.omit({ action: true, name: true });

const priceChangeSchema = z
  .object({
    kind: z.enum([
      "feature_added",
      "feature_removed",
      "beta_began",
      "beta_ended",
      "action_added",
      "action_removed",
      "price_changed",
    ]),
    feature: z.string(),
    action: z.string().optional(),
    from: priceSchema.optional(),
    to: priceSchema.optional(),
  })
  .openapi("PriceChange");

export const priceListSchema = z
  .object({
    account: z.string(),
    version: z.number().nullable().openapi({ description: "null before the first version is in force" }),
    effectiveAt: instantOutSchema.nullable(),
    features: z.array(sheetFeatureSchema),
    changes: z
      .array(
        z.object({
          version: z.number(),
          effectiveAt: instantOutSchema,
          changes: z.array(priceChangeSchema),
        }),
      )
      .openapi({ description: "versions ahead, and what each changes" }),
  })
  .openapi("PriceList");

// ---- usage ------------------------------------------------------------------------------------------------------

const groupBySchema = z
  .string()
  .default("feature")
  .transform((text, context): readonly UsageGroup[] => {
    const names = text.split(",");
    const groups = USAGE_GROUPS.filter((group) => names.includes(group));
    const refuse = (message: string) => {
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    };
    if (groups.length !== names.length || names.length > GROUPS_MAX) {
      return refuse(`one or two different of ${USAGE_GROUPS.join(", ")}, such as feature,day`);
    }
    if (groupingOf(groups) === null) {
      return refuse("user and workflow are kept by day only: group by one of them, alone or with day");
    }
    return groups;
  })
  .openapi({ type: "string", default: "feature", example: "feature,day" });

export const usageQuerySchema = z
  .strictObject({
    period: z
      .enum(PERIOD_PRESETS)
      .optional()
      .openapi({ description: "default, where no days are given: current" }),
    from: dateSchema.optional().openapi({ description: "first local day of occurrence" }),
    to: dateSchema.optional().openapi({ description: "last day, included; default: today" }),
    groupBy: groupBySchema,
  })
  .superRefine(({ from, to, period }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (period !== undefined && (from !== undefined || to !== undefined)) {
      refuse("period", "give either period or from and to");
    }
    if (from === undefined && to !== undefined) refuse("from", "required beside to");
    if (from !== undefined && to !== undefined && from > to) refuse("to", "must not be before from");
  });

const figures = {
  events: z.number().openapi({ description: "entries; one with several actions counts at its first" }),
  uses: z.number().nullable().openapi({ description: "items; null by user or workflow" }),
  quantity: z
    .number()
    .nullable()
    .openapi({ description: "null where different actions would be added up, and by user or workflow" }),
  credits: creditsOutSchema,
  money: moneyOutSchema
    .nullable()
    .openapi({ description: "at the effective price of a credit; null where one is not known" }),
};

export const usageReportSchema = z
  .object({
    account: z.string(),
    from: z.string().openapi({ format: "date" }),
    to: z.string().openapi({ format: "date" }),
    period: z
      .string()
      .nullable()
      .openapi({ description: "set where all that counts in a period is reported" }),
    groupBy: z.array(z.enum(USAGE_GROUPS)),
    total: z.object(figures),
    groups: z
      .array(
        z.object({
          day: z.string().optional(),
          category: z.string().nullable().optional(),
          feature: z.string().optional(),
          action: z.string().optional(),
          user: z.string().nullable().optional().openapi({ description: "null: named no user" }),
          workflow: z.string().nullable().optional().openapi({ description: "null: named no workflow" }),
          ...figures,
        }),
      )
      .openapi({ description: "by day where asked for, then by credits, most first" }),
    denials: z
      .array(
        z.object({
          day: z.string().optional(),
          feature: z.string(),
          action: z.string(),
          reason: z.string(),
          denials: z.number(),
        }),
      )
      .openapi({ description: "lost demand; the last minute may be missing" }),
  })
  .openapi("UsageReport");

// ---- log --------------------------------------------------------------------------------------------------------

const boundSchema = z
  .string()
  .transform((text, context): LogBound => {
    if (dateSchema.safeParse(text).success) return { kind: "day", day: text };
    const instant = instantSchema.safeParse(text);
    if (instant.success) return { kind: "instant", atMs: instant.data };
    context.addIssue({ code: "custom", message: "a date such as 2026-11-21 or an RFC 3339 time" });
    return z.NEVER;
  })
  .openapi({ type: "string", example: "2026-11-21" });

const CURSOR = /^e(\d{1,15})$/;

/** Entries before this sequence number come next. */
export function logCursor(beforeSeq: number): string {
  return `e${beforeSeq}`;
}

const cursorSchema = z
  .string()
  .transform((text, context): number => {
    const [, seq] = CURSOR.exec(text) ?? [];
    if (seq !== undefined) return Number(seq);
    context.addIssue({ code: "custom", message: "must be a nextCursor of this list" });
    return z.NEVER;
  })
  .openapi({ type: "string" });

export const logQuerySchema = z.strictObject({
  from: boundSchema.optional().openapi({ description: "first local day, or instant, of occurrence" }),
  to: boundSchema.optional().openapi({ description: "last day, included, or instant, excluded" }),
  feature: identifierSchema.optional(),
  user: referenceSchema.optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(PAGE_SIZE_MAX)
    .optional()
    .openapi({ description: `entries of a page, by default ${PAGE_SIZE_DEFAULT}; an export has no pages` }),
  cursor: cursorSchema.optional(),
});

export const logPageSchema = pageSchema(logEntrySchema, "UsageLog");
