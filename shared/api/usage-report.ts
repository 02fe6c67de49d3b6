/** Usage reports on the wire (rules, 10.2): what is asked for, and the answer's schema. */
import { z } from "@hono/zod-openapi";
import { groupingOf, USAGE_GROUPS, type UsageGroup } from "../reports/grouping.ts";
import { type AskedRange, PERIOD_PRESETS } from "../reports/range.ts";
import { creditsOutSchema, dateSchema, identifierSchema, moneyOutSchema, referenceSchema } from "./common.ts";

const GROUPS_MAX = 2;
const TOP_MAX = 1000;

const groupBySchema = z
  .string()
  .transform((text, context): readonly UsageGroup[] => {
    const names = text.split(",");
    const groups = USAGE_GROUPS.filter((group) => names.includes(group));
    if (groups.length === names.length && names.length <= GROUPS_MAX) return groups;
    const message = `one or two different of ${USAGE_GROUPS.join(", ")}, such as feature,day`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .openapi({
    type: "string",
    example: "feature,day",
    description: "default: what is filtered by, else feature",
  });

const periodSchema = z
  .string()
  .transform((text, context): Exclude<AskedRange, { kind: "days" }> => {
    const preset = PERIOD_PRESETS.find((known) => known === text);
    if (preset !== undefined) return { kind: "preset", preset };
    if (dateSchema.safeParse(text).success) return { kind: "period", name: text };
    const message = `one of ${PERIOD_PRESETS.join(", ")}, or the name of a period such as 2026-11-14`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .openapi({
    type: "string",
    example: "current",
    description: `${PERIOD_PRESETS.join(", ")} or the name of a period; default, where no days are given: current`,
  });

export const usageQuerySchema = z
  .strictObject({
    period: periodSchema.optional(),
    from: dateSchema.optional().openapi({ description: "first local day of occurrence" }),
    to: dateSchema.optional().openapi({ description: "last day, included; default: today" }),
    groupBy: groupBySchema.optional(),
    feature: identifierSchema.optional().openapi({ description: "only this feature" }),
    user: referenceSchema.optional().openapi({ description: "only this user; groups by day or user" }),
    team: referenceSchema.optional().openapi({ description: "only this team; groups by day or team" }),
    workflow: referenceSchema
      .optional()
      .openapi({ description: "only this workflow; groups by day or workflow" }),
    top: z.coerce
      .number()
      .int()
      .min(1)
      .max(TOP_MAX)
      .optional()
      .openapi({ description: "only the groups with the most credits; all others are in rest" }),
  })
  .superRefine(({ from, to, period, groupBy, ...filter }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (period !== undefined && (from !== undefined || to !== undefined)) {
      refuse("period", "give either period or from and to");
    }
    if (from === undefined && to !== undefined) refuse("from", "required beside to");
    if (from !== undefined && to !== undefined && from > to) refuse("to", "must not be before from");
    const grouping = groupingOf(groupBy, filter);
    if (grouping.kind === "refused") refuse(grouping.field, grouping.message);
  });

const percentSchema = z.string().nullable();

const figures = {
  events: z.number().openapi({ description: "entries; one with several actions counts at its first" }),
  uses: z.number().nullable().openapi({ description: "items; known by feature, category and action only" }),
  quantity: z
    .number()
    .nullable()
    .openapi({ description: "null where it is not known, or of different things that do not add up" }),
  credits: creditsOutSchema,
  money: moneyOutSchema
    .nullable()
    .openapi({ description: "at the effective price of a credit; null where one is not known" }),
  value: moneyOutSchema.optional().openapi({ description: "of outcomes; by outcome only" }),
};

const comparison = {
  previousCredits: creditsOutSchema
    .nullable()
    .openapi({ description: "in the span before; null for a group of a day" }),
  changeCredits: creditsOutSchema.nullable(),
  changePercent: percentSchema.openapi({
    description: "one decimal; null where nothing was used before",
    example: "-12.5",
  }),
};

const sharePercent = percentSchema.openapi({ description: "of the total's credits", example: "33.3" });

const spanSchema = z.object({
  from: z.string().openapi({ format: "date" }),
  to: z.string().openapi({ format: "date" }),
  period: z.string().nullable().openapi({ description: "set where all that counts in a period is meant" }),
});

const labels = {
  day: z.string().optional(),
  category: z.string().nullable().optional().openapi({ description: "null: not on the rate sheet in force" }),
  feature: z.string().optional(),
  action: z.string().optional(),
  user: z.string().nullable().optional().openapi({ description: "null: named no user" }),
  team: z.string().nullable().optional().openapi({
    description: "usage of a user in several teams counts in each; without a team it is not shown",
  }),
  workflow: z.string().nullable().optional().openapi({ description: "null: named no workflow" }),
  outcome: z.string().nullable().optional().openapi({ description: "its type; null: without outcome" }),
  unit: z.string().nullable().optional().openapi({ description: "beside outcome: of its quantity" }),
};

export const usageReportSchema = z
  .object({
    account: z.string(),
    ...spanSchema.shape,
    before: spanSchema.openapi({ description: "the span compared with: as many days, or the period before" }),
    groupBy: z.array(z.enum(USAGE_GROUPS)),
    total: z.object({ ...figures, ...comparison }),
    groups: z
      .array(z.object({ ...labels, ...figures, sharePercent, ...comparison }))
      .openapi({ description: "by day where asked for, then by credits, most first" }),
    rest: z
      .array(
        z.object({
          day: z.string().optional(),
          groups: z.number().openapi({ description: "how many" }),
          ...figures,
          sharePercent,
          ...comparison,
        }),
      )
      .openapi({ description: "what top leaves out, by day where asked for" }),
    denials: z
      .array(
        z.object({
          day: z.string().optional(),
          feature: z.string(),
          action: z.string(),
          reason: z.string(),
          denials: z.number(),
        }),
      )
      .nullable()
      .openapi({
        description: "lost demand; the last minute may be missing; null by user, team or workflow",
      }),
  })
  .openapi("UsageReport");
