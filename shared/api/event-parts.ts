/** What an event is made of on the wire: its items, its outcome, its properties (rules, sections 3.5 and 10.5). */
import { z } from "@hono/zod-openapi";
import { formatMicros, QUANTITY_MAX, QUANTITY_MICROS_MAX } from "../credits/amounts.ts";
import type { Outcome } from "../credits/entries.ts";
import type { UsageItem } from "../credits/rates.ts";
import { identifierSchema, moneyOutSchema, moneySchema, quantitySchema, referenceSchema } from "./common.ts";

export const ITEMS_PER_EVENT_MAX = 50;
export const PROPERTIES_MAX = 20;
const PROPERTY_LENGTH_MAX = 200;

export const outcomeSchema = z
  .strictObject({
    type: identifierSchema,
    value: moneySchema.optional(),
    quantity: quantitySchema.optional(),
    unit: identifierSchema.optional(),
  })
  .refine((outcome) => (outcome.quantity === undefined) === (outcome.unit === undefined), {
    path: ["unit"],
    message: "quantity and unit go together",
  })
  .openapi("Outcome");

export const outcomeOutSchema = z
  .object({
    type: z.string(),
    value: moneyOutSchema.optional(),
    quantity: z.number().optional(),
    unit: z.string().optional(),
  })
  .openapi("BookedOutcome");

export const propertiesSchema = z
  .record(
    referenceSchema.max(64, "at most 64 characters"),
    z.union([z.string().max(PROPERTY_LENGTH_MAX), z.number(), z.boolean()], {
      error: `must be a text of at most ${PROPERTY_LENGTH_MAX} characters, a number or a boolean`,
    }),
  )
  .refine(
    (properties) => Object.keys(properties).length <= PROPERTIES_MAX,
    `at most ${PROPERTIES_MAX} properties`,
  );

const itemSchema = z.strictObject({ action: identifierSchema, quantity: quantitySchema });

/** `action` and `quantity` stand for a single item. */
export const itemFields = {
  action: identifierSchema.optional().openapi({ description: "with quantity, in place of a single item" }),
  quantity: quantitySchema.optional(),
  items: z
    .array(itemSchema)
    .min(1)
    .max(ITEMS_PER_EVENT_MAX)
    .optional()
    .openapi({ description: "priced one by one, decided as one" }),
};

type ItemsBody = z.infer<z.ZodObject<typeof itemFields>>;

/** For `superRefine`: items come in one form, and add up; `required` where some have to be named. */
export function itemsRule(required: boolean) {
  return ({ action, quantity, items }: ItemsBody, context: z.RefinementCtx): void => {
    const refuse = (field: keyof ItemsBody, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    const single = action !== undefined || quantity !== undefined;
    if (single && items !== undefined) refuse("items", "give either items or action and quantity");
    else if (!single && items === undefined) {
      if (required) refuse("items", "required, or action and quantity for one item");
    } else if (single && action === undefined) refuse("action", "required beside quantity");
    else if (single && quantity === undefined) refuse("quantity", "required beside action");
    const total = items?.reduce((sum, item) => sum + item.quantity, 0) ?? 0;
    if (total > QUANTITY_MICROS_MAX) refuse("items", `quantities add up to more than ${QUANTITY_MAX}`);
  };
}

/** The validated items as the rules know them; null where none are named. */
export function toItems({ action, quantity, items }: ItemsBody): readonly UsageItem[] | null {
  const single = action === undefined || quantity === undefined ? null : [{ action, quantity }];
  return (items ?? single)?.map((item) => ({ action: item.action, quantityMicros: item.quantity })) ?? null;
}

/** The validated outcome as the rules know it. */
export function toOutcome({ type, value, quantity, unit }: z.infer<typeof outcomeSchema>): Outcome {
  return {
    type,
    ...(value === undefined ? {} : { value }),
    ...(quantity === undefined ? {} : { quantityMicros: quantity, unit }),
  };
}

export function outcomeAnswer({
  type,
  value,
  quantityMicros,
  unit,
}: Outcome): z.infer<typeof outcomeOutSchema> {
  return {
    type,
    ...(value === undefined ? {} : { value: { ...value } }),
    ...(quantityMicros === undefined ? {} : { quantity: formatMicros(quantityMicros), unit }),
  };
}
