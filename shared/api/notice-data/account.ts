/** Data of notices about the account, its features and its own rates (rules, sections 2.6, 8.4, 8.5 and 10.4). */
import { z } from "@hono/zod-openapi";
import { formatInstant, instantOutSchema } from "../common.ts";
import { type Content, resetAtSchema, resetOf } from "./common.ts";

export const accountNoticeSchemas = [
  z.object({
    kind: z.enum(["feature_paused", "feature_resumed"]),
    feature: z.string(),
    owner: z.string().nullable().openapi({ description: "user who answers for the feature" }),
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.enum(["account_suspended", "account_closed"]),
    reason: z.string(),
    resetAt: resetAtSchema,
  }),
  z.object({ kind: z.literal("account_resumed"), resetAt: resetAtSchema }),
  z.object({
    kind: z.literal("account_rates_changed"),
    version: z.number(),
    effectiveAt: instantOutSchema,
    shortNotice: z.boolean().openapi({ description: "less than 30 days ahead" }),
    raised: z.array(z.object({ feature: z.string(), action: z.string() })),
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("account_rates_withdrawn"),
    version: z.number(),
    effectiveAt: instantOutSchema.openapi({ description: "when it would have applied" }),
    resetAt: resetAtSchema,
  }),
] as const;

export function accountNoticeData(
  content: Content<
    | "feature_paused"
    | "feature_resumed"
    | "account_suspended"
    | "account_closed"
    | "account_resumed"
    | "account_rates_changed"
    | "account_rates_withdrawn"
  >,
) {
  const reset = resetOf(content);
  switch (content.kind) {
    case "feature_paused":
    case "feature_resumed":
      return { kind: content.kind, feature: content.feature, owner: content.ownerUser, ...reset };
    case "account_suspended":
    case "account_closed":
      return { kind: content.kind, reason: content.reason, ...reset };
    case "account_resumed":
      return { kind: content.kind, ...reset };
    case "account_rates_changed": {
      const { kind, version, shortNotice, effectiveAtMs } = content;
      const raised = content.raised.map(({ feature, action }) => ({ feature, action }));
      return { kind, version, effectiveAt: formatInstant(effectiveAtMs), shortNotice, raised, ...reset };
    }
    case "account_rates_withdrawn": {
      const { kind, version, effectiveAtMs } = content;
      return { kind, version, effectiveAt: formatInstant(effectiveAtMs), ...reset };
    }
  }
}
