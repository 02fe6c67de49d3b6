/** Accounts, their people, packs, settings and money. */
import type { z } from "zod";
import type { accountRatesSchema, setAccountRatesSchema } from "../../api/account-rates.ts";
import type {
  accountSchema,
  accountSummarySchema,
  accountsQuerySchema,
  createAccountSchema,
  patchAccountSchema,
} from "../../api/accounts.ts";
import type { auditQuerySchema, auditRecordSchema } from "../../api/audit.ts";
import type { billingSchema } from "../../api/billing.ts";
import type {
  conversionSchema,
  convertedSchema,
  convertSchema,
  importReportSchema,
} from "../../api/conversions.ts";
import type { addGrantSchema, grantedSchema, grantSchema } from "../../api/grants.ts";
import type { packQuoteQuerySchema, packQuoteSchema } from "../../api/pack-quotes.ts";
import type {
  boughtPackSchema,
  buyPackSchema,
  cancelledPackSchema,
  cancelPackSchema,
  changedRenewalSchema,
  changeRenewalSchema,
  ownedPackSchema,
  ownedPacksSchema,
} from "../../api/packs.ts";
import type {
  budgetSchema,
  featureSchema,
  putBudgetSchema,
  putFeatureSchema,
  putUserSchema,
  userSchema,
  usersQuerySchema,
  usersSchema,
} from "../../api/people.ts";
import type { portalSessionSchema } from "../../api/portal-sessions.ts";
import type { reconciliationQuerySchema, reconciliationSchema } from "../../api/reconciliation.ts";
import type {
  changedSettingsSchema,
  changeSettingsSchema,
  currentSettingsSchema,
  settingsSchema,
} from "../../api/settings.ts";
import type { settingsQuoteQuerySchema, settingsQuoteSchema } from "../../api/settings-quotes.ts";
import type { Filtered } from "./common.ts";

export type { Invoice, InvoiceWithCreditNotes } from "../../api/invoices.ts";

export type CreateAccount = z.input<typeof createAccountSchema>;
export type ChangeAccount = z.input<typeof patchAccountSchema>;
export type Account = z.infer<typeof accountSchema>;
export type AccountSummary = z.infer<typeof accountSummarySchema>;
export type AccountsQuery = Filtered<z.input<typeof accountsQuerySchema>>;

export type PutUser = z.input<typeof putUserSchema>;
export type User = z.infer<typeof userSchema>;
export type UsersQuery = Filtered<z.input<typeof usersQuerySchema>>;
export type Users = z.infer<typeof usersSchema>;
export type PutFeature = z.input<typeof putFeatureSchema>;
export type AccountFeature = z.infer<typeof featureSchema>;
export type PutBudget = z.input<typeof putBudgetSchema>;
export type Budget = z.infer<typeof budgetSchema>;
export type AuditQuery = Filtered<z.input<typeof auditQuerySchema>>;
export type AuditRecord = z.infer<typeof auditRecordSchema>;

export type BuyPack = z.input<typeof buyPackSchema>;
export type BoughtPack = z.infer<typeof boughtPackSchema>;
/** `quantity` is 1 unless given. */
export type PackQuoteQuery = Omit<z.input<typeof packQuoteQuerySchema>, "quantity"> & {
  readonly quantity?: number | string;
};
export type PackQuote = z.infer<typeof packQuoteSchema>;
export type OwnedPack = z.infer<typeof ownedPackSchema>;
export type OwnedPacks = z.infer<typeof ownedPacksSchema>;
/** What a bought pack becomes in the next term; quantity 0: it ends. */
export type Renewal = z.input<typeof changeRenewalSchema>["renewal"];
export type ChangedRenewal = z.infer<typeof changedRenewalSchema>;
export type CancelPack = z.input<typeof cancelPackSchema>;
export type CancelledPack = z.infer<typeof cancelledPackSchema>;
export type ChangeSettings = z.input<typeof changeSettingsSchema>;
export type ChangedSettings = z.infer<typeof changedSettingsSchema>;
export type SettingsQuoteQuery = z.input<typeof settingsQuoteQuerySchema>;
export type SettingsQuote = z.infer<typeof settingsQuoteSchema>;
export type CurrentSettings = z.infer<typeof currentSettingsSchema>;
export type Settings = z.infer<typeof settingsSchema>;

export type AddGrant = z.input<typeof addGrantSchema>;
export type Granted = z.infer<typeof grantedSchema>;
export type Grant = z.infer<typeof grantSchema>;
export type Convert = z.input<typeof convertSchema>;
export type Converted = z.infer<typeof convertedSchema>;
export type Conversion = z.infer<typeof conversionSchema>;
export type ImportReport = z.infer<typeof importReportSchema>;
export type SetAccountRates = z.input<typeof setAccountRatesSchema>;
export type AccountRates = z.infer<typeof accountRatesSchema>;

export type Billing = z.infer<typeof billingSchema>;
export type ReconciliationQuery = z.input<typeof reconciliationQuerySchema>;
export type Reconciliation = z.infer<typeof reconciliationSchema>;

export type PortalSession = z.infer<typeof portalSessionSchema>;
