/** The operator's delivery log: what was sent to whom, with every attempt, and sending it again (rules, 6.5). */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { pageSchema } from "../../shared/api/common.ts";
import {
  deliveriesQuerySchema,
  deliveryParamsSchema,
  formatDeliveryCursor,
  loggedDeliverySchema,
  resendDeliveriesSchema,
  resentDeliveriesSchema,
} from "../../shared/api/deliveries.ts";
import { readPublicDeliveryId } from "../../shared/delivery-id.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  createRouter,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { pageOf, rowsFor } from "../ingest/page.ts";
import { loggedDeliveryAnswer } from "./answers.ts";
import {
  type FoundDelivery,
  findDelivery,
  listDeliveries,
  resendDeliveries,
  resendDelivery,
} from "./resend.ts";

const tags = ["Deliveries"];

const list = createRoute({
  method: "get",
  path: "/v1/deliveries",
  operationId: "listDeliveries",
  tags,
  summary: "List deliveries of all accounts of the key's mode, newest first",
  middleware: [requireScope("read")] as const,
  request: { query: deliveriesQuerySchema },
  responses: {
    200: jsonContent(pageSchema(loggedDeliverySchema, "Deliveries"), "a page of deliveries"),
    ...problemResponses(401, 403, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/deliveries/{id}",
  operationId: "getDelivery",
  tags,
  summary: "Read a delivery",
  middleware: [requireScope("read")] as const,
  request: { params: deliveryParamsSchema },
  responses: {
    200: jsonContent(loggedDeliverySchema, "the delivery with its last attempts"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const resend = createRoute({
  method: "post",
  path: "/v1/deliveries/{id}/resend",
  operationId: "resendDelivery",
  tags,
  summary: "Send a delivery again",
  description:
    "Whatever became of it before. The receiver gets it under the same id as then; attempts and back-off begin anew.",
  middleware: [requireScope("admin")] as const,
  request: { params: deliveryParamsSchema },
  responses: {
    200: jsonContent(loggedDeliverySchema, "the delivery, on its way again"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const resendMany = createRoute({
  method: "post",
  path: "/v1/deliveries/resend",
  operationId: "resendDeliveries",
  tags,
  summary: "Send again what failed",
  description: "Those that match the filter, oldest first, up to `limit` of them.",
  middleware: [requireScope("admin")] as const,
  request: { body: jsonBody(resendDeliveriesSchema) },
  responses: {
    200: jsonContent(resentDeliveriesSchema, "how many are on their way again"),
    ...problemResponses(400, 401, 403, 413, 415, 422),
  },
});

async function found(context: Context<AppEnv>, id: string): Promise<FoundDelivery> {
  const deliveryId = readPublicDeliveryId(id);
  const { mode } = context.var.caller;
  const delivery = deliveryId === null ? null : await findDelivery(context.env.DB, mode, deliveryId);
  if (delivery === null)
    throw new ProblemError(404, "delivery_not_found", `no delivery "${id}" in this mode`);
  return delivery;
}

export const deliveryRoutes = createRouter()
  .openapi(list, async (context) => {
    const { limit, cursor, ...filter } = context.req.valid("query");
    const { mode } = context.var.caller;
    const rows = await listDeliveries(context.env.DB, mode, filter, { rows: rowsFor(limit), cursor });
    const cursorOf = ({ delivery }: FoundDelivery) => formatDeliveryCursor(delivery);
    const itemOf = ({ delivery, kind }: FoundDelivery) => loggedDeliveryAnswer(delivery, kind);
    return context.json(pageOf(rows, limit, cursorOf, itemOf), 200);
  })
  .openapi(read, async (context) => {
    const { delivery, kind } = await found(context, context.req.valid("param").id);
    return context.json(loggedDeliveryAnswer(delivery, kind), 200);
  })
  .openapi(resendMany, async (context) => {
    const { mode } = context.var.caller;
    const filter = context.req.valid("json");
    return context.json(await resendDeliveries(context.env, mode, filter, Date.now()), 200);
  })
  .openapi(resend, async (context) => {
    const { id } = context.req.valid("param");
    const { delivery } = await found(context, id);
    await resendDelivery(context.env, delivery.deliveryId, Date.now());
    const { delivery: resent, kind } = await found(context, id);
    return context.json(loggedDeliveryAnswer(resent, kind), 200);
  });
