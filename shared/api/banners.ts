/** Banners on the wire (rules, 6.3). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import { BANNER_AUDIENCES, BANNER_SEVERITIES, type BannerContent } from "../credits/banners.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import { creditsOutSchema, instantOutSchema, moneyOutSchema, referenceSchema } from "./common.ts";

const BANNER_ID_LENGTH_MAX = 200;

const settingSchema = z.enum(OVERAGE_SETTINGS);

export const bannerDataSchema = z
  .discriminatedUnion("kind", [
    z.object({
      kind: z.literal("usage_threshold"),
      subject: z.enum(["limit", "maximum"]),
      percent: z.number(),
      used: creditsOutSchema,
      of: creditsOutSchema,
    }),
    z.object({
      kind: z.literal("exhausted"),
      used: creditsOutSchema,
      held: creditsOutSchema,
      limit: creditsOutSchema,
      overageSetting: settingSchema,
    }),
    z.object({
      kind: z.literal("maximum_reached"),
      used: creditsOutSchema,
      held: creditsOutSchema,
      maximum: creditsOutSchema,
    }),
    z.object({
      kind: z.literal("overage_running"),
      overage: creditsOutSchema,
      limit: creditsOutSchema,
      accrued: moneyOutSchema.nullable(),
    }),
    z.object({ kind: z.literal("setting_waiting"), from: settingSchema, to: settingSchema }),
    z.object({ kind: z.literal("account_suspended") }),
    z.object({ kind: z.literal("account_closed") }),
    z.object({ kind: z.literal("feature_paused"), feature: z.string() }),
    z.object({ kind: z.literal("features_paused") }),
  ])
  .openapi("BannerData");

export type BannerData = z.infer<typeof bannerDataSchema>;

export function bannerData(content: BannerContent): BannerData {
  switch (content.kind) {
    case "usage_threshold": {
      const { kind, subject, percent, usedMicros, ofMicros } = content;
      return { kind, subject, percent, used: formatMicros(usedMicros), of: formatMicros(ofMicros) };
    }
    case "exhausted": {
      const { kind, setting, limitMicros } = content;
      return { kind, ...taken(content), limit: formatMicros(limitMicros), overageSetting: setting };
    }
    case "maximum_reached":
      return { kind: content.kind, ...taken(content), maximum: formatMicros(content.maximumMicros) };
    case "overage_running": {
      const { kind, billableMicros, limitMicros, accrued } = content;
      return {
        kind,
        overage: formatMicros(billableMicros),
        limit: formatMicros(limitMicros),
        accrued: accrued === null ? null : { ...accrued },
      };
    }
    case "setting_waiting":
      return { kind: content.kind, from: content.from, to: content.to };
    case "feature_paused":
      return { kind: content.kind, feature: content.feature };
    case "account_suspended":
    case "account_closed":
    case "features_paused":
      return { kind: content.kind };
  }
}

function taken(content: { readonly usedMicros: number; readonly heldMicros: number }) {
  return { used: formatMicros(content.usedMicros), held: formatMicros(content.heldMicros) };
}

export const bannerSchema = z
  .object({
    id: z
      .string()
      .openapi({ description: "names it when it is dismissed", example: "2026-11-14/limit/85/rs5qdc" }),
    severity: z.enum(BANNER_SEVERITIES),
    title: z.string(),
    text: z.string(),
    until: instantOutSchema.nullable().openapi({
      description: "the reset, when it ends by itself; null: when somebody ends it",
    }),
    data: bannerDataSchema,
  })
  .openapi("Banner");

export const bannersSchema = z
  .object({ data: z.array(bannerSchema).openapi({ description: "gravest first" }) })
  .openapi("Banners");

export const bannersQuerySchema = z.strictObject({
  user: referenceSchema.optional().openapi({ description: "leaves out what this user dismissed" }),
  audience: z.enum(BANNER_AUDIENCES).default("admin").openapi({
    description: "members see only that features are paused and until when; acting for one gives theirs",
  }),
});

export const dismissBannerSchema = z
  .strictObject({ user: referenceSchema, banner: z.string().min(1).max(BANNER_ID_LENGTH_MAX) })
  .openapi("DismissBanner");
