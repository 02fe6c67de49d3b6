/** check, consume and events (rules, section 3): the gate that a product calls before a paid feature runs. */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { decisionAnswer } from "../../shared/api/answers.ts";
import { type Decision, decisionSchema, eventsAnswerSchema } from "../../shared/api/decisions.ts";
import { eventSchema, eventsBodySchema, eventsQuerySchema } from "../../shared/api/usage.ts";
import type { UsageResult } from "../../shared/protocol.ts";
import { requireScope } from "./auth.ts";
import { cloudEvents } from "./cloudevents.ts";
import { decisionHeadersSchema, quoteHeadersSchema, setDecisionHeaders } from "./decision-headers.ts";
import { decideMany, decideOne, gateCaller } from "./gate.ts";
import {
  type AppEnv,
  createRouter,
  invalidField,
  jsonBody,
  jsonContent,
  type ProblemError,
  problemResponses,
} from "./http.ts";
import { refuseTooManyEvents, usageProblem } from "./refusals.ts";

const tags = ["Usage"];
const middleware = requireScope("consume");
const problems = problemResponses(400, 401, 403, 404, 409, 413, 415, 422, 500);

const checkRoute = createRoute({
  method: "post",
  path: "/v1/check",
  operationId: "check",
  tags,
  summary: "Quote an event and say whether it would be allowed",
  description: "Answers like consume would, with the price and what it would cause; books nothing.",
  middleware,
  request: { body: jsonBody(eventSchema) },
  responses: {
    200: {
      ...jsonContent(decisionSchema, "The decision that consume would make"),
      headers: quoteHeadersSchema,
    },
    ...problems,
  },
});

const consumeRoute = createRoute({
  method: "post",
  path: "/v1/consume",
  operationId: "consume",
  tags,
  summary: "Allow or deny an event, and book it",
  description:
    "All or nothing, and durable before the answer. The same id with the same content returns the first decision again.",
  middleware,
  request: { body: jsonBody(eventSchema) },
  responses: {
    200: {
      ...jsonContent(decisionSchema, "Allowed and booked, or denied and not booked"),
      headers: decisionHeadersSchema,
    },
    ...problems,
  },
});

const eventsRoute = createRoute({
  method: "post",
  path: "/v1/events",
  operationId: "sendEvents",
  tags,
  summary: "Record or consume up to 1,000 events of any accounts",
  description:
    "A result per event in the same order, never all or nothing. Each event is as in consume. " +
    "Also takes CloudEvents 1.0, structured, batched or binary, with subject = account and type = feature/action; " +
    "their mode is a query parameter.",
  middleware: [requireScope("consume"), cloudEvents],
  request: { query: eventsQuerySchema, body: jsonBody(eventsBodySchema) },
  responses: { 200: jsonContent(eventsAnswerSchema, "One result per event"), ...problems },
});

export const usageRoutes = createRouter()
  .openapi(checkRoute, async (context) => {
    const body = context.req.valid("json");
    const result = await decideOne(context.env, gateCaller(context), body, "check");
    return context.json(answer(context, body.account, body.id, result), 200);
  })
  .openapi(consumeRoute, async (context) => {
    const body = context.req.valid("json");
    const result = await decideOne(context.env, gateCaller(context), body, "consume");
    return context.json(answer(context, body.account, body.id, result), 200);
  })
  .openapi(eventsRoute, async (context) => {
    const { events, mode } = context.req.valid("json");
    if (context.req.valid("query").mode !== undefined) throw modeInQuery();
    refuseTooManyEvents(events.length);
    const results = await decideMany(context.env, gateCaller(context), events, mode, context.var.requestId);
    return context.json({ results }, 200);
  });

function answer(context: Context<AppEnv>, accountId: string, id: string, result: UsageResult): Decision {
  switch (result.kind) {
    case "allowed":
    case "quoted":
    case "denied":
      setDecisionHeaders(context, result);
      return decisionAnswer(id, result);
    default:
      throw usageProblem(result, accountId);
  }
}

/** Ignored, a caller who meant to ask would have recorded. */
function modeInQuery(): ProblemError {
  return invalidField("mode", "belongs into the body; only CloudEvents have it here");
}
