/** Data of notices about packs, settings and the limit (rules, section 5). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../../credits/amounts.ts";
import { creditsOutSchema, formatInstant, instantOutSchema, moneyOutSchema } from "../common.ts";
import { type Content, resetAtSchema, resetOf, settingSchema } from "./common.ts";

export const packNoticeSchemas = [
  z.object({
    kind: z.literal("automatic_upgrade"),
    pack: z.string(),
    packName: z.string(),
    packs: z.number(),
    price: moneyOutSchema,
    used: creditsOutSchema,
    limit: creditsOutSchema,
    resetAt: resetAtSchema,
  }),
  z.object({ kind: z.literal("upgrade_unavailable"), currency: z.string(), resetAt: resetAtSchema }),
  z.object({
    kind: z.literal("setting_changed"),
    from: settingSchema,
    to: settingSchema,
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("setting_waiting"),
    from: settingSchema,
    to: settingSchema,
    effectiveAt: instantOutSchema,
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("maximum_raised"),
    from: creditsOutSchema,
    to: creditsOutSchema,
    resetAt: resetAtSchema,
  }),
  z.object({
    kind: z.literal("term_ending"),
    endsAt: instantOutSchema,
    packs: z.array(
      z.object({
        pack: z.string(),
        name: z.string(),
        credits: creditsOutSchema.openapi({ description: "of one pack" }),
        quantity: z.number(),
        renewal: z
          .object({ pack: z.string(), name: z.string(), quantity: z.number() })
          .nullable()
          .openapi({ description: "what it becomes; null: it ends" }),
      }),
    ),
    resetAt: resetAtSchema,
  }),
  z.object({ kind: z.literal("packs_ended"), limit: creditsOutSchema, resetAt: resetAtSchema }),
  z.object({
    kind: z.literal("grant_added"),
    credits: creditsOutSchema,
    reason: z.string(),
    grantPeriod: z.string().openapi({ description: "the period that it raises" }),
    resetAt: resetAtSchema,
  }),
] as const;

export function packNoticeData(
  content: Content<
    | "automatic_upgrade"
    | "upgrade_unavailable"
    | "setting_changed"
    | "setting_waiting"
    | "maximum_raised"
    | "term_ending"
    | "packs_ended"
    | "grant_added"
  >,
) {
  const reset = resetOf(content);
  switch (content.kind) {
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
    case "term_ending": {
      const packs = content.packs.map(({ pack, name, creditsMicros, quantity, renewal }) => ({
        pack,
        name,
        credits: formatMicros(creditsMicros),
        quantity,
        renewal:
          renewal.quantity === 0
            ? null
            : { pack: renewal.pack, name: renewal.name, quantity: renewal.quantity },
      }));
      return { kind: content.kind, endsAt: formatInstant(content.endsAtMs), packs, ...reset };
    }
    case "packs_ended":
      return { kind: content.kind, limit: formatMicros(content.limitMicros), ...reset };
    case "grant_added": {
      const { kind, creditsMicros, reason, grantPeriod } = content;
      return { kind, credits: formatMicros(creditsMicros), reason, grantPeriod, ...reset };
    }
  }
}
