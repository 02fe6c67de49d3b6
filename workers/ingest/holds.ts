/** Holds (rules, section 3.4): reserve credits for work whose cost is not known yet, then book it or give them back. */
import { createRoute } from "@hono/zod-openapi";
import { decisionAnswer, deniedAnswer } from "../../shared/api/answers.ts";
import {
  captureDecisionSchema,
  capturedAnswer,
  captureSchema,
  heldAnswer,
  heldSchema,
  holdBodySchema,
  holdDecisionSchema,
  holdParamsSchema,
  holdQuerySchema,
  releaseSchema,
} from "../../shared/api/holds.ts";
import { requireScope } from "./auth.ts";
import { decisionHeadersSchema, quoteHeadersSchema, setDecisionHeaders } from "./decision-headers.ts";
import { gateCaller } from "./gate.ts";
import { captureHold, openHold, releaseHold } from "./hold-gate.ts";
import { accountStub, createRouter, jsonBody, jsonContent, problemResponses } from "./http.ts";
import { holdProblem, usageProblem } from "./refusals.ts";

const tags = ["Usage"];
const middleware = requireScope("consume");
const problems = problemResponses(400, 401, 403, 404, 409, 413, 415, 422, 500);

const openRoute = createRoute({
  method: "post",
  path: "/v1/holds",
  operationId: "openHold",
  tags,
  summary: "Reserve credits for an event whose cost is not known yet",
  description:
    "Fits into what is available, buys no packs and is never overage. It is given back by itself when it expires. The same id with the same content answers again.",
  middleware,
  request: { body: jsonBody(holdBodySchema) },
  responses: {
    200: {
      ...jsonContent(holdDecisionSchema, "Held, or denied and not held"),
      headers: decisionHeadersSchema,
    },
    ...problems,
  },
});

const captureRoute = createRoute({
  method: "post",
  path: "/v1/holds/{id}/capture",
  operationId: "captureHold",
  tags,
  summary: "Book the real cost of a hold",
  description:
    "At the rates of the hold's time. Up to the held credits it is always booked; what is above is decided by `overflow`. Denied, nothing is booked and the hold stays open. After the hold has expired this is a new event under its id. The same capture again answers again.",
  middleware,
  request: { params: holdParamsSchema, body: jsonBody(captureSchema) },
  responses: {
    200: {
      ...jsonContent(captureDecisionSchema, "Booked, or denied and still held"),
      headers: decisionHeadersSchema,
    },
    ...problems,
  },
});

const releaseRoute = createRoute({
  method: "post",
  path: "/v1/holds/{id}/release",
  operationId: "releaseHold",
  tags,
  summary: "Give a hold's credits back",
  description: "Nothing is booked. Releasing again answers again; a captured hold is a conflict.",
  middleware,
  request: { params: holdParamsSchema, body: jsonBody(releaseSchema) },
  responses: {
    200: { ...jsonContent(heldSchema, "the hold, given back"), headers: decisionHeadersSchema },
    ...problems,
  },
});

const readRoute = createRoute({
  method: "get",
  path: "/v1/holds/{id}",
  operationId: "getHold",
  tags,
  summary: "Read a hold",
  middleware: [requireScope("read")] as const,
  request: { params: holdParamsSchema, query: holdQuerySchema },
  responses: {
    200: { ...jsonContent(heldSchema, "the hold as it is now"), headers: quoteHeadersSchema },
    ...problemResponses(401, 403, 404, 422),
  },
});

export const holdRoutes = createRouter()
  .openapi(openRoute, async (context) => {
    const body = context.req.valid("json");
    const result = await openHold(context.env, gateCaller(context), body);
    switch (result.kind) {
      case "held":
        setDecisionHeaders(context, result);
        return context.json(heldAnswer(result), 200);
      case "allowed":
      case "denied":
        setDecisionHeaders(context, result);
        return context.json(decisionAnswer(body.id, result), 200);
      default:
        throw usageProblem(result, body.account);
    }
  })
  .openapi(captureRoute, async (context) => {
    const { id } = context.req.valid("param");
    const body = context.req.valid("json");
    const result = await captureHold(context.env, gateCaller(context), id, body);
    switch (result.kind) {
      case "captured":
        setDecisionHeaders(context, result);
        return context.json(capturedAnswer(result), 200);
      case "denied":
        setDecisionHeaders(context, result);
        return context.json(deniedAnswer(id, result), 200);
      default:
        throw holdProblem(result, body.account);
    }
  })
  .openapi(releaseRoute, async (context) => {
    const { id } = context.req.valid("param");
    const body = context.req.valid("json");
    const result = await releaseHold(context.env, gateCaller(context), id, body);
    if (result.kind !== "held") throw holdProblem(result, body.account);
    setDecisionHeaders(context, result);
    return context.json(heldAnswer(result), 200);
  })
  .openapi(readRoute, async (context) => {
    const { id } = context.req.valid("param");
    const { account } = context.req.valid("query");
    const result = await accountStub(context, account).readHold(id, context.var.callContext);
    if (result.kind !== "held") throw holdProblem(result, account);
    setDecisionHeaders(context, result);
    return context.json(heldAnswer(result), 200);
  });
