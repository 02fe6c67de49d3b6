/** The wire as callers see it: what the client takes and gives, inferred from the schemas that the server validates with. */
import type { z } from "zod";
import type { accountSchema, createAccountSchema, putUserSchema, userSchema } from "../api/accounts.ts";
import type { catalogSchema } from "../api/catalog.ts";
import type {
  apiKeySchema,
  createApiKeySchema,
  createdApiKeySchema,
  testClockSchema,
} from "../api/operator.ts";
import type { closedPeriodSchema } from "../api/periods.ts";
import type { publishRateSheetSchema, rateSheetSchema } from "../api/rate-sheets.ts";
import type { reconciliationSchema } from "../api/reconciliation.ts";
import type { balanceSchema, priceListSchema, usageQuerySchema, usageReportSchema } from "../api/reports.ts";
import type {
  boughtPackSchema,
  buyPackSchema,
  changedSettingsSchema,
  changeSettingsSchema,
  ownedPackSchema,
  settingsSchema,
} from "../api/settings.ts";
import type { eventFateSchema, eventSchema } from "../api/usage.ts";

export type { Invoice } from "../api/invoices.ts";
export type { Notification } from "../api/notifications.ts";
export type { Decision, EventResult, LogEntry } from "../api/usage.ts";
export type { UsageMode } from "../credits/usage.ts";

export type Event = z.input<typeof eventSchema>;
export type EventFate = z.infer<typeof eventFateSchema>;

export type CreateAccount = z.input<typeof createAccountSchema>;
export type Account = z.infer<typeof accountSchema>;
export type PutUser = z.input<typeof putUserSchema>;
export type User = z.infer<typeof userSchema>;

export type BuyPack = z.input<typeof buyPackSchema>;
export type BoughtPack = z.infer<typeof boughtPackSchema>;
export type OwnedPack = z.infer<typeof ownedPackSchema>;
export type ChangeSettings = z.input<typeof changeSettingsSchema>;
export type ChangedSettings = z.infer<typeof changedSettingsSchema>;
export type Settings = z.infer<typeof settingsSchema>;

export type Balance = z.infer<typeof balanceSchema>;
export type PriceList = z.infer<typeof priceListSchema>;
export type UsageQuery = z.input<typeof usageQuerySchema>;
export type UsageReport = z.infer<typeof usageReportSchema>;
export type ClosedPeriod = z.infer<typeof closedPeriodSchema>;
export type Reconciliation = z.infer<typeof reconciliationSchema>;

export type Catalog = z.input<typeof catalogSchema>;
export type PublishRateSheet = z.input<typeof publishRateSheetSchema>;
export type RateSheet = z.infer<typeof rateSheetSchema>;
export type CreateApiKey = z.input<typeof createApiKeySchema>;
export type ApiKey = z.infer<typeof apiKeySchema>;
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;
export type TestClock = z.infer<typeof testClockSchema>;

export interface Page<Item> {
  readonly data: readonly Item[];
  /** For the next page's `cursor`; null after the last one. */
  readonly nextCursor: string | null;
}

export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Which entries of the log; `from` and `to` are local days or RFC 3339 times. */
export interface LogFilter {
  readonly from?: string;
  readonly to?: string;
  readonly feature?: string;
  readonly user?: string;
}
