/** Data of notices about what was used: thresholds, limit, maximum, budgets, credits that expire (rules, 6.1, 6.4). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../../credits/amounts.ts";
import { BUDGET_SUBJECTS } from "../../credits/directory.ts";
import { creditsOutSchema, formatInstant, instantOutSchema } from "../common.ts";
import { type Content, resetAtSchema, resetOf, settingSchema } from "./common.ts";

export const usageNoticeSchemas = [
  z.object({
    kind: z.literal("usage_threshold"),
    subject: z.enum(["limit", "maximum"]),
    percent: z.number(),
    used: creditsOutSchema,
    of: creditsOutSchema,
    overageSetting: settingSchema,
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("limit_passed"),
    used: creditsOutSchema,
    limit: creditsOutSchema,
    overageSetting: settingSchema,
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("maximum_reached"),
    used: creditsOutSchema,
    maximum: creditsOutSchema,
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("budget_threshold"),
    budget: z.string(),
    subject: z.enum(BUDGET_SUBJECTS),
    key: z.string().openapi({ description: "id of that user, team, feature or workflow" }),
    hard: z.boolean().openapi({ description: "denies at 100 %; else it only tells" }),
    percent: z.number(),
    used: creditsOutSchema,
    of: creditsOutSchema,
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("credits_expiring"),
    remaining: creditsOutSchema,
    limit: creditsOutSchema,
    expireAt: instantOutSchema,
    resetAt: resetAtSchema,
  }),
] as const;

export function usageNoticeData(
  content: Content<
    "usage_threshold" | "limit_passed" | "maximum_reached" | "budget_threshold" | "credits_expiring"
  >,
) {
  const reset = resetOf(content);
  switch (content.kind) {
    case "usage_threshold": {
      const { kind, subject, percent, setting } = content;
      const amounts = { used: formatMicros(content.usedMicros), of: formatMicros(content.ofMicros) };
      return { kind, subject, percent, ...amounts, overageSetting: setting, ...reset };
    }
    case "limit_passed": {
      const { kind, setting } = content;
      const amounts = { used: formatMicros(content.usedMicros), limit: formatMicros(content.limitMicros) };
      return { kind, ...amounts, overageSetting: setting, ...reset };
    }
    case "maximum_reached": {
      const maximum = formatMicros(content.maximumMicros);
      return { kind: content.kind, used: formatMicros(content.usedMicros), maximum, ...reset };
    }
    case "budget_threshold": {
      const { kind, budget, subject, key, hard, percent } = content;
      const amounts = { used: formatMicros(content.usedMicros), of: formatMicros(content.ofMicros) };
      return { kind, budget, subject, key, hard, percent, ...amounts, ...reset };
    }
    case "credits_expiring": {
      const remaining = formatMicros(content.remainingMicros);
      const limit = formatMicros(content.limitMicros);
      const expireAt = formatInstant(content.expireAtMs);
      return { kind: content.kind, remaining, limit, expireAt, ...reset };
    }
  }
}
