/** Users, features and budgets of an account on the wire (rules, section 9). */
import { z } from "@hono/zod-openapi";
import { BUDGET_SUBJECTS } from "../credits/directory.ts";
import { ROLES } from "../credits/permissions.ts";
import { notifyPreferencesSchema } from "./accounts.ts";
import {
  creditsOutSchema,
  creditsSchema,
  identifierSchema,
  labelSchema,
  pageQuerySchema,
  pageSchema,
  referenceSchema,
} from "./common.ts";

const TEAMS_PER_USER_MAX = 20;
const ACCESS_NAMES_MAX = 1_000;

const teamsSchema = z
  .array(referenceSchema)
  .max(TEAMS_PER_USER_MAX)
  .refine((teams) => new Set(teams).size === teams.length, "names a team twice");

export const putUserSchema = z
  .strictObject({
    name: labelSchema,
    email: z.email("an e-mail address").nullable().default(null),
    roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
    teams: teamsSchema.default([]),
    notify: notifyPreferencesSchema.prefault({}),
  })
  .openapi("PutUser");

export const userSchema = z
  .object({
    user: referenceSchema,
    name: z.string(),
    email: z.string().nullable(),
    roles: z.array(z.enum(ROLES)),
    teams: z.array(z.string()),
    notify: notifyPreferencesSchema,
    erased: z.boolean().openapi({ description: "name and address were removed for good" }),
  })
  .openapi("User");

export const usersQuerySchema = pageQuerySchema.extend({
  role: z.enum(ROLES).optional().openapi({ description: "only users with this role" }),
});

export const usersSchema = pageSchema(userSchema, "UserPage")
  .extend({
    creditOwner: z
      .string()
      .nullable()
      .openapi({ description: "the account's: answers for usage, permissions and billing questions" }),
  })
  .openapi("Users");

const accessSchema = z
  .strictObject({
    users: z.array(referenceSchema).max(ACCESS_NAMES_MAX).default([]),
    teams: z.array(referenceSchema).max(ACCESS_NAMES_MAX).default([]),
  })
  .openapi("FeatureAccess", { description: "who alone may use the feature" });

/** What is not named stays as it is. */
export const putFeatureSchema = z
  .strictObject({
    paused: z
      .boolean()
      .optional()
      .openapi({ description: "true: all its use is denied until it is resumed" }),
    owner: referenceSchema.nullable().optional().openapi({ description: "user who answers for it" }),
    access: accessSchema.nullable().optional().openapi({ description: "null: everybody may use it" }),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    message: "name paused, owner, access or several of them",
  })
  .openapi("PutFeature");

export const putBudgetSchema = z
  .strictObject({
    subject: z.enum(BUDGET_SUBJECTS),
    key: referenceSchema.openapi({ description: "id of that user, team, feature or workflow" }),
    credits: creditsSchema.openapi({ description: "per usage period" }),
    hard: z.boolean().default(false).openapi({ description: "true: denies; false: only tells" }),
  })
  .openapi("PutBudget");

export const budgetSchema = z
  .object({
    budget: identifierSchema,
    subject: z.enum(BUDGET_SUBJECTS),
    key: z.string(),
    credits: creditsOutSchema,
    hard: z.boolean(),
    used: creditsOutSchema.openapi({ description: "since the period's start, also from before the budget" }),
    held: creditsOutSchema,
    left: creditsOutSchema.openapi({ description: "0 where more is used and held" }),
  })
  .openapi("Budget");

export const budgetsSchema = z
  .object({ data: z.array(budgetSchema), nextCursor: z.null() })
  .openapi("Budgets");

export const featureSchema = z
  .object({
    feature: z.string(),
    name: z.string(),
    category: z.string(),
    description: z.string(),
    beta: z.boolean(),
    paused: z.boolean(),
    owner: z.string().nullable(),
    ownerName: z.string().nullable().openapi({ description: "null where there is none, or it was erased" }),
    access: z.object({ users: z.array(z.string()), teams: z.array(z.string()) }).nullable(),
    budgets: z.array(budgetSchema).openapi({ description: "budgets of this feature" }),
  })
  .openapi("AccountFeature", { description: "rates are in the price list, the trend in the usage report" });

export const featuresSchema = z
  .object({ data: z.array(featureSchema), nextCursor: z.null() })
  .openapi("AccountFeatures");
