/** Hands what the analysis found to the notifications queue, under ids by which each is told once (rules, 6.5). */
import {
  projectionNotificationIdOf,
  spikeNotificationIdOf,
  wasteNotificationIdOf,
} from "../../shared/notification-id.ts";
import type { NoticeMessage } from "../../shared/queues.ts";
import type { InsightNotice } from "../../shared/reports/insight-notices.ts";
import type { Env } from "../env.ts";

/** What a queue takes at once. */
const BATCH_MAX = 100;

export async function sendInsights(
  env: Env,
  accountKey: string,
  notices: readonly InsightNotice[],
): Promise<void> {
  const messages = notices.map((notice): { body: NoticeMessage } => {
    const notificationId = notificationIdOf(accountKey, notice);
    return { body: { type: "notice", accountKey, notificationId, notice } };
  });
  for (let start = 0; start < messages.length; start += BATCH_MAX) {
    await env.NOTIFICATIONS_QUEUE.sendBatch(messages.slice(start, start + BATCH_MAX));
  }
}

function notificationIdOf(accountKey: string, notice: InsightNotice): string {
  switch (notice.kind) {
    case "projected_exhaustion":
      return projectionNotificationIdOf(accountKey, notice.period);
    case "spike":
      return spikeNotificationIdOf(accountKey, notice.feature, notice.day);
    case "waste":
      return wasteNotificationIdOf(accountKey, notice.period);
  }
}
