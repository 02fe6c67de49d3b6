/** POST /v1/events in the three content modes of CloudEvents 1.0: structured, batched and binary. */

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import {
  binaryCloudEvent,
  CLOUDEVENT,
  CLOUDEVENTS_BATCH,
  isBinaryCloudEvent,
  parseCloudEvent,
} from "../../shared/api/cloudevents.ts";
import { eventsQuerySchema } from "../../shared/api/usage.ts";
import { decideMany, gateCaller } from "./gate.ts";
import { type AppEnv, invalidRequest, ProblemError } from "./http.ts";
import { refuseTooManyEvents } from "./refusals.ts";

/** Answers requests that carry CloudEvents; lets all others pass. Needs the caller to be known. */
export const cloudEvents = createMiddleware<AppEnv>(async (context, next) => {
  const received = await receivedEvents(context);
  if (received === null) return next();
  refuseTooManyEvents(received.length);
  const query = eventsQuerySchema.safeParse(context.req.query());
  if (!query.success) throw invalidRequest(query.error);
  const { mode = "record" } = query.data;
  const { requestId } = context.var;
  const caller = gateCaller(context);
  const results = await decideMany(context.env, caller, received, mode, requestId, parseCloudEvent);
  return context.json({ results }, 200);
});

/** The CloudEvents of a request, unchecked; null where it carries none. */
async function receivedEvents({ req }: Context<AppEnv>): Promise<readonly unknown[] | null> {
  const { headers } = req.raw;
  if (isBinaryCloudEvent(headers)) {
    const text = await req.text();
    return [readBinary(headers, text === "" ? undefined : readJson(text))];
  }
  switch ((headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase()) {
    case CLOUDEVENT:
      return [readJson(await req.text())];
    case CLOUDEVENTS_BATCH: {
      const batch = readJson(await req.text());
      if (Array.isArray(batch)) return batch;
      throw new ProblemError(422, "invalid_request", "a batch of CloudEvents is a JSON array");
    }
    default:
      return null;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError(400, "malformed_body", "the body is not JSON");
  }
}

function readBinary(headers: Headers, data: unknown): unknown {
  try {
    return binaryCloudEvent(headers, data);
  } catch {
    throw new ProblemError(
      422,
      "invalid_request",
      "ce-… headers: percent-encode what is not ASCII, as UTF-8",
    );
  }
}
