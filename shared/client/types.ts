/** The wire as callers see it: what the client takes and gives, inferred from the schemas that the server validates with. */
import type { z } from "zod";
import type { accountSchema, createAccountSchema } from "../api/accounts.ts";
import type { balanceSchema } from "../api/balance.ts";
import type { catalogSchema } from "../api/catalog.ts";
import type {
  attachedOutcomeSchema,
  attachOutcomeSchema,
  correctEventSchema,
  correctedEventSchema,
} from "../api/corrections.ts";
import type { eventFateSchema } from "../api/event-fates.ts";
import type { captureSchema, heldSchema, holdBodySchema } from "../api/holds.ts";
import type {
  apiKeySchema,
  createApiKeySchema,
  createdApiKeySchema,
  testClockSchema,
} from "../api/operator.ts";
import type { boughtPackSchema, buyPackSchema, ownedPackSchema } from "../api/packs.ts";
import type { putUserSchema, userSchema } from "../api/people.ts";
import type { closedPeriodSchema } from "../api/periods.ts";
import type { publishRateSheetSchema, rateSheetSchema } from "../api/rate-sheets.ts";
import type { reconciliationSchema } from "../api/reconciliation.ts";
import type { priceListSchema } from "../api/reports.ts";
import type { changedSettingsSchema, changeSettingsSchema, settingsSchema } from "../api/settings.ts";
import type { eventSchema } from "../api/usage.ts";
import type { usageQuerySchema, usageReportSchema } from "../api/usage-report.ts";
import type { LogTerms } from "../reports/log-filter.ts";

export type { Decision, EventResult } from "../api/decisions.ts";
export type { CaptureDecision, HoldDecision } from "../api/holds.ts";
export type { Invoice } from "../api/invoices.ts";
export type { LogEntry } from "../api/log-entries.ts";
export type { Notification } from "../api/notifications.ts";
export type { UsageMode } from "../credits/usage.ts";

export type Event = z.input<typeof eventSchema>;
export type EventFate = z.infer<typeof eventFateSchema>;

/** An event, and for how long its credits are reserved. */
export type OpenHold = z.input<typeof holdBodySchema>;
/** What was really used; left out: as held. */
export type CaptureHold = Omit<z.input<typeof captureSchema>, "account">;
export type Held = z.infer<typeof heldSchema>;

export type CorrectEvent = z.input<typeof correctEventSchema>;
export type CorrectedEvent = z.infer<typeof correctedEventSchema>;
export type AttachOutcome = z.input<typeof attachOutcomeSchema>;
export type AttachedOutcome = z.infer<typeof attachedOutcomeSchema>;

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
export type UsageQuery = Omit<z.input<typeof usageQuerySchema>, "top"> & { readonly top?: number };
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
export interface LogFilter extends LogTerms {
  readonly from?: string;
  readonly to?: string;
}
