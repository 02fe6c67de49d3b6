/** Accounts, their terms and their users on the wire (rules, sections 2, 7.3 and 9). */
import { z } from "@hono/zod-openapi";
import type { Money } from "../credits/money.ts";
import { TERM_PERIODS_DEFAULT } from "../credits/state.ts";
import { ACCOUNT_STATUSES } from "../protocol.ts";
import {
  creditPriceError,
  creditsOutSchema,
  currencySchema,
  dateSchema,
  identifierSchema,
  instantOutSchema,
  labelSchema,
  MODES,
  moneyOutSchema,
  moneySchema,
  pageQuerySchema,
  referenceSchema,
  timeZoneSchema,
  unitPriceSchema,
} from "./common.ts";

const PLANS_MAX = 10;
const NET_DAYS_MAX = 365;
const NET_DAYS_DEFAULT = 30;
const TERM_PERIODS_MAX = 60;

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
  creditOwner: referenceSchema
    .nullable()
    .openapi({ description: "user who answers for usage, permissions and billing questions" }),
  hourlyValue: moneySchema
    .nullable()
    .openapi({ description: "what an hour saved is worth in reports, in the account's currency" }),
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
  termPeriods: z
    .int()
    .min(1)
    .max(TERM_PERIODS_MAX)
    .openapi({ description: "usage periods of a commitment term; a change applies from the next term" }),
};

/** Money of an account is in its currency, which never changes; says what is wrong with another one. */
export function hourlyValueError(
  value: { readonly currency: string } | null,
  currency: string,
): string | null {
  return value === null || value.currency === currency ? null : `must be ${currency}, the account's currency`;
}

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
    termPeriods: termsFields.termPeriods.default(TERM_PERIODS_DEFAULT),
    invoicePrefix: profileFields.invoicePrefix.optional(),
    buyer: profileFields.buyer.optional(),
    netDays: profileFields.netDays.default(NET_DAYS_DEFAULT),
    tax: profileFields.tax.default(null),
    creditOwner: profileFields.creditOwner.default(null),
    hourlyValue: profileFields.hourlyValue.default(null),
    testClock: identifierSchema.optional().openapi({ description: "only for test keys" }),
  })
  .superRefine(({ overagePrice, hourlyValue, currency }, context) => {
    const price = overagePrice === null ? null : creditPriceError(overagePrice, currency);
    if (price !== null) context.addIssue({ code: "custom", path: ["overagePrice"], message: price });
    const value = hourlyValueError(hourlyValue, currency);
    if (value !== null) {
      context.addIssue({ code: "custom", path: ["hourlyValue", "currency"], message: value });
    }
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
    creditOwner: profileFields.creditOwner,
    hourlyValue: profileFields.hourlyValue,
    plans: termsFields.plans,
    anchorDate: termsFields.anchorDate,
    timeZone: termsFields.timeZone,
    overagePrice: termsFields.overagePrice,
    automaticPacksMax: termsFields.automaticPacksMax,
    termPeriods: termsFields.termPeriods,
  })
  .partial()
  .openapi("PatchAccount");

/** Why an account is suspended or closed, for its people and the audit log. */
export const statusReasonSchema = z.strictObject({ reason: labelSchema }).openapi("StatusReason");

/** The part of an account that only invoices, reports and lists read; kept in D1. */
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
  /** User who answers for usage, permissions and billing questions (9.1). */
  readonly creditOwner: string | null;
  /** What an hour is worth, in the account's currency (10.5). */
  readonly hourlyValue: Money | null;
}

/** Profiles stored by version 0.1 lack what has come since. */
export function completeProfile(stored: AccountProfile): AccountProfile {
  const { creditOwner = null, hourlyValue = null, ...rest } = stored;
  return { ...rest, creditOwner, hourlyValue };
}

const accountPlanSchema = z.object({ plan: z.string(), includedCredits: creditsOutSchema });

export const accountSchema = z
  .object({
    account: z.string(),
    mode: z.enum(MODES),
    name: z.string(),
    status: z
      .enum(ACCOUNT_STATUSES)
      .openapi({ description: "suspended: all use is denied; closed: nothing changes any more" }),
    currency: z.string(),
    plans: z.array(accountPlanSchema),
    anchorDate: z.string(),
    timeZone: z.string(),
    overagePrice: z.string().nullable(),
    automaticPacksMax: z.number().nullable(),
    termPeriods: z.number(),
    invoicePrefix: z.string(),
    buyer: profileFields.buyer,
    netDays: z.number(),
    tax: taxSchema.nullable(),
    creditOwner: z.string().nullable(),
    hourlyValue: moneyOutSchema.nullable(),
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

const SEARCH_LENGTH_MAX = 200;

export const accountsQuerySchema = pageQuerySchema.extend({
  search: z
    .string()
    .trim()
    .min(1)
    .max(SEARCH_LENGTH_MAX)
    .optional()
    .openapi({ description: "only those whose id or name contains it, in small or capital letters" }),
  status: z.enum(ACCOUNT_STATUSES).optional().openapi({ description: "only those that are so" }),
});

/** Notices that say how far usage has come. */
export const USAGE_NOTICES = ["usage_threshold", "limit_passed", "maximum_reached"] as const;

/** What a list shows of an account: what D1 knows, some seconds behind the account itself. */
export const accountSummarySchema = accountSchema
  .pick({
    account: true,
    mode: true,
    name: true,
    status: true,
    currency: true,
    plans: true,
    testClock: true,
    createdAt: true,
  })
  .extend({
    plans: z
      .array(accountPlanSchema)
      .openapi({ description: "as agreed, what waits for the reset included" }),
    resetAt: instantOutSchema.nullable().openapi({ description: "null: it is closed" }),
    lastNotice: z
      .object({ kind: z.enum(USAGE_NOTICES), percent: z.number().nullable(), at: instantOutSchema })
      .nullable()
      .openapi({
        description:
          "the last notice about usage of the running period; credits added since may have changed that",
      }),
  })
  .openapi("AccountSummary");

/** Separate notices that go by e-mail only to who asked for them (rules, section 6.4). */
export const OPT_IN_NOTICES = ["projection", "spike", "waste"] as const;
export type OptInNotice = (typeof OPT_IN_NOTICES)[number];

export interface NotifyPreferences {
  readonly optIn: readonly OptInNotice[];
  /** false: no notice by e-mail at all. */
  readonly email: boolean;
}

export const NOTIFY_DEFAULT: NotifyPreferences = { optIn: [], email: true };

export const notifyPreferencesSchema = z
  .strictObject({
    optIn: z
      .array(z.enum(OPT_IN_NOTICES))
      .max(OPT_IN_NOTICES.length)
      .default([])
      .openapi({ description: "separate e-mails; what they say is in the usage report too" }),
    email: z.boolean().default(true).openapi({ description: "false: no notices by e-mail" }),
  })
  .openapi("NotifyPreferences");
