/** Hono middleware for whoever sells a route by the credit: no credits, no route. */
import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { Decision, Drawdown, Event } from "./client.ts";

type Allowed = Extract<Decision, { allowed: true }>;
type Denied = Extract<Decision, { allowed: false }>;

export interface PaidEnv {
  Variables: {
    /** What was booked before the route ran. */
    credits: Allowed;
  };
}

/**
 * Consumes before the route runs, and answers for it where that is denied: 402 where a purchase or a setting would
 * help, 429 where only the reset does. Throws, and does not run the route, where Drawdown refuses the event itself or
 * cannot be reached: then nobody knows that the use is paid for.
 *
 * The event's id decides what counts as the same use: take one that the caller repeats with its request.
 *
 * @example
 * app.post("/answers", paid(drawdown, (context) => ({
 *   account: context.var.tenant, id: context.req.header("x-request-id") ?? crypto.randomUUID(),
 *   feature: "assistant", action: "conversation_handled", quantity: 1,
 * })), (context) => context.json({ left: context.var.credits.balance.available }));
 */
export function paid(
  drawdown: Pick<Drawdown, "consume">,
  event: (context: Context) => Event | Promise<Event>,
): MiddlewareHandler<PaidEnv> {
  return createMiddleware<PaidEnv>(async (context, next) => {
    const decision = await drawdown.consume(await event(context));
    if (!decision.allowed) return denial(decision);
    context.set("credits", decision);
    await next();
  });
}

function denial({ reason, resolve, credits, balance }: Denied): Response {
  const isOverByItself = resolve.every((way) => way === "wait_for_reset");
  const status = isOverByItself ? 429 : 402;
  const problem = {
    type: "about:blank",
    title: isOverByItself ? "Too many requests" : "Payment required",
    status,
    detail: `this needs ${credits} credits and is denied: ${reason}; credits are reset at ${balance.resetAt}`,
    code: reason,
    resolve,
    resetAt: balance.resetAt,
  };
  const secondsToReset = Math.max(0, Math.ceil((Date.parse(balance.resetAt) - Date.now()) / 1000));
  return Response.json(problem, {
    status,
    headers: { "content-type": "application/problem+json", "retry-after": String(secondsToReset) },
  });
}
