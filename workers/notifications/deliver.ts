/** What a batch of wake-ups makes: the due deliveries, receiver by receiver. */
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DeliveryMessage } from "../../shared/queues.ts";
import type { Env } from "../env.ts";
import { attempt } from "./delivery.ts";
import { LEASE_SECONDS, type LoadedDelivery, logAttempt, putOff, takeDeliveries } from "./delivery-log.ts";
import { failed, type Job } from "./jobs.ts";
import { noteAnswer } from "./rest.ts";
import { wakeUp } from "./wake-up.ts";

/** A slow receiver has this much of a batch's time; what is left of its deliveries waits a little. */
const RECEIVER_TIME_MAX_MS = 10_000;
const SLOW_WAIT_MS = 5_000;
/** What waits for the same endpoint comes back within this time, not all at once. */
const SPREAD_MS = 10_000;

interface Due {
  readonly message: Message<DeliveryMessage>;
  readonly loaded: LoadedDelivery;
}

/** A job for each receiver that has due deliveries; the messages of all others are settled already. */
export async function receiverJobs(
  messages: readonly Message<DeliveryMessage>[],
  env: Env,
): Promise<readonly Job[]> {
  if (messages.length === 0) return [];
  try {
    const db = drizzle(env.DB);
    const ids = messages.map(({ body }) => body.deliveryId);
    const { known, taken } = await takeDeliveries(db, ids, Date.now());
    const due = dueOf(messages, known, taken);
    const groups = Map.groupBy(due, ({ loaded }) => receiverOf(loaded));
    return [...groups.values()].map((group) => () => deliverInTurn(group, db, env));
  } catch (error) {
    for (const message of messages) failed(message, error, LEASE_SECONDS + 1);
    return [];
  }
}

/** A wake-up of what was made, given up or has its time ahead is done; one of what D1 does not know must not vanish. */
function dueOf(
  messages: readonly Message<DeliveryMessage>[],
  known: ReadonlySet<string>,
  taken: readonly LoadedDelivery[],
): readonly Due[] {
  const waiting = new Map(taken.map((loaded) => [loaded.delivery.deliveryId, loaded]));
  const due: Due[] = [];
  for (const message of messages) {
    const { deliveryId } = message.body;
    const loaded = waiting.get(deliveryId);
    // Two wake-ups of one batch are one attempt.
    waiting.delete(deliveryId);
    if (loaded !== undefined) due.push({ message, loaded });
    else if (known.has(deliveryId)) message.ack();
    else failed(message, new Error(`D1 has no delivery ${deliveryId}`));
  }
  return due;
}

function receiverOf({ delivery }: LoadedDelivery): string {
  return delivery.channel === "webhook" ? delivery.target : delivery.deliveryId;
}

/** The deliveries to one receiver, one after the other: while it does not answer, the others of the batch go on. */
async function deliverInTurn(group: readonly Due[], db: DrizzleD1Database, env: Env): Promise<void> {
  const begunMs = Date.now();
  let endpoint = group[0]?.loaded.endpoint ?? null;
  for (const { message, loaded } of group) {
    try {
      const nowMs = Date.now();
      const waitsUntilMs = waitOf(endpoint?.restsUntilMs ?? null, begunMs, nowMs);
      if (waitsUntilMs !== null && loaded.delivery.notificationId !== null) {
        await postpone(loaded, waitsUntilMs, nowMs, db, env);
        message.ack();
        continue;
      }
      const outcome = await attempt(loaded, env, nowMs);
      const endedMs = Date.now();
      const delaySeconds = await logAttempt(db, loaded.delivery, outcome, endedMs);
      if (delaySeconds === null) message.ack();
      else message.retry({ delaySeconds });
      if (endpoint !== null)
        endpoint = { ...endpoint, ...(await noteAnswer(db, endpoint, outcome, endedMs)) };
    } catch (error) {
      failed(message, error, LEASE_SECONDS + 1);
    }
  }
}

function waitOf(restsUntilMs: number | null, begunMs: number, nowMs: number): number | null {
  if (restsUntilMs !== null && restsUntilMs > nowMs) return restsUntilMs;
  return nowMs - begunMs >= RECEIVER_TIME_MAX_MS ? nowMs + SLOW_WAIT_MS : null;
}

/** Another message, because a retry of this one would count as an attempt. */
async function postpone(
  { delivery }: LoadedDelivery,
  untilMs: number,
  nowMs: number,
  db: DrizzleD1Database,
  env: Env,
): Promise<void> {
  const spreadMs = untilMs + Math.floor(Math.random() * SPREAD_MS);
  if (!(await putOff(db, delivery, spreadMs, nowMs))) return;
  await wakeUp(env, [delivery.deliveryId], Math.ceil((spreadMs - nowMs) / 1000));
}
