/** The account's price list (rules, 8.5 and 8.6). */
import { createRoute } from "@hono/zod-openapi";
import { accountParamsSchema } from "../../shared/api/common.ts";
import { priceListAnswer } from "../../shared/api/report-answers.ts";
import { priceListSchema } from "../../shared/api/reports.ts";
import { priceListAt } from "../../shared/reports/price-list.ts";
import { requireScope } from "../ingest/auth.ts";
import { accountStub, createRouter, found, jsonContent, problemResponses } from "../ingest/http.ts";
import { loadOffer } from "../offer.ts";

const ratesRoute = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/rates",
  operationId: "getPriceList",
  tags: ["Reports"],
  summary: "Read the account's price list, with the changes ahead",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(priceListSchema, "the prices in force, and what changes ahead"),
    ...problemResponses(401, 403, 404, 422),
  },
});

export const ratesRoutes = createRouter().openapi(ratesRoute, async (context) => {
  const { account } = context.req.valid("param");
  const view = found(await accountStub(context, account).view(context.var.callContext), account);
  const { rateSheets } = await loadOffer(context.env.DB, view.nowMs);
  return context.json(
    priceListAnswer(account, priceListAt(rateSheets, view.nowMs, view.directory.rates)),
    200,
  );
});
