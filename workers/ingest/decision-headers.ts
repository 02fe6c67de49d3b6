/** Header fields of every answer about credits: what is left, and whether it was given before. */
import type { Context } from "hono";
import { replayedHeadersSchema } from "../../shared/api/common.ts";
import { rateLimitHeaders, rateLimitHeadersSchema } from "../../shared/api/rate-limit.ts";
import type { BalanceSummary } from "../../shared/credits/balance.ts";
import type { AppEnv } from "./http.ts";

/** As the API's description shows them; a quote is never a replay. */
export const quoteHeadersSchema = rateLimitHeadersSchema;
export const decisionHeadersSchema = rateLimitHeadersSchema.extend(replayedHeadersSchema.shape);

interface Decided {
  readonly balance: BalanceSummary;
  readonly nowMs: number;
  readonly replayed?: boolean;
}

export function setDecisionHeaders(context: Context<AppEnv>, { balance, nowMs, replayed }: Decided): void {
  for (const [name, value] of rateLimitHeaders(balance, nowMs)) context.header(name, value);
  if (replayed === true) context.header("Idempotent-Replayed", "true");
}
