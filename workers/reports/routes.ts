/** The read side: balance, price list, usage, log, and what became of an event. */
import { createRouter } from "../ingest/http.ts";
import { balanceRoutes } from "./balance.ts";
import { eventRoutes } from "./events.ts";
import { logRoutes } from "./log.ts";
import { ratesRoutes } from "./rates.ts";
import { usageReportRoutes } from "./usage.ts";

export const reportRoutes = createRouter();
for (const routes of [balanceRoutes, ratesRoutes, usageReportRoutes, logRoutes, eventRoutes]) {
  reportRoutes.route("/", routes);
}
