/** Packs, overage setting and maximum on the wire (rules, sections 5.1, 5.2 and 5.7-5.9). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import { OVERAGE_SETTINGS, type OwnedPack } from "../credits/state.ts";
import {
  creditsOutSchema,
  creditsSchema,
  formatInstant,
  identifierSchema,
  instantOutSchema,
  moneyOutSchema,
} from "./common.ts";
import { balanceSummarySchema } from "./usage.ts";

const PACK_QUANTITY_MAX = 10_000;

const settingFields = {
  overageSetting: z.enum(OVERAGE_SETTINGS).optional(),
  maximum: creditsSchema
    .nullable()
    .optional()
    .openapi({
      type: ["number", "null"],
      description: "maximum monthly credit limit, the account's own hard cap; null: none",
    }),
};

export const buyPackSchema = z
  .strictObject({
    pack: identifierSchema,
    quantity: z.int().min(1).max(PACK_QUANTITY_MAX).default(1),
    ...settingFields,
  })
  .openapi("BuyPack", {
    description: "The account's first pack may name setting and maximum; else it sets auto_upgrade.",
    example: { pack: "pack-1000", quantity: 1 },
  });

export const changeSettingsSchema = z
  .strictObject(settingFields)
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    message: "name overageSetting, maximum or both",
  })
  .openapi("ChangeSettings");

export const ownedPackSchema = z
  .object({
    id: z.string(),
    pack: z.string(),
    name: z.string(),
    credits: creditsOutSchema.openapi({ description: "monthly credits of one pack" }),
    quantity: z.number(),
    source: z.enum(["purchase", "automatic"]),
    price: moneyOutSchema.openapi({ description: "of one pack for one usage period" }),
    addedAt: instantOutSchema,
    period: z.string().openapi({ description: "the usage period in which it was added" }),
  })
  .openapi("OwnedPack");

export const ownedPacksSchema = z
  .object({ data: z.array(ownedPackSchema), nextCursor: z.null() })
  .openapi("OwnedPacks");

export const settingsSchema = z
  .object({
    overageSetting: z.enum(OVERAGE_SETTINGS),
    maximum: creditsOutSchema.nullable(),
    pending: z
      .object({ overageSetting: z.enum(OVERAGE_SETTINGS), effectiveAt: instantOutSchema })
      .nullable()
      .openapi({ description: "the change of setting that waits for the reset" }),
    limit: creditsOutSchema,
  })
  .openapi("Settings");

export const changedSettingsSchema = settingsSchema
  .extend({
    effective: z.enum(["now", "at_reset"]).openapi({ description: "of the setting; a maximum applies now" }),
    effectiveAt: instantOutSchema.nullable().openapi({ description: "null: in force already" }),
  })
  .openapi("ChangedSettings");

export const boughtPackSchema = z
  .object({
    replayed: z.boolean().openapi({ description: "bought by an earlier call with this Idempotency-Key" }),
    bought: ownedPackSchema,
    settings: settingsSchema,
    balance: balanceSummarySchema,
  })
  .openapi("BoughtPack");

export function ownedPackAnswer({ creditsMicros, addedAtMs, price, ...pack }: OwnedPack) {
  return {
    ...pack,
    credits: formatMicros(creditsMicros),
    price: { ...price },
    addedAt: formatInstant(addedAtMs),
  };
}

export function settingsAnswer(balance: Balance): z.infer<typeof settingsSchema> {
  const { maximumMicros, pendingSetting } = balance;
  return {
    overageSetting: balance.setting,
    maximum: maximumMicros === null ? null : formatMicros(maximumMicros),
    pending:
      pendingSetting === null
        ? null
        : {
            overageSetting: pendingSetting.setting,
            effectiveAt: formatInstant(pendingSetting.effectiveAtMs),
          },
    limit: formatMicros(balance.limitMicros),
  };
}
