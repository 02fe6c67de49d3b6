/** Balance, prices, reports, notices. */
import type { z } from "zod";
import type { balanceSchema } from "../../api/balance.ts";
import type { bannersQuerySchema, bannersSchema, dismissBannerSchema } from "../../api/banners.ts";
import type { forecastSchema } from "../../api/forecast.ts";
import type { insightsQuerySchema, insightsSchema } from "../../api/insights.ts";
import type { closedPeriodSchema } from "../../api/periods.ts";
import type { priceListSchema } from "../../api/reports.ts";
import type { logQuerySchema } from "../../api/usage-log.ts";
import type { usageQuerySchema, usageReportSchema } from "../../api/usage-report.ts";

export type { LogEntry } from "../../api/log-entries.ts";
export type { Notification } from "../../api/notifications.ts";

export type Balance = z.infer<typeof balanceSchema>;
export type PriceList = z.infer<typeof priceListSchema>;
export type UsageQuery = Omit<z.input<typeof usageQuerySchema>, "top"> & { readonly top?: number };
export type UsageReport = z.infer<typeof usageReportSchema>;
/** Which entries of the log; `from` and `to` are local days or RFC 3339 times. */
export type LogFilter = Omit<z.input<typeof logQuerySchema>, "limit" | "cursor">;
export type ClosedPeriod = z.infer<typeof closedPeriodSchema>;
export type Forecast = z.infer<typeof forecastSchema>;
export type InsightsQuery = z.input<typeof insightsQuerySchema>;
export type Insights = z.infer<typeof insightsSchema>;
export type BannersQuery = z.input<typeof bannersQuerySchema>;
export type Banner = z.infer<typeof bannersSchema>["data"][number];
export type DismissBanner = z.input<typeof dismissBannerSchema>;

/** What an export of each list may be narrowed by. */
export interface ExportQueries {
  readonly log: LogFilter;
  readonly usage: UsageQuery;
  readonly periods: Readonly<Record<string, never>>;
  readonly invoices: Readonly<Record<string, never>>;
}
