/** What a notification tells, by kind, on the wire (rules, 6.1 and 6.4). */
import { z } from "@hono/zod-openapi";
import type { NotificationContent } from "../queues.ts";
import { accountNoticeData, accountNoticeSchemas } from "./notice-data/account.ts";
import { packNoticeData, packNoticeSchemas } from "./notice-data/packs.ts";
import { rateNoticeData, rateNoticeSchemas } from "./notice-data/rates.ts";
import { reportNoticeData, reportNoticeSchemas } from "./notice-data/reports.ts";
import { usageNoticeData, usageNoticeSchemas } from "./notice-data/usage.ts";

/** What a notification tells, by kind; amounts as they were when it was decided. */
export const notificationDataSchema = z
  .discriminatedUnion("kind", [
    ...usageNoticeSchemas,
    ...packNoticeSchemas,
    ...accountNoticeSchemas,
    ...rateNoticeSchemas,
    ...reportNoticeSchemas,
  ])
  .openapi("NotificationData");

export type NotificationData = z.infer<typeof notificationDataSchema>;

/** The amounts of a notification as the wire has them. */
export function notificationData(content: NotificationContent): NotificationData {
  switch (content.kind) {
    case "usage_threshold":
    case "limit_passed":
    case "maximum_reached":
    case "budget_threshold":
    case "credits_expiring":
      return usageNoticeData(content);
    case "automatic_upgrade":
    case "upgrade_unavailable":
    case "setting_changed":
    case "setting_waiting":
    case "maximum_raised":
    case "term_ending":
    case "packs_ended":
    case "grant_added":
      return packNoticeData(content);
    case "feature_paused":
    case "feature_resumed":
    case "account_suspended":
    case "account_closed":
    case "account_resumed":
    case "account_rates_changed":
    case "account_rates_withdrawn":
      return accountNoticeData(content);
    case "rate_change":
    case "rate_withdrawn":
      return rateNoticeData(content);
    case "usage_report":
    case "projected_exhaustion":
    case "spike":
    case "waste":
    case "invoice_issued":
      return reportNoticeData(content);
  }
}
