/** A test ping of a webhook endpoint: one attempt, made while the operator waits, kept in the delivery log. */
import { drizzle } from "drizzle-orm/d1";
import type { Mode } from "../../shared/api/common.ts";
import { deliveries } from "../../shared/db/schema.ts";
import { pingDeliveryId } from "../../shared/delivery-id.ts";
import type { Env } from "../env.ts";
import type { DeliveryRow } from "./answers.ts";
import { attempt } from "./delivery.ts";
import { logAttempt, takeDeliveries } from "./delivery-log.ts";
import { findDelivery } from "./resend.ts";
import { noteAnswer } from "./rest.ts";
import { RETRIES_MAX } from "./retry.ts";

/** The endpoint exists. Returns the delivery, made or failed. */
export async function pingEndpoint(
  env: Env,
  mode: Mode,
  endpointId: string,
  nowMs: number,
): Promise<DeliveryRow> {
  const db = drizzle(env.DB);
  const deliveryId = pingDeliveryId(mode, endpointId, crypto.randomUUID());
  await db.insert(deliveries).values({
    deliveryId,
    mode,
    channel: "webhook",
    target: endpointId,
    status: "pending",
    attempts: 0,
    attemptLog: [],
    // Its first attempt is its last.
    roundAttempts: RETRIES_MAX,
    roundStartedMs: nowMs,
    nextAttemptMs: nowMs,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  });
  const { taken } = await takeDeliveries(db, [deliveryId], nowMs);
  for (const loaded of taken) {
    const outcome = await attempt(loaded, env, nowMs);
    const endedMs = Date.now();
    await logAttempt(db, loaded.delivery, outcome, endedMs);
    if (loaded.endpoint !== null) await noteAnswer(db, loaded.endpoint, outcome, endedMs);
  }
  const made = await findDelivery(env.DB, mode, deliveryId);
  if (made === null) throw new Error(`D1 has no delivery ${deliveryId}`);
  return made.delivery;
}
