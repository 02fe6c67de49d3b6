/** The operator's tables for packs of earlier products, part of the catalogue (rules, section 11). */
import { z } from "@hono/zod-openapi";
import { formatMicros } from "../credits/amounts.ts";
import {
  type ConversionTable,
  DEFAULT_CONVERSION_TABLE,
  DEFAULT_EDITION,
} from "../credits/conversion-tables.ts";
import { creditsSchema, labelSchema } from "./common.ts";
import { uniqueBy } from "./unique.ts";

const TABLES_MAX = 20;
const SIZES_MAX = 50;

const sizeSchema = z.strictObject({
  size: z.int().min(1).openapi({ description: "of the earlier pack, as rows name it" }),
  credits: creditsSchema
    .refine((micros) => micros > 0, "must be above 0")
    .openapi({ description: "monthly credits that one such pack becomes" }),
});

const tableSchema = z.strictObject({
  edition: labelSchema.openapi({ description: `rows that name no edition take "${DEFAULT_EDITION}"` }),
  sizes: z.array(sizeSchema).min(1).max(SIZES_MAX).superRefine(uniqueBy("size")),
});

export const conversionTablesSchema = z
  .array(tableSchema)
  .max(TABLES_MAX)
  .superRefine(uniqueBy("edition"))
  .prefault(conversionTablesAnswer([DEFAULT_CONVERSION_TABLE]))
  .openapi({ description: "what packs of earlier products become" });

export function toConversionTables(
  tables: z.infer<typeof conversionTablesSchema>,
): readonly ConversionTable[] {
  return tables.map(({ edition, sizes }) => ({
    edition,
    sizes: sizes.map(({ size, credits }) => ({ size, creditsMicros: credits })),
  }));
}

export function conversionTablesAnswer(tables: readonly ConversionTable[]) {
  return tables.map(({ edition, sizes }) => ({
    edition,
    sizes: sizes.map(({ size, creditsMicros }) => ({ size, credits: formatMicros(creditsMicros) })),
  }));
}
