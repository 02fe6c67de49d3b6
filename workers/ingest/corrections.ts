/** Corrections and outcomes (rules, sections 3.8 and 10.5): what is said of an event after it was booked. */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accountParamsSchema } from "../../shared/api/common.ts";
import {
  attachedAnswer,
  attachedOutcomeSchema,
  attachOutcomeSchema,
  correctEventSchema,
  correctedAnswer,
  correctedEventSchema,
} from "../../shared/api/corrections.ts";
import { toOutcome } from "../../shared/api/event-parts.ts";
import type { UsageEntry } from "../../shared/credits/entries.ts";
import type { CorrectCall, OutcomeCall, UnknownEvent } from "../../shared/protocol.ts";
import { settleNow } from "../accounts/commands.ts";
import { idempotencyHeaders, idempotencyKeyOf } from "../accounts/idempotency.ts";
import { findLoggedEvent } from "../reports/find-event.ts";
import { requireScope } from "./auth.ts";
import { correctionProblem, outcomeProblem } from "./correction-refusals.ts";
import { decisionHeadersSchema, setDecisionHeaders } from "./decision-headers.ts";
import {
  type AppEnv,
  accountKey,
  accountStub,
  createRouter,
  jsonBody,
  jsonContent,
  problemResponses,
} from "./http.ts";
import { withRetries } from "./retries.ts";

const tags = ["Usage"];

const correctRoute = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/corrections",
  operationId: "correctEvent",
  tags,
  summary: "Reverse an event, in whole or in part",
  description:
    "A new entry that names the event, which never changes. In the open period the credits come back, overdraft first; for a closed one the money billed too much becomes a line on the next invoice.",
  middleware: [requireScope("admin")] as const,
  request: {
    params: accountParamsSchema,
    headers: idempotencyHeaders,
    body: jsonBody(correctEventSchema),
  },
  responses: {
    201: {
      ...jsonContent(correctedEventSchema, "what was reversed, and the balance now"),
      headers: decisionHeadersSchema,
    },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const attachRoute = createRoute({
  method: "post",
  path: "/v1/accounts/{account}/outcomes",
  operationId: "attachOutcome",
  tags,
  summary: "Attach an outcome to an event",
  description:
    "An event has one outcome, sent with it or attached later. Attaching the same again changes nothing.",
  middleware: [requireScope("consume")] as const,
  request: { params: accountParamsSchema, body: jsonBody(attachOutcomeSchema) },
  responses: {
    201: {
      ...jsonContent(attachedOutcomeSchema, "the event has this outcome"),
      headers: decisionHeadersSchema,
    },
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

export const correctionRoutes = createRouter()
  .openapi(correctRoute, async (context) => {
    const { account } = context.req.valid("param");
    const { event: eventId, credits: creditsMicros = null, reason, occurredOn } = context.req.valid("json");
    const key = idempotencyKeyOf(context.req.valid("header"));
    const ask = (entry: UsageEntry | null) => {
      const call: CorrectCall = { eventId, creditsMicros, reason, entry };
      const correct = () => accountStub(context, account).correct(call, key, context.var.callContext);
      // Without a key a second call could reverse a second part.
      return key === null ? correct() : withRetries(correct);
    };
    const result = await askWithLog(context, account, eventId, occurredOn, ask);
    if (result.kind !== "corrected") throw correctionProblem(result, account, occurredOn);
    if (result.owed !== null) await settleNow(context, account);
    setDecisionHeaders(context, result);
    return context.json(correctedAnswer(result), 201);
  })
  .openapi(attachRoute, async (context) => {
    const { account } = context.req.valid("param");
    const { event: eventId, occurredOn, ...body } = context.req.valid("json");
    const outcome = toOutcome(body.outcome);
    const ask = (entry: UsageEntry | null) => {
      const call: OutcomeCall = { eventId, outcome, entry };
      return withRetries(() => accountStub(context, account).attachOutcome(call, context.var.callContext));
    };
    const result = await askWithLog(context, account, eventId, occurredOn, ask);
    if (result.kind !== "attached") throw outcomeProblem(result, account, occurredOn);
    setDecisionHeaders(context, result);
    return context.json(attachedAnswer(eventId, outcome, result), 201);
  });

/** Asks the account; about an event that it has forgotten it is asked again with what D1 holds. */
async function askWithLog<Result extends { readonly kind: string }>(
  context: Context<AppEnv>,
  accountId: string,
  eventId: string,
  occurredOn: string | undefined,
  ask: (entry: UsageEntry | null) => Promise<Result | UnknownEvent>,
): Promise<Result | UnknownEvent> {
  const result = await ask(null);
  if (!isUnknownEvent(result)) return result;
  const logged = await findLoggedEvent(context.env.DB, accountKey(context, accountId), {
    eventId,
    beforeSeq: result.knownFromSeq,
    occurredOn,
  });
  return logged === null ? result : ask(logged);
}

function isUnknownEvent(result: { readonly kind: string }): result is UnknownEvent {
  return result.kind === "unknown_event";
}
