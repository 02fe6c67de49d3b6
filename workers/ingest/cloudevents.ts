/** POST /v1/events in the three content modes of CloudEvents 1.0: structured, batched and binary. */
import { createMiddleware } from "hono/factory";
import {
  binaryCloudEvent,
  CLOUDEVENT,
  CLOUDEVENTS_BATCH,
  isBinaryCloudEvent,
  parseCloudEvent,
} from "../../shared/api/cloudevents.ts";
import { USAGE_MODES } from "../../shared/credits/usage.ts";
import { decideMany } from "./gate.ts";
import { type AppEnv, ProblemError } from "./http.ts";
import { refuseTooManyEvents } from "./refusals.ts";

/** Answers requests that carry CloudEvents; lets all others pass. Needs the caller to be known. */
export const cloudEvents = createMiddleware<AppEnv>(async (context, next) => {
  const { headers } = context.req.raw;
  const contentType = (headers.get("content-type") ?? "").split(";")[0]?.trim();
  const binary = isBinaryCloudEvent(headers);
  if (!binary && contentType !== CLOUDEVENT && contentType !== CLOUDEVENTS_BATCH) return next();

  const body: unknown = await context.req.json();
  if (contentType === CLOUDEVENTS_BATCH && !Array.isArray(body)) {
    throw new ProblemError(422, "invalid_request", "a batch of CloudEvents is a JSON array");
  }
  const received =
    contentType === CLOUDEVENTS_BATCH
      ? (body as unknown[])
      : [binary ? binaryCloudEvent(headers, body) : body];
  refuseTooManyEvents(received.length);
  const mode = USAGE_MODES.find((known) => known === (context.req.query("mode") ?? "record"));
  if (mode === undefined) {
    const errors = [{ path: "mode", message: `must be one of ${USAGE_MODES.join(", ")}` }];
    throw new ProblemError(422, "invalid_request", "mode: must be record or consume", errors);
  }
  const { requestId, caller, callContext } = context.var;
  const gateCaller = { mode: caller.mode, callContext, execution: context.executionCtx };
  const results = await decideMany(context.env, gateCaller, received, mode, requestId, parseCloudEvent);
  return context.json({ results }, 200);
});
