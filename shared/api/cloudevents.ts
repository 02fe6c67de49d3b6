/**
 * CloudEvents 1.0 as events: `subject` is the account, `type` is feature/action (or the feature alone, with items in
 * the data), `time` is when it occurred, and `data` holds the rest of an event's fields. Attributes that Drawdown
 * does not know are allowed, as that standard has it.
 */
import { z } from "@hono/zod-openapi";
import { eventSchema } from "./usage.ts";

export const CLOUDEVENT = "application/cloudevents+json";
export const CLOUDEVENTS_BATCH = "application/cloudevents-batch+json";
const HEADER_PREFIX = "ce-";

const TYPE = /^([^/]+)(?:\/([^/]+))?$/;

const cloudEventSchema = z.looseObject({
  specversion: z.literal("1.0", { error: "must be 1.0" }),
  id: z.string(),
  type: z.string().regex(TYPE, "feature/action, or the feature alone with items in data"),
  subject: z.string({ error: "the account" }),
  time: z.string().optional(),
  data: z
    .record(z.string(), z.unknown(), { error: "an object with the rest of the event's fields" })
    .optional(),
});

/** Reads a CloudEvent as the body of POST /v1/consume. An action without a quantity counts once. */
export function parseCloudEvent(cloudEvent: unknown) {
  const parsed = cloudEventSchema.safeParse(cloudEvent);
  if (!parsed.success) return parsed;
  const { id, type, subject, time, data = {} } = parsed.data;
  const [, feature, action] = TYPE.exec(type) ?? [];
  const single = action === undefined ? {} : { action, quantity: 1 };
  const occurred = time === undefined ? {} : { occurredAt: time };
  return eventSchema.safeParse({ ...single, ...data, account: subject, id, feature, ...occurred });
}

/**
 * The CloudEvent that a request in binary mode is: attributes in headers, data in the body.
 * Throws URIError where a header's percent-encoding is no UTF-8.
 */
export function binaryCloudEvent(headers: Headers, data: unknown): Readonly<Record<string, unknown>> {
  const attributes = [...headers]
    .filter(([name]) => name.startsWith(HEADER_PREFIX))
    .map(([name, value]) => [name.slice(HEADER_PREFIX.length), decodeURIComponent(value)]);
  return { ...Object.fromEntries(attributes), data };
}

export function isBinaryCloudEvent(headers: Headers): boolean {
  return headers.has(`${HEADER_PREFIX}specversion`);
}
