/**
 * The notifications queue: notices are fanned out to their receivers, and each delivery is attempted by itself. Every
 * message answers for itself alone, and every receiver has at most one of the lanes, so that one bad receiver holds up
 * nobody (rules, 6.5).
 */
import type {
  DeliveryMessage,
  NoticeMessage,
  NotificationMessage,
  RateNoticesMessage,
} from "../../shared/queues.ts";
import { forEachAtOnce } from "../concurrency.ts";
import type { Env } from "../env.ts";
import { tellNextAccounts } from "../operator/rate-notices.ts";
import { receiverJobs } from "./deliver.ts";
import { fanOut } from "./fan-out.ts";
import { failed, type Job } from "./jobs.ts";

/** Connections that a Worker may hold open at once. */
const JOBS_AT_ONCE = 6;

export async function consumeNotifications(
  batch: MessageBatch<NotificationMessage>,
  env: Env,
): Promise<void> {
  const notices = batch.messages.filter(isNotice);
  const wakeUps = batch.messages.filter(isWakeUp);
  const rateNotices = batch.messages.filter(isRateNotices);
  const jobs = [
    ...notices.map((message) => noticeJob(message, () => fanOut(message.body, env, Date.now()))),
    ...rateNotices.map((message) =>
      noticeJob(message, () => tellNextAccounts(message.body, env, Date.now())),
    ),
    ...(await receiverJobs(wakeUps, env)),
  ];
  await forEachAtOnce(jobs, JOBS_AT_ONCE, (job) => job());
}

function isNotice(message: Message<NotificationMessage>): message is Message<NoticeMessage> {
  return message.body.type === "notice";
}

function isWakeUp(message: Message<NotificationMessage>): message is Message<DeliveryMessage> {
  return message.body.type === "delivery";
}

function isRateNotices(message: Message<NotificationMessage>): message is Message<RateNoticesMessage> {
  return message.body.type === "rate_notices";
}

function noticeJob(message: Message<NoticeMessage | RateNoticesMessage>, run: () => Promise<void>): Job {
  return async () => {
    try {
      await run();
      message.ack();
    } catch (error) {
      failed(message, error);
    }
  };
}
