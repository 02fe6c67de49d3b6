/** What the operator sells, who may call, what was delivered, how the pipeline does. */
import type { z } from "zod";
import type { catalogSchema } from "../../api/catalog.ts";
import type {
  deadLetterSchema,
  deadLetterSummarySchema,
  deadLettersQuerySchema,
} from "../../api/dead-letters.ts";
import type {
  deliveriesQuerySchema,
  resendDeliveriesSchema,
  resentDeliveriesSchema,
} from "../../api/deliveries.ts";
import type {
  apiKeySchema,
  createApiKeySchema,
  createdApiKeySchema,
  listedTestClockSchema,
  testClockSchema,
  webhookEndpointSchema,
} from "../../api/operator.ts";
import type { quotedRatesSchema, quoteRatesSchema } from "../../api/rate-quotes.ts";
import type {
  publishRateSheetSchema,
  rateSheetSchema,
  rateSheetSummarySchema,
} from "../../api/rate-sheets.ts";
import type { billingRunSchema } from "../../api/status.ts";
import type { Filtered } from "./common.ts";

export type { LoggedDelivery } from "../../api/deliveries.ts";
export type { Status } from "../../api/status.ts";

export type Catalog = z.input<typeof catalogSchema>;
export type PublishRateSheet = z.input<typeof publishRateSheetSchema>;
export type RateSheet = z.infer<typeof rateSheetSchema>;
export type RateSheetSummary = z.infer<typeof rateSheetSummarySchema>;
export type QuoteRates = z.input<typeof quoteRatesSchema>;
export type QuotedRates = z.infer<typeof quotedRatesSchema>;

export type CreateApiKey = z.input<typeof createApiKeySchema>;
export type ApiKey = z.infer<typeof apiKeySchema>;
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;

export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>;
export type DeliveriesQuery = Filtered<z.input<typeof deliveriesQuerySchema>>;
export type ResendDeliveries = z.input<typeof resendDeliveriesSchema>;
export type ResentDeliveries = z.infer<typeof resentDeliveriesSchema>;
export type DeadLettersQuery = Filtered<Omit<z.input<typeof deadLettersQuerySchema>, "resent">> & {
  readonly resent?: boolean;
};
export type DeadLetter = z.infer<typeof deadLetterSchema>;
export type DeadLetterSummary = z.infer<typeof deadLetterSummarySchema>;

export type ListedTestClock = z.infer<typeof listedTestClockSchema>;
export type TestClock = z.infer<typeof testClockSchema>;
export type BillingRun = z.infer<typeof billingRunSchema>;
