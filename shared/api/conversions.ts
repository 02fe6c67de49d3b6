/** Conversions of packs of an earlier product on the wire, one by one and from a file (rules, section 11). */
import { z } from "@hono/zod-openapi";
import type { Balance } from "../credits/balance.ts";
import { packPriceSchema } from "./catalog.ts";
import { formatInstant, instantOutSchema, instantSchema, labelSchema } from "./common.ts";
import { balanceSummarySchema } from "./decisions.ts";
import { ownedPackAnswer, ownedPackSchema, packQuantitySchema } from "./packs.ts";
import { settingsSchema } from "./settings.ts";

/** Usage periods of a commitment term, as accounts may agree on them. */
const TERM_PERIODS_MAX = 60;

export const conversionFields = {
  size: z.int().min(1).openapi({ description: "of one earlier pack, as the catalogue's table names it" }),
  quantity: packQuantitySchema,
  edition: labelSchema.openapi({ description: 'selects the table; default: the one called "default"' }),
  price: packPriceSchema.openapi({ description: "of one converted pack for one usage period; default: 0" }),
  termPeriods: z.int().min(1).max(TERM_PERIODS_MAX).openapi({
    description: "length of the commitment term, where these are the account's first packs",
  }),
  effectiveAt: instantSchema.openapi({ description: "default, and where it has passed: now" }),
};

export const convertSchema = z
  .strictObject({
    size: conversionFields.size,
    quantity: conversionFields.quantity,
    edition: conversionFields.edition.optional(),
    price: conversionFields.price.optional(),
    termPeriods: conversionFields.termPeriods.optional(),
    effectiveAt: conversionFields.effectiveAt.optional(),
  })
  .openapi("Convert", { example: { size: 100, quantity: 2 } });

export const convertedSchema = z
  .object({
    replayed: z.boolean().openapi({ description: "converted by an earlier call with this Idempotency-Key" }),
    converted: ownedPackSchema,
    effectiveAt: instantOutSchema.openapi({ description: "its credits count from then on" }),
    settings: settingsSchema,
    balance: balanceSummarySchema,
  })
  .openapi("Converted");

export const conversionSchema = z
  .object({
    converted: ownedPackSchema,
    status: z.enum(["active", "scheduled"]),
    effectiveAt: instantOutSchema,
  })
  .openapi("Conversion");

export const conversionsSchema = z
  .object({ data: z.array(conversionSchema), nextCursor: z.null() })
  .openapi("Conversions");

/** Converted packs that the account has, and those that wait for their time. */
export function conversionsAnswer({
  packs,
  conversions,
}: Pick<Balance, "packs" | "conversions">): z.infer<typeof conversionSchema>[] {
  const active = packs.filter(({ source }) => source === "conversion");
  return [
    ...active.map((pack) => ({
      converted: ownedPackAnswer(pack),
      status: "active" as const,
      effectiveAt: formatInstant(pack.addedAtMs),
    })),
    ...conversions.map(({ pack, effectiveAtMs }) => ({
      converted: ownedPackAnswer(pack),
      status: "scheduled" as const,
      effectiveAt: formatInstant(effectiveAtMs),
    })),
  ];
}

export const importQuerySchema = z.strictObject({
  dryRun: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true")
    .openapi({
      type: "string",
      enum: ["true", "false"],
      description: "say what each row would do, and do nothing",
    }),
});

export const IMPORT_STATUSES = ["converted", "would_convert", "already_done", "refused"] as const;

const importedRowSchema = z
  .object({
    line: z.number().openapi({ description: "in the file, counted from 1; the header is line 1" }),
    account: z.string(),
    reference: z.string().nullable(),
    status: z.enum(IMPORT_STATUSES),
    credits: z.number().nullable().openapi({ description: "monthly credits of the row; null where refused" }),
    message: z.string().nullable().openapi({ description: "of a refused row: the column, and the way out" }),
  })
  .openapi("ImportedRow");

export const importReportSchema = z
  .object({
    dryRun: z.boolean(),
    converted: z.number().openapi({ description: "rows; in a dry run those that would be" }),
    alreadyDone: z.number(),
    refused: z.number(),
    rows: z.array(importedRowSchema),
  })
  .openapi("ImportReport");

export type ImportedRow = z.infer<typeof importedRowSchema>;

/** The report with its counts; rows in the order of the file. */
export function importReport(
  dryRun: boolean,
  rows: readonly ImportedRow[],
): z.infer<typeof importReportSchema> {
  const count = (...statuses: readonly ImportedRow["status"][]) =>
    rows.filter(({ status }) => statuses.includes(status)).length;
  return {
    dryRun,
    converted: count("converted", "would_convert"),
    alreadyDone: count("already_done"),
    refused: count("refused"),
    rows: [...rows],
  };
}
