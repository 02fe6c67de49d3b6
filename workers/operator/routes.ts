/** The operator's routes: what is sold, who may call, where webhooks go, test clocks. */
import { createRouter } from "../ingest/http.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { catalogRoutes } from "./catalog.ts";
import { rateSheetRoutes } from "./rate-sheets.ts";
import { testClockRoutes } from "./test-clocks.ts";
import { webhookEndpointRoutes } from "./webhook-endpoints.ts";

export const operatorRoutes = createRouter();
for (const routes of [rateSheetRoutes, catalogRoutes, apiKeyRoutes, webhookEndpointRoutes, testClockRoutes]) {
  operatorRoutes.route("/", routes);
}
