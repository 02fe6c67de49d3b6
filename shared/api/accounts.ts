/** Accounts, their terms and their users on the wire (rules, sections 2, 7.3 and 9). */
import { z } from "@hono/zod-openapi";
import {
  creditPriceError,
  creditsOutSchema,
  currencySchema,
  dateSchema,
  identifierSchema,
  instantOutSchema,
  labelSchema,
  MODES,
  referenceSchema,
  timeZoneSchema,
  unitPriceSchema,
} from "./common.ts";

const PLANS_MAX = 10;
const NET_DAYS_MAX = 365;
const NET_DAYS_DEFAULT = 30;

export const taxSchema = z
  .strictObject({
    name: labelSchema,
    percent: z.string().regex(/^\d{1,2}(\.\d{1,4})?$/, "a decimal string of percent, such as 19 or 8.875"),
  })
  .openapi("Tax");

/** How the account's invoices look; no rule of credits depends on it. */
const profileFields = {
  name: labelSchema,
  invoicePrefix: z.string().regex(/^[A-Z0-9]{1,20}$/, "1 to 20 capitals and digits"),
  buyer: z.strictObject({
    name: labelSchema,
    address: z.string().max(1000).default(""),
    taxIds: z.array(labelSchema).max(10).default([]),
    purchaseOrder: labelSchema.nullable().default(null),
  }),
  netDays: z.int().min(0).max(NET_DAYS_MAX).openapi({ description: "payment terms in days" }),
  tax: taxSchema.nullable(),
};

const termsFields = {
  plans: z
    .array(identifierSchema)
    .max(PLANS_MAX)
    .openapi({ description: "the one with the most included credits counts" }),
  anchorDate: dateSchema.openapi({ description: "local day on which the subscription started" }),
  timeZone: timeZoneSchema,
  overagePrice: unitPriceSchema.nullable().openapi({ description: "per credit; null: the catalogue's" }),
  automaticPacksMax: z
    .int()
    .min(0)
    .max(1_000_000)
    .nullable()
    .openapi({ description: "cap on packs added automatically per period; null: the catalogue's" }),
};

/** Defaults that depend on the id or on the time are filled in by the route. */
export const createAccountSchema = z
  .strictObject({
    account: identifierSchema,
    name: profileFields.name.optional(),
    currency: currencySchema.default("USD"),
    plans: termsFields.plans.default([]),
    anchorDate: termsFields.anchorDate.optional(),
    timeZone: termsFields.timeZone.default("UTC"),
    overagePrice: termsFields.overagePrice.default(null),
    automaticPacksMax: termsFields.automaticPacksMax.default(null),
    invoicePrefix: profileFields.invoicePrefix.optional(),
    buyer: profileFields.buyer.optional(),
    netDays: profileFields.netDays.default(NET_DAYS_DEFAULT),
    tax: profileFields.tax.default(null),
    testClock: identifierSchema.optional().openapi({ description: "only for test keys" }),
  })
  .superRefine(({ overagePrice, currency }, context) => {
    const message = overagePrice === null ? null : creditPriceError(overagePrice, currency);
    if (message !== null) context.addIssue({ code: "custom", path: ["overagePrice"], message });
  })
  .openapi("CreateAccount");

/** What is not named stays as it is. */
export const patchAccountSchema = z
  .strictObject({
    name: profileFields.name,
    invoicePrefix: profileFields.invoicePrefix,
    buyer: profileFields.buyer,
    netDays: profileFields.netDays,
    tax: profileFields.tax,
    plans: termsFields.plans,
    anchorDate: termsFields.anchorDate,
    timeZone: termsFields.timeZone,
    overagePrice: termsFields.overagePrice,
    automaticPacksMax: termsFields.automaticPacksMax,
  })
  .partial()
  .openapi("PatchAccount");

/** The part of an account that only invoices and lists read; kept in D1. */
export interface AccountProfile {
  readonly name: string;
  readonly invoicePrefix: string;
  readonly buyer: {
    readonly name: string;
    readonly address: string;
    readonly taxIds: readonly string[];
    readonly purchaseOrder: string | null;
  };
  readonly netDays: number;
  readonly tax: { readonly name: string; readonly percent: string } | null;
}

const accountPlanSchema = z.object({ plan: z.string(), includedCredits: creditsOutSchema });

export const accountSchema = z
  .object({
    account: z.string(),
    mode: z.enum(MODES),
    name: z.string(),
    currency: z.string(),
    plans: z.array(accountPlanSchema),
    anchorDate: z.string(),
    timeZone: z.string(),
    overagePrice: z.string().nullable(),
    automaticPacksMax: z.number().nullable(),
    invoicePrefix: z.string(),
    buyer: profileFields.buyer,
    netDays: z.number(),
    tax: taxSchema.nullable(),
    testClock: z.string().nullable(),
    createdAt: instantOutSchema,
    pending: z
      .object({
        plans: z.array(accountPlanSchema).optional(),
        anchorDate: z.string().optional(),
        timeZone: z.string().optional(),
        effectiveAt: instantOutSchema,
      })
      .nullable()
      .openapi({ description: "terms that wait for the reset" }),
  })
  .openapi("Account");

/** What a list shows; terms may change by themselves at a reset, so they are asked of the account. */
export const accountSummarySchema = accountSchema
  .pick({ account: true, mode: true, name: true, currency: true, testClock: true, createdAt: true })
  .openapi("AccountSummary");

export const ROLES = ["super_admin", "billing_admin", "billing_contact", "feature_owner", "member"] as const;

export const putUserSchema = z
  .strictObject({
    name: labelSchema,
    email: z.email("an e-mail address").nullable().default(null),
    roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  })
  .openapi("PutUser");

export const userSchema = z
  .object({
    user: referenceSchema,
    name: z.string(),
    email: z.string().nullable(),
    roles: z.array(z.enum(ROLES)),
  })
  .openapi("User");
