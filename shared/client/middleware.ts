/** Hono middleware for whoever sells a route by the credit: no credits, no route. */
import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { CaptureHold, Decision, Drawdown, Event, Held, OpenHold } from "./client.ts";

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
 * help, 429 where only the reset does, 403 where neither does. Throws, and does not run the route, where Drawdown refuses the event itself or
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

export interface MeteredEnv {
  Variables: {
    /** What is held while the route runs; without a hold where this use was booked before. */
    credits: Allowed & Partial<Pick<Held, "hold">>;
  };
}

export interface Metering {
  /** The most that the route may cost. */
  readonly hold: (context: Context) => OpenHold | Promise<OpenHold>;
  /** What it did cost, asked after the route ran; null: nothing was used, the hold is given back. */
  readonly cost: (context: Context) => CaptureHold | null | Promise<CaptureHold | null>;
}

/**
 * Holds the most that the route may cost before it runs, and books what it did cost after: for work whose cost is
 * known only then, such as the tokens of an answer. What is above the hold is booked too, unless `cost` says
 * `overflow: "consume"`: the work is done. Denied, it answers as `paid` does.
 *
 * Where the route throws, the hold is left to expire, so that the same request may be tried again under its id. A
 * request whose use was booked before runs again and costs nothing more.
 *
 * @example
 * app.post("/answers", metered(drawdown, {
 *   hold: (context) => ({ account: context.var.tenant, id: context.req.header("x-request-id") ?? crypto.randomUUID(),
 *     feature: "assistant", action: "output_tokens", quantity: 4000 }),
 *   cost: (context) => ({ action: "output_tokens", quantity: context.var.tokens }),
 * }), handler);
 */
export function metered(
  drawdown: Pick<Drawdown, "hold" | "capture" | "release" | "check">,
  { hold, cost }: Metering,
): MiddlewareHandler<MeteredEnv> {
  return createMiddleware<MeteredEnv>(async (context, next) => {
    const opened = await hold(context);
    const held = await drawdown.hold(opened);
    if (!held.allowed) return denial(held);
    const status = held.hold?.status ?? "captured";
    // A hold of an earlier attempt that has ended reserves nothing: a use under its id is decided anew.
    if (status === "expired" || status === "released") {
      const { expiresInSeconds: _, ...event } = opened;
      const decision = await drawdown.check(event);
      if (!decision.allowed) return denial(decision);
    }
    context.set("credits", held);
    await next();
    if (status === "captured" || context.error !== undefined) return;
    const { account, id } = opened;
    const used = await cost(context);
    if (used === null) await drawdown.release(account, id);
    else await drawdown.capture(account, id, { overflow: "record", ...used });
  });
}

/** Neither money nor time help against these. */
const FORBIDDING: ReadonlySet<Denied["reason"]> = new Set([
  "account_suspended",
  "feature_paused",
  "not_permitted",
]);

const TITLES = { 402: "Payment required", 403: "Forbidden", 429: "Too many requests" } as const;

function statusOf({ reason, resolve }: Denied): keyof typeof TITLES {
  if (FORBIDDING.has(reason)) return 403;
  return resolve.every((way) => way === "wait_for_reset") ? 429 : 402;
}

function denial(denied: Denied): Response {
  const { reason, resolve, credits, balance } = denied;
  const status = statusOf(denied);
  const problem = {
    type: "about:blank",
    title: TITLES[status],
    status,
    detail: `this needs ${credits} credits and is denied: ${reason}; credits are reset at ${balance.resetAt}`,
    code: reason,
    resolve,
    resetAt: balance.resetAt,
  };
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (status !== 403) {
    const secondsToReset = Math.max(0, Math.ceil((Date.parse(balance.resetAt) - Date.now()) / 1000));
    headers.set("retry-after", String(secondsToReset));
  }
  return Response.json(problem, { status, headers });
}
