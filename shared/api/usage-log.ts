/** The usage log on the wire (rules, 10.3): what is asked for, and its pages. */
import { z } from "@hono/zod-openapi";
import { type LogBound, OUTCOME_PRESENCES } from "../reports/log-filter.ts";
import {
  dateSchema,
  identifierSchema,
  instantSchema,
  PAGE_SIZE_DEFAULT,
  PAGE_SIZE_MAX,
  pageSchema,
  referenceSchema,
} from "./common.ts";
import { logEntrySchema } from "./log-entries.ts";

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
  .openapi({
    type: "string",
    description:
      "a nextCursor; or e and the seq of the last entry that arrived, to go on where an export broke off",
  });

export const logQuerySchema = z.strictObject({
  from: boundSchema.optional().openapi({ description: "first local day, or instant, of occurrence" }),
  to: boundSchema.optional().openapi({ description: "last day, included, or instant, excluded" }),
  feature: identifierSchema.optional().openapi({ description: "only this feature" }),
  action: identifierSchema.optional().openapi({ description: "of one of the items" }),
  user: referenceSchema.optional().openapi({ description: "only this user" }),
  team: referenceSchema
    .optional()
    .openapi({ description: "one that the user was in when the event was booked" }),
  workflow: referenceSchema.optional().openapi({ description: "only this workflow" }),
  subject: referenceSchema.optional().openapi({ description: "only this subject" }),
  outcome: z.enum(OUTCOME_PRESENCES).optional().openapi({ description: "only those with, or without one" }),
  outcomeType: identifierSchema
    .optional()
    .openapi({ description: "only those with an outcome of this type" }),
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
