/**
 * An endpoint that does not answer is left alone for a while, by the deliveries of all accounts: waiting for it again and
 * again would hold up the others (rules, 6.5). One that answers, even with an error, holds up nobody.
 */
import { eq, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { webhookEndpoints } from "../../shared/db/schema.ts";
import type { Outcome } from "./delivery-log.ts";
import { restMs } from "./retry.ts";

type Endpoint = Pick<typeof webhookEndpoints.$inferSelect, "endpointId" | "unanswered" | "restsUntilMs">;

/** The endpoint after an attempt; `unanswered` counts in a row. */
export async function noteAnswer(
  db: DrizzleD1Database,
  endpoint: Endpoint,
  outcome: Outcome,
  nowMs: number,
): Promise<Endpoint> {
  const { endpointId } = endpoint;
  if (outcome.kind === "unanswered") {
    const unanswered = endpoint.unanswered + 1;
    const restsUntilMs = nowMs + restMs(unanswered);
    await db
      .update(webhookEndpoints)
      .set({
        unanswered,
        // Of two attempts that ended at once, the longer rest counts.
        restsUntilMs: sql`max(coalesce(${webhookEndpoints.restsUntilMs}, 0), ${restsUntilMs})`,
      })
      .where(eq(webhookEndpoints.endpointId, endpointId));
    return { endpointId, unanswered, restsUntilMs };
  }
  if (endpoint.unanswered === 0) return endpoint;
  const rested = { unanswered: 0, restsUntilMs: null };
  await db.update(webhookEndpoints).set(rested).where(eq(webhookEndpoints.endpointId, endpointId));
  return { endpointId, ...rested };
}
