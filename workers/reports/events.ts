/** What became of an event's id (rules, section 4). */
import { createRoute } from "@hono/zod-openapi";
import { entryAnswer } from "../../shared/api/answers.ts";
import { eventParamsSchema } from "../../shared/api/reports.ts";
import { eventFateSchema } from "../../shared/api/usage.ts";
import { requireScope } from "../ingest/auth.ts";
import { accountStub, createRouter, found, jsonContent, problemResponses } from "../ingest/http.ts";

const eventRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/events/{id}",
  operationId: "getEvent",
  tags: ["Reports"],
  summary: "Say what became of an event's id",
  description:
    "`booked` with its entry, or `unknown`: never booked, denied, or so long ago that the id may be used again.",
  middleware: [requireScope("read")] as const,
  request: { params: eventParamsSchema },
  responses: {
    200: jsonContent(eventFateSchema, "what became of it"),
    ...problemResponses(401, 403, 404, 422),
  },
});

export const eventRoutes = createRouter().openapi(eventRoute, async (context) => {
  const { account, id } = context.req.valid("param");
  const fate = found(await accountStub(context, account).fate(id, context.var.callContext), account);
  switch (fate.kind) {
    case "booked":
      return context.json({ id, status: "booked" as const, entry: entryAnswer(fate.entry) }, 200);
    case "unknown":
      return context.json({ id, status: "unknown" as const }, 200);
  }
});
