/** The operator's routes: what is sold, who may call, where webhooks go, test clocks, the status. */
import { createRouter } from "../ingest/http.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { catalogRoutes } from "./catalog.ts";
import { quoteRoutes } from "./rate-quote.ts";
import { publishRoutes } from "./rate-sheet-publish.ts";
import { withdrawRoutes } from "./rate-sheet-withdraw.ts";
import { rateSheetRoutes } from "./rate-sheets.ts";
import { operatorStatusRoutes } from "./status.ts";
import { testClockRoutes } from "./test-clocks.ts";
import { webhookEndpointActionRoutes } from "./webhook-endpoint-actions.ts";
import { webhookEndpointRoutes } from "./webhook-endpoints.ts";

export const operatorRoutes = createRouter();
for (const routes of [
  publishRoutes,
  rateSheetRoutes,
  withdrawRoutes,
  quoteRoutes,
  catalogRoutes,
  apiKeyRoutes,
  webhookEndpointRoutes,
  webhookEndpointActionRoutes,
  testClockRoutes,
  operatorStatusRoutes,
]) {
  operatorRoutes.route("/", routes);
}
