/** Overage setting and maximum on the wire (rules, sections 5.1, 5.2, 5.5 and 5.7-5.9). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import type { Balance } from "../credits/balance.ts";
import { OVERAGE_SETTINGS } from "../credits/state.ts";
import { creditsOutSchema, creditsSchema, formatInstant, instantOutSchema } from "./common.ts";

/** As a body names them; what is not named stays. */
export const settingFields = {
  overageSetting: z.enum(OVERAGE_SETTINGS).optional(),
  maximum: creditsSchema
    .nullable()
    .optional()
    .openapi({
      type: ["number", "null"],
      description: "maximum monthly credit limit, the account's own hard cap; null: none",
    }),
};

export const changeSettingsSchema = z
  .strictObject(settingFields)
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    message: "name overageSetting, maximum or both",
  })
  .openapi("ChangeSettings");

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

export const currentSettingsSchema = settingsSchema
  .extend({
    choices: z
      .array(
        z.object({
          overageSetting: z.enum(OVERAGE_SETTINGS),
          refused: z
            .enum(["packs_required", "overage_price_missing"])
            .nullable()
            .openapi({ description: "why it cannot be chosen now; null: it can" }),
          effective: z.enum(["now", "at_reset"]),
          effectiveAt: instantOutSchema.nullable().openapi({ description: "null: at once" }),
        }),
      )
      .openapi({ description: "every setting, and when it would take effect if it were chosen now" }),
  })
  .openapi("CurrentSettings");

export const changedSettingsSchema = settingsSchema
  .extend({
    effective: z.enum(["now", "at_reset"]).openapi({ description: "of the setting; a maximum applies now" }),
    effectiveAt: instantOutSchema.nullable().openapi({ description: "null: in force already" }),
  })
  .openapi("ChangedSettings");

export function currentSettingsAnswer(balance: Balance): z.infer<typeof currentSettingsSchema> {
  return {
    ...settingsAnswer(balance),
    choices: balance.settingChoices.map(({ setting, refused, effectiveAtMs }) => ({
      overageSetting: setting,
      refused,
      effective: effectiveAtMs === null ? ("now" as const) : ("at_reset" as const),
      effectiveAt: effectiveAtMs === null ? null : formatInstant(effectiveAtMs),
    })),
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
